"""The exercises of chapter 02: steps, sequences, parameters, parity by hand, and a CSV file."""

import itertools
import tempfile
from pathlib import Path

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, compare
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, numbers, winner, words


def weights(rng, features, units):
    """W_xh, W_hh and b_h of size 1, so that each of them shows."""
    W_xh, W_hh = rng.normal(size=(features, units)), rng.normal(size=(units, units))
    return floatX(W_xh), floatX(W_hh), floatX(rng.uniform(0.5, 1, size=units))


@exercise(
    "02.1",
    "Two matrix products and a bias are added up; tanh comes last.",
    "x_t stands left of W_xh: (batch, features) times (features, units).",
    "`return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)`",
)
def rnn_step(answer, rng):
    """One step of a SimpleRNN for a batch."""
    for batch, features, units in [(5, 3, 4), (2, 1, 3), (3, 4, 2)]:
        x, h = floatX(rng.normal(size=(batch, features))), floatX(rng.normal(size=(batch, units)))
        W_xh, W_hh, b_h = weights(rng, features, units)
        inside = x @ W_xh + h @ W_hh + b_h
        answer.gives(
            np.tanh(inside),
            *(x, h, W_xh, W_hh, b_h),
            mistakes={
                "the tanh is missing": inside,
                "the bias is forgotten": np.tanh(inside - b_h),
                "the bias is added after the tanh: it belongs inside": np.tanh(inside - b_h) + b_h,
                "W_hh is transposed": np.tanh(x @ W_xh + h @ W_hh.T + b_h),
                "the old state is forgotten: h_prev must come in": np.tanh(x @ W_xh + b_h),
                "the input is forgotten: x_t must come in": np.tanh(h @ W_hh + b_h),
                "the old state comes in without its weights W_hh": np.tanh(x @ W_xh + h + b_h),
                "this is a sigmoid where tanh is asked for": 1 / (1 + np.exp(-inside)),
                "tanh is taken of the input alone: the old state belongs inside as well": (
                    np.tanh(x @ W_xh + b_h) + h @ W_hh
                ),
                "tanh is taken of the two products one by one: add up first": (
                    np.tanh(x @ W_xh) + np.tanh(h @ W_hh) + b_h
                ),
            },
        )


def stack_size(features, units, outputs, recurrent=1, bias=1, dense=1, chained=True):
    """How many parameters the stack of exercise 02.2 has, with parts left out."""
    total, inputs = 0, features
    for n in units:
        total += inputs * n + recurrent * n * n + bias * n
        inputs = n if chained else features
    return total + dense * (units[-1] * outputs + outputs)


def stack_mistakes(features, units, outputs):
    """The right number of parameters, and the wrong ones by what is wrong with them."""
    right = stack_size(features, units, outputs)
    return right, {
        "the biases are forgotten": stack_size(features, units, outputs, bias=0) - outputs,
        "the biases of the SimpleRNNs are forgotten": stack_size(features, units, outputs, bias=0),
        "the bias of the Dense layer is forgotten": right - outputs,
        "W_hh is forgotten": stack_size(features, units, outputs, recurrent=0),
        "the Dense layer is forgotten": stack_size(features, units, outputs, dense=0),
        "only the first layer reads the features: the next reads the states below": (
            stack_size(features, units, outputs, chained=False)
        ),
        "a SimpleRNN has one bias for each unit, yours has two": right + sum(units),
        "the Dense layer reads the last SimpleRNN only, yours reads them all": (
            right + sum(units[:-1]) * outputs
        ),
    }


@exercise(
    "02.2",
    "Write down the shapes of W_xh, W_hh and b_h of one layer and add up their sizes.",
    "The second SimpleRNN reads the states of the first. How many features are that?",
    "A SimpleRNN of n units with m inputs has m * n + n * n + n parameters.",
)
def count_parameters(answer, rng):
    """The number of parameters of a stack of SimpleRNNs with a Dense layer on top."""
    for layers in (2, 1, 3):
        while True:
            features, outputs = int(rng.integers(2, 5)), int(rng.integers(2, 4))
            units = [int(n) for n in rng.choice(np.arange(6, 13), size=layers, replace=False)]
            right, mistakes = stack_mistakes(features, units, outputs)
            wrong = [number for number in mistakes.values() if number != right]
            if len(set(wrong)) == len(wrong):  # no two mistakes look alike
                break
        answer.gives(right, features, units, outputs, mistakes=mistakes)


