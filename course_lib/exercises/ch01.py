"""The exercises of chapter 01: windows, baselines, parity, the sine, and splits without peeking."""

import numpy as np

from course_lib.exercises.answer import NotYet, as_array, compare
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, numbers, winner, words


def windows(series, length, ahead):
    """Stretches of `length` values, and the value `ahead` steps after the last one of each."""
    n = len(series) - length - max(ahead, 0) + 1
    X = np.array([series[i : i + length] for i in range(n)])[..., None]
    y = np.array([series[i + length - 1 + ahead] for i in range(n)])[:, None]
    return X, y


def count(result):
    """How many windows a learner's X has; 0 if it is nothing that can be counted."""
    try:
        return len(result[0])
    except (TypeError, LookupError):
        return 0


@exercise(
    "01.1",
    "The window number i is series[i : i + length]. Where is the value one step after it?",
    "With ahead = 1 the target is series[i + length]. Which is the last i that still has one?",
    "There are len(series) - length - ahead + 1 windows; X[..., None] adds an axis to X.",
)
def make_windows(answer, rng):
    """Windows X (n, length, 1) of a series and the values y (n, 1), `ahead` steps later."""
    for time, length, ahead in [(14, 4, 3), (9, 5, 1), (8, 2, 2)]:
        series = rng.normal(size=time)
        result = answer(series, length, ahead)
        X, y = windows(series, length, ahead)
        n = count(result)  # a mistake may come with more windows, or fewer

        def shifted(ahead, n=n, series=series, length=length):
            return tuple(part[:n] for part in windows(series, length, ahead))

        mistakes = {
            "first X, then y: yours come the other way round": (y, X),
            "the last window is missing": (X[:-1], y[:-1]),
            "the target is one step too early (with ahead = 1 it is the last value of its own "
            "window, so the answer leaks into the input)": shifted(ahead - 1),
            "the target is one step too late: with ahead = 1 it follows the window at once": (
                shifted(ahead + 1)
            ),
            "your windows do not overlap: the next one begins one step later": (
                (X[::length], y[::length])
            ),
            "your windows run backward in time": (X[:, ::-1], y),
            "X lacks the axis for features: its shape must be (n, length, 1)": (X[..., 0], y),
            "y lacks the axis for features: its shape must be (n, 1)": (X, y[:, 0]),
            "X and y lack the axis for features: (n, length, 1) and (n, 1) are asked for": (
                (X[..., 0], y[:, 0])
            ),
        }
        if ahead > 1:
            mistakes["your target is always the next value: use ahead"] = shifted(1)
        compare(result, (X, y), mistakes, ["X", "y"])


@exercise(
    "01.2",
    "Both predict for the test windows. The mean may know the training targets only.",
    "Persistence says X_test[:, -1], of shape (n, 1) like y_test. Do the shapes agree?",
    "`np.mean((X_test[:, -1] - y_test) ** 2)` is the second one.",
)
def baseline_errors(answer, rng):
    """The MSE on the test windows of the mean and of persistence."""
    for n_train, n_test, time in [(9, 6, 4), (7, 5, 3)]:
        shift = rng.normal() + 2
        X_train, y_train = rng.normal(size=(n_train, time, 1)), rng.normal(size=(n_train, 1))
        X_test, y_test = rng.normal(size=(n_test, time, 1)) + shift, rng.normal(size=(n_test, 1))
        last = X_test[:, -1]

        def mse(prediction, truth=y_test):
            return np.mean((prediction - truth) ** 2)

        mean, persistence = mse(y_train.mean()), mse(last)
        answer.gives(
            (mean, persistence),
            *(X_train, y_train, X_test, y_test),
            names=["the MSE of the mean", "the MSE of persistence"],
            mistakes={
                "first the mean, then persistence: yours come the other way round": (
                    (persistence, mean)
                ),
                "your mean knows the test targets: it may use the training targets only": (
                    (mse(y_test.mean()), persistence)
                ),
                "your mean is that of the training inputs: take the training targets": (
                    (mse(X_train.mean()), persistence)
                ),
                "your mean is that of the test inputs: take the training targets": (
                    (mse(X_test.mean()), persistence)
                ),
                "persistence says the last value of a window, yours says the first": (
                    (mean, mse(X_test[:, 0]))
                ),
                "persistence says the last value of a window, yours says the mean of it": (
                    (mean, mse(X_test.mean(axis=1)))
                ),
                "shapes (n,) and (n, 1) meet in persistence, and numpy subtracts every target "
                "from every prediction": (mean, mse(last[:, 0])),
                "these are errors on the training windows: judge on the test windows": (
                    (mse(y_train.mean(), y_train), mse(X_train[:, -1], y_train))
                ),
                "these are sums of squared errors, not their means": (
                    (n_test * mean, n_test * persistence)
                ),
                "these are roots: the plain mean squared error is asked for": (
                    (np.sqrt(mean), np.sqrt(persistence))
                ),
                "these are mean absolute errors: the errors must be squared": (
                    (np.abs(y_train.mean() - y_test).mean(), np.abs(last - y_test).mean())
                ),
            },
        )


