"""Answers to the exercises of chapter 08: right ones, and typical mistakes with their names."""

from collections import Counter

import numpy as np

from course_lib import text
from course_lib.backend import T, softmax

# --- 08.1 ------------------------------------------------------------------------------------


def vocabulary(
    at_least=lambda n, least: n >= least,
    sort=sorted,
    build=lambda unknown, common: [unknown, *common],
    without=True,
):
    """A vocabulary; `without` leaves the unknown symbol out of the others."""

    def make(text, least, unknown):
        counts = Counter(text)
        common = [c for c in counts if at_least(counts[c], least)]
        return build(unknown, sort([c for c in common if not (without and c == unknown)]))

    return make


def encode(missing=lambda symbols, unknown: symbols.index(unknown), places=None, shift=0):
    def make(text, symbols, unknown):
        places_of = (places or list)(symbols)
        other = missing(symbols, unknown)
        return [shift + (places_of.index(c) if c in symbols else other) for c in text]

    return make


def dropped(text, symbols, unknown):
    return np.array([symbols.index(c) for c in text if c in symbols])


def decode(numbers, symbols):
    return "".join([symbols[int(i)] for i in numbers])


def library_encode(characters, symbols, unknown):
    return text.Vocabulary(symbols, unknown=unknown).encode(characters)


def library_decode(numbers, symbols):
    return "".join(text.Vocabulary(symbols).decode(numbers))


def counted(text, least, unknown):
    """The vocabulary as one string, by sorting all characters."""
    found = unknown
    for symbol in np.unique(list(text)):
        if text.count(symbol) >= least and symbol not in found:
            found += symbol
    return found


# --- 08.2 ------------------------------------------------------------------------------------


def batched(
    arrange=lambda part, rows, time: part.reshape(rows, -1, time).swapaxes(0, 1),
    spare=1,
    begin=0,
    shift=1,
    batches=0,
):
    """A cut; `spare` is how many symbols serve as targets only, `begin` where X begins."""

    def cut(numbers, rows, time):
        used = ((len(numbers) - spare) // (rows * time) + batches) * rows * time
        start = begin(len(numbers), used) if callable(begin) else begin
        places = start + np.arange(used)
        X = arrange(numbers[places], rows, time)
        return X, arrange(np.take(numbers, places + shift, mode="wrap"), rows, time)

    return cut


def batch_by_batch(numbers, batch_size, time):
    """Loops instead of reshape, and lists."""
    batches = (len(numbers) - 1) // (batch_size * time)
    X, y = [], []
    for k in range(batches):
        starts = [(i * batches + k) * time for i in range(batch_size)]
        X.append([numbers[s : s + time].tolist() for s in starts])
        y.append([numbers[s + 1 : s + time + 1].tolist() for s in starts])
    return [X, y]


def by_library(numbers, batch_size, time):
    return tuple(
        part.reshape(-1, batch_size, time) for part in text.streams(numbers, batch_size, time)
    )


def long_streams(numbers, rows, time):
    length = (len(numbers) - 1) // rows
    batches = length // time

    def pieces(part):
        kept = part[: rows * length].reshape(rows, length)[:, : batches * time]
        return kept.reshape(rows, batches, time).swapaxes(0, 1)

    return pieces(numbers[:-1]), pieces(numbers[1:])


def change(of_X=lambda X: X, of_y=lambda y: y):
    def cut(*arguments):
        X, y = batched()(*arguments)
        return of_X(X), of_y(y)

    return cut


def targets_in_a_circle(numbers, rows, time):
    """y made of the symbols of X alone."""
    used = (len(numbers) - 1) // (rows * time) * rows * time
    return batched()(numbers, rows, time)[0], batched(spare=0)(numbers[:used], rows, time)[1]


def rows_below(part, rows, time):
    return part.reshape(-1, rows, time)


def neighbors_apart(part, rows, time):
    return part.reshape(-1, time, rows).swapaxes(1, 2)


# --- 08.3 ------------------------------------------------------------------------------------


def normalized(e, axis=1):
    return e / e.sum(axis=axis, keepdims=True)


def plain_softmax(a, axis=1):
    return normalized(np.exp(a - a.max(axis=axis, keepdims=True)), axis)


def scaled_powers(p, temperature):
    """Powers of p after scaling the largest to 1; row by row."""
    return [normalized((row / row.max()) ** (1 / temperature), axis=0).tolist() for row in p]


def symbolic(p, temperature):
    return softmax(T.log(p) / temperature)


def with_little_added(p, temperature):
    return plain_softmax(np.log(p + 1e-7) / temperature)


# --- 08.4 ------------------------------------------------------------------------------------


def top_k(
    order=lambda p: np.argsort(-p, kind="stable"), extra=0, end=lambda kept: kept / kept.sum()
):
    """Row by row; `order` and `end` get one row."""

    def of_row(p, k):
        kept = np.zeros(len(p))
        most = order(p)[: k + extra]
        kept[most] = p[most]
        return end(kept)

    return lambda p, k: np.array([of_row(row, k) for row in p])


def at_once(p, k):
    """All rows at once, by ranks."""
    rank = np.argsort(np.argsort(-p, axis=1, kind="stable"), axis=1)
    return normalized(p * (rank < k)).astype("float32")


def one_by_one(p, k):
    """The largest first, k times."""
    rest, kept = p.copy(), np.zeros_like(p)
    for row, other, result in zip(p, rest, kept):
        for _ in range(min(k, len(row))):
            i = int(other.argmax())
            result[i], other[i] = row[i], -1
    return [(row / sum(row)).tolist() for row in kept]


def by_limit(compare):
    def make(p, k):
        limit = np.sort(p)[:, ::-1][:, [min(k, p.shape[1]) - 1]]
        return normalized(np.where(compare(p, limit), p, 0))

    return make


def as_in_the_first_row(p, k):
    kept = np.zeros_like(p)
    most = np.argsort(-p[0])[:k]
    kept[:, most] = p[:, most]
    return normalized(kept)


def in_all_rows(p, k):
    """The k largest of the whole array; rows without any stay 0."""
    kept = np.where(p >= np.sort(p.ravel())[-k], p, 0)
    return kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-9)