def states(X, W_xh, W_hh, b_h, reset=False):
    """All states of a SimpleRNN for X (batch, time, features): (batch, time, units)."""
    h, path = np.zeros((len(X), len(b_h))), []
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ W_xh + (0 if reset else h @ W_hh) + b_h)
        path.append(h)
    return np.stack(path, axis=1)


@exercise(
    "02.3",
    "scan runs along the first axis: X.dimshuffle(1, 0, 2) puts time there.",
    "The start is T.zeros((X.shape[0], W_hh.shape[0])): one row of zeros for each sample.",
    "`states = scan(step, X.dimshuffle(1, 0, 2), start, [W_xh, W_hh, b_h])`",
    "The states are time-major: dimshuffle(1, 0, 2) turns them back, and states[-1] is the last.",
)
def sequences(all_states, last_state, rng):
    """Many to many and many to one: all states of a batch, and the last one."""
    for batch, time, features, units in [(3, 6, 2, 4), (2, 4, 3, 5), (4, 1, 1, 2)]:
        X, own = floatX(rng.normal(size=(batch, time, features))), weights(rng, features, units)
        W_xh, W_hh, b_h = own
        right = states(X, *own)
        backward, across = states(X[:, ::-1], *own), states(X.swapaxes(0, 1), *own)
        reset = states(X, *own, reset=True)
        no_bias, transposed = states(X, W_xh, W_hh, 0 * b_h), states(X, W_xh, W_hh.T, b_h)
        common = {  # the same mistake, in both functions
            "the state is reset at each step: feed the old one back": reset,
            "the bias is forgotten": no_bias,
            "W_hh is transposed": transposed,
        }
        all_states.gives(
            right,
            *(X, *own),
            names=["all_states"],
            mistakes={
                "all_states comes out time-major, (time, batch, units): turn it back": (
                    right.swapaxes(0, 1)
                ),
                "your loop runs along the batch: time is the second axis of X": (
                    across.swapaxes(0, 1)
                ),
                "your loop runs along the batch: swap the axes of X before the loop, too": across,
                "all_states gives only the last state: that is many to one": right[:, -1],
                "the start state comes out as well: there is one state for each time step": (
                    np.concatenate([0 * right[:, :1], right], axis=1)
                ),
                "your loop runs backward in time": backward,
                "your loop runs backward in time, from the last step to the first": (
                    backward[:, ::-1]
                ),
                **common,
            },
        )
        last_state.gives(
            right[:, -1],
            *(X, *own),
            names=["last_state"],
            mistakes={
                "last_state gives all states: that is many to many": right,
                "last_state gives all states, time-major: take the last one": right.swapaxes(0, 1),
                "this is the last sample at all time steps, not the last time step": right[-1],
                "last_state gives the state after the first step": right[:, 0],
                "last_state keeps an axis for time, of length 1": right[:, -1:],
                "your loop runs backward in time": backward[:, -1],
                "your loop runs along the batch: time is the second axis of X": across[:, -1],
                **{sentence: wrong[:, -1] for sentence, wrong in common.items()},
            },
        )


def says_odd(bits, W_xh, W_hh, b_h, W_hy, b_y):
    """Where the network answers "odd" for bits (n, time): y_t > 0, at every step."""
    path = states(bits[..., None].astype(float), W_xh, W_hh, b_h)
    return (path @ W_hy + b_y)[..., 0] > 0


