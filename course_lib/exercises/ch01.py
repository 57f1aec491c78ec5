"""The exercises of chapter 01: windows, baselines, parity, the sine, and splits without peeking."""

from functools import partial

import numpy as np

from course_lib.exercises.answer import NotYet, as_array
from course_lib.exercises.question import Question, then
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, numbers, winner


def windows(series, length, ahead):
    """Stretches of `length` values, and the value `ahead` steps after the last one of each."""
    n = len(series) - length - ahead + 1
    X = np.array([series[i : i + length] for i in range(n)])
    return X[..., None], series[length - 1 + ahead :, None]


def short_series(rng):
    """A series (time,), the length of a window, and how far ahead its target is."""
    for time, length, ahead in [(14, 4, 3), (9, 5, 1), (8, 2, 2)]:
        yield rng.normal(size=time), length, ahead


mistakes = {
    "first X, then y: yours are swapped": then(windows, lambda X, y: (y, X)),
    "the last window is missing": then(windows, lambda X, y: (X[:-1], y[:-1])),
    "the target is one step too early (with ahead = 1 it is the last value of its own window, so "
    "the answer leaks into the input)": lambda s, length, ahead: windows(s[:-1], length, ahead - 1),
    "the target is one step too early, and there is one window too many: with ahead = 1 the answer "
    "leaks into the input": (lambda s, length, ahead: windows(s, length, ahead - 1)),
    "the target is one step too late: with ahead = 1 it follows the window at once": (
        lambda s, length, ahead: windows(s, length, ahead + 1)
    ),
    "your windows do not overlap: the next one begins one step later": (
        then(windows, lambda X, y: (X[:: X.shape[1]], y[:: X.shape[1]]))
    ),
    "your windows run backward in time": then(windows, lambda X, y: (X[:, ::-1], y)),
    "X lacks the axis for features: its shape must be (n, length, 1)": (
        then(windows, lambda X, y: (X[..., 0], y))
    ),
    "y lacks the axis for features: its shape must be (n, 1)": (
        then(windows, lambda X, y: (X, y[:, 0]))
    ),
    "X and y lack the axis for features: return (n, length, 1) and (n, 1)": (
        then(windows, lambda X, y: (X[..., 0], y[:, 0]))
    ),
    "your target is always the next value: use ahead": (
        lambda s, length, ahead: windows(s[: len(s) - ahead + 1], length, 1)
    ),
    "your target is always the next value: use ahead, for the number of windows as well": (
        lambda s, length, ahead: windows(s, length, 1)
    ),
}

exercise(
    "01.1",
    Question(windows, short_series, mistakes, names=["X", "y"]),
    hints=[
        "The window number i is series[i : i + length]. Where is the value one step after it?",
        "With ahead = 1 the target is series[i + length]. Which i is the last that still has one?",
        "There are len(series) - length - ahead + 1 windows; X[..., None] adds an axis to X.",
    ],
)


def errors(
    *data,
    mean=lambda X, y, X_test, y_test: y.mean(),
    last=lambda X: X[:, -1],
    size=lambda e: np.mean(e**2),
):
    """The MSE of the mean and of persistence on the test windows; every option is for a mistake."""
    *_, X_test, y_test = data
    return size(mean(*data) - y_test), size(last(X_test) - y_test)


def splits(rng):
    """Windows and their targets, some to train on and some to test on."""
    for n_train, n_test, time in [(9, 6, 4), (7, 5, 3)]:
        X_train, y_train = rng.normal(size=(n_train, time, 1)), rng.normal(size=(n_train, 1))
        X_test, y_test = rng.normal(size=(n_test, time, 1)), rng.normal(size=(n_test, 1))
        yield X_train, y_train, X_test + rng.normal() + 2, y_test


mistakes = {
    "first the mean, then persistence: yours are swapped": (
        then(errors, lambda mean, persistence: (persistence, mean))
    ),
    "your mean knows the test targets: it may use the training targets only": (
        partial(errors, mean=lambda X, y, X_test, y_test: y_test.mean())
    ),
    "your mean is that of the training inputs: take the training targets": (
        partial(errors, mean=lambda X, y, X_test, y_test: X.mean())
    ),
    "your mean is that of the test inputs: take the training targets": (
        partial(errors, mean=lambda X, y, X_test, y_test: X_test.mean())
    ),
    "persistence says the last value of a window, yours says the first": (
        partial(errors, last=lambda X: X[:, 0])
    ),
    "persistence says the last value of a window, yours says the mean of it": (
        partial(errors, last=lambda X: X.mean(axis=1))
    ),
    "shapes (n,) and (n, 1) meet in persistence, and numpy subtracts every target from every "
    "prediction": partial(errors, last=lambda X: X[:, -1, 0]),
    "these are errors on the training windows: judge on the test windows": (
        lambda X, y, X_test, y_test: errors(X, y, X, y)
    ),
    "these are sums of squared errors, not their means": partial(
        errors, size=lambda e: np.sum(e**2)
    ),
    "these are roots: return the plain mean squared error": (
        partial(errors, size=lambda e: np.sqrt(np.mean(e**2)))
    ),
    "these are mean absolute errors: the errors must be squared": (
        partial(errors, size=lambda e: np.mean(np.abs(e)))
    ),
}

