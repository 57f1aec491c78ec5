"""Kneser-Ney smoothing, against counts by brute force and figures found independently."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from course_lib import datasets
from course_lib.baselines import KneserNey, NGram, ngram
from course_lib.experiments import manual
from course_lib.text import Vocabulary


class BruteForce:
    """The formulas of Chen & Goodman (1999), section 2.7 and 3, by going through all n-grams."""

    def __init__(self, sequences, n, size):
        self.padded = [(*[-1] * (n - 1), *map(int, s)) for s in sequences]
        self.n, self.size = n, size

    @cache  # noqa: B019
    def grams(self, k):
        """All n-grams of length k that end with a symbol."""
        return [
            padded[end - k : end]
            for padded in self.padded
            for end in range(self.n, len(padded) + 1)
        ]

    @cache  # noqa: B019
    def adjusted(self, k):
        """How often each n-gram of length k counts."""
        if k == self.n:
            return Counter(self.grams(k))
        different = Counter(gram[1:] for gram in set(self.grams(k + 1)))
        often = Counter(self.grams(k))
        return {g: often[g] if k > 1 and g[0] == -1 else different[g] for g in often}

    @cache  # noqa: B019
    def discount(self, k):
        n = [sum(a == i for a in self.adjusted(k).values()) for i in range(5)]
        if 0 in n[1:]:
            return [0, 0.5, 1, 1.5]
        Y = n[1] / (n[1] + 2 * n[2])
        D = [0] + [i - (i + 1) * Y * n[i + 1] / n[i] for i in (1, 2, 3)]
        return D if min(D[1:]) > 0 else [0, 0.5, 1, 1.5]

    def probability(self, context, symbol):
        if context is None:
            return 1 / self.size
        k = len(context) + 1
        shorter = self.probability(context[1:] if context else None, symbol)
        a = self.adjusted(k)
        after = {g[-1]: a[g] for g in a if g[:-1] == context}
        if not after:
            return shorter
        D = self.discount(k)
        gamma = sum(D[min(count, 3)] for count in after.values())
        count = after.get(symbol, 0)
        return (count - D[min(count, 3)] + gamma * shorter) / sum(after.values())


SIZE = 16
rng = np.random.default_rng(0)
SEQUENCES = [np.minimum(rng.geometric(0.3, size=80) - 1, SIZE - 2) for _ in range(4)]
NEW = SIZE - 1  # never occurs in them


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_kneser_ney_agrees_with_brute_force(n):
    model, brute = KneserNey(n, SIZE).fit(SEQUENCES), BruteForce(SEQUENCES, n, SIZE)
    for sequence in (SEQUENCES[0], np.random.default_rng(1).integers(0, SIZE, 40)):
        for context, symbol in model.steps(sequence):
            expected = brute.probability(context, symbol)
            assert model.probability(context, symbol) == pytest.approx(expected, rel=1e-12)


def test_these_sequences_try_discounts_from_the_data_and_for_lack_of_them():
    given = [BruteForce(SEQUENCES, 3, SIZE).discount(k) for k in (1, 2, 3)]
    assert [D == [0, 0.5, 1, 1.5] for D in given] == [True, False, False]


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_probabilities_are_positive_and_sum_to_1_after_any_context(n):
    model = KneserNey(n, SIZE).fit(SEQUENCES)
    seen = [context for context, _ in model.steps(SEQUENCES[0])]
    unseen = [(NEW,) * (n - 1), (0, NEW, 0, NEW)[: n - 1]]
    for context in seen + unseen:
        p = model.predict(context)
        assert p.sum() == pytest.approx(1) and p.min() > 0
        assert p == pytest.approx([model.probability(context, w) for w in range(SIZE)])


def test_a_shorter_context_counts_in_how_many_places_a_symbol_stood():
    """Chen & Goodman's example: "Francisco" is frequent, but only after "San"."""
    san, francisco, glasses, a, b, c = range(6)
    sequence = [san, francisco] * 50 + [a, glasses, b, glasses, c, glasses] * 5
    counted, smoothed = (kind(2, 6).fit([sequence]).predict(()) for kind in (NGram, KneserNey))
    assert counted[francisco] > counted[glasses]
    assert smoothed[francisco] < smoothed[glasses]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([1] * 10 + [2] * 5 + [3] * 2 + [4], (0.5, 1.4, 2.0)),  # Y = 1/2
        ([1] * 10 + [2] * 5, (0.5, 1, 1.5)),
        ([1] * 10 + [2] * 5 + [3] * 9 + [4], (0.5, 1, 1.5)),  # D2 would be -0.7
        ([7], (0.5, 1, 1.5)),
    ],
)
def test_discounts_follow_from_how_many_counts_are_small(counts, expected):
    assert ngram.discounts([Counter(dict(enumerate(counts)))]) == pytest.approx(expected)


def manual_bits(n):
    """Bits per character of the last part of Python's manual, as in chapter 08."""
    text = datasets.python_manual()
    numbers = Vocabulary(sorted(set(text))).encode(text)
    cut = int(manual.SHARE * len(numbers))
    return KneserNey(n, 95).fit([numbers[:cut]]).bits(numbers[cut:]).mean()


def one_discount(counters):
    """That of Kneser & Ney (1995), without the modification."""
    seen = Counter(count for after in counters for count in after.values())
    return (seen[1] / (seen[1] + 2 * seen[2]),) * 3


def test_with_one_discount_the_manual_takes_the_bits_that_another_program_found(monkeypatch):
    monkeypatch.setattr(ngram, "discounts", one_discount)
    assert manual_bits(5) == pytest.approx(1.934, abs=0.0006)


def test_with_three_discounts_it_takes_fewer():
    assert manual_bits(5) == pytest.approx(1.898, abs=0.0006)
