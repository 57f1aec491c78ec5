"""The exercises of chapter 11: budgets, a parallel scan, attention, CTC, Keras, and a contest."""

import itertools

import numpy as np
from scipy.special import expit as logistic

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_array, compare
from course_lib.exercises.draws import drawn_apart
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, numbers, winner, words
from course_lib.layers import GRU, Dense
from course_lib.models import Sequential


def gru_sizes(features, units, depth, bias_rows=2):
    """The numbers of parameters of the GRUs of a stack, one after the other."""
    inputs = [features] + [units] * (depth - 1)
    return [3 * units * (n + units + bias_rows) for n in inputs]


def stack_size(features, units, outputs, depth):
    """The number of parameters of `depth` GRUs and a Dense layer."""
    return sum(gru_sizes(features, units, depth)) + (units + 1) * outputs


SIZES = [(2, 7), (5, 11), (4, 10)]  # of features, units and outputs: small, so that each counts


def stack_draw(depth, rng):
    """A stack; the number of its parameters; and what it is with a mistake."""
    features, units, outputs = (int(rng.integers(*low_high)) for low_high in SIZES)
    grus, dense = gru_sizes(features, units, depth), (units + 1) * outputs
    total, right = sum(grus), sum(grus) + dense
    mistakes = {
        "the second bias row is forgotten: Keras's GRU has two": right - 3 * units * depth,
        "the second bias row is for all three blocks": right - 2 * units * depth,
        "only the first GRU has a second bias row in your stack: all of them have": (
            right - 3 * units * (depth - 1)
        ),
        "the biases of the GRUs are forgotten": right - 6 * units * depth,
        "only the first GRU reads the features: the others read the states below": (
            depth * grus[0] + dense
        ),
        "the first GRU reads the features, not states": depth * grus[-1] + dense,
        "the recurrent weights are forgotten": right - 3 * units**2 * depth,
        "the input weights are forgotten": right - total + sum(gru_sizes(0, units, 1)) * depth,
        "the Dense layer is forgotten": total,
        "the bias of the Dense layer is forgotten": right - outputs,
        "the Dense layer reads the last GRU only, yours reads them all": (
            right + (depth - 1) * units * outputs
        ),
        "every GRU has a Dense layer in your stack: there is one, at the end": (
            total + depth * dense
        ),
        "your stack is one GRU short": right - grus[-1],
        "your stack has one GRU too many": sum(gru_sizes(features, units, depth + 1)) + dense,
        "a GRU has three blocks, yours has four": total // 3 * 4 + dense,
        "a GRU has three blocks, yours has two": total // 3 * 2 + dense,
        "a GRU has three blocks, yours has one": total // 3 + dense,
    }
    mistakes = {sentence: n for sentence, n in mistakes.items() if n != right}
    return (features, units, outputs, depth), right, mistakes


@exercise(
    "11.1",
    "A GRU of n units that reads m numbers has 3 * n * (m + n + 2) parameters: three blocks, each "
    "with m rows for the input, n for the state and 2 of biases.",
    "Only the first GRU reads the features. What do the others read?",
    "The Dense layer has (units + 1) * outputs more.",
    "For the second function try 1, 2, 3, ... units until the next one would be too large.",
)
def equal_budgets(stack_parameters, units_for, rng):
    """The number of parameters of a stack of GRUs, and the widest stack for a budget."""
    for depth in (2, 4, 1):  # with 3 some mistakes could not be told apart
        given, right, mistakes = drawn_apart(lambda depth=depth: stack_draw(depth, rng))
        name = f"stack_parameters{given}"
        stack_parameters.gives(right, *given, names=[name], mistakes=mistakes)

    # A stack fits exactly, fails by one, has some to spare; a single unit fits.
    for depth, spare, low in [
        (1, 0, 20),
        (2, 0, 12),
        (3, -1, 9),
        (2, -1, 30),
        (4, 7, 6),
        (2, 0, 1),
    ]:
        features, outputs = (int(n) for n in rng.integers(1, 6, size=2))
        units = int(rng.integers(low, 2 * low))
        budget = stack_size(features, units, outputs, depth) + spare
        right = units - (spare < 0)
        call = f"units_for({features}, {outputs}, {depth}, {budget})"
        result = as_array(units_for(features, outputs, depth, budget), call)
        if result.shape != () or result % 1:
            raise NotYet(f"{call} must be one whole number of units, got {result}")
        has = stack_size(features, int(result), outputs, depth)
        if result > right:
            raise NotYet(f"{call} is over the budget: {result} units have {has} parameters")
        if result < right:
            raise NotYet(
                f"{call} is too small: {result} units have only {has} parameters, and one unit "
                "more still fits"
            )


