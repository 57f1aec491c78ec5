"""The exercises of chapter 08: symbols, streams, temperature, drawing, reading and writing."""

import numpy as np

from course_lib.exercises.answer import NotYet, as_array, compare
from course_lib.exercises.draws import all_differ
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, winner, words


def symbols_of(result, what):
    """`result` as a list of characters."""
    if isinstance(result, (set, frozenset, dict)):
        raise NotYet(f"{what} must be a list: a {type(result).__name__} is no row of symbols")
    if not isinstance(result, (list, tuple, str, np.ndarray)):
        raise NotYet(f"{what} must be a list of characters, got {type(result).__name__}")
    for symbol in result:
        if not isinstance(symbol, str):
            raise NotYet(f"{what} must hold characters, but {symbol!r} is none")
    return list(result)


def compare_symbols(got, right, mistakes, what):
    """Raise NotYet with the best sentence there is unless two lists of symbols are the same."""
    if got == right:
        return
    for sentence, wrong in mistakes.items():
        if got == list(wrong):
            raise NotYet(sentence)
    raise NotYet(f"{what} is {''.join(got)!r}, but should be {''.join(right)!r}")


def counted_text(rng, least, unknown, also):
    """Letters, how often each occurs, and a text in which they do, `unknown` as often as `also`.

    The frequent ones do not come in the order of the alphabet, nor backward.
    """
    while True:
        letters = [*rng.choice(list("abcdefghijklmnop"), 7, replace=False).tolist(), " ", "."]
        counts = [least - 2, least - 1, least, least + 1, *rng.integers(1, least + 3, 5).tolist()]
        symbols = "".join(a * n for a, n in zip([*letters, unknown], [*counts, also]))
        text = "".join(rng.permutation(list(symbols)))
        order = [a for a in dict.fromkeys(text) if a != unknown and text.count(a) >= least]
        if order not in (sorted(order), sorted(order)[::-1]):
            return letters, counts, text


