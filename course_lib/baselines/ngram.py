"""The n-gram: the next symbol from the last n - 1, by counting."""

from collections import Counter, defaultdict

import numpy as np

from course_lib.arguments import positive_int, whole_numbers

START = -1  # stands before the first symbol of a sequence


class NGram:
    """Counts of the next symbol after the last `n - 1`, smoothed by Witten & Bell (1991).

    The probability of a symbol w after a context c that was seen N(c) times, followed by
    K(c) different symbols, mixes in the one with a context shorter by its oldest symbol:

        p(w | c) = (N(c w) + K(c) p(w | shorter c)) / (N(c) + K(c))

    down to no context at all and then 1 / `size`, the number of different symbols. No symbol
    has probability 0.
    """

    def __init__(self, n, size):
        self.n = positive_int("n", n)
        self.size = positive_int("size", size)

    def fit(self, sequences):
        """Count in `sequences`, a list of arrays of whole numbers below `size`."""
        counts = defaultdict(Counter)
        for sequence in sequences:
            for context, symbol in self.steps(sequence):
                for start in range(self.n):
                    counts[context[start:]][symbol] += 1
        self.counts = dict(counts)
        self.totals = {context: sum(after.values()) for context, after in counts.items()}
        return self

    def steps(self, sequence):
        """Every symbol of a sequence with the n - 1 before it, as (context, symbol)."""
        symbols = np.asarray(sequence)
        whole_numbers("a sequence", symbols, self.size, "symbol numbers")
        padded = (*[START] * (self.n - 1), *symbols.tolist())
        for i in range(len(symbols)):
            yield padded[i : i + self.n - 1], padded[i + self.n - 1]

    def shorter_contexts(self, context):
        """The contexts that mix, from none to the longest: those seen in training."""
        context = tuple(context)[-(self.n - 1) :] if self.n > 1 else ()
        for start in range(len(context), -1, -1):
            if context[start:] in self.counts:
                yield context[start:]

    def mix(self, context, count, p):
        """p(w | context), given how often w came there, and `p` with the context shorter by one."""
        total, kinds = self.totals[context], len(self.counts[context])
        return (count + kinds * p) / (total + kinds)

    def probability(self, context, symbol):
        """p(symbol | context); the context is a tuple of symbols, the latest last."""
        p = 1 / self.size
        for c in self.shorter_contexts(context):
            p = self.mix(c, self.counts[c][symbol], p)
        return p

    def predict(self, context):
        """The probabilities of all symbols after `context`, of shape (size,)."""
        p = np.full(self.size, 1 / self.size)
        for c in self.shorter_contexts(context):
            count = np.zeros(self.size)
            count[list(self.counts[c])] = list(self.counts[c].values())
            p = self.mix(c, count, p)
        return p

    def bits(self, sequence):
        """-log2 of the probability of every symbol of a sequence: what it costs to tell it."""
        return -np.log2([self.probability(c, symbol) for c, symbol in self.steps(sequence)])


class KneserNey(NGram):
    """The n-gram smoothed by Kneser & Ney (1995), as modified by Chen & Goodman (1999).

    From every count a of a symbol w after a context c a discount D is taken, and the sum of
    what is taken goes to the symbols in proportion to p with the context shorter by its oldest
    symbol:

        p(w | c) = (a(c w) - D(a(c w)) + taken(c) p(w | shorter c)) / (sum over v of a(c v))

    After the longest context, a is how often w followed. A shorter one counts where the longer
    ones are new, so there a is the number of different symbols that stood before c w; only at
    the start of a sequence, where nothing stands before, it is how often w followed, too.
    `counts` holds a.
    """

    def fit(self, sequences):
        """Count in `sequences`, a list of arrays of whole numbers below `size`."""
        counts = defaultdict(Counter)
        for sequence in sequences:
            for context, symbol in self.steps(sequence):
                counts[context][symbol] += 1
        self.counts, self.totals, self.discounts, self.taken = {}, {}, {}, {}
        for length in range(self.n - 1, -1, -1):
            self.counts.update(counts)
            self.discounts[length] = discounts(counts.values())
            counts = continuations(counts)
        for context, after in self.counts.items():
            self.totals[context] = sum(after.values())
            self.taken[context] = sum(self.discount(context, a) for a in after.values())
        return self

    def discount(self, context, a):
        """D(a) for contexts of this length: for a of 0 it is 0, from 3 on always the same."""
        one, two, three = self.discounts[len(context)]
        return (a > 0) * one + (a > 1) * (two - one) + (a > 2) * (three - two)

    def mix(self, context, count, p):
        """p(w | context), given a of w there, and `p` with the context shorter by one."""
        kept = count - self.discount(context, count)
        return (kept + self.taken[context] * p) / self.totals[context]


def continuations(counts):
    """For contexts shorter by one: before how many different symbols each n-gram was seen."""
    shorter = defaultdict(Counter)
    for context, after in counts.items():
        at_start = context[1:2] == (START,)
        for symbol, count in after.items():
            shorter[context[1:]][symbol] += count if at_start else 1
    return shorter


def discounts(counters):
    """What is taken from counts of 1, of 2, and of 3 or more: (D1, D2, D3).

    With n1 the number of counts that are 1, and so on, D1 = 1 - 2 Y n2 / n1, D2 = 2 - 3 Y n3 / n2
    and D3 = 3 - 4 Y n4 / n3 with Y = n1 / (n1 + 2 n2). Where the data are too few for that, so
    that one of these numbers is 0 or a discount is not above 0, they are 0.5, 1 and 1.5.
    """
    seen = Counter(count for after in counters for count in after.values())
    n1, n2, n3, n4 = (seen[i] for i in (1, 2, 3, 4))
    if min(n1, n2, n3, n4) > 0:
        Y = n1 / (n1 + 2 * n2)
        found = 1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3
        if min(found) > 0:
            return found
    return 0.5, 1.0, 1.5
