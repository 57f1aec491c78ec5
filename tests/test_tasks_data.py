"""Tasks, data, baselines and claims: what the course's figures rest on."""

import numpy as np
import pytest

from course_lib.baselines import AR, Mean, NGram, Persistence
from course_lib.claims import ClaimFailed, claim
from course_lib.datasets import checksums, sunspots, windows
from course_lib.evaluation import Interval
from course_lib.experiments.parity import unseen
from course_lib.tasks import parity, pendulums, sine_wave, swing

# --- tasks --------------------------------------------------------------------------------


def test_sine_waves_are_sampled_at_steps_of_one_radian_and_go_on_in_y():
    X, y = sine_wave(6, 50)
    assert X.shape == (50, 6, 1) and y.shape == (50, 1)
    waves = np.concatenate([X[..., 0], y], axis=1)
    # sin(a - 1) + sin(a + 1) = 2 cos(1) sin(a): only a sine of this frequency fulfills it.
    np.testing.assert_allclose(waves[:, :-2] + waves[:, 2:], 2 * np.cos(1) * waves[:, 1:-1])


def test_sine_waves_start_anywhere():
    first = sine_wave(2, 2000)[0][:, 0, 0]
    assert first.mean() == pytest.approx(0, abs=0.05)
    assert (first**2).mean() == pytest.approx(0.5, abs=0.05)


def test_two_lags_predict_the_sine_exactly():
    X, y = sine_wave(5, 100)
    np.testing.assert_allclose(2 * np.cos(1) * X[:, -1] - X[:, -2], y, atol=1e-12)


def test_ar2_finds_these_two_lags():
    X, y = sine_wave(5, 100)
    model = AR(2).fit(X, y)
    np.testing.assert_allclose(model.coefficients, [2 * np.cos(1), -1], atol=1e-9)
    assert model.intercept == pytest.approx(0, abs=1e-9)


def test_parity_asks_whether_the_number_of_ones_is_odd():
    X, y = parity(7, 200)
    assert X.shape == (200, 7, 1) and y.shape == (200, 1)
    assert set(np.unique(X)) == {0, 1}
    assert np.array_equal(y[:, 0], X[..., 0].sum(axis=1) % 2)


def test_parity_at_every_step_is_the_parity_so_far():
    X, y = parity(7, 50, every_step=True)
    assert y.shape == X.shape
    for t in range(7):
        assert np.array_equal(y[:, t, 0], X[:, : t + 1, 0].sum(axis=1) % 2)


def test_guessing_parity_is_right_half_of_the_time():
    assert parity(12, 4000)[1].mean() == pytest.approx(0.5, abs=0.03)


def test_unseen_strings_are_all_the_others_with_their_running_answers():
    X, _ = parity(6, 40, seed=2, every_step=True)
    bits, odd = unseen(X)
    strings = {tuple(row) for row in np.concatenate([X, bits])[:, :, 0]}
    assert len(strings) == 2**6 == len(bits) + len(np.unique(X, axis=0))
    np.testing.assert_array_equal(odd, np.cumsum(bits, axis=1) % 2)


def test_a_small_swing_is_a_cosine_and_a_large_one_is_slower():
    angles, _ = swing(np.array([0.01, 2.0]), np.zeros(2), 40)
    np.testing.assert_allclose(angles[0] / 0.01, np.cos(0.4 * np.arange(40)), atol=0.03)
    first_crossing = np.argmax(angles < 0, axis=1)
    assert first_crossing[1] > first_crossing[0]


def test_a_pendulum_keeps_its_energy():
    angles, velocities = pendulums(20, 100, seed=3)
    assert angles.shape == velocities.shape == (20, 100)
    energy = velocities**2 / 2 - np.cos(angles)
    assert np.abs(energy - energy[:, :1]).max() < 0.1


def test_pendulums_start_at_the_angles_and_velocities_they_say():
    angles, velocities = pendulums(500, 1)
    for values, most in ((angles, 2.2), (velocities, 0.8)):
        assert 0.95 * most < np.abs(values).max() <= most


