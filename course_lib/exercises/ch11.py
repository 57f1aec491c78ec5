"""The exercises of chapter 11: budgets, a parallel scan, attention, CTC, Keras, and a contest."""

import itertools
from functools import partial

import numpy as np
from scipy.special import expit as logistic
from scipy.special import softmax

from course_lib.backend import floatX
from course_lib.ctc import collapse
from course_lib.exercises.answer import NotYet, as_array, compare
from course_lib.exercises.question import Question, then
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, fair_sizes, lists, winner
from course_lib.layers import GRU, Dense
from course_lib.models import Sequential

# --- 11.1: budgets -----------------------------------------------------------------------------


def stack_size(*sizes, gru=lambda m, n: 3 * n * (m + n + 2), dense=lambda n, m: (n + 1) * m):
    """The number of parameters of `depth` GRUs and a Dense layer; options are for mistakes.

    `gru` has n units that read m numbers, `dense` m units that read n.
    """
    features, units, outputs, depth = sizes
    inputs = [features, *[units] * depth][:depth]
    return sum(gru(m, units) for m in inputs) + dense(units, outputs)


def with_gru(gru):
    """The size of a stack whose GRUs have ``gru(inputs, units)`` parameters."""
    return partial(stack_size, gru=gru)


def plus(change):
    """change(features, units, outputs, depth) more parameters."""
    return lambda *sizes: stack_size(*sizes) + change(*sizes)


def small_stacks(rng):
    """Small ones, so that every parameter counts."""
    for depth in (2, 4, 1, 3):
        yield *(int(rng.integers(*limits)) for limits in [(2, 6), (7, 12), (4, 10)]), depth


def widest(features, outputs, depth, budget):
    """The first number of units of which one more would be too much."""
    units = itertools.count(1)
    return next(n for n in units if stack_size(features, n + 1, outputs, depth) > budget)


def budgets(rng):
    """A stack fits exactly, fails by one, has some to spare; a single unit fits."""
    for depth, spare, n in [(1, 0, 20), (2, 0, 12), (3, -1, 9), (2, -1, 30), (4, 7, 6), (2, 0, 1)]:
        features, outputs = (int(n) for n in rng.integers(1, 6, size=2))
        units = int(rng.integers(n, 2 * n))
        yield features, outputs, depth, stack_size(features, units, outputs, depth) + spare


def compared_with_the_budget(units, features, outputs, depth, budget):
    """The number of units; raises NotYet if it is not the right one."""
    call = f"units_for({features}, {outputs}, {depth}, {budget})"
    result = as_array(units, call)
    if result.shape != () or result % 1:
        raise NotYet(f"{call} must be one whole number of units, got {result}")
    has = stack_size(features, int(result), outputs, depth)
    right = widest(features, outputs, depth, budget)
    if result > right:
        raise NotYet(f"{call} is over the budget: {result} units have {has} parameters")
    if result < right:
        raise NotYet(
            f"{call} is too small: {result} units have only {has} parameters, and one unit more "
            "still fits"
        )
    return result


exercise(
    "11.1",
    Question(
        stack_size,
        small_stacks,
        {
            "the second bias row is forgotten: Keras's GRU has two": (
                with_gru(lambda m, n: 3 * n * (m + n + 1))
            ),
            "the second bias row is for all three blocks": (
                with_gru(lambda m, n: 3 * n * (m + n + 2) - 2 * n)
            ),
            "only the first GRU has a second bias row in your stack: all of them have": (
                plus(lambda m, n, outputs, depth: -3 * n * (depth - 1))
            ),
            "the biases of the GRUs are forgotten": with_gru(lambda m, n: 3 * n * (m + n)),
            "only the first GRU reads the features: the others read the states below": (
                plus(lambda m, n, outputs, depth: 3 * n * (m - n) * (depth - 1))
            ),
            "the first GRU reads the features, not states": (
                lambda m, n, outputs, depth: stack_size(n, n, outputs, depth)
            ),
            "the recurrent weights are forgotten": with_gru(lambda m, n: 3 * n * (m + 2)),
            "the input weights are forgotten": with_gru(lambda m, n: 3 * n * (n + 2)),
            "the Dense layer is forgotten": partial(stack_size, dense=lambda n, m: 0),
            "the bias of the Dense layer is forgotten": (
                partial(stack_size, dense=lambda n, m: n * m)
            ),
            "the Dense layer reads the last GRU only, yours reads them all": (
                plus(lambda m, n, outputs, depth: n * outputs * (depth - 1))
            ),
            "every GRU has a Dense layer in your stack: there is one, at the end": (
                plus(lambda m, n, outputs, depth: (n + 1) * outputs * (depth - 1))
            ),
            "your stack is one GRU short": lambda *sizes: stack_size(*sizes[:3], sizes[3] - 1),
            "your stack has one GRU too many": lambda *sizes: stack_size(*sizes[:3], sizes[3] + 1),
            "a GRU has three blocks, yours has four": with_gru(lambda m, n: 4 * n * (m + n + 2)),
            "a GRU has three blocks, yours has two": with_gru(lambda m, n: 2 * n * (m + n + 2)),
            "a GRU has three blocks, yours has one": with_gru(lambda m, n: n * (m + n + 2)),
        },
        names=lambda *sizes: [f"stack_parameters{sizes}"],
    ),
    Question(widest, budgets, look=compared_with_the_budget),
    hints=[
        "A GRU of n units that reads m numbers has 3 * n * (m + n + 2) parameters: three blocks, "
        "each with m rows for the input, n for the state and 2 of biases.",
        "Only the first GRU reads the features. What do the others read?",
        "The Dense layer has (units + 1) * outputs more.",
        "For the second function try 1, 2, 3, ... units until the next one would be too large.",
    ],
)

