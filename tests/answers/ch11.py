"""Answers to the exercises of chapter 11: right ones, and typical mistakes with their names."""

from itertools import groupby, product
from math import isqrt

import numpy as np

from course_lib import ctc, interop
from course_lib.backend import T, floatX, softmax
from course_lib.layers import GRU, Dense
from course_lib.models import Sequential

# --- 11.1 ------------------------------------------------------------------------------------


def stack_size(features, units, outputs, depth):
    inputs = [features] + [units] * (depth - 1)
    return sum(3 * units * (n + units + 2) for n in inputs) + outputs * (units + 1)


def size_by_layers(features, units, outputs, depth):
    shape = (None, features)
    grus = [GRU(units, return_sequences=i + 1 < depth) for i in range(depth)]
    model = Sequential([*grus, Dense(outputs)])
    model.build(shape)
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


def other_size(change):
    """The size of a stack plus change(features, units, outputs, depth)."""
    return lambda *sizes: stack_size(*sizes) + change(*sizes)


def grus(features, units, depth):
    return stack_size(features, units, 0, depth)


# --- 11.2 ------------------------------------------------------------------------------------


def combine(first, second):
    return first[0] * second[0], second[0] * first[1] + second[1]


def combine_in_theano(first, second):
    a, b = (T.as_tensor_variable(part) for part in second)
    return [a * first[0], a * first[1] + b]


def doubled(a, b, h_0, combine):
    a, b, d = list(a), list(b), 1
    a, b = np.array(a), np.array(b)
    while d < len(a):
        new = combine((a[:-d], b[:-d]), (a[d:], b[d:]))
        a[d:], b[d:] = new
        d *= 2
    return a * h_0 + b


def with_neutral_steps(a, b, h_0, combine, kept=1):
    """What stands before the first step is (1, 0): it changes nothing."""
    for i in range(20):
        d = 2**i
        if d >= len(a):
            break
        ones = np.full_like(a[:d], kept)
        a, b = combine((np.concatenate([ones, a[:-d]]), np.concatenate([0 * ones, b[:-d]])), (a, b))
    return (h_0 * a + b).tolist()


def with_start_as_a_step(a, b, h_0, combine):
    """h_0 = 0 h + h_0 is a step as well: then b alone are the states."""
    a = np.concatenate([0 * h_0[None], a])
    b = np.concatenate([h_0[None], b])
    return doubled(a, b, 0 * h_0, combine)[1:]


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


def in_rounds(offsets, swapped=False, around=False, end=lambda a, A, B, h_0: A * h_0 + B):
    """Doubling with other offsets(time), or another end."""

    def function(a, b, h_0, combine):
        A, B = a.copy(), b.copy()
        for d in offsets(len(a)):
            if around:
                A, B = combine((np.roll(A, d, 0), np.roll(B, d, 0)), (A, B))
            elif d < len(a):
                pair = (A[:-d], B[:-d]), (A[d:], B[d:])
                A[d:], B[d:] = combine(*pair[::-1]) if swapped else combine(*pair)
        return end(a, A, B, h_0)

    return function


def powers(time):
    return [2**i for i in range(6) if 2**i < time]


def ended(end):
    """Doubling with another end(a, A, B, h_0)."""
    return combine, in_rounds(powers, end=end)


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


def attend_by_factors(state, memory, mask, W_query, W_memory, v):
    """The mask multiplies the exponentials, before their sum."""
    energies = np.einsum("bsh,h->bs", np.tanh((state @ W_query)[:, None] + memory @ W_memory), v)
    exps = np.exp(energies - energies.max(axis=1, keepdims=True)) * mask
    weights = exps / exps.sum(axis=1, keepdims=True)
    return np.einsum("bs,bsf->bf", weights, memory), weights


