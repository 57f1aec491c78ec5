"""The exercises of chapter 02: steps, sequences, parameters, parity by hand, and a CSV file."""

import itertools
import tempfile
from functools import cache, partial
from pathlib import Path

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, has_nan
from course_lib.exercises.question import Question, normal, then, with_each, without
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, numbers, winner, words


def weights(rng, features, units):
    """W_xh, W_hh and b_h of size 1, so that each of them shows."""
    W_xh, W_hh = normal(rng, (features, units), (units, units))
    return W_xh, W_hh, floatX(rng.uniform(0.5, 1, size=units))


def rnn_step(x, h, W_xh, W_hh, b_h, join=lambda x, h, b: np.tanh(x + h + b)):
    """One step of a SimpleRNN for a batch; other ways to `join` its three parts are mistakes."""
    return join(x @ W_xh, h @ W_hh, b_h)


def steps(rng):
    """x_t (batch, features), h_prev (batch, units) and the weights."""
    for batch, features, units in [(5, 3, 4), (2, 1, 3), (3, 4, 2)]:
        x, h = normal(rng, (batch, features), (batch, units))
        yield x, h, *weights(rng, features, units)


joins = {
    "the tanh is missing": lambda x, h, b: x + h + b,
    "the bias is added after the tanh: it belongs inside": lambda x, h, b: np.tanh(x + h) + b,
    "this is a sigmoid: use tanh": lambda x, h, b: 1 / (1 + np.exp(-(x + h + b))),
    "tanh is taken of the input alone: the old state belongs inside as well": (
        lambda x, h, b: np.tanh(x + b) + h
    ),
    "tanh is taken of the two products one by one: add up first": (
        lambda x, h, b: np.tanh(x) + np.tanh(h) + b
    ),
}
mistakes = {
    "the bias is forgotten": without(rnn_step, 4),
    "W_hh is transposed": lambda x, h, W, U, b: rnn_step(x, h, W, U.T, b),
    "the old state is forgotten: h_prev must come in": without(rnn_step, 1),
    "the input is forgotten: x_t must come in": without(rnn_step, 0),
    "the old state comes in without its weights W_hh": (
        lambda x, h, W, U, b: rnn_step(x, h, W, np.eye(len(U)), b)
    ),
    **with_each(rnn_step, "join", joins),
}

exercise(
    "02.1",
    Question(rnn_step, steps, mistakes),
    hints=[
        "Two matrix products and a bias are added up; tanh comes last.",
        "x_t stands left of W_xh: (batch, features) times (features, units).",
        "`return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)`",
    ],
)


def stack_size(
    features, units, outputs, recurrent=1, biases=1, dense=1, dense_bias=1, chained=True
):
    """How many parameters SimpleRNNs with a Dense layer on top have; options are for mistakes."""
    inputs = [features, *units] if chained else [features] * len(units)
    rnns = sum(m * n + recurrent * n * n + biases * n for m, n in zip(inputs, units))
    return rnns + dense * (units[-1] + dense_bias) * outputs


def stacks(rng):
    """How many features, units in each SimpleRNN, and outputs."""
    for layers in (2, 1, 3):
        units = [int(n) for n in rng.choice(np.arange(6, 13), size=layers, replace=False)]
        yield int(rng.integers(2, 5)), units, int(rng.integers(2, 4))


mistakes = {
    "the biases are forgotten": partial(stack_size, biases=0, dense_bias=0),
    "the biases of the SimpleRNNs are forgotten": partial(stack_size, biases=0),
    "the bias of the Dense layer is forgotten": partial(stack_size, dense_bias=0),
    "W_hh is forgotten": partial(stack_size, recurrent=0),
    "the Dense layer is forgotten": partial(stack_size, dense=0),
    "only the first layer reads the features: the next reads the states below": (
        partial(stack_size, chained=False)
    ),
    "a SimpleRNN has one bias for each unit, yours has two": partial(stack_size, biases=2),
    "the Dense layer reads the last SimpleRNN only, yours reads them all": (
        lambda features, units, k: stack_size(features, units, k) + sum(units[:-1]) * k
    ),
}

exercise(
    "02.2",
    Question(stack_size, stacks, mistakes),
    hints=[
        "Write down the shapes of W_xh, W_hh and b_h of one layer and add up their sizes.",
        "The second SimpleRNN reads the states of the first. How many features are that?",
        "A SimpleRNN of n units with m inputs has m * n + n * n + n parameters.",
    ],
)


