"""A rival without a state that is hard to beat on a smooth series: ridge regression on kernels."""

import numpy as np

from course_lib.arguments import finite_array, positive_int, positive_number


class KernelRidge:
    """Predicts from how similar a window is to every window of the training part.

    The similarity of two windows is exp(-gamma |u - v|^2), over their last `lags` values in
    standard deviations of the training windows, and the weights of all similarities are found by
    ridge regression (Saunders, Gammerman & Vovk, 1998). It keeps all training windows, and takes
    time in the cube of their number.
    """

    def __init__(self, lags, gamma=0.1, penalty=1e-8):
        self.lags = positive_int("lags", lags)
        self.gamma = positive_number("gamma", gamma)
        self.penalty = positive_number("penalty", penalty)

    def similarity(self, U, V):
        """(len(U), len(V)) of scaled windows."""
        distance = (U**2).sum(axis=1)[:, None] + (V**2).sum(axis=1) - 2 * U @ V.T
        return np.exp(-self.gamma * distance)

    def scaled(self, X):
        """The last `lags` values of windows (samples, time, 1), in standard deviations."""
        X = finite_array("X", X)
        if X.ndim != 3 or X.shape[1] < self.lags or X.shape[2] != 1:
            raise ValueError(
                f"KernelRidge needs windows of shape (samples, at least {self.lags}, 1), "
                f"got {X.shape}"
            )
        return X[:, -self.lags :, 0] / self.scale

    def fit(self, X, y):
        """X (samples, time, 1), y (samples, horizon)."""
        self.scale = float(np.std(X))
        self.windows, y = self.scaled(X), finite_array("y", y)
        self.mean = y.mean(axis=0)
        K = self.similarity(self.windows, self.windows)
        self.weights = np.linalg.solve(K + self.penalty * np.eye(len(K)), y - self.mean)
        return self

    def predict(self, X):
        """(samples, horizon)."""
        return self.mean + self.similarity(self.scaled(X), self.windows) @ self.weights
