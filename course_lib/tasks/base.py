"""What all tasks share: a sample, a verdict on every answer, and a threshold for "solved"."""

import inspect

import numpy as np

from course_lib.arguments import positive_int

CLASSES = "sparse_categorical_crossentropy"


class Task:
    """A synthetic sequence task with a known best answer.

    features        input features per time step
    outputs         numbers or classes that the model must give per answer
    every_step      True: an answer at every time step; False: one after the last
    padded          True: shorter sequences are filled up with steps of zeros, to be masked
    loss            name of the loss, for `compile`
    baseline_loss   loss of the best answer that ignores the sequence
    optimum         lowest expected loss: 0 if the sequence determines the answer
    success_rate    share of samples answered right, by the task's own criterion
    threshold       the success rate from which the task counts as solved
    """

    every_step = False
    padded = False
    loss = CLASSES
    optimum = 0.0
    threshold = 0.99

    def __repr__(self):
        names = inspect.signature(type(self)).parameters
        options = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({options})"

    def sample(self, num_samples, seed=0):
        """X of shape (num_samples, time, features) and the answers y; a seed decides them.

        Raises ValueError if `num_samples` is not a whole number of at least 1.
        """
        return self.draw(positive_int("num_samples", num_samples), np.random.default_rng(seed))

    def draw(self, num_samples, rng):
        """What `sample` returns, from the random numbers of `rng`."""
        raise NotImplementedError

    def correct(self, X, y, prediction):
        """Which samples are answered right: bool, shape (num_samples,).

        `prediction` is what the model's `predict` gives for X: (num_samples, outputs), or
        (num_samples, time, outputs) with `every_step`; numbers, probabilities or logits.
        NaN is never right. Raises ValueError if a shape does not fit.
        """
        X, y, prediction = self.sequences(X), np.asarray(y), np.asarray(prediction)
        answers = X.shape[:2] if self.every_step else X.shape[:1]
        require_shape("prediction", prediction, (*answers, self.outputs), self)
        require_shape("y", y, answers if self.loss == CLASSES else prediction.shape, self)
        return self.judge(X, y, prediction)

    def sequences(self, X):
        """X as an array of shape (num_samples, time, features), else ValueError."""
        X = np.asarray(X)
        if X.ndim != 3 or X.shape[2] != self.features:
            allowed = f"(num_samples, time, {self.features})"
            raise ValueError(f"X must have the shape {allowed} for {self!r}, got {X.shape}")
        return X

    def judge(self, X, y, prediction):
        """What `correct` returns, from arrays whose shapes fit.

        Here: the class y is the most active of all outputs.
        """
        return most_active(one_hot(y, self.outputs) > 0, prediction)

    def success_rate(self, X, y, prediction):
        """Share of samples answered right, from 0 to 1."""
        return float(self.correct(X, y, prediction).mean())

    def solved(self, X, y, prediction):
        """Does the success rate reach the threshold?"""
        return self.success_rate(X, y, prediction) >= self.threshold


def require_shape(name, array, shape, task):
    """ValueError unless `array` has `shape`."""
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape} for {task!r}, got {array.shape}")


def one_hot(numbers, count):
    """Rows of zeros with a 1 at each number, of shape (..., count); -1 gives zeros alone.

    In 32 bits, which hold 0 and 1 exactly and take half the memory.
    """
    # The last row, which index -1 picks, has no 1.
    return np.eye(count + 1, count, dtype="float32")[numbers]


def most_active(expected, prediction):
    """Are the k expected outputs the k most active ones? A tie counts as a no.

    expected: bool, shape (..., outputs); True where nothing is expected at all.
    """
    weakest = np.where(expected, prediction, np.inf).min(axis=-1)
    strongest_other = np.where(expected, -np.inf, prediction).max(axis=-1)
    return weakest > strongest_other


def entropy(weights):
    """Entropy in nats of the distribution proportional to `weights`.

    It is the loss of the best answer that is always the same: these very probabilities.
    """
    p = np.asarray(weights, dtype=float) / np.sum(weights)
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())
