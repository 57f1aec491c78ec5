"""Answers to the exercises of chapter 07: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T

# --- 07.1 ------------------------------------------------------------------------------------


def scale_logs(series, n_train):
    logs = np.log(series)
    return scaled(logs, logs[:n_train])


def scaled(logs, part):
    return (logs - part.mean()) / part.std(), part.mean(), part.std()


def scale_by_sums(series, n_train):
    logs = [float(np.log(x)) for x in series]
    mean = sum(logs[:n_train]) / n_train
    std = (sum((x - mean) ** 2 for x in logs[:n_train]) / n_train) ** 0.5
    return [[(x - mean) / std for x in logs], mean, std]


def scale_in_theano(series, n_train):
    logs = T.log(T.as_tensor_variable(series))
    mean, std = T.mean(logs[:n_train]), T.std(logs[:n_train])
    return (logs - mean) / std, mean, std


def in_units(errors=lambda f, t, back: back(f) - back(t), norm=lambda e: np.mean(e**2) ** 0.5):
    """A function of the errors made from a forecast, a target and a way back."""

    def rmse(forecast, target, mean, std):
        return norm(errors(forecast, target, lambda z: np.exp(z * std + mean)))

    return rmse


rmse = in_units()


def way_back(back):
    """An RMSE with another way back, back(z, mean, std)."""

    def rmse(forecast, target, mean, std):
        return np.sqrt(np.mean((back(forecast, mean, std) - back(target, mean, std)) ** 2))

    return rmse


def error_brought_back(forecast, target, mean, std):
    return np.exp(np.sqrt(np.mean((forecast - target) ** 2)) * std + mean)


# --- 07.2 ------------------------------------------------------------------------------------


def windows(series, length, horizon, first, stop, X_of=lambda w: w, y_of=lambda after: after[:, 0]):
    """Windows whose first targets are at first .. stop - 1, cut as told."""
    X = [X_of(series[s - length : s]) for s in range(first, stop)]
    y = [y_of(series[s : s + horizon]) for s in range(first, stop)]
    return np.array(X), np.array(y)


def split(train=lambda *a: None, test=lambda *a: None, **cuts):
    """The answer with other first targets: train(length, horizon, n) and test(..., time)."""

    def function(series, length, horizon, n):
        same = (series, length, horizon)
        of_train = train(length, horizon, n) or (length, n - horizon + 1)
        of_test = test(length, horizon, n, len(series)) or (n, len(series) - horizon + 1)
        return *windows(*same, *of_train, **cuts), *windows(*same, *of_test, **cuts)

    return function


def split_by_slices(series, length, horizon, n):
    """All windows first; then those with the right times."""
    time = len(series)
    rows = np.arange(time - length - horizon + 1)[:, None]
    X = series[rows + np.arange(length)]
    y = series[rows + length + np.arange(horizon)][..., 0]
    train, test = slice(n - length - horizon + 1), slice(n - length, None)
    return X[train].astype("float32"), y[train], X[test].tolist(), y[test].tolist()


def shifted(by):
    def function(series, length, horizon, n):
        X_train, _, X_test, _ = split()(series, length, horizon, n)
        moved = np.roll(series, -by, axis=0)
        _, y_train, _, y_test = split()(moved, length, horizon, n)
        keep = slice(None) if by < 0 else slice(-by)
        return X_train[keep], y_train[keep], X_test[keep], y_test[keep]

    return function


def changed(**ways):
    """The right answer with some results changed, by name."""

    def function(*arguments):
        names = ["X_train", "y_train", "X_test", "y_test"]
        right = dict(zip(names, split()(*arguments)))
        return tuple(ways.get(name, lambda part: part)(right[name]) for name in names)

    return function


def rest_first(series, length, horizon, n):
    X_train, y_train, *_ = split()(series, length, horizon, n)
    rest = series[n:]
    return X_train, y_train, *windows(rest, length, horizon, length, len(rest) - horizon + 1)


# --- 07.3 ------------------------------------------------------------------------------------


def ratio_in_a_loop(x, period, h, start):
    return [x[t - period] * x[t - h] / x[t - h - period] for t in range(start, len(x))]


def ratio_by_slices(x, p, h, start):
    n = len(x)
    return x[start - p : n - p] * x[start - h : n - h] / x[start - h - p : n - h - p]


def ratio_of_logs(x, p, h, start):
    logs, t = T.log(x), np.arange(start, len(x))
    return T.exp(logs[t - p] + logs[t - h] - logs[t - h - p])


def forecasts(formula, first=0):
    """formula(x, t, period, horizon, start) for all t from start + first."""

    def function(x, period, horizon, start):
        return formula(x, np.arange(start + first, len(x)), period, horizon, start)

    return function


def right_ratio(x, t, p, h, start):
    return x[t - p] * x[t - h] / x[t - h - p]


def from_forecasts(x, p, h, start):
    x = x.copy()
    for t in range(start, len(x)):
        x[t] = x[t - p] * x[t - h] / x[t - h - p]
    return x[start:]


# --- 07.4 ------------------------------------------------------------------------------------


def free_run(one_step, X, known, row=lambda v, f, last: np.hstack([v, f]), step=None, at=0):
    """Runs with another row(value, known features, last row) or another step(X, row)."""
    out, steps = [], known.shape[1]
    for k in range(steps):
        out.append(one_step(X))
        new = row(out[-1], known[:, min(k + at, steps - 1)], X[:, -1])[:, None]
        X = np.concatenate([X[:, 1:], new], axis=1) if step is None else step(X, new)
    return np.hstack(out)


def run(**options):
    return lambda one_step, X, known: free_run(one_step, X, known, **options)


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


def one_late(one_step, X, known):
    return free_run(one_step, X, np.concatenate([X[:, -1:, 1:], known[:, :-1]], axis=1))


def features_of_first(one_step, X, known):
    return free_run(one_step, X, np.repeat(known[:, :1], known.shape[1], axis=1))


# --- 07.5 ------------------------------------------------------------------------------------


def pinball_by_sides(y, forecasts, quantiles):
    total = 0.0
    for n, target in enumerate(y):
        for k, q in enumerate(quantiles):
            error = target - forecasts[n, k]
            total += q * error if error > 0 else (1 - q) * -error
    return total / forecasts.size


def pinball_of_size(y, f, q):
    error = y[:, None] - f
    return np.mean(abs(error) / 2 + (q - 0.5) * error)


def pinball_in_theano(y, f, q):
    error = T.shape_padright(y) - f
    return T.maximum(q * error, (q - 1) * error).mean()


def loss(cost, mean=np.mean):
    return lambda y, f, q: mean(cost(y[:, None] - f, q))


def right_cost(e, q):
    return np.maximum(q * e, (q - 1) * e)


def covered(y, low, high):
    return 1 - ((y < low) | (y > high)).sum() / len(y)


# --- 07.6 ------------------------------------------------------------------------------------

REPORT = {
    "series": "cups of coffee in our office",
    "prediction": "persistence wins, as we never change",
    "baselines": {"persistence": 2.0, "seasonal naive": 1.5},
    "network": [1.7, 1.6, 1.4],
    "winner": "seasonal naive",
    "conclusion": "I was wrong: every Monday is alike, and neither rival of it had a week",
}


RIGHT = {
    "07.1": [
        (scale_by_sums, rmse),
        (scale_in_theano, in_units(norm=lambda e: np.linalg.norm(e) / len(e) ** 0.5)),
        (
            lambda s, n: scaled(np.log(s), np.log(s[:n])),
            way_back(lambda z, m, s: np.exp(m + s * z)),
        ),
    ],
    "07.2": [split(), split_by_slices],
    "07.3": [ratio_in_a_loop, ratio_by_slices, ratio_of_logs, forecasts(right_ratio)],
    "07.4": [run(), run_in_one_buffer, run_by_sample],
    "07.5": [
        (pinball_by_sides, covered),
        (pinball_of_size, lambda y, a, b: np.mean([lo <= t <= hi for t, lo, hi in zip(y, a, b)])),
        (pinball_in_theano, lambda y, a, b: np.logical_and(y >= a, y <= b).mean()),
    ],
    "07.6": [
        (REPORT,),
        (
            {
                **REPORT,
                "network": np.array([0.7, 0.6, 0.4, 0.5], "float32"),
                "winner": "network",
                "baselines": {"AR(3)": [0.9], "mean": 2},
            },
        ),
    ],
}

MISTAKES = {
    "07.1": [
        ((lambda s, n: scaled(np.log(s), np.log(s)), rmse), "your scale knows the test part"),
        (
            (lambda s, n: scaled(np.log(s), np.log(s[n:])), rmse),
            "mean and std are those of the test part",
        ),
        (
            (lambda s, n: (scaled(np.log(s), np.log(s))[0], *scale_logs(s, n)[1:]), rmse),
            "but should be",
        ),
        ((lambda s, n: scaled(s, s[:n]), rmse), "the logarithm is missing"),
        ((lambda s, n: scaled(np.log(s), s[:n]), rmse), "those of the series: take them of its"),
        ((lambda s, n: scaled(np.log10(s), np.log10(s[:n])), rmse), "to base 10"),
        ((lambda s, n: scaled(np.log(s[:n]), np.log(s[:n])), rmse), "only the training part"),
        ((lambda s, n: scale_logs(s, n)[0], rmse), "3 results are asked for"),
        (
            (
                lambda s, n: (
                    (np.log(s) - np.log(s).mean()) / np.log(s[:n]).std(),
                    np.log(s).mean(),
                    np.log(s[:n]).std(),
                ),
                rmse,
            ),
            "the mean is that of the whole series",
        ),
        (
            (
                lambda s, n: (
                    (np.log(s) - np.log(s[:n]).mean()) / np.log(s).std(),
                    np.log(s[:n]).mean(),
                    np.log(s).std(),
                ),
                rmse,
            ),
            "the std is that of the whole series",
        ),
        (
            (
                lambda s, n: (
                    (np.log(s) - np.log(s[:n]).mean()) / np.log(s[:n]).var(),
                    np.log(s[:n]).mean(),
                    np.log(s[:n]).var(),
                ),
                rmse,
            ),
            "you divide by the variance",
        ),
        (
            (lambda s, n: (np.log(s) / np.log(s[:n]).std(), *scale_logs(s, n)[1:]), rmse),
            "the mean is not subtracted",
        ),
        (
            (lambda s, n: (np.log(s) - np.log(s[:n]).mean(), *scale_logs(s, n)[1:]), rmse),
            "the std is not used",
        ),
        (
            (
                lambda s, n: (
                    (np.log(s) - np.log(s[:n]).mean()) / np.log(s[:n]).std(ddof=1),
                    np.log(s[:n]).mean(),
                    np.log(s[:n]).std(ddof=1),
                ),
                rmse,
            ),
            "this std divides by n - 1",
        ),
        ((scale_logs, in_units(lambda f, t, back: f - t)), "error of the scaled values"),
        ((scale_logs, way_back(lambda z, m, s: z * s + m)), "exp is missing"),
        ((scale_logs, error_brought_back), "an error cannot be brought back: bring back forecast"),
        (
            (scale_logs, lambda f, t, m, s: np.exp(s * np.sqrt(np.mean((f - t) ** 2)))),
            "not even without the mean",
        ),
        (
            (scale_logs, in_units(lambda f, t, back: back(f - t))),
            "the differences are brought back",
        ),
        ((scale_logs, way_back(lambda z, m, s: np.exp(z * s))), "the mean is not added"),
        ((scale_logs, lambda f, t, m, s: rmse(f, t, 0, s) + m), "but should be"),
        ((scale_logs, way_back(lambda z, m, s: np.exp(z * s) + m)), "not added before exp"),
        ((scale_logs, way_back(lambda z, m, s: np.exp(z + m))), "not multiplied by std"),
        ((scale_logs, way_back(lambda z, m, s: np.exp((z + m) * s))), "going back begins with std"),
        ((scale_logs, way_back(lambda z, m, s: np.exp(z * m + s))), "mean and std are swapped"),
        ((scale_logs, in_units(norm=lambda e: np.mean(e**2))), "its root is missing"),
        ((scale_logs, in_units(norm=lambda e: np.mean(abs(e)))), "mean absolute error"),
        ((scale_logs, in_units(norm=np.linalg.norm)), "root of the sum of squares"),
    ],
    "07.2": [
        (split(train=lambda length, h, n: (length, n - h + 2)), "has 1 of its targets in the test"),
        (split(train=lambda length, h, n: (length, n)), "your last training window has"),
        (split(train=lambda length, h, n: (length, 3 * n // 2)), "must have shape"),
        (split(train=lambda length, h, n: (length, n - h)), "the last window of the training part"),
        (
            split(train=lambda length, h, n: (length + 1, n - h + 1)),
            "the first window of the training",
        ),
        (split(test=lambda length, h, n, time: (n + 1, time - h + 1)), "first window of the test"),
        (split(test=lambda length, h, n, time: (n, time - h)), "last window of the test part"),
        (rest_first, "your test windows begin inside the test part"),
        (
            split(test=lambda length, h, n, time: (n - h + 1, time - h + 1)),
            "of its targets in the training part",
        ),
        (shifted(-1), "y_train begins with the last value of its window"),
        (shifted(1), "y_train comes one step too late"),
        (split(y_of=lambda after: after[:, -1]), "y_train is from the last column"),
        (split(y_of=lambda after: after), "y_train has all features"),
        (split(y_of=lambda after: after[:, :1]), "y_train has an axis too many"),
        (split(y_of=lambda after: after[-1:, 0]), "only the last step of the horizon"),
        (split(y_of=lambda after: after[:1, 0]), "only the first step of the horizon"),
        (split(y_of=lambda after: after[::-1, 0]), "y_train runs backward"),
        (split(X_of=lambda w: w[:, :1]), "X_train has only column 0"),
        (split(X_of=lambda w: w[:, 1:]), "X_train lacks the column"),
        (split(X_of=lambda w: w[::-1]), "X_train runs backward"),
        (changed(X_train=lambda X: X.swapaxes(0, 1)), "X_train is time-major"),
        (changed(y_test=lambda y: y[:, -1:]), "y_test has only the last step"),
        (changed(X_test=lambda X: X[..., :1]), "X_test has only column 0"),
        (lambda *a: split()(*a)[:2], "4 results are asked for"),
    ],
    "07.3": [
        (forecasts(lambda x, t, p, h, start: x[t]), "this is the series itself"),
        (lambda x, p, h, start: ratio_by_slices(x, p, 1, start), "you use x[t - 1]"),
        (lambda x, p, h, start: ratio_by_slices(x, p, 2 if h == 3 else h, start), "+ 1], one step"),
        (lambda x, p, h, start: ratio_by_slices(x, p, h + 1, start), "one step too old"),
        (from_forecasts, "your forecasts go on from forecasts"),
        (
            forecasts(lambda x, t, p, h, start: x[t - p] * x[start - h] / x[start - h - p]),
            "you measure the growth once",
        ),
        (forecasts(lambda x, t, p, h, start: x[t - p]), "the growth is missing"),
        (forecasts(lambda x, t, p, h, start: x[t - h]), "the season is missing"),
        (forecasts(lambda x, t, p, h, start: x[t - h] / x[t - h - p]), "this is only the growth"),
        (
            forecasts(lambda x, t, p, h, start: x[t - p] * x[t - h - p] / x[t - h]),
            "the ratio is upside down",
        ),
        (
            forecasts(lambda x, t, p, h, start: x[t - p] + x[t - h] - x[t - h - p]),
            "you add a difference",
        ),
        (
            forecasts(lambda x, t, p, h, start: x[t - p] * x[t - h] / x[t - h - 1]),
            "your growth is over one step",
        ),
        (lambda *a: ratio_by_slices(*a)[:-1], "the last forecast is missing"),
        (forecasts(right_ratio, first=1), "begin one step too late"),
        (forecasts(right_ratio, first=-1), "begin one step too early"),
        (lambda x, p, h, start: ratio_by_slices(x, p, h, p + h), "forecasts before start"),
    ],
    "07.4": [
        (run(step=lambda X, new: X), "all your steps are the first one"),
        (
            run(step=lambda X, new: np.concatenate([X[:, :-1], new], axis=1)),
            "you overwrite the newest row",
        ),
        (
            run(step=lambda X, new: np.concatenate([new, X[:, :-1]], axis=1)),
            "comes in at the front",
        ),
        (run(step=lambda X, new: np.concatenate([X, new], axis=1)), "one_step needs windows of"),
        (lambda f, X, known: free_run(f, X[..., :1], known[..., :0]), "stops with ValueError"),
        (
            run(row=lambda v, f, last: np.hstack([last[:, :1], f])),
            "the last value seen is used again",
        ),
        (run(row=lambda v, f, last: np.hstack([0 * v, f])), "zeros come in where the forecast"),
        (one_late, "come one step too late"),
        (run(at=1), "come one step too early"),
        (
            run(row=lambda v, f, last: np.hstack([v, 0 * f])),
            "zeros come in where the known features",
        ),
        (
            run(row=lambda v, f, last: np.hstack([v, last[:, 1:]])),
            "features of the last row are repeated",
        ),
        (features_of_first, "only the features of the first step"),
        (run(row=lambda v, f, last: np.hstack([f, v])), "stand before the forecast"),
        (
            lambda f, X, known: np.hstack([X[:, -1, :1], free_run(f, X, known)[:, :-1]]),
            "your first value is the last of the window",
        ),
        (
            lambda f, X, known: np.hstack([X[:, -1, :1], free_run(f, X, known)]),
            "the last value of the window comes out as well",
        ),
        (lambda *a: free_run(*a)[:, ::-1], "run backward in time"),
        (lambda *a: free_run(*a)[..., None], "an axis too many"),
        (lambda *a: free_run(*a)[:, :-1], "the last forecast is missing"),
        (lambda *a: free_run(*a).T, "is it transposed?"),
    ],
    "07.5": [
        ((loss(lambda e, q: right_cost(-e, q)), covered), "the sign of the error is wrong"),
        ((loss(lambda e, q: np.minimum(q * e, (q - 1) * e)), covered), "the smaller of the two"),
        ((loss(lambda e, q: abs(e)), covered), "the mean absolute error"),
        ((loss(lambda e, q: q * abs(e)), covered), "both sides cost q"),
        ((loss(lambda e, q: np.maximum(q * e, 0)), covered), "only forecasts below y"),
        ((loss(lambda e, q: np.maximum((q - 1) * e, 0)), covered), "only forecasts above y"),
        ((loss(lambda e, q: np.maximum(q * e, (q + 1) * e)), covered), "is q - 1, not q + 1"),
        ((loss(lambda e, q: 2 * right_cost(e, q)), covered), "twice the loss"),
        ((loss(right_cost, np.sum), covered), "this is the sum, not the mean"),
        ((loss(right_cost, lambda c: c.mean(axis=1).sum()), covered), "sum over the targets"),
        ((loss(right_cost, lambda c: c.mean(axis=0).sum()), covered), "sum over the quantiles"),
        ((loss(right_cost, lambda c: c.mean(axis=0)), covered), "one loss per quantile"),
        ((loss(right_cost, lambda c: c.mean(axis=1)), covered), "one loss per target"),
        ((loss(right_cost, lambda c: c), covered), "the mean is missing"),
        ((loss(lambda e, q: right_cost(e, q) * abs(e)), covered), "the errors are squared"),
        ((lambda y, f, q: right_cost(y - f, q).mean(), covered), "stops with ValueError"),
        ((pinball_of_size, lambda *a: 1 - covered(*a)), "the share outside"),
        ((pinball_of_size, lambda y, a, b: np.mean((a < y) & (y < b))), "on the edge of the"),
        ((pinball_of_size, lambda y, a, b: np.mean((a <= y) & (y < b))), "on the high edge"),
        ((pinball_of_size, lambda y, a, b: np.mean((a < y) & (y <= b))), "on the low edge"),
        ((pinball_of_size, lambda y, a, b: np.mean(a <= y)), "only the low end"),
        ((pinball_of_size, lambda y, a, b: np.mean(y <= b)), "only the high end"),
        ((pinball_of_size, lambda y, a, b: np.mean(y <= a)), "at the low end or below"),
        ((pinball_of_size, lambda y, a, b: np.mean(y >= b)), "at the high end or above"),
        ((pinball_of_size, lambda y, a, b: sum((a <= y) & (y <= b))), "divide by all of them"),
        ((pinball_of_size, lambda *a: 100 * covered(*a)), "this is in percent"),
        ((pinball_of_size, lambda y, a, b: np.mean(b - a)), "mean width of the interval"),
        ((pinball_of_size, lambda y, a, b: (a <= y) & (y <= b)), "take their mean"),
    ],
    "07.6": [
        ((REPORT["network"],), "must be a dict"),
        (({**REPORT, "series": "coffee"},), "description of the series is too short"),
        (({**REPORT, "prediction": "no idea"},), "the prediction is too short"),
        (({**REPORT, "baselines": {"persistence": 2.0}},), "at least 2 errors by name"),
        (({**REPORT, "baselines": [2.0, 1.5]},), "'baselines' must be a dict"),
        (
            ({**REPORT, "baselines": {"persistence": 2.0, "network": 1.0}},),
            "none of them 'network'",
        ),
        (({**REPORT, "baselines": {"persistence": 2.0, "mean": 2.0}},), "have the same error"),
        (({**REPORT, "baselines": {"AR": np.nan, "mean": 2.0}},), "the error of 'AR' contains NaN"),
        (({**REPORT, "network": [1.7, 1.6]},), "at least 3 numbers"),
        (({**REPORT, "network": [1.7, 1.7, 1.7]},), "is each seed a new start"),
        (({**REPORT, "network": [1.7, -1.6, 1.7]},), "never negative"),
        (({**REPORT, "winner": "network"},), "seasonal naive has a smaller median"),
        (({**REPORT, "winner": "GRU"},), "must be one of persistence, seasonal naive, network"),
        (({**REPORT, "conclusion": "the naive one won"},), "the conclusion is too short"),
    ],
}
