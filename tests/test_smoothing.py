"""Exponential smoothing and the Theta method, against statsmodels and series with known answers.

`reference/statsmodels_smoothing.npz` is made by `reference/make_statsmodels.py`.
"""

from pathlib import Path

import numpy as np
import pytest

from course_lib.baselines import HoltWinters, Theta
from course_lib.datasets import airline

PASSENGERS = airline()[1][:96]
KINDS = ("multiplicative", "additive")


@pytest.fixture(scope="module")
def reference():
    return np.load(Path(__file__).parent / "reference" / "statsmodels_smoothing.npz")


@pytest.fixture(scope="module")
def fitted():
    return {kind: HoltWinters(12, kind).fit(PASSENGERS) for kind in KINDS}


def with_numbers(kind, numbers):
    """A model with these numbers: alpha, beta, gamma, phi, level, trend and season."""
    model = HoltWinters(12, kind)
    model.unit, model.phi, model.numbers = 1, numbers[3], numbers
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_with_given_numbers_errors_and_forecasts_are_those_of_statsmodels(kind, reference):
    model = with_numbers(kind, reference[f"{kind}/numbers"])
    errors, *_ = model.smooth(PASSENGERS, model.numbers)
    np.testing.assert_allclose(errors, reference[f"{kind}/errors"], atol=1e-8)
    forecast = model.forecast(PASSENGERS, 24)
    np.testing.assert_allclose(forecast, reference[f"{kind}/forecast"], rtol=1e-9)


def squares(model):
    return np.sum(model.smooth(PASSENGERS / model.unit, model.numbers)[0] ** 2) * model.unit**2


@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_found_are_at_least_as_good_as_those_of_statsmodels(kind, fitted, reference):
    assert squares(fitted[kind]) <= 1.0001 * reference[f"{kind}/best_squares"]


def test_the_numbers_found_are_those_of_statsmodels(fitted, reference):
    model = fitted["multiplicative"]
    weights = [model.alpha, model.beta, model.gamma, model.phi]
    np.testing.assert_allclose(weights, reference["multiplicative/best_weights"], atol=0.002)
    np.testing.assert_allclose(
        model.forecast(PASSENGERS, 24), reference["multiplicative/best_forecast"], rtol=0.001
    )


def test_theta_is_that_of_statsmodels(reference):
    model = Theta(12).fit(PASSENGERS)
    assert model.slope == pytest.approx(float(reference["theta/slope"]))
    assert model.alpha == pytest.approx(float(reference["theta/alpha"]), abs=0.001)
    np.testing.assert_allclose(
        model.forecast(PASSENGERS, 24), reference["theta/forecast"], rtol=0.0001
    )


@pytest.mark.parametrize(
    ("kind", "combine"), [("multiplicative", np.multiply), ("additive", np.add)]
)
def test_a_series_without_noise_is_forecast_exactly(kind, combine):
    """Level 50, a trend of 2 that is damped by 0.9 at each step, and a season of 3 steps."""
    t = np.arange(60)
    season = np.array([1.5, 0.7, 0.8])[t % 3]
    series = combine(50 + 2 * np.cumsum(0.9 ** (t + 1)), season)
    model = HoltWinters(3, kind).fit(series[:48])
    np.testing.assert_allclose(model.forecast(series[:48], 12), series[48:], rtol=1e-3)
    np.testing.assert_allclose(model.forecast(series[:50], 10), series[50:], rtol=1e-3)


def test_theta_goes_on_with_half_of_the_slope_and_the_season():
    t = np.arange(43)
    series = (10 + t) * np.array([0.9, 1.1])[t % 2]
    model = Theta(2).fit(series[:40])
    assert model.slope == pytest.approx(1, abs=0.01)
    ahead = model.forecast(series[:40], 3) / np.array([0.9, 1.1])[t[40:] % 2]
    assert ahead[0] == pytest.approx(50, abs=0.8)
    np.testing.assert_allclose(np.diff(ahead), 0.5, atol=0.05)
    later = model.forecast(series[:41])[0]
    assert later == pytest.approx(model.forecast(series[:40], 2)[1], abs=0.8)


def test_theta_without_a_season_needs_a_period_of_1():
    forecast = Theta(1).fit(np.arange(1.0, 31)).forecast(np.arange(1.0, 31), 2)
    np.testing.assert_allclose(forecast, [30.5, 31.0], atol=0.01)


SERIES = np.arange(1.0, 25)


@pytest.mark.parametrize(
    ("model", "series", "message"),
    [
        (HoltWinters(12), SERIES[:23], r"at least 24 positive values, got shape \(23,\)"),
        (HoltWinters(12), SERIES - 1, "smallest value of 0"),
        (HoltWinters(12, "additive"), SERIES[:, None], r"24 values, got shape \(24, 1\)"),
        (Theta(12), SERIES[:23], "Theta needs a series of at least 24 positive"),
        (Theta(12), -SERIES, "smallest value of -24"),
        (Theta(12), SERIES * np.nan, "NaN"),
    ],
)
def test_a_series_that_cannot_be_smoothed_is_refused(model, series, message):
    with pytest.raises(ValueError, match=message):
        model.fit(series)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((1,), "period of at least 2"), ((0,), "period must be"), ((12, "sum"), "unknown seasonal")],
)
def test_a_season_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        HoltWinters(*arguments)
