"""Rivals for time series.

All but `AirlineModel` take windows X (samples, time, 1) and the values that follow,
y (samples, horizon), and have `fit(X, y)` and `predict(X)`.
"""

import numpy as np
from scipy.optimize import minimize
from scipy.signal import lfilter

from course_lib.arguments import finite_array, positive_int


class Mean:
    """Predicts the mean of the training targets, whatever comes before."""

    def fit(self, X, y):
        self.mean = np.mean(y)
        return self

    def predict(self, X):
        return np.full((len(X), 1), self.mean)


class Persistence:
    """Predicts that nothing changes: the last value of the window."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.asarray(X)[:, -1]


def checked_windows(who, X, length, features=1):
    """`X` as an array (samples, at least `length`, `features`), else ValueError."""
    X = np.asarray(X)
    if X.ndim != 3 or X.shape[1] < length or X.shape[2] != features:
        raise ValueError(
            f"{who} needs windows of shape (samples, at least {length}, {features}), got {X.shape}"
        )
    return X


class SeasonalNaive:
    """Predicts the value of one period ago: last January for January.

    Windows must hold a period. `horizon` values are predicted, from the last period over and
    over.
    """

    def __init__(self, period, horizon=1):
        self.period, self.horizon = positive_int("period", period), positive_int("horizon", horizon)

    def fit(self, X, y):
        return self

    def predict(self, X):
        X = checked_windows("SeasonalNaive", X, self.period)
        return X[:, -self.period :, 0][:, np.arange(self.horizon) % self.period]


class SeasonalRatio:
    """Predicts the value of one period ago, times the last growth over a period.

    x[t - period] x[t-1] / x[t-1 - period], one step ahead, for series without zeros. Windows
    must hold a period and one value more.
    """

    def __init__(self, period):
        self.period = positive_int("period", period)

    def fit(self, X, y):
        return self

    def predict(self, X):
        X = checked_windows("SeasonalRatio", X, self.period + 1)
        return X[:, -self.period] * X[:, -1] / X[:, -1 - self.period]


class Linear:
    """A linear function of numbers taken from a window, fitted by least squares.

    Subclasses define `inputs(X)`, of shape (samples, numbers). For every step of the horizon
    there is one function of its own. After `fit`, `intercept` is the constant and
    `coefficients` the weights; both have one more axis if there are several steps.
    """

    def fit(self, X, y):
        inputs = self.inputs(X)
        design = np.column_stack([np.ones(len(inputs)), inputs])
        y = np.asarray(y).reshape(len(inputs), -1)
        solution = np.linalg.lstsq(design, y, rcond=None)[0]
        if y.shape[1] == 1:
            solution = solution[:, 0]
        self.intercept, self.coefficients = solution[0], solution[1:]
        return self

    def predict(self, X):
        return (self.intercept + self.inputs(X) @ self.coefficients).reshape(len(X), -1)


class AR(Linear):
    """A linear function of the last `p` values, fitted by least squares: AR(p) (Yule, 1927).

    After `fit`, ``coefficients[0]`` belongs to the last value, ``coefficients[1]`` to the
    one before, and so on; ``intercept`` is the constant. Raises ValueError for windows
    shorter than p.
    """

    def __init__(self, p):
        self.p = positive_int("p", p)

    def inputs(self, X):
        return checked_windows(f"AR({self.p})", X, self.p)[:, ::-1, 0][:, : self.p]


class HAR(Linear):
    """A linear function of the last value and of the means of the last 5 and the last 22.

    Made for how much prices move per day: the means are a week and a month of trading days
    (Corsi, 2009, "A simple approximate long-memory model of realized volatility").
    """

    def inputs(self, X):
        x = checked_windows("HAR", X, 22)[:, :, 0]
        return np.column_stack([x[:, -days:].mean(axis=1) for days in (1, 5, 22)])


class AirlineModel:
    """The seasonal model of Box & Jenkins (1970) for their airline series.

    With w the change, from one step to the next, of the growth of log x over a period:
    w_t = e_t - theta e_(t-1) - seasonal (e_(t-period) - theta e_(t-period-1)). In other words
    ARIMA(0, 1, 1)(0, 1, 1) on logarithms. The two numbers `theta` and `seasonal` make the sum
    of the squared shocks e smallest, with shocks of 0 before the series begins.

    Works on whole series (time,) of positive values and not on windows, because the shocks
    are found one after the other. Raises ValueError for other series.
    """

    def __init__(self, period=12):
        self.period = positive_int("period", period)

    def polynomial(self, theta, seasonal):
        """Weights of the shocks in w, the newest first, of shape (period + 2,)."""
        weights = np.zeros(self.period + 2)
        weights[[0, 1, -2, -1]] = 1, -theta, -seasonal, theta * seasonal
        return weights

    def changes(self, series):
        """w of every step that has enough values before it, of shape (time - period - 1,)."""
        x = finite_array("series", series)
        if x.ndim != 1 or len(x) < 2 * self.period + 2 or x.min() <= 0:
            raise ValueError(
                f"AirlineModel({self.period}) needs a series of at least {2 * self.period + 2} "
                f"positive values, got shape {x.shape} and a smallest value of {x.min():g}"
            )
        return np.diff(np.log(x[self.period :] / x[: -self.period]))

    def fit(self, series):
        w = self.changes(series)

        def squares(parameters):
            return np.sum(lfilter([1], self.polynomial(*parameters), w) ** 2)

        found = minimize(squares, [0.5, 0.5], bounds=[(-0.99, 0.99)] * 2)
        self.theta, self.seasonal = found.x
        return self

    def forecast(self, series, horizon=1):
        """The `horizon` values after the end of `series`, of shape (horizon,)."""
        horizon = positive_int("horizon", horizon)
        w, polynomial = self.changes(series), self.polynomial(self.theta, self.seasonal)
        shocks = lfilter([1], polynomial, w)
        expected = lfilter(polynomial, [1], np.append(shocks, np.zeros(horizon)))[len(w) :]
        logs = list(np.log(series))
        for change in expected:
            logs.append(change + logs[-1] + logs[-self.period] - logs[-1 - self.period])
        return np.exp(logs[-horizon:])
