"""Deeper or wider: one layer, or two or three narrower ones with as many parameters in all?

GRU networks that predict the next character of Python's manual.
"""

import numpy as np

from course_lib.experiments.manual import manual_in_two
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Dense, Embedding, recurrent_layer
from course_lib.models import Sequential
from course_lib.text import ResetStates, streams

TIME = 16  # characters of a stretch

# Units of each layer: as many as give no more parameters than one layer of 64.
UNITS = {1: 64, 2: 42, 3: 34}

SETTINGS = [
    {
        "architecture": "GRU",
        "layers": layers,
        "seed": seed,
        "units": units,
        "epochs": 3,
        "batch_size": 64,
        "learning_rate": 0.005,
        "clipnorm": 1.0,
    }
    for layers, units in UNITS.items()
    for seed in range(3)
]


def network(architecture, layers, units, size):
    """From symbols to the logits of the next one, by layers that carry their states along."""
    options = {"return_sequences": True, "stateful": True}
    stack = [recurrent_layer(architecture, units, **options) for _ in range(layers)]
    model = Sequential([Embedding(size, 32), *stack, Dense(size)])
    model.build((None,))
    return model


@compile_once
def model_for(architecture, layers, units, size, learning_rate, clipnorm):
    """The compiled network of one setting."""
    return compiled(network(architecture, layers, units, size), learning_rate, clipnorm)


def run(architecture, layers, seed, units, epochs, batch_size, learning_rate, clipnorm):
    """Train once. The number of parameters, and after each epoch the bits per character on
    the held-out text."""
    vocabulary, *parts = manual_in_two()
    train, test = (streams(part, batch_size, TIME) for part in parts)
    model = model_for(architecture, layers, units, len(vocabulary), learning_rate, clipnorm)
    start_anew(model, seed)
    bits = {}
    for epoch in range(1, epochs + 1):
        options = {"shuffle": False, "verbose": 0, "callbacks": [ResetStates()]}
        model.fit(*train, batch_size=batch_size, **options)
        loss = model.evaluate(*test, batch_size=batch_size)
        bits[f"bits_{epoch}"] = round(loss / np.log(2), 4)
        model.reset_states()
    return {"parameters": model.count_params(), **bits}