def draw(p, u):
    return (np.cumsum(p, axis=1) <= u[:, None]).sum(axis=1)


def draw_by_search(p, u):
    return [np.searchsorted(np.cumsum(row), x, side="right") for row, x in zip(p, u)]


def draw_by_loop(p, u):
    numbers = []
    for row, rest in zip(p, u):
        i = 0
        while rest >= row[i]:
            rest, i = rest - row[i], i + 1
        numbers.append(float(i))
    return numbers


def draw_sorted(p, u):
    return np.take_along_axis(np.argsort(-p), draw(-np.sort(-p), u)[:, None], axis=1)[:, 0]


def without_u(p, u):
    return [np.random.default_rng().choice(len(row), p=row) for row in p]


# --- 08.5 ------------------------------------------------------------------------------------


def bits_of(
    score=lambda p, numbers, t: -np.log2(p[numbers[t + 1]]),
    steps=lambda numbers: range(len(numbers) - 1),
    total=np.mean,
    reset=False,
    begin=1,
):
    """Bits of a text; `score` gets p, all numbers and the time step."""

    def bits(step, state, numbers):
        found, start = [], begin * state
        state = start
        for t in steps(numbers):
            p, state = step(numbers[t], start if reset else state)
            found.append(score(p, numbers, t))
        return total(found)

    return bits


def all_then_pick(step, state, text):
    """All predictions first, their logarithms after."""
    rows = []
    for number in text.tolist():
        p, state = step(number, state)
        rows.append(p)
    chosen = np.array(rows)[np.arange(len(text) - 1), text[1:]]
    return np.float32(-np.sum(np.log(chosen)) / np.log(2) / (len(text) - 1))