# --- 11.2: a parallel scan ---------------------------------------------------------------------


def joined(
    first, second, a=lambda a_1, a_2: a_2 * a_1, b=lambda a_1, b_1, a_2, b_2: a_2 * b_1 + b_2
):
    """Two stretches of h_t = a_t h_(t-1) + b_t as one; every option is for a mistake."""
    return a(first[0], second[0]), b(*first, *second)


def pairs_of_stretches(rng):
    """Two stretches, of one unit or several."""
    for shape in [(4,), (3, 5), ()]:
        a_1, b_1, a_2, b_2 = (floatX(rng.normal(size=shape) + 0.3) for _ in range(4))
        yield (a_1, b_1), (a_2, b_2)


def doubling(time):
    """1, 2, 4, ... as long as there are steps that far apart."""
    return [2**i for i in range(10) if 2**i < time]


def by_rounds(
    a, b, h_0, combine, offsets=doubling, around=False, end=lambda a, A, B, h_0: A * h_0 + B
):
    """All states of a linear recurrence, (time, units); every option is for a mistake."""
    A, B = a, b
    for d in offsets(len(a)):
        if around:
            A, B = combine((np.roll(A, d, axis=0), np.roll(B, d, axis=0)), (A, B))
        else:
            new = combine((A[:-d], B[:-d]), (A[d:], B[d:]))
            A, B = (np.concatenate([old[:d], part]) for old, part in zip((A, B), new))
    return end(a, A, B, h_0)


def linear_recurrences(rng):
    """Recurrences of lengths that are powers of 2 and others."""
    for time, units in [(13, 3), (6, 2), (21, 4), (16, 1), (1, 2)]:
        a, b = floatX(rng.uniform(0.5, 0.98, (time, units))), floatX(rng.normal(size=(time, units)))
        yield a, b, floatX(rng.normal(size=units) + 2), joined


def few_calls(combine, all_states, rng):
    """A round for whole arrays is one call of combine."""
    for a, b, h_0, _ in linear_recurrences(rng):
        calls = []

        def counted(first, second, calls=calls):
            calls.append(1)
            return joined(first, second)

        all_states(a, b, h_0, counted)
        rounds = len(doubling(len(a)))
        if rounds and not calls:
            raise NotYet("right, but combine was never called: join whole arrays with it")
        if len(calls) > 2 * rounds + 1:  # a scan up a tree and down again takes twice as many
            raise NotYet(
                f"right, but combine was called {len(calls)} times for {len(a)} steps: "
                f"{rounds} rounds will do, each with one call for whole arrays"
            )


