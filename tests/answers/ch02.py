"""Answers to the exercises of chapter 02: right ones, and typical mistakes with their names."""

import csv

import numpy as np

from course_lib.backend import T, function, scan, sigmoid

# --- 02.1 ------------------------------------------------------------------------------------


def step_by_unit(x, h, W, U, b):
    new = np.empty(h.shape)
    for n in range(h.shape[0]):
        for j in range(h.shape[1]):
            new[n, j] = np.tanh((x[n] * W[:, j]).sum() + (h[n] * U[:, j]).sum() + b[j])
    return new


def symbolic_step(x_t, h_prev, W_xh, W_hh, b_h):
    return T.tanh(T.dot(x_t, W_xh) + T.dot(h_prev, W_hh) + b_h)


# --- 02.2 ------------------------------------------------------------------------------------


def count_by_shapes(features, units, outputs):
    shapes = [(units[-1], outputs), (outputs,)]
    for m, n in zip([features, *units], units):
        shapes += [(m, n), (n, n), (n,)]
    return sum(np.prod(shape) for shape in shapes)


def count(features, units, outputs, layer, dense=lambda n, k: n * k + k):
    """Sum over layer(inputs, units)."""
    total = sum(layer(m, n) for m, n in zip([features, *units], units))
    return total + dense(units[-1], outputs)


def rnn(m, n):
    return m * n + n * n + n


# --- 02.3 ------------------------------------------------------------------------------------


def every_state(X, W_xh, W_hh, b_h):
    h = np.zeros((X.shape[0], W_hh.shape[0]))
    path = []
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ W_xh + h @ W_hh + b_h)
        path.append(h)
    return np.array(path).transpose(1, 0, 2)


def last(X, *weights):
    return every_state(X, *weights)[:, -1]


def one_sample_at_a_time(X, W_xh, W_hh, b_h):
    result = []
    for x in X:
        h = [0.0] * len(b_h)
        result.append([h := np.tanh(x_t @ W_xh + h @ W_hh + b_h) for x_t in x])
    return result


def compiled(step=symbolic_step, start=None, order=(1, 0, 2), back=(1, 0, 2), **options):
    """A scan over the axes of X in some order, turned back in some order."""
    X, W_xh, W_hh, b_h = T.tensor3(), T.matrix(), T.matrix(), T.vector()
    sequence = X.dimshuffle(*order)
    start = T.zeros((sequence.shape[1], W_hh.shape[0]))
    path = scan(step, sequence, start, [W_xh, W_hh, b_h], **options)
    return function([X, W_xh, W_hh, b_h], path.dimshuffle(*back))


def forgetful(x_t, h, W_xh, W_hh, b_h):
    return symbolic_step(x_t, 0 * h, W_xh, W_hh, b_h)


def with_start(X, *weights):
    path = every_state(X, *weights)
    return np.concatenate([np.zeros_like(path[:, :1]), path], axis=1)


# --- 02.4 ------------------------------------------------------------------------------------

BY_HAND = ([[10, 10]], [[5, 5], [-5, -5]], [-5, -15], [[1], [-1]], [-1])
IN_ANOTHER_ORDER = ([[30.0, 30]], [[-15, -15], [15, 15.0]], [-45, -15], [[-2], [2]], [-2])

# Three units: a third one that is always on takes the place of the biases.
THREE_UNITS = (
    [[20, 20, 0]],
    [[10, 10, 0], [-10, -10, 0], [0, 0, 0]],
    [-10, -30, 9],
    [[1], [-1], [-1]],
    [0],
)


def network(
    W_xh=((10, 10),), W_hh=((5, 5), (-5, -5)), b_h=(-5, -15), W_hy=((1,), (-1,)), b_y=(-1,)
):
    return W_xh, W_hh, b_h, W_hy, b_y


WEAK = ([[2.2, 2.2]], [[1.1, 1.1], [-1.1, -1.1]], [-1.1, -3.3], [[1], [-1]], [-1])
TOO_WEAK = ([[1.5, 1.5]], [[0.8, 0.8], [-0.8, -0.8]], [-0.8, -2.2], [[1], [-1]], [-1])

# --- 02.5 ------------------------------------------------------------------------------------


def read(path, column, gap=np.nan):
    with open(path) as file:
        header, *rows = csv.reader(file)
    i = header.index(column)
    return np.array([gap if row[i] in ("", "NA") else float(row[i]) for row in rows])


def windows(series, length, keep_gaps=False):
    n = len(series) - length
    X = np.array([series[i : i + length] for i in range(n)])[..., None]
    y = np.array([series[i + length] for i in range(n)])[:, None]
    whole = np.isfinite(X).all(axis=(1, 2)) & np.isfinite(y[:, 0]) | keep_gaps
    X, y = X[whole], y[whole]
    return X, y, np.mean((X[:, -1] - y) ** 2)


def with_genfromtxt(path, column, length):
    series = np.genfromtxt(path, delimiter=",", names=True)[column]
    X, y, mse = windows(series, length)
    return [X.astype("float32"), y.tolist(), float(mse)]