def generate(
    prompt_part=lambda prompt: prompt,
    pick=None,
    reset=False,
    feed=True,
    twice=False,
    result=lambda prompt, written: written,
    more=0,
    begin=1,
):
    def make(step, state, prompt, length, choose):
        start = state = begin * state
        for number in prompt_part(prompt):
            p, state = step(number, start if reset else state)
        if twice:
            p, state = step(prompt[-1], state)
        written = []
        for _ in range(length + more):
            written.append((pick or choose)(p))
            p, state = step(written[-1] if feed else prompt[-1], start if reset else state)
        return result(list(prompt), written)[: len(prompt) + length + more]

    return make


def as_one_loop(step, state, prompt, length, choose):
    """Reading and writing in one loop over all positions."""
    sequence = list(prompt)
    for position in range(len(prompt) + length - 1):
        p, state = step(sequence[position], state)
        if position >= len(prompt) - 1:
            sequence.append(choose(p))
    return np.array(sequence[len(prompt) :])


def reset_after_prompt(step, state, prompt, length, choose):
    now = state
    for number in prompt:
        p, now = step(number, now)
    written = [choose(p)]
    while len(written) < length:
        p, state = step(written[-1], state)
        written.append(choose(p))
    return written


# --- 08.6 ------------------------------------------------------------------------------------

SAMPLE = "the statement is a class of the statement in the class "
REPORT = {
    "prediction": "the lowest temperature invents the fewest words",
    "text": "letters of my grandmother",
    "invented": {0.5: [0.0, 0.1, 0.2], 1.0: [0.3, 0.4, 0.2], 1.5: [0.9, 0.8, 1.0]},
    "samples": {T: f"{SAMPLE}{T}" for T in (0.5, 1.0, 1.5)},
    "winner": 0.5,
    "conclusion": "as I expected, but even at the lowest one it still invents words",
}


def own(**changes):
    return ({**REPORT, **changes},)


RIGHT = {
    "08.1": [
        (vocabulary(), encode(), decode),
        (counted, library_encode, library_decode),
        (
            lambda text, least, unknown: np.array(vocabulary()(text, least, unknown)),
            lambda *a: np.array(encode()(*a), dtype="float32"),
            decode,
        ),
    ],
    "08.2": [batched(), batch_by_batch, by_library],
    "08.3": [
        lambda p, degree: plain_softmax(np.log(p) / degree),
        lambda p, degree: text.temperature(p, degree).astype("float32"),
        scaled_powers,
        symbolic,
    ],
    "08.4": [
        (top_k(), draw),
        (one_by_one, draw_by_loop),
        (at_once, draw_by_search),
        (text.top_k, lambda p, u: np.argmax(np.cumsum(p, axis=1) > u[:, None], axis=1)),
    ],
    "08.5": [
        (bits_of(), generate()),
        (all_then_pick, as_one_loop),
    ],
    "08.6": [
        own(),
        own(
            winner="small",
            invented={
                k: np.array([0.1, i / 3, 0.2]) for i, k in enumerate(["small", "mid", "all"])
            },
            samples=dict(zip(["small", "mid", "all"], REPORT["samples"].values())),
        ),
    ],
}

