"""Answers to the exercises of chapter 02: right ones, and typical mistakes with their names."""

import csv

import numpy as np

from course_lib.backend import T, function, scan, sigmoid


def symbolic_step(x_t, h_prev, W_xh, W_hh, b_h):
    return T.tanh(T.dot(x_t, W_xh) + T.dot(h_prev, W_hh) + b_h)


def count_by_shapes(features, units, outputs):
    shapes = [(units[-1], outputs), (outputs,)]
    for m, n in zip([features, *units], units):
        shapes += [(m, n), (n, n), (n,)]
    return sum(np.prod(shape) for shape in shapes)


def one_sample_at_a_time(X, W_xh, W_hh, b_h):
    result = []
    for x in X:
        h = [0.0] * len(b_h)
        result.append([h := np.tanh(x_t @ W_xh + h @ W_hh + b_h) for x_t in x])
    return result


def last(X, *weights):
    return np.array(one_sample_at_a_time(X, *weights), "float32")[:, -1]


def compiled(order=(1, 0, 2), back=(1, 0, 2), **options):
    """A scan over the axes of X in some order, turned back in some order."""
    X, W_xh, W_hh, b_h = T.tensor3(), T.matrix(), T.matrix(), T.vector()
    sequence = X.dimshuffle(*order)
    start = T.zeros((sequence.shape[1], W_hh.shape[0]))
    path = scan(symbolic_step, sequence, start, [W_xh, W_hh, b_h], **options)
    return function([X, W_xh, W_hh, b_h], path.dimshuffle(*back))


def network(
    W_xh=((10, 10),), W_hh=((5, 5), (-5, -5)), b_h=(-5, -15), W_hy=((1,), (-1,)), b_y=(-1,)
):
    return W_xh, W_hh, b_h, W_hy, b_y


IN_ANOTHER_ORDER = ([[30.0, 30]], [[-15, -15], [15, 15.0]], [-45, -15], [[-2], [2]], [-2])
# Three units: a third one that is always on takes the place of the biases.
W_HH = [[10, 10, 0], [-10, -10, 0], [0, 0, 0]]
THREE_UNITS = ([[20, 20, 0]], W_HH, [-10, -30, 9], [[1], [-1], [-1]], [0])
WEAK = network([[2.2, 2.2]], [[1.1, 1.1], [-1.1, -1.1]], [-1.1, -3.3])
TOO_WEAK = network([[1.5, 1.5]], [[0.8, 0.8], [-0.8, -0.8]], [-0.8, -2.2])


def by_splitting(path, column, length, gap=None):
    """Windows of what has come since the last gap, or with some number in place of gaps."""
    with open(path) as file:
        header, *rows = csv.reader(file)
    stretch, X, y = [], [], []
    for row in rows:
        field = row[header.index(column)]
        value = gap if field in ("", "NA") else float(field)
        stretch = [] if value is None else [*stretch, value]
        if len(stretch) > length:
            X.append([[value] for value in stretch[-length - 1 : -1]])
            y.append([stretch[-1]])
    return X, y, sum((x[-1][0] - t[0]) ** 2 for x, t in zip(X, y)) / len(y)


REPORT = {
    "series": "how many steps I walked per day",
    "persistence": 0.5,
    "rnn": [0.6, 0.4, 0.7],
    "winner": "persistence",
    "conclusion": "one seed was better than persistence but the median of three was not",
}

RIGHT = {
    "02.1": [
        symbolic_step,
        lambda x, h, W, U, b: np.tanh(np.hstack([x, h]) @ np.vstack([W, U]) + b).tolist(),
    ],
    "02.2": [count_by_shapes],
    "02.3": [(one_sample_at_a_time, last), (compiled(), lambda *a: compiled()(*a)[:, -1])],
    "02.4": [network(), IN_ANOTHER_ORDER, tuple(np.array(part, "float32") for part in THREE_UNITS)],
    "02.5": [by_splitting],
    "02.6": [REPORT, {**REPORT, "rnn": np.array([0.1, 0.2, 0.3]), "winner": "rnn"}],
}

MISTAKES = {
    "02.1": [
        (lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U + b), "stops with ValueError"),
        (lambda x, h, W, U, b: sigmoid(x @ W + h @ U + b), "this is a sigmoid"),
        (lambda *a: symbolic_step(*a).T, "(is it transposed?)"),
    ],
    "02.2": [
        (lambda *a: count_by_shapes(*a) - a[2], "the bias of the Dense layer"),
        (lambda *a: count_by_shapes(*a) + 1, "but should be"),
        (lambda *a: [count_by_shapes(*a)], "must have shape ()"),
    ],
    "02.3": [
        ((compiled(back=(0, 1, 2)), last), "comes out time-major"),
        ((compiled(order=(0, 1, 2)), last), "before the loop, too"),
        ((compiled(go_backwards=True), last), "runs backward in time"),
        ((one_sample_at_a_time, one_sample_at_a_time), "that is many to many"),
        ((one_sample_at_a_time, compiled(back=(0, 1, 2))), "time-major: take the last one"),
    ],
    "02.4": [
        (network(W_hy=[[-1], [1]], b_y=[1]), "turn the sign"),
        (network(W_hy=[[0], [0]], b_y=[1]), "always says odd"),
        (network(W_hh=np.zeros((2, 2))), "repeats the last bit"),
        (([[20]], [[10]], [-0.5], [[1]], [-0.5]), "from the first 1 on"),
        (network(W_hh=[[5, -5], [5, -5]]), "W_hh is transposed"),
        (TOO_WEAK, "after the bits"),
        (network(W_xh=[[-10, -10]], b_h=[5, -5]), "flips at each 0"),
        (WEAK, "but a longer one goes wrong at bit"),
        (network(W_xh=[[10], [10]]), "W_xh must have shape (1, 2), got (2, 1)"),
        (network(W_hh=[[5, 5]]), "W_hh must have shape (units, units)"),
    ],
    "02.5": [
        (lambda *a: by_splitting(*a, gap=0.0), "have become zeros"),
        (lambda *a: by_splitting(*a, gap=np.nan), "gaps (NaN)"),
        (lambda path, column, length: by_splitting(path, "day", length), "stops with ValueError"),
        (lambda *a: by_splitting(*a)[:2], "return 3 results"),
    ],
    "02.6": [
        ({**REPORT, "rnn": [0.6, 0.4]}, "at least 3 numbers"),
        ({**REPORT, "rnn": [0.6, 0.4, np.nan]}, "contains NaN"),
        ({**REPORT, "rnn": [0.6, 0.6, 0.6]}, "were the weights drawn anew"),
        ({**REPORT, "rnn": [0.6, -0.4, 0.7]}, "never negative"),
        ({**REPORT, "winner": "SimpleRNN"}, "must be one of persistence, rnn"),
    ],
}
