"""Answers to the exercises of chapter 06: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib import interop
from course_lib.backend import T, sigmoid, split
from course_lib.layers import GRU, LSTM, SimpleRNN
from course_lib.models import Sequential


def logistic(a):
    return 1 / (1 + np.exp(-a))


# --- 06.1 ------------------------------------------------------------------------------------


def mix(z, h, pre):
    """The new state, as it should be; the mistakes below change it."""
    return z * h + (1 - z) * np.tanh(pre)


def after(mix=mix, order=(0, 1, 2), inside=lambda r, x, h: x + r * h, rows=((1, 0), (0, 1)), x=1):
    """A step; `inside` gets the reset gate and what comes from input and state."""

    def step(x_t, h, W_xh, W_hh, b_h):
        b_x, b_r = np.array(rows) @ b_h
        from_x, from_h = np.split(x * x_t @ W_xh + b_x, 3, 1), np.split(h @ W_hh + b_r, 3, 1)
        (x_z, x_r, x_h), (h_z, h_r, h_h) = ([part[k] for k in order] for part in (from_x, from_h))
        z, r = logistic(x_z + h_z), logistic(x_r + h_r)
        return mix(z, h, inside(r, x_h, h_h))

    return step


def before(mix=mix, order=(0, 1, 2), inside=lambda r, x, h, W: x + (r * h) @ W, bias=1, x=1):
    def step(x_t, h, W_xh, W_hh, b_h):
        from_x, W = np.split(x * x_t @ W_xh + bias * b_h, 3, 1), np.split(W_hh, 3, 1)
        (x_z, x_r, x_h), (W_z, W_r, W_h) = ([part[k] for k in order] for part in (from_x, W))
        z, r = logistic(x_z + h @ W_z), logistic(x_r + h @ W_r)
        return mix(z, h, inside(r, x_h, h, W_h))

    return step


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


def one_sample_at_a_time(step):
    return lambda x, h, *own: [step(x[i : i + 1], h[i : i + 1], *own)[0] for i in range(len(x))]


def product_after(x_t, h, W_xh, W_hh, b_h):
    return after()(x_t, h, W_xh, W_hh, np.stack([b_h, 0 * b_h]))


def product_before(x_t, h, W_xh, W_hh, b_h):
    """The recurrent bias outside the product, as it would have to be."""
    n = h.shape[1]
    shared = np.append((b_h[0] + b_h[1])[: 2 * n], b_h[0, 2 * n :])
    return before(inside=lambda r, x, h, W: x + (r * h) @ W + b_h[1, 2 * n :])(
        x_t, h, W_xh, W_hh, shared
    )


def blind(step):
    return lambda x, h, W_xh, W_hh, b: step(x, h, W_xh, 0 * W_hh, b)


# --- 06.2 ------------------------------------------------------------------------------------


def count(blocks=(1, 3, 3, 4), recurrent=1, kernel=1, bias=1, second=lambda cell, n: 3 * n):
    """Counts with parts left out; `second` says what the second bias row adds."""

    def count_parameters(cell, m, n):
        k = dict(zip(["RNN", "GRU", "GRU before", "LSTM"], blocks))[cell]
        total = k * (kernel * m * n + recurrent * n * n + bias * n)
        return total + second(cell, n) * (cell == "GRU")

    return count_parameters


def count_by_a_layer(cell, features, units):
    layer = {"RNN": SimpleRNN, "LSTM": LSTM}.get(cell, GRU)
    options = {"reset_after": False} if cell == "GRU before" else {}
    return Sequential([layer(units, input_shape=(None, features), **options)]).count_params()


def by_loop(change=0, limit=lambda budget: budget):
    def largest_units(cell, features, budget):
        fits = [n for n in range(1, 400) if count()(cell, features, n) <= limit(budget)]
        return max(fits) + change

    return largest_units


def by_formula(floor=int):
    """The positive root of k n^2 + (k (m + 1) + second) n = budget."""

    def largest_units(cell, m, budget):
        k = {"RNN": 1, "LSTM": 4}.get(cell, 3)
        b = k * (m + 1) + 3 * (cell == "GRU")
        return floor((np.sqrt(b * b + 4 * k * budget) - b) / (2 * k) + 1e-9)

    return largest_units


# --- 06.3 ------------------------------------------------------------------------------------


def leaky(
    bias=lambda steps: np.log(steps - 1), W_xh=(0, 0, 1), W_hh=(0, 0, 0), place=(0, 0), b_h=0.0
):
    """Weights of a leaky average; `bias` stands at `place`, and b_h is the candidate's."""

    def leaky_average(steps):
        biases = np.zeros((2, 3))
        biases[place] = bias(steps)
        biases[0, 2] += b_h
        return np.array([W_xh]), np.array([W_hh]), biases

    return leaky_average