exercise(
    "01.2",
    Question(errors, splits, mistakes, names=["the MSE of the mean", "the MSE of persistence"]),
    hints=[
        "Both predict for the test windows. The mean may know the training targets only.",
        "Persistence says X_test[:, -1], of shape (n, 1) like y_test. Do the shapes agree?",
        "`np.mean((X_test[:, -1] - y_test) ** 2)` is the second one.",
    ],
)


def parity(bits):
    """For each bit, whether the number of ones up to it is odd."""
    return np.cumsum(bits) % 2


def bit_strings(rng):
    """Zeros and ones (time,), two ones first."""
    for length in (23, 8, 50, 1):
        bits = rng.integers(0, 2, size=length)
        bits[:2] = 1
        yield (bits,)


mistakes = {
    "this is the answer for the whole string: return one after each bit": (
        then(parity, lambda odd: odd[-1])
    ),
    "your answers come one bit late: the state is noted before the bit is read": (
        lambda bits: (parity(bits) - bits) % 2
    ),
    "the start state comes out as well: there is one answer for each bit": (
        then(parity, lambda odd: np.append(0, odd))
    ),
    "this is 1 where the number of ones is even: it must be 1 where it is odd": (
        then(parity, lambda odd: 1 - odd)
    ),
    "these are counts: return whether each count is odd": np.cumsum,
    "these are the bits themselves: the state is forgotten at each step": lambda bits: bits,
    "your state never goes back to 0: a second 1 must flip it": np.maximum.accumulate,
    "your state flips at each 0: it must flip at each 1": lambda bits: parity(1 - bits),
    "your state flips at every bit: it must flip at a 1 only": lambda bits: parity(bits**0),
    "your loop reads the string backward": lambda bits: parity(bits[::-1])[::-1],
}

exercise(
    "01.3",
    Question(parity, bit_strings, mistakes),
    hints=[
        "Begin with state = 0. What does a 1 do to the state, and what a 0?",
        "Update the state first, then append it to the list of answers.",
        "`state = state ^ bit`, or (state + bit) % 2.",
    ],
)


def continued(before, last, omega, steps, weights=lambda omega: (2 * np.cos(omega), -1)):
    """`steps` more values of a sine; with other `weights` of the last value and that before it,
    of other series."""
    (a, b), values = weights(omega), [before, last]
    for _ in range(steps):
        values.append(a * values[-1] + b * values[-2])
    return np.array(values[2:])


def sines(rng):
    """Two neighboring values of a sine, its step, and how many more are asked for."""
    for steps, low, high in [(8, 0.4, 1.2), (5, 1.8, 2.6), (1, 0.3, 0.6)]:
        omega, phase = rng.uniform(low, high), rng.uniform(0, 2 * np.pi)
        before, last = rng.uniform(1, 3) * np.sin([phase, omega + phase])
        yield before, last, omega, steps


mistakes = {
    "every step starts from the two given values: feed your own predictions back": (
        lambda before, last, omega, n: np.repeat(continued(before, last, omega, 1), n)
    ),
    "the factor 2 of the cosine is missing": (
        partial(continued, weights=lambda omega: (np.cos(omega), -1))
    ),
    "the value before the last one must be subtracted": (
        partial(continued, weights=lambda omega: (2 * np.cos(omega), 1))
    ),
    "this is a sine where the weight must be a cosine: look at the formula again": (
        partial(continued, weights=lambda omega: (2 * np.sin(omega), -1))
    ),
    "the two weights are swapped: 2 cos(omega) belongs to the last value": (
        partial(continued, weights=lambda omega: (-1, 2 * np.cos(omega)))
    ),
    "before and last are swapped, so the wave runs back in time": (
        lambda before, last, omega, n: continued(last, before, omega, n)
    ),
    "the given values come out as well: return only what follows them": (
        lambda before, last, *rest: np.array([before, last, *continued(before, last, *rest)])
    ),
    "your result begins with the last given value: it is one step late": (
        lambda before, last, *rest: np.array([last, *continued(before, last, *rest)[:-1]])
    ),
    "this is only the last of the values asked for": then(continued, lambda wave: wave[-1]),
    "the weight is that of a step of 1 radian: use omega": (
        partial(continued, weights=lambda omega: (2 * np.cos(1), -1))
    ),
}