exercise(
    "11.2",
    Question(
        joined,
        pairs_of_stretches,
        {
            "the stretches come in the wrong order: the first acts first": (
                lambda first, second: joined(second, first)
            ),
            "b of the first stretch is not scaled: it goes through the second one": (
                partial(joined, b=lambda a_1, b_1, a_2, b_2: b_1 + b_2)
            ),
            "b of the first stretch is scaled by its own a: that is behind it already": (
                partial(joined, b=lambda a_1, b_1, a_2, b_2: a_1 * b_1 + b_2)
            ),
            "b of the second stretch is scaled, too: nothing comes after it": (
                partial(joined, b=lambda a_1, b_1, a_2, b_2: a_2 * (b_1 + b_2))
            ),
            "b of the second stretch is missing": (
                partial(joined, b=lambda a_1, b_1, a_2, b_2: a_2 * b_1)
            ),
            "b of the first stretch is missing": (
                partial(joined, b=lambda a_1, b_1, a_2, b_2: b_2)
            ),
            "the two b are multiplied: one of them is added": (
                partial(joined, b=lambda a_1, b_1, a_2, b_2: a_2 * b_1 * b_2)
            ),
            "the two a are added: what goes through both is multiplied twice": (
                partial(joined, a=lambda a_1, a_2: a_1 + a_2)
            ),
            "a is the one of the second stretch alone": partial(joined, a=lambda a_1, a_2: a_2),
            "a is the one of the first stretch alone": partial(joined, a=lambda a_1, a_2: a_1),
            "a and b are swapped": then(joined, lambda a, b: (b, a)),
        },
        names=["the new a", "the new b"],
    ),
    Question(
        by_rounds,
        linear_recurrences,
        {
            "h_0 has no part in your states: it goes through the a of all steps, the first too": (
                partial(by_rounds, end=lambda a, A, B, h_0: B)
            ),
            "h_0 is added as it is: it goes through the a of all steps": (
                partial(by_rounds, end=lambda a, A, B, h_0: h_0 + B)
            ),
            "h_0 goes through the a of its own step only: it has all the others behind it": (
                partial(by_rounds, end=lambda a, A, B, h_0: a * h_0 + B)
            ),
            "this is a sum of b alone: your states never shrink": (
                lambda a, b, h_0, combine: h_0 + np.cumsum(b, axis=0)
            ),
            "every state is joined with the one step before it only: go on with 2, 4, 8, ...": (
                partial(by_rounds, offsets=lambda time: [1])
            ),
            "the offset is 1 in every round: it doubles, as the stretches do": (
                partial(by_rounds, offsets=lambda time: [1] * len(doubling(time)))
            ),
            "the offset grows by 1 in every round: it doubles, as the stretches do": (
                partial(by_rounds, offsets=lambda time: range(1, time))
            ),
            "one round is missing: go on as long as the offset is smaller than the number of "
            "steps": partial(by_rounds, offsets=lambda time: doubling(time)[:-1]),
            "the first round is missing: it has the offset 1": (
                partial(by_rounds, offsets=lambda time: doubling(time)[1:])
            ),
            "the rounds come in the wrong order: offsets 1, 2, 4, ...": (
                partial(by_rounds, offsets=lambda time: doubling(time)[::-1])
            ),
            "combine gets its stretches in the wrong order: the earlier one is the first": (
                lambda a, b, h_0, combine: by_rounds(a, b, h_0, lambda *two: combine(*two[::-1]))
            ),
            "the end of the sequence is joined with its start: the first steps stay as they are": (
                partial(by_rounds, around=True)
            ),
            "your scan runs backward in time": (
                lambda a, b, h_0, combine: by_rounds(a[::-1], b[::-1], h_0, combine)[::-1]
            ),
            "these are a and b of the stretches: apply them to h_0": (
                partial(by_rounds, end=lambda a, A, B, h_0: np.stack([A, B]))
            ),
            "this is the last state: return the states of all steps": (
                then(by_rounds, lambda states: states[-1])
            ),
            "the states come one step late: h_0 is no result": (
                partial(by_rounds, end=lambda a, A, B, h_0: np.vstack([h_0, A * h_0 + B])[:-1])
            ),
            "the states lack the first one": then(by_rounds, lambda states: states[1:]),
            "h_0 comes out as well: there is one state for each time step": (
                partial(by_rounds, end=lambda a, A, B, h_0: np.vstack([h_0, A * h_0 + B]))
            ),
        },
        names=["the states"],
    ),
    test=few_calls,
    hints=[
        "Write the second step into the first: a_2 (a_1 h + b_1) + b_2. What stands before h, and "
        "what beside it?",
        "In a round with the offset d the stretches that end at t - d, a[:-d] and b[:-d], come "
        "before those that end at t, a[d:] and b[d:]. One call of combine does them all.",
        "`np.concatenate([a[:d], new_a])`: the first d stretches begin at the first step already.",
        "At the end a and b reach from the start to every step: a * h_0 + b.",
    ],
)

# --- 11.3: additive attention ------------------------------------------------------------------


def closed(energies, mask):
    """Energies with minus infinity, nearly, where the mask is False."""
    return np.where(mask, energies, -1e30)


