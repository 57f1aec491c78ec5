"""Measures of forecasts, and the scatter over test examples."""

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from course_lib.evaluation import Interval, bootstrap, mase, paired_bootstrap, r_squared


def coverage(sample, **options):
    """How often the 90 % interval of the mean of `sample(rng)` holds the true mean, 0."""
    rng = np.random.default_rng(0)
    intervals = [bootstrap(np.mean, sample(rng), draws=200, **options) for _ in range(200)]
    return np.mean([low <= 0 <= high for _, low, high, _ in intervals])


def ar1(rng):
    """A series of 500 values that keep half of the one before."""
    return lfilter([1], [1, -0.5], rng.normal(size=550))[50:]


def test_nine_of_ten_intervals_hold_the_true_mean():
    assert 0.85 <= coverage(lambda rng: rng.exponential(size=100) - 1) <= 0.95


def test_blocks_mend_what_neighbors_that_depend_on_each_other_break():
    assert coverage(ar1) <= 0.77
    assert 0.8 <= coverage(ar1, block=20) <= 0.95


def test_groups_mend_what_examples_of_one_speaker_break():
    speakers = np.repeat(np.arange(25), 10)

    def sample(rng):
        return rng.normal(size=25)[speakers] + rng.normal(size=250)

    assert coverage(sample) <= 0.6
    assert 0.83 <= coverage(sample, groups=speakers) <= 0.95


def test_the_difference_of_two_models_agrees_with_scipy():
    rng = np.random.default_rng(1)
    losses_a = rng.exponential(size=80)
    losses_b = 0.8 * losses_a + rng.exponential(0.2, size=80)
    ours = paired_bootstrap(losses_a, losses_b, level=0.8, draws=20000)
    theirs = stats.bootstrap(
        (losses_a, losses_b),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        paired=True,
        confidence_level=0.8,
        n_resamples=20000,
        method="percentile",
        random_state=1,
    ).confidence_interval
    assert ours.estimate == pytest.approx(losses_a.mean() - losses_b.mean())
    width = theirs.high - theirs.low
    np.testing.assert_allclose([ours.low, ours.high], theirs, atol=0.03 * width)


def test_pairs_stay_together():
    losses = np.random.default_rng(0).normal(size=50) * 100
    low, high = paired_bootstrap(losses + 0.5, losses)[1:3]
    assert low == pytest.approx(0.5) and high == pytest.approx(0.5)


def drawn(rows, **options):
    """The rows that each draw of a bootstrap takes."""
    draws = []
    bootstrap(lambda x: len(draws.append(x) or x), np.arange(rows), draws=50, **options)
    return draws[:50]


def test_blocks_are_neighbors_on_a_circle():
    for rows in drawn(10, block=4):
        assert len(rows) == 10
        for block in (rows[:4], rows[4:8], rows[8:]):
            assert np.all(np.diff(block) % 10 == 1)


def test_every_row_is_drawn_as_often():
    rows = np.concatenate([drawn(6, block=3, seed=seed) for seed in range(40)])
    np.testing.assert_allclose(np.bincount(rows.ravel()) / rows.size, 1 / 6, atol=0.02)


def test_groups_are_drawn_as_a_whole():
    groups = np.array(["ann", "bob", "ann", "cem", "cem", "ann"])
    for rows in drawn(6, groups=groups):
        ann, bob, ann2, cem, cem2, ann3 = np.bincount(rows, minlength=6)
        assert ann == ann2 == ann3 and cem == cem2
        assert ann + bob + cem == 3


def test_a_statistic_may_be_a_ratio():
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    good, bad = y + rng.normal(size=400) / 3, y + rng.normal(size=400) / 2

    def gain(y, a, b):
        return r_squared(y, a) - r_squared(y, b)

    found = bootstrap(gain, y, good, bad)
    assert found.estimate == pytest.approx(gain(y, good, bad))
    assert 0 < found.low < 1 / 4 - 1 / 9 < found.high


def test_an_interval_can_be_read():
    assert str(Interval(-0.0273, -0.03126, -0.0234, 0.9)) == (
        "-0.0273 (90% interval -0.0313 to -0.0234)"
    )


def test_the_seed_decides_the_interval():
    losses = np.random.default_rng(0).normal(size=(2, 30))
    assert paired_bootstrap(*losses, seed=3) == paired_bootstrap(*losses, seed=3)
    assert paired_bootstrap(*losses, seed=3) != paired_bootstrap(*losses, seed=4)


X = np.arange(6.0)


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ([X, X[:4]], {}, r"the same number of rows, got \[4, 6\]"),
        ([X[:1]], {}, "1 rows are fewer than two blocks of 1"),
        ([X], {"block": 4}, "6 rows are fewer than two blocks of 4"),
        ([X], {"block": 0}, "block must be a whole number of at least 1"),
        ([X], {"draws": 0}, "draws must be a whole number"),
        ([X], {"level": 90}, "level must be a number above 0 and at most 1"),
        ([X], {"groups": [1, 2]}, r"for each of 6 rows.*shape \(2,\)"),
        ([X], {"groups": [1] * 6}, r"at least two groups.*1 group\(s\)"),
        ([X], {"groups": [1, 2] * 3, "block": 2}, "without blocks"),
        ([X * np.nan], {}, "column 0 contains 6 value"),
    ],
)
def test_a_bootstrap_refuses_what_it_cannot_draw(columns, options, message):
    with pytest.raises(ValueError, match=message):
        bootstrap(lambda *columns: columns[0].mean(), *columns, **options)


def test_a_bootstrap_refuses_a_statistic_that_is_no_number():
    with pytest.raises(ValueError, match="the statistic of the draws contains"):
        bootstrap(lambda x: np.nan, X)


def test_losses_on_other_examples_are_no_pairs():
    with pytest.raises(ValueError, match=r"same examples, got shapes \(6,\) and \(6, 1\)"):
        paired_bootstrap(X, X[:, None])


# --- measures -----------------------------------------------------------------------------


def test_r_squared_is_0_for_the_mean_of_what_is_scored():
    y = np.array([1.0, 2.0, 6.0])
    assert r_squared(y, y) == 1
    assert r_squared(y, np.full(3, 3.0)) == 0
    assert r_squared(y, np.array([1.0, 2.0, 3.0])) == pytest.approx(1 - 9 / 14)


def test_r_squared_refuses_what_has_no_variance_and_what_would_be_broadcast():
    with pytest.raises(ValueError, match="vary, got 2 throughout"):
        r_squared([2.0, 2.0], [1.0, 2.0])
    with pytest.raises(ValueError, match=r"same shape, got \(6,\) and \(6, 1\)"):
        r_squared(X, X[:, None])


def test_mase_divides_by_the_seasonal_naive_forecast_of_the_history():
    history = [1.0, 2.0, 2.0, 5.0]  # over two steps: 1 and 3, so 2 on average
    assert mase([4.0, 4.0], [5.0, 7.0], history, period=2) == pytest.approx(2 / 2)
    assert mase([4.0, 4.0], [5.0, 7.0], history) == pytest.approx(2 / (4 / 3))


@pytest.mark.parametrize(
    ("history", "message"),
    [([1.0, 2.0], r"longer than a period of 2, got \(2,\)"), ([1, 2] * 3, "there is no scale")],
)
def test_mase_refuses_a_history_without_scale(history, message):
    with pytest.raises(ValueError, match=message):
        mase([1.0], [1.0], history, period=2)
