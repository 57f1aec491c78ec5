"""A GRU and an n-gram that go on learning while they are tested, on Python's manual.

Each character is predicted first, and learned only then. The n-gram counts it. The network, which
is the trained `character_model`, takes a step of gradient descent after every stretch of characters
(dynamic evaluation: Mikolov et al., 2010; Krause et al., 2018, arXiv:1709.07432).
"""

from collections import Counter

import numpy as np

from course_lib.baselines import KneserNey
from course_lib.evaluation import paired_bootstrap
from course_lib.experiments import character_model, trained
from course_lib.experiments.manual import manual_in_two
from course_lib.experiments.prepare import compiled
from course_lib.files import DATA
from course_lib.layers import GRU, Dense, Embedding
from course_lib.models import Sequential
from course_lib.text import streams
from course_lib.training import Callback

# The learning rate is a tenth of the one in training. No other was tried.
SETTINGS = [
    {"learning": learning, "n": 9, "time": 32, "learning_rate": 0.0004}
    for learning in (False, True)
]
CONTEXT = 1024  # characters of the training text that are read first, and not scored
BLOCK = 1024  # characters that the bootstrap draws together


class LearningKneserNey(KneserNey):
    """Kneser-Ney that can count on, one symbol at a time. The discounts stay."""

    def learn(self, context, symbol):
        """Count `symbol` after `context`, the n - 1 symbols before it."""
        for start in range(self.n):
            c = context[start:]
            after = self.counts.setdefault(c, Counter())
            a = after[symbol]
            after[symbol] += 1
            self.totals[c] = self.totals.get(c, 0) + 1
            more = self.discount(c, a + 1) - self.discount(c, a)
            self.taken[c] = self.taken.get(c, 0) + more
            if a:  # was known already: for shorter contexts there is nothing new
                return


class Losses(Callback):
    """Keeps the loss of every batch, measured before the step that learns from it."""

    def on_train_begin(self):
        self.losses = []

    def on_batch_end(self, batch, logs):
        self.losses.append(logs["loss"])


def network_bits(before, after, learning, time, learning_rate):
    """Bits per character of the network, for every stretch of `time` characters of `after`."""
    shipped = trained.load(character_model, DATA / "character_model")
    embedding, gru, _, dense = shipped.layers
    layers = [  # the same without dropout
        Embedding(embedding.input_dim, embedding.output_dim),
        GRU(gru.units, return_sequences=True, stateful=True),
        Dense(dense.units),
    ]
    model = compiled(Sequential(layers), learning_rate)
    model.optimizer.learning_rate = learning_rate if learning else 0
    model.set_weights(shipped.get_weights())
    X, y = streams(np.concatenate([before[-CONTEXT - 1 :], after]), 1, time)
    kept = Losses()
    model.fit(X, y, batch_size=1, shuffle=False, callbacks=[kept], verbose=0)
    return np.array(kept.losses[CONTEXT // time :]) / np.log(2)


def ngram_bits(before, after, learning, n, size):
    """Bits of the n-gram for every character of `after`."""
    model = LearningKneserNey(n, size).fit([before])
    bits = []
    for context, symbol in list(model.steps(np.concatenate([before[1 - n :], after])))[n - 1 :]:
        bits.append(-np.log2(model.probability(context, symbol)))
        if learning:
            model.learn(context, symbol)
    return np.array(bits)


def run(learning, n, time, learning_rate):
    """Bits per character of both on the text held out, and by how much the network needs more."""
    vocabulary, before, after = manual_in_two()
    network = network_bits(before, after, learning, time, learning_rate)
    counted = ngram_bits(before, after, learning, n, len(vocabulary))
    counted = counted[: len(network) * time].reshape(-1, time).mean(axis=1)
    more = paired_bootstrap(network, counted, block=BLOCK // time)
    results = {
        "gru": network.mean(),
        "ngram": counted.mean(),
        "more": more.estimate,
        "low": more.low,
        "high": more.high,
    }
    return {name: round(float(value), 4) for name, value in results.items()}