def by_splitting(path, column, length):
    with open(path) as file:
        lines = [line.strip().split(",") for line in file]
    which, stretch, X, y = lines[0].index(column), [], [], []
    for line in lines[1:]:
        stretch = [] if line[which] in ("", "NA") else [*stretch, float(line[which])]
        if len(stretch) > length:
            X.append([[value] for value in stretch[-length - 1 : -1]])
            y.append([stretch[-1]])
    return X, y, sum((x[-1][0] - t[0]) ** 2 for x, t in zip(X, y)) / len(y)


def from_csv(series=lambda s: s, result=lambda X, y, mse: (X, y, mse), gap=np.nan, **options):
    """A function that changes the series, or the result."""
    return lambda path, column, length: result(
        *windows(series(read(path, column, gap)), length, **options)
    )


def filled(series):
    series = list(series)
    for i, value in enumerate(series):
        if np.isnan(value) and i:
            series[i] = series[i - 1]
    return np.array(series)


def too_late(path, column, length):
    X, y, _ = windows(read(path, column), length + 1)
    X = X[:, :-1]
    return X, y, np.mean((X[:, -1] - y) ** 2)


def column_number(i):
    def function(path, column, length):
        with open(path) as file:
            return from_csv()(path, next(csv.reader(file))[i], length)

    return function


def last_window_missing(X, y, mse):
    return X[:-1], y[:-1], np.mean((X[:-1, -1] - y[:-1]) ** 2)


# --- 02.6 ------------------------------------------------------------------------------------

REPORT = {
    "series": "how many steps I walked per day",
    "persistence": 0.5,
    "rnn": [0.6, 0.4, 0.7],
    "winner": "persistence",
    "conclusion": "one seed was better than persistence but the median of three was not",
}


RIGHT = {
    "02.1": [
        step_by_unit,
        symbolic_step,
        lambda x, h, W, U, b: np.tanh(np.hstack([x, h]) @ np.vstack([W, U]) + b).tolist(),
    ],
    "02.2": [count_by_shapes, lambda *a: count(*a, rnn)],
    "02.3": [
        (every_state, last),
        (one_sample_at_a_time, lambda *a: every_state(*a)[:, -1].astype("float32")),
        (compiled(), lambda *a: compiled()(*a)[:, -1]),
    ],
    "02.4": [
        BY_HAND,
        IN_ANOTHER_ORDER,
        THREE_UNITS,
        tuple(np.array(part, "float32") for part in BY_HAND),
    ],
    "02.5": [from_csv(), with_genfromtxt, by_splitting],
    "02.6": [
        (REPORT,),
        ({**REPORT, "rnn": np.array([0.1, 0.2, 0.3]), "winner": "rnn", "persistence": [0.5]},),
    ],
}

