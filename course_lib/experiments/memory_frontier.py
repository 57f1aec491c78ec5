"""How far back does each architecture remember, after the same amount of training?

The temporal order task asks for two symbols, the later one half of the sequence back. The
sequence gets longer until nobody learns it within 1000 steps. (The echo state network, which is
not trained step by step, has an experiment of its own: `echo_order`.)
"""

from course_lib.experiments.prepare import compile_once
from course_lib.experiments.solve import network, solve
from course_lib.layers import recurrent_layer
from course_lib.tasks import TemporalOrder

LENGTHS = [20, 40, 100, 200, 400, 800]

# Up to which length each is tried, well beyond where it fails: the longest would take hours for
# all. Those of chapter 06, and those that chapter 11 adds.
LONGEST = {
    "SimpleRNN": 200,
    "IRNN": 400,
    "GRU": 200,
    "LSTM": 200,
    "GRU chrono": 800,
    "LSTM chrono": 800,
}
LONGEST_ADDED = {
    "IndRNN": 400,
    "ClockworkRNN": 100,
    "PeepholeLSTM": 100,
    "CoupledLSTM": 100,
    "LayerNormLSTM": 200,
    "UGRNN": 100,
    "MGU": 100,
    "MinGRU": 100,
    "PeepholeLSTM chrono": 400,
    "CoupledLSTM chrono": 400,
    "LayerNormLSTM chrono": 400,
    "UGRNN chrono": 400,
    "MGU chrono": 400,
    "MinGRU chrono": 400,
}

SETTINGS = [
    {
        "architecture": architecture,
        "length": length,
        "seed": seed,
        "units": 32,
        "max_steps": 1000,
        "batch_size": 32,
        "learning_rate": 0.003,
        "clipnorm": 1.0,
    }
    for longest, seeds in ((LONGEST, 5), (LONGEST_ADDED, 3))
    for architecture, last in longest.items()
    for length in LENGTHS
    if length <= last
    for seed in range(seeds)
]


def layer_of(architecture, length, units):
    """The layer named ("GRU"); in "GRU chrono" its memory starts as long as the sequence."""
    name, _, chrono = architecture.partition(" ")
    return recurrent_layer(name, units, **({"chrono": length} if chrono else {}))


@compile_once
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