def joined(first, second):
    """Two stretches of h_t = a_t h_{t-1} + b_t, one after the other, as one."""
    (a_1, b_1), (a_2, b_2) = first, second
    return a_2 * a_1, a_2 * b_1 + b_2


def join_mistakes(a_1, b_1, a_2, b_2):
    """What `combine` returns with a typical mistake."""
    a, b = joined((a_1, b_1), (a_2, b_2))
    return {
        "the stretches come in the wrong order: the first acts first": (
            joined((a_2, b_2), (a_1, b_1))
        ),
        "b of the first stretch is not scaled: it goes through the second one": (a, b_1 + b_2),
        "b of the first stretch is scaled by its own a: that is behind it already": (
            (a, a_1 * b_1 + b_2)
        ),
        "b of the second stretch is scaled, too: nothing comes after it": (a, a_2 * (b_1 + b_2)),
        "b of the second stretch is missing": (a, a_2 * b_1),
        "b of the first stretch is missing": (a, b_2),
        "the two b are multiplied: one of them is added": (a, a_2 * b_1 * b_2),
        "the two a are added: what goes through both is multiplied twice": (a_1 + a_2, b),
        "a is the one of the second stretch alone": (a_2, b),
        "a is the one of the first stretch alone": (a_1, b),
        "a and b are swapped": (b, a),
    }


def one_by_one(a, b, h_0):
    """All states, one after the other: (time, units)."""
    h, path = h_0, []
    for a_t, b_t in zip(a, b):
        h = a_t * h + b_t
        path.append(h)
    return np.array(path)


def rounds(a, b, offsets=None, join=joined, around=False):
    """a and b from the start to every step, after a round for each offset.

    By default offsets double. The first steps, which have nothing before them, stay as they are,
    or with `around` are joined with the end of the sequence.
    """
    offsets = [2**i for i in range(10)] if offsets is None else offsets
    for d in (d for d in offsets if d < len(a)):
        new = join((a[:-d], b[:-d]), (a[d:], b[d:]))
        head = a[:d], b[:d]
        if around:
            head = join((a[-d:], b[-d:]), head)
        a, b = (np.concatenate(parts) for parts in zip(head, new))
    return a, b


def scan_mistakes(a, b, h_0):
    """What `all_states` returns with a typical mistake."""
    A, B = rounds(a, b)
    right = A * h_0 + B

    def states(*pair):
        return pair[0] * h_0 + pair[1]

    doubling = [2**i for i in range(10) if 2**i < len(a)]
    later = np.concatenate([h_0[None], right[:-1]])
    return {
        "h_0 has no part in your states: it goes through the a of all steps, the first too": B,
        "h_0 is added as it is: it goes through the a of all steps": h_0 + B,
        "h_0 goes through the a of its own step only: it has all the others behind it": (
            a * h_0 + B
        ),
        "this is a sum of b alone: your states never shrink": h_0 + np.cumsum(b, axis=0),
        "every state is joined with the one step before it only: go on with 2, 4, 8, ...": (
            states(*rounds(a, b, [1]))
        ),
        "the offset is 1 in every round: it doubles, as the stretches do": (
            states(*rounds(a, b, [1] * len(doubling)))
        ),
        "the offset grows by 1 in every round: it doubles, as the stretches do": (
            states(*rounds(a, b, range(1, len(a))))
        ),
        "one round is missing: go on as long as the offset is smaller than the number of steps": (
            states(*rounds(a, b, doubling[:-1]))
        ),
        "the first round is missing: it has the offset 1": states(*rounds(a, b, doubling[1:])),
        "the rounds come in the wrong order: offsets 1, 2, 4, ...": (
            states(*rounds(a, b, doubling[::-1]))
        ),
        "combine gets its stretches in the wrong order: the earlier one is the first": (
            states(*rounds(a, b, join=lambda first, second: joined(second, first)))
        ),
        "the end of the sequence is joined with its start: the first steps stay as they are": (
            states(*rounds(a, b, around=True))
        ),
        "your scan runs backward in time": one_by_one(a[::-1], b[::-1], h_0)[::-1],
        "these are a and b of the stretches: apply them to h_0": np.stack([A, B]),
        "this is the last state: the states of all steps are asked for": right[-1],
        "the states come one step late: h_0 is no result": later,
        "the states lack the first one": right[1:],
        "h_0 comes out as well: there is one state for each time step": (
            np.concatenate([h_0[None], right])
        ),
    }


