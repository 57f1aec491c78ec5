"""How far back does a reservoir remember, if it is used as an echo state network is meant to be?

The temporal order task of `memory_frontier`. The reservoir is random and stays so; its last state
is read by ridge regression. Radius and input scale were tried with seed 0, which is not used here:
a spectral radius close to 1 and a small scale, which leave the units almost linear, remember best.
"""

import numpy as np

from course_lib.experiments.prepare import start_anew
from course_lib.layers import EchoState
from course_lib.models import Sequential
from course_lib.readout import ridge
from course_lib.tasks import TemporalOrder

SETTINGS = [
    {
        "architecture": architecture,
        "length": length,
        "seed": seed,
        "units": units,
        "spectral_radius": 0.99,
        "input_scale": 0.02,
        "samples": 8000,
        "penalty": 1e-4,
    }
    for architecture, units in (("EchoState", 32), ("EchoState 400", 400))
    for length in (20, 40, 100)
    for seed in (1, 2, 3)
]


def run(architecture, length, seed, units, spectral_radius, input_scale, samples, penalty):
    """Fit the read-out once. Whether the task is solved, and the success rate."""
    task = TemporalOrder(length)
    layer = EchoState(units, spectral_radius=spectral_radius, input_scale=input_scale)
    reservoir = Sequential([layer])
    reservoir.build((length, task.features))
    start_anew(reservoir, seed)
    (X, y), (X_test, y_test) = (
        task.sample(n, [seed, part]) for part, n in ((1, samples), (0, 1000))
    )
    H, H_test = (reservoir.predict(x, batch_size=250) for x in (X, X_test))
    W, b = ridge(H, np.eye(task.outputs)[y], penalty)
    success = float(np.mean((H_test @ W + b).argmax(axis=1) == y_test))
    return {"solved": success >= task.threshold, "success": round(success, 4)}
