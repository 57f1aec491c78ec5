"""Rivals for the classification of sequences: a few averages over time, and a linear model."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from course_lib.arguments import finite_array, positive_int


def segment_means(sequences, segments=3):
    """The mean of each of `segments` equal parts of every sequence, side by side.

    Sequences (time, features), each of its own time, become (n, segments * features). With one
    segment nothing of the order is left. Raises ValueError for fewer steps than segments.
    """
    segments = positive_int("segments", segments)
    shortest = min(map(len, sequences))
    if shortest < segments:
        raise ValueError(f"a sequence of {shortest} steps has no {segments} parts")
    return np.array(
        [np.concatenate([p.mean(axis=0) for p in np.array_split(s, segments)]) for s in sequences]
    )


def mean_and_std(sequences):
    """Mean and standard deviation over time, which forget the order: (n, 2 * features)."""
    return np.array([np.concatenate([s.mean(axis=0), s.std(axis=0)]) for s in sequences])


class LogisticRegression:
    """Linear classifier with softmax (multinomial logistic regression), on scaled features.

    Minimizes the cross-entropy summed over the samples plus `penalty` / 2 times the sum of the
    squared weights (without the intercepts) by L-BFGS. Every feature is first scaled to mean 0
    and standard deviation 1 of the training samples.
    """

    def __init__(self, penalty=1.0):
        self.penalty = float(penalty)

    def fit(self, X, y):
        """X (samples, features), y class numbers 0, 1, ..."""
        X, y = finite_array("X", X), np.asarray(y)
        self.mean, self.scale = X.mean(axis=0), X.std(axis=0)
        self.scale[self.scale == 0] = 1  # a constant says nothing, and is 0 after the mean
        design, targets = self.design(X), np.eye(y.max() + 1)[y]
        shape = (design.shape[1], targets.shape[1])
        start = np.zeros(shape).ravel()
        self.W = minimize(
            self.loss, start, (design, targets), "L-BFGS-B", jac=True, options={"maxiter": 2000}
        ).x.reshape(shape)
        return self

    def design(self, X):
        """Scaled features, and a last column of ones for the intercept."""
        return np.column_stack([(np.asarray(X) - self.mean) / self.scale, np.ones(len(X))])

    def loss(self, flat, design, targets):
        """The loss at the weights `flat`, and its gradient."""
        W = flat.reshape(design.shape[1], targets.shape[1])
        weights = np.vstack([W[:-1], np.zeros(W.shape[1])])
        logits = design @ W
        loss = (logsumexp(logits, axis=1) - (logits * targets).sum(axis=1)).sum()
        gradient = design.T @ (softmax(logits, axis=1) - targets) + self.penalty * weights
        return loss + self.penalty / 2 * (weights**2).sum(), gradient.ravel()

    def predict(self, X):
        """The most probable class of each sample."""
        return (self.design(X) @ self.W).argmax(axis=1)

    def score(self, X, y):
        """The share of samples whose class is right: the accuracy."""
        return float((self.predict(X) == y).mean())
