"""The exercises of chapter 07: scaling, windows, seasons, free runs, quantiles, and a contest."""

from functools import partial

import numpy as np

from course_lib.exercises.answer import NotYet, as_arrays, equal
from course_lib.exercises.question import Question, then, with_each
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, numbers, winner, words

# --- 07.1: logarithms and back -----------------------------------------------------------------


def scale_logs(
    series, n_train, log=np.log, mean_std=lambda logs, n: (logs[:n].mean(), logs[:n].std())
):
    """Scaled logarithms, their mean and standard deviation; every option is for a mistake."""
    logs = log(series)
    mean, std = mean_std(logs, n_train)
    return (logs - mean) / std, mean, std


MEANS_AND_STDS = {
    "your scale knows the test part: mean and std are those of the first n_train "
    "steps": lambda logs, n: (logs.mean(), logs.std()),
    "the mean is that of the whole series: it knows the test part": (
        lambda logs, n: (logs.mean(), logs[:n].std())
    ),
    "the std is that of the whole series: it knows the test part": (
        lambda logs, n: (logs[:n].mean(), logs.std())
    ),
    "mean and std are those of the test part": lambda logs, n: (logs[n:].mean(), logs[n:].std()),
    "mean and std are those of the series: take them of its logarithm": (
        lambda logs, n: (np.exp(logs[:n]).mean(), np.exp(logs[:n]).std())
    ),
    "you divide by the variance": lambda logs, n: (logs[:n].mean(), logs[:n].var()),
    "this std divides by n - 1: divide by n": (
        lambda logs, n: (logs[:n].mean(), logs[:n].std(ddof=1))
    ),
}


def root_mean_square(errors):
    """The root of the mean of the squares of `errors`."""
    return np.sqrt(np.mean(errors**2))


def rmse_in_units(*given, back=lambda z, mean, std: np.exp(z * std + mean), norm=root_mean_square):
    """The error of a scaled forecast in units of the series; every option is for a mistake."""
    forecast, target, mean, std = given
    return norm(back(forecast, mean, std) - back(target, mean, std))


WAYS_BACK = {
    "this is the error of the scaled values: bring them back first": lambda z, mean, std: z,
    "this is the error of the logarithms: exp is missing": lambda z, mean, std: z * std + mean,
    "the mean is not added before exp": lambda z, mean, std: np.exp(z * std),
    "the values are not multiplied by std": lambda z, mean, std: np.exp(z + mean),
    "scaling ended with a division, so going back begins with std, not with the mean": (
        lambda z, mean, std: np.exp((z + mean) * std)
    ),
    "mean and std are swapped": lambda z, mean, std: np.exp(z * mean + std),
}
NORMS = {
    "this is the MSE: its root is missing": lambda errors: np.mean(errors**2),
    "this is the mean absolute error, not the root of the mean square": (
        lambda errors: np.abs(errors).mean()
    ),
    "this is the root of the sum of squares, not of their mean": np.linalg.norm,
}


def growing_series(rng):
    """Series that grow, so that both parts differ in mean and standard deviation."""
    for time, n_train in [(20, 12), (9, 5), (14, 4)]:
        yield np.exp(rng.normal(size=time) + np.linspace(0, 3, time)), n_train


def scaled_forecasts(rng):
    """A scaled forecast, its target, a mean and a standard deviation."""
    for n in (6, 11):
        yield *rng.normal(size=(2, n)), rng.uniform(0.7, 1.5), rng.uniform(0.3, 0.6)


exercise(
    "07.1",
    Question(
        scale_logs,
        growing_series,
        {
            **with_each(scale_logs, "mean_std", MEANS_AND_STDS),
            "the logarithm is missing": partial(scale_logs, log=np.asarray),
            "this is the logarithm to base 10: take the natural one": (
                partial(scale_logs, log=np.log10)
            ),
            "only the training part comes out: scale the test part in the same way": (
                lambda series, n: scale_logs(series[:n], n)
            ),
            "the mean is not subtracted": (
                then(scale_logs, lambda scaled, mean, std: (scaled + mean / std, mean, std))
            ),
            "the std is not used: divide by it": (
                then(scale_logs, lambda scaled, mean, std: (scaled * std, mean, std))
            ),
        },
        names=["scaled", "mean", "std"],
    ),
    Question(
        rmse_in_units,
        scaled_forecasts,
        {
            **with_each(rmse_in_units, "back", WAYS_BACK),
            "an error cannot be brought back: bring back forecast and target, then subtract": (
                lambda f, t, mean, std: np.exp(root_mean_square(f - t) * std + mean)
            ),
            "an error cannot be brought back, not even without the mean: bring back forecast and "
            "target, then subtract": lambda f, t, mean, std: np.exp(root_mean_square(f - t) * std),
            "the differences are brought back: bring back forecast and target, then subtract": (
                lambda f, t, mean, std: root_mean_square(np.exp((f - t) * std + mean))
            ),
            **with_each(rmse_in_units, "norm", NORMS),
        },
        names=["the RMSE"],
    ),
    hints=[
        "Take the logarithm of the whole series first. Only the mean and the std come from "
        "logs[:n_train].",
        "The scaled values are (logs - mean) / std. Going back, in the opposite order: times "
        "std, plus mean, exp.",
        "Bring back the forecast and the target, each on its own. Then take the difference.",
    ],
)