def shares(energies, mask, axis=1):
    """The softmax over real steps."""
    return softmax(closed(energies, mask), axis=axis)


def mixed(weights, memory):
    """The mean of the memory with these weights, (batch, features)."""
    return np.einsum("bs,bsf->bf", weights, memory)


def attend(
    *given,
    energy=lambda q, k, v: np.tanh(q + k) @ v,
    weigh=shares,
    read=lambda w, m, keys, mask: mixed(w, m),
):
    """The context, (batch, features), and the weights, (batch, source); options are for mistakes:

    energy(query, keys, v), weigh(energies, mask), read(weights, memory, keys, mask).
    """
    state, memory, mask, W_query, W_memory, v = given
    keys = memory @ W_memory
    weights = weigh(energy((state @ W_query)[:, None], keys, v), mask)
    return read(weights, memory, keys, mask), weights


def decoder_step(lengths, source, features, units, hidden, rng):
    """The arguments for one step, with sources of these lengths."""
    shapes = [(len(lengths), units), (len(lengths), source, features)]
    state, memory = (floatX(rng.normal(size=shape) + 0.4) for shape in shapes)
    mask = np.arange(source) < rng.permutation(lengths)[:, None]
    shapes = [(units, hidden), (features, hidden), (hidden,)]
    return state, memory, mask, *(floatX(rng.normal(0, 0.6, shape)) for shape in shapes)


def decoder_steps(rng):
    """Batches with sources of different lengths."""
    yield decoder_step([4, 2, 6], 7, 3, 4, 5, rng)
    yield decoder_step([5, 3], 5, 2, 3, 4, rng)
    yield decoder_step([2, 6, 3, 5], 6, 3, 2, 3, rng)


CONTEXT_AND_WEIGHTS = ["the context", "the weights"]


def large_energies(answer, rng):
    """The softmax must not overflow."""
    *given, v = decoder_step([5, 5, 5], 5, 2, 3, 4, rng)
    given = (*given, floatX(1000) * v)
    try:
        compare(answer(*given), attend(*given), CONTEXT_AND_WEIGHTS)
    except NotYet as error:
        if "infinity" not in str(error):
            raise
        raise NotYet(
            "right for small energies, but exp of one of 1000 is infinite: subtract the largest "
            "energy of each row before exp"
        ) from None