@exercise(
    "08.1",
    "vocabulary: `text.count(symbol)` says how often, `sorted(set(text))` are all characters. The "
    "unknown symbol may stand in the text, too: take it only once.",
    "encode: make a dict from symbols to numbers, and look each character up with "
    "`.get(symbol, number_of_unknown)`.",
    'decode: symbols[number] for each number, and `"".join(...)` makes one string of them.',
)
def encoding(vocabulary, encode, decode, rng):
    """A vocabulary of frequent characters; a text as numbers and back."""
    for least, unknown, also in [(3, "~", 0), (2, "~", 4), (4, "*", 1)]:
        letters, counts, text = counted_text(rng, least, unknown, also)
        common = sorted(a for a, n in zip(letters, counts) if n >= least)
        order = [symbol for symbol in dict.fromkeys(text) if symbol in common]
        compare_symbols(
            symbols_of(vocabulary(text, least, unknown), "the vocabulary"),
            [unknown, *common],
            what=f"the vocabulary of {text!r} with least={least} and unknown={unknown!r}",
            mistakes={
                "the unknown symbol is missing from the vocabulary": common,
                "the unknown symbol must stand first": [*common, unknown],
                "the unknown symbol stands in the text, too, and is in your vocabulary twice": (
                    [unknown, *sorted([unknown, *common])]
                ),
                "all characters are in your vocabulary: leave out the rare ones": (
                    [unknown, *sorted(a for a, n in zip(letters, counts) if n)]
                ),
                "a character that occurs exactly `least` times belongs to the vocabulary": (
                    [unknown, *sorted(a for a, n in zip(letters, counts) if n > least)]
                ),
                "your limit is one too low: `least` times or more": (
                    [unknown, *sorted(a for a, n in zip(letters, counts) if n >= least - 1)]
                ),
                "you keep the rare characters and leave out the frequent ones": (
                    [unknown, *sorted(a for a, n in zip(letters, counts) if n < least)]
                ),
                "the characters are in the order of the text: sort them": [unknown, *order],
                "the characters are sorted backward": [unknown, *common[::-1]],
            },
        )

    for size in (5, 8, 6):
        letters = rng.permutation(list("abcdefghijklmnopqrstuvwxyz ")).tolist()
        symbols, strange = letters[:size], letters[size : size + 3]
        symbols[1:] = sorted(symbols[1:])[::-1]  # not in the order of the alphabet
        unknown = symbols[2]
        text = "".join(rng.permutation([*symbols, *strange, *rng.choice(symbols, 4)]))
        places = np.array([symbols.index(c) if c in symbols else -1 for c in text])
        right = np.where(places < 0, 2, places)
        alphabet = np.array([sorted(symbols).index(symbol) for symbol in symbols])
        encode.gives(
            right,
            *(text, symbols, unknown),
            names=["encode"],
            mistakes={
                "characters that are not in the vocabulary are left out: they become the unknown "
                "symbol": places[places >= 0],
                "-1 is no number of a symbol: the unknown symbol has its own": places,
                "the unknown symbol need not be the first one: which number has it here?": (
                    np.where(places < 0, 0, places)
                ),
                "the unknown symbol needs no new number: it is one of the symbols": (
                    np.where(places < 0, size, places)
                ),
                "the last symbol is not the unknown one: which number has it here?": (
                    np.where(places < 0, size - 1, places)
                ),
                "numbers begin at 0, yours at 1": right + 1,
                "the number of a symbol is its place in `symbols`, not in the alphabet": (
                    alphabet[right]
                ),
                "these are the code points of the characters: their places in `symbols` are "
                "asked for": np.array([ord(c) for c in text]),
            },
        )
        result = decode(right, symbols)
        if not isinstance(result, str):
            raise NotYet(f"decode must return a string, got {type(result).__name__}")
        named = "".join(symbols[i] for i in right)
        compare_symbols(
            list(result),
            list(named),
            what="the text decoded",
            mistakes={
                "there is something between the characters of your text: join them without": (
                    " ".join(named)
                ),
                "your text is a list in the form of a string: join its characters": (
                    str(list(named))
                ),
                "your numbers begin at 1: decode them from 0": (
                    "".join(symbols[i - 1] for i in right)
                ),
                "your text runs backward": named[::-1],
                "the number of a symbol is its place in `symbols`, not in the alphabet": (
                    "".join(sorted(symbols)[i] for i in right)
                ),
            },
        )


def cut(numbers, shape, length=None, start=0):
    """Batches of streams that begin every `length` symbols; `shape` is (batches, rows, time).

    Another length than batches * time is a mistake. After the last symbol comes the first one.
    """
    batches, rows, time = shape
    length = batches * time if length is None else length
    first = start + time * np.arange(batches)[:, None, None] + length * np.arange(rows)[:, None]
    return np.take(numbers, first + np.arange(time), mode="wrap")