@exercise(
    "01.3",
    "Begin with state = 0. What does a 1 do to the state, and what a 0?",
    "Update the state first, then append it to the list of answers.",
    "`state = state ^ bit`, or (state + bit) % 2.",
)
def running_parity(answer, rng):
    """For each bit of a string, whether the number of ones up to it is odd."""
    for length in (23, 8, 50, 1):
        bits = rng.integers(0, 2, size=length)
        bits[:2] = 1
        if length == 23:  # mistakes differ most where a zero follows and the last answer is 1
            bits[3] = 0
            bits[-1] ^= 1 - bits.sum() % 2
        ones = np.cumsum(bits)
        odd = ones % 2
        mistakes = {
            "this is the answer for the whole string: one is asked for after each bit": odd[-1],
            "your answers come one bit late: the state is noted before the bit is read": (
                odd - bits
            )
            % 2,
            "the start state comes out as well: there is one answer for each bit": (
                np.concatenate([[0], odd])
            ),
            "this is 1 where the number of ones is even: it must be 1 where it is odd": 1 - odd,
            "these are counts: whether a count is odd is asked for": ones,
            "these are the bits themselves: the state is forgotten at each step": bits,
            "your state never goes back to 0: a second 1 must flip it": np.minimum(ones, 1),
            "your state flips at each 0: it must flip at each 1": np.cumsum(1 - bits) % 2,
            "your state flips at every bit: it must flip at a 1 only": (
                np.arange(1, length + 1) % 2
            ),
            "your loop reads the string backward": (np.cumsum(bits[::-1]) % 2)[::-1],
        }
        answer.gives(odd, bits, mistakes=mistakes)


def continued(before, last, steps, a, b):
    """`steps` more values of a series in which x_t = a x_(t-1) + b x_(t-2)."""
    values = [before, last]
    for _ in range(steps):
        values.append(a * values[-1] + b * values[-2])
    return np.array(values[2:])


@exercise(
    "01.4",
    "The next value is 2 cos(omega) times the last value, minus the one before it.",
    "For the step after, the new value is the last one, and the last one is the one before.",
    "Loop: before, last = last, 2 * np.cos(omega) * last - before; and append last.",
)
def continue_sine(answer, rng):
    """The next values of a sine of any height and phase, from two values and its step."""
    for steps, low, high in [(8, 0.4, 1.2), (5, 1.8, 2.6), (1, 0.3, 0.6)]:
        omega = rng.uniform(low, high)
        t = np.arange(steps + 2)
        wave = rng.uniform(1, 3) * np.sin(omega * t + rng.uniform(0, 2 * np.pi))
        before, last = wave[:2]
        a = 2 * np.cos(omega)
        first = a * last - before
        answer.gives(
            wave[2:],
            *(before, last, omega, steps),
            mistakes={
                "every step starts from the two given values: feed your own predictions back": (
                    np.full(steps, first)
                ),
                "the factor 2 of the cosine is missing": (
                    continued(before, last, steps, a / 2, -1)
                ),
                "the value before the last one must be subtracted": (
                    continued(before, last, steps, a, 1)
                ),
                "this is a sine where the weight must be a cosine: look at the formula again": (
                    continued(before, last, steps, 2 * np.sin(omega), -1)
                ),
                "the two weights are swapped: 2 cos(omega) belongs to the last value": (
                    continued(before, last, steps, -1, a)
                ),
                "before and last are swapped, so the wave runs back in time": (
                    continued(last, before, steps, a, -1)
                ),
                "the given values come out as well: only what follows them is asked for": wave,
                "your result begins with the last given value: it is one step late": wave[1:-1],
                "this is only the last of the values asked for": wave[-1],
                "the weight is that of a step of 1 radian: use omega": (
                    continued(before, last, steps, 2 * np.cos(1), -1)
                ),
            },
        )