def counting(calls):
    """A right `combine` that notes each call."""

    def combine(first, second):
        calls.append(1)
        return joined(first, second)

    return combine


@exercise(
    "11.2",
    "Write the second step into the first: a_2 (a_1 h + b_1) + b_2. What stands before h, and "
    "what beside it?",
    "In a round with the offset d the stretches that end at t - d, a[:-d] and b[:-d], come before "
    "those that end at t, a[d:] and b[d:]. One call of combine does them all.",
    "`np.concatenate([a[:d], new_a])`: the first d stretches begin at the first step already.",
    "At the end a and b reach from the start to every step: a * h_0 + b.",
)
def parallel_scan(combine, all_states, rng):
    """Two stretches of a linear recurrence as one, and all its states by doubling."""
    for shape in [(4,), (3, 5), ()]:
        a_1, b_1, a_2, b_2 = parts = [floatX(rng.normal(size=shape) + 0.3) for _ in range(4)]
        combine.gives(
            joined((a_1, b_1), (a_2, b_2)),
            *((a_1, b_1), (a_2, b_2)),
            names=["the new a", "the new b"],
            mistakes=join_mistakes(*parts),
        )
    for time, units in [(13, 3), (6, 2), (21, 4), (16, 1), (1, 2)]:
        a, b = floatX(rng.uniform(0.5, 0.98, (time, units))), floatX(rng.normal(size=(time, units)))
        h_0, calls = floatX(rng.normal(size=units) + 2), []
        all_states.gives(
            one_by_one(a, b, h_0),
            *(a, b, h_0, counting(calls)),
            names=["the states"],
            mistakes=scan_mistakes(a, b, h_0),
        )
        few = int(np.ceil(np.log2(time)))
        if time > 1 and not calls:
            raise NotYet("right, but combine was never called: join whole arrays with it")
        if len(calls) > 2 * few + 1:  # a scan up a tree and down again takes twice as many
            raise NotYet(
                f"right, but combine was called {len(calls)} times for {time} steps: "
                f"{few} rounds will do, each with one call for whole arrays"
            )