# --- 07.2: windows of two parts ----------------------------------------------------------------


def cut(series, length, horizon, starts, shift=0, column=0):
    """X and y of the windows whose first targets come at the times `starts`."""
    X = np.array([series[s - length : s] for s in starts])
    y = np.array([series[s + shift :][:horizon, column] for s in starts])
    return X, y


def split_windows(series, length, horizon, n_train, train=cut, test=cut):
    """Windows of both parts; every other way to cut them is a mistake."""
    same = (series, length, horizon)
    of_train = train(*same, range(length, n_train - horizon + 1))
    of_test = test(*same, range(n_train, len(series) - horizon + 1))
    return *of_train, *of_test


def moved(first, last):
    """A cut whose first and last windows come so much later."""
    return lambda series, length, horizon, starts: cut(
        series, length, horizon, range(starts.start + first, starts.stop + last)
    )


def every_window(series, length, horizon, starts):
    """Windows of all of the series."""
    return cut(series, length, horizon, range(length, len(series) - horizon + 1))


def mistakes_in(part, name):
    """Mistakes that both parts share."""
    cuts = {
        f"y_{part} begins with the last value of its window: it must begin after it": (
            partial(cut, shift=-1)
        ),
        f"y_{part} comes one step too late: it begins right after the window": (
            lambda series, length, horizon, starts: cut(
                series, length, horizon, starts[:-1], shift=1
            )
        ),
        f"y_{part} is from the last column: the one to forecast is column 0": (
            partial(cut, column=-1)
        ),
        f"y_{part} has all features: only column 0 is to be forecast": (
            partial(cut, column=slice(None))
        ),
        f"y_{part} has an axis too many: return (n, horizon)": (
            then(cut, lambda X, y: (X, y[..., None]))
        ),
        f"y_{part} has only the last step of the horizon: return all of them": (
            then(cut, lambda X, y: (X, y[:, -1:]))
        ),
        f"y_{part} has only the first step of the horizon: return all of them": (
            then(cut, lambda X, y: (X, y[:, :1]))
        ),
        f"y_{part} runs backward in time": then(cut, lambda X, y: (X, y[:, ::-1])),
        f"X_{part} has only column 0: the windows hold all features": (
            then(cut, lambda X, y: (X[..., :1], y))
        ),
        f"X_{part} lacks the column that is forecast: its own past helps most": (
            then(cut, lambda X, y: (X[..., 1:], y))
        ),
        f"X_{part} runs backward in time": then(cut, lambda X, y: (X[:, ::-1], y)),
        f"X_{part} is time-major: return (n, length, features)": (
            then(cut, lambda X, y: (X.swapaxes(0, 1), y))
        ),
        f"the first window of the {name} part is missing": moved(1, 0),
        f"the last window of the {name} part is missing: its targets are still in it": moved(0, -1),
    }
    return with_each(split_windows, part, cuts)


NAMES = ("X_train", "y_train", "X_test", "y_test")


def training_first(result, *given):
    """The four arrays; those of the test part count once the training part is right."""
    right = split_windows(*given)
    arrays = as_arrays(result, right, NAMES)
    return arrays if all(map(equal, arrays[:2], right[:2])) else arrays[:2] + right[2:]


def series_with_features(rng):
    """Series of several features, with lengths, horizons and training parts."""
    for time, features, length, horizon, n_train in [(26, 3, 4, 3, 14), (20, 2, 5, 2, 11)]:
        yield rng.normal(size=(time, features)) + 2, length, horizon, n_train