def logit(gate):
    return np.log(gate / (1 - gate))


def in_both_rows(steps):
    W_xh, W_hh, b_h = leaky()(steps)
    return [W_xh.tolist(), W_hh.tolist(), (b_h[::-1] / 2 + b_h / 2).tolist()]


def with_a_closed_reset_gate(steps):
    return leaky(W_hh=(0, 0, 1))(steps)[0], [[0, 0, 1]], [[np.log(steps - 1), -40, 0], [0, 0, 0]]


def twice(steps):
    W_xh, W_hh, b_h = leaky()(steps)
    return W_xh, W_hh, b_h[[0, 0]]


# --- 06.4 ------------------------------------------------------------------------------------


def convert(W=(-1, 1, 1), U=(-1, 1, 1), b=(-1, 1, 1), names=("_z", "_r", ""), turn=np.transpose):
    """Signs of the three kinds of arrays, and the order of the blocks."""

    def from_paper(paper):
        return (
            np.hstack([sign * paper["W" + name].T for sign, name in zip(W, names)]),
            np.hstack([sign * turn(paper["U" + name]) for sign, name in zip(U, names)]),
            np.hstack([sign * paper["b" + name] for sign, name in zip(b, names)]),
        )

    return from_paper


def converted_block_by_block(p):
    features, units = p["W"].shape[1], len(p["b"])
    W_xh, W_hh = np.zeros((features, 3 * units)), np.zeros((units, 3 * units))
    b_h = np.zeros(3 * units)
    for k, name in enumerate(["_z", "_r", ""]):
        for i in range(units):
            column = k * units + i
            W_xh[:, column], W_hh[:, column] = p["W" + name][i], p["U" + name][i]
            b_h[column] = p["b" + name][i]
    for part in (W_xh, W_hh, b_h):
        part[..., :units] *= -1
    return [W_xh, W_hh, b_h]


def one_minus(p):
    p = {name: 1 - part if "_z" in name else part for name, part in p.items()}
    return convert((1, 1, 1), (1, 1, 1), (1, 1, 1))(p)


PLUS = (1, 1, 1)


def signs(*three):
    return convert(three, three, three)


# --- 06.5 ------------------------------------------------------------------------------------

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def torch(
    order=(1, 0, 2), bias_order=None, biases=lambda b_ih, b_hh: (b_ih, b_hh), turn=np.transpose
):
    """A conversion; `biases` gets the two biases and returns those of the result."""

    def reorder(a, order):
        return np.concatenate([np.split(a, 3, axis=1)[k] for k in order], axis=1)

    def to_torch(W_xh, W_hh, b_h):
        rows = biases(*reorder(b_h, bias_order or order))
        arrays = [reorder(W_xh, order).T, turn(reorder(W_hh, order)), *rows]
        return dict(zip(NAMES, arrays))

    return to_torch