def softmax(energies, axis=-1):
    """Shares of exp(energies) along an axis, or along all of them."""
    shares = np.exp(energies - energies.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


def energies_of(state, memory, W_query, W_memory, v):
    """v . tanh(state W_query + memory W_memory): (batch, source steps)."""
    return np.tanh((state @ W_query)[:, None] + memory @ W_memory) @ v


def closed(energies, mask):
    """Energies with minus infinity, nearly, where the mask is False."""
    return np.where(mask, energies, -1e30)


def attended(weights, memory):
    """The mean of the memory with weights (batch, source steps), and the weights."""
    return np.einsum("bs,bsf->bf", weights, memory), weights


def attention_mistakes(state, memory, mask, W_query, W_memory, v):
    """What `attend` returns with a typical mistake."""
    query, keys = (state @ W_query)[:, None], memory @ W_memory
    energies = energies_of(state, memory, W_query, W_memory, v)
    masked = closed(energies, mask)
    context, weights = attended(softmax(masked), memory)

    def read(energies):
        return attended(softmax(closed(energies, mask)), memory)

    exps = np.exp(energies) * mask
    cases = {
        "the mask is ignored: padding must get the weight 0": softmax(energies),
        "the mask is turned round: it is True where a step is real": (
            softmax(closed(energies, ~mask))
        ),
        "the padding has the energy 0, and exp(0) is 1: its weight must be 0": (
            softmax(energies * mask)
        ),
        "the mask comes after the softmax: the weights of the rest no longer sum to 1": (
            softmax(energies) * mask
        ),
        "the softmax runs over the batch: the weights of each sample sum to 1": (
            softmax(masked, axis=0)
        ),
        "the softmax runs over the whole batch: the weights of each sample sum to 1": (
            softmax(masked, axis=(0, 1))
        ),
        "the exponentials are not divided by their sum: the weights of each sample sum to 1": exps,
        "the exponential is missing: a softmax has one": (
            energies * mask / (energies * mask).sum(axis=1, keepdims=True)
        ),
        "these weights are sigmoids, each for itself: a softmax shares out 1": (
            mask / (1 + np.exp(-energies))
        ),
        "these weights are the energies: the softmax is missing": energies * mask,
        "all real steps have the same weight: the energies are not used": (
            mask / mask.sum(axis=1, keepdims=True)
        ),
        "the step with the largest energy gets all: a softmax shares out 1": (
            np.eye(mask.shape[1])[masked.argmax(axis=1)]
        ),
    }
    return {
        **{sentence: attended(wrong, memory) for sentence, wrong in cases.items()},
        "the tanh is missing": read((query + keys) @ v),
        "tanh comes before the product with v, not after it": read(np.tanh((query + keys) @ v)),
        "this is a sigmoid: the energies have a tanh": read(logistic(query + keys) @ v),
        "the state has no part in your weights: it belongs inside the tanh, beside the memory": (
            read(np.tanh(keys) @ v)
        ),
        "v is forgotten: the sum over the columns is weighted by it": (
            read(np.tanh(query + keys).sum(axis=2))
        ),
        "the query and the keys are multiplied: additive attention adds them": (
            read(np.tanh(query * keys) @ v)
        ),
        "the energies have the wrong sign": read(-energies),
        "every sample gets the query of the first one": read(np.tanh(query[:1] + keys) @ v),
        "the context is a mean of the projected memory: take the memory itself": (
            (np.einsum("bs,bsa->ba", weights, keys), weights)
        ),
        "the context is divided by the number of steps: the weights sum to 1 already": (
            (context / mask.sum(axis=1, keepdims=True), weights)
        ),
        "the context is the sum of the memory: each step counts by its weight": (
            ((memory * mask[:, :, None]).sum(axis=1), weights)
        ),
        "the context is the mean of the memory: each step counts by its weight": (
            (memory.mean(axis=1), weights)
        ),
        "the context still has an axis for the source steps: sum over it": (
            (weights[:, :, None] * memory, weights)
        ),
        "the context comes first, then the weights": (weights, context),
        "the weights are fine inside, but you return the energies": (context, energies),
    }


@exercise(
    "11.3",
    "The query is (batch, hidden) and the keys are (batch, source, hidden): query[:, None] makes "
    "them fit, and the product with v (hidden,) leaves (batch, source).",
    "What is masked must have no part in the softmax: `np.where(mask, energies, -1e30)` before it.",
    "Softmax along the source steps, axis=1. Subtract the largest energy of each row first.",
    "weights[:, :, None] * memory, summed over the source steps, is the context.",
)
def attention_step(answer, rng):
    """Additive attention for one step of a decoder, with a mask."""
    names = ["the context", "the weights"]

    def draw(lengths, source, features, units, hidden):
        batch = len(lengths)
        shapes = [(batch, units), (batch, source, features)]
        state, memory = (floatX(rng.normal(size=shape) + 0.4) for shape in shapes)
        mask = np.arange(source) < rng.permutation(lengths)[:, None]
        shapes = [(units, hidden), (features, hidden), (hidden,)]
        return state, memory, mask, *(floatX(rng.normal(0, 0.6, shape)) for shape in shapes)

    for lengths, source, *sizes in [
        ([4, 2, 6], 7, 3, 4, 5),
        ([5, 3], 5, 2, 3, 4),
        ([2, 6, 3, 5], 6, 3, 2, 3),
    ]:
        state, memory, mask, *weights = draw(lengths, source, *sizes)
        right = attended(softmax(closed(energies_of(state, memory, *weights), mask)), memory)
        given = (state, memory, mask, *weights)
        answer.gives(right, *given, names=names, mistakes=attention_mistakes(*given))

    state, memory, mask, W_query, W_memory, v = draw([5, 5, 5], 5, 2, 3, 4)
    weights = (W_query, W_memory, floatX(1000) * v)
    right = attended(softmax(energies_of(state, memory, *weights)), memory)
    try:
        answer.gives(right, state, memory, mask, *weights, names=names)
    except NotYet as error:
        if "infinity" not in str(error):
            raise
        raise NotYet(
            "right for small energies, but exp of one of 1000 is infinite: subtract the largest "
            "energy of each row before exp"
        ) from None


def merged(classes, drops_first=False, merges=True, drops=True):
    """The labels of an alignment; other options are mistakes."""
    if drops_first:
        classes = [k for k in classes if k != 0]
    labels = [k for k, _ in itertools.groupby(classes)] if merges else list(classes)
    return [k for k in labels if k != 0 or not drops]


def alignments(time, classes):
    """All of them, as an array (classes ** time, time)."""
    return np.array(list(itertools.product(range(classes), repeat=time)))


def enumerated(p, labels):
    """The probabilities of all alignments of the labels, each by itself: (alignments,)."""
    time, classes = p.shape
    ways = [way for way in alignments(time, classes) if merged(way) == labels]
    return np.array([p[np.arange(time), way].prod() for way in ways])


def forward(p, labels, skips="right", begins=(0, 1), ends=(-1, -2), stays=True, blank=0):
    """The probability of the labels by the forward recursion; other options are mistakes."""
    states = [blank]
    for label in labels:
        states += [label, blank]
    states = np.array(states)
    alpha = np.zeros(len(states))
    alpha[list(begins)] = p[0, states[list(begins)]]
    two_back = {
        "right": (states[2:] != blank) & (states[2:] != states[:-2]),
        "labels": states[2:] != blank,
        "all": states[2:] == states[2:],
        "never": states[2:] != states[2:],
    }[skips]
    for p_t in p[1:]:
        new = alpha * stays
        new[1:] += alpha[:-1]
        new[2:] += two_back * alpha[:-2]
        alpha = new * p_t[states]
    return alpha[list(ends)].sum()


def without_blanks(p, labels):
    """The forward recursion through the labels alone."""
    alpha = np.zeros(len(labels))
    alpha[0] = p[0, labels[0]]
    for p_t in p[1:]:
        alpha = (alpha + np.concatenate([[0], alpha[:-1]])) * p_t[labels]
    return alpha[-1]


def some_labels(labels, time, classes, rng):
    """Probabilities (time, classes), and labels with the same repeats but other numbers."""
    drawn = rng.permutation(np.arange(1, classes))
    return rng.dirichlet(np.full(classes, 2.0), size=time), [int(drawn[k]) for k in labels]


def ctc_draw(*case):
    """Probabilities and labels; the right result; and what it is with a mistake."""
    p, labels = some_labels(*case)
    ways = enumerated(p, labels)
    right, everywhere = ways.sum(), tuple(range(2 * len(labels) + 1))
    mistakes = {
        "between two equal labels there must be a blank: it may not be skipped": (
            forward(p, labels, skips="labels")
        ),
        "the blank between two different labels may be skipped": forward(p, labels, skips="never"),
        "your alignments skip labels, too: only a blank may be skipped": (
            forward(p, labels, skips="all")
        ),
        "an alignment may end with its last label as well": forward(p, labels, ends=[-1]),
        "an alignment may end with a blank as well": forward(p, labels, ends=[-2]),
        "an alignment may begin with its first label as well": forward(p, labels, begins=[0]),
        "an alignment may begin with a blank as well": forward(p, labels, begins=[1]),
        "an alignment begins with a blank or the first label, not anywhere": (
            forward(p, labels, begins=everywhere)
        ),
        "all states count at the end: an alignment must have passed its last label": (
            forward(p, labels, ends=everywhere)
        ),
        "a class may last for several steps: let an alignment stay where it is": (
            forward(p, labels, stays=False)
        ),
        "there are no blanks in your alignments: put one around and between the labels": (
            without_blanks(p, labels)
        ),
        "this is the best alignment alone: add them all up": ways.max(initial=0),
        "this is a mean over the alignments: add them up": right / max(len(ways), 1),
        "the blank is class 0, not the last one": forward(p, labels, blank=-1),
        "the first step counts twice": forward(np.concatenate([p[:1], p]), labels),
        "the last step is missing": forward(p[:-1], labels),
        "the first step is missing": forward(p[1:], labels),
        "the steps run backward: labels come in the order of time": forward(p[::-1], labels),
        "this is the logarithm of the probability": np.log(right),
        "this is the loss, -log of the probability": -np.log(right),
    }
    mistakes = {s: n for s, n in mistakes.items() if abs(n - right) > 1e-9 and np.isfinite(n)}
    return (p, labels), right, mistakes


@exercise(
    "11.4",
    "Go through the classes: keep one that differs from the class before it and is no blank. "
    "itertools.groupby gives the repeats.",
    "States: a blank, then each label and a blank after it, 2 * len(labels) + 1 of them. "
    "alpha[s] is the probability of all beginnings of alignments that are in state s now.",
    "At the first step only states 0 and 1 are possible. Then new[s] = (alpha[s] + alpha[s - 1]"
    " + alpha[s - 2]) * p_t[state], the last of them only if state s is a label, and another one "
    "than state s - 2.",
    "At the end an alignment is in the last label or in the blank after it: alpha[-1] + alpha[-2].",
)
def labels_without_times(collapse, probability, rng):
    """The labels of an alignment, and the probability of labels over all alignments."""
    for first, last in [([0], [2, 0]), ([1], [3]), ([2, 2], [1]), ([3], [0, 0])]:
        some = np.repeat(rng.integers(0, 4, size=6), rng.integers(1, 4, size=6))
        # Everywhere the same label twice with a blank in between, and once more later.
        way = [*first, 0, 1, 0, 1, 1, 2, *(int(k) for k in some), 1, *last]
        collapse.gives(
            np.array(merged(way)),
            way,
            names=[f"collapse({way})"],
            mistakes={
                "the blanks go too early: merge repeats first, then a blank keeps two equal "
                "labels apart": np.array(merged(way, drops_first=True)),
                "the repeats are still there: merge them": np.array(merged(way, merges=False)),
                "the blanks are still there: drop the class 0": np.array(merged(way, drops=False)),
                "nothing has changed: merge repeats, then drop blanks": np.array(way),
                "each label appears once in your result: only neighbors are merged": (
                    np.array(list(dict.fromkeys(k for k in way if k)))
                ),
                "your labels run backward": np.array(merged(way)[::-1]),
            },
        )
    collapse.gives(np.array([]), [0, 0, 0], names=["collapse([0, 0, 0])"])
    for case in [([0, 1], 4, 3), ([0, 0, 1], 6, 3), ([0, 1, 0], 5, 4), ([0, 1, 1], 6, 4)]:
        given, right, mistakes = drawn_apart(lambda case=case: ctc_draw(*case, rng))
        name = f"the probability of {given[1]} in {len(given[0])} steps"
        probability.gives(right, *given, names=[name], mistakes=mistakes)
    # One label, hardly enough steps, a single one, and too few of them.
    for case in [([0], 3, 3), ([1, 0, 2], 3, 4), ([0], 1, 3), ([0, 0], 3, 3), ([0, 0], 2, 3)]:
        p, labels = some_labels(*case, rng)
        name = f"the probability of {labels} in {len(p)} steps"
        probability.gives(enumerated(p, labels).sum(), p, labels, names=[name])


def keras_predicts(X, kernel, recurrent_kernel, bias, dense_kernel, dense_bias):
    """What Keras's GRU (reset after the product) and Dense compute: (batch, outputs)."""
    h = np.zeros((len(X), len(recurrent_kernel)))
    for x_t in X.swapaxes(0, 1):
        x_z, x_r, x_h = np.split(x_t @ kernel + bias[0], 3, axis=1)
        h_z, h_r, h_h = np.split(h @ recurrent_kernel + bias[1], 3, axis=1)
        z, r = logistic(x_z + h_z), logistic(x_r + h_r)
        h = z * h + (1 - z) * np.tanh(x_h + r * h_h)
    return h @ dense_kernel + dense_bias


def torch_predicts(X, weight_ih, weight_hh, bias_ih, bias_hh, weight, bias):
    """What PyTorch's GRU and Linear compute: (batch, outputs)."""
    h = np.zeros((len(X), weight_hh.shape[1]))
    for x_t in X.swapaxes(0, 1):
        x_r, x_z, x_n = np.split(x_t @ weight_ih.T + bias_ih, 3, axis=1)
        h_r, h_z, h_n = np.split(h @ weight_hh.T + bias_hh, 3, axis=1)
        r, z = logistic(x_r + h_r), logistic(x_z + h_z)
        h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
    return h @ weight.T + bias


KERAS = ("kernel", "recurrent_kernel", "bias", "Dense kernel", "Dense bias")
TORCH = (
    *(f"gru.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")),
    *("dense.weight", "dense.bias"),
)


