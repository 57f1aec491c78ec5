"""The exercises of chapter 07: scaling, windows, seasons, free runs, quantiles, and a contest."""

import numpy as np

from course_lib.exercises.answer import NotYet, compare
from course_lib.exercises.draws import drawn_apart
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, numbers, winner, words


def scale_logs(series, logs, part=slice(None), ddof=0):
    """`logs` scaled by the mean and the standard deviation of a part of `series`."""
    mean, std = series[part].mean(), series[part].std(ddof=ddof)
    return (logs - mean) / std, mean, std


def root_mean_square(errors):
    """The root of the mean of the squares of `errors`."""
    return np.sqrt(np.mean(errors**2))


def errors_in_units(n, rng):
    """A scaled forecast and target, mean and std; the RMSE in units of the series; mistakes."""
    forecast, target = rng.normal(size=(2, n))
    mean, std = rng.uniform(0.7, 1.5), rng.uniform(0.3, 0.6)

    def error(back):
        return back(forecast) - back(target)

    right, scaled = error(lambda z: np.exp(z * std + mean)), forecast - target
    mistakes = {
        "this is the error of the scaled values: bring them back first": root_mean_square(scaled),
        "this is the error of the logarithms: exp is missing": root_mean_square(scaled * std),
        "an error cannot be brought back: bring back forecast and target, then subtract": (
            np.exp(root_mean_square(scaled) * std + mean)
        ),
        "an error cannot be brought back, not even without the mean: bring back forecast and "
        "target, then subtract": np.exp(root_mean_square(scaled) * std),
        "the differences are brought back: bring back forecast and target, then subtract": (
            root_mean_square(np.exp(scaled * std + mean))
        ),
        "the mean is not added before exp": root_mean_square(error(lambda z: np.exp(z * std))),
        "the values are not multiplied by std": (
            root_mean_square(error(lambda z: np.exp(z + mean)))
        ),
        "scaling ended with a division, so going back begins with std, not with the mean": (
            root_mean_square(error(lambda z: np.exp((z + mean) * std)))
        ),
        "mean and std are swapped": root_mean_square(error(lambda z: np.exp(z * mean + std))),
        "this is the MSE: its root is missing": np.mean(right**2),
        "this is the mean absolute error, not the root of the mean square": np.abs(right).mean(),
        "this is the root of the sum of squares, not of their mean": np.sqrt(np.sum(right**2)),
    }
    return (forecast, target, mean, std), root_mean_square(right), mistakes


@exercise(
    "07.1",
    "Take the logarithm of the whole series first. Only mean and std are those of logs[:n_train].",
    "Scaled is (logs - mean) / std. Backward, in the opposite order: times std, plus mean, exp.",
    "Bring the forecast and the target back, each for itself. Then comes the difference.",
)
def logs_and_back(scale, rmse, rng):
    """Logarithms scaled by the training part, and the RMSE in units of the series."""
    for time, n_train in [(20, 12), (9, 5), (14, 4)]:
        series = np.exp(rng.normal(size=time) + np.linspace(0, 3, time))
        logs, train = np.log(series), slice(n_train)
        right = scaled, mean, std = scale_logs(logs, logs, train)
        scale.gives(
            right,
            *(series, n_train),
            names=["scaled", "mean", "std"],
            mistakes={
                "your scale knows the test part: mean and std are those of the first n_train "
                "steps": scale_logs(logs, logs),
                "the mean is that of the whole series: it knows the test part": (
                    ((logs - logs.mean()) / std, logs.mean(), std)
                ),
                "the std is that of the whole series: it knows the test part": (
                    ((logs - mean) / logs.std(), mean, logs.std())
                ),
                "mean and std are those of the test part": (
                    scale_logs(logs, logs, slice(n_train, None))
                ),
                "the logarithm is missing": scale_logs(series, series, train),
                "mean and std are those of the series: take them of its logarithm": (
                    scale_logs(series, logs, train)
                ),
                "this is the logarithm to base 10: take the natural one": (
                    (scaled, mean / np.log(10), std / np.log(10))
                ),
                "only the training part comes out: scale the test part in the same way": (
                    (scaled[train], mean, std)
                ),
                "you divide by the variance": ((logs - mean) / std**2, mean, std**2),
                "the mean is not subtracted": (logs / std, mean, std),
                "the std is not used: divide by it": (logs - mean, mean, std),
                "this std divides by n - 1: divide by n": scale_logs(logs, logs, train, ddof=1),
            },
        )
    for n in (6, 11):
        given, right, mistakes = drawn_apart(lambda n=n: errors_in_units(n, rng))
        rmse.gives(right, *given, names=["the RMSE"], mistakes=mistakes)