@exercise(
    "02.4",
    "Odd now means: the bit is 1, or it was odd before, but not both. Give each part a unit.",
    "Let unit 1 be near 1 if the bit or the old answer is 1 (sum above 0.5), else near -1; unit 2 "
    "if both are (sum above 1.5). Then (h_1 - h_2) / 2 is the answer, 0 or 1.",
    "Into unit 1 goes k (bit + (h_1 - h_2) / 2 - 0.5) with a large k such as 10. Multiply it out: "
    "each row of W_hh belongs to one old unit.",
    "With k = 10 the first column of W_hh is 5, -5, and b_h is -5, -15. The second column?",
)
def parity_network(W_xh, W_hh, b_h, W_hy, b_y, rng):
    """Weights, chosen by hand, of a SimpleRNN with a read-out that computes parity."""
    W_hh = W_hh.value(what="W_hh")
    if W_hh.ndim != 2 or len(W_hh) != W_hh.shape[1] or not len(W_hh):
        raise NotYet(f"W_hh must have shape (units, units), got {W_hh.shape}")
    units = len(W_hh)
    W_xh, b_h = W_xh.value((1, units), "W_xh"), b_h.value((units,), "b_h")
    W_hy, b_y = W_hy.value((units, 1), "W_hy"), b_y.value((1,), "b_y")

    bits = np.array(list(itertools.product([0, 1], repeat=10)))  # all strings of 10 bits
    odd = bits.cumsum(axis=1) % 2 == 1
    says = says_odd(bits, W_xh, W_hh, b_h, W_hy, b_y)
    if not (says == odd).all():
        mistakes = {
            "your network says 1 for an even number of ones: turn the sign of the read-out": ~odd,
            "your network always says odd: does the read-out use the state?": np.ones_like(odd),
            "your network always says even: does the read-out use the state?": np.zeros_like(odd),
            "your network repeats the last bit: what does W_hh do?": bits == 1,
            "your network says odd from the first 1 on: a second 1 must turn it back": (
                np.maximum.accumulate(bits, axis=1) == 1
            ),
            "your network says odd from the second 1 on, as if it looked for two ones": (
                bits.cumsum(axis=1) > 1
            ),
            "your network looks for a 1 in the last two bits: the state is to hold all of them": (
                bits + np.pad(bits, ((0, 0), (1, 0)))[:, :-1] > 0
            ),
            "your network flips at each 0: it must flip at each 1": (
                (1 - bits).cumsum(axis=1) % 2 == 1
            ),
        }
        for sentence, wrong in mistakes.items():
            if (says == wrong).all():
                raise NotYet(sentence)
        if (says_odd(bits, W_xh, W_hh.T, b_h, W_hy, b_y) == odd).all():
            raise NotYet(
                "W_hh is transposed: its rows belong to the old units, its columns to the new ones"
            )
        length = 1 + (says != odd).any(axis=0).argmax()  # of the shortest string that is wrong
        string = bits[(says != odd)[:, length - 1].argmax(), :length]
        raise NotYet(
            f"after the bits {' '.join(map(str, string))} your network says "
            f"{'odd' if string.sum() % 2 == 0 else 'even'}"
        )

    density = rng.uniform(size=(30, 1))  # some strings with few ones, some with many
    bits = (rng.uniform(size=(30, 600)) < density).astype(int)
    bits[0], bits[1], bits[2] = 0, 1, 0
    bits[2, 0] = 1
    wrong = says_odd(bits, W_xh, W_hh, b_h, W_hy, b_y) != (bits.cumsum(axis=1) % 2 == 1)
    if wrong.any():
        raise NotYet(
            "right for all strings of 10 bits, but a longer one goes wrong at bit "
            f"{wrong.any(axis=0).argmax() + 1}: keep the units near -1 and 1, so that errors "
            "die out instead of growing"
        )


def cut(series, length):
    """X, y and the MSE of persistence for the windows of a series that have no gap."""
    stretches = np.array([series[i : i + length + 1] for i in range(len(series) - length)])
    stretches = stretches[np.isfinite(stretches).all(axis=1)]
    X, y = stretches[:, :-1, None], stretches[:, -1:]
    return X, y, np.mean((X[:, -1] - y) ** 2)


def late(series, length):
    """The same with targets that come one step too late."""
    X, y, _ = cut(series, length + 1)
    return X[:, :-1], y, np.mean((X[:, -2] - y) ** 2)


def has_gap(part):
    """Whether a number or an array of numbers contains NaN."""
    is_float = isinstance(part, float) or getattr(part, "dtype", None) in ("float32", "float64")
    return is_float and np.isnan(part).any()


