"""How far back does each architecture remember, after the same amount of training?

The temporal order task asks for two symbols, the later one half of the sequence back. The
sequence gets longer until nobody learns it within 1000 steps.
"""

from functools import lru_cache

from course_lib.experiments.solve import network, solve
from course_lib.layers import GRU, LSTM, SimpleRNN
from course_lib.tasks import TemporalOrder

SEEDS = range(5)
UNITS = 32

# From the length of the sequence to the layer.
ARCHITECTURES = {
    "RNN": lambda length: SimpleRNN(UNITS),
    "IRNN": lambda length: SimpleRNN(UNITS, activation="relu", recurrent_initializer="identity"),
    "GRU": lambda length: GRU(UNITS),
    "LSTM": lambda length: LSTM(UNITS),
    "GRU chrono": lambda length: GRU(UNITS, chrono=length),
    "LSTM chrono": lambda length: LSTM(UNITS, chrono=length),
}

# Each is tried well beyond where it fails; the longest sequences would take hours for all.
LENGTHS = [20, 40, 100, 200, 400, 800]
LONGEST = {"RNN": 200, "IRNN": 400, "GRU": 200, "LSTM": 200, "GRU chrono": 800, "LSTM chrono": 800}

SETTINGS = [
    {
        "architecture": architecture,
        "length": length,
        "seed": seed,
        "units": UNITS,
        "max_steps": 1000,
        "batch_size": 32,
        "learning_rate": 0.003,
        "clipnorm": 1.0,
    }
    for architecture in ARCHITECTURES
    for length in LENGTHS
    if length <= LONGEST[architecture]
    for seed in SEEDS
]


@lru_cache(maxsize=1)  # the seeds of one setting follow each other: compile once
def model_for(architecture, length, learning_rate, clipnorm):
    """The compiled model of one setting."""
    layer = ARCHITECTURES[architecture](length)
    return network(TemporalOrder(length), layer, learning_rate, clipnorm)


def run(architecture, length, seed, units, max_steps, batch_size, learning_rate, clipnorm):
    """Train once. Whether the task was solved, after how many steps, and the success rate."""
    model = model_for(architecture, length, learning_rate, clipnorm)
    (attempt,) = solve(
        model, TemporalOrder(length), [seed], max_steps, batch_size=batch_size, verbose=0
    )
    return {
        "solved": attempt.solved,
        "steps": attempt.steps,
        "success": round(attempt.success[-1], 4),
    }