def cut(series, length, horizon, starts, shift=0, column=0):
    """X and y of the windows whose first targets come at the times `starts`."""
    X = np.array([series[s - length : s] for s in starts])
    y = np.array([series[s + shift :][:horizon, column] for s in starts])
    return X, y


def window_mistakes(part, series, length, horizon, starts):
    """Mistakes that both parts share, by what is wrong with the part."""
    X, y = cut(series, length, horizon, starts)
    every = np.array([series[s : s + horizon] for s in starts])
    name = {"train": "training", "test": "test"}[part]
    return {
        f"y_{part} begins with the last value of its window: it must begin after it": (
            cut(series, length, horizon, starts, shift=-1)
        ),
        f"y_{part} comes one step too late: it begins right after the window": (
            cut(series, length, horizon, starts[:-1], shift=1)
        ),
        f"y_{part} is from the last column: the one to forecast is column 0": (
            cut(series, length, horizon, starts, column=-1)
        ),
        f"y_{part} has all features: only column 0 is to be forecast": (X, every),
        f"y_{part} has an axis too many: (n, horizon) is asked for": (X, y[..., None]),
        f"y_{part} has only the last step of the horizon: all of them are asked for": (
            (X, y[:, -1:])
        ),
        f"y_{part} has only the first step of the horizon: all of them are asked for": (
            (X, y[:, :1])
        ),
        f"y_{part} runs backward in time": (X, y[:, ::-1]),
        f"X_{part} has only column 0: the windows hold all features": (X[..., :1], y),
        f"X_{part} lacks the column that is forecast: its past is the best help": (X[..., 1:], y),
        f"X_{part} runs backward in time": (X[:, ::-1], y),
        f"X_{part} is time-major: (n, length, features) is asked for": (X.swapaxes(0, 1), y),
        f"the first window of the {name} part is missing": (X[1:], y[1:]),
        f"the last window of the {name} part is missing: its targets are still in it": (
            (X[:-1], y[:-1])
        ),
    }


@exercise(
    "07.2",
    "Let s be the time of the first target. Its window is series[s - length : s] and its targets "
    "series[s : s + horizon, 0].",
    "The first s of the training part is length. What is its last s, if s + horizon - 1 must be "
    "below n_train?",
    "`train = range(length, n_train - horizon + 1)` and `test = range(n_train, len(series) - "
    "horizon + 1)`.",
)
def windows_of_two_parts(answer, rng):
    """Windows with several targets, split so that no value of the test part is learned."""
    names = ["X_train", "y_train", "X_test", "y_test"]
    for time, features, length, horizon, n_train in [(26, 3, 4, 3, 14), (20, 2, 5, 2, 11)]:
        series = rng.normal(size=(time, features)) + 2
        result = answer(series, length, horizon, n_train)
        if not isinstance(result, (tuple, list)) or len(result) != 4:
            raise NotYet(f"4 results are asked for ({', '.join(names)})")
        same = (series, length, horizon)
        train, test = range(length, n_train - horizon + 1), range(n_train, time - horizon + 1)
        into_test = {
            f"your last training window has {k} of its targets in the test part: leave windows "
            "out that reach across": cut(*same, range(length, train.stop + k))
            for k in range(1, horizon + 1)
        }
        into_train = {
            f"your first test window has {k} of its targets in the training part: they are not "
            "new": cut(*same, range(n_train - k, test.stop))
            for k in range(1, horizon + 1)
        }
        compare(
            tuple(result[:2]),
            cut(*same, train),
            names=names[:2],
            mistakes={
                **into_test,
                "these are all windows of the series: keep those of the training part": (
                    cut(*same, range(length, test.stop))
                ),
                **window_mistakes("train", *same, train),
            },
        )
        compare(
            tuple(result[2:]),
            cut(*same, test),
            names=names[2:],
            mistakes={
                "your test windows begin inside the test part: a window may look back, only its "
                "targets must be new": cut(*same, range(n_train + length, test.stop)),
                **into_train,
                **window_mistakes("test", *same, test),
            },
        )


def ratio(x, t, period, horizon):
    """The value of one period before t, times the growth known `horizon` steps before t."""
    return x[t - period] * x[t - horizon] / x[t - horizon - period]