exercise(
    "11.3",
    Question(
        attend,
        decoder_steps,
        {
            "the mask is ignored: padding must get the weight 0": (
                partial(attend, weigh=lambda e, mask: softmax(e, axis=1))
            ),
            "the mask is inverted: it is True where a step is real": (
                partial(attend, weigh=lambda e, mask: shares(e, ~mask))
            ),
            "the padding has the energy 0, and exp(0) is 1: its weight must be 0": (
                partial(attend, weigh=lambda e, mask: softmax(e * mask, axis=1))
            ),
            "the mask comes after the softmax: the weights of the rest no longer sum to 1": (
                partial(attend, weigh=lambda e, mask: softmax(e, axis=1) * mask)
            ),
            "the softmax runs over the batch: the weights of each sample sum to 1": (
                partial(attend, weigh=partial(shares, axis=0))
            ),
            "the softmax runs over the whole batch: the weights of each sample sum to 1": (
                partial(attend, weigh=partial(shares, axis=(0, 1)))
            ),
            "the exponentials are not divided by their sum: the weights of each sample sum to 1": (
                partial(attend, weigh=lambda e, mask: np.exp(e) * mask)
            ),
            "the exponential is missing: a softmax has one": partial(
                attend, weigh=lambda e, mask: e * mask / (e * mask).sum(axis=1, keepdims=True)
            ),
            "these weights are sigmoids, each for itself: a softmax shares out 1": (
                partial(attend, weigh=lambda e, mask: mask * logistic(e))
            ),
            "these weights are the energies: the softmax is missing": (
                partial(attend, weigh=np.multiply)
            ),
            "all real steps have the same weight: the energies are not used": (
                partial(attend, weigh=lambda e, mask: mask / mask.sum(axis=1, keepdims=True))
            ),
            "the step with the largest energy gets all: a softmax shares out 1": partial(
                attend, weigh=lambda e, mask: np.eye(e.shape[1])[closed(e, mask).argmax(axis=1)]
            ),
            "the tanh is missing": partial(attend, energy=lambda q, k, v: (q + k) @ v),
            "tanh comes before the product with v, not after it": (
                partial(attend, energy=lambda q, k, v: np.tanh((q + k) @ v))
            ),
            "this is a sigmoid: the energies have a tanh": (
                partial(attend, energy=lambda q, k, v: logistic(q + k) @ v)
            ),
            "the state has no part in your weights: it belongs inside the tanh, beside the "
            "memory": partial(attend, energy=lambda q, k, v: np.tanh(k) @ v),
            "v is forgotten: the sum over the columns is weighted by it": (
                partial(attend, energy=lambda q, k, v: np.tanh(q + k).sum(axis=2))
            ),
            "the query and the keys are multiplied: additive attention adds them": (
                partial(attend, energy=lambda q, k, v: np.tanh(q * k) @ v)
            ),
            "the energies have the wrong sign": (
                partial(attend, energy=lambda q, k, v: -np.tanh(q + k) @ v)
            ),
            "every sample gets the query of the first one": (
                partial(attend, energy=lambda q, k, v: np.tanh(q[:1] + k) @ v)
            ),
            "the context is a mean of the projected memory: take the memory itself": (
                partial(attend, read=lambda w, m, keys, mask: mixed(w, keys))
            ),
            "the context is divided by the number of steps: the weights sum to 1 already": (
                partial(attend, read=lambda w, m, keys, mask: mixed(w / mask.sum(1)[:, None], m))
            ),
            "the context is the sum of the memory: each step counts by its weight": (
                partial(attend, read=lambda w, m, keys, mask: mixed(mask, m))
            ),
            "the context is the mean of the memory: each step counts by its weight": (
                partial(attend, read=lambda w, m, keys, mask: m.mean(axis=1))
            ),
            "the context still has an axis for the source steps: sum over it": (
                partial(attend, read=lambda w, m, *rest: w[:, :, None] * m)
            ),
            "the context comes first, then the weights": (
                then(attend, lambda context, weights: (weights, context))
            ),
            "the weights are fine inside, but you return the energies": (
                lambda *given: (attend(*given)[0], attend(*given, weigh=lambda e, mask: e)[1])
            ),
        },
        names=CONTEXT_AND_WEIGHTS,
    ),
    test=large_energies,
    hints=[
        "The query is (batch, hidden) and the keys are (batch, source, hidden): query[:, None] "
        "makes them fit, and the product with v (hidden,) leaves (batch, source).",
        "What is masked must have no part in the softmax: `np.where(mask, energies, -1e30)` before "
        "it.",
        "Softmax along the source steps, axis=1. Subtract the largest energy of each row first.",
        "weights[:, :, None] * memory, summed over the source steps, is the context.",
    ],
)

# --- 11.4: labels without times ----------------------------------------------------------------


def alignments(rng):
    """Classes with repeats, and with blanks between equal labels."""
    for first, last in [([0], [2, 0]), ([1], [3]), ([2, 2], [1]), ([3], [0, 0])]:
        some = np.repeat(rng.integers(0, 4, size=6), rng.integers(1, 4, size=6))
        # Everywhere the same label twice with a blank in between, and once more later.
        yield ([*first, 0, 1, 0, 1, 1, 2, *(int(k) for k in some), 1, *last],)
    yield ([0, 0, 0],)


def to_labels_only(states):
    """Whether a step may go on by two states: to a label, and another one than before."""
    return (states[2:] != states[0]) & (states[2:] != states[:-2])


def probability(
    *given, skips=to_labels_only, begin=slice(2), end=slice(-2, None), stay=True, blank=0
):
    """The probability of labels by the forward recursion; every option is for a mistake."""
    p, labels = given
    states = np.array([blank, *(s for label in labels for s in (label, blank))])
    alpha = np.zeros(len(states))
    alpha[begin] = p[0, states[begin]]
    for p_t in p[1:]:
        new = alpha * stay
        new[1:] += alpha[:-1]
        new[2:] += alpha[:-2] * skips(states)
        alpha = new * p_t[states]
    return alpha[end].sum()


def one_by_one(p, labels):
    """The probabilities of all alignments of the labels, each by itself: (alignments,)."""
    ways = itertools.product(range(p.shape[1]), repeat=len(p))
    return np.array([p[range(len(p)), way].prod() for way in ways if collapse(way) == labels])


def without_blanks(p, labels):
    """The forward recursion through the labels alone."""
    alpha = np.eye(len(labels))[0] * p[0, labels]
    for p_t in p[1:]:
        alpha = (alpha + np.concatenate([[0], alpha[:-1]])) * p_t[labels]
    return alpha[-1]


