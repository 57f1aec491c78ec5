"""Answers to the exercises of chapter 11: right ones, written otherwise, and wrong ones."""

from itertools import groupby, product
from math import isqrt

import numpy as np

from course_lib import interop
from course_lib.backend import T, floatX, softmax
from course_lib.layers import GRU, Dense
from course_lib.models import Sequential

# --- 11.1 ------------------------------------------------------------------------------------


def stack_size(features, units, outputs, depth):
    first = 3 * units * (features + units + 2)
    return first + 6 * units * (units + 1) * (depth - 1) + units * outputs + outputs


def size_by_layers(features, units, outputs, depth):
    grus = [GRU(units, return_sequences=i + 1 < depth) for i in range(depth)]
    model = Sequential([*grus, Dense(outputs)])
    model.build((None, features))
    return model.count_params()


def units_for(features, outputs, depth, budget):
    """The root of a quadratic equation, rounded down."""
    a, b = 6 * depth - 3, 3 * features + 6 * depth + outputs
    return (isqrt(b * b + 4 * a * (budget - outputs)) - b) // (2 * a)


def units_by_halves(features, outputs, depth, budget):
    low, high = 1, budget
    while high - low > 1:
        middle = (low + high) // 2
        if stack_size(features, middle, outputs, depth) <= budget:
            low = middle
        else:
            high = middle
    return np.float32(low)


# --- 11.2 ------------------------------------------------------------------------------------


def combine(first, second):
    return first[0] * second[0], second[0] * first[1] + second[1]


def combine_in_theano(first, second):
    a, b = (T.as_tensor_variable(part) for part in second)
    return [a * first[0], a * first[1] + b]


def with_neutral_steps(a, b, h_0, combine, kept=1):
    """What stands before the first step is (1, 0): it changes nothing."""
    for i in range(20):
        d = 2**i
        if d >= len(a):
            break
        ones = np.full_like(a[:d], kept)
        a, b = combine((np.concatenate([ones, a[:-d]]), np.concatenate([0 * ones, b[:-d]])), (a, b))
    return (h_0 * a + b).tolist()


def up_and_down(a, b, h_0, combine):
    """A tree: join pairs, solve the half, fill in the rest (Brent & Kung, 1982)."""

    def scan(a, b):
        if len(a) == 1:
            return a, b
        even = len(a) // 2 * 2
        half = scan(*combine((a[0:even:2], b[0:even:2]), (a[1:even:2], b[1:even:2])))
        last = (len(a) - 1) // 2
        A, B = np.empty_like(a), np.empty_like(b)
        A[1::2], B[1::2], A[0], B[0] = *half, a[0], b[0]
        if last:
            rest = combine((half[0][:last], half[1][:last]), (a[2::2], b[2::2]))
            A[2::2], B[2::2] = rest
        return A, B

    A, B = scan(a, b)
    return A * h_0 + B


def one_by_one(a, b, h_0, combine):
    result, (A, B) = [], (a[0], b[0])
    for t in range(len(a)):
        if t:
            A, B = combine((A, B), (a[t], b[t]))
        result.append(A * h_0 + B)
    return np.array(result)


def loop(a, b, h_0, combine):
    result = []
    for a_t, b_t in zip(a, b):
        h_0 = a_t * h_0 + b_t
        result.append(h_0)
    return result


def in_place(a, b, h_0, combine):
    b[0] += a[0] * h_0
    return with_neutral_steps(a, b, 0 * h_0, combine)


# --- 11.3 ------------------------------------------------------------------------------------


def attend(state, memory, mask, W_query, W_memory, v):
    """One sample after the other, without its padding."""
    contexts, weights = [], np.zeros(mask.shape)
    for i, real in enumerate(mask):
        energies = [np.tanh(state[i] @ W_query + m @ W_memory) @ v for m in memory[i][real]]
        shares = np.exp(np.array(energies) - max(energies))
        weights[i, real] = shares / shares.sum()
        contexts.append(weights[i] @ memory[i])
    return np.array(contexts), weights


def attend_in_theano(state, memory, mask, W_query, W_memory, v):
    query = T.dot(state, W_query).dimshuffle(0, "x", 1)
    energies = T.dot(T.tanh(query + T.dot(memory, W_memory)), v)
    weights = softmax(energies + floatX((mask - 1.0) * 1e9))
    return [(weights.dimshuffle(0, 1, "x") * memory).sum(axis=1), weights]


