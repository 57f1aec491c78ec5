"""How far back does each architecture remember, after the same amount of training?

The temporal order task asks for two symbols, the later one half of the sequence back. The
sequence gets longer until nobody learns it within 1000 steps.
"""

from functools import lru_cache

from course_lib.experiments.solve import network, solve
from course_lib.layers import recurrent_layer
from course_lib.tasks import TemporalOrder

SEEDS = range(5)
UNITS = 32

# Each is tried well beyond where it fails; the longest sequences would take hours for all.
LENGTHS = [20, 40, 100, 200, 400, 800]
LONGEST = {
    "SimpleRNN": 200,
    "IRNN": 400,
    "GRU": 200,
    "LSTM": 200,
    "GRU chrono": 800,
    "LSTM chrono": 800,
}


def settings(longest, lengths, seeds):
    """The settings of all runs, with architectures up to their longest sequence."""
    return [
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
        for architecture, last in longest.items()
        for length in lengths
        if length <= last
        for seed in seeds
    ]


SETTINGS = settings(LONGEST, LENGTHS, SEEDS)


def layer_of(architecture, length, units):
    """The layer named ("GRU"); in "GRU chrono" its memory starts as long as the sequence."""
    name, _, chrono = architecture.partition(" ")
    return recurrent_layer(name, units, **({"chrono": length} if chrono else {}))


@lru_cache(maxsize=1)  # the seeds of one setting follow each other: compile once
def model_for(architecture, length, units, learning_rate, clipnorm):
    """The compiled model of one setting."""
    layer = layer_of(architecture, length, units)
    return network(TemporalOrder(length), layer, learning_rate, clipnorm)


def run(architecture, length, seed, units, max_steps, batch_size, learning_rate, clipnorm):
    """Train once. Whether the task was solved, after how many steps, and the success rate."""
    model = model_for(architecture, length, units, learning_rate, clipnorm)
    (attempt,) = solve(
        model, TemporalOrder(length), [seed], max_steps, batch_size=batch_size, verbose=0
    )
    return {
        "solved": attempt.solved,
        "steps": attempt.steps,
        "success": round(attempt.success[-1], 4),
    }