def fed_back(series, period, horizon, start):
    """Forecasts that go on from forecasts instead of true values."""
    x = series.copy()
    for t in range(start, len(x)):
        x[t] = ratio(x, t, period, horizon)
    return x[start:]


@exercise(
    "07.3",
    "The last value known is x[t - horizon]. The same season one period before it is "
    "x[t - horizon - period]; their ratio is the growth.",
    "All forecasts at once: t = np.arange(start, len(series)), and index the series by "
    "t - period and so on.",
    "`x[t - period] * x[t - horizon] / x[t - horizon - period]`",
)
def seasonal_ratio(answer, rng):
    """Forecasts by the seasonal ratio, some steps ahead, each from the true past."""
    for time, period, horizon, start in [(24, 4, 1, 11), (29, 6, 3, 15), (20, 5, 2, 8)]:
        x, t = np.exp(rng.normal(size=time)), np.arange(start, time)
        last = start - horizon
        answer.gives(
            ratio(x, t, period, horizon),
            *(x, period, horizon, start),
            names=["the forecast"],
            mistakes={
                "this is the series itself: a forecast of x[t] must not use x[t]": x[t],
                f"you use x[t - 1], which is not known {horizon} steps ahead": (
                    ratio(x, t, period, 1)
                ),
                "you use x[t - horizon + 1], one step after the last value that is known": (
                    ratio(x, t, period, horizon - 1)
                ),
                "the growth is one step too old: x[t - horizon] is known": (
                    ratio(x, t, period, horizon + 1)
                ),
                "your forecasts go on from forecasts: walking forward, each one starts from the "
                "true past": fed_back(x, period, horizon, start),
                "you measure the growth once, at the start: measure it anew for each forecast": (
                    x[t - period] * x[last] / x[last - period]
                ),
                "this is the value of one period ago: the growth is missing": x[t - period],
                "this is the last known value: the season is missing": x[t - horizon],
                "this is only the growth: multiply it by the value of one period ago": (
                    x[t - horizon] / x[t - horizon - period]
                ),
                "the ratio is upside down: new over old is growth": (
                    x[t - period] * x[t - horizon - period] / x[t - horizon]
                ),
                "you add a difference: multiply by a ratio": (
                    x[t - period] + x[t - horizon] - x[t - horizon - period]
                ),
                "your growth is over one step: take it over a whole period": (
                    x[t - period] * x[t - horizon] / x[t - horizon - 1]
                ),
                "the last forecast is missing": ratio(x, t[:-1], period, horizon),
                "your forecasts begin one step too late: the first is for x[start]": (
                    ratio(x, t[1:], period, horizon)
                ),
                "your forecasts begin one step too early: the first is for x[start]": (
                    ratio(x, np.arange(start - 1, time), period, horizon)
                ),
                "there are forecasts before start, too": (
                    ratio(x, np.arange(horizon + period, time), period, horizon)
                ),
            },
        )


def slide(X, row):
    """The window one step later: the oldest row falls out, the new one comes in last."""
    return np.concatenate([X[:, 1:], row[:, None]], axis=1)


def free_run(one_step, X, known, step=slide, row=lambda value, k: value):
    """The forecasts (n, steps); `row(value, k)` are the features after a value."""
    path = []
    for k in range(known.shape[1]):
        path.append(one_step(X))
        X = step(X, row(path[-1], k))
    return np.concatenate(path, axis=1)