def attend_by_factors(
    state, memory, mask, W_query, W_memory, v, joined=lambda q, k: np.tanh(q + k), shift=1
):
    """The mask multiplies the exponentials, before their sum."""
    energies = np.einsum("bsh,h->bs", joined((state @ W_query)[:, None], memory @ W_memory), v)
    exps = np.exp(energies - shift * energies.max(axis=1, keepdims=True)) * mask
    weights = exps / exps.sum(axis=1, keepdims=True)
    return np.einsum("bs,bsf->bf", weights, memory), weights


# --- 11.4 ------------------------------------------------------------------------------------


def collapse(classes):
    merged = [k for k, before in zip(classes, [0, *classes]) if k != before]
    return [k for k in merged if k != 0]


def enumeration(p, labels):
    total = 0
    for way in product(range(p.shape[1]), repeat=len(p)):
        if collapse(way) == labels:
            total += np.prod([p[t, k] for t, k in enumerate(way)])
    return total


def from_the_end(p, labels):
    """The backward recursion: how probable is what is still to come?"""
    states = [0] + [s for label in labels for s in (label, 0)]
    beta = np.zeros(len(states) + 2)
    beta[-4:-2] = 1
    for p_t in p[:0:-1]:
        new = np.zeros_like(beta)
        for s, state in enumerate(states):
            new[s] = beta[s] * p_t[state]
            if s + 1 < len(states):
                new[s] += beta[s + 1] * p_t[states[s + 1]]
            if s + 2 < len(states) and states[s + 2] != state:
                new[s] += beta[s + 2] * p_t[states[s + 2]]
        beta = new
    return beta[0] * p[0, 0] + beta[1] * p[0, labels[0]]


# --- 11.5 ------------------------------------------------------------------------------------


def to_torch(kernel, recurrent_kernel, bias, dense_kernel, dense_bias):
    units = len(recurrent_kernel)
    r_z_n = [*range(units, 2 * units), *range(units), *range(2 * units, 3 * units)]
    return {
        "gru.weight_ih_l0": kernel.T[r_z_n],
        "gru.weight_hh_l0": recurrent_kernel.T[r_z_n],
        "gru.bias_ih_l0": bias[0][r_z_n],
        "gru.bias_hh_l0": bias[1, r_z_n],
        "dense.weight": dense_kernel.swapaxes(0, 1).tolist(),
        "dense.bias": dense_bias,
    }


def biases_moved(kernel, recurrent_kernel, bias, *dense):
    """For r and z only the sum of the two biases matters."""
    units = len(recurrent_kernel)
    moved = np.array(bias)
    moved[0, : 2 * units] += moved[1, : 2 * units]
    moved[1, : 2 * units] = 0
    return to_torch(kernel, recurrent_kernel, moved, *dense)


def biases_swapped(*arrays):
    result = to_torch(*arrays)
    names = "gru.bias_ih_l0", "gru.bias_hh_l0"
    return {**result, names[0]: result[names[1]], names[1]: result[names[0]]}


def weights(model):
    return model.get_weights()


def from_layers(model):
    gru, dense = model.layers
    return tuple(w.get_value().astype("float32") for w in [*gru.weights, *dense.weights])


# --- 11.6 ------------------------------------------------------------------------------------

REPORT = {
    "question": "does a forget gate help here?",
    "prediction": "yes, as the text has sentences",
    "parameters": {"LSTM": 1000, "MGU": 1100.0},
    "errors": {"LSTM": [0.2, 0.25, 0.1], "MGU": [0.1, 0.1, 0.05]},
    "winner": "MGU",
    "conclusion": "I was wrong: the gate does not help, at least not with so few units",
}


def report(**changes):
    return {**REPORT, **changes}


RIGHT = {
    "11.1": [(stack_size, units_for), (size_by_layers, units_by_halves)],
    "11.2": [(combine, up_and_down), (combine_in_theano, with_neutral_steps)],
    "11.3": [attend, attend_in_theano, attend_by_factors],
    "11.4": [(collapse, enumeration), (lambda way: np.array(collapse(way)), from_the_end)],
    "11.5": [(from_layers, biases_moved), (interop.to_keras, to_torch)],
    "11.6": [REPORT, report(errors={"LSTM": np.ones(3), "MGU": [0, 0.5, 0.2, 0.1]})],
}