def states(X, W_xh, W_hh, b_h, step=rnn_step, order=lambda X: X):
    """All states of a SimpleRNN for X (batch, time, features): (batch, time, units)."""
    X, path = order(X), []
    h = np.zeros((len(X), len(b_h)))
    for t in range(X.shape[1]):
        h = step(X[:, t], h, W_xh, W_hh, b_h)
        path.append(h)
    return np.stack(path, axis=1)


time_major = partial(np.swapaxes, axis1=0, axis2=1)
first, last = (partial(np.take, indices=t, axis=1) for t in (0, -1))
backward = partial(states, order=np.fliplr)
across = partial(states, order=time_major)


def sequences(rng):
    """X (batch, time, features) and the weights."""
    for batch, time, features, units in [(3, 6, 2, 4), (2, 4, 3, 5), (4, 1, 1, 2)]:
        yield *normal(rng, (batch, time, features)), *weights(rng, features, units)


in_both = {
    "the state is reset at each step: feed the old one back": (
        partial(states, step=without(rnn_step, 1))
    ),
    "the bias is forgotten": without(states, 3),
    "W_hh is transposed": lambda X, W, U, b: states(X, W, U.T, b),
}

mistakes_of_all = {
    "all_states comes out time-major, (time, batch, units): turn it back": then(states, time_major),
    "your loop runs along the batch: time is the second axis of X": then(across, time_major),
    "your loop runs along the batch: swap the axes of X before the loop, too": across,
    "all_states gives only the last state: that is many to one": then(states, last),
    "the start state comes out as well: there is one state for each time step": (
        then(states, lambda path: np.concatenate([0 * path[:, :1], path], axis=1))
    ),
    "your loop runs backward in time": backward,
    "your loop runs backward in time, from the last step to the first": then(backward, np.fliplr),
    **in_both,
}

mistakes_of_last = {
    "last_state gives all states: that is many to many": states,
    "last_state gives all states, time-major: take the last one": then(states, time_major),
    "this is the last sample at all time steps, not the last time step": (
        then(states, lambda path: path[-1])
    ),
    "last_state gives the state after the first step": then(states, first),
    "last_state keeps an axis for time, of length 1": then(states, lambda path: path[:, -1:]),
    "your loop runs backward in time": then(backward, last),
    "your loop runs along the batch: time is the second axis of X": then(across, last),
    **{sentence: then(wrong, last) for sentence, wrong in in_both.items()},
}

exercise(
    "02.3",
    Question(states, sequences, mistakes_of_all, names=["all_states"]),
    Question(then(states, last), sequences, mistakes_of_last, names=["last_state"]),
    hints=[
        "scan runs along the first axis: X.dimshuffle(1, 0, 2) puts time there.",
        "The start is T.zeros((X.shape[0], W_hh.shape[0])): one row of zeros for each sample.",
        "`states = scan(step, X.dimshuffle(1, 0, 2), start, [W_xh, W_hh, b_h])`",
        "The states are time-major: dimshuffle(1, 0, 2) turns them back, and states[-1] is the "
        "last.",
    ],
)


def is_odd(bits):
    """Whether the number of ones is odd, after each of the bits (n, time)."""
    return bits.cumsum(axis=1) % 2 == 1


other_rules = {  # what else a network may say about bits
    "your network says 1 for an even number of ones: turn the sign of the read-out": (
        lambda bits: ~is_odd(bits)
    ),
    "your network always says odd: does the read-out use the state?": lambda bits: bits >= 0,
    "your network always says even: does the read-out use the state?": lambda bits: bits < 0,
    "your network repeats the last bit: what does W_hh do?": lambda bits: bits == 1,
    "your network says odd from the first 1 on: a second 1 must turn it back": (
        lambda bits: bits.cumsum(axis=1) > 0
    ),
    "your network says odd from the second 1 on, as if it looked for two ones": (
        lambda bits: bits.cumsum(axis=1) > 1
    ),
    "your network looks for a 1 in the last two bits: the state is to hold all of them": (
        lambda bits: bits + np.pad(bits, ((0, 0), (1, 0)))[:, :-1] > 0
    ),
    "your network flips at each 0: it must flip at each 1": lambda bits: is_odd(1 - bits),
}


def says_odd(bits, W_xh, W_hh, b_h, W_hy, b_y):
    """Where the network answers "odd" for bits (n, time): y_t > 0, at every step."""
    path = states(bits[..., None].astype(float), W_xh, W_hh, b_h)
    return (path @ W_hy + b_y)[..., 0] > 0


