"""Rivals for time series.

All take windows X (samples, time, 1) and the values that follow, y (samples, 1), and have
`fit(X, y)` and `predict(X)`.
"""

import numpy as np

from course_lib.checks import positive_int


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


class AR:
    """A linear function of the last `p` values, fitted by least squares: AR(p) (Yule, 1927).

    After `fit`, ``coefficients[0]`` belongs to the last value, ``coefficients[1]`` to the
    one before, and so on; ``intercept`` is the constant. Raises ValueError for windows
    shorter than p.
    """

    def __init__(self, p):
        self.p = positive_int("p", p)

    def lags(self, X):
        X = np.asarray(X)
        if X.ndim != 3 or X.shape[1] < self.p or X.shape[2] != 1:
            raise ValueError(
                f"AR({self.p}) needs windows of shape (samples, at least {self.p}, 1),"
                f" got {X.shape}"
            )
        return X[:, ::-1, 0][:, : self.p]

    def fit(self, X, y):
        lags = self.lags(X)
        design = np.column_stack([np.ones(len(lags)), lags])
        solution = np.linalg.lstsq(design, np.ravel(y), rcond=None)[0]
        self.intercept, self.coefficients = solution[0], solution[1:]
        return self

    def predict(self, X):
        return (self.intercept + self.lags(X) @ self.coefficients)[:, None]
