"""Tasks that ask for something seen long ago, among much that does not matter."""

import numpy as np

from course_lib.arguments import whole_number_from
from course_lib.tasks.base import Task, most_active, one_hot

# Copy memory: how many symbols to recall, each one of 0 to 7, and the two others.
RECALLED, SYMBOLS, BLANK, DELIMITER = 10, 8, 8, 9


class Adding(Task):
    """Add the two marked numbers (Hochreiter & Schmidhuber, 1997, experiment 4).

    X (n, length, 2): numbers uniform in [0, 1], and a mark that is 1 at exactly one step of
    each half, else 0. y (n, 1): the sum of the two marked numbers. This is the modern form
    (Le, Jaitly & Hinton, 2015; Arjovsky, Shah & Bengio, 2016); in 1997 the numbers were
    from [-1, 1], the lengths random, and the answer scaled to [0, 1].

    Right, as in 1997: off by at most 0.04. Always answering 1, the mean, has the mean
    squared error 1/6, the variance of the sum of two numbers uniform in [0, 1].
    Raises ValueError for a `length` below 2.
    """

    features = 2
    outputs = 1
    loss = "mse"
    baseline_loss = 1 / 6
    tolerance = 0.04

    def __init__(self, length):
        self.length = whole_number_from(2, "length", length)

    def draw(self, num_samples, rng):
        """X (num_samples, length, 2), y (num_samples, 1)."""
        X = np.zeros((num_samples, self.length, 2))
        X[..., 0] = rng.random((num_samples, self.length))
        half = self.length // 2
        marked = rng.integers([0, half], [half, self.length], (num_samples, 2))
        np.put_along_axis(X[..., 1], marked, 1, axis=1)
        return X, X.prod(axis=2).sum(axis=1, keepdims=True)

    def judge(self, X, y, prediction):
        """The sum is off by at most 0.04."""
        return np.abs(prediction - y)[:, 0] <= self.tolerance


class CopyMemory(Task):
    """Repeat ten symbols after a long blank (Arjovsky, Shah & Bengio, 2016).

    X (n, lag + 20, 10), one-hot: ten symbols, each one of 0 to 7; lag - 1 blanks (8); a
    delimiter (9); ten blanks. y (n, lag + 20), classes: lag + 10 blanks (8), then the ten
    symbols in order. So each symbol is asked for lag + 10 steps after it was seen. There
    are 9 outputs, since the delimiter is never an answer.

    Right: all of the last ten answers. Without memory, the best is to be sure of the blanks
    and to guess the symbols: 10 ln 8 / (lag + 20) nats per time step.
    Raises ValueError for a `lag` below 1.
    """

    features = 10
    outputs = 9
    every_step = True

    def __init__(self, lag):
        self.lag = whole_number_from(1, "lag", lag)
        self.baseline_loss = float(RECALLED * np.log(SYMBOLS) / (self.lag + 2 * RECALLED))

    def draw(self, num_samples, rng):
        """X (num_samples, lag + 20, 10), y (num_samples, lag + 20)."""
        seen = np.full((num_samples, self.lag + 2 * RECALLED), BLANK)
        y = seen.copy()
        memory = rng.integers(0, SYMBOLS, (num_samples, RECALLED))
        seen[:, :RECALLED] = y[:, -RECALLED:] = memory
        seen[:, -RECALLED - 1] = DELIMITER
        return one_hot(seen, self.features), y

    def judge(self, X, y, prediction):
        """All ten recalled symbols are right."""
        expected = one_hot(y[:, -RECALLED:], self.outputs) > 0
        return most_active(expected, prediction[:, -RECALLED:]).all(axis=1)


class TemporalOrder(Task):
    """Which came first? (Hochreiter & Schmidhuber, 1997, experiment 6a)

    X (n, length, 6), one-hot: two relevant symbols, each X (0) or Y (1), among distractors
    uniform from the other four. With time steps counted from 0, one is at a step uniform in
    [length/10, 2 length/10], the other in [4 length/10, 5 length/10]. y (n,), asked after
    the last step: 0 to 3 for XX, XY, YX, YY.

    That the steps scale with the length is from Pascanu, Mikolov & Bengio (2013). In 1997
    they were 10 to 20 and 50 to 60 of 100 to 110 (the second a tenth later, as also in the
    code published in 2013), and there were two more symbols, for start and end.

    A guess has the loss ln 4. Raises ValueError for a `length` below 10.
    """

    features = 6
    outputs = 4
    baseline_loss = float(np.log(4))

    def __init__(self, length):
        self.length = whole_number_from(10, "length", length)

    def draw(self, num_samples, rng):
        """X (num_samples, length, 6), y (num_samples,)."""
        seen = rng.integers(2, self.features, (num_samples, self.length))
        relevant = rng.integers(0, 2, (num_samples, 2))
        tenths = np.array([1, 4])
        # -(-a // b) is a / b rounded up.
        first, last = -(-tenths * self.length // 10), (tenths + 1) * self.length // 10
        where = rng.integers(first, last + 1, (num_samples, 2))
        np.put_along_axis(seen, where, relevant, axis=1)
        return one_hot(seen, self.features), relevant @ [2, 1]


class Latch(Task):
    """Remember the first symbol.

    X (n, lag + 1, 6), one-hot: a first symbol 0 or 1, then `lag` distractors uniform from 2
    to 5. y (n,), asked after the last step: the first symbol. Latching one bit is the test
    of Bengio, Simard & Frasconi (1994), there with a noisy number at each step; symbols as
    distractors are those of Hochreiter & Schmidhuber (1997, experiment 2).

    A guess has the loss ln 2. Raises ValueError for a `lag` below 1.
    """

    features = 6
    outputs = 2
    baseline_loss = float(np.log(2))

    def __init__(self, lag):
        self.lag = whole_number_from(1, "lag", lag)

    def draw(self, num_samples, rng):
        """X (num_samples, lag + 1, 6), y (num_samples,)."""
        seen = rng.integers(self.outputs, self.features, (num_samples, self.lag + 1))
        seen[:, 0] = y = rng.integers(0, self.outputs, num_samples)
        return one_hot(seen, self.features), y
