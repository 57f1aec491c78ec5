"""What is lost with every gate that is saved? Networks with equally many parameters, three tasks.

characters    the next character of Python's manual: bits per character on its last part. GRU and
              minGRU also with two layers, and with a higher learning rate
Adding(100)   two numbers remembered among a hundred: mean squared error
parity        the parity of 12 bits so far: the share of wrong answers after the last one. Also
              by a minGRU that may turn its state over
"""

import numpy as np
from scipy.special import log_softmax

from course_lib import tasks
from course_lib.cells import MinGRUCell
from course_lib.experiments.manual import manual_in_two
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.experiments.solve import draw
from course_lib.layers import Dense, Embedding, MinGRU, recurrent_layer
from course_lib.models import Sequential
from course_lib.text import streams


class TurningMinGRUCell(MinGRUCell):
    """h_t = (1 - 2 z) * h_{t-1} + z * (x_t W_xh + b_h): it keeps from -1 to 1 of its state.

    The gate is that of the minGRU. With a keep factor below 0 an input can turn the state over
    (Grazzi et al., 2025).
    """

    def keep_and_add(self, xp):
        z, candidate = self._gate_and_candidate(xp)
        return 1 - 2 * z, z * candidate

    def step(self, xp_t, h):
        z, candidate = self._gate_and_candidate(xp_t)
        return [(1 - 2 * z) * h + z * candidate], [z, candidate]


class TurningMinGRU(MinGRU):
    """A layer of `TurningMinGRUCell`."""

    cell_class = TurningMinGRUCell


ARCHITECTURES = ["LSTM", "GRU", "UGRNN", "MGU", "MinGRU"]
BITS = 12  # of a sample of the parity task
LENGTH = 100  # of the adding task, and the memory with which its gates start

# For each task: parameters of the whole network, samples (streams for the text), training steps.
SIZES = {
    "characters": {"parameters": 40_000, "batch_size": 64, "steps": 450, "learning_rate": 0.01},
    "Adding(100)": {"parameters": 2_500, "batch_size": 32, "steps": 800, "learning_rate": 0.003},
    "parity": {"parameters": 3_500, "batch_size": 64, "steps": 600, "learning_rate": 0.01},
}

USUAL = [(architecture, 1, {}) for architecture in ARCHITECTURES]
MORE = [
    (architecture, layers, {"learning_rate": rate})
    for architecture in ("GRU", "MinGRU")
    for layers in (1, 2)
    for rate in (0.01, 0.03)
    if (layers, rate) != (1, 0.01) and (architecture, layers, rate) != ("GRU", 2, 0.03)
]

SETTINGS = [
    {
        "task": task,
        "architecture": architecture,
        "layers": layers,
        "seed": seed,
        **SIZES[task],
        **changed,
        "clipnorm": 1.0,
    }
    for task, variants in (
        ("characters", USUAL + MORE),
        ("Adding(100)", USUAL),
        ("parity", [*USUAL, ("TurningMinGRU", 1, {})]),
    )
    for architecture, layers, changed in variants
    for seed in range(3)
]


def network(task, architecture, layers, units):
    """The untrained network of a task; only that for characters has more than one layer."""
    if task == "characters":
        size = len(manual_in_two()[0])
        stack = [recurrent_layer(architecture, units, return_sequences=True) for _ in range(layers)]
        return Sequential([Embedding(size, 32), *stack, Dense(size)])
    if task == "parity":
        kind = {"TurningMinGRU": TurningMinGRU}.get(architecture, architecture)
        recurrent = recurrent_layer(kind, units, return_sequences=True)
        return Sequential([recurrent, Dense(1, activation="sigmoid")])
    return Sequential([recurrent_layer(architecture, units, chrono=LENGTH), Dense(1)])


def units_for(parameters, make, features):
    """The most units with which the model ``make(units)`` has at most `parameters`."""

    def size(units):
        model = make(units)
        model.build(features)
        return model.count_params()

    low, high = 1, 2
    while size(high) <= parameters:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if size(middle) <= parameters else (low, middle)
    return low


@compile_once
def model_for(task, architecture, layers, parameters, learning_rate, clipnorm):
    """The compiled network with as many units as `parameters` allow."""
    features = {"characters": (None,), "parity": (BITS, 1), "Adding(100)": (LENGTH, 2)}[task]
    units = units_for(parameters, lambda n: network(task, architecture, layers, n), features)
    model = network(task, architecture, layers, units)
    model.build(features)
    loss = {"parity": "binary_crossentropy", "Adding(100)": "mse"}.get(task)
    return compiled(model, learning_rate, clipnorm, loss), units


def samples(task, count, batch_size, seed):
    """(X, y) of training and (X, y) of testing."""
    if task == "characters":
        return [streams(part, batch_size, 32) for part in manual_in_two()[1:]]
    if task == "parity":
        return [
            tasks.parity(BITS, n, seed=[seed, part], every_step=True)
            for part, n in enumerate((count, 1000))
        ]
    return [draw(tasks.Adding(LENGTH), n, [seed, part]) for part, n in enumerate((count, 1000))]


def bits_of_streams(model, X, y, batch_size):
    """Bits per character on each of the streams that `streams` cut: (batch_size,)."""
    log_p = log_softmax(model.predict(X, batch_size=batch_size), axis=-1)
    nats = -np.take_along_axis(log_p, y[..., None], axis=-1)
    return nats.reshape(-1, batch_size, X.shape[1]).mean(axis=(0, 2)) / np.log(2)


def run(task, architecture, layers, seed, parameters, batch_size, steps, learning_rate, clipnorm):
    """Train once. The number of units, the parameters, the result the module names, and for
    characters that of each stream, one after the other in the text."""
    model, units = model_for(task, architecture, layers, parameters, learning_rate, clipnorm)
    start_anew(model, seed)
    (X, y), test = samples(task, steps * batch_size, batch_size, seed)
    epochs = max(1, round(steps * batch_size / len(X)))
    model.fit(X, y, batch_size, epochs=epochs, verbose=0)
    parts = []
    if task == "characters":
        parts = bits_of_streams(model, *test, batch_size)
        result = np.mean(parts)
    elif task == "parity":
        result = ((model.predict(test[0]) > 0.5) != test[1])[:, -1].mean()
    else:
        result = model.evaluate(*test, batch_size=batch_size)
    return {
        "units": units,
        "size": model.count_params(),
        "result": round(float(result), 4),
        "streams": " ".join(f"{bits:.4f}" for bits in parts),
    }