def shares(energies, axis=1):
    exps = np.exp(energies - energies.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


def with_weights(weights):
    """The context with other weights(energies, mask)."""

    def function(state, memory, mask, W_query, W_memory, v):
        energies = np.tanh((state @ W_query)[:, None] + memory @ W_memory) @ v
        alpha = weights(energies, mask)
        return (alpha[:, :, None] * memory).sum(axis=1), alpha

    return function


def hide(energies, mask):
    return np.where(mask, energies, -1e9)


def with_energies(energy):
    """Attention by other energies, energy(query, keys, v)."""

    def function(state, memory, mask, W_query, W_memory, v):
        alpha = shares(hide(energy((state @ W_query)[:, None], memory @ W_memory, v), mask))
        return (alpha[:, :, None] * memory).sum(axis=1), alpha

    return function


def with_context(context):
    """Right weights and another context(weights, memory, mask, keys)."""

    def function(state, memory, mask, W_query, W_memory, v):
        _, alpha = attend(state, memory, mask, W_query, W_memory, v)
        return context(alpha, memory, mask, memory @ W_memory), alpha

    return function


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


def forward_in_logs(p, labels):
    states = np.array([0] + [s for label in labels for s in (label, 0)])
    skips = np.array([i % 2 and i > 1 and s != states[i - 2] for i, s in enumerate(states)])
    alpha = np.where(np.arange(len(states)) < 1, 0.0, -np.inf)  # before the first step
    for p_t in p:
        one_back = np.r_[-np.inf, alpha[:-1]]
        two_back = np.where(skips, np.r_[-np.inf, one_back[:-1]], -np.inf)
        alpha = np.logaddexp(np.logaddexp(alpha, one_back), two_back) + np.log(p_t[states])
    return np.exp(np.logaddexp(alpha[-1], alpha[-2]))


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


def forward(skip=lambda s, two_back: s != two_back, begin=2, end=lambda a: a[-1] + a[-2], stay=1):
    """The forward recursion with another rule."""

    def function(p, labels):
        states = [0] + [s for label in labels for s in (label, 0)]
        alpha = [p[0, s] if i < begin else 0 for i, s in enumerate(states)]
        for p_t in p[1:]:
            alpha = [
                p_t[s]
                * (
                    stay * alpha[i]
                    + (alpha[i - 1] if i else 0)
                    + (alpha[i - 2] if i > 1 and skip(s, states[i - 2]) else 0)
                )
                for i, s in enumerate(states)
            ]
        return end(np.array(alpha))

    return function


def over_ways(join):
    """join(probabilities of all alignments of the labels)."""

    def function(p, labels):
        ways = product(range(p.shape[1]), repeat=len(p))
        found = [p[np.arange(len(p)), w].prod() for w in ways if collapse(w) == labels]
        return join(np.array(found))

    return function


def no_blanks(p, labels):
    alpha = np.eye(len(labels))[0] * p[0, labels]
    for p_t in p[1:]:
        alpha = (alpha + np.pad(alpha, (1, 0))[:-1]) * p_t[labels]
    return alpha[-1]


def drops_first(classes):
    return [k for k, _ in groupby(k for k in classes if k)]


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


def by_interop(*arrays):
    gru = GRU(len(arrays[1]), input_shape=(None, len(arrays[0])))
    gru.build((None, len(arrays[0])))
    gru.set_weights(arrays[:3])
    return {
        **interop.to_torch(gru, prefix="gru."),
        "dense.weight": arrays[3].T,
        "dense.bias": arrays[4],
    }


def weights(model):
    return model.get_weights()


def from_layers(model):
    gru, dense = model.layers
    return tuple(w.get_value().astype("float32") for w in [*gru.weights, *dense.weights])


def keras_list(change):
    """Another list: change(kernel, recurrent kernel, bias) of the GRU."""

    def function(model):
        *gru, kernel, bias = model.get_weights()
        return [*change(*gru), kernel, bias]

    return function


def torch_dict(**changes):
    """Another dict: some entries, `weight_ih=function(five arrays)`."""
    names = {
        "weight_ih": "gru.weight_ih_l0",
        "weight_hh": "gru.weight_hh_l0",
        "bias_ih": "gru.bias_ih_l0",
        "bias_hh": "gru.bias_hh_l0",
        "weight": "dense.weight",
        "bias": "dense.bias",
    }

    def function(*arrays):
        changed = {names[name]: change(*arrays) for name, change in changes.items()}
        return {**to_torch(*arrays), **changed}

    return function


def r_first(a):
    z, r, n = np.split(a, 3, axis=-1)
    return np.concatenate([r, z, n], axis=-1)


def z_turned(kernel, recurrent_kernel, bias):
    sign = np.repeat([-1, 1], [len(recurrent_kernel), 2 * len(recurrent_kernel)])
    return kernel * sign, recurrent_kernel * sign, bias * sign


KEEPS_ORDER = {
    "weight_ih": lambda W, U, b, *dense: W.T,
    "weight_hh": lambda W, U, b, *dense: U.T,
}
KEEPS_BIAS_ORDER = {
    "bias_ih": lambda W, U, b, *dense: b[0],
    "bias_hh": lambda W, U, b, *dense: b[1],
}

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
    return ({**REPORT, **changes},)


RIGHT = {
    "11.1": [(stack_size, units_for), (size_by_layers, units_by_halves)],
    "11.2": [
        (combine, doubled),
        (combine_in_theano, with_neutral_steps),
        (combine, with_start_as_a_step),
        (combine, up_and_down),
    ],
    "11.3": [attend, attend_in_theano, attend_by_factors],
    "11.4": [
        (collapse, enumeration),
        (ctc.collapse, forward_in_logs),
        (lambda way: np.array(collapse(way)), from_the_end),
        (collapse, forward()),
        (collapse, over_ways(np.sum)),
    ],
    "11.5": [
        (weights, to_torch),
        (from_layers, biases_moved),
        (interop.to_keras, by_interop),
        (keras_list(lambda W, U, b: (W.tolist(), U, b)), to_torch),
    ],
    "11.6": [
        (REPORT,),
        report(errors={"LSTM": np.ones(3), "MGU": [0, 0.5, 0.2, 0.1]}),
    ],
}

MISTAKES = {
    "11.1": [
        (
            (other_size(lambda f, u, o, d: -3 * u * d), units_for),
            "the second bias row is forgotten",
        ),
        ((other_size(lambda f, u, o, d: -2 * u * d), units_for), "for all three blocks"),
        ((other_size(lambda f, u, o, d: 3 * u - 3 * u * d), units_for), "only the first GRU has"),
        ((other_size(lambda f, u, o, d: -6 * u * d), units_for), "the biases of the GRUs"),
        (
            (other_size(lambda f, u, o, d: 3 * u * (d - 1) * (f - u)), units_for),
            "only the first GRU reads the features",
        ),
        (
            (other_size(lambda f, u, o, d: 3 * u * (u - f)), units_for),
            "the first GRU reads the features, not states",
        ),
        ((other_size(lambda f, u, o, d: -3 * u * u * d), units_for), "the recurrent weights"),
        (
            (lambda f, u, o, d: 3 * u * (u + 2) * d + (u + 1) * o, units_for),
            "the input weights are forgotten",
        ),
        ((lambda f, u, o, d: grus(f, u, d), units_for), "the Dense layer is forgotten"),
        ((other_size(lambda f, u, o, d: -o), units_for), "the bias of the Dense layer"),
        ((other_size(lambda f, u, o, d: (d - 1) * u * o), units_for), "yours reads them all"),
        (
            (other_size(lambda f, u, o, d: (d - 1) * (u + 1) * o), units_for),
            "every GRU has a Dense layer",
        ),
        ((lambda f, u, o, d: stack_size(f, u, o, d - 1), units_for), "one GRU short"),
        ((lambda f, u, o, d: stack_size(f, u, o, d + 1), units_for), "one GRU too many"),
        ((other_size(lambda f, u, o, d: grus(f, u, d) // 3), units_for), "yours has four"),
        ((other_size(lambda f, u, o, d: -grus(f, u, d) // 3), units_for), "yours has two"),
        ((other_size(lambda f, u, o, d: -2 * grus(f, u, d) // 3), units_for), "yours has one"),
        ((stack_size, lambda *a: units_for(*a) + 1), "is over the budget"),
        ((stack_size, lambda *a: max(units_for(*a) - 1, 1)), "one unit more still fits"),
        ((stack_size, lambda *a: units_for(*a) + 0.5), "must be one whole number of units"),
    ],
    "11.2": [
        ((lambda first, second: combine(second, first), doubled), "the first acts first"),
        ((lambda f, s: (f[0] * s[0], f[1] + s[1]), doubled), "is not scaled"),
        ((lambda f, s: (f[0] * s[0], f[0] * f[1] + s[1]), doubled), "by its own a"),
        ((lambda f, s: (f[0] * s[0], s[0] * (f[1] + s[1])), doubled), "is scaled, too"),
        ((lambda f, s: (f[0] * s[0], s[0] * f[1]), doubled), "the second stretch is missing"),
        ((lambda f, s: (f[0] * s[0], s[1]), doubled), "the first stretch is missing"),
        ((lambda f, s: (f[0] * s[0], s[0] * f[1] * s[1]), doubled), "the two b are multiplied"),
        ((lambda f, s: (f[0] + s[0], s[0] * f[1] + s[1]), doubled), "the two a are added"),
        ((lambda f, s: (s[0], s[0] * f[1] + s[1]), doubled), "of the second stretch alone"),
        ((lambda f, s: (f[0], s[0] * f[1] + s[1]), doubled), "of the first stretch alone"),
        ((lambda f, s: combine(f, s)[::-1], doubled), "a and b are swapped"),
        ((lambda f, s: combine(f, s)[0], doubled), "2 results are asked for"),
        (ended(lambda a, A, B, h_0: B), "h_0 has no part in your states"),
        (ended(lambda a, A, B, h_0: h_0 + B), "h_0 is added as it is"),
        (ended(lambda a, A, B, h_0: a * h_0 + B), "the a of its own step only"),
        (ended(lambda a, A, B, h_0: (A, B)), "apply them to h_0"),
        (ended(lambda a, A, B, h_0: (A * h_0 + B)[-1]), "this is the last state"),
        (ended(lambda a, A, B, h_0: (A * h_0 + B)[1:]), "the states lack the first one"),
        (
            ended(lambda a, A, B, h_0: np.concatenate([h_0[None], (A * h_0 + B)[:-1]])),
            "one step late",
        ),
        (
            ended(lambda a, A, B, h_0: np.concatenate([h_0[None], A * h_0 + B])),
            "h_0 comes out as well",
        ),
        ((combine, lambda a, b, h_0, join: h_0 + b.cumsum(axis=0)), "never shrink"),
        ((combine, in_rounds(lambda time: [1])), "the one step before it only"),
        ((combine, in_rounds(lambda time: [1] * len(powers(time)))), "the offset is 1 in every"),
        ((combine, in_rounds(lambda time: range(1, time))), "grows by 1 in every round"),
        ((combine, in_rounds(lambda time: powers(time)[:-1])), "one round is missing"),
        ((combine, in_rounds(lambda time: powers(time)[1:])), "the first round is missing"),
        ((combine, in_rounds(lambda time: powers(time)[::-1])), "the rounds come in the wrong"),
        ((combine, in_rounds(powers, swapped=True)), "combine gets its stretches in the wrong"),
        ((combine, in_rounds(powers, around=True)), "the end of the sequence is joined"),
        (
            (combine, lambda *given: with_neutral_steps(*given, kept=0)),
            "the a of all steps, the first",
        ),
        (
            (combine, lambda a, b, h, join: doubled(a[::-1], b[::-1], h, join)[::-1]),
            "runs backward in time",
        ),
        ((combine, one_by_one), "combine was called 12 times for 13 steps: 4 rounds"),
        ((combine, loop), "combine was never called"),
    ],
    "11.3": [
        (with_weights(lambda e, mask: shares(e)), "the mask is ignored"),
        (with_weights(lambda e, mask: shares(hide(e, ~mask))), "the mask is turned round"),
        (with_weights(lambda e, mask: shares(e * mask)), "the padding has the energy 0"),
        (with_weights(lambda e, mask: shares(e) * mask), "the mask comes after the softmax"),
        (with_weights(lambda e, mask: shares(hide(e, mask), 0)), "runs over the batch"),
        (with_weights(lambda e, mask: shares(hide(e, mask), (0, 1))), "over the whole batch"),
        (with_weights(lambda e, mask: np.exp(e) * mask), "not divided by their sum"),
        (
            with_weights(lambda e, mask: e * mask / (e * mask).sum(axis=1, keepdims=True)),
            "the exponential is missing",
        ),
        (with_weights(lambda e, mask: mask / (1 + np.exp(-e))), "these weights are sigmoids"),
        (with_weights(lambda e, mask: e * mask), "the softmax is missing"),
        (with_weights(lambda e, mask: mask / mask.sum(axis=1)[:, None]), "have the same weight"),
        (
            with_weights(lambda e, mask: np.eye(e.shape[1])[hide(e, mask).argmax(axis=1)]),
            "the largest energy gets all",
        ),
        (
            with_weights(lambda e, mask: np.exp(e) * mask / (np.exp(e) * mask).sum(1)[:, None]),
            "exp of one of 1000 is infinite",
        ),
        (with_energies(lambda q, k, v: (q + k) @ v), "the tanh is missing"),
        (with_energies(lambda q, k, v: (np.tanh(q) + np.tanh(k)) @ v), "belongs inside the tanh"),
        (with_energies(lambda q, k, v: np.tanh((q + k) @ v)), "before the product with v"),
        (with_energies(lambda q, k, v: (1 / (1 + np.exp(-q - k))) @ v), "this is a sigmoid"),
        (with_energies(lambda q, k, v: np.tanh(k) @ v), "the state has no part in your weights"),
        (with_energies(lambda q, k, v: np.tanh(q + k).sum(axis=2)), "v is forgotten"),
        (with_energies(lambda q, k, v: np.tanh(q * k) @ v), "additive attention adds"),
        (with_energies(lambda q, k, v: -np.tanh(q + k) @ v), "the energies have the wrong sign"),
        (with_energies(lambda q, k, v: np.tanh(q[:1] + k) @ v), "the query of the first one"),
        (
            with_context(lambda w, memory, mask, keys: (w[:, :, None] * keys).sum(axis=1)),
            "a mean of the projected memory",
        ),
        (
            with_context(
                lambda w, memory, mask, keys: (
                    np.einsum("bs,bsf->bf", w, memory) / mask.sum(axis=1)[:, None]
                )
            ),
            "the context is divided by the number",
        ),
        (
            with_context(lambda w, memory, mask, keys: np.einsum("bs,bsf->bf", mask, memory)),
            "the context is the sum of the memory",
        ),
        (with_context(lambda w, memory, mask, keys: memory.mean(axis=1)), "is the mean of the"),
        (with_context(lambda w, memory, *rest: w[:, :, None] * memory), "still has an axis"),
        (lambda *given: attend(*given)[::-1], "the context comes first"),
        (
            lambda s, m, mask, W, U, v: (
                attend(s, m, mask, W, U, v)[0],
                np.tanh((s @ W)[:, None] + m @ U) @ v,
            ),
            "you return the energies",
        ),
        (lambda *given: attend(*given)[0], "2 results are asked for (the context, the weights)"),
    ],
    "11.4": [
        ((drops_first, enumeration), "the blanks go too early"),
        ((lambda way: [k for k in way if k], enumeration), "the repeats are still there"),
        ((lambda way: [k for k, _ in groupby(way)], enumeration), "the blanks are still there"),
        ((lambda way: way, enumeration), "nothing has changed"),
        ((lambda way: list(dict.fromkeys(filter(None, way))), enumeration), "appears once"),
        ((lambda way: collapse(way)[::-1], enumeration), "your labels run backward"),
        ((collapse, forward(lambda s, two_back: s != 0)), "between two equal labels"),
        ((collapse, forward(lambda s, two_back: False)), "may be skipped"),
        ((collapse, forward(lambda s, two_back: True)), "your alignments skip labels"),
        ((collapse, forward(end=lambda a: a[-1])), "may end with its last label"),
        ((collapse, forward(end=lambda a: a[-2])), "may end with a blank"),
        ((collapse, forward(begin=1)), "may begin with its first label"),
        ((collapse, forward(begin=99)), "a blank or the first label, not anywhere"),
        ((collapse, forward(end=np.sum)), "all states count at the end"),
        ((collapse, forward(stay=0)), "let an alignment stay"),
        ((collapse, no_blanks), "there are no blanks in your alignments"),
        ((collapse, over_ways(np.max)), "this is the best alignment alone"),
        ((collapse, over_ways(np.mean)), "this is a mean over the alignments"),
        ((collapse, lambda p, y: forward()(np.roll(p, -1, axis=1), y)), "but should be"),
        (
            (collapse, lambda p, y: enumeration(np.c_[p[:, -1], p[:, 1:-1], p[:, -1]], y)),
            "the blank is class 0",
        ),
        ((collapse, lambda p, y: forward()(p[[0, *range(len(p))]], y)), "counts twice"),
        ((collapse, lambda p, y: enumeration(p[:-1], y)), "the last step is missing"),
        ((collapse, lambda p, y: enumeration(p[1:], y)), "the first step is missing"),
        ((collapse, lambda p, y: enumeration(p, y[::-1])), "the steps run backward"),
        ((collapse, lambda p, y: np.log(enumeration(p, y))), "this is the logarithm"),
        ((collapse, lambda p, y: -np.log(enumeration(p, y))), "this is the loss"),
    ],
    "11.5": [
        ((lambda model: model, to_torch), "must return a list of 5 arrays, got Sequential"),
        ((lambda model: weights(model)[:3], to_torch), "got list of 3"),
        (
            (keras_list(lambda W, U, b: (W.T, U, b)), to_torch),
            "Keras wants kernel in the shape (3, 12), got (12, 3) (is it transposed?)",
        ),
        ((keras_list(lambda W, U, b: (W, U, b.sum(axis=0))), to_torch), "Keras wants bias in"),
        ((keras_list(lambda W, U, b: (W, U, b[::-1])), to_torch), "rows of the bias are swapped"),
        (
            (keras_list(lambda W, U, b: (W, U, [b[0], 0 * b[1]])), to_torch),
            "the second bias row is forgotten",
        ),
        (
            (keras_list(lambda W, U, b: (W, U, [0 * b[0], b[1]])), to_torch),
            "the first bias row is forgotten",
        ),
        (
            (keras_list(lambda W, U, b: (W, U, [b[0] + b[1], 0 * b[1]])), to_torch),
            "the two bias rows may not be added",
        ),
        ((keras_list(lambda W, U, b: (W, U, [b[0] + b[1]] * 2)), to_torch), "both bias rows are"),
        ((keras_list(lambda W, U, b: (W, U, 0 * b)), to_torch), "the biases of the GRU are"),
        (
            (keras_list(lambda W, U, b: (r_first(W), r_first(U), r_first(b))), to_torch),
            "your list are in PyTorch's order",
        ),
        ((keras_list(z_turned), to_torch), "the sign of z is changed"),
        (
            (
                keras_list(
                    lambda W, U, b: (W, np.hstack([u.T for u in np.split(U, 3, axis=1)]), b)
                ),
                to_torch,
            ),
            "recurrent_kernel needs no turning",
        ),
        ((lambda model: [*weights(model)[:4], [0] * model.layers[1].units], to_torch), "bias of"),
        ((weights, lambda *arrays: list(to_torch(*arrays).values())), "a dict of 6 arrays"),
        (
            (weights, lambda *arrays: {"gru.weight_ih_l0": arrays[0].T}),
            "your dict has no 'gru.weight_hh_l0', only gru.weight_ih_l0",
        ),
        (
            (weights, torch_dict(weight_ih=lambda *arrays: r_first(arrays[0]))),
            "PyTorch wants gru.weight_ih_l0 in the shape (12, 3), got (3, 12) (is it transposed?)",
        ),
        (
            (weights, torch_dict(**KEEPS_ORDER, **KEEPS_BIAS_ORDER)),
            "your gates are still in Keras's order",
        ),
        ((weights, torch_dict(**KEEPS_ORDER)), "the gates of the weights are still"),
        ((weights, torch_dict(**KEEPS_BIAS_ORDER)), "the gates of the biases are still"),
        (
            (
                weights,
                lambda W, U, b, *dense: to_torch(
                    *(r_first(a[..., ::-1]) for a in (W, U, b)), *dense
                ),
            ),
            "but should be",
        ),
        (
            (
                weights,
                torch_dict(
                    bias_ih=lambda W, U, b, *dense: r_first(b[1]),
                    bias_hh=lambda W, U, b, *dense: r_first(b[0]),
                ),
            ),
            "row 0 joins the input",
        ),
        (
            (
                weights,
                torch_dict(
                    bias_ih=lambda W, U, b, *dense: r_first(b[0] + b[1]),
                    bias_hh=lambda W, U, b, *dense: 0 * b[1],
                ),
            ),
            "the reset gate stands between them",
        ),
        (
            (weights, lambda W, U, b, *dense: to_torch(*z_turned(W, U, b), *dense)),
            "z keeps the old state everywhere",
        ),
        (
            (
                weights,
                torch_dict(
                    weight_hh=lambda W, U, b, *dense: np.vstack(np.split(r_first(U), 3, axis=1))
                ),
            ),
            "the blocks of weight_hh_l0 are not transposed",
        ),
        (
            (
                weights,
                torch_dict(
                    weight_ih=lambda W, *rest: r_first(W).reshape(-1, len(W)),
                    weight_hh=lambda W, U, *rest: r_first(U).reshape(-1, len(U)),
                    weight=lambda W, U, b, V, c: V.reshape(-1, len(V)),
                ),
            ),
            "reshape mixes the numbers up",
        ),
        (
            (weights, torch_dict(weight=lambda W, U, b, V, c: V.reshape(-1, len(V)))),
            "dense.weight is the transposed kernel",
        ),
        (
            (weights, torch_dict(bias=lambda W, U, b, V, c: 0 * c)),
            "the bias of the Dense layer is forgotten",
        ),
    ],
    "11.6": [
        ((["GRU"],), "your report must be a dict"),
        (({k: v for k, v in REPORT.items() if k != "prediction"},), "nothing under 'prediction'"),
        (report(question="which?"), "the question is too short"),
        (report(prediction="GRU"), "the prediction is too short"),
        (report(errors={"LSTM": [0.1, 0.2, 0.3]}), "a dict of at least 2 lists"),
        (report(errors={"LSTM": [1, 2], "MGU": [1, 2, 3]}), "a list of at least 3 numbers"),
        (report(errors={"LSTM": [1, 2, -1], "MGU": [1, 2, 3]}), "must be 0 or more"),
        (report(errors={"LSTM": [1, 2, np.nan], "MGU": [1, 2, 3]}), "contains NaN"),
        (report(parameters={"LSTM": 1000, "GRU": 1000}), "with the same names"),
        (report(parameters=[1000, 1100]), "must be dicts with the same names"),
        (report(parameters={"LSTM": 1000, "MGU": 1300}), "that is no fair contest"),
        (report(parameters={"LSTM": 1000, "MGU": 1000.5}), "a whole number above 0"),
        (report(errors={"LSTM": [0.5] * 3, "MGU": [0.5] * 3}), "all errors are equal"),
        (report(winner="GRU"), "the winner must be one of LSTM, MGU"),
        (report(winner="LSTM"), "your numbers do not say so: MGU"),
        (report(conclusion="MGU wins"), "the conclusion is too short"),
    ],
}