exercise(
    "07.2",
    Question(
        split_windows,
        series_with_features,
        {
            **{
                f"your last training window has {k} of its targets in the test part: leave windows "
                "out that reach across": partial(split_windows, train=moved(0, k))
                for k in (1, 2, 3)
            },
            "these are all windows of the series: keep those of the training part": (
                partial(split_windows, train=every_window)
            ),
            **mistakes_in("train", "training"),
            "your test windows begin inside the test part: a window may look back, only its "
            "targets must be new": lambda series, length, *others: split_windows(
                series, length, *others, test=moved(length, 0)
            ),
            **{
                f"your first test window has {k} of its targets in the training part: they are not "
                "new": partial(split_windows, test=moved(-k, 0))
                for k in (1, 2, 3)
            },
            **mistakes_in("test", "test"),
        },
        names=NAMES,
        look=training_first,
    ),
    hints=[
        "Let s be the time of the first target. Its window is series[s - length : s] and its "
        "targets series[s : s + horizon, 0].",
        "The first s of the training part is length. What is its last s, if s + horizon - 1 must "
        "be below n_train?",
        "`train = range(length, n_train - horizon + 1)` and `test = range(n_train, len(series) - "
        "horizon + 1)`.",
    ],
)

# --- 07.3: the seasonal ratio ------------------------------------------------------------------


def ratio(x, t, p, h):
    """The value of one period p before t, times the growth known h steps before t."""
    return x[t - p] * x[t - h] / x[t - h - p]


def seasonal_ratio(x, period, horizon, start, formula=ratio, first=0):
    """Forecasts from `start` + `first` on; another formula or another first is a mistake."""
    return formula(x, np.arange(start + first, len(x)), period, horizon)


def fed_back(series, period, horizon, start):
    """Forecasts that go on from forecasts instead of true values."""
    x = series.copy()
    for t in range(start, len(x)):
        x[t] = ratio(x, t, period, horizon)
    return x[start:]


FORMULAS = {
    "this is the series itself: a forecast of x[t] must not use x[t]": lambda x, t, p, h: x[t],
    "you use x[t - 1], which is not known 3 steps ahead": lambda x, t, p, h: ratio(x, t, p, 1),
    "you use x[t - horizon + 1], one step after the last value that is known": (
        lambda x, t, p, h: ratio(x, t, p, h - 1)
    ),
    "the growth is one step too old: x[t - horizon] is known": (
        lambda x, t, p, h: ratio(x, t, p, h + 1)
    ),
    "you measure the growth once, at the start: measure it anew for each forecast": (
        lambda x, t, p, h: x[t - p] * x[t[0] - h] / x[t[0] - h - p]
    ),
    "this is the value of one period ago: the growth is missing": lambda x, t, p, h: x[t - p],
    "this is the last known value: the season is missing": lambda x, t, p, h: x[t - h],
    "this is only the growth: multiply it by the value of one period ago": (
        lambda x, t, p, h: x[t - h] / x[t - h - p]
    ),
    "the ratio is upside down: new over old is growth": (
        lambda x, t, p, h: x[t - p] * x[t - h - p] / x[t - h]
    ),
    "you add a difference: multiply by a ratio": (
        lambda x, t, p, h: x[t - p] + x[t - h] - x[t - h - p]
    ),
    "your growth is over one step: take it over a whole period": (
        lambda x, t, p, h: x[t - p] * x[t - h] / x[t - h - 1]
    ),
}


def seasonal_series(rng):
    """Positive series with their periods, some steps ahead."""
    for time, period, horizon, start in [(24, 4, 1, 11), (29, 6, 3, 15), (20, 5, 2, 8)]:
        yield np.exp(rng.normal(size=time)), period, horizon, start


exercise(
    "07.3",
    Question(
        seasonal_ratio,
        seasonal_series,
        {
            **with_each(seasonal_ratio, "formula", FORMULAS),
            "your forecasts go on from forecasts: walking forward, each one starts from the "
            "true past": fed_back,
            "the last forecast is missing": then(seasonal_ratio, lambda forecast: forecast[:-1]),
            "your forecasts begin one step too late: the first is for x[start]": (
                partial(seasonal_ratio, first=1)
            ),
            "your forecasts begin one step too early: the first is for x[start]": (
                partial(seasonal_ratio, first=-1)
            ),
            "there are forecasts before start, too": (
                lambda x, p, h, start: seasonal_ratio(x, p, h, p + h)
            ),
        },
        names=["the forecast"],
    ),
    hints=[
        "The last value known is x[t - horizon]. The same season one period before it is "
        "x[t - horizon - period]; their ratio is the growth.",
        "All forecasts at once: t = np.arange(start, len(series)), and index the series by "
        "t - period and so on.",
        "`x[t - period] * x[t - horizon] / x[t - horizon - period]`",
    ],
)

# --- 07.4: a free run --------------------------------------------------------------------------


