"""Grammars: strings of symbols, of which the model predicts the next one at every step.

All successors that the grammar allows are equally likely (in a^n b^n, all n are), so no model
can be sure of the next symbol everywhere, but the lowest possible loss is known exactly.
"""

import numpy as np

from course_lib.arguments import whole_number_from
from course_lib.tasks.automaton import REBER, REBER_SYMBOLS, Automaton, embedded
from course_lib.tasks.base import Task, entropy, most_active, one_hot

ANBN_SYMBOLS = "SabT"


class NextSymbol(Task):
    """Predict the next symbol at every step.

    X (n, time, symbols), one-hot: all symbols but the last, of which nothing follows. Shorter
    strings end in rows of zeros, which a `Masking()` layer in front skips and leaves out of
    the loss. y (n, time): the number of the next symbol, 0 at padding. A string of k symbols
    so has k - 1 predictions.

    Right, as in Hochreiter & Schmidhuber (1997, experiment 1): at every step of the string
    the k symbols that may follow are the k most active outputs. Solved: all strings are.

    `baseline_loss` is that of always answering how often each symbol is the next one.
    """

    every_step = True
    padded = True
    threshold = 1.0
    symbols = REBER_SYMBOLS
    features = outputs = len(REBER_SYMBOLS)

    def legal(self, X):
        """Which symbols may follow: bool (num_samples, time, symbols), False at padding."""
        raise NotImplementedError

    def judge(self, X, y, prediction):
        """At every step all legal successors are more active than all others."""
        return most_active(self.legal(X), prediction).all(axis=1)

    def text(self, X):
        """The strings in X as text, without their last symbol, which X does not hold."""
        return ["".join(self.symbols[i] for i in row if i >= 0) for row in self.numbers(X)]

    def numbers(self, X):
        """The symbol numbers in X, (num_samples, time), with -1 for padding."""
        X = self.sequences(X)
        return np.where(X.any(axis=-1), X.argmax(axis=-1), -1)


def next_symbol_pairs(numbers, features):
    """X and y from whole strings: symbol numbers (num_samples, time + 1), -1 for padding."""
    now, following = numbers[:, :-1], numbers[:, 1:]
    return one_hot(np.where(following < 0, -1, now), features), np.maximum(following, 0)


class Reber(NextSymbol):
    """Reber's grammar (1967), as a task for networks: Cleeremans, Servan-Schreiber &
    McClelland (1989).

    Strings such as BTSSXXTVVE, of at least 5 and on average 8 symbols out of seven,
    numbered as in `REBER_SYMBOLS`. On average 6 symbols of a string are one of two that are
    equally likely, the others certain, so the lowest loss is 6 ln 2 / 7 = 0.594 nats per
    prediction.

    The number of time steps is that of the longest string in the sample: to get training and
    test data of one shape, split one sample.
    """

    def __init__(self):
        self.automaton = Automaton(REBER, self.symbols)
        self.measure()

    def measure(self):
        """The exact losses, of all symbols of a string but the first, which nobody predicts."""
        counts = self.automaton.counts()
        counts[self.symbols.index("B")] -= 1
        self.optimum = float(self.automaton.choices() / counts.sum())
        self.baseline_loss = entropy(counts)

    def draw(self, num_samples, rng):
        """X (num_samples, time, 7), y (num_samples, time)."""
        return next_symbol_pairs(self.automaton.walk(num_samples, rng), self.features)

    def legal(self, X):
        """Which symbols may follow: bool (num_samples, time, 7), False at padding.

        Raises ValueError for a string that is not of the grammar.
        """
        numbers = self.numbers(X)
        return self.automaton.allowed[self.automaton.states(numbers)] & (numbers >= 0)[..., None]