def free_run_mistakes(one_step, X, known):
    """What a function with a typical mistake returns."""
    late = np.concatenate([X[:, -1:, 1:], known], axis=1)
    early = np.concatenate([known[:, 1:], known[:, -1:]], axis=1)

    def run(features=known, **options):
        return free_run(
            one_step, X, known, row=lambda v, k: np.hstack([v, features[:, k]]), **options
        )

    def overwrite(X, row):
        return np.concatenate([X[:, :-1], row[:, None]], axis=1)

    def in_front(X, row):
        return np.concatenate([row[:, None], X[:, :-1]], axis=1)

    def wrong_value(value):
        return free_run(one_step, X, known, row=lambda v, k: np.hstack([value, known[:, k]]))

    right, last = run(), X[:, -1, :1]
    return right, {
        "all your steps are the first one: the forecast must go back into the window": (
            run(step=lambda X, row: X)
        ),
        "you overwrite the newest row: drop the oldest one, and add a new one": (
            run(step=overwrite)
        ),
        "the new row comes in at the front, where the oldest is: it belongs at the end": (
            run(step=in_front)
        ),
        "the last value seen is used again and again: the forecast must come in": (
            wrong_value(last)
        ),
        "zeros come in where the forecast belongs": wrong_value(0 * last),
        "the known features come one step too late: known[:, 0] belongs to the first forecast": (
            run(late)
        ),
        "the known features come one step too early: known[:, 0] belongs to the first forecast": (
            run(early)
        ),
        "zeros come in where the known features belong": run(0 * known),
        "the features of the last row are repeated: take the known ones": (
            run(np.repeat(X[:, -1:, 1:], known.shape[1], axis=1))
        ),
        "only the features of the first step are used: take known[:, k] at step k": (
            run(np.repeat(known[:, :1], known.shape[1], axis=1))
        ),
        "the known features stand before the forecast: feature 0 is the series": (
            free_run(one_step, X, known, row=lambda v, k: np.hstack([known[:, k], v]))
        ),
        "your first value is the last of the window: the first forecast comes first": (
            np.hstack([last, right[:, :-1]])
        ),
        "the last value of the window comes out as well: only forecasts are asked for": (
            np.hstack([last, right])
        ),
        "the forecasts run backward in time": right[:, ::-1],
        "your result has an axis too many: (n, steps) is asked for": right[..., None],
        "the last forecast is missing": right[:, :-1],
    }


@exercise(
    "07.4",
    "A loop over the steps: forecast, keep the forecast, make the next window.",
    "A new row is the forecast and known[:, k] side by side: np.hstack of (n, 1) and "
    "(n, features - 1).",
    "The next window: `np.concatenate([X[:, 1:], row[:, None]], axis=1)`.",
)
def free_running(answer, rng):
    """A forecast of many steps from a model of one step, with features known in advance."""
    for n, length, features, steps in [(3, 4, 3, 6), (2, 3, 2, 5), (4, 2, 1, 3)]:
        weights = rng.normal(size=(length, features)) + 0.5

        def one_step(X, weights=weights):
            X = np.asarray(X)
            if X.ndim != 3 or X.shape[1:] != weights.shape:
                raise ValueError(
                    f"one_step needs windows of shape (n, {', '.join(map(str, weights.shape))}), "
                    f"got {X.shape}"
                )
            return 2 * np.sin((X * weights).sum(axis=(1, 2)))[:, None]

        X = rng.normal(size=(n, length, features))
        known = rng.normal(size=(n, steps, features - 1))
        right, mistakes = free_run_mistakes(one_step, X, known)
        answer.gives(right, *(one_step, X, known), names=["the forecast"], mistakes=mistakes)


def pinball(error, q):
    """The pinball loss of each error, target minus forecast."""
    return np.maximum(q * error, (q - 1) * error)


def pinball_losses(n, k, rng):
    """Targets (n,), forecasts (n, k) of k quantiles; their mean loss; and mistakes."""
    y, q = rng.normal(size=n), np.sort(rng.uniform(0.05, 0.95, size=k))
    error = rng.normal(size=(n, k)) + rng.choice([-0.5, 0.5])
    right = pinball(error, q)
    mistakes = {
        "the sign of the error is wrong: a forecast below y costs q per unit": (
            pinball(-error, q).mean()
        ),
        "this is the smaller of the two, which is negative: take the larger one": (
            np.minimum(q * error, (q - 1) * error).mean()
        ),
        "this is the mean absolute error: the two sides must cost differently": (
            np.abs(error).mean()
        ),
        "both sides cost q: a forecast above y costs 1 - q": (q * np.abs(error)).mean(),
        "only forecasts below y cost something: those above cost 1 - q": (
            (q * np.maximum(error, 0)).mean()
        ),
        "only forecasts above y cost something: those below cost q": (
            ((1 - q) * np.maximum(-error, 0)).mean()
        ),
        "the factor on the other side is q - 1, not q + 1": (
            np.maximum(q * error, (q + 1) * error).mean()
        ),
        "this is twice the loss": 2 * right.mean(),
        "this is the sum over the targets, not the mean": right.sum() / k,
        "this is the sum over the quantiles, not the mean": right.sum() / n,
        "this is the sum, not the mean": right.sum(),
        "one loss per quantile comes out: take the mean of them, too": right.mean(axis=0),
        "one loss per target comes out: take the mean of them, too": right.mean(axis=1),
        "the mean is missing: one number is asked for": right,
        "the errors are squared: this loss is made of straight lines": (
            (right * np.abs(error)).mean()
        ),
    }
    return (y, y[:, None] - error, q), right.mean(), mistakes