def parity_network(W_xh, W_hh, b_h, W_hy, b_y, rng):
    """Weights, chosen by hand, of a SimpleRNN with a read-out that computes parity."""
    W_hh = W_hh.value(what="W_hh")
    if W_hh.ndim != 2 or len(W_hh) != W_hh.shape[1] or not len(W_hh):
        raise NotYet(f"W_hh must have shape (units, units), got {W_hh.shape}")
    units = len(W_hh)
    W_xh, b_h = W_xh.value((1, units), "W_xh"), b_h.value((units,), "b_h")
    W_hy, b_y = W_hy.value((units, 1), "W_hy"), b_y.value((1,), "b_y")

    bits = np.array(list(itertools.product([0, 1], repeat=10)))  # all strings of 10 bits
    says = says_odd(bits, W_xh, W_hh, b_h, W_hy, b_y)
    wrong = says != is_odd(bits)
    if wrong.any():
        for sentence, rule in other_rules.items():
            if (says == rule(bits)).all():
                raise NotYet(sentence)
        if (says_odd(bits, W_xh, W_hh.T, b_h, W_hy, b_y) == is_odd(bits)).all():
            raise NotYet(
                "W_hh is transposed: its rows belong to the old units, its columns to the new ones"
            )
        length = 1 + wrong.any(axis=0).argmax()  # of the shortest string that is wrong
        string = bits[wrong[:, length - 1].argmax(), :length]
        raise NotYet(
            f"after the bits {' '.join(map(str, string))} your network says "
            f"{'odd' if string.sum() % 2 == 0 else 'even'}"
        )

    density = rng.uniform(size=(30, 1))  # some strings with few ones, some with many
    bits = (rng.uniform(size=(30, 600)) < density).astype(int)
    bits[0], bits[1], bits[2] = 0, 1, 0
    bits[2, 0] = 1
    wrong = says_odd(bits, W_xh, W_hh, b_h, W_hy, b_y) != is_odd(bits)
    if wrong.any():
        raise NotYet(
            "right for all strings of 10 bits, but a longer one goes wrong at bit "
            f"{wrong.any(axis=0).argmax() + 1}: keep the units near -1 and 1, so that errors "
            "die out instead of growing"
        )


exercise(
    "02.4",
    test=parity_network,
    hints=[
        "Odd now means: the bit is 1, or it was odd before, but not both. Give each part a unit.",
        "Let unit 1 be near 1 if the bit or the old answer is 1 (sum above 0.5), else near -1; "
        "unit 2 if both are (sum above 1.5). Then (h_1 - h_2) / 2 is the answer, 0 or 1.",
        "Into unit 1 goes k (bit + (h_1 - h_2) / 2 - 0.5) with a large k such as 10. Multiply it "
        "out: each row of W_hh belongs to one old unit.",
        "With k = 10 the first column of W_hh is 5, -5, and b_h is -5, -15. The second column?",
    ],
)


def cut(series, length):
    """X, y and the MSE of persistence for the windows of a series that have no gap."""
    stretches = np.lib.stride_tricks.sliding_window_view(series, length + 1)
    stretches = stretches[np.isfinite(stretches).all(axis=1)]
    return with_mse(stretches[:, :-1, None], stretches[:, -1:])


def with_mse(X, y):
    """X, y and the MSE of persistence on them."""
    return X, y, np.mean((X[:, -1] - y) ** 2)


def from_csv(path, column, length, pick=lambda names, column: column, change=lambda series: series):
    """The windows of a column of a file; other columns, and a changed series, are mistakes."""
    table = np.genfromtxt(path, delimiter=",", names=True)
    return cut(change(table[pick(table.dtype.names, column)]), length)


def filled(series):
    """The series with each gap filled by the value before it."""
    known = np.maximum.accumulate(np.where(np.isfinite(series), np.arange(len(series)), 0))
    return series[known]


def late(path, column, length):
    """Targets that come one step too late."""
    X, y, _ = from_csv(path, column, length + 1)
    return with_mse(X[:, :-1], y)


@cache
def folder():
    """A folder for the files of this exercise, until Python ends."""
    return tempfile.TemporaryDirectory()