def probabilities(rng):
    """The last ones have hardly enough steps, a single one, and too few of them."""
    for labels, time, classes in [
        *[([0, 1], 4, 3), ([0, 0, 1], 6, 3), ([0, 1, 0], 5, 4), ([0, 1, 1], 6, 4)],
        *[([0], 3, 3), ([1, 0, 2], 3, 4), ([0], 1, 3), ([0, 0], 3, 3), ([0, 0], 2, 3)],
    ]:
        drawn = rng.permutation(np.arange(1, classes))
        yield rng.dirichlet(np.full(classes, 2.0), size=time), [int(drawn[k]) for k in labels]


exercise(
    "11.4",
    Question(
        collapse,
        alignments,
        {
            "the blanks go too early: merge repeats first, then a blank keeps two equal labels "
            "apart": lambda way: collapse(k for k in way if k),
            "the repeats are still there: merge them": lambda way: [k for k in way if k],
            "the blanks are still there: drop the class 0": (
                lambda way: [k for k, _ in itertools.groupby(way)]
            ),
            "nothing has changed: merge repeats, then drop blanks": lambda way: way,
            "each label appears once in your result: only neighbors are merged": (
                lambda way: list(dict.fromkeys(collapse(way)))
            ),
            "your labels run backward": lambda way: collapse(way[::-1]),
        },
        names=lambda way: [f"collapse({way})"],
    ),
    Question(
        probability,
        probabilities,
        {
            "between two equal labels there must be a blank: it may not be skipped": (
                partial(probability, skips=lambda states: states[2:] != states[0])
            ),
            "the blank between two different labels may be skipped": (
                partial(probability, skips=lambda states: False)
            ),
            "your alignments skip labels, too: only a blank may be skipped": (
                partial(probability, skips=lambda states: True)
            ),
            "an alignment may end with its last label as well": (
                partial(probability, end=slice(-1, None))
            ),
            "an alignment may end with a blank as well": partial(probability, end=slice(-2, -1)),
            "an alignment may begin with its first label as well": (
                partial(probability, begin=slice(1))
            ),
            "an alignment may begin with a blank as well": partial(probability, begin=slice(1, 2)),
            "an alignment begins with a blank or the first label, not anywhere": (
                partial(probability, begin=slice(None))
            ),
            "all states count at the end: an alignment must have passed its last label": (
                partial(probability, end=slice(None))
            ),
            "a class may last for several steps: let an alignment stay where it is": (
                partial(probability, stay=False)
            ),
            "there are no blanks in your alignments: put one around and between the labels": (
                without_blanks
            ),
            "this is the best alignment alone: add them all up": then(one_by_one, np.max),
            "this is a mean over the alignments: add them up": then(one_by_one, np.mean),
            "the blank is class 0, not the last one": partial(probability, blank=-1),
            "the first step counts twice": (
                lambda p, labels: probability(np.concatenate([p[:1], p]), labels)
            ),
            "the last step is missing": lambda p, labels: probability(p[:-1], labels),
            "the first step is missing": lambda p, labels: probability(p[1:], labels),
            "the steps run backward: labels come in the order of time": (
                lambda p, labels: probability(p[::-1], labels)
            ),
            "this is the logarithm of the probability": then(probability, np.log),
            "this is the loss, -log of the probability": then(probability, lambda p: -np.log(p)),
        },
        names=lambda p, labels: [f"the probability of {labels} in {len(p)} steps"],
    ),
    hints=[
        "Go through the classes: keep one that differs from the class before it and is no blank. "
        "itertools.groupby gives the repeats.",
        "States: a blank, then each label and a blank after it, 2 * len(labels) + 1 of them. "
        "alpha[s] is the probability of all beginnings of alignments that are in state s now.",
        "At the first step only states 0 and 1 are possible. Then new[s] = (alpha[s] + alpha[s - 1]"
        " + alpha[s - 2]) * p_t[state], the last of them only if state s is a label, and another "
        "one than state s - 2.",
        "At the end an alignment is in the last label or in the blank after it: alpha[-1] + "
        "alpha[-2].",
    ],
)

# --- 11.5: weights for Keras and PyTorch -------------------------------------------------------

KERAS = ("kernel", "recurrent_kernel", "bias", "Dense kernel", "Dense bias")
TORCH = (
    *(f"gru.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")),
    *("dense.weight", "dense.bias"),
)
R_FIRST = (1, 0, 2)  # PyTorch's order of Keras's blocks z, r and candidate; and the way back


def weights(model):
    """All weights of a model."""
    return tuple(model.get_weights())


