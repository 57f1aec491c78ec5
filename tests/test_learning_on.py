"""Models that go on learning while they are tested."""

import numpy as np
import pytest

from course_lib.baselines import KneserNey
from course_lib.experiments.learning_on import LearningKneserNey, ngram_bits

SIZE = 4
RNG = np.random.default_rng(0)
BEFORE, AFTER = RNG.integers(0, SIZE, 300), RNG.integers(0, SIZE, 60)


def taught(n):
    """An n-gram that has counted BEFORE at once and AFTER symbol by symbol."""
    model = LearningKneserNey(n, SIZE).fit([BEFORE])
    for context, symbol in list(model.steps(np.concatenate([BEFORE, AFTER])))[len(BEFORE) :]:
        model.learn(context, symbol)
    return model


@pytest.mark.parametrize("n", [1, 2, 4])
def test_counting_on_gives_the_counts_of_the_whole_text(n):
    whole = KneserNey(n, SIZE).fit([np.concatenate([BEFORE, AFTER])])
    model = taught(n)
    assert model.counts == whole.counts and model.totals == whole.totals


@pytest.mark.parametrize("n", [2, 4])
def test_probabilities_sum_to_1_after_counting_on(n):
    model = taught(n)
    for context in [(0,) * (n - 1), tuple(AFTER[: n - 1]), (1, 2, 3)[: n - 1]]:
        assert model.predict(context).sum() == pytest.approx(1)


def test_nothing_is_learned_before_it_is_predicted():
    bits = ngram_bits(BEFORE, AFTER, learning=True, n=3, size=SIZE)
    first = ngram_bits(BEFORE, AFTER[:10], learning=True, n=3, size=SIZE)
    np.testing.assert_array_equal(bits[:10], first)
    assert bits[0] == ngram_bits(BEFORE, AFTER, learning=False, n=3, size=SIZE)[0]


def test_a_repetition_is_cheaper_for_a_model_that_learns_on():
    repeated = np.tile(AFTER, 3)
    learning, fixed = (ngram_bits(BEFORE, repeated, on, n=4, size=SIZE) for on in (True, False))
    assert learning[-60:].mean() < fixed[-60:].mean() - 0.2