def reordered(a, order):
    """The three blocks of columns of `a` in another order."""
    blocks = np.split(a, 3, axis=-1)
    return np.concatenate([blocks[k] for k in order], axis=-1)


def in_order(kernel, recurrent_kernel, bias, *dense, order):
    """Keras's arrays with the blocks of z, r and the candidate in another order."""
    return *(reordered(a, order) for a in (kernel, recurrent_kernel, bias)), *dense


def for_torch(*arrays, order=(1, 0, 2)):
    """The six arrays of PyTorch from the five of Keras; another order is a mistake."""
    kernel, recurrent_kernel, bias, *dense = in_order(*arrays, order=order)
    return kernel.T, recurrent_kernel.T, bias[0], bias[1], dense[0].T, dense[1]


def bias_mistakes(kernel, recurrent_kernel, bias, *dense):
    """Keras's arrays with typical mistakes in the biases and in the sign of z."""
    both, none = bias.sum(axis=0), 0 * bias[0]
    turned = np.repeat([-1, 1], [len(recurrent_kernel), 2 * len(recurrent_kernel)])
    rows = {
        "the two rows of the bias are swapped: row 0 joins the input": bias[::-1],
        "the second bias row is forgotten: the reset gate acts on it": np.stack([bias[0], none]),
        "the first bias row is forgotten: it joins the input": np.stack([none, bias[1]]),
        "the two bias rows may not be added: the reset gate stands between them in the "
        "candidate": np.stack([both, none]),
        "both bias rows are the sum of the two": np.stack([both, both]),
        "the biases of the GRU are forgotten": 0 * bias,
    }
    return {
        **{sentence: (kernel, recurrent_kernel, b, *dense) for sentence, b in rows.items()},
        "the sign of z is changed: z keeps the old state everywhere here": (
            (turned * kernel, turned * recurrent_kernel, turned * bias, *dense)
        ),
        "the bias of the Dense layer is forgotten": (
            (kernel, recurrent_kernel, bias, dense[0], 0 * dense[1])
        ),
    }


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