class EmbeddedReber(Reber):
    """B, T or P, Reber strings, the same T or P, E (Cleeremans, Servan-Schreiber &
    McClelland, 1989; Hochreiter & Schmidhuber, 1997, experiment 1).

    The last symbol but one can only be known from the second one. `inner` says how many Reber
    strings (one in the papers) stand between the two, one after the other: each makes that
    lag at least 5 steps longer, and 8 on average. The lowest loss is
    (6 inner + 1) ln 2 / (8 inner + 3) nats per prediction, 0.441 for inner=1.

    Raises ValueError for an `inner` below 1.
    """

    def __init__(self, inner=1):
        self.inner = whole_number_from(1, "inner", inner)
        self.automaton = Automaton(embedded(self.inner), self.symbols)
        self.measure()


class ContinualReber(Reber):
    """A stream of embedded Reber strings (Gers, Schmidhuber & Cummins, 2000).

    One string follows the other without a mark, so that the network itself must find out
    when to forget. A stream begins at the beginning of a string and is cut after `length`
    symbols: X (n, length, 7), without padding, y (n, length).

    The losses are those of a long stream: per symbol, over whole strings, of which here the
    first symbol, the B after an E, is predicted too. The lowest is 7 ln 2 / 12 = 0.404 nats;
    for 100 symbols it is 1.3% higher, as the choices of a string come before its certain end.
    Raises ValueError for a `length` below 1.
    """

    padded = False

    def __init__(self, length):
        self.length = whole_number_from(1, "length", length)
        self.automaton = Automaton(embedded(1), self.symbols, endless=True)
        self.measure()

    def measure(self):
        """The exact losses of a long stream."""
        counts = self.automaton.counts()
        self.optimum = float(self.automaton.choices() / counts.sum())
        self.baseline_loss = entropy(counts)

    def draw(self, num_samples, rng):
        """X (num_samples, length, 7), y (num_samples, length)."""
        stream = self.automaton.walk(num_samples, rng, self.length + 1)
        return next_symbol_pairs(stream, self.features)


class AnBn(NextSymbol):
    """Strings S a^n b^n T, n uniform from `shortest` to `longest` (Gers & Schmidhuber, 2001).

    Symbols in the order of `ANBN_SYMBOLS`; X (num_samples, 2 longest + 1, 4). After S comes
    a; after an a both a and b are legal, since the language knows no longest n; after the
    first b all is determined: b up to the n-th, then T. So a network that counts can be
    trained on n = 1 to 10 and be right on longer strings. (One that also learns that n ends
    at `longest` finds a unlikely there, but must still find it likelier than S and T.)

    The only thing to guess is n, with ln(longest - shortest + 1) nats, and a string has on
    average longest + shortest + 1 predictions; the lowest loss is the quotient.
    Raises ValueError for a `shortest` below 1 or above `longest`.
    """

    symbols = ANBN_SYMBOLS
    features = outputs = len(ANBN_SYMBOLS)

    def __init__(self, longest, shortest=1):
        self.shortest = whole_number_from(1, "shortest", shortest)
        self.longest = whole_number_from(self.shortest, "longest", longest)
        mean = (self.shortest + self.longest) / 2
        self.optimum = float(np.log(self.longest - self.shortest + 1)) / (2 * mean + 1)
        self.baseline_loss = entropy([mean, mean, 1])  # a, b and T are what is predicted

    def draw(self, num_samples, rng):
        """X (num_samples, 2 longest + 1, 4), y (num_samples, 2 longest + 1)."""
        n = rng.integers(self.shortest, self.longest + 1, num_samples)[:, None]
        time = np.arange(2 * self.longest + 2)
        # S ends at step 0, a at step n, b at step 2n, T at step 2n + 1; then comes padding.
        numbers = sum((time > end).astype(int) for end in (0, n, 2 * n))
        return next_symbol_pairs(np.where(time > 2 * n + 1, -1, numbers), self.features)

    def legal(self, X):
        """Which symbols may follow: bool (num_samples, time, 4), False at padding."""
        start, a, b, _ = np.moveaxis(self.sequences(X) > 0, -1, 0)
        left = (a.astype(int) - b).cumsum(axis=1)  # how many b's are still to come
        return np.stack([np.zeros_like(a), start | a, a | (b & (left > 0)), b & (left == 0)], -1)
