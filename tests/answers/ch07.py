"""Answers to the exercises of chapter 07: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T


# 07.1
def scale_by_sums(series, n_train):
    logs = [float(np.log(x)) for x in series]
    mean = sum(logs[:n_train]) / n_train
    std = (sum((x - mean) ** 2 for x in logs[:n_train]) / n_train) ** 0.5
    return [[(x - mean) / std for x in logs], mean, std]


def scale_in_theano(series, n_train):
    logs = T.log(T.as_tensor_variable(series))
    mean, std = T.mean(logs[:n_train]), T.std(logs[:n_train])
    return (logs - mean) / std, mean, std


def rmse_by_norm(forecast, target, mean, std):
    """The mean comes out of the difference."""
    error = np.exp(forecast * std) - np.exp(target * std)
    return np.exp(mean) * np.linalg.norm(error) / len(error) ** 0.5


# 07.2
def split_by_slices(series, length, horizon, n):
    """All windows first; then those with the right times."""
    time = len(series)
    rows = np.arange(time - length - horizon + 1)[:, None]
    X = series[rows + np.arange(length)]
    y = series[rows + length + np.arange(horizon)][..., 0]
    train, test = slice(n - length - horizon + 1), slice(n - length, None)
    return X[train].astype("float32"), y[train], X[test].tolist(), y[test].tolist()


def split_with(change):
    """The right answer with changes: ``change(X_train, y_train, X_test, y_test)``."""
    return lambda *given: change(*map(np.array, split_by_slices(*given)))


def later_part_by_itself(series, length, horizon, n):
    """Nothing of the test part looks back."""
    X_train, y_train, _, _ = split_by_slices(series, length, horizon, n)
    _, _, X_test, y_test = split_by_slices(series[n:], length, horizon, length)
    return X_train, y_train, X_test, y_test


# 07.3
def ratio_in_a_loop(x, period, h, start):
    return [x[t - period] * x[t - h] / x[t - h - period] for t in range(start, len(x))]


def ratio_of_logs(x, p, h, start):
    logs, t = T.log(x), np.arange(start, len(x))
    return T.exp(logs[t - p] + logs[t - h] - logs[t - h - p])


# 07.4
def run_in_one_buffer(one_step, X, known):
    n, length, features = X.shape
    path = np.zeros((n, length + known.shape[1], features))
    path[:, :length], path[:, length:, 1:] = X, known
    for t in range(length, path.shape[1]):
        path[:, t, :1] = one_step(path[:, t - length : t])
    return path[:, length:, 0]


def run_by_sample(one_step, X, known):
    results = []
    for window, features in zip(X.tolist(), known.tolist()):
        values = []
        for row in features:
            values.append(float(one_step(np.array([window]))[0, 0]))
            window = window[1:] + [[values[-1], *row]]
        results.append(values)
    return results


def growing_windows(one_step, X, known):
    """The oldest row stays."""
    for k in range(known.shape[1]):
        X = np.hstack([X, np.hstack([one_step(X), known[:, k]])[:, None]])
    return X[:, -known.shape[1] :, 0]


def window_changed(one_step, X, known):
    X[:, 0] = 0
    return run_in_one_buffer(one_step, X, known)


# 07.5
def pinball_by_sides(y, forecasts, quantiles):
    total = 0.0
    for n, target in enumerate(y):
        for k, q in enumerate(quantiles):
            error = target - forecasts[n, k]
            total += q * error if error > 0 else (1 - q) * -error
    return total / forecasts.size


def pinball_in_theano(y, f, q):
    error = T.shape_padright(y) - f
    return T.mean(abs(error) / 2 + (q - 0.5) * error)


def covered(y, low, high):
    return 1 - ((y < low) | (y > high)).sum() / len(y)


# 07.6
REPORT = {
    "series": "cups of coffee in our office",
    "prediction": "persistence wins, as we never change",
    "baselines": {"persistence": 2.0, "seasonal naive": 1.5},
    "network": [1.7, 1.6, 1.4],
    "winner": "seasonal naive",
    "conclusion": "I was wrong: every Monday is alike, and neither rival of it had a week",
}


def own(**changes):
    return ({**REPORT, **changes},)


RIGHT = {
    "07.1": [(scale_by_sums, rmse_by_norm), (scale_in_theano, rmse_by_norm)],
    "07.2": [split_by_slices],
    "07.3": [ratio_in_a_loop, ratio_of_logs],
    "07.4": [run_in_one_buffer, run_by_sample],
    "07.5": [
        (pinball_by_sides, covered),
        (pinball_in_theano, lambda y, a, b: np.mean([lo <= t <= hi for t, lo, hi in zip(y, a, b)])),
    ],
    "07.6": [
        own(),
        own(winner="network", network=(0.7, 0.6, 0.4), baselines={"AR(3)": [0.9], "mean": 2}),
    ],
}

MISTAKES = {
    "07.1": [
        ((lambda s, n: scale_by_sums(s, len(s)), rmse_by_norm), "your scale knows the test part"),
        ((lambda s, n: scale_in_theano(np.exp(s), n), rmse_by_norm), "the logarithm is missing"),
        ((lambda s, n: scale_by_sums(s / 2, n), rmse_by_norm), "mean is"),
        ((lambda *a: scale_in_theano(*a)[0], rmse_by_norm), "return 3 results"),
        ((scale_by_sums, lambda f, t, m, s: rmse_by_norm(f, t, 0, s)), "the mean is not added"),
        ((scale_by_sums, lambda f, t, m, s: rmse_by_norm(f, t, m, 1)), "not multiplied by std"),
    ],
    "07.2": [
        (later_part_by_itself, "your test windows begin inside the test part"),
        (lambda s, length, h, n: split_by_slices(s, length, h, n + 1), "has 1 of its targets in"),
        (lambda s, length, h, n: split_by_slices(s, length, h, n + h + 2), "must have shape"),
        (split_with(lambda X, y, *test: (X.swapaxes(0, 1), y, *test)), "X_train is time-major"),
        (split_with(lambda X, y, X_test, y_test: (X, y, X_test, y_test[:, 1:])), "y_test must"),
        (split_with(lambda *parts: [a[:-1] for a in parts]), "the last window of the training"),
        (split_with(lambda *parts: parts[:2]), "return 4 results"),
    ],
    "07.3": [
        (lambda x, p, h, start: ratio_in_a_loop(x, p, h, start - 1), "begin one step too early"),
        (lambda x, p, h, start: ratio_of_logs(x, p, h + 1, start), "one step too old"),
        (lambda x, p, h, start: ratio_of_logs(x, p, max(1, h - 1), start), "one step after the"),
        (lambda *a: ratio_in_a_loop(*a)[::-1], "but should be"),
    ],
    "07.4": [
        (growing_windows, "one_step needs windows of"),
        (window_changed, "changes its argument number 2"),
        (lambda f, X, known: run_in_one_buffer(f, X, 0 * known), "zeros come in where the known"),
        (lambda *a: run_in_one_buffer(*a)[:, ::-1], "run backward in time"),
        (lambda *a: run_in_one_buffer(*a).T, "is it transposed?"),
    ],
    "07.5": [
        ((lambda y, f, q: pinball_by_sides(-y, -f, q), covered), "the sign of the error is wrong"),
        ((lambda y, f, q: pinball_in_theano(y, f, q) * y.size, covered), "sum over the targets"),
        ((lambda y, f, q: q * (y - f), covered), "stops with ValueError"),
        ((pinball_by_sides, lambda *a: 1 - covered(*a)), "the share outside"),
        ((pinball_by_sides, lambda y, a, b: sum((a <= y) & (y <= b))), "divide by all of them"),
        ((pinball_by_sides, lambda y, a, b: covered(y, b, a)), "the coverage is"),
    ],
    "07.6": [
        ((REPORT["network"],), "must be a dict"),
        (own(series="coffee"), "description of the series is too short"),
        (own(prediction="no idea"), "the prediction is too short"),
        (own(baselines=[2.0, 1.5]), "'baselines' must be a dict"),
        (own(baselines={"persistence": 2.0, "network": 1.0}), "none of them 'network'"),
        (own(baselines={"persistence": 2.0, "mean": 2.0}), "have the same error"),
        (own(baselines={"AR": np.nan, "mean": 2.0}), "the error of 'AR' contains NaN"),
        (own(network=[1.7, 1.6]), "at least 3 numbers"),
        (own(network=[1.7, 1.7, 1.7]), "is each seed a new start"),
        (own(network=[1.7, -1.6, 1.7]), "never negative"),
        (own(winner="network"), "seasonal naive has a smaller median"),
        (own(winner="GRU"), "must be one of persistence, seasonal naive, network"),
        (own(conclusion="the naive one won"), "the conclusion is too short"),
    ],
}
