"""The exercises of chapter 08: symbols, streams, temperature, drawing, reading and writing."""

from functools import partial

import numpy as np
from scipy.special import softmax

from course_lib.exercises.answer import NotYet, as_array, has_nan
from course_lib.exercises.question import Question, then, without
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, winner, words
from course_lib.text import temperature, top_k

# --- 08.1: symbols as numbers and back ---------------------------------------------------------


def vocabulary(text, least, unknown, keep=lambda n, least: n >= least, order=sorted):
    """`unknown` and the characters to `keep`, by how often they occur, in their `order`."""
    common = [c for c in dict.fromkeys(text) if c != unknown and keep(text.count(c), least)]
    return [unknown, *order(common)]


def encode(text, symbols, unknown, other=lambda symbols, unknown: symbols.index(unknown)):
    """The numbers of the characters; `other` is that of those which are not in `symbols`."""
    return np.array([symbols.index(c) if c in symbols else other(symbols, unknown) for c in text])


def decode(numbers, symbols):
    """The text for some numbers."""
    return "".join(symbols[i] for i in numbers)


def row_of_symbols(result, *arguments):
    """A vocabulary as an array of characters."""
    what = "the vocabulary"
    if isinstance(result, (set, frozenset, dict)):
        raise NotYet(f"{what} must be a list: a {type(result).__name__} has no first symbol")
    if not isinstance(result, (list, tuple, str, np.ndarray)):
        raise NotYet(f"{what} must be a list of characters, got {type(result).__name__}")
    for symbol in result:
        if not isinstance(symbol, str):
            raise NotYet(f"{what} must hold characters, but {symbol!r} is not one")
    return np.array([*result], dtype=str)


def characters_of(result, *arguments):
    """A decoded text as an array of characters."""
    if not isinstance(result, str):
        raise NotYet(f"decode must return a string, got {type(result).__name__}")
    return np.array([*result], dtype=str)


def texts_to_count(rng):
    """Letters near and above the limit; the unknown symbol may stand in the text, too."""
    for least, unknown, times in [(3, "~", 0), (2, "~", 4), (4, "*", 1)]:
        letters = [*rng.choice([*"abcdefghijklmnop"], 7, replace=False).tolist(), " ", ".", unknown]
        counts = [least - 2, least - 1, least, least, least + 1, *rng.integers(1, least + 3, 4)]
        symbols = "".join(a * n for a, n in zip(letters, [*counts, times]))
        yield "".join(rng.permutation([*symbols])), least, unknown


def texts_with_strange_characters(rng):
    """The unknown symbol is the third of them."""
    for size in (5, 8, 6):
        letters = rng.permutation([*"abcdefghijklmnopqrstuvwxyz "]).tolist()
        symbols, strange = letters[:size], letters[size : size + 3]
        symbols[1:] = sorted(symbols[1:])[::-1]  # not in the order of the alphabet
        mixed = rng.permutation([*symbols, *strange, *rng.choice(symbols, 4)])
        yield "".join(mixed), symbols, symbols[2]


