"""What does each architecture cost? Its parameters, and the time of one training step.

Milliseconds are those of one core of the machine on which the table was made; their ratios say
more than they do.
"""

import time

import numpy as np

from course_lib.experiments.solve import network
from course_lib.layers import ARCHITECTURES
from course_lib.tasks import TemporalOrder
from course_lib.training import whole_batch

ROUNDS = 40

SETTINGS = [
    {"architecture": name, "length": 100, "units": 32, "batch_size": 32} for name in ARCHITECTURES
]


def run(architecture, length, units, batch_size):
    """Parameters of the recurrent layer, and milliseconds of a training step (median)."""
    task = TemporalOrder(length)
    model = network(task, architecture, units=units)
    X, y = task.sample(batch_size)
    model.fit(X, y, batch_size, verbose=0)  # compiles
    train = model.train_function(X.shape[1:], batch_size)
    batch = whole_batch(model.check_data(X, y))
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        train(*batch)
        took.append(time.perf_counter() - start)
    return {
        "parameters": sum(w.size for w in model.layers[0].get_weights()),
        "milliseconds": round(1000 * float(np.median(took)), 2),
    }