def by_rows(W_xh, W_hh, b_h):
    """Rows picked by number; the biases of r and z in the first of the two."""
    n = len(W_hh)
    rows = [*range(n, 2 * n), *range(n), *range(2 * n, 3 * n)]
    b_ih, b_hh = b_h[0, rows].copy(), b_h[1, rows].copy()
    b_ih[: 2 * n] += b_hh[: 2 * n]
    b_hh[: 2 * n] = 0
    return dict(zip(NAMES, (W_xh.T[rows].tolist(), W_hh.T[rows], b_ih.astype("float64"), b_hh)))


def checked_by_from_torch(W_xh, W_hh, b_h):
    """The right answer, after a way there and back."""
    result = torch()(W_xh, W_hh, b_h)
    model = Sequential([GRU(len(W_hh), input_shape=(None, len(W_xh)))])
    interop.from_torch(model.layers[0], result)
    return torch()(*model.get_weights())


def without(name):
    return lambda *own: {key: part for key, part in torch()(*own).items() if key != name}


def negated(W_xh, W_hh, b_h):
    sign = np.repeat([-1, 1, 1], len(W_hh))
    return torch()(sign * W_xh, sign * W_hh, sign * b_h)


def reshaped(W_xh, W_hh, b_h):
    arrays = torch()(W_xh, W_hh, b_h)
    own = {"weight_ih_l0": W_xh.reshape(-1, len(W_xh)), "weight_hh_l0": W_hh.reshape(-1, len(W_hh))}
    return {**arrays, **own}


def blocks_not_transposed(W_hh):
    return np.vstack(np.split(W_hh, 3, axis=1))


# --- 06.6 ------------------------------------------------------------------------------------

REPORT = {
    "prediction": "the GRU needs fewer steps than the LSTM",
    "task": "TemporalOrder(20)",
    "parameters": {"GRU": 1000, "LSTM": 1100},
    "scores": {"GRU": [100, 100, 150], "LSTM": [200, 150, 75]},
    "winner": "GRU",
    "conclusion": "as I expected, but one of the seeds of the LSTM was the fastest",
}
LOSSES = {"a": [0.5, 0.1, 0.2], "b": np.array([0.1, 0.3, 0.05]), "c": [0.9, 0.8, 0.7, 0.6]}


def own(**changes):
    return ({**REPORT, **changes},)


RIGHT = {
    "06.1": [
        (after(), before()),
        (symbolic_after, symbolic_before),
        (one_sample_at_a_time(after()), one_sample_at_a_time(before())),
    ],
    "06.2": [
        (count(), by_loop()),
        (count_by_a_layer, by_formula()),
        (count(), by_formula(np.floor)),
    ],
    "06.3": [
        leaky(),
        leaky(place=(1, 0)),
        leaky(lambda steps: logit(1 - 1 / steps)),
        in_both_rows,
        with_a_closed_reset_gate,
    ],
    "06.4": [convert(), converted_block_by_block],
    "06.5": [torch(), by_rows, checked_by_from_torch],
    "06.6": [
        own(),
        own(winner="b", scores=LOSSES, parameters=dict(zip("abc", np.array([100, 101, 125])))),
    ],
}

