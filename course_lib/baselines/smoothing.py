"""Exponential smoothing: what forecasters use for a series with a season.

Both classes have `fit(series)` and `forecast(series, horizon)`, with series (time,). The series
that is forecast may go on after the end of the one that was fitted, but has to begin at the same
time: levels and seasons are found one after the other.
"""

from operator import add, mul, sub, truediv

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from course_lib.arguments import finite_array, one_of, positive_int

# Where the search for the numbers of HoltWinters begins: a season that stays, one that changes.
STARTS = ((0.3, 0.1, 0.1, 0.95), (0.1, 0.5, 0.9, 0.95))


def checked_series(who, series, period, positive=True):
    """`series` as an array of two periods or more, of positive values if so, else ValueError."""
    x = finite_array("series", series).astype(float)
    if x.ndim != 1 or len(x) < 2 * period or (positive and x.min() <= 0):
        raise ValueError(
            f"{who} needs a series of at least {2 * period}{' positive' if positive else ''} "
            f"values, got shape {x.shape} and a smallest value of {x.min():g}"
        )
    return x


class HoltWinters:
    """Level, damped trend and season, all smoothed exponentially.

    After Holt (1957) and Winters (1960), damped by Gardner & McKenzie (1985). One step ahead
    base = level + phi trend is expected, times the season s of a period ago if that is
    multiplicative, plus s if it is additive. When the value x is there:

        level  becomes  alpha (x / s) + (1 - alpha) base           x - s if additive
        trend  becomes  beta (level - level before) + (1 - beta) phi trend
        s      becomes  gamma (x / level) + (1 - gamma) s          x - level if additive

    `fit` finds the numbers `alpha`, `beta`, `gamma` from 0 to 1 and `phi` from 0.8 to 0.98, and
    the level, trend and season to start from, that make the sum of the squared errors smallest.

    Raises ValueError for a period of 1, and for series shorter than two periods or, if the season
    is multiplicative, not positive.
    """

    def __init__(self, period, seasonal="multiplicative"):
        kinds = {"multiplicative": True, "additive": False}
        self.multiplicative = one_of("seasonal", seasonal, kinds)
        self.period = positive_int("period", period)
        if self.period == 1:
            raise ValueError("HoltWinters needs a period of at least 2, got 1")

    def fit(self, series):
        x = checked_series("HoltWinters", series, self.period, self.multiplicative)
        self.unit = np.abs(x).mean()  # numbers of size 1 are easier to find
        x = x / self.unit
        share = (1e-4, 1 - 1e-4)
        bounds = [share, share, share, (0.8, 0.98), *[(None, None)] * (2 + self.period)]
        found = [
            minimize(
                lambda numbers: np.sum(self.smooth(x, numbers)[0] ** 2),
                [*start, *self.first_states(x)],
                bounds=bounds,
                options={"maxfun": 100_000, "maxiter": 1000},
            )
            for start in STARTS
        ]
        self.numbers = min(found, key=lambda each: each.fun).x
        self.alpha, self.beta, self.gamma, self.phi = self.numbers[:4]
        return self

    def first_states(self, x):
        """Level, trend and season before the first value, roughly, from the first two periods."""
        first, second = x[: self.period], x[self.period : 2 * self.period]
        trend = (second.mean() - first.mean()) / self.period
        line = first.mean() + trend * (np.arange(self.period) - (self.period - 1) / 2)
        season = first / line if self.multiplicative else first - line
        return line[0] - trend, trend, *season

    def smooth(self, x, numbers):
        """The errors in x, and the level, trend and season after it, from those in `numbers`."""
        alpha, beta, gamma, phi, level, trend, *season = map(float, numbers)
        combine, remove = (mul, truediv) if self.multiplicative else (add, sub)
        errors = np.empty(len(x))
        for t, value in enumerate(x.tolist()):
            base, s, before = level + phi * trend, season[t % self.period], level
            errors[t] = value - combine(base, s)
            level = alpha * remove(value, s) + (1 - alpha) * base
            trend = beta * (level - before) + (1 - beta) * phi * trend
            season[t % self.period] = gamma * remove(value, level) + (1 - gamma) * s
        return errors, level, trend, np.array(season)

    def forecast(self, series, horizon=1):
        """The `horizon` values after the end of `series`, of shape (horizon,)."""
        x = checked_series("HoltWinters", series, self.period, self.multiplicative) / self.unit
        _, level, trend, season = self.smooth(x, self.numbers)
        ahead = np.arange(positive_int("horizon", horizon))
        base = level + trend * np.cumsum(self.phi ** (1 + ahead))
        season = season[(len(x) + ahead) % self.period]
        return self.unit * (base * season if self.multiplicative else base + season)


class Theta:
    """The Theta method (Assimakopoulos & Nikolopoulos, 2000), which won the competition M3.

    The series is divided by its seasonal factors. What is left is smoothed exponentially; to that
    level half the slope of a straight line through all values is added per step, as Hyndman &
    Billah (2003) showed the method to be: h steps after n values, with alpha for the smoothing,

        level + slope / 2 * (h - 1 + (1 - (1 - alpha)^n) / alpha)

    and the seasonal factor multiplies that. `fit` finds factors, slope and alpha, which makes the
    squared errors one step ahead smallest. For series of positive values; ValueError for others
    and for those shorter than two periods. A period of 1 is for a series without a season.
    """

    def __init__(self, period):
        self.period = positive_int("period", period)

    def fit(self, series):
        x = checked_series("Theta", series, self.period)
        self.factors = seasonal_factors(x, self.period)
        x = x / self.factors[np.arange(len(x)) % self.period]
        self.slope = np.polyfit(np.arange(len(x)), x, 1)[0]
        self.alpha = minimize_scalar(
            lambda alpha: np.sum((x[1:] - levels(x, alpha)[:-1]) ** 2),
            bounds=(1e-4, 1),
            method="bounded",
            options={"xatol": 1e-8},
        ).x
        return self

    def forecast(self, series, horizon=1):
        """The `horizon` values after the end of `series`, of shape (horizon,)."""
        x = checked_series("Theta", series, self.period)
        level = levels(x / self.factors[np.arange(len(x)) % self.period], self.alpha)[-1]
        ahead = np.arange(positive_int("horizon", horizon))
        drift = ahead + (1 - (1 - self.alpha) ** len(x)) / self.alpha
        return self.factors[(len(x) + ahead) % self.period] * (level + self.slope / 2 * drift)


def levels(x, alpha):
    """Simple exponential smoothing of x from its first value on: the level after each value."""
    smoothed = [x[0]]
    for value in x[1:]:
        smoothed.append(alpha * value + (1 - alpha) * smoothed[-1])
    return np.array(smoothed)


def seasonal_factors(x, period):
    """By how much x is above its moving average over a period, for each step of the period.

    Their mean is 1 (classical multiplicative decomposition).
    """
    window = np.ones(2 * (period // 2) + 1)  # with a middle
    if period % 2 == 0:
        window[[0, -1]] = 0.5
    average = np.convolve(x, window / period, "valid")
    first = len(window) // 2
    ratios = x[first : first + len(average)] / average
    step = np.arange(first, first + len(average)) % period
    factors = np.array([ratios[step == i].mean() for i in range(period)])
    return factors / factors.mean()
