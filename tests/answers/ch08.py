"""Answers to the exercises of chapter 08: right ones, and typical mistakes with their names."""

from collections import Counter

import numpy as np

from course_lib import text
from course_lib.backend import T, softmax

# --- 08.1 ------------------------------------------------------------------------------------


def counted(text, least, unknown):
    """The vocabulary as one string, by sorting all characters."""
    found = unknown
    for symbol in np.unique(list(text)):
        if text.count(symbol) >= least and symbol not in found:
            found += symbol
    return found


def frequent_in_order(text, least, unknown):
    return [unknown, *(c for c, n in Counter(text).items() if n >= least and c != unknown)]


def library_encode(characters, symbols, unknown):
    return text.Vocabulary(symbols, unknown=unknown).encode(characters)


def library_decode(numbers, symbols):
    return "".join(text.Vocabulary(symbols).decode(numbers))


def dropped(text, symbols, unknown):
    return np.array([symbols.index(c) for c in text if c in symbols])


# --- 08.2 ------------------------------------------------------------------------------------


def batch_by_batch(numbers, batch_size, time):
    """Loops instead of reshape, and lists."""
    batches = (len(numbers) - 1) // (batch_size * time)
    X, y = [], []
    for k in range(batches):
        starts = [(i * batches + k) * time for i in range(batch_size)]
        X.append([numbers[s : s + time].tolist() for s in starts])
        y.append([numbers[s + 1 : s + time + 1].tolist() for s in starts])
    return [X, y]


def long_streams(numbers, rows, time):
    length = (len(numbers) - 1) // rows
    batches = length // time

    def pieces(part):
        kept = part[: rows * length].reshape(rows, length)[:, : batches * time]
        return kept.reshape(rows, batches, time).swapaxes(0, 1)

    return pieces(numbers[:-1]), pieces(numbers[1:])


# --- 08.3 ------------------------------------------------------------------------------------


def scaled_powers(p, temperature):
    """Powers of p after scaling the largest to 1; row by row."""
    powers = [(row / row.max()) ** (1 / temperature) for row in p]
    return [(row / sum(row)).tolist() for row in powers]


def symbolic(p, temperature):
    return softmax(T.log(p) / temperature)


def plain_powers(p, temperature):
    p **= 1 / temperature
    return p / p.sum(axis=1, keepdims=True)


# --- 08.4 ------------------------------------------------------------------------------------


def at_once(p, k):
    """All rows at once, by ranks."""
    kept = p * (np.argsort(np.argsort(-p, axis=1, kind="stable"), axis=1) < k)
    return (kept / kept.sum(axis=1, keepdims=True)).astype("float32")


def above_the_next(p, k):
    """Keeps what is more probable than the first symbol left out."""
    limit = [sorted([0] * k + row.tolist())[-k - 1] for row in p]
    kept = np.where(p > np.array(limit)[:, None], p, 0)
    return kept / kept.sum(axis=1, keepdims=True)


def draw_by_search(p, u, side="right"):
    return [np.searchsorted(np.cumsum(row), x, side=side) for row, x in zip(p, u)]


def without_u(p, u):
    return [np.random.default_rng().choice(len(row), p=row) for row in p]


# --- 08.5 ------------------------------------------------------------------------------------


def all_then_pick(step, state, text, logarithm=np.log):
    """All predictions first, their logarithms after."""
    rows = []
    for number in text.tolist():
        p, state = step(number, state)
        rows.append(p)
    chosen = np.array(rows)[np.arange(len(text) - 1), text[1:]]
    return np.float32(-np.sum(logarithm(chosen)) / np.log(2) / (len(text) - 1))


def as_one_loop(step, state, prompt, length, choose):
    """Reading and writing in one loop over all positions."""
    sequence = list(prompt)
    for position in range(len(prompt) + length - 1):
        p, state = step(sequence[position], state)
        if position >= len(prompt) - 1:
            sequence.append(choose(p))
    return np.array(sequence[len(prompt) :])


