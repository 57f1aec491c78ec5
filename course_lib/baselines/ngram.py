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

    def probability(self, context, symbol):
        """p(symbol | context); the context is a tuple of symbols, the latest last."""
        p = 1 / self.size
        for c in self.shorter_contexts(context):
            after, total = self.counts[c], self.totals[c]
            p = (after[symbol] + len(after) * p) / (total + len(after))
        return p

    def predict(self, context):
        """The probabilities of all symbols after `context`, of shape (size,)."""
        p = np.full(self.size, 1 / self.size)
        for c in self.shorter_contexts(context):
            after, total = self.counts[c], self.totals[c]
            p *= len(after)
            p[list(after)] += list(after.values())
            p /= total + len(after)
        return p

    def bits(self, sequence):
        """-log2 of the probability of every symbol of a sequence: what it costs to tell it."""
        return -np.log2([self.probability(c, symbol) for c, symbol in self.steps(sequence)])