def reordered(a, order=R_FIRST):
    """The three blocks of columns of `a` in another order."""
    blocks = np.split(a, 3, axis=-1)
    return np.concatenate([blocks[k] for k in order], axis=-1)


def in_order(W, U, b, *dense, order=R_FIRST):
    """Keras's arrays with the blocks of the GRU in another order."""
    return *(reordered(a, order) for a in (W, U, b)), *dense


def for_torch(*arrays, order=R_FIRST, turn=np.transpose):
    """PyTorch's dict from Keras's arrays; every option is for a mistake."""
    W, U, b, V, c = in_order(*arrays, order=order)
    return dict(zip(TORCH, (turn(W), turn(U), b[0], b[1], turn(V), c)))


def keras_predicts(X, W, U, b, V, c):
    """What Keras's GRU (reset after the product) and Dense compute: (batch, outputs)."""
    h = np.zeros((len(X), len(U)))
    for x_t in X.swapaxes(0, 1):
        x_z, x_r, x_h = np.split(x_t @ W + b[0], 3, axis=1)
        h_z, h_r, h_h = np.split(h @ U + b[1], 3, axis=1)
        z, r = logistic(x_z + h_z), logistic(x_r + h_r)
        h = z * h + (1 - z) * np.tanh(x_h + r * h_h)
    return h @ V + c


def torch_predicts(X, weight_ih, weight_hh, bias_ih, bias_hh, weight, bias):
    """What PyTorch's GRU and Linear compute: the same, with the blocks in another order."""
    arrays = weight_ih.T, weight_hh.T, np.stack([bias_ih, bias_hh]), weight.T, bias
    return keras_predicts(X, *in_order(*arrays))


def some_inputs(features):
    """Always the same ones: (batch, time, features)."""
    return np.random.default_rng(0).normal(size=(5, 6, features))


def of_shapes(arrays, names, right, where):
    """The arrays as numbers, each of them with the shape of the right one."""
    arrays = [as_array(a, name) for a, name in zip(arrays, names)]
    for array, name, expected in zip(arrays, names, right):
        if array.shape != expected.shape:
            turned = " (is it transposed?)" if array.T.shape == expected.shape else ""
            raise NotYet(
                f"{where} wants {name} in the shape {expected.shape}, got {array.shape}{turned}"
            )
    return arrays


def predicted_by_keras(got, model):
    """With what to_keras returns."""
    if isinstance(got, dict) or not hasattr(got, "__len__") or len(got) != 5:
        size = f" of {len(got)}" if hasattr(got, "__len__") else ""
        raise NotYet(f"to_keras must return a list of 5 arrays, got {type(got).__name__}{size}")
    arrays = of_shapes(got, KERAS, weights(model), "Keras")
    return keras_predicts(some_inputs(len(arrays[0])), *arrays)


def predicted_by_torch(got, *arrays):
    """With what to_torch returns."""
    if not isinstance(got, dict):
        raise NotYet(f"to_torch must return a dict of 6 arrays, got {type(got).__name__}")
    for name in TORCH:
        if name not in got:
            raise NotYet(f"your dict has no {name!r}, only {', '.join(map(str, got))}")
    right = for_torch(*arrays).values()
    arrays = of_shapes([got[name] for name in TORCH], TORCH, right, "PyTorch")
    return torch_predicts(some_inputs(arrays[0].shape[1]), *arrays)


def models(rng):
    """Models of a GRU and a Dense layer."""
    for features, units, outputs in [(3, 4, 2), (1, 5, 3), (4, 2, 1)]:
        model = Sequential([GRU(units, input_shape=(None, features)), Dense(outputs)])
        drawn = [floatX(rng.uniform(-1.5, 1.5, size=w.shape)) for w in model.get_weights()]
        model.set_weights(drawn)
        yield (model,)


def weights_of_models(rng):
    """Their weights alone."""
    return [weights(model) for (model,) in models(rng)]


def with_bias(change):
    """A mistake in the bias of the GRU."""
    return lambda W, U, b, *dense: (W, U, change(b), *dense)


def sign_of_z(W, U, b, *dense):
    """Weights of an update gate that is reversed."""
    sign = np.repeat([-1, 1], [len(U), 2 * len(U)])
    return sign * W, sign * U, sign * b, *dense


def blocks_turned(W, U, *rest):
    """Recurrent blocks, each for itself transposed."""
    return W, np.hstack([block.T for block in np.split(U, 3, axis=1)]), *rest


def reshaped(a):
    """The shape of the transpose, but not its order."""
    return a.reshape(a.T.shape)