def free_run(
    one_step,
    X,
    known,
    row=lambda value, features, last: np.hstack([value, features]),
    step=lambda X, row: np.concatenate([X[:, 1:], row], axis=1),
):
    """The forecasts (n, steps); every option is for a mistake.

    `row` makes the next row of a window from a forecast, known features and the row before it.
    """
    path = []
    for k in range(known.shape[1]):
        path.append(one_step(X))
        X = step(X, row(path[-1], known[:, k], X[:, -1])[:, None])
    return np.concatenate(path, axis=1)


def run_with(change):
    """A free run with other known features, ``change(known, those of the last row)``."""
    return lambda one_step, X, known: free_run(one_step, X, change(known, X[:, -1:, 1:]))


STEPS = {
    "all your steps are the first one: the forecast must go back into the window": lambda X, row: X,
    "you overwrite the newest row: drop the oldest one, and add a new one": (
        lambda X, row: np.concatenate([X[:, :-1], row], axis=1)
    ),
    "the new row comes in at the front, where the oldest is: it belongs at the end": (
        lambda X, row: np.concatenate([row, X[:, :-1]], axis=1)
    ),
}
ROWS = {
    "the last value seen is used again and again: the forecast must come in": (
        lambda value, features, last: np.hstack([last[:, :1], features])
    ),
    "zeros come in where the forecast belongs": (
        lambda value, features, last: np.hstack([0 * value, features])
    ),
    "zeros come in where the known features belong": (
        lambda value, features, last: np.hstack([value, 0 * features])
    ),
    "the features of the last row are repeated: take the known ones": (
        lambda value, features, last: np.hstack([value, last[:, 1:]])
    ),
    "the known features stand before the forecast: feature 0 is the series": (
        lambda value, features, last: np.hstack([features, value])
    ),
}


def models_of_one_step(rng):
    """A model, windows for it, and features known in advance: once there are none."""
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

        known = rng.normal(size=(n, steps, features - 1))
        yield one_step, rng.normal(size=(n, length, features)), known


exercise(
    "07.4",
    Question(
        free_run,
        models_of_one_step,
        {
            **with_each(free_run, "step", STEPS),
            **with_each(free_run, "row", ROWS),
            "the known features come one step too late: known[:, 0] belongs to the first "
            "forecast": run_with(lambda known, last: np.hstack([last, known[:, :-1]])),
            "the known features come one step too early: known[:, 0] belongs to the first "
            "forecast": run_with(lambda known, last: np.hstack([known[:, 1:], known[:, -1:]])),
            "only the features of the first step are used: take known[:, k] at step k": (
                run_with(lambda known, last: 0 * known + known[:, :1])
            ),
            "your first value is the last of the window: the first forecast comes first": (
                lambda one_step, X, known: np.hstack(
                    [X[:, -1, :1], free_run(one_step, X, known)[:, :-1]]
                )
            ),
            "the last value of the window comes out as well: return only forecasts": (
                lambda one_step, X, known: np.hstack([X[:, -1, :1], free_run(one_step, X, known)])
            ),
            "the forecasts run backward in time": then(free_run, lambda path: path[:, ::-1]),
            "your result has an axis too many: return (n, steps)": (
                then(free_run, lambda path: path[..., None])
            ),
            "the last forecast is missing": then(free_run, lambda path: path[:, :-1]),
        },
        names=["the forecast"],
    ),
    hints=[
        "A loop over the steps: forecast, keep the forecast, make the next window.",
        "A new row is the forecast and known[:, k] side by side: np.hstack of (n, 1) and "
        "(n, features - 1).",
        "The next window: `np.concatenate([X[:, 1:], row[:, None]], axis=1)`.",
    ],
)

# --- 07.5: quantiles and intervals -------------------------------------------------------------


def pinball_loss(y, forecasts, q, cost=lambda e, q: np.maximum(q * e, (q - 1) * e), mean=np.mean):
    """The mean pinball loss; every option is for a mistake."""
    return mean(cost(y[:, None] - forecasts, q))