exercise(
    "01.4",
    Question(continued, sines, mistakes),
    hints=[
        "The next value is 2 cos(omega) times the last value, minus the one before it.",
        "For the step after, the new value is the last one, and the last one is the one before.",
        "Loop: before, last = last, 2 * np.cos(omega) * last - before; and append last.",
    ],
)


def split(
    *given,
    known=lambda series, n: series[:n],
    mean=lambda known: known.mean(axis=0),
    std=lambda known: known.std(axis=0),
):
    """Training and test part, scaled by mean and std of the first; options are for mistakes."""
    series, n = given
    scaled = (series - mean(known(*given))) / std(known(*given))
    return scaled[:n], scaled[n:]


def trends(rng):
    """A growing series (time, features), and how many time steps are for training."""
    for time, features, n_train in [(13, 3, 8), (9, 2, 4)]:
        trend = np.linspace(0, 3, time)[:, None] * (1 + np.arange(features))
        noise = rng.normal(size=(time, features))
        yield (noise + trend) * rng.uniform(1.5, 4, size=features), n_train


def in_order(result, series, n_train):
    """The result, but for a training part with other time steps, or in another order."""
    if isinstance(result, (tuple, list)) and len(result) == 2:
        train, known = as_array(result[0], "the training part"), series[:n_train]
        if train.shape == known.shape and (train[:, 0].argsort() != known[:, 0].argsort()).any():
            raise NotYet("the training part must be the first n_train time steps, in their order")
    return result


mistakes = {
    "first the training part, then the test part: yours are swapped": (
        then(split, lambda train, test: (test, train))
    ),
    "nothing is scaled": lambda series, n: (series[:n], series[n:]),
    "mean and standard deviation come from the whole series: the training part has seen the "
    "future": partial(split, known=lambda series, n: series),
    "the test part is scaled by its own mean and standard deviation: both parts must be scaled "
    "alike": lambda series, n: (split(series, n)[0], split(series[n:], len(series) - n)[0]),
    "the test part is not scaled": lambda series, n: (split(series, n)[0], series[n:]),
    "mean and standard deviation are taken over all features together: each feature has its own": (
        partial(split, mean=np.mean, std=np.std)
    ),
    "this divides by the variance: take the standard deviation": (
        partial(split, std=lambda known: known.var(axis=0))
    ),
    "the mean is not subtracted": partial(split, mean=lambda known: 0),
    "this is not divided by the standard deviation": partial(split, std=lambda known: 1),
    "your standard deviation divides by n - 1: the formula divides by n": (
        partial(split, std=lambda known: known.std(axis=0, ddof=1))
    ),
    "the cut is one step too early": lambda series, n: split(series, n - 1),
    "the cut is one step too late": lambda series, n: split(series, n + 1),
}

exercise(
    "01.5",
    Question(split, trends, mistakes, names=["the training part", "the test part"], look=in_order),
    hints=[
        "First cut the series, then take mean and standard deviation of the first part alone.",
        "Each feature has its own mean and standard deviation: which axis is time?",
        "mean, std = series[:n_train].mean(axis=0), series[:n_train].std(axis=0). Both parts are "
        "scaled with these.",
    ],
)


def own_contest(series, report, rng):
    """A series of the learner's own, and the errors of at least three baselines on it."""
    errors, best = entries(report, "errors", "winner", "conclusion")
    errors = lists(errors, "errors", 3, including=["persistence"])
    winner(best, errors)
    seed = int(rng.integers(3, 1000))
    first, again, other = (
        numbers(series(s), "the result of my_series", 100) for s in (seed, seed, seed + 1)
    )
    if not np.array_equal(first, again):
        raise NotYet("my_series gives two different series for the same seed")
    if np.array_equal(first, other):
        raise NotYet("my_series gives the same series for every seed: draw something from it")


exercise(
    "01.6",
    test=own_contest,
    hints=[
        "Begin with the example of the chapter: a sine with a little noise from the seed.",
        "For each model a list with one error per seed, as test_error returns it.",
        "The winner is the name of the model with the smallest median error.",
    ],
)