MISTAKES = {
    "02.1": [
        (lambda x, h, W, U, b: x @ W + h @ U + b, "the tanh is missing"),
        (lambda x, h, W, U, b: np.tanh(x @ W + h @ U), "the bias is forgotten"),
        (lambda x, h, W, U, b: np.tanh(x @ W + h @ U) + b, "added after the tanh"),
        (lambda x, h, W, U, b: np.tanh(x @ W + h @ U.T + b), "W_hh is transposed"),
        (lambda x, h, W, U, b: np.tanh(x @ W.T + h @ U + b), "stops with ValueError"),
        (lambda x, h, W, U, b: np.tanh(x @ W + b), "the old state is forgotten"),
        (lambda x, h, W, U, b: np.tanh(h @ U + b), "the input is forgotten"),
        (lambda x, h, W, U, b: np.tanh(x @ W + h + b), "without its weights"),
        (lambda x, h, W, U, b: sigmoid(x @ W + h @ U + b), "this is a sigmoid"),
        (lambda x, h, W, U, b: np.tanh(x @ W + b) + h @ U, "of the input alone"),
        (lambda x, h, W, U, b: np.tanh(x @ W) + np.tanh(h @ U) + b, "one by one"),
    ],
    "02.2": [
        (
            lambda *a: count(*a, lambda m, n: m * n + n * n, lambda n, k: n * k),
            "the biases are forgotten",
        ),
        (lambda *a: count(*a, lambda m, n: m * n + n * n), "biases of the SimpleRNNs"),
        (lambda *a: count(*a, rnn, lambda n, k: n * k), "the bias of the Dense layer"),
        (lambda *a: count(*a, lambda m, n: m * n + n), "W_hh is forgotten"),
        (lambda *a: count(*a, rnn, lambda n, k: 0), "the Dense layer is forgotten"),
        (lambda f, units, k: count(f, units, k, lambda m, n: rnn(f, n)), "states below"),
        (lambda *a: count(*a, lambda m, n: rnn(m, n) + n), "yours has two"),
        (
            lambda f, units, k: count(f, units, k, rnn, lambda n, k: sum(units) * k + k),
            "yours reads them all",
        ),
    ],
    "02.3": [
        ((compiled(back=(0, 1, 2)), last), "comes out time-major"),
        ((compiled(order=(0, 1, 2), back=(0, 1, 2)), last), "time is the second axis of X"),
        ((compiled(order=(0, 1, 2)), last), "before the loop, too"),
        ((last, last), "that is many to one"),
        ((with_start, last), "the start state comes out"),
        ((compiled(go_backwards=True), last), "runs backward in time"),
        ((lambda X, *w: every_state(X[:, ::-1], *w)[:, ::-1], last), "from the last step"),
        ((compiled(forgetful), last), "the state is reset"),
        ((lambda X, W, U, b: every_state(X, W, U, 0 * b), last), "the bias is forgotten"),
        ((lambda X, W, U, b: every_state(X, W, U.T, b), last), "W_hh is transposed"),
        ((every_state, every_state), "that is many to many"),
        ((every_state, compiled(back=(0, 1, 2))), "time-major: take the last one"),
        ((every_state, lambda *a: every_state(*a)[-1]), "the last sample"),
        ((every_state, lambda *a: every_state(*a)[:, 0]), "after the first step"),
        ((every_state, lambda *a: every_state(*a)[:, -1:]), "keeps an axis for time"),
        ((every_state, lambda X, *w: last(X[:, ::-1], *w)), "runs backward"),
        ((every_state, lambda *a: compiled(forgetful)(*a)[:, -1]), "the state is reset"),
    ],
    "02.4": [
        (network(W_hy=[[-1], [1]], b_y=[1]), "turn the sign"),
        (network(W_hy=[[0], [0]], b_y=[1]), "always says odd"),
        (network(b_y=[-9]), "always says even"),
        (network(W_hh=np.zeros((2, 2))), "repeats the last bit"),
        (([[10]], [[10]], [5], [[1]], [0]), "always says odd"),
        (([[20]], [[10]], [-0.5], [[1]], [-0.5]), "from the first 1 on"),
        (network(W_hh=[[5, -5], [5, -5]]), "W_hh is transposed"),
        (TOO_WEAK, "after the bits"),
        (network(W_xh=[[-10, -10]], b_h=[5, -5]), "flips at each 0"),
        (WEAK, "but a longer one goes wrong at bit"),
        (network(W_xh=[[10], [10]]), "W_xh must have shape (1, 2), got (2, 1)"),
        (network(W_hh=[[5, 5]]), "W_hh must have shape (units, units)"),
        (network(b_y=-1), "b_y must have shape (1,), got ()"),
    ],
    "02.5": [
        (from_csv(lambda s: s[np.isfinite(s)]), "glued together"),
        (from_csv(gap=0.0), "have become zeros"),
        (from_csv(filled), "filled with the value before"),
        (from_csv(keep_gaps=True), "gaps (NaN)"),
        (from_csv(lambda s: s[1:]), "only one row is the header"),
        (from_csv(result=last_window_missing), "the last window is missing"),
        (from_csv(result=lambda X, y, mse: (X, X[:, -1], 0.0)), "last value of its own window"),
        (too_late, "one step too late"),
        (column_number(1), "this is another column"),
        (column_number(3), "this is the last column"),
        (column_number(0), "stops with ValueError"),
        (
            from_csv(result=lambda X, y, mse: (X, y, np.mean((X[:, -1, 0] - y) ** 2))),
            "make a table of differences",
        ),
        (
            from_csv(result=lambda X, y, mse: (X, y, np.mean((X[:, 0] - y) ** 2))),
            "yours says the first",
        ),
        (from_csv(result=lambda X, y, mse: (X, y, mse**0.5)), "the root of the MSE"),
        (from_csv(result=lambda X, y, mse: (X, y, mse * len(y))), "the sum of the squared"),
        (from_csv(result=lambda X, y, mse: (X[..., 0], y, mse)), "X lacks the axis"),
        (from_csv(result=lambda X, y, mse: (X, y[:, 0], mse)), "y lacks the axis"),
        (from_csv(result=lambda X, y, mse: (X, y)), "3 results are asked for"),
    ],
    "02.6": [
        (("my report",), "must be a dict"),
        (({**REPORT, "series": "steps"},), "description of the series is too short"),
        (({**REPORT, "rnn": [0.6, 0.4]},), "at least 3 numbers"),
        (({**REPORT, "rnn": [0.6, 0.4, np.nan]},), "contains NaN"),
        (({**REPORT, "rnn": [0.6, 0.6, 0.6]},), "were the weights drawn anew"),
        (({**REPORT, "rnn": [0.6, -0.4, 0.7]},), "never negative"),
        (({**REPORT, "winner": "rnn"},), "persistence has a smaller median"),
        (({**REPORT, "winner": "SimpleRNN"},), "must be one of persistence, rnn"),
        (({**REPORT, "conclusion": "persistence won"},), "conclusion is too short"),
    ],
}