@exercise(
    "11.5",
    "What does model.get_weights() return, and in which order? Compare the shapes with those of "
    "the table.",
    "PyTorch: cut the columns with `z, r, n = np.split(kernel, 3, axis=1)`, join them in the order "
    "r, z, n, then transpose.",
    "Row 0 of the bias is bias_ih_l0 and row 1 bias_hh_l0, each with its blocks in the new order.",
    "nn.Linear multiplies from the left, too: dense.weight is the transposed kernel.",
)
def to_keras_and_torch(to_keras, to_torch, rng):
    """A trained GRU with a Dense layer as Keras's list of weights, and as PyTorch's dict."""
    for features, units, outputs in [(3, 4, 2), (1, 5, 3), (4, 2, 1)]:
        model = Sequential([GRU(units, input_shape=(None, features)), Dense(outputs)])
        right = tuple(floatX(rng.uniform(-1.5, 1.5, size=w.shape)) for w in model.get_weights())
        model.set_weights(right)
        kernel, recurrent_kernel, bias, *dense = right
        X = rng.normal(size=(5, 6, features))

        got = to_keras(model)
        if isinstance(got, dict) or not hasattr(got, "__len__") or len(got) != 5:
            size = f" of {len(got)}" if hasattr(got, "__len__") else ""
            raise NotYet(f"to_keras must return a list of 5 arrays, got {type(got).__name__}{size}")
        got = of_shapes(got, KERAS, right, "Keras")
        wrong = {
            **bias_mistakes(*right),
            "the gates of your list are in PyTorch's order: Keras's is z, r, candidate": (
                in_order(*right, order=(1, 0, 2))
            ),
            "recurrent_kernel needs no turning: all products have the weights on the right": (
                (kernel, np.hstack([block.T for block in np.split(recurrent_kernel, 3, axis=1)]))
                + (bias, *dense)
            ),
        }
        compare(
            keras_predicts(X, *got),
            keras_predicts(X, *right),
            names=["what Keras predicts with your list"],
            mistakes={sentence: keras_predicts(X, *each) for sentence, each in wrong.items()},
        )

        got = to_torch(*right)
        if not isinstance(got, dict):
            raise NotYet(f"to_torch must return a dict of 6 arrays, got {type(got).__name__}")
        for name in TORCH:
            if name not in got:
                raise NotYet(f"your dict has no {name!r}, only {', '.join(map(str, got))}")
        expected = for_torch(*right)
        got = of_shapes([got[name] for name in TORCH], TORCH, expected, "PyTorch")
        wrong = {sentence: for_torch(*each) for sentence, each in bias_mistakes(*right).items()}
        wrong |= pytorch_mistakes(*right)
        compare(
            torch_predicts(X, *got),
            torch_predicts(X, *expected),
            names=["what PyTorch predicts with your dict"],
            mistakes={sentence: torch_predicts(X, *each) for sentence, each in wrong.items()},
        )


