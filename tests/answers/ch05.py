"""Answers to the exercises of chapter 05: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, function, scan, sigmoid, split
from course_lib.cells import LSTMCell, SimpleRNNCell
from course_lib.layers import LSTM


def logistic(a):
    return 1 / (1 + np.exp(-a))


def update(i, f, g, o, c):
    """The LSTM as it should be; the mistakes below change it."""
    c = logistic(f) * c + logistic(i) * np.tanh(g)
    return logistic(o) * np.tanh(c), c


# --- 05.1 ------------------------------------------------------------------------------------


def lstm(update=update, order=(0, 1, 2, 3), bias=1, old_h=1, x=1):
    """A step whose `update` gets i, f, g, o before their squashing, and c."""

    def step(x_t, h, c, W_xh, W_hh, b_h):
        blocks = np.split(x * x_t @ W_xh + old_h * h @ W_hh + bias * b_h, 4, axis=1)
        return update(*(blocks[k] for k in order), c)

    return step


def one_gate_after_the_other(x_t, h, c, W_xh, W_hh, b_h):
    n = h.shape[1]
    both, W = np.hstack([x_t, h]), np.vstack([W_xh, W_hh])
    i, f, g, o = [both @ W[:, k * n : (k + 1) * n] + b_h[k * n : (k + 1) * n] for k in range(4)]
    cell = [
        [a / (1 + np.exp(-b)) + np.tanh(d) / (1 + np.exp(-e)) for a, b, d, e in zip(*row)]
        for row in zip(c, f, g, i)
    ]
    return [(np.tanh(cell) / (1 + np.exp(-o))).tolist(), cell]


def symbolic_lstm(x_t, h, c, W_xh, W_hh, b_h):
    i, f, g, o = split(T.dot(x_t, W_xh) + T.dot(h, W_hh) + b_h, 4, units=h.shape[1])
    c = sigmoid(f) * c + sigmoid(i) * T.tanh(g)
    return sigmoid(o) * T.tanh(c), c


def with_new(c_new, h_new=None):
    """An update from formulas in the squashed i, f, g, o and the old c."""

    def update(i, f, g, o, c):
        i, f, g, o = logistic(i), logistic(f), np.tanh(g), logistic(o)
        new = c_new(i, f, g, o, c)
        return (o * np.tanh(new) if h_new is None else h_new(o, new, c)), new

    return update


def keep(i, f, g, o, c):
    return f * c + i * g


def without_squashing(i, f, g, o, c):
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def candidate_by(squash):
    def update(i, f, g, o, c):
        c = logistic(f) * c + logistic(i) * squash(g)
        return logistic(o) * np.tanh(c), c

    return update


def all_tanh(i, f, g, o, c):
    c = np.tanh(f) * c + np.tanh(i) * np.tanh(g)
    return np.tanh(o) * np.tanh(c), c


def h_for_c(x_t, h, c, W_xh, W_hh, b_h):
    return update(*np.split(x_t @ W_xh + h @ W_hh + b_h, 4, axis=1), h)


def c_for_h(x_t, h, c, W_xh, W_hh, b_h):
    return lstm()(x_t, c, c, W_xh, W_hh, b_h)


# --- 05.2 ------------------------------------------------------------------------------------


def bias_by_bisection(half_life):
    low, high = -20.0, 20.0
    for _ in range(100):
        middle = (low + high) / 2
        if logistic(middle) ** half_life < 0.5:
            low = middle
        else:
            high = middle
    return middle


def bias(gate):
    return np.log(gate / (1 - gate))


# --- 05.3 ------------------------------------------------------------------------------------


def by_products(f):
    return [[np.prod(f[k + 1 :, j]) for j in range(f.shape[1])] for k in range(len(f))]


def by_cumprod(f):
    return np.vstack([np.cumprod(f[:0:-1], axis=0)[::-1], np.ones_like(f[:1])])


def by_theano(f):
    """The belt itself, differentiated."""
    gates, added = T.matrix(), T.matrix()
    belt = scan(lambda f, a, c: f * c + a, [gates, added], T.zeros_like(gates[0]))
    gradient = function([gates, added], T.grad(T.sum(belt[-1]), added))
    return gradient(f.astype("float32"), np.ones_like(f, dtype="float32"))


def by_sums(f):
    return [f[k + 1 :].sum(axis=0) for k in range(len(f) - 1)] + [np.ones(f.shape[1])]


# --- 05.4 ------------------------------------------------------------------------------------


def states(no_gate=1, with_gate=None, old_h=1, bias=1, result=lambda h, c: c, reset=False):
    """A loop with something instead of the forget gate; `result` gets all h and all c."""

    def cell_states(x, W_xh, W_hh, b_h, forget_gate):
        h, c, path = np.zeros(len(W_hh)), np.zeros(len(W_hh)), []
        for x_t in x:
            if reset:
                h, c = 0 * h, 0 * c
            i, f, g, o = np.split(x_t @ W_xh + old_h * h @ W_hh + bias * b_h, 4)
            instead = with_gate if forget_gate else no_gate
            f = logistic(f) if instead is None else instead
            c = f * c + logistic(i) * np.tanh(g)
            h = logistic(o) * np.tanh(c)
            path.append((h, c))
        return result(*map(np.array, zip(*path)))

    return cell_states


def open_by_its_bias(x, W_xh, W_hh, b_h, forget_gate):
    """Without a forget gate its weights are 0, and its bias is so large that it is open."""
    n = len(W_hh)
    W_xh, W_hh, b_h = W_xh.copy(), W_hh.copy(), b_h.copy()
    if not forget_gate:
        for part in (W_xh, W_hh, b_h):
            part[..., n : 2 * n] = 0
        b_h[n : 2 * n] = 50
    h = c = np.zeros((1, n))
    path = []
    for x_t in x[:, None]:
        h, c = lstm()(x_t, h, c, W_xh, W_hh, b_h)
        path.append(c[0])
    return path


def long_loop(steps):
    def resting_point(x_t, W_xh, b_h):
        units = len(b_h) // 4
        x = np.tile(x_t, (steps, 1))
        return states()(x, W_xh, np.zeros((units, 4 * units)), b_h, True)[-1]

    return resting_point


def rest(formula=lambda i, f, g, o: i * g / (1 - f)):
    def resting_point(x_t, W_xh, b_h):
        i, f, g, o = np.split(x_t @ W_xh + b_h, 4)
        return formula(logistic(i), logistic(f), np.tanh(g), logistic(o))

    return resting_point


# --- 05.5 ------------------------------------------------------------------------------------


def chrono(layer=None, time=lambda longest, u: 1 + (longest - 2) * u):
    """`layer` makes the bias of the layer from that of the forget gates and zeros."""
    layer = layer or (lambda b, zeros: np.concatenate([-b, b, zeros, zeros]))
    return lambda longest, u: layer(np.log(time(longest, u)), np.zeros(len(u)))


def chrono_by_loop(longest, u):
    n = len(u)
    result = np.zeros(4 * n, dtype="float32")
    for k, share in enumerate(u):
        result[n + k] = np.log((1 - share) * 1 + share * (longest - 1))
        result[k] = -result[n + k]
    return result


# --- 05.6 ------------------------------------------------------------------------------------


class SeesItsCell(LSTMCell):
    """Gates that see c, by weights of their own."""

    def build(self, features):
        super().build(features)
        self.peephole = self.b_h[: self.units] + 1

    def step(self, xp_t, h, c, W_hh):
        i, f, g, o = split(xp_t + T.dot(h, W_hh), 4, self.units)
        i, f, o = (sigmoid(gate + self.peephole * c) for gate in (i, f, o))
        c = f * c + i * T.tanh(g)
        return (o * T.tanh(c), c), (i, f)


class ThreeBlocks(LSTMCell):
    """An LSTM without an output gate, in three blocks of columns."""

    gates = 3

    def initial_bias(self, rng):
        return np.zeros(3 * self.units)

    def step(self, xp_t, h, c, W_hh):
        i, f, g = split(xp_t + T.dot(h, W_hh), 3, self.units)
        c = sigmoid(f) * c + sigmoid(i) * T.tanh(g)
        return [T.tanh(c), c], []


class SameAsBefore(LSTMCell):
    def step(self, xp_t, h, c, W_hh):
        i, f, g, o = split(T.dot(h, W_hh) + xp_t, 4, self.units)
        c = sigmoid(i) * T.tanh(g) + sigmoid(f) * c
        return [sigmoid(o) * T.tanh(c), c], []


def cell(result):
    """A cell class whose step returns result(h, c)."""

    class Cell(LSTMCell):
        def step(self, xp_t, h, c, W_hh):
            return result(h, c)

    return Cell


REPORT = {
    "prediction": "it learns more slowly because nothing is hidden",
    "task": "TemporalOrder(20)",
    "losses": {"LSTM": [0.2, 0.1, 0.3], "mine": [0.1, 0.5, 0.4]},
    "winner": "LSTM",
    "conclusion": "as I expected it is slower, but one of the three seeds was faster",
}

WON = {**REPORT, "winner": "mine", "losses": {"LSTM": [3, 2, 4], "mine": np.array([1, 0, 2.0])}}


def own(**changes):
    return ThreeBlocks, {**REPORT, **changes}


RIGHT = {
    "05.1": [lstm(), one_gate_after_the_other, symbolic_lstm],
    "05.2": [
        bias_by_bisection,
        lambda n: -np.log(2 ** (1 / n) - 1),
        lambda n: T.log(T.pow(0.5, 1 / n)) - T.log(1 - T.pow(0.5, 1 / n)),
    ],
    "05.3": [by_products, by_cumprod, by_theano],
    "05.4": [
        (states(), rest()),
        (open_by_its_bias, long_loop(2000)),
        (states(), lambda x, W, b: rest()(x.astype("float64"), W, b).tolist()),
    ],
    "05.5": [chrono(), chrono_by_loop],
    "05.6": [own(), (SeesItsCell, WON)],
}

MISTAKES = {
    "05.1": [
        (lambda *a: lstm()(*a)[::-1], "yours come the other way round"),
        (lstm(order=(1, 0, 2, 3)), "input gate and forget gate are swapped"),
        (lstm(order=(0, 1, 3, 2)), "candidate and output gate are swapped"),
        (lstm(order=(0, 3, 2, 1)), "forget gate and output gate are swapped"),
        (lstm(order=(0, 2, 1, 3)), "forget gate and candidate are swapped"),
        (lstm(bias=0), "the bias is forgotten"),
        (lstm(old_h=0), "the old h is forgotten"),
        (lstm(x=0), "the input is forgotten"),
        (c_for_h, "the old c goes into the gates"),
        (h_for_c, "the old h is taken for the belt"),
        (lstm(with_new(keep, lambda o, new, c: o * new)), "the tanh of the cell state"),
        (lstm(with_new(keep, lambda o, new, c: o * np.tanh(c))), "made from the old c"),
        (lstm(lambda *a: (update(*a)[0], np.tanh(update(*a)[1]))), "the tanh is for h alone"),
        (lstm(candidate_by(lambda g: g)), "the candidate lacks its tanh"),
        (lstm(candidate_by(logistic)), "not a sigmoid"),
        (lstm(without_squashing), "the gates lack their sigmoid"),
        (lstm(all_tanh), "squashed by tanh"),
        (lstm(with_new(lambda i, f, g, o, c: f * c + g)), "the input gate is missing"),
        (lstm(with_new(lambda i, f, g, o, c: c + i * g)), "the forget gate is missing"),
        (lstm(with_new(keep, lambda o, new, c: np.tanh(new))), "the output gate is missing"),
        (lstm(with_new(lambda i, f, g, o, c: f * (c + i * g))), "what is new must not pass"),
        (lstm(with_new(lambda i, f, g, o, c: i * g)), "the old c is forgotten"),
        (lstm(with_new(lambda i, f, g, o, c: f * c + (1 - f) * g)), "1 - f stands where"),
        (lambda *a: lstm()(*a)[0], "2 results are asked for (h, c)"),
        (lambda x, h, c, W, U, b: np.split(x @ W + h @ U + b, 4), "stops with ValueError"),
    ],
    "05.2": [
        (lambda n: 0.5 ** (1 / n), "which bias makes it"),
        (lambda n: -bias(0.5 ** (1 / n)), "the sign is turned"),
        (lambda n: np.log(0.5) / n, "undo the sigmoid"),
        (lambda n: bias(np.exp(-1 / n)), "1/e is left"),
        (lambda n: np.log(n), "the bias ln u of chrono"),
        (lambda n: np.log(2) / -np.log(logistic(n)), "you are given the half-life"),
        (lambda n: bias(0.5), "after a single step"),
        (lambda n: bias(0.5**n), "the root that is asked for"),
        (lambda n: bias(1 - 0.5 / n), "the same amount off the belt"),
        (lambda n: bias(1 - 1 / n), "this gate is 1 - 1 / half_life"),
    ],
    "05.3": [
        (lambda f: np.cumprod(f[::-1], axis=0)[::-1], "one gate too many"),
        (lambda f: np.vstack([by_cumprod(f)[1:], np.ones_like(f[:1])]), "one gate is missing"),
        (lambda f: np.cumprod(f, axis=0), "from the first step on"),
        (lambda f: by_cumprod(f)[::-1], "stand backward in time"),
        (by_sums, "you add them up"),
        (lambda f: np.vstack([f[1:], np.ones_like(f[:1])]), "by the next state only"),
        (lambda f: np.ones_like(f) * f.prod(axis=0), "for every step"),
        (lambda f: f.prod(axis=0), "one for each step k is asked for"),
        (lambda f: by_cumprod(f)[:-1], "the last row is missing"),
        (lambda f: [row ** (len(f) - 1 - k) for k, row in enumerate(f)], "the power of one gate"),
    ],
    "05.4": [
        ((states(no_gate=None, with_gate=1), rest()), "turn it round"),
        ((states(no_gate=None), rest()), "the gate still forgets"),
        ((states(no_gate=0), rest()), "the old c is wiped"),
        ((states(no_gate=0.5), rest()), "yours is one half"),
        ((states(result=lambda h, c: h), rest()), "these are the hidden states"),
        ((states(result=lambda h, c: c[-1]), rest()), "only the last cell state"),
        ((states(reset=True), rest()), "reset at each step"),
        ((states(result=lambda h, c: np.vstack([0 * c[:1], c])), rest()), "the start state"),
        ((states(bias=0), rest()), "the bias is forgotten"),
        ((states(old_h=0), rest()), "h does not come back in"),
        ((states(), long_loop(1)), "after 1 equal step:"),
        ((states(), long_loop(20)), "after 20 equal steps:"),
        ((states(), rest(lambda i, f, g, o: np.tanh(i * g / (1 - f)))), "this is tanh of"),
        ((states(), rest(lambda i, f, g, o: o * np.tanh(i * g / (1 - f)))), "this is h at"),
        ((states(), rest(lambda i, f, g, o: i * g / f)), "you divide by f"),
        ((states(), rest(lambda i, f, g, o: i * g / (1 + f))), "you divide by 1 + f"),
        ((states(), rest(lambda i, f, g, o: i * g / (1 - i))), "you divide by 1 - i"),
        ((states(), rest(lambda i, f, g, o: g / (1 - f))), "the input gate is forgotten"),
        ((states(), rest(lambda i, f, g, o: i / (1 - f))), "the candidate is forgotten"),
        ((states(), rest(lambda i, f, g, o: i * g * (1 - f))), "but multiplied"),
    ],
    "05.5": [
        (chrono(lambda b, o: np.concatenate([b, -b, o, o])), "forget gate are swapped"),
        (chrono(lambda b, o: np.concatenate([b, b, o, o])), "the sign of the input gate's bias"),
        (chrono(lambda b, o: np.concatenate([o, b, o, o])), "of the input gate is forgotten"),
        (
            chrono(lambda b, o: np.concatenate([-np.exp(b), np.exp(b), o, o])),
            "logarithm is missing",
        ),
        (chrono(time=lambda longest, u: 1 + (longest - 1) * u), "yours ends at T"),
        (chrono(time=lambda longest, u: (longest - 1) * u), "yours begins at 0"),
        (chrono(time=lambda longest, u: longest * u), "from 0 to T"),
        (chrono(time=lambda longest, u: (longest - 2) * u), "from 0 to T - 2"),
        (chrono(time=lambda longest, u: longest * u + 1), "from 1 to T + 1"),
        (chrono(time=lambda longest, u: u), "u is not spread"),
        (chrono(time=lambda longest, u: longest + 0 * u), "a time of its own"),
        (chrono(lambda b, o: np.concatenate([-b, o, b, o])), "input, forget, candidate, output"),
        (chrono(lambda b, o: np.concatenate([-b, o, o, b])), "input first, then forget"),
        (chrono(lambda b, o: np.concatenate([-b, b, o, b])), "the output gates get a bias"),
        (chrono(lambda b, o: np.ravel([-b, b, o, o], order="F")), "unit by unit"),
        (chrono(lambda b, o: b), "these are the forget gates alone"),
        (chrono(lambda b, o: np.concatenate([-b, b])), "input and forget gates alone"),
        (chrono(lambda b, o: np.array([-b, b, o, o])), "stand in rows"),
    ],
    "05.6": [
        ((LSTM, REPORT), "a class made from LSTMCell"),
        ((SimpleRNNCell, REPORT), "a class made from LSTMCell"),
        ((ThreeBlocks(3), REPORT), "a class made from LSTMCell"),
        ((SameAsBefore, REPORT), "the same as the LSTM"),
        ((LSTMCell, REPORT), "the same as the LSTM"),
        ((cell(lambda h, c: [h, c, []]), REPORT), "must return two lists"),
        ((cell(lambda h, c: ([h], [c])), REPORT), "must be the new states [h, c]"),
        ((cell(lambda h, c: ([h.T, c], [])), REPORT), "the new h must have shape"),
        ((cell(lambda h, c: ([h, c.sum()], [])), REPORT), "the new c must have shape"),
        ((cell(lambda h, c: ([h, T.log(-abs(c))], [])), REPORT), "contains NaN"),
        ((cell(lambda h, c: ([h, c + T.matrix()], [])), REPORT), "cannot be computed"),
        ((cell(lambda h, c: T.no_such_thing), REPORT), "stops with AttributeError"),
        (own(prediction="better"), "the prediction is too short"),
        (own(task=20), "the task must be a text"),
        (own(losses=[0.1, 0.2, 0.3]), "also for LSTM"),
        (own(losses={"mine": [1, 2, 3], "other": [1, 2, 3]}), "also for LSTM"),
        (own(losses={**REPORT["losses"], "mine": [0.1, 0.2]}), "at least 3 numbers"),
        (own(losses={**REPORT["losses"], "mine": [0.1, -0.2, 0.3]}), "must be 0 or more"),
        (own(losses={**REPORT["losses"], "mine": [0.1, 0.2, 0.1]}), "another seed for each"),
        (own(winner="mine"), "LSTM has a smaller median"),
        (own(winner="GRU"), "must be one of LSTM, mine"),
        (own(conclusion="it was slower"), "the conclusion is too short"),
    ],
}