# Mistakes that can be made in both functions: from Keras's arrays to wrong ones.
CHANGES = {
    "the two rows of the bias are swapped: row 0 joins the input": with_bias(np.flipud),
    "the second bias row is forgotten: the reset gate acts on it": (
        with_bias(lambda b: b * [[1], [0]])
    ),
    "the first bias row is forgotten: it joins the input": with_bias(lambda b: b * [[0], [1]]),
    "the two bias rows may not be added: the reset gate stands between them in the candidate": (
        with_bias(lambda b: b.sum(axis=0) * [[1], [0]])
    ),
    "both bias rows are the sum of the two": with_bias(lambda b: b.sum(axis=0) * [[1], [1]]),
    "the biases of the GRU are forgotten": with_bias(lambda b: 0 * b),
    "the sign of z is changed: z keeps the old state everywhere here": sign_of_z,
    "the bias of the Dense layer is forgotten": lambda *arrays: (*arrays[:4], 0 * arrays[4]),
}

exercise(
    "11.5",
    Question(
        weights,
        models,
        {
            **{sentence: then(weights, change) for sentence, change in CHANGES.items()},
            "the gates of your list are in PyTorch's order: Keras's is z, r, candidate": (
                then(weights, in_order)
            ),
            "recurrent_kernel needs no turning: all products have the weights on the right": (
                then(weights, blocks_turned)
            ),
        },
        names=["what Keras predicts with your list"],
        look=predicted_by_keras,
    ),
    Question(
        for_torch,
        weights_of_models,
        {
            **{sentence: then(change, for_torch) for sentence, change in CHANGES.items()},
            "your gates are still in Keras's order z, r, candidate: PyTorch's is r, z, n": (
                partial(for_torch, order=(0, 1, 2))
            ),
            "the gates of the biases are still in Keras's order": (
                then(with_bias(reordered), for_torch)
            ),
            "the gates of the weights are still in Keras's order": (
                lambda W, U, *rest: for_torch(reordered(W), reordered(U), *rest)
            ),
            "the candidate stands first: PyTorch's order is r, z, n": (
                partial(for_torch, order=(2, 1, 0))
            ),
            "the candidate stands between the gates: PyTorch's order is r, z, n": (
                partial(for_torch, order=(1, 2, 0))
            ),
            "the blocks of weight_hh_l0 are not transposed": then(blocks_turned, for_torch),
            "reshape mixes the numbers up: transpose instead": partial(for_torch, turn=reshaped),
            "dense.weight is the transposed kernel: reshape mixes the numbers up": (
                lambda W, U, b, V, c: for_torch(W, U, b, reshaped(V).T, c)
            ),
        },
        names=["what PyTorch predicts with your dict"],
        look=predicted_by_torch,
    ),
    hints=[
        "What does model.get_weights() return, and in which order? Compare the shapes with those "
        "of the table.",
        "PyTorch: cut the columns with `z, r, n = np.split(kernel, 3, axis=1)`, join them in the "
        "order r, z, n, then transpose.",
        "Row 0 of the bias is bias_ih_l0 and row 1 bias_hh_l0, each with its blocks in the new "
        "order.",
        "nn.Linear multiplies from the left, too: dense.weight is the transposed kernel.",
    ],
)

# --- 11.6: a contest ---------------------------------------------------------------------------


def own_contest(report, rng):
    """Errors of at least two architectures with about as many parameters, three seeds each."""
    keys = ("question", "prediction", "parameters", "errors", "winner", "conclusion")
    parameters, errors, best = entries(report, *keys)
    errors = lists(errors, "errors", 2)
    if not isinstance(parameters, dict) or {*parameters} != {*errors}:
        raise NotYet("'parameters' and 'errors' must be dicts with the same names")
    fair_sizes(parameters, "the largest may be a quarter above the smallest")
    if len(np.unique(np.concatenate(list(errors.values())))) < 2:
        raise NotYet("all errors are equal: choose a task that tells the architectures apart")
    winner(best, errors)


exercise(
    "11.6",
    test=own_contest,
    hints=[
        "Architectures by name: "
        "SimpleRNN, LSTM, GRU, MGU, UGRNN, MinGRU, IndRNN, ClockworkRNN, PeepholeLSTM, ...",
        "A task on which they should differ asks for something that one of them lacks: a state "
        "that can be reversed, a long memory, the future.",
        "`results = {name: contest(name) for name in ('GRU', 'LSTM')}`; the parameters and the "
        "errors are its two halves. The winner has the smaller median error.",
    ],
)