def pytorch_mistakes(*right):
    """PyTorch's arrays with typical mistakes in the order of the gates and in the matrices."""
    kernel, recurrent_kernel, bias, dense_kernel, dense_bias = right
    weight_ih, weight_hh, *biases, weight, _ = for_torch(*right)
    keras_order = for_torch(*right, order=(0, 1, 2))
    r, z, n = np.split(weight_hh, 3)
    rest = (*biases, weight, dense_bias)
    return {
        "your gates are still in Keras's order z, r, candidate: PyTorch's is r, z, n": keras_order,
        "the gates of the biases are still in Keras's order": (
            (weight_ih, weight_hh, bias[0], bias[1], weight, dense_bias)
        ),
        "the gates of the weights are still in Keras's order": (keras_order[0], keras_order[1])
        + rest,
        "the candidate stands first: PyTorch's order is r, z, n": (
            for_torch(*right, order=(2, 1, 0))
        ),
        "the candidate stands between the gates: PyTorch's order is r, z, n": (
            for_torch(*right, order=(1, 2, 0))
        ),
        "the blocks of weight_hh_l0 are not transposed": (
            (weight_ih, np.concatenate([r.T, z.T, n.T]), *rest)
        ),
        "reshape mixes the numbers up: transpose instead": (
            (
                reordered(kernel, (1, 0, 2)).reshape(weight_ih.shape),
                reordered(recurrent_kernel, (1, 0, 2)).reshape(weight_hh.shape),
                *(*biases, dense_kernel.reshape(weight.shape), dense_bias),
            )
        ),
        "dense.weight is the transposed kernel: reshape mixes the numbers up": (
            (weight_ih, weight_hh, *biases, dense_kernel.reshape(weight.shape), dense_bias)
        ),
    }


