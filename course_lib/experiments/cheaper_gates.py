"""What is lost with every gate that is saved? Networks with equally many parameters, three tasks.

characters    the next character of Python's manual: bits per character on its last part
Adding(100)   two numbers remembered among a hundred: mean squared error
parity        the parity of 12 bits so far: the share of wrong answers after the last one
"""

import numpy as np

from course_lib import tasks
from course_lib.experiments.manual import manual_in_two
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.experiments.solve import draw
from course_lib.layers import Dense, Embedding, recurrent_layer
from course_lib.models import Sequential
from course_lib.text import streams

ARCHITECTURES = ["LSTM", "GRU", "UGRNN", "MGU", "MinGRU"]
BITS = 12  # of a sample of the parity task
LENGTH = 100  # of the adding task, and the memory with which its gates start

# For each task: parameters of the whole network, samples (streams for the text), training steps.
SIZES = {
    "characters": {"parameters": 40_000, "batch_size": 64, "steps": 450, "learning_rate": 0.01},
    "Adding(100)": {"parameters": 2_500, "batch_size": 32, "steps": 800, "learning_rate": 0.003},
    "parity": {"parameters": 3_500, "batch_size": 64, "steps": 600, "learning_rate": 0.01},
}

SETTINGS = [
    {"task": task, "architecture": architecture, "seed": seed, **size, "clipnorm": 1.0}
    for task, size in SIZES.items()
    for architecture in ARCHITECTURES
    for seed in range(3)
]


def network(task, architecture, units):
    """The untrained network of a task."""
    if task == "characters":
        size = len(manual_in_two()[0])
        recurrent = recurrent_layer(architecture, units, return_sequences=True)
        return Sequential([Embedding(size, 32), recurrent, Dense(size)])
    if task == "parity":
        recurrent = recurrent_layer(architecture, units, return_sequences=True)
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
def model_for(task, architecture, parameters, learning_rate, clipnorm):
    """The compiled network with as many units as `parameters` allow."""
    features = {"characters": (None,), "parity": (BITS, 1), "Adding(100)": (LENGTH, 2)}[task]
    units = units_for(parameters, lambda n: network(task, architecture, n), features)
    model = network(task, architecture, units)
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


def run(task, architecture, seed, parameters, batch_size, steps, learning_rate, clipnorm):
    """Train once. The number of units, the parameters, and the result the module names."""
    model, units = model_for(task, architecture, parameters, learning_rate, clipnorm)
    start_anew(model, seed)
    (X, y), test = samples(task, steps * batch_size, batch_size, seed)
    epochs = max(1, round(steps * batch_size / len(X)))
    model.fit(X, y, batch_size, epochs=epochs, verbose=0)
    result = model.evaluate(*test, batch_size=batch_size)
    if task == "characters":
        result /= np.log(2)
    elif task == "parity":
        result = ((model.predict(test[0]) > 0.5) != test[1])[:, -1].mean()
    return {"units": units, "size": model.count_params(), "result": round(float(result), 4)}