@exercise(
    "01.5",
    "First cut the series, then take mean and standard deviation of the first part alone.",
    "Each feature has its own mean and standard deviation: which axis is time?",
    "mean, std = series[:n_train].mean(axis=0), series[:n_train].std(axis=0). Both parts are "
    "scaled with these.",
)
def split_and_scale(answer, rng):
    """The first n_train time steps and the rest, scaled by mean and std of the first part."""
    for time, features, n_train in [(13, 3, 8), (9, 2, 4)]:
        trend = np.linspace(0, 3, time)[:, None] * (1 + np.arange(features))
        series = (rng.normal(size=(time, features)) + trend) * rng.uniform(1.5, 4, size=features)
        known, rest = series[:n_train], series[n_train:]
        mean, std = known.mean(axis=0), known.std(axis=0)

        def scaled(mean, std, known=known, rest=rest):
            return (known - mean) / std, (rest - mean) / std

        def cut(n, series=series, scaled=scaled):
            first = series[:n]
            return scaled(first.mean(axis=0), first.std(axis=0), first, series[n:])

        result = answer(series, n_train)
        in_order(result, known)
        compare(
            result,
            scaled(mean, std),
            names=["the training part", "the test part"],
            mistakes={
                "first the training part, then the test part: yours come the other way round": (
                    scaled(mean, std)[::-1]
                ),
                "nothing is scaled": (known, rest),
                "mean and standard deviation come from the whole series: the training part has "
                "seen the future": scaled(series.mean(axis=0), series.std(axis=0)),
                "the test part is scaled by its own mean and standard deviation: both parts must "
                "be scaled alike": (
                    scaled(mean, std)[0],
                    (rest - rest.mean(axis=0)) / rest.std(axis=0),
                ),
                "the test part is not scaled": (scaled(mean, std)[0], rest),
                "mean and standard deviation are taken over all features together: each feature "
                "has its own": scaled(known.mean(), known.std()),
                "this divides by the variance: take the standard deviation": scaled(mean, std**2),
                "the mean is not subtracted": scaled(0, std),
                "this is not divided by the standard deviation": scaled(mean, 1),
                "your standard deviation divides by n - 1: the formula divides by n": (
                    scaled(mean, known.std(axis=0, ddof=1))
                ),
                "the cut is one step too early": cut(n_train - 1),
                "the cut is one step too late": cut(n_train + 1),
            },
        )


def in_order(result, known):
    """Raise NotYet if the training part holds other time steps, or in another order."""
    if isinstance(result, (tuple, list)) and len(result) == 2:
        train = as_array(result[0], "the training part")
        if train.shape == known.shape and (train[:, 0].argsort() != known[:, 0].argsort()).any():
            raise NotYet("the training part must be the first n_train time steps, in their order")


@exercise(
    "01.6",
    "Begin with the example of the chapter: a sine with a little noise from the seed.",
    "For each model a list with one error per seed, as test_error returns it.",
    "The winner is the name of the model with the smallest median error.",
)
def own_contest(series, report, rng):
    """A series of the learner's own, and the errors of at least three baselines on it."""
    errors, best, conclusion = entries(report, "errors", "winner", "conclusion")
    errors = lists(errors, "errors", 3, including=["persistence"])
    winner(best, errors)
    words(conclusion, "the conclusion", 10)
    seed = int(rng.integers(3, 1000))
    first, again, other = (
        numbers(series(s), "the result of my_series", 100) for s in (seed, seed, seed + 1)
    )
    if not np.array_equal(first, again):
        raise NotYet("my_series gives two different series for the same seed")
    if np.array_equal(first, other):
        raise NotYet("my_series gives the same series for every seed: draw something from it")