MISTAKES = {
    "08.1": [
        ((vocabulary(build=lambda u, rest: rest), encode(), decode), "symbol is missing"),
        ((vocabulary(build=lambda u, rest: [*rest, u]), encode(), decode), "must stand first"),
        ((vocabulary(without=False), encode(), decode), "in your vocabulary twice"),
        ((vocabulary(lambda n, least: True), encode(), decode), "leave out the rare ones"),
        ((vocabulary(lambda n, least: n > least), encode(), decode), "exactly `least` times"),
        ((vocabulary(lambda n, least: n >= least - 1), encode(), decode), "one too low"),
        ((vocabulary(lambda n, least: n < least), encode(), decode), "keep the rare"),
        ((vocabulary(sort=list), encode(), decode), "in the order of the text"),
        ((vocabulary(sort=lambda c: sorted(c)[::-1]), encode(), decode), "sorted backward"),
        ((lambda *a: set(vocabulary()(*a)), encode(), decode), "must be a list: a set"),
        ((lambda *a: len(vocabulary()(*a)), encode(), decode), "a list of characters, got int"),
        ((lambda *a: [*Counter(a[0]).items()], encode(), decode), "must hold characters"),
        ((vocabulary(sort=lambda c: sorted(c)[1:]), encode(), decode), "the vocabulary of"),
        ((vocabulary(), dropped, decode), "are left out"),
        ((vocabulary(), encode(lambda symbols, u: -1), decode), "-1 is no number"),
        ((vocabulary(), encode(lambda symbols, u: 0), decode), "need not be the first one"),
        ((vocabulary(), encode(lambda symbols, u: len(symbols)), decode), "needs no new number"),
        (
            (vocabulary(), encode(lambda symbols, u: len(symbols) - 1), decode),
            "the last symbol is not",
        ),
        ((vocabulary(), encode(shift=1), decode), "numbers begin at 0"),
        (
            (
                vocabulary(),
                encode(lambda symbols, u: sorted(symbols).index(u), places=sorted),
                decode,
            ),
            "not in the alphabet",
        ),
        ((vocabulary(), lambda t, *_: [ord(c) for c in t], decode), "code points"),
        ((vocabulary(), encode(), lambda n, s: [s[i] for i in n]), "must return a string"),
        ((vocabulary(), encode(), lambda n, s: " ".join(decode(n, s))), "something between"),
        ((vocabulary(), encode(), lambda n, s: str([*decode(n, s)])), "in the form of a string"),
        ((vocabulary(), encode(), lambda n, s: decode(n - 1, s)), "your numbers begin at 1"),
        ((vocabulary(), encode(), lambda n, s: decode(n[::-1], s)), "runs backward"),
        ((vocabulary(), encode(), lambda n, s: decode(n, sorted(s))), "not in the alphabet"),
        ((vocabulary(), encode(), lambda n, s: decode(n[1:], s)), "the text decoded is"),
    ],
    "08.2": [
        (batched(shift=0), "y is the same as X"),
        (batched(shift=-1), "one symbol earlier"),
        (batched(shift=2), "two symbols later"),
        (lambda *a: batched()(*a)[::-1], "X and y are swapped"),
        (lambda *a: (batched()(*a)[0], np.roll(batched()(*a)[0], -1, 2)), "inside each row"),
        (targets_in_a_circle, "wrapped around"),
        (batched(rows_below), "goes on in the row below"),
        (batched(neighbors_apart), "neighbors in the text are in different streams"),
        (long_streams, "your streams are longer"),
        (batched(begin=lambda length, used: length - 1 - used), "used from its end"),
        (change(lambda X: X[:-1], lambda y: y[:-1]), "the last batch is missing"),
        (batched(batches=-1), "one batch too few"),
        (batched(spare=0), "one batch too many"),
        (
            change(lambda X: X.reshape(-1, X.shape[2]), lambda y: y.reshape(-1, y.shape[2])),
            "stand below each other",
        ),
        (change(lambda X: X.swapaxes(1, 2), lambda y: y.swapaxes(1, 2)), "before the rows"),
        (change(lambda X: X.swapaxes(0, 1), lambda y: y.swapaxes(0, 1)), "before the batches"),
        (lambda *a: batched()(*a)[0], "2 results are asked for"),
    ],
    "08.3": [
        (lambda p, t: plain_softmax(p / t), "take the logarithm of p first"),
        (lambda p, t: normalized(p / t), "changes nothing after normalizing"),
        (lambda p, t: p / t, "you divide the probabilities by T"),
        (lambda p, t: p ** (1 / t), "each row must sum to 1"),
        (lambda p, t: normalized(p**t), "you multiply by T"),
        (lambda p, t: np.log(np.maximum(p, 1e-300)) / t, "these are logits"),
        (lambda p, t: p ** (1 / t) / np.sum(p ** (1 / t)), "not normalized on their own"),
        (lambda p, t: normalized(p ** (1 / t), axis=0), "you normalize each column"),
        (lambda p, t: plain_softmax(np.log(p) / t**2), "not a factor"),
        (lambda p, t: normalized(p ** (1 / t)), "NaN at T ="),
        (with_little_added, "a symbol of probability 0 must keep it"),
    ],
    "08.4": [
        ((lambda p, k: p, draw), "top_k changes nothing"),
        ((top_k(lambda p: np.argsort(p)[::-1]), draw), "the first one stays"),
        ((by_limit(np.greater_equal), draw), "exactly k may stay"),
        ((by_limit(np.greater), draw), "only k - 1 symbols are left"),
        ((top_k(extra=1), draw), "k + 1 symbols are left"),
        ((top_k(np.argsort), draw), "least probable symbols are left"),
        ((top_k(end=lambda kept: kept), draw), "each row must sum to 1 again"),
        ((lambda p, k: top_k()(p, k) / len(p), draw), "top_k is"),
        ((lambda p, k: normalized(top_k(end=np.array)(p, k), (0, 1)), draw), "its own sum"),
        ((top_k(lambda p: np.arange(len(p))), draw), "the first k symbols are left"),
        ((as_in_the_first_row, draw), "those of the first row"),
        ((in_all_rows, draw), "in all rows together"),
        ((top_k(end=lambda q: normalized(q > 0, 0)), draw), "lost their relation"),
        (
            (top_k(end=lambda q: plain_softmax(np.where(q > 0, q, -np.inf), 0)), draw),
            "makes them flatter",
        ),
        ((top_k(end=lambda q: np.sort(q / q.sum())[::-1]), draw), "lost their places"),
        ((lambda p, k: -np.sort(-top_k()(p, k))[:, :k], draw), "must stay in the array"),
        ((lambda p, k: np.argsort(-p)[:, :k], draw), "numbers of the symbols"),
        ((top_k(), lambda p, u: p.argmax(axis=1)), "always gives the most probable"),
        ((top_k(), lambda p, u: draw(p, u) - 1), "before the right one"),
        ((top_k(), lambda p, u: draw(p, u) + 1), "after the right one"),
        ((top_k(), lambda p, u: (u * p.shape[1]).astype(int)), "equally probable in draw"),
        ((top_k(), draw_sorted), "puts the most probable symbols first"),
        (
            (top_k(), lambda p, u: np.abs(p - u[:, None]).argmin(axis=1)),
            "probability that is nearest to u",
        ),
        (
            (top_k(), lambda p, u: np.abs(np.cumsum(p, axis=1) - u[:, None]).argmin(axis=1)),
            "edge that is nearest",
        ),
        ((top_k(), lambda p, u: draw(p, 1 - u)), "begins at the end"),
        ((top_k(), lambda p, u: draw(p[[0] * len(p)], u)), "first row of p again and again"),
        (
            (top_k(), lambda p, u: (np.cumsum(p, axis=1) < u[:, None]).sum(axis=1)),
            "its probability is 0",
        ),
        ((top_k(), without_u), "the same u"),
        ((top_k(), lambda p, u: p[np.arange(len(p)), draw(p, u)]), "must return whole numbers"),
        ((top_k(), lambda p, u: draw(p, u)[0]), "one symbol per row"),
        ((top_k(), lambda p, u: draw(p, u)[::-1]), "but should give"),
    ],
    "08.5": [
        ((bits_of(lambda p, n, t: -np.log(p[n[t + 1]])), generate()), "these are nats"),
        ((bits_of(lambda p, n, t: -np.log10(p[n[t + 1]])), generate()), "not to base 10"),
        ((bits_of(total=np.sum), generate()), "this is the sum"),
        ((bits_of(lambda p, n, t: np.log2(p[n[t + 1]])), generate()), "the sign is wrong"),
        ((bits_of(total=lambda f: np.sum(f) / (len(f) + 1)), generate()), "divide by that"),
        ((bits_of(total=lambda f: 2 ** np.mean(f)), generate()), "this is the perplexity"),
        (
            (
                bits_of(lambda p, n, t: p[n[t + 1]], total=lambda f: -np.log2(np.mean(f))),
                generate(),
            ),
            "the logarithm of each probability first",
        ),
        ((bits_of(lambda p, n, t: p[n[t + 1]]), generate()), "where is the logarithm"),
        (
            (bits_of(lambda p, n, t: -np.log2(p[n[t]])), generate()),
            "not about numbers[t], which has just been read",
        ),
        (
            (
                bits_of(lambda p, n, t: -np.log2(p[n[t]]), steps=lambda n: range(len(n))),
                generate(),
            ),
            "not about numbers[t] itself",
        ),
        (
            (
                bits_of(lambda p, n, t: -np.log2(p[n[t + 2]]), steps=lambda n: range(len(n) - 2)),
                generate(),
            ),
            "in the other direction",
        ),
        ((bits_of(reset=True), generate()), "the state is reset at each step"),
        ((bits_of(begin=0), generate()), "your state begins at zero"),
        ((bits_of(lambda p, n, t: -np.log2(p.max())), generate()), "of the most probable symbol"),
        ((bits_of(lambda p, n, t: -p @ np.log2(p)), generate()), "this is the entropy"),
        ((bits_of(steps=lambda n: range(len(n) - 2)), generate()), "last symbol is not scored"),
        ((bits_of(total=lambda f: np.mean(f[1:])), generate()), "the second symbol of the text"),
        ((bits_of(), generate(result=lambda q, w: q + w)), "return only what comes after it"),
        (
            (bits_of(), generate(result=lambda q, w: (q + w)[: len(w)])),
            "and counts in its length",
        ),
        (
            (bits_of(), generate(result=lambda q, w: (q[-1:] + w)[: len(w)])),
            "the last symbol of the prompt is part",
        ),
        ((bits_of(), generate(more=1, result=lambda q, w: w[1:])), "the first symbol that you"),
        ((bits_of(), generate(more=1)), "one symbol too long"),
        ((bits_of(), generate(more=-1)), "one symbol too short"),
        ((bits_of(), generate(twice=True)), "read twice"),
        ((bits_of(), generate(feed=False)), "what you write is never read"),
        ((bits_of(), generate(reset=True)), "the state is reset at each step"),
        ((bits_of(), reset_after_prompt), "the state is reset after the prompt"),
        ((bits_of(), generate(begin=0)), "your state begins at zero"),
        ((bits_of(), generate(pick=np.argmax)), "choose(p) decides"),
        ((bits_of(), generate(lambda q: q[-1:])), "only the last symbol of the prompt"),
        ((bits_of(), generate(lambda q: q[:-1])), "without its last symbol"),
        ((bits_of(), generate(lambda q: q[::-1])), "read backward"),
    ],
    "08.6": [
        (("my report",), "must be a dict"),
        (own(prediction="fewer words"), "the prediction is too short"),
        (own(text="letters"), "description of the text is too short"),
        (own(invented={0.5: [0.1, 0.2, 0.3]}), "at least 3 lists"),
        (own(invented={**REPORT["invented"], 1.0: [0.1, 0.2]}), "at least 3 numbers"),
        (own(invented={**REPORT["invented"], 1.0: [30, 40, 20]}), "from 0 to 1"),
        (own(samples={0.5: SAMPLE}), "must have the same names"),
        (own(samples={**REPORT["samples"], 1.0: "short"}), "at least 40 characters"),
        (own(samples=dict.fromkeys(REPORT["samples"], SAMPLE)), "two of your samples are the same"),
        (
            own(invented=dict.fromkeys(REPORT["invented"], [0.1] * 3)),
            "all shares are equal",
        ),
        (own(winner=1.0), "0.5 has a smaller median"),
        (own(conclusion="as expected"), "the conclusion is too short"),
    ],
}
