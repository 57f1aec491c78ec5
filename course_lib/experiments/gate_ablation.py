"""What is each gate of the LSTM for? Take one away, and see which task suffers.

A missing gate is always open: its value is 1 at every step. Everything else stays as it is,
number of units, initial weights and training included. One variant more has an input gate that
is nearly closed and always the same: it lets little in, but cannot choose what.
"""

import numpy as np

from course_lib.backend import T, floatX, split
from course_lib.cells import LSTMCell
from course_lib.experiments.prepare import compile_once
from course_lib.experiments.solve import draw, network, solve
from course_lib.layers import LSTM
from course_lib.tasks import Adding, ContinualReber, EmbeddedReber, Reber, TemporalOrder
from course_lib.tasks.base import most_active

SEEDS = range(5)


class WithoutGateCell(LSTMCell):
    """An LSTM cell whose gate `missing` is always open.

    "i"     c_t = f * c_{t-1} + g
    "f"     c_t = c_{t-1} + i * g, the LSTM of 1997 (without its truncated gradient)
    "o"     h_t = tanh(c_t)
    None    no gate is missing

    `chrono` is the memory of the forget gates alone. It does not close the input gates, which
    start half open: without the gate, that start would be missing as well.
    """

    keeping = {1: 1}

    def __init__(self, units, missing, **options):
        super().__init__(units, **options)
        self.missing = missing

    def step(self, xp_t, h, c, W_hh):
        i, f, g, o = split(xp_t + T.dot(h, W_hh), 4, self.units)
        i, f, o = (
            T.ones_like(gate) if name == self.missing else self.recurrent_activation(gate)
            for name, gate in zip("ifo", (i, f, o))
        )
        g = self.activation(g)
        c = f * c + i * g
        squashed = self.activation(c)
        return [o * squashed, c], [i, f, g, o, squashed]

    # Right for an open gate too: its gradient has the factor gate * (1 - gate), which is 0.
    backward_step = LSTMCell.backward_step


class WithoutGate(LSTM):
    """A layer of `WithoutGateCell`."""

    cell_class = WithoutGateCell


class FixedInputGateCell(WithoutGateCell):
    """An LSTM cell with i = 0.05 at every step."""

    def step(self, xp_t, h, c, W_hh):
        _, f, g, o = split(xp_t + T.dot(h, W_hh), 4, self.units)
        f, o = self.recurrent_activation(f), self.recurrent_activation(o)
        c = f * c + floatX(0.05) * self.activation(g)
        return [o * self.activation(c), c], []


class FixedInputGate(LSTM):
    """A layer of `FixedInputGateCell`."""

    cell_class = FixedInputGateCell


# The gate that is missing.
VARIANTS = {"all gates": None, "no input gate": "i", "no forget gate": "f", "no output gate": "o"}
FIXED = "fixed input gate"

# The task, the memory to start with (of the forget gates; None for a bias of 1), training steps.
TASKS = {
    "ContinualReber(100)": (ContinualReber(100), None, 600),
    "TemporalOrder(50)": (TemporalOrder(50), 50, 600),
    "Adding(50)": (Adding(50), 50, 1000),
    "EmbeddedReber(1)": (EmbeddedReber(1), None, 1000),
}

# Where keeping things off the cell state matters.
LONG_LAGS = ("TemporalOrder(50)", "Adding(50)")

SETTINGS = [
    {
        "task": task,
        "variant": variant,
        "seed": seed,
        "units": 32,
        "chrono": chrono,
        "max_steps": max_steps,
        "batch_size": 32,
        "learning_rate": 0.003,
        "clipnorm": 1.0,
    }
    for task, (_, chrono, max_steps) in TASKS.items()
    for variant in [*VARIANTS, *([FIXED] if task in LONG_LAGS else [])]
    for seed in SEEDS
]


@compile_once
def model_for(task, variant, units, chrono, learning_rate, clipnorm):
    """The compiled model of one setting."""
    task = TASKS[task][0]
    kind = FixedInputGate if variant == FIXED else WithoutGate
    layer = kind(
        units, missing=VARIANTS.get(variant), chrono=chrono, return_sequences=task.every_step
    )
    return network(task, layer, learning_rate, clipnorm)


def right_answers(task, X, prediction, since=0):
    """The shares of right answers from step `since` on: outer symbols, and all others.

    Outer symbols are asked for at the steps at which T or P alone may follow: the T or P of long
    ago must be repeated. The string inside has no such step.
    """
    legal, prediction = task.legal(X)[:, since:], prediction[:, since:]
    outer = (legal.sum(axis=-1) == 1) & legal[..., [1, 4]].any(axis=-1)
    right = most_active(legal, prediction)
    return float(right[outer].mean()), float(right[~outer & legal.any(axis=-1)].mean())


def run(task, variant, seed, units, chrono, max_steps, batch_size, learning_rate, clipnorm):
    """Train once. Results, all on test samples:

    solved, steps, success   of `solve`
    loss                     mean squared error, or nats per time step
    outer, inner             Reber: shares of right answers, see `right_answers`
    outer_later, inner_later the same in steps 900 to 1000 of streams ten times as long
    growth                   of these: mean size of the cell state at step 1000 over step 100
    """
    model = model_for(task, variant, units, chrono, learning_rate, clipnorm)
    task = TASKS[task][0]
    (attempt,) = solve(model, task, [seed], max_steps, batch_size=batch_size, verbose=0)
    X, y = draw(task, 1000, [seed, 0])
    outer = inner = outer_later = inner_later = growth = np.nan
    if isinstance(task, Reber):
        outer, inner = right_answers(task, X, model.predict(X))
    if isinstance(task, ContinualReber):
        X_long, _ = ContinualReber(1000).sample(200, [seed, 0])
        outer_later, inner_later = right_answers(task, X_long, model.predict(X_long), since=900)
        sizes = np.abs(model.layers[0].trace(X_long)["cell state"]).mean(axis=(0, 2))
        growth = sizes[999] / sizes[99]
    return {
        "solved": attempt.solved,
        "steps": attempt.steps,
        "success": round(attempt.success[-1], 4),
        "loss": round(float(model.evaluate(X, y)), 4),
        "outer": round(outer, 4),
        "inner": round(inner, 4),
        "outer_later": round(outer_later, 4),
        "inner_later": round(inner_later, 4),
        "growth": round(float(growth), 3),
    }
