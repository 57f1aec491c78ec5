"""A GRU that has read Python's manual: the next character from all before."""

import numpy as np

from course_lib.backend import set_random_seed
from course_lib.experiments.manual import manual_in_two
from course_lib.experiments.prepare import compiled
from course_lib.layers import GRU, Dense, Dropout, Embedding
from course_lib.models import Sequential
from course_lib.text import ResetStates, bits_per_symbol, streams
from course_lib.training import Callback

SETTINGS = [
    {
        "units": 320,
        "input_dropout": 0.1,
        "recurrent_dropout": 0.25,
        "output_dropout": 0.5,
        "seed": 0,
        "batch_size": 32,
        "time": 64,
        "epochs": 60,
        "learning_rate": 0.004,
        "clipnorm": 1.0,
    }
]


class CosineDecay(Callback):
    """Lets the learning rate fall, epoch by epoch, along a half cosine towards 0
    (Loshchilov & Hutter, 2017, arXiv:1608.03983, without their restarts)."""

    def __init__(self, rate, epochs):
        self.rate = rate
        self.epochs = epochs

    def on_train_begin(self):
        self.model.optimizer.learning_rate = self.rate

    def on_epoch_end(self, epoch, logs):
        done = min(epoch + 1, self.epochs - 1) / self.epochs  # 0 would be no learning rate
        self.model.optimizer.learning_rate = self.rate * (1 + np.cos(np.pi * done)) / 2


def train(
    units,
    input_dropout,
    recurrent_dropout,
    output_dropout,
    seed,
    batch_size,
    time,
    epochs,
    learning_rate,
    clipnorm,
    verbose,
):
    """The trained model."""
    vocabulary, numbers, _ = manual_in_two()
    size = len(vocabulary)
    set_random_seed(seed)
    layers = [
        Embedding(size, 32),
        GRU(
            units,
            return_sequences=True,
            stateful=True,
            dropout=input_dropout,
            recurrent_dropout=recurrent_dropout,
        ),
        Dropout(output_dropout),
        Dense(size),
    ]
    model = compiled(Sequential(layers), learning_rate, clipnorm)
    model.fit(
        *streams(numbers, batch_size, time),
        batch_size=batch_size,
        epochs=epochs,
        shuffle=False,
        callbacks=[ResetStates(), CosineDecay(learning_rate, epochs)],
        verbose=verbose,
    )
    return model


def measure(model):
    """Bits per character on the held-out text, read after the text for training."""
    _, before, after = manual_in_two()
    bits = bits_per_symbol(model, after, before[-2000:])
    return {"parameters": model.count_params(), "bits_per_character": round(bits, 4)}