@pytest.mark.parametrize("steps", [0, 1.5])
def test_a_pendulum_swings_for_a_whole_number_of_steps(steps):
    with pytest.raises(ValueError, match="steps"):
        swing(np.zeros(1), np.zeros(1), steps)


@pytest.mark.parametrize("task", [sine_wave, parity])
def test_a_seed_decides_the_examples(task):
    X, y = task(8, 20, seed=3)
    again_X, again_y = task(8, 20, seed=3)
    assert np.array_equal(X, again_X) and np.array_equal(y, again_y)
    assert not np.array_equal(X, task(8, 20, seed=4)[0])


# --- sunspots -----------------------------------------------------------------------------


def test_sunspots_are_309_years_from_1700_on():
    years, values = sunspots()
    assert np.array_equal(years, np.arange(1700, 2009))
    assert values.shape == (309,)
    assert values[years == 1700] == 5.0
    assert values[years == 1957] == values.max() == 190.2


REMEDY = r"sunspots\.csv is {}.*git checkout.*datasets\.make sunspots"


def test_a_damaged_data_file_is_named_with_the_remedy(tmp_path, monkeypatch):
    content = (checksums.DATA / "sunspots.csv").read_text()
    (tmp_path / "sunspots.csv").write_text(content.replace("190.2", "190.3"))
    monkeypatch.setattr(checksums, "DATA", tmp_path)
    with pytest.raises(ValueError, match=REMEDY.format("damaged")):
        sunspots()


def test_a_missing_data_file_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(checksums, "DATA", tmp_path)
    with pytest.raises(ValueError, match=REMEDY.format("missing")):
        sunspots()


# Weigend, Huberman & Rumelhart (1990) divide by 1535, the variance of the series.
BASELINES = [
    (Persistence(), 1, 0.416, 0.940),
    (AR(2), 2, 0.185, 0.439),
    (AR(9), 9, 0.123, 0.342),
]


@pytest.mark.parametrize("model, length, early, late", BASELINES)
def test_baselines_on_sunspots_have_the_published_errors(model, length, early, late):
    years, values = sunspots()
    X, y = windows(values, length)
    target_years = years[length:]
    train = target_years <= 1920
    model.fit(X[train], y[train])
    for first, last, expected in [(1921, 1955, early), (1956, 1979, late)]:
        span = (first <= target_years) & (target_years <= last)
        assert span.sum() == last - first + 1
        arv = ((model.predict(X[span]) - y[span]) ** 2).mean() / 1535
        assert arv == pytest.approx(expected, abs=0.0006)


@pytest.mark.parametrize("model", [Mean(), Persistence(), AR(2)])
def test_predictions_have_the_shape_of_targets(model):
    X, y = windows(np.arange(10.0) ** 2, 4)
    assert model.fit(X, y).predict(X).shape == y.shape


# --- claims -------------------------------------------------------------------------------


def test_a_claim_that_holds_prints_one_line_with_figure_and_bound(capsys):
    claim("GRU beats AR(2)", 0.125, at_most=0.185)
    assert capsys.readouterr().out == "holds: GRU beats AR(2): 0.125 (at most 0.185)\n"


def test_the_bound_itself_is_within_the_bound():
    claim("equal", 0.95, at_least=0.95)
    claim("equal", 0.95, at_most=0.95)


@pytest.mark.parametrize("bound", [{"at_least": 0.95}, {"at_most": 0.85}])
def test_a_claim_that_does_not_hold_raises_with_figure_and_bound(bound):
    with pytest.raises(ClaimFailed, match=r"does not hold: lag 50: 0\.9 \(at (least|most) 0\."):
        claim("lag 50", 0.9, **bound)


def test_the_worst_of_several_runs_decides(capsys):
    claim("accuracy", [0.99, 0.96, 0.97], at_least=0.95)
    assert "0.96 (at least 0.95, worst of 3 runs)" in capsys.readouterr().out
    with pytest.raises(ClaimFailed, match="0.96"):
        claim("accuracy", [0.99, 0.96, 0.97], at_least=0.965)
    with pytest.raises(ClaimFailed, match="0.3"):
        claim("error", [0.1, 0.3, 0.2], at_most=0.25)