MISTAKES = {
    "11.1": [
        ((lambda *sizes: stack_size(*sizes) - 1, units_for), "stack_parameters("),
        ((lambda f, u, o, d: stack_size(f, u, o, d) - o, units_for), "the bias of the Dense layer"),
        ((stack_size, lambda *a: units_for(*a) + 1), "is over the budget"),
        ((stack_size, lambda *a: max(units_for(*a) - 1, 1)), "one unit more still fits"),
        ((stack_size, lambda *a: units_for(*a) + 0.5), "must be one whole number of units"),
        ((stack_size, lambda *a: [units_for(*a)]), "must be one whole number of units, got ["),
    ],
    "11.2": [
        ((lambda f, s: combine(f, s)[0], up_and_down), "return 2 results"),
        ((lambda f, s: (f[0] * s[0], f[0] * f[1] + s[1]), up_and_down), "by its own a"),
        (
            (combine, lambda *given: with_neutral_steps(*given, kept=0)),
            "the a of all steps, the first",
        ),
        ((combine, in_place), "changes its argument number 2"),
        ((combine, one_by_one), "combine was called 12 times for 13 steps: 4 rounds"),
        ((combine, loop), "combine was never called"),
    ],
    "11.3": [
        (lambda s, m, mask, *rest: attend_by_factors(s, m, ~mask, *rest), "inverted"),
        (lambda *a: attend_by_factors(*a, shift=0), "exp of one of 1000 is infinite"),
        (lambda *a: attend_by_factors(*a, joined=np.add), "the tanh is missing"),
        (
            lambda *a: attend_by_factors(*a, joined=lambda q, k: np.tanh(q) + np.tanh(k)),
            "belongs inside the tanh",
        ),
        (lambda *a: attend(*a)[0], "return 2 results (the context, the weights)"),
        (lambda *a: (attend(*a)[0], attend(*a)[1].T), "(is it transposed?)"),
    ],
    "11.4": [
        ((lambda way: [k for k, _ in groupby(filter(None, way))], enumeration), "go too early"),
        ((lambda way: set(collapse(way)), enumeration), "must be an array of numbers, got set"),
        ((collapse, lambda p, y: enumeration(np.roll(p, -1, axis=1), y)), "but should be"),
        (
            (collapse, lambda p, y: enumeration(np.c_[p[:, -1], p[:, 1:-1], p[:, -1]], y)),
            "the blank is class 0",
        ),
        ((collapse, lambda p, y: from_the_end(p, y[::-1])), "the steps run backward"),
        ((collapse, lambda p, y: -np.log(enumeration(p, y))), "this is the loss"),
    ],
    "11.5": [
        ((lambda model: model, to_torch), "must return a list of 5 arrays, got Sequential"),
        (
            (lambda model: [w.T for w in weights(model)], to_torch),
            "Keras wants kernel in the shape (3, 12), got (12, 3) (is it transposed?)",
        ),
        (
            (weights, lambda *arrays: {"gru.weight_ih_l0": arrays[0].T}),
            "your dict has no 'gru.weight_hh_l0', only gru.weight_ih_l0",
        ),
        ((weights, lambda *arrays: list(to_torch(*arrays).values())), "a dict of 6 arrays"),
        ((weights, biases_swapped), "row 0 joins the input"),
        (
            (weights, lambda W, *rest: to_torch(-W, *rest)),
            "what PyTorch predicts with your dict is",
        ),
    ],
    "11.6": [
        (["GRU"], "your report must be a dict"),
        (report(parameters=[1000, 1100]), "must be dicts with the same names"),
        (report(parameters={"LSTM": 1000, "MGU": 1300}), "that is no fair contest"),
        (report(parameters={"LSTM": 1000, "MGU": 1000.5}), "a whole number above 0"),
        (report(errors={"LSTM": [0.5] * 3, "MGU": [0.5] * 3}), "all errors are equal"),
        (report(conclusion="MGU wins"), "the conclusion is too short"),
    ],
}