def read_apart(step, state, prompt, length, choose):
    """Reads the prompt with a state of its own, which is lost."""
    now = state
    for number in prompt:
        p, now = step(number, now)
    written = [choose(p)]
    return written + as_one_loop(step, state, written, length - 1, choose).tolist()


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
NAMED = {
    "invented": {"small": np.array([0.1, 0.0, 0.2]), "mid": [0.3, 0.2, 0.4], "all": [0.7] * 3},
    "samples": dict(zip(["small", "mid", "all"], REPORT["samples"].values())),
    "winner": "small",
}


RIGHT = {
    "08.1": [(counted, library_encode, library_decode)],
    "08.2": [batch_by_batch],
    "08.3": [scaled_powers, symbolic],
    "08.4": [(at_once, draw_by_search)],
    "08.5": [(all_then_pick, as_one_loop)],
    "08.6": [REPORT, {**REPORT, **NAMED}],
}

MISTAKES = {
    "08.1": [
        ((frequent_in_order, library_encode, library_decode), "in the order of the text"),
        ((lambda *a: set(counted(*a)), library_encode, library_decode), "must be a list: a set"),
        ((lambda text, *a: [*Counter(text).items()], dropped, str), "must hold characters"),
        ((lambda *a: counted(*a)[:-1], library_encode, library_decode), "the vocabulary of"),
        ((counted, dropped, library_decode), "are left out"),
        ((counted, library_encode, lambda n, s: [s[i] for i in n]), "must return a string"),
        ((counted, library_encode, lambda n, s: library_decode(n[1:], s)), "the text decoded is"),
    ],
    "08.2": [
        (long_streams, "your streams are longer"),
        (text.streams, "the batches stand below each other"),
        (lambda *a: np.array(batch_by_batch(*a)), "return 2 results"),
        (lambda *a: [part[0] for part in batch_by_batch(*a)], "X must have shape"),
    ],
    "08.3": [
        (plain_powers, "changes its argument number 1"),
        (lambda p, t: plain_powers(p.copy(), t), "NaN at T ="),
        (lambda p, t: scaled_powers(p + 1e-7, t), "a symbol of probability 0 must keep it"),
        (lambda p, t: np.exp(p / t) / np.exp(p / t).sum(axis=1), "stops with ValueError"),
    ],
    "08.4": [
        ((above_the_next, draw_by_search), "exactly k must stay"),
        ((lambda p, k: at_once(p, k) / len(p), draw_by_search), "top_k is"),
        ((at_once, without_u), "the same u"),
        ((at_once, lambda p, u: p.max(axis=1)), "must return whole numbers"),
        ((at_once, lambda p, u: draw_by_search(p, u)[0]), "one symbol per row"),
        ((at_once, lambda p, u: draw_by_search(p, u)[::-1]), "but should give"),
        ((at_once, lambda p, u: draw_by_search(p, u, "left")), "its probability is 0"),
    ],
    "08.5": [
        ((lambda *a: all_then_pick(*a, np.log2), as_one_loop), "bits_per_character is"),
        ((lambda *a: all_then_pick(*a) * np.log(2), as_one_loop), "these are nats"),
        ((lambda step, state, n: step(n, state)[0].mean(), as_one_loop), "takes one number"),
        ((all_then_pick, read_apart), "the state is reset after the prompt"),
    ],
    "08.6": [
        ({**REPORT, "prediction": "fewer words"}, "the prediction is too short"),
        ({**REPORT, "text": "letters"}, "description of the text is too short"),
        ({**REPORT, "invented": {0.5: [0.1, 0.2, 0.3]}}, "at least 3 lists"),
        ({**REPORT, "invented": {0.5: [0] * 3, 1: [1] * 3, 1.5: [9] * 3}}, "from 0 to 1"),
        ({**REPORT, "samples": {0.5: SAMPLE}}, "must have the same names"),
        ({**REPORT, "samples": dict.fromkeys(REPORT["samples"], "short")}, "at least 40 char"),
        ({**REPORT, "samples": dict.fromkeys(REPORT["samples"], SAMPLE)}, "are the same"),
        ({**REPORT, "invented": dict.fromkeys(REPORT["invented"], [0.1] * 3)}, "shares are equal"),
        ({**REPORT, "winner": 1.0}, "0.5 has a smaller median"),
        ({**REPORT, "conclusion": "as expected"}, "the conclusion is too short"),
    ],
}
