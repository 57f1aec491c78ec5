"""Answers to the exercises of chapter 06: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, sigmoid, split
from course_lib.layers import GRU, LSTM, SimpleRNN
from course_lib.models import Sequential


# 06.1
def symbolic_after(x_t, h, W_xh, W_hh, b_h):
    x_z, x_r, x_h = split(T.dot(x_t, W_xh) + b_h[0], 3, units=h.shape[1])
    h_z, h_r, h_h = split(T.dot(h, W_hh) + b_h[1], 3, units=h.shape[1])
    z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
    return z * h + (1 - z) * T.tanh(x_h + r * h_h)


def symbolic_before(x_t, h, W_xh, W_hh, b_h):
    n = h.shape[1]
    gates = sigmoid(T.dot(x_t, W_xh[:, : 2 * n]) + T.dot(h, W_hh[:, : 2 * n]) + b_h[: 2 * n])
    z, r = gates[:, :n], gates[:, n:]
    candidate = T.dot(x_t, W_xh[:, 2 * n :]) + T.dot(r * h, W_hh[:, 2 * n :]) + b_h[2 * n :]
    return T.tanh(candidate) + z * (h - T.tanh(candidate))


def one_sample_at_a_time(x_t, h, W_xh, W_hh, b_h):
    """After the product, in lists."""
    n, rows = h.shape[1], []
    for x, old in zip(x_t, h):
        a, b = x @ W_xh + b_h[0], old @ W_hh + b_h[1]
        z, r = np.split(1 / (1 + np.exp(-(a + b)[: 2 * n])), 2)
        rows.append(list(z * old + (1 - z) * np.tanh(a[2 * n :] + r * b[2 * n :])))
    return rows


# 06.2
def count_by_a_layer(cell, features, units):
    layer = {"RNN": SimpleRNN, "LSTM": LSTM}.get(cell, GRU)
    options = {"reset_after": False} if cell == "GRU before" else {}
    return Sequential([layer(units, input_shape=(None, features), **options)]).count_params()


def by_formula(floor=int):
    """The positive root of k n^2 + (k (m + 1) + second) n = budget."""

    def largest_units(cell, m, budget):
        k = {"RNN": 1, "LSTM": 4}.get(cell, 3)
        b = k * (m + 1) + 3 * (cell == "GRU")
        return floor((np.sqrt(b * b + 4 * k * budget) - b) / (2 * k) + 1e-9)

    return largest_units


# 06.3
def leaky(W_xh=(0, 0, 1), W_hh=(0, 0, 0), rows=lambda b: [[b, 0, 0], [0, 0, 0]]):
    """Weights of a leaky average; `rows` makes b_h from the bias of the update gate."""
    return lambda steps: ([W_xh], [W_hh], rows(np.log(steps - 1)))


# 06.4
def row_by_row(p):
    """The rows of the paper one below the other, in Keras's order, and all of it turned round."""
    signs = [(-1, "_z"), (1, "_r"), (1, "")]
    return [
        np.array([sign * row for sign, name in signs for row in p[kind + name]]).T for kind in "WUb"
    ]


# 06.5
def by_rows(W_xh, W_hh, b_h):
    """Rows picked by number; the biases of r and z in the first of the two."""
    n = len(W_hh)
    rows = [*range(n, 2 * n), *range(n), *range(2 * n, 3 * n)]
    b_ih, b_hh = b_h[0, rows].copy(), b_h[1, rows].copy()
    b_ih[: 2 * n] += b_hh[: 2 * n]
    b_hh[: 2 * n] = 0
    weights = {"weight_ih_l0": W_xh.T[rows].tolist(), "weight_hh_l0": W_hh.T[rows]}
    return {**weights, "bias_ih_l0": b_ih.astype("float64"), "bias_hh_l0": b_hh}


def without(name):
    return lambda *own: {key: part for key, part in by_rows(*own).items() if key != name}


# 06.6
REPORT = {
    "prediction": "the GRU needs fewer steps than the LSTM",
    "task": "TemporalOrder(20)",
    "parameters": {"GRU": 1000, "LSTM": 1100},
    "scores": {"GRU": [100, 100, 150], "LSTM": [200, 150, 75]},
    "winner": "GRU",
    "conclusion": "as I expected, but one of the seeds of the LSTM was the fastest",
}
LOSSES = {"a": [0.5, 0.1, 0.2], "b": np.array([0.1, 0.3, 0.05]), "c": [0.9, 0.8, 0.7, 0.6]}
THREE = {"winner": "b", "scores": LOSSES, "parameters": dict(zip("abc", np.array([100, 101, 125])))}


def own(**changes):
    return ({**REPORT, **changes},)