exercise(
    "08.1",
    Question(
        vocabulary,
        texts_to_count,
        {
            "the unknown symbol is missing from the vocabulary": (
                then(vocabulary, lambda symbols: symbols[1:])
            ),
            "the unknown symbol must stand first": (
                then(vocabulary, lambda symbols: [*symbols[1:], symbols[0]])
            ),
            "the unknown symbol occurs in the text, too, and is in your vocabulary twice": (
                then(vocabulary, lambda symbols: [symbols[0], *sorted(symbols)])
            ),
            "all characters are in your vocabulary: leave out the rare ones": (
                partial(vocabulary, keep=lambda n, least: True)
            ),
            "a character that occurs exactly `least` times belongs to the vocabulary": (
                partial(vocabulary, keep=lambda n, least: n > least)
            ),
            "your limit is one too low: `least` times or more": (
                partial(vocabulary, keep=lambda n, least: n >= least - 1)
            ),
            "you keep the rare characters and leave out the frequent ones": (
                partial(vocabulary, keep=lambda n, least: n < least)
            ),
            "the characters are in the order of the text: sort them": (
                partial(vocabulary, order=list)
            ),
            "the characters are sorted backward": (
                partial(vocabulary, order=partial(sorted, reverse=True))
            ),
        },
        names=lambda text, least, unknown: [
            f"the vocabulary of {text!r} with least={least} and unknown={unknown!r}"
        ],
        look=row_of_symbols,
    ),
    Question(
        encode,
        texts_with_strange_characters,
        {
            "characters that are not in the vocabulary are left out: they become the unknown "
            "symbol": lambda text, symbols, unknown: encode(
                [c for c in text if c in symbols], symbols, unknown
            ),
            "-1 is not the number of a symbol: the unknown symbol has one of its own": (
                partial(encode, other=lambda symbols, unknown: -1)
            ),
            "the unknown symbol need not be the first one: what is its number here?": (
                partial(encode, other=lambda symbols, unknown: 0)
            ),
            "the unknown symbol needs no new number: it is one of the symbols": (
                partial(encode, other=lambda symbols, unknown: len(symbols))
            ),
            "the last symbol is not the unknown one: what is its number here?": (
                partial(encode, other=lambda symbols, unknown: len(symbols) - 1)
            ),
            "numbers begin at 0, yours at 1": then(encode, lambda numbers: numbers + 1),
            "the number of a symbol is its place in `symbols`, not in the alphabet": (
                lambda text, symbols, unknown: encode(text, sorted(symbols), unknown)
            ),
            "these are the code points of the characters: return their places in "
            "`symbols`": lambda text, symbols, unknown: [ord(c) for c in text],
        },
        names=["encode"],
    ),
    Question(
        decode,
        lambda rng: ((encode(*case), case[1]) for case in texts_with_strange_characters(rng)),
        {
            "there is something between the characters of your text: join them with none": (
                then(decode, " ".join)
            ),
            "your text is a list in the form of a string: join its characters": (
                then(decode, lambda text: str([*text]))
            ),
            "your numbers begin at 1: decode them from 0": (
                lambda numbers, symbols: decode(numbers - 1, symbols)
            ),
            "your text runs backward": then(decode, lambda text: text[::-1]),
            "the number of a symbol is its place in `symbols`, not in the alphabet": (
                lambda numbers, symbols: decode(numbers, sorted(symbols))
            ),
        },
        names=["the text decoded"],
        look=characters_of,
    ),
    hints=[
        "vocabulary: `text.count(symbol)` says how often, `sorted(set(text))` are all characters. "
        "The unknown symbol may occur in the text, too: take it only once.",
        "encode: make a dict from symbols to numbers, and look each character up with "
        "`.get(symbol, number_of_unknown)`.",
        'decode: symbols[number] for each number, and `"".join(...)` makes one string of them.',
    ],
)

# --- 08.2: streams -----------------------------------------------------------------------------


def cut(
    numbers, rows, time, shift=1, strides=lambda n, batches, rows, time: (time, batches * time, 1)
):
    """X and y, both (batches, rows, time); every option is for a mistake.

    `strides` are how far the text goes on from batch to batch, row to row and step to step.
    After its last symbol comes the first one.
    """
    batches = (len(numbers) - 1) // (rows * time)
    steps = np.indices((batches, rows, time))
    places = np.tensordot(strides(len(numbers), batches, rows, time), steps, axes=1)
    return np.take(numbers, places), np.take(numbers, places + shift, mode="wrap")


def wrapped_around(numbers, rows, time):
    """The target of the last symbol used is the first symbol."""
    X, y = cut(numbers, rows, time)
    y[-1, -1, -1] = numbers[0]
    return X, y


def texts_to_cut(rng):
    """Numbers in random order; some texts fill their batches, but for the last target."""
    for rows, time, length in [(3, 4, 34), (2, 5, 30), (4, 3, 37), (5, 2, 48)]:
        yield rng.permutation(length).astype("int32"), rows, time