def files(rng):
    """Files with a header and a column of texts; gaps are left empty or called NA, in turn."""
    for length, gaps, n in [(3, [6, 7, 16], 24), (2, [], 9), (4, [0, 11, 19], 20)]:
        names = rng.permutation(["wind", "sun", "rain", "heat"]).tolist()[:3]
        values, na = rng.normal(size=(n, 3)) + 2, itertools.cycle(["", "NA"])
        values[gaps, 1] = values[gaps[:1], 0] = np.nan
        rows = [["day", *names]]
        for i, row in enumerate(values.tolist(), start=1):
            rows.append([f"2024-01-{i:02d}", *(next(na) if np.isnan(v) else repr(v) for v in row)])
        path = Path(folder().name) / f"{n}_days.csv"
        path.write_text("".join(",".join(row) + "\n" for row in rows))
        yield str(path), names[1], length


def without_gaps(result, *arguments):
    """The result, but for one with NaN in it."""
    if has_nan(result):
        raise NotYet("there are gaps (NaN) in your result: leave out windows with a gap")
    return result


changes = {
    "the values around a gap are glued together: a window must not reach across one": (
        lambda series: series[np.isfinite(series)]
    ),
    "your gaps have become zeros: leave out windows with a gap": np.nan_to_num,
    "your gaps are filled with the value before: leave out windows with a gap": filled,
    "the first row of numbers is missing: only one row is the header": lambda series: series[1:],
}
mistakes = {
    **with_each(from_csv, "change", changes),
    "the last window is missing": then(from_csv, lambda X, y, mse: with_mse(X[:-1], y[:-1])),
    "y is the last value of its own window: it must be the one after it": (
        then(from_csv, lambda X, y, mse: with_mse(X, X[:, -1]))
    ),
    "y comes one step too late: it follows the window at once": late,
    "this is another column: find yours by its name": (
        partial(from_csv, pick=lambda names, column: names[1])
    ),
    "this is the last column: find yours by its name": (
        partial(from_csv, pick=lambda names, column: names[-1])
    ),
    "the MSE is off: shapes (n,) and (n, 1) make a table of differences": (
        then(from_csv, lambda X, y, mse: (X, y, np.mean((X[:, -1, 0] - y) ** 2)))
    ),
    "persistence says the last value of a window, yours says the first": (
        then(from_csv, lambda X, y, mse: (X, y, np.mean((X[:, 0] - y) ** 2)))
    ),
    "this is the root of the MSE": then(from_csv, lambda X, y, mse: (X, y, np.sqrt(mse))),
    "this is the sum of the squared errors, not their mean": (
        then(from_csv, lambda X, y, mse: (X, y, mse * len(y)))
    ),
    "X lacks the axis for features: return (n, length, 1)": (
        then(from_csv, lambda X, y, mse: (X[..., 0], y, mse))
    ),
    "y lacks the axis for features: return (n, 1)": (
        then(from_csv, lambda X, y, mse: (X, y[:, 0], mse))
    ),
}

exercise(
    "02.5",
    Question(from_csv, files, mistakes, ["X", "y", "the MSE of persistence"], look=without_gaps),
    hints=[
        "csv.DictReader gives one dict per row, with the names of the header as keys and texts as "
        "values. Make np.nan of what is empty or NA.",
        "Cut all stretches of length + 1 values, gaps included, and keep those that are finite: "
        "np.isfinite(stretch).all().",
        "X is stretches[:, :-1, None] and y stretches[:, -1:]. Persistence says X[:, -1].",
    ],
)


def own_forecast(report, rng):
    """The errors of an RNN and of persistence on a series of the learner's own."""
    keys = ("series", "persistence", "rnn", "winner", "conclusion")
    series, persistence, rnn, best = entries(report, *keys)
    words(series, "the description of the series", 4)
    errors = {
        "persistence": numbers(np.atleast_1d(persistence), "the list for persistence", 1),
        "rnn": numbers(rnn, "the list of errors of the RNN", 3),
    }
    for name, values in errors.items():
        if (values < 0).any():
            raise NotYet(f"a mean squared error is never negative, but one of {name} is")
    if len(np.unique(errors["rnn"])) < 2:
        raise NotYet("all errors of the RNN are equal: were the weights drawn anew for each seed?")
    winner(best, errors)


exercise(
    "02.6",
    test=own_forecast,
    hints=[
        "Any series with some structure will do: a file of your own, or numbers made by a rule.",
        "Numbers should be about as large as 1: scale the column before you write or cut it.",
        "`persistence, rnn = contest(X, y)` and then the dict; the winner is 'persistence' or "
        "'rnn'.",
    ],
)