@exercise(
    "08.2",
    "How many batches are there? Each one takes batch_size * time symbols, and the last symbol "
    "of all serves as a target only.",
    "Cut the symbols that are used into streams first: `.reshape(batch_size, -1)`, one per row.",
    "Then cut every stream into pieces: `.reshape(batch_size, batches, time)`. Batches must come "
    "first: swap two axes.",
    "y goes the same way; it just begins one symbol later in the text.",
)
def streams(answer, rng):
    """X and y for a stateful model: streams side by side that continue in the next batch."""
    for rows, time, length in [(3, 4, 34), (2, 5, 30), (4, 3, 37), (5, 2, 48)]:
        numbers = rng.permutation(length).astype("int32")
        batches = (length - 1) // (rows * time)
        shape = (batches, rows, time)
        X, y = right = cut(numbers, shape), cut(numbers, shape, start=1)
        used, after = numbers[: X.size], numbers[1 : X.size + 1]
        one_more = (length // (rows * time), rows, time)

        below = used.reshape(shape), after.reshape(shape)
        apart = (part.reshape(batches, time, rows).swapaxes(1, 2) for part in (used, after))
        answer.gives(
            right,
            *(numbers, rows, time),
            names=["X", "y"],
            mistakes={
                "y is the same as X: it must come one symbol later": (X, X),
                "y comes one symbol earlier than X: it must come one later": (
                    (X, cut(numbers, shape, start=-1))
                ),
                "y comes two symbols later than X: one is enough": (
                    (X, cut(numbers, shape, start=2))
                ),
                "X and y are swapped: y comes later": (y, X),
                "y is turned round inside each row: the last target of a row is the symbol after "
                "the row": (X, np.roll(X, -1, axis=-1)),
                "the last target of all is wrapped around: it is the symbol after the last one of "
                "X": (X, cut(used, shape, start=1)),
                "each row goes on in the row below it: it must go on in the same row of the next "
                "batch": below,
                "neighbors in the text are in different streams: a stream is one long piece of "
                "the text": tuple(apart),
                "your streams are longer than the batches: each one begins where the one above "
                "it ends in the last batch": (
                    cut(numbers, shape, (length - 1) // rows),
                    cut(numbers, shape, (length - 1) // rows, start=1),
                ),
                "your streams are longer than the batches: what is left over stays at the end of "
                "the text": (
                    cut(numbers, shape, length // rows),
                    cut(numbers, shape, length // rows, start=1),
                ),
                "the text is used from its end: what is left over is to be at the end": (
                    cut(numbers, shape, start=length - 1 - X.size),
                    cut(numbers, shape, start=length - X.size),
                ),
                "the last batch is missing": (
                    cut(numbers, shape, length=batches * time)[:-1],
                    cut(numbers, shape, length=batches * time, start=1)[:-1],
                ),
                "there is one batch too few: only one symbol, the last target, is needed beyond "
                "X": (
                    cut(numbers, (batches - 1, rows, time)),
                    cut(numbers, (batches - 1, rows, time), start=1),
                ),
                "there is one batch too many: the last symbol of the text has no target": (
                    (cut(numbers, one_more), cut(numbers, one_more, start=1))
                ),
                "the batches stand below each other: they need an axis of their own": (
                    (X.reshape(-1, time), y.reshape(-1, time))
                ),
                "time comes before the rows: the axes are batches, rows, time": (
                    (X.swapaxes(1, 2), y.swapaxes(1, 2))
                ),
                "the rows come before the batches: the axes are batches, rows, time": (
                    (X.swapaxes(0, 1), y.swapaxes(0, 1))
                ),
            },
        )


def softmax(a, axis=-1):
    """exp(a), normalized."""
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@exercise(
    "08.3",
    "The logits behind probabilities p are log p, up to a constant that softmax does not see.",
    "softmax(log p / T): exponentiate, then divide each row by its own sum (keepdims=True).",
    "At a low temperature all exponentials can become 0, and 0 / 0 is NaN: subtract the largest "
    "logit of each row before you exponentiate.",
)
def temperature(answer, rng):
    """Probabilities at another temperature, also for a very low one and for zeros."""
    for shape, low, high in [((3, 5), 0.4, 0.7), ((2, 7), 2.0, 3.0), ((4, 3), 1e-4, 2e-4)]:
        p = rng.permuted(softmax(np.arange(shape[-1]) / 2 + rng.uniform(0, 0.2, shape)), axis=-1)
        T = float(rng.uniform(low, high))
        if T > 1:
            p[0, 0] = 0
            p /= p.sum(axis=-1, keepdims=True)
        with np.errstate(divide="ignore"):
            log_p = np.log(p)
        right, power = softmax(log_p / T), p ** (1 / T)
        result = answer(p, T)
        try:
            got = as_array(result, "your result")
        except NotYet as error:
            if T > 0.01 or "NaN" not in str(error):
                raise
            raise NotYet(
                f"NaN at T = {T:.2g}: all exponentials have become 0, and 0 / 0 is not a number"
            ) from None
        if got.shape == p.shape and (got[p == 0] > 5e-5).any():
            raise NotYet("a symbol of probability 0 must keep it at every temperature")
        mistakes = {
            "this is softmax of p / T: take the logarithm of p first": softmax(p / T),
            "dividing the probabilities by T changes nothing after normalizing: divide their "
            "logarithms": p,
            "you divide the probabilities by T: divide their logarithms": p / T,
            "these are no probabilities yet: each row must sum to 1": power,
            "you multiply by T: a low temperature must make the row sharper": softmax(log_p * T),
            "these are logits: exponentiate them and normalize": np.log(np.maximum(p, 1e-300)) / T,
            "your rows are not normalized on their own: sum along the last axis, keepdims=True": (
                power / max(power.sum(), 1e-300)
            ),
            "you normalize each column: the symbols are the last axis": (
                power / np.maximum(power.sum(axis=0), 1e-300)
            ),
        }
        if T > 0.01:
            mistakes["T is a power of 1 / T here, not a factor: log p is divided once"] = softmax(
                log_p / T**2
            )
        compare(got, right, mistakes)


def unordered(rng, p, ends=1):
    """`p` in a random order in which neither the smallest nor the largest are the first `ends`."""
    while True:
        order = rng.permutation(len(p))
        first = set(order[:ends])
        if first not in (set(range(ends)), set(range(len(p) - ends, len(p)))) or ends >= len(p):
            return p[order]


def kept(p, which):
    """p, one row, with all but the symbols `which` set to 0, normalized."""
    q = np.zeros_like(p)
    q[which] = p[which]
    return q / max(q.sum(), 1e-9)


def tied_at(p, k):
    """p, one row, in which the symbols at ranks k and k + 1 are equally probable."""
    p, order = p.copy(), np.argsort(-p)
    p[order[k]] = p[order[k - 1]]
    return p / p.sum()


@exercise(
    "08.4",
    'top_k: np.argsort(-p, axis=1, kind="stable") has the numbers of the symbols in each row, the '
    "most probable first; among equal ones the first comes first.",
    "top_k: a loop over the rows will do. For each one start from zeros, copy p at the first k of "
    "these numbers, divide by the sum.",
    "draw: np.cumsum(p, axis=1) are the right ends of the pieces of each stick. How many of them "
    "are smaller than u or equal to it?",
)
def top_k_and_draw(top_k, draw, rng):
    """The k most probable symbols of each row, exactly k; a symbol per row, drawn by u."""
    cases = [(3, 7, 3, False), (4, 6, 1, False), (2, 8, 3, True), (5, 5, 4, True), (3, 4, 6, False)]
    for batch, size, k, tied in cases:
        values = softmax(np.arange(size) / 2 + rng.uniform(0, 0.2, (batch, size)))
        p = np.array([unordered(rng, row, ends=k) for row in values])
        p = np.array([tied_at(row, k) for row in p]) if tied else p
        order, backward = (np.argsort(sign * p, kind="stable") for sign in (-1, 1))
        limit = np.sort(p)[:, ::-1][:, [min(k, size) - 1]]

        def with_only(choices, p=p):
            return np.array([kept(row, which) for row, which in zip(p, choices)])

        right = with_only(order[:, :k])
        stays = right > 0
        at_the_limit = {
            "two symbols are equally probable at the limit: the first one stays, not the last": (
                with_only(backward[:, ::-1][:, :k])
            ),
            "two symbols are equally probable at the limit: exactly k may stay": (
                with_only(p >= limit)
            ),
            "two symbols are equally probable at the limit: exactly k must stay": (
                with_only(p > limit)
            ),
        }
        in_all_rows = np.isin(np.arange(p.size), np.argsort(-p.ravel())[:k]).reshape(p.shape)
        mistakes = {
            **(at_the_limit if tied else {}),
            "top_k changes nothing: all but the k largest become 0": p,
            "the k least probable symbols are left: keep the most probable": (
                with_only(backward[:, :k])
            ),
            "only k - 1 symbols are left": with_only(order[:, : k - 1]),
            "k + 1 symbols are left": with_only(order[:, : k + 1]),
            "each row must sum to 1 again": np.where(stays, p, 0),
            "each row must sum to 1 again, divide it by its own sum": (
                np.where(stays, p, 0) / np.where(stays, p, 0).sum()
            ),
            "the first k symbols are left: the most probable ones are asked for": (
                with_only([np.arange(min(k, size))] * batch)
            ),
            "every row has k symbols of its own, yours are those of the first row": (
                with_only([order[0, :k]] * batch)
            ),
            "every row has k symbols of its own, yours has k in all rows together": (
                with_only(in_all_rows)
            ),
            "the k symbols have lost their relation: divide them by their sum": (
                stays / stays.sum(axis=1, keepdims=True)
            ),
            "a softmax of probabilities makes them flatter: divide by the sum": (
                softmax(np.where(stays, p, -np.inf))
            ),
            "the symbols have lost their places: the probability of symbol i stays at i": (
                np.sort(right)[:, ::-1]
            ),
            "the others must stay in the array, with probability 0": (
                np.sort(right)[:, ::-1][:, :k]
            ),
            "these are the numbers of the symbols: their probabilities are asked for": order[:, :k],
        }
        top_k.gives(right, *(p, k), names=["top_k"], mistakes=mistakes)

    for batch, size in [(25, 8), (30, 7)]:
        values = softmax(np.arange(size - 3) / 2 + rng.uniform(0, 0.2, (batch, size - 3)))
        p = np.insert([unordered(rng, row) for row in values], [0, 1, size - 3], 0, axis=1)
        edges, u = np.cumsum(p, axis=1), rng.uniform(0.01, 0.99, batch)
        u[0] = 0
        right = (edges <= u[:, None]).sum(axis=1)
        found, again = (as_array(draw(p, u), "what draw returns") for _ in range(2))
        if found.shape != u.shape:
            raise NotYet(f"draw must return shape {u.shape}, one symbol per row, got {found.shape}")
        if not np.array_equal(found, again):
            raise NotYet("draw gives other symbols for the same u: use no other chance than u")
        if (found % 1).any():
            raise NotYet("draw must return whole numbers, those of the symbols")
        order = np.argsort(-p, kind="stable")
        ranked = np.cumsum(np.take_along_axis(p, order, axis=1), axis=1)
        ranks = (ranked <= u[:, None]).sum(axis=1)
        mistakes = {
            "draw always gives the most probable symbol: where does u come in?": p.argmax(axis=1),
            "draw gives the symbol before the right one": right - 1,
            "draw gives the symbol after the right one: numbers begin at 0": right + 1,
            "all symbols are equally probable in draw: use p": (u * size).astype(int),
            "draw puts the most probable symbols first: leave them in the order of p": (
                np.take_along_axis(order, ranks[:, None], axis=1)[:, 0]
            ),
            "draw looks for the probability that is nearest to u: use the sums of p, np.cumsum": (
                np.abs(p - u[:, None]).argmin(axis=1)
            ),
            "draw looks for the edge that is nearest to u: the piece on which u lies is asked "
            "for": np.abs(edges - u[:, None]).argmin(axis=1),
            "draw begins at the end: u = 0 belongs to the first piece": (
                (edges <= 1 - u[:, None]).sum(axis=1)
            ),
            "draw reads the first row of p again and again: row i belongs to u[i]": (
                (edges[0] <= u[:, None]).sum(axis=1)
            ),
        }
        if np.array_equal(found, right):
            continue
        for sentence, wrong in mistakes.items():
            if np.array_equal(found[1:], wrong[1:]):
                raise NotYet(sentence)
        row = (found != right).argmax()
        number, expected = int(found[row]), right[row]
        if 0 <= number < size and p[row, number] == 0:
            raise NotYet(f"draw gives {number} for u = {u[row]:.4g}, but its probability is 0")
        raise NotYet(f"draw gives {number} in row {row}, but should give {expected}")


def small_model(rng, size, units):
    """A step of a recurrent network with random weights: (number, state) -> p, new state."""
    E, U, V = (
        rng.normal(size=s) * scale
        for s, scale in [((size, units), 1.5), ((units, units), 1), ((units, size), 2)]
    )

    def step(number, state):
        if np.ndim(number) or np.shape(state) != (units,):
            raise ValueError(
                "step takes one number of a symbol, and the state of the step before, got "
                f"shapes {np.shape(number)} and {np.shape(state)}"
            )
        new = np.tanh(E[int(number)] + np.asarray(state) @ U)
        return softmax(new @ V), new

    return step


def read(step, state, numbers, reset=False):
    """The probabilities after each number; with `reset` the state is not kept, a mistake."""
    ps, start = [], state
    for number in numbers:
        p, state = step(number, start if reset else state)
        ps.append(p)
    return np.array(ps), state


def write(step, state, prompt, length, choose, reset=False, feed=True, twice=False):
    """Numbers chosen one after the other; other arguments are mistakes."""
    ps, now = read(step, state, prompt, reset)
    p, written = ps[-1], []
    if twice:
        p, now = step(prompt[-1], now)
    for _ in range(length):
        written.append(choose(p))
        p, now = step(written[-1] if feed else prompt[-1], state if reset else now)
    return np.array(written)


@exercise(
    "08.5",
    "Both functions are a loop around `p, state = step(number, state)`.",
    "bits_per_character: the p that comes after reading numbers[t] is about numbers[t + 1]. The "
    "last p is about a symbol that nobody knows.",
    "go_on: read the whole prompt first. Then choose a number from the latest p, write it "
    "down, and read it with the next step.",
)
def reading_and_writing(bits_per_character, go_on, rng):
    """The bits of a text, and a text, of a model given as a function of one step."""
    for size, units, length in [(5, 4, 12), (7, 3, 20), (4, 6, 9)]:
        different = False
        while not different:  # no mistake may look like another one
            step, state = small_model(rng, size, units), rng.normal(size=units)
            numbers = rng.integers(0, size, length)
            p, _ = read(step, state, numbers)
            blind, _ = read(step, state, numbers, reset=True)
            from_zero, _ = read(step, 0 * state, numbers)

            def told(p, targets=numbers[1:]):
                return p[np.arange(len(targets)), targets]

            bits = -np.log2(told(p)).mean()
            mistakes = {
                "these are nats: bits need the logarithm to base 2": bits * np.log(2),
                "bits need the logarithm to base 2, not to base 10": bits * np.log10(2),
                "this is the sum: bits per character are the mean": bits * (length - 1),
                "the sign is wrong: bits are not negative": -bits,
                "one symbol fewer than the text has is scored: divide by that": (
                    bits * (length - 1) / length
                ),
                "this is the perplexity, 2 to the power of the bits": 2**bits,
                "take the logarithm of each probability first, then the mean": (
                    -np.log2(told(p).mean())
                ),
                "this is the mean of the probabilities: where is the logarithm?": told(p).mean(),
                "the target is off by one: p after numbers[t] is about numbers[t + 1], not about "
                "numbers[t] itself": -np.log2(told(p, numbers)).mean(),
                "the target is off by one: p after numbers[t] is about numbers[t + 1], not about "
                "numbers[t], which has just been read": -np.log2(told(p, numbers[:-1])).mean(),
                "the target is off by one, in the other direction: numbers[t + 1], not "
                "numbers[t + 2]": -np.log2(told(p, numbers[2:])).mean(),
                "the target is off by one: p is about the symbol after, yours is about the one "
                "before": -np.log2(told(p[1:], numbers[:-1])).mean(),
                "the last symbol is not scored": -np.log2(told(p)[:-1]).mean(),
                "the second symbol of the text is not scored: p after the first one is about it": (
                    -np.log2(told(p)[1:]).mean()
                ),
                "the state is reset at each step: hand the new one on": (
                    -np.log2(told(blind)).mean()
                ),
                "your state begins at zero: use the one that is given": (
                    -np.log2(told(from_zero)).mean()
                ),
                "this is the bits of the most probable symbol: those of the symbol that comes "
                "are asked for": -np.log2(p[:-1].max(axis=1)).mean(),
                "this is the entropy of p: the bits of the symbol that comes are asked for": (
                    -(p[:-1] * np.log2(p[:-1])).sum(axis=1).mean()
                ),
            }
            different = all_differ([bits, *mistakes.values()])
        bits_per_character.gives(
            bits, step, state, numbers, names=["bits_per_character"], mistakes=mistakes
        )

    for size, units, length, long in [(6, 4, 3, 12), (9, 3, 5, 8), (7, 5, 2, 15)]:
        different = False
        while not different:  # until every mistake shows, and is not taken for another one
            step, state = small_model(rng, size, units), rng.normal(size=units)
            prompt, share = rng.integers(0, size, length), rng.uniform(0.3, 0.7)

            def choose(p, share=share):
                return int((np.cumsum(p) <= share).sum())

            own = (step, state, prompt, long, choose)
            right = write(*own)
            wrong = {
                "the prompt is part of your result: return only what comes after it": (
                    np.append(prompt, right)
                ),
                "the prompt is part of your result, and counts in its length": (
                    np.append(prompt, right)[:long]
                ),
                "the last symbol of the prompt is part of your result": (
                    np.append(prompt[-1:], right)[:long]
                ),
                "the first symbol that you choose is missing from your result": (
                    write(step, state, prompt, long + 1, choose)[1:]
                ),
                "your result is one symbol too long": write(step, state, prompt, long + 1, choose),
                "your result is one symbol too short": right[:-1],
                "the last symbol of the prompt is read twice: the p after it is there already": (
                    write(*own, twice=True)
                ),
                "what you write is never read: the next step must read the symbol just chosen": (
                    write(*own, feed=False)
                ),
                "the state is reset at each step: hand the new one on": write(*own, reset=True),
                "the state is reset after the prompt: hand it on": (
                    np.append(right[0], write(step, state, right[:1], long - 1, choose))
                ),
                "your state begins at zero: use the one that is given": (
                    write(step, 0 * state, prompt, long, choose)
                ),
                "you take the most probable symbol: choose(p) decides": (
                    write(step, state, prompt, long, lambda p: int(p.argmax()))
                ),
                "only the last symbol of the prompt is read: read them all, in their order": (
                    write(step, state, prompt[-1:], long, choose)
                ),
                "the prompt is read without its last symbol": (
                    write(step, state, prompt[:-1], long, choose)
                ),
                "the prompt is read backward": write(step, state, prompt[::-1], long, choose),
            }
            found = [right.tolist(), *(w.tolist() for w in wrong.values())]
            different = len(set(map(tuple, found))) == len(found)
        go_on.gives(right, *own, names=["go_on"], mistakes=wrong)


@exercise(
    "08.6",
    "A number from 0 to 1 per seed and setting; the settings can be temperatures, values of k, "
    "or lengths of training.",
    "Three dicts are not needed: loop over your settings and collect the list of shares and one "
    "sample for each.",
    "The keys of 'invented' and of 'samples' must be the same; the winner is the key with the "
    "smallest median.",
)
def own_samples(report, rng):
    """Samples of at least three settings, with the share of invented words of each."""
    keys = ("prediction", "text", "invented", "samples", "winner", "conclusion")
    prediction, text, invented, samples, best, conclusion = entries(report, *keys)
    words(prediction, "the prediction", 5)
    words(text, "the description of the text", 3)
    invented = lists(invented, "invented", 3, highest=1)
    if not isinstance(samples, dict) or set(samples) != set(invented):
        raise NotYet("the settings under 'invented' and under 'samples' must have the same names")
    for name, sample in samples.items():
        if not isinstance(sample, str) or len(sample) < 40:
            raise NotYet(f"the sample of {name!r} must be a text of at least 40 characters")
    if len(set(samples.values())) < len(samples):
        raise NotYet("two of your samples are the same: does the setting reach generate?")
    if len(np.unique(np.concatenate(list(invented.values())))) < 2:
        raise NotYet("all shares are equal: were the samples drawn anew for each seed?")
    winner(best, invented)
    words(conclusion, "the conclusion", 10)