COSTS = {
    "the sign of the error is wrong: a forecast below y costs q per unit": (
        lambda e, q: np.maximum(-q * e, (1 - q) * e)
    ),
    "this is the smaller of the two, which is negative: take the larger one": (
        lambda e, q: np.minimum(q * e, (q - 1) * e)
    ),
    "this is the mean absolute error: the two sides must cost differently": lambda e, q: abs(e),
    "both sides cost q: a forecast above y costs 1 - q": lambda e, q: q * abs(e),
    "only forecasts below y cost something: those above cost 1 - q": (
        lambda e, q: np.maximum(q * e, 0)
    ),
    "only forecasts above y cost something: those below cost q": (
        lambda e, q: np.maximum((q - 1) * e, 0)
    ),
    "the factor on the other side is q - 1, not q + 1": lambda e, q: np.maximum(q * e, (q + 1) * e),
    "this is twice the loss": lambda e, q: 2 * np.maximum(q * e, (q - 1) * e),
    "the errors are squared: this loss is made of straight lines": (
        lambda e, q: abs(e) * np.maximum(q * e, (q - 1) * e)
    ),
}
MEANS = {
    "this is the sum over the targets, not the mean": lambda costs: costs.mean(axis=1).sum(),
    "this is the sum over the quantiles, not the mean": lambda costs: costs.mean(axis=0).sum(),
    "this is the sum, not the mean": np.sum,
    "one loss per quantile comes out: take the mean of them, too": partial(np.mean, axis=0),
    "one loss per target comes out: take the mean of them, too": partial(np.mean, axis=1),
    "the mean is missing: return one number": np.asarray,
}


def forecasts_of_quantiles(rng):
    """Targets, forecasts of several quantiles, and which quantiles they are."""
    for n, k in [(9, 3), (6, 4), (5, 3)]:
        y, q = rng.normal(size=n), np.sort(rng.uniform(0.05, 0.95, size=k))
        yield y, y[:, None] - rng.normal(size=(n, k)) - rng.choice([-0.5, 0.5]), q


def coverage(y, low, high, inside=lambda y, low, high: (low <= y) & (y <= high), share=np.mean):
    """The share of targets in their intervals; every option is for a mistake."""
    return share(inside(y, low, high))


INSIDES = {
    "this is the share outside the interval": lambda y, low, high: (y < low) | (y > high),
    "a target on the edge of the interval counts: low <= y <= high": (
        lambda y, low, high: (low < y) & (y < high)
    ),
    "a target on the high edge counts: low <= y <= high": (
        lambda y, low, high: (low <= y) & (y < high)
    ),
    "a target on the low edge counts: low <= y <= high": (
        lambda y, low, high: (low < y) & (y <= high)
    ),
    "only the low end is looked at: y may be too high, too": lambda y, low, high: low <= y,
    "only the high end is looked at: y may be too low, too": lambda y, low, high: y <= high,
    "this is the share at the low end or below": lambda y, low, high: y <= low,
    "this is the share at the high end or above": lambda y, low, high: y >= high,
    "this is the mean width of the interval": lambda y, low, high: high - low,
}
SHARES = {
    "this is a number of targets: divide by all of them": np.sum,
    "this is in percent: a share is between 0 and 1": lambda inside: 100 * np.mean(inside),
    "this is True or False for each target: take their mean": np.asarray,
}


def targets_and_intervals(rng):
    """Some targets below the interval, on its low edge, inside, on its high edge, and above.

    Their numbers are powers of 2, so that every other way to count gives another share.
    """
    for _ in range(3):
        place = rng.permutation(np.repeat(np.arange(5), rng.permutation([1, 2, 4, 8, 16])))
        low, width = rng.normal(size=31), rng.uniform(0.5, 2, size=31)
        high = low + width
        yield np.choose(place, [low - width, low, low + width / 3, high, high + width]), low, high


exercise(
    "07.5",
    Question(
        pinball_loss,
        forecasts_of_quantiles,
        {**with_each(pinball_loss, "cost", COSTS), **with_each(pinball_loss, "mean", MEANS)},
        names=["the pinball loss"],
    ),
    Question(
        coverage,
        targets_and_intervals,
        {**with_each(coverage, "inside", INSIDES), **with_each(coverage, "share", SHARES)},
        names=["the coverage"],
    ),
    hints=[
        "The error is y[:, None] - forecasts, shape (n, k): positive where the forecast is too "
        "low.",
        "np.maximum(q * error, (q - 1) * error), and the mean of it all.",
        "A comparison gives True and False, which count as 1 and 0: their mean is a share. Join "
        "two conditions with &, each in parentheses.",
    ],
)

# --- 07.6: a series of one's own ---------------------------------------------------------------


def own_forecast(report, rng):
    """The errors of a network and of at least two baselines on a series of the learner's own."""
    keys = ("series", "prediction", "baselines", "network", "winner", "conclusion")
    series, baselines, network, best = entries(report, *keys)
    words(series, "the description of the series", 4)
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


exercise(
    "07.6",
    test=own_forecast,
    hints=[
        "Any series will do: datasets.sunspots, one column of datasets.stocks, or a file of your "
        "own with datasets.load_series.",
        "`contest(series, n_train)` gives the errors of the baselines, a dict, and those of the "
        "network, a list.",
        "The winner is 'network' or the name of a baseline, whichever has the smallest error; for "
        "the network the median counts.",
    ],
)