MISTAKES = {
    "06.1": [
        ((after(lambda z, h, pre: mix(1 - z, h, pre)), before()), "z keeps the old state"),
        ((after(order=(1, 0, 2)), before()), "z and r are swapped"),
        ((after(order=(2, 1, 0)), before()), "z and the candidate are swapped"),
        ((after(order=(0, 2, 1)), before()), "r and the candidate are swapped"),
        ((after(inside=lambda r, x, h: x + h), before()), "the reset gate is missing"),
        ((after(inside=lambda r, x, h: r * (x + h)), before()), "from the input, too"),
        ((after(lambda z, h, pre: z * h + (1 - z) * pre), before()), "tanh of the candidate is"),
        ((after(lambda z, h, pre: z * h + (1 - z) * logistic(pre)), before()), "is no gate"),
        ((after(lambda z, h, pre: np.tanh(pre)), before()), "this is the candidate"),
        ((after(lambda z, h, pre: (1 - z) * np.tanh(pre)), before()), "forgotten in the mix"),
        ((after(lambda z, h, pre: z * h + np.tanh(pre)), before()), "lacks its factor 1 - z"),
        ((after(rows=((0, 0), (0, 0))), before()), "the bias is forgotten"),
        ((after(rows=((1, 0), (0, 0))), before()), "the recurrent bias b_h[1] is forgotten"),
        ((after(rows=((0, 0), (0, 1))), before()), "the input's bias b_h[0] is forgotten"),
        ((after(rows=((0, 1), (1, 0))), before()), "the rows of b_h are swapped"),
        ((after(rows=((1, 1), (0, 0))), before()), "must reach the candidate's second bias"),
        ((product_before, before()), "acts before the product here"),
        ((after(x=0), before()), "the input is forgotten"),
        ((blind(after()), before()), "do not see the old state"),
        ((after(), product_after), "acts after the product here"),
        ((after(), after()), "stops with ValueError"),
        ((after(), before(lambda z, h, pre: mix(1 - z, h, pre))), "z keeps the old state"),
        ((after(), before(order=(1, 0, 2))), "z and r are swapped"),
        ((after(), before(inside=lambda r, x, h, W: x + h @ W)), "the reset gate is missing"),
        ((after(), before(inside=lambda r, x, h, W: r * (x + h @ W))), "the input, too"),
        ((after(), before(bias=0)), "the bias is forgotten"),
        ((after(), before(x=0)), "the input is forgotten"),
        ((after(), blind(before())), "do not see the old state"),
    ],
    "06.2": [
        ((count(recurrent=0), by_loop()), "the recurrent weights are forgotten"),
        ((count(kernel=0), by_loop()), "the input weights are forgotten"),
        ((count(bias=0, second=lambda cell, n: 0), by_loop()), "the biases are forgotten"),
        ((count((0, 2, 2, 3)), by_loop()), "one block is missing"),
        ((count((1, 3, 3, 3)), by_loop()), "one block is missing"),
        ((count((1, 3, 3, 5)), by_loop()), "one block too many"),
        ((count(second=lambda cell, n: 0), by_loop()), "the second bias row of the default GRU"),
        ((count(second=lambda cell, n: n), by_loop()), "for all three blocks"),
        ((count(bias=2, second=lambda cell, n: 0), by_loop()), "only the default GRU has two"),
        ((count(), by_loop(change=1)), "is too large"),
        ((count(), by_loop(change=-1)), "is too small"),
        ((count(), by_loop(limit=lambda budget: budget - 1)), "is too small"),
        ((count(), by_loop(limit=lambda budget: budget + 1)), "is too large"),
        ((count(), by_formula(lambda n: n)), "one whole number of units"),
        ((count(), lambda cell, m, budget: [1, 2]), "one whole number of units"),
    ],
    "06.3": [
        (leaky(lambda steps: -np.log(steps - 1)), "z and 1 - z are swapped"),
        (twice, "the two rows of b_h are added"),
        (leaky(np.log), "a gate of steps / (steps + 1)"),
        (leaky(lambda steps: 1 - 1 / steps), "this bias is the value of the gate"),
        (leaky(place=(0, 1)), "at one half"),
        (leaky(lambda steps: logit(0.5 ** (1 / steps))), "half of the state is left"),
        (leaky(lambda steps: logit(np.exp(-1 / steps))), "exp(-1 / steps)"),
        (leaky(W_xh=(0, 0, 0)), "the state stays at 0"),
        (leaky(W_xh=(1, 0, 1)), "the input reaches the update gate"),
        (leaky(W_xh=(0, 0, 2)), "with another weight than 1"),
        (leaky(W_hh=(1, 0, 0)), "the old state reaches the update gate"),
        (leaky(W_hh=(0, 0, 1)), "the old state reaches the candidate"),
        (leaky(b_h=1), "the candidate has a bias"),
        (leaky(lambda steps: 7.0), "your unit keeps 0.9991"),
        (lambda steps: leaky()(steps)[:2], "three arrays are asked for"),
        (lambda steps: [part[0] for part in leaky()(steps)], "W_xh must have shape (1, 3)"),
        (lambda steps: (*leaky()(steps)[:2], np.zeros(3)), "b_h must have shape (2, 3)"),
    ],
    "06.4": [
        (convert(PLUS, PLUS, PLUS), "in the paper z lets the new state in"),
        (convert(b=PLUS), "the bias of the update gate must change"),
        (convert(W=PLUS, U=PLUS), "only the bias of the update gate"),
        (convert(U=PLUS), "U_z must change its sign"),
        (convert(W=PLUS), "W_z must change its sign"),
        (signs(-1, -1, -1), "the sign of everything"),
        (signs(-1, -1, 1), "the sign of both gates"),
        (signs(1, -1, 1), "the sign of the reset gate"),
        (one_minus, "1 - z is not made from 1 - W_z"),
        (lambda p: convert(*[(1, -1, 1)] * 3, names=("_r", "_z", ""))(p), "z and r are swapped"),
        (convert(names=("_r", "_z", "")), "and you change the sign of the reset gate"),
        (lambda p: convert(*[(1, -1, 1)] * 3, names=("", "_z", "_r"))(p), "stands first"),
        (convert(turn=np.asarray), "the U are not transposed"),
        (lambda p: [part.T for part in convert()(p)], "(is it transposed?)"),
        (lambda p: convert()(p)[:2], "3 results are asked for"),
    ],
    "06.5": [
        (torch(order=(0, 1, 2)), "still in Keras's order z, r, candidate"),
        (torch(bias_order=(0, 1, 2)), "the blocks of the biases"),
        (torch(order=(0, 1, 2), bias_order=(1, 0, 2)), "the blocks of the weights"),
        (torch(order=(2, 1, 0)), "the candidate stands first"),
        (torch(order=(1, 2, 0)), "stands between the gates"),
        (torch(turn=blocks_not_transposed), "are not transposed"),
        (reshaped, "transpose instead"),
        (torch(biases=lambda b_ih, b_hh: (b_hh, b_ih)), "the two biases are swapped"),
        (torch(biases=lambda b_ih, b_hh: (b_ih, 0 * b_hh)), "the recurrent bias is forgotten"),
        (torch(biases=lambda b_ih, b_hh: (0 * b_ih, b_hh)), "the input's bias is forgotten"),
        (torch(biases=lambda b_ih, b_hh: (b_ih + b_hh, 0 * b_hh)), "may not be added"),
        (torch(biases=lambda b_ih, b_hh: (b_ih + b_hh, b_ih + b_hh)), "the sum of the two"),
        (negated, "you change the sign of z"),
        (without("bias_hh_l0"), "your dict has no 'bias_hh_l0'"),
        (lambda *own: list(torch()(*own).values()), "a dict of four arrays is asked for"),
        (lambda *own: {**torch()(*own), "weight_ih_l0": own[0]}, "weight_ih_l0 must have shape"),
        (lambda *own: {**torch()(*own), "bias_ih_l0": own[2]}, "bias_ih_l0 must have shape"),
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
        (own(parameters={"GRU": 0, "LSTM": 0}), "a whole number above 0"),
        (own(scores={"GRU": [1, 2], "LSTM": [1, 2, 3]}), "at least 3 numbers"),
        (own(scores={"GRU": [1, -2, 3], "LSTM": [1, 2, 3]}), "must be 0 or more"),
        (own(scores={"GRU": [300] * 3, "LSTM": [300] * 3}), "all scores are equal"),
        (own(winner="LSTM"), "GRU has a smaller median"),
        (own(winner="IRNN"), "must be one of GRU, LSTM"),
        (own(conclusion="the GRU won"), "the conclusion is too short"),
    ],
}