@exercise(
    "11.6",
    "Architectures by name: "
    "SimpleRNN, LSTM, GRU, MGU, UGRNN, MinGRU, IndRNN, ClockworkRNN, PeepholeLSTM, ...",
    "A task on which they should differ asks for something that one of them lacks: a state that "
    "can be turned round, a long memory, the future.",
    "`results = {name: contest(name) for name in ('GRU', 'LSTM')}`; the parameters and the errors "
    "are its two halves. The winner has the smaller median error.",
)
def own_contest(report, rng):
    """Errors of at least two architectures with about as many parameters, three seeds each."""
    keys = ("question", "prediction", "parameters", "errors", "winner", "conclusion")
    question, prediction, parameters, errors, best, conclusion = entries(report, *keys)
    words(question, "the question", 5)
    words(prediction, "the prediction", 5)
    errors = lists(errors, "errors", 2)
    if not isinstance(parameters, dict) or {*parameters} != {*errors}:
        raise NotYet("'parameters' and 'errors' must be dicts with the same names")
    counts = numbers(list(parameters.values()), "the list of parameters", 2)
    if (counts < 1).any() or (counts % 1).any():
        raise NotYet("a number of parameters is a whole number above 0")
    if counts.max() > 1.25 * counts.min():
        raise NotYet(
            f"between {counts.min():.0f} and {counts.max():.0f} parameters: that is no fair "
            "contest, the largest may be a quarter above the smallest"
        )
    if len(np.unique(np.concatenate(list(errors.values())))) < 2:
        raise NotYet("all errors are equal: choose a task that tells the architectures apart")
    winner(best, errors)
    words(conclusion, "the conclusion", 10)