RIGHT = {
    "06.1": [(symbolic_after, symbolic_before), (one_sample_at_a_time, symbolic_before)],
    "06.2": [(count_by_a_layer, by_formula()), (count_by_a_layer, by_formula(np.floor))],
    "06.3": [
        leaky(rows=lambda b: [[0, 0, 0], [b, 0, 0]]),
        leaky(rows=lambda b: [[b / 2, 0, 0], [b / 2, 0, 0]]),
        leaky(W_hh=(0, 0, 1), rows=lambda b: [[b, -40, 0], [0, 0, 0]]),
    ],
    "06.4": [row_by_row],
    "06.5": [by_rows],
    "06.6": [own(), own(**THREE)],
}

MISTAKES = {
    "06.1": [
        ((lambda *a: symbolic_before(*a[:4], sum(a[4])), symbolic_before), "before the product"),
        ((lambda *a: one_sample_at_a_time(*a[:4], a[4][::-1]), symbolic_before), "are swapped"),
        ((lambda *a: one_sample_at_a_time(*a)[:1], symbolic_before), "must have shape"),
        (
            (symbolic_after, lambda *a: symbolic_after(*a[:4], [a[4], 0 * a[4]])),
            "after the product",
        ),
        ((symbolic_after, one_sample_at_a_time), "step_before is"),
    ],
    "06.2": [
        ((lambda cell, *a: count_by_a_layer(cell[:3], *a), by_formula()), "only the default GRU"),
        ((lambda *a: count_by_a_layer(*a) - a[1], by_formula()), "but should be"),
        ((count_by_a_layer, lambda *a: by_formula()(*a) + 1), "is too large"),
        ((count_by_a_layer, lambda *a: by_formula()(*a) - 1), "is too small"),
        ((count_by_a_layer, by_formula(lambda n: n)), "one whole number of units"),
        ((count_by_a_layer, lambda *a: [1, 2]), "one whole number of units"),
    ],
    "06.3": [
        (leaky(W_xh=(0, 0, 0)), "the state stays at 0"),
        (leaky(W_xh=(1, 0, 1)), "the input reaches the update gate"),
        (leaky(W_xh=(0, 0, 2)), "with another weight than 1"),
        (leaky(W_hh=(1, 0, 0)), "the old state reaches the update gate"),
        (leaky(W_hh=(0, 0, 1)), "the old state reaches the candidate"),
        (leaky(rows=lambda b: [[b, 0, 1], [0, 0, 0]]), "the candidate has a bias"),
        (leaky(rows=lambda b: [[0, b, 0], [0, 0, 0]]), "at one half"),
        (leaky(rows=lambda b: [[7, 0, 0], [0, 0, 0]]), "your unit keeps 0.9991"),
        (leaky(rows=lambda b: [b, 0, 0]), "b_h must have shape (2, 3)"),
        (lambda steps: leaky()(steps)[:2], "return three arrays"),
    ],
    "06.4": [
        (lambda p: [-part for part in row_by_row(p)], "but should be"),
        (lambda p: [part.T for part in row_by_row(p)], "(is it transposed?)"),
        (lambda p: row_by_row(p)[:2], "return 3 results"),
        (lambda p: row_by_row({"W_z": p["W_z"]}), "your function stops with KeyError"),
        (lambda p: row_by_row({k: a.T if "U" in k else a for k, a in p.items()}), "the U are"),
    ],
    "06.5": [
        (without("bias_hh_l0"), "your dict has no 'bias_hh_l0'"),
        (lambda *own: list(by_rows(*own).values()), "return a dict of four arrays"),
        (lambda *own: {**by_rows(*own), "weight_ih_l0": own[0]}, "weight_ih_l0 must have shape"),
        (lambda *own: {**by_rows(*own), "bias_ih_l0": own[2]}, "bias_ih_l0 must have shape"),
        (lambda x, h, b: by_rows(x, h, b[::-1]), "the two biases are swapped"),
    ],
    "06.6": [
        (("my report",), "must be a dict"),
        (own(prediction="GRU wins"), "the prediction is too short"),
        (own(task=20), "the task must be a text"),
        (own(parameters=[1000, 1100]), "must have the same names"),
        (own(scores={"GRU": [1, 2, 3]}), "must be a dict of at least 2 lists"),
        (own(scores={"GRU": [1, 2, 3], "RNN": [1, 2, 3]}), "must have the same names"),
        (own(parameters={"GRU": 1000, "LSTM": 1400}), "no fair contest"),
        (own(parameters={"GRU": 10.5, "LSTM": 11}), "a whole number above 0"),
        (own(scores={"GRU": [300] * 3, "LSTM": [300] * 3}), "all scores are equal"),
        (own(winner="LSTM"), "GRU has a smaller median"),
        (own(winner="IRNN"), "must be one of GRU, LSTM"),
        (own(conclusion="the GRU won"), "the conclusion is too short"),
    ],
}