@pytest.mark.parametrize("values", [float("nan"), [0.99, float("nan")]])
@pytest.mark.parametrize("bound", ["at_least", "at_most"])
def test_nan_is_within_no_bound(values, bound):
    with pytest.raises(ClaimFailed, match="nan"):
        claim("accuracy", values, **{bound: 0.5})


@pytest.mark.parametrize("bounds", [{}, {"at_least": 0, "at_most": 1}])
def test_a_claim_needs_exactly_one_bound(bounds):
    with pytest.raises(ValueError, match="either at_least or at_most"):
        claim("accuracy", 0.5, **bounds)


def test_a_comparison_is_printed_with_its_interval(capsys):
    claim("A minus B", [0.2, 0.3], at_least=0.1, interval=Interval(0.25, 0.0512, 0.4, 0.9))
    assert capsys.readouterr().out == (
        "holds: A minus B: 0.2 (at least 0.1, worst of 2 runs; 90% interval 0.0512 to 0.4)\n"
    )


@pytest.mark.parametrize(
    ("value", "bound", "ends"),
    [
        (0.2, {"at_least": 0.1}, (-0.01, 0.4)),  # the test set might turn it around
        (0.2, {"at_least": 0.1}, (-0.4, -0.01)),
        (-0.2, {"at_most": -0.1}, (-0.4, 0.01)),
        (0.05, {"at_least": 0.1}, (0.01, 0.4)),  # the bound counts still
        (0.2, {"at_least": 0.1}, (float("nan"), 0.4)),
    ],
)
def test_a_comparison_fails_by_its_bound_and_by_its_interval(value, bound, ends):
    with pytest.raises(ClaimFailed, match=r"\(at .*; 90% interval"):
        claim("A minus B", value, interval=Interval(value, *ends, 0.9), **bound)


@pytest.mark.parametrize("bound", [{"at_least": -0.1}, {"at_most": 0.9}])
def test_an_interval_needs_a_bound_on_a_difference(bound):
    with pytest.raises(ValueError, match="values are differences"):
        claim("accuracy of A", 0.5, interval=Interval(0.5, 0.4, 0.6, 0.9), **bound)


# --- n-grams ------------------------------------------------------------------------------

ABAC = np.array([0, 1, 0, 2])


def test_an_ngram_mixes_what_it_counted_with_a_shorter_context():
    """By hand: 0 was seen twice, followed by 1 and 2. Four symbols in all, three different."""
    p = NGram(2, size=4).fit([ABAC]).predict((0,))
    shorter = (np.array([2, 1, 1, 0]) + 3 * 1 / 4) / (4 + 3)
    np.testing.assert_allclose(p, (np.array([0, 1, 1, 0]) + 2 * shorter) / (2 + 2))


@pytest.mark.parametrize("n", [1, 2, 4])
def test_an_ngram_agrees_with_itself(n):
    rng = np.random.default_rng(0)
    model = NGram(n, 5).fit([rng.integers(0, 5, 50)])
    sequence = rng.integers(0, 5, 12)
    for context, bits in zip([tuple(sequence[:i]) for i in range(12)], model.bits(sequence)):
        padded = (-1,) * (n - 1) + context
        p = model.predict(padded)
        assert p.sum() == pytest.approx(1) and len(p) == 5
        assert -np.log2(p[sequence[len(context)]]) == pytest.approx(bits)
        assert model.probability(padded, 3) == pytest.approx(p[3])


def test_an_ngram_takes_a_context_shorter_than_its_own_as_a_whole():
    model = NGram(4, 3).fit([ABAC])
    np.testing.assert_allclose(model.predict((0, 1)), NGram(3, 3).fit([ABAC]).predict((0, 1)))


def test_an_ngram_refuses_symbols_beyond_its_size():
    with pytest.raises(ValueError, match="whole numbers from 0 to 1"):
        NGram(2, size=2).fit([ABAC])
