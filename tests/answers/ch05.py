"""Answers to the exercises of chapter 05: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, function, scan, sigmoid, split
from course_lib.cells import CoupledLSTMCell, LSTMCell, PeepholeLSTMCell, SimpleRNNCell


# 05.1
def one_gate_after_the_other(x_t, h, c, W_xh, W_hh, b_h):
    n = h.shape[1]
    both, W = np.hstack([x_t, h]), np.vstack([W_xh, W_hh])
    i, f, g, o = [both @ W[:, k * n : (k + 1) * n] + b_h[k * n : (k + 1) * n] for k in range(4)]
    c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
    return [(np.tanh(c) / (1 + np.exp(-o))).tolist(), c.tolist()]


def symbolic_lstm(x_t, h, c, W_xh, W_hh, b_h):
    i, f, g, o = split(T.dot(x_t, W_xh) + T.dot(h, W_hh) + b_h, 4, units=h.shape[1])
    c = sigmoid(f) * c + sigmoid(i) * T.tanh(g)
    return sigmoid(o) * T.tanh(c), c


# 05.2
def bias_by_bisection(half_life):
    low, high = -20.0, 20.0
    for _ in range(100):
        middle = (low + high) / 2
        enough = (1 + np.exp(-middle)) ** -half_life >= 0.5
        low, high = (low, middle) if enough else (middle, high)
    return middle


# 05.3
def by_products(f):
    return [[np.prod(f[k + 1 :, j]) for j in range(f.shape[1])] for k in range(len(f))]


def by_theano(f):
    """The belt itself, differentiated."""
    gates, added = T.matrix(), T.matrix()
    belt = scan(lambda f, a, c: f * c + a, [gates, added], T.zeros_like(gates[0]))
    return function([gates, added], T.grad(T.sum(belt[-1]), added))(f, np.ones_like(f))


# 05.4
def open_by_its_bias(x, W_xh, W_hh, b_h, forget_gate):
    """Without a forget gate its weights are 0, and its bias is so large that it is open."""
    n = len(W_hh)
    kept = np.repeat([1, forget_gate, 1, 1], n)
    own = W_xh * kept, W_hh * kept, np.where(kept, b_h, 50)
    path = [np.zeros((2, 1, n))]
    for x_t in x[:, None]:
        path.append(np.array(one_gate_after_the_other(x_t, *path[-1], *own)))
    return np.array(path)[1:, 1, 0]


def long_loop(steps):
    def resting_point(x_t, W_xh, b_h):
        n = len(b_h) // 4
        x, W_hh = np.tile(x_t, (steps, 1)), np.zeros((n, 4 * n))
        return open_by_its_bias(x, W_xh, W_hh, b_h, True)[-1]

    return resting_point


# 05.5
def chrono_by_loop(longest, u):
    n = len(u)
    result = np.zeros(4 * n, dtype="float32")
    for k, share in enumerate(u):
        result[n + k] = np.log((1 - share) * 1 + share * (longest - 1))
        result[k] = -result[n + k]
    return result


# 05.6
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
    return CoupledLSTMCell, {**REPORT, **changes}


RIGHT = {
    "05.1": [one_gate_after_the_other, symbolic_lstm],
    "05.2": [bias_by_bisection, lambda n: -T.log(T.pow(2, 1 / n) - 1)],
    "05.3": [by_products, by_theano],
    "05.4": [(open_by_its_bias, long_loop(2000))],
    "05.5": [chrono_by_loop],
    "05.6": [own(), (PeepholeLSTMCell, WON), (cell(lambda h, c: ((h + c, c), ())), WON)],
}

MISTAKES = {
    "05.1": [
        (lambda *a: symbolic_lstm(*a)[::-1], "yours are swapped"),
        (lambda x, h, c, *own: symbolic_lstm(x, h, h, *own), "you put the old h on the belt"),
        (lambda *a: one_gate_after_the_other(*a)[0], "return 2 results (h, c)"),
        (lambda x, h, c, W, U, b: np.split(x @ W + h @ U + b, 4), "stops with ValueError"),
    ],
    "05.2": [
        (lambda n: 1 / (1 + np.exp(-bias_by_bisection(n))), "which bias gives it"),
        (lambda n: -bias_by_bisection(n), "the sign is wrong"),
        (lambda n: bias_by_bisection(2 * n), "but should be"),
    ],
    "05.3": [
        (lambda f: by_theano(f) * f, "one gate too many"),
        (lambda f: by_products(f)[:-1], "the last row is missing"),
        (lambda f: np.transpose(by_products(f)), "(is it transposed?)"),
    ],
    "05.4": [
        ((lambda *a: open_by_its_bias(*a[:4], True), long_loop(2000)), "the gate still forgets"),
        ((lambda *a: open_by_its_bias(*a[:4], False), long_loop(2000)), "swap the two"),
        ((open_by_its_bias, long_loop(1)), "after 1 identical step:"),
        ((open_by_its_bias, long_loop(20)), "after 20 identical steps:"),
        ((open_by_its_bias, lambda *a: 2 * long_loop(2000)(*a)), "but should be"),
        ((open_by_its_bias, lambda *a: long_loop(2000)(*a)[:1]), "must have shape"),
    ],
    "05.5": [
        (lambda longest, u: -chrono_by_loop(longest, u), "forget gate are swapped"),
        (lambda longest, u: abs(chrono_by_loop(longest, u)), "the sign of the input gate's bias"),
        (lambda longest, u: chrono_by_loop(longest + 1, u), "yours ends at T"),
        (lambda longest, u: chrono_by_loop(longest, 1 - u), "but should be"),
    ],
    "05.6": [
        ((SimpleRNNCell, REPORT), "a subclass of LSTMCell"),
        ((CoupledLSTMCell(3), REPORT), "a subclass of LSTMCell"),
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
        (own(losses={"mine": [1, 2, 3], "other": [1, 2, 3]}), "also for LSTM"),
        (own(losses={**REPORT["losses"], "mine": [0.1, 0.2, 0.1]}), "a different seed for each"),
        (own(winner="mine"), "LSTM has a smaller median"),
        (own(conclusion="it was slower"), "the conclusion is too short"),
    ],
}