def last_seen(series):
    """The series with each gap filled by the value before it."""
    known = np.maximum.accumulate(np.where(np.isfinite(series), np.arange(len(series)), 0))
    return series[known]


def write_csv(path, columns):
    """A CSV file with a header; gaps are left empty or called NA, in turn."""
    gaps = itertools.cycle(["", "NA"])
    lines = [",".join(columns)]
    for i, row in enumerate(zip(*columns.values())):
        fields = [repr(float(v)) if np.isfinite(v) else next(gaps) for v in row[1:]]
        lines.append(",".join([f"2024-01-{i + 1:02d}", *fields]))
    path.write_text("\n".join(lines) + "\n")


@exercise(
    "02.5",
    "csv.DictReader gives one dict per row, with the names of the header as keys and texts as "
    "values. Make np.nan of what is empty or NA.",
    "Cut all stretches of length + 1 values, gaps included, and keep those that are finite: "
    "np.isfinite(stretch).all().",
    "X is stretches[:, :-1, None] and y stretches[:, -1:]. Persistence says X[:, -1].",
)
def windows_from_csv(answer, rng):
    """Windows X, targets y and the MSE of persistence, of one column of a CSV file with gaps."""
    names = ["wind", "sun", "rain", "heat"]
    for length, gaps, n in [(3, [6, 7, 16], 24), (2, [], 9), (4, [0, 11, 19], 20)]:
        named = [str(name) for name in rng.permutation(names)[:3]]
        columns = {"day": np.arange(n), **{name: rng.normal(size=n) + 2 for name in named}}
        column = named[1]
        columns[column][gaps] = np.nan
        columns[named[0]][gaps[:1]] = np.nan
        series = columns[column]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "series.csv"
            write_csv(path, columns)
            result = answer(str(path), column, length)
        X, y, mse = cut(series, length)
        if isinstance(result, (tuple, list)) and any(has_gap(part) for part in result):
            raise NotYet("there are gaps (NaN) in your result: leave out windows with a gap")
        last = X[:, -1]
        compare(
            result,
            (X, y, mse),
            names=["X", "y", "the MSE of persistence"],
            mistakes={
                "the values around a gap are glued together: a window must not reach across one": (
                    cut(series[np.isfinite(series)], length)
                ),
                "your gaps have become zeros: leave out windows with a gap": (
                    cut(np.nan_to_num(series), length)
                ),
                "your gaps are filled with the value before: leave out windows with a gap": (
                    cut(last_seen(series), length)
                ),
                "the first row of numbers is missing: only one row is the header": (
                    cut(series[1:], length)
                ),
                "the last window is missing": (
                    *(p[:-1] for p in (X, y)),
                    cut(series[:-1], length)[2],
                ),
                "y is the last value of its own window: it must be the one after it": (
                    (X, last, 0)
                ),
                "y comes one step too late: it follows the window at once": late(series, length),
                "this is another column: find yours by its name": cut(columns[named[0]], length),
                "this is the last column: find yours by its name": cut(columns[named[2]], length),
                "the MSE is off: shapes (n,) and (n, 1) make a table of differences": (
                    (X, y, np.mean((last[:, 0] - y) ** 2))
                ),
                "persistence says the last value of a window, yours says the first": (
                    (X, y, np.mean((X[:, 0] - y) ** 2))
                ),
                "this is the root of the MSE": (X, y, np.sqrt(mse)),
                "this is the sum of the squared errors, not their mean": (X, y, mse * len(y)),
                "X lacks the axis for features: (n, length, 1) is asked for": (X[..., 0], y, mse),
                "y lacks the axis for features: (n, 1) is asked for": (X, y[:, 0], mse),
            },
        )


@exercise(
    "02.6",
    "Any series with some structure will do: a file of your own, or numbers made by a rule.",
    "Numbers should be about as large as 1: scale the column before you write or cut it.",
    "`persistence, rnn = contest(X, y)` and then the dict; the winner is 'persistence' or 'rnn'.",
)
def own_forecast(report, rng):
    """The errors of an RNN and of persistence on a series of the learner's own."""
    keys = ("series", "persistence", "rnn", "winner", "conclusion")
    series, persistence, rnn, best, conclusion = entries(report, *keys)
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
    words(conclusion, "the conclusion", 10)