def cases(rng):
    """Targets and intervals: how many lie below, on the low edge, inside, on the high edge, above.

    Drawn so that no two ways to count wrongly give the same share.
    """
    while True:
        below, low, inside, high, above = counts = rng.integers(1, 12, size=5)
        ways = {
            below + above: "this is the share outside the interval",
            inside: "a target on the edge of the interval counts: low <= y <= high",
            inside + low: "a target on the high edge counts: low <= y <= high",
            inside + high: "a target on the low edge counts: low <= y <= high",
            low + inside + high + above: "only the low end is looked at: y may be too high, too",
            below + low + inside + high: "only the high end is looked at: y may be too low, too",
            below + low: "this is the share at the low end or below",
            high + above: "this is the share at the high end or above",
        }
        if len({low + inside + high, *ways}) == 9:
            return counts, ways


def targets(rng, counts):
    """y, low and high with so many targets at each place."""
    n = counts.sum()
    low, width = rng.normal(size=n), rng.uniform(0.5, 2, size=n)
    high = low + width
    place = rng.permutation(np.repeat(np.arange(5), counts))
    y = np.choose(
        place, [low - rng.uniform(0.1, 1, size=n), low, low + width / 3, high, high + width]
    )
    return y, low, high


@exercise(
    "07.5",
    "The error is y[:, None] - forecasts, shape (n, k): positive where the forecast is too low.",
    "np.maximum(q * error, (q - 1) * error), and the mean of it all.",
    "A comparison gives True and False, which count as 1 and 0: their mean is a share. Two "
    "conditions are joined by &, each in brackets.",
)
def quantiles(loss, coverage, rng):
    """The pinball loss of several quantiles, and how many targets an interval holds."""
    for n, k in [(9, 3), (6, 4), (5, 3)]:
        given, right, mistakes = drawn_apart(lambda n=n, k=k: pinball_losses(n, k, rng))
        loss.gives(right, *given, names=["the pinball loss"], mistakes=mistakes)
    for _ in range(3):
        counts, ways = cases(rng)
        y, low, high = targets(rng, counts)
        n, inside = len(y), counts[1:4].sum()
        coverage.gives(
            inside / n,
            *(y, low, high),
            names=["the coverage"],
            mistakes={
                **{sentence: count / n for count, sentence in ways.items()},
                "this is a number of targets: divide by all of them": inside,
                "this is in percent: a share is between 0 and 1": 100 * inside / n,
                "this is the mean width of the interval": (high - low).mean(),
                "this is True or False for each target: take their mean": (
                    np.where((low <= y) & (y <= high), 1, 0)
                ),
            },
        )


@exercise(
    "07.6",
    "Any series does: datasets.sunspots, one column of datasets.stocks, or a file of your own "
    "with datasets.load_series.",
    "`contest(series, n_train)` gives the errors of the baselines, a dict, and those of the "
    "network, a list.",
    "The winner is 'network' or the name of a baseline, whichever has the smallest error; for the "
    "network the median counts.",
)
def own_forecast(report, rng):
    """The errors of a network and of at least two baselines on a series of the learner's own."""
    keys = ("series", "prediction", "baselines", "network", "winner", "conclusion")
    series, prediction, baselines, network, best, conclusion = entries(report, *keys)
    words(series, "the description of the series", 4)
    words(prediction, "the prediction", 5)
    if not isinstance(baselines, dict) or len(baselines) < 2 or "network" in baselines:
        raise NotYet(
            "'baselines' must be a dict of at least 2 errors by name, none of them 'network'"
        )
    errors = {
        name: numbers(np.atleast_1d(value), f"the error of {name!r}", 1)
        for name, value in baselines.items()
    }
    if len({float(np.median(values)) for values in errors.values()}) < 2:
        raise NotYet("all baselines have the same error: choose another one, such as AR(12)")
    errors["network"] = numbers(network, "the list of errors of the network", 3)
    for name, values in errors.items():
        if (values < 0).any():
            raise NotYet(f"an RMSE is never negative, but one of {name} is")
    if len(np.unique(errors["network"])) < 2:
        raise NotYet("all errors of the network are equal: is each seed a new start?")
    winner(best, errors)
    words(conclusion, "the conclusion", 10)