exercise(
    "08.2",
    Question(
        cut,
        texts_to_cut,
        {
            "y is the same as X: it must come one symbol later": partial(cut, shift=0),
            "y comes one symbol earlier than X: it must come one later": partial(cut, shift=-1),
            "y comes two symbols later than X: one is enough": partial(cut, shift=2),
            "X and y are swapped: y comes later": then(cut, lambda X, y: (y, X)),
            "y is rotated inside each row: the last target of a row is the symbol after the "
            "row": then(cut, lambda X, y: (X, np.roll(X, -1, axis=-1))),
            "the last target of all is wrapped around: it is the symbol after the last one of X": (
                wrapped_around
            ),
            "each row goes on in the row below it: it must go on in the same row of the next "
            "batch": partial(cut, strides=lambda n, batches, rows, time: (rows * time, time, 1)),
            "neighbors in the text are in different streams: a stream is one long piece of the "
            "text": partial(cut, strides=lambda n, batches, rows, time: (rows * time, 1, rows)),
            "your streams are longer than the batches: each one begins where the one above it "
            "ends in the last batch": (
                partial(cut, strides=lambda n, batches, rows, time: (time, (n - 1) // rows, 1))
            ),
            "your streams are longer than the batches: what is left over stays at the end of the "
            "text": partial(cut, strides=lambda n, batches, rows, time: (time, n // rows, 1)),
            "the text is used from its end: what is left over is to be at the end": (
                lambda numbers, rows, time: cut(
                    numbers[(len(numbers) - 1) % (rows * time) :], rows, time
                )
            ),
            "the last batch is missing": then(cut, lambda X, y: (X[:-1], y[:-1])),
            "there is one batch too few: only one symbol, the last target, is needed beyond X": (
                lambda numbers, rows, time: cut(numbers[: -rows * time], rows, time)
            ),
            "there is one batch too many: the last symbol of the text has no target": (
                lambda numbers, *shape: cut(np.append(numbers, numbers[0]), *shape)
            ),
            "the batches stand below each other: they need an axis of their own": (
                then(cut, lambda X, y: (X.reshape(-1, X.shape[2]), y.reshape(-1, y.shape[2])))
            ),
            "time comes before the rows: the axes are batches, rows, time": (
                then(cut, lambda X, y: (X.swapaxes(1, 2), y.swapaxes(1, 2)))
            ),
            "the rows come before the batches: the axes are batches, rows, time": (
                then(cut, lambda X, y: (X.swapaxes(0, 1), y.swapaxes(0, 1)))
            ),
        },
        names=["X", "y"],
    ),
    hints=[
        "How many batches are there? Each one takes batch_size * time symbols, and the last symbol "
        "of all serves as a target only.",
        "Cut the symbols that are used into streams first: `.reshape(batch_size, -1)`, one per "
        "row.",
        "Then cut every stream into pieces: `.reshape(batch_size, batches, time)`. Batches must "
        "come first: swap two axes.",
        "y goes the same way; it just begins one symbol later in the text.",
    ],
)

# --- 08.3: temperature -------------------------------------------------------------------------


def ranked(rng, batch, size, tied_at=None):
    """Probabilities (batch, size), none near another; those at ranks k and k + 1 can be tied."""
    logits = np.arange(size) / 2 + rng.uniform(0, 0.2, (batch, size))
    if tied_at:
        logits[:, -tied_at - 1] = logits[:, -tied_at]
    return rng.permuted(softmax(logits, axis=1), axis=1)


def temperatures(rng):
    """A low temperature, a high one for a row with a zero, and a very low one."""
    for shape, low, high in [((3, 5), 0.4, 0.7), ((2, 7), 2.0, 3.0), ((4, 3), 1e-4, 2e-4)]:
        p, T = ranked(rng, *shape), float(rng.uniform(low, high))
        if T > 1:
            p[0, 0] = 0
            p /= p.sum(axis=-1, keepdims=True)
        yield p, T


def at_temperature(result, p, T):
    """Probabilities as an array; raises NotYet for what is wrong whatever the mistake."""
    if T < 0.01 and has_nan(result):
        raise NotYet(
            f"NaN at T = {T:.2g}: all exponentials have become 0, and 0 / 0 is not a number"
        )
    got = as_array(result, "your result")
    if got.shape == p.shape and (got[p == 0] > 5e-5).any():
        raise NotYet("a symbol of probability 0 must keep it at every temperature")
    return got


exercise(
    "08.3",
    Question(
        temperature,
        temperatures,
        {
            "this is softmax of p / T: take the logarithm of p first": (
                lambda p, T: softmax(p / T, axis=1)
            ),
            "dividing the probabilities by T changes nothing after normalizing: divide their "
            "logarithms": lambda p, T: p,
            "you divide the probabilities by T: divide their logarithms": lambda p, T: p / T,
            "these are not probabilities yet: each row must sum to 1": lambda p, T: p ** (1 / T),
            "you multiply by T: a low temperature must make the row sharper": (
                lambda p, T: temperature(p, 1 / T)
            ),
            "these are logits: exponentiate them and normalize": (
                lambda p, T: np.log(np.maximum(p, 1e-300)) / T
            ),
            "your rows are not normalized on their own: sum along the last axis, keepdims=True": (
                lambda p, T: p ** (1 / T) / np.sum(p ** (1 / T))
            ),
            "you normalize each column: the symbols are the last axis": (
                lambda p, T: p ** (1 / T) / np.sum(p ** (1 / T), axis=0)
            ),
            "T is a power of 1 / T here, not a factor: log p is divided once": (
                lambda p, T: temperature(p, T**2)
            ),
        },
        look=at_temperature,
    ),
    hints=[
        "The logits behind probabilities p are log p, up to a constant that softmax does not see.",
        "softmax(log p / T): exponentiate, then divide each row by its own sum (keepdims=True).",
        "At a low temperature all exponentials can become 0, and 0 / 0 is NaN: subtract the "
        "largest logit of each row before you exponentiate.",
    ],
)

# --- 08.4: many texts at once ------------------------------------------------------------------


def most(p, k):
    """Where the k most probable symbols of each row are."""
    return top_k(p, k) > 0


def only(p, stay):
    """p where `stay`, normalized; a row in which nothing stays is 0."""
    kept = np.where(stay, p, 0)
    return kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-9)


def draw(p, u):
    """The number of the piece on which u lies, row by row."""
    return (np.cumsum(p, axis=1) <= u[:, None]).sum(axis=1)


def rows_to_cut(rng):
    """k below and above the number of symbols; in some rows two are tied at the limit."""
    cases = [(3, 7, 3, False), (4, 6, 1, False), (2, 8, 3, True), (5, 5, 4, True), (3, 4, 6, False)]
    for batch, size, k, tied in cases:
        yield ranked(rng, batch, size, tied_at=k if tied else None), k


def rows_to_draw_from(rng):
    """Symbols of probability 0 at the ends and between; everything comes twice."""
    for batch, size, first in [(25, 8, 0.5), (30, 7, 0)]:
        p = np.insert(ranked(rng, batch, size - 3), [0, 1, size - 3], 0, axis=1)
        u = np.append(first, rng.uniform(0.01, 0.99, batch - 1))
        yield np.tile(p, (2, 1)), np.tile(u, 2)


def symbols_drawn(result, p, u):
    """Symbols as an array; raises NotYet for what is wrong whatever the mistake."""
    found = as_array(result, "what draw returns")
    if found.shape != u.shape:
        raise NotYet(f"draw must return shape {u.shape}, one symbol per row, got {found.shape}")
    if not np.array_equal(*np.split(found, 2)):
        raise NotYet("draw gives other symbols for the same u: u must be the only source of chance")
    if (found % 1).any():
        raise NotYet("draw must return whole numbers, those of the symbols")
    return found


def first_wrong_symbol(got, p, u):
    """A sentence about the first symbol of `got` that is not the right one."""
    (found,), right = got, draw(p, u)
    row = (found != right).argmax()
    number = int(found[row])
    if 0 <= number < p.shape[1] and p[row, number] == 0:
        return f"draw gives {number} for u = {u[row]:.4g}, but its probability is 0"
    return f"draw gives {number} in row {row}, but should give {right[row]}"


exercise(
    "08.4",
    Question(
        top_k,
        rows_to_cut,
        {
            "two symbols are equally probable at the limit: the first one stays, not the last": (
                lambda p, k: top_k(p[:, ::-1], k)[:, ::-1]
            ),
            "two symbols are equally probable at the limit: exactly k may stay": (
                lambda p, k: only(p, p >= np.where(most(p, k), p, 1).min(axis=1, keepdims=True))
            ),
            "two symbols are equally probable at the limit: exactly k must stay": (
                lambda p, k: only(p, p > np.where(most(p, k), 0, p).max(axis=1, keepdims=True))
            ),
            "top_k changes nothing: all but the k largest become 0": lambda p, k: p,
            "the k least probable symbols are left: keep the most probable": (
                lambda p, k: only(p, most(1 - p, k))
            ),
            "only k - 1 symbols are left": lambda p, k: top_k(p, k - 1),
            "k + 1 symbols are left": lambda p, k: top_k(p, k + 1),
            "each row must sum to 1 again": lambda p, k: np.where(most(p, k), p, 0),
            "each row must sum to 1 again: divide it by its own sum": (
                lambda p, k: np.where(most(p, k), p, 0) / p[most(p, k)].sum()
            ),
            "the first k symbols are left: keep the most probable ones": (
                lambda p, k: only(p, np.arange(p.shape[1]) < k)
            ),
            "every row has k symbols of its own: yours are those of the first row": (
                lambda p, k: only(p, most(p, k)[0])
            ),
            "every row has k symbols of its own: yours has k in all rows together": (
                lambda p, k: only(p, most(p.reshape(1, -1), k).reshape(p.shape))
            ),
            "the k symbols have lost their proportions: divide them by their sum": (
                lambda p, k: only(np.ones(p.shape), most(p, k))
            ),
            "a softmax of probabilities makes them flatter: divide by the sum": (
                lambda p, k: softmax(np.where(most(p, k), p, -np.inf), axis=1)
            ),
            "the symbols have lost their places: the probability of symbol i stays at i": (
                lambda p, k: -np.sort(-top_k(p, k))
            ),
            "the others must stay in the array, with probability 0": (
                lambda p, k: -np.sort(-top_k(p, k))[:, :k]
            ),
            "these are the numbers of the symbols: return their probabilities": (
                lambda p, k: np.argsort(-p, kind="stable")[:, :k]
            ),
        },
        names=["top_k"],
    ),
    Question(
        draw,
        rows_to_draw_from,
        {
            "draw always gives the most probable symbol: where does u come in?": (
                lambda p, u: p.argmax(axis=1)
            ),
            "draw gives the symbol before the right one": then(draw, lambda found: found - 1),
            "draw gives the symbol after the right one: numbers begin at 0": (
                then(draw, lambda found: found + 1)
            ),
            "all symbols are equally probable in draw: use p": (
                lambda p, u: (u * p.shape[1]).astype(int)
            ),
            "draw puts the most probable symbols first: leave them in the order of p": (
                lambda p, u: np.take_along_axis(
                    np.argsort(-p), draw(-np.sort(-p), u)[:, None], axis=1
                )[:, 0]
            ),
            "draw looks for the probability that is nearest to u: use the sums of p, np.cumsum": (
                lambda p, u: np.abs(p - u[:, None]).argmin(axis=1)
            ),
            "draw looks for the edge that is nearest to u: find the piece on which u "
            "lies": lambda p, u: np.abs(np.cumsum(p, axis=1) - u[:, None]).argmin(axis=1),
            "draw begins at the end: u = 0 belongs to the first piece": lambda p, u: draw(p, 1 - u),
            "draw reads the first row of p again and again: row i belongs to u[i]": (
                lambda p, u: draw(p[:1], u)
            ),
        },
        look=symbols_drawn,
        otherwise=first_wrong_symbol,
    ),
    hints=[
        'top_k: np.argsort(-p, axis=1, kind="stable") has the numbers of the symbols in each row, '
        "the most probable first and, among equal ones, in their order.",
        "top_k: a loop over the rows will do. For each one start from zeros, copy p at the first k "
        "of these numbers, and divide by the sum.",
        "draw: np.cumsum(p, axis=1) are the right ends of the pieces of each stick. How many of "
        "them are smaller than u or equal to it?",
    ],
)

# --- 08.5: reading and writing -----------------------------------------------------------------


def read(step, start, numbers, reset=False):
    """The probabilities after each number, and the state; with `reset` it is not kept."""
    ps, state = [], start
    for number in numbers:
        p, state = step(number, start if reset else state)
        ps.append(p)
    return np.array(ps), state


def of(ps, numbers):
    """The probability of one number per row."""
    return ps[np.arange(len(numbers)), numbers]


def bits(
    step,
    state,
    numbers,
    told=lambda ps, numbers: of(ps, numbers[1:]),
    measure=lambda p: -np.log2(p).mean(),
    reset=False,
):
    """Bits per symbol; `told` are the probabilities that count. Every option is for a mistake."""
    return measure(told(read(step, state, numbers, reset)[0], numbers))


def go_on(
    *given,
    part=lambda prompt: prompt,
    reset=False,
    forget=False,
    feed=True,
    more=0,
    result=lambda prompt, written: written,
):
    """Numbers chosen one after the other; every option is for a mistake.

    A `part` of the prompt is read. The state is not kept from step to step (`reset`), or not from
    reading to writing (`forget`).
    """
    step, start, prompt, length, choose = given
    ps, state = read(step, start, part(prompt), reset)
    p, state, written = ps[-1], start if forget else state, []
    for _ in range(length + more):
        written.append(choose(p))
        p, state = step(written[-1] if feed else prompt[-1], start if reset else state)
    return result([*prompt], written)


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


def models_to_read_with(rng):
    """A step, a state and a text."""
    for size, units, length in [(5, 4, 12), (7, 3, 20), (4, 6, 9)]:
        step, state = small_model(rng, size, units), rng.normal(size=units)
        yield step, state, rng.integers(0, size, length)


def models_to_write_with(rng):
    """A step, a state and a prompt; each difference in p shows in what is chosen."""
    for size, units, length, long in [(6, 4, 3, 12), (9, 3, 5, 8), (7, 5, 2, 15)]:
        step, state = small_model(rng, size, units), rng.normal(size=units)
        yield (
            *(step, state, rng.integers(0, size, length), long),
            lambda p: int(1e4 * p @ np.arange(len(p))) % len(p),
        )


exercise(
    "08.5",
    Question(
        bits,
        models_to_read_with,
        {
            "these are nats: bits need the logarithm to base 2": (
                partial(bits, measure=lambda p: -np.log(p).mean())
            ),
            "bits need the logarithm to base 2, not to base 10": (
                partial(bits, measure=lambda p: -np.log10(p).mean())
            ),
            "this is the sum: bits per character are the mean": (
                partial(bits, measure=lambda p: -np.log2(p).sum())
            ),
            "the sign is wrong: bits are not negative": then(bits, np.negative),
            "one symbol fewer than the text has is scored: divide by that": (
                partial(bits, measure=lambda p: -np.log2(p).sum() / (len(p) + 1))
            ),
            "this is the perplexity, 2 to the power of the bits": then(bits, np.exp2),
            "take the logarithm of each probability first, then the mean": (
                partial(bits, measure=lambda p: -np.log2(p.mean()))
            ),
            "this is the mean of the probabilities: where is the logarithm?": (
                partial(bits, measure=np.mean)
            ),
            "the target is off by one: p after numbers[t] is about numbers[t + 1], not about "
            "numbers[t] itself": partial(bits, told=of),
            "the target is off by one: p after numbers[t] is about numbers[t + 1], not about "
            "numbers[t], which has just been read": (
                partial(bits, told=lambda ps, numbers: of(ps, numbers[:-1]))
            ),
            "the target is off by one, in the other direction: numbers[t + 1], not "
            "numbers[t + 2]": partial(bits, told=lambda ps, numbers: of(ps, numbers[2:])),
            "the target is off by one: p is about the symbol after, and you take the one "
            "before": partial(bits, told=lambda ps, numbers: of(ps[1:], numbers[:-1])),
            "the last symbol is not scored": (
                partial(bits, told=lambda ps, numbers: of(ps, numbers[1:-1]))
            ),
            "the second symbol of the text is not scored: p after the first one is about it": (
                partial(bits, told=lambda ps, numbers: of(ps[1:], numbers[2:]))
            ),
            "the state is reset at each step: pass the new one on": partial(bits, reset=True),
            "your state begins at zero: use the one that is given": without(bits, 1),
            "these are the bits of the most probable symbol: take those of the symbol that "
            "comes": partial(bits, told=lambda ps, numbers: ps[:-1].max(axis=1)),
            "this is the entropy of p: take the bits of the symbol that comes": partial(
                bits,
                told=lambda ps, numbers: ps[:-1],
                measure=lambda p: -(p * np.log2(p)).sum(axis=1).mean(),
            ),
        },
        names=["bits_per_character"],
    ),
    Question(
        go_on,
        models_to_write_with,
        {
            "the prompt is part of your result: return only what comes after it": (
                partial(go_on, result=lambda prompt, written: prompt + written)
            ),
            "the prompt is part of your result, and counts in its length": (
                partial(go_on, result=lambda prompt, written: (prompt + written)[: len(written)])
            ),
            "the last symbol of the prompt is part of your result": (
                partial(go_on, result=lambda prompt, written: [prompt[-1], *written[:-1]])
            ),
            "the first symbol that you choose is missing from your result": (
                partial(go_on, more=1, result=lambda prompt, written: written[1:])
            ),
            "your result is one symbol too long": partial(go_on, more=1),
            "your result is one symbol too short": partial(go_on, more=-1),
            "the last symbol of the prompt is read twice: you already have the p after it": (
                partial(go_on, part=lambda prompt: [*prompt, prompt[-1]])
            ),
            "what you write is never read: the next step must read the symbol just chosen": (
                partial(go_on, feed=False)
            ),
            "the state is reset at each step: pass the new one on": partial(go_on, reset=True),
            "the state is reset after the prompt: pass it on": partial(go_on, forget=True),
            "your state begins at zero: use the one that is given": without(go_on, 1),
            "you take the most probable symbol: choose(p) decides": (
                lambda step, state, prompt, length, choose: go_on(
                    step, state, prompt, length, np.argmax
                )
            ),
            "only the last symbol of the prompt is read: read them all, in their order": (
                partial(go_on, part=lambda prompt: prompt[-1:])
            ),
            "the prompt is read without its last symbol": partial(
                go_on, part=lambda prompt: prompt[:-1]
            ),
            "the prompt is read backward": partial(go_on, part=lambda prompt: prompt[::-1]),
        },
        names=["go_on"],
    ),
    hints=[
        "Both functions are a loop around `p, state = step(number, state)`.",
        "bits_per_character: the p that comes after reading numbers[t] is about numbers[t + 1]. "
        "The last p is about a symbol that is not in the text.",
        "go_on: read the whole prompt first. Then choose a number from the latest p, write it "
        "down, and read it with the next step.",
    ],
)

# --- 08.6: an experiment of one's own ----------------------------------------------------------


def own_samples(report, rng):
    """Samples of at least three settings, with the share of invented words of each."""
    keys = ("prediction", "text", "invented", "samples", "winner", "conclusion")
    text, invented, samples, best = entries(report, *keys)
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


exercise(
    "08.6",
    test=own_samples,
    hints=[
        "A number from 0 to 1 per seed and setting; the settings can be temperatures, values of k, "
        "or lengths of training.",
        "Loop over your settings and, for each one, collect the list of shares and one sample.",
        "The keys of 'invented' and of 'samples' must be the same; the winner is the key with the "
        "smallest median.",
    ],
)
