"""Does it help to carry the state from one stretch of text to the next?

A small GRU reads Python's manual with truncated backpropagation through time, in stretches of
`time` characters, once keeping its state from stretch to stretch and once starting each one
from zero. Gradients never cross a stretch, in both cases.
"""

import numpy as np

from course_lib.experiments.manual import manual_in_two
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Dense, Embedding, recurrent_layer
from course_lib.models import Sequential
from course_lib.text import ResetStates, streams
from course_lib.training import Callback

SETTINGS = [
    {
        "architecture": "GRU",
        "time": time,
        "carried": carried,
        "seed": seed,
        "units": 96,
        "epochs": 2,
        "batch_size": 64,
        "learning_rate": 0.003,
    }
    for time in (4, 8, 16, 32)
    for carried in (True, False)
    for seed in range(3)
]


class ForgetAfterEveryBatch(Callback):
    """Training that is stateful in name only."""

    def on_batch_end(self, batch, logs):
        self.model.reset_states()


@compile_once
def model_for(architecture, time, units, learning_rate):
    """The text in two, for training and testing, and a model for it."""
    vocabulary, before, after = manual_in_two()
    size = len(vocabulary)
    recurrent = recurrent_layer(architecture, units, return_sequences=True, stateful=True)
    model = Sequential([Embedding(size, 32), recurrent, Dense(size)])
    return before, after, compiled(model, learning_rate)


def bits(model, numbers, time, batch_size, carried):
    """Bits per character on a text, with the state carried along or not."""
    X, y = streams(numbers, batch_size, time)
    model.reset_states()
    losses = []
    for start in range(0, len(X), batch_size):
        if not carried:
            model.reset_states()
        rows = slice(start, start + batch_size)
        losses.append(model.evaluate(X[rows], y[rows], batch_size=batch_size))
    return np.mean(losses) / np.log(2)


def run(architecture, time, carried, seed, units, epochs, batch_size, learning_rate):
    """Train once. Bits per character on the held-out text, read as in training."""
    before, after, model = model_for(architecture, time, units, learning_rate)
    start_anew(model, seed)
    model.fit(
        *streams(before, batch_size, time),
        batch_size=batch_size,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[ResetStates() if carried else ForgetAfterEveryBatch()],
    )
    return {"bits": round(bits(model, after, time, batch_size, carried), 4)}
