"""Measures of forecasts, and how they would vary with other test examples.

Several seeds tell how training varies. Whether a difference between two models would survive
another test set is told by the bootstrap: draw the test examples again, with replacement, for
both models the same ones, and look how the difference scatters (Efron & Tibshirani, 1993).
"""

from typing import NamedTuple

import numpy as np

from course_lib.arguments import finite_array, positive_int, positive_number


class Interval(NamedTuple):
    """What was measured on the test set, and between which ends it lies for other test sets."""

    estimate: float
    low: float
    high: float
    level: float  # the share of test sets, such as 0.9

    def __str__(self):
        return f"{self.estimate:.3g} ({self.level:.0%} interval {self.low:.3g} to {self.high:.3g})"


def paired_bootstrap(losses_a, losses_b, **options):
    """The mean loss of model A minus that of model B, as an `Interval`: below 0, A is better.

    losses_a, losses_b   arrays of the same shape, a row per test example; further axes may be
                         seeds or steps ahead, which stay together
    options              `block`, `groups`, `level`, `draws` and `seed` as for `bootstrap`

    Raises ValueError for arrays of different shapes, and as `bootstrap` does.
    """
    losses_a, losses_b = finite_array("losses_a", losses_a), finite_array("losses_b", losses_b)
    if losses_a.shape != losses_b.shape:
        raise ValueError(
            "a paired bootstrap needs the losses of both models on the same examples, "
            f"got shapes {losses_a.shape} and {losses_b.shape}"
        )
    return bootstrap(np.mean, losses_a - losses_b, **options)


def bootstrap(statistic, *columns, block=1, groups=None, level=0.9, draws=2000, seed=0):
    """`statistic(*columns)` as an `Interval`, by drawing the rows of the columns again.

    The same rows are drawn for all columns, so that a statistic can compare models, and be a
    ratio: ``bootstrap(lambda y, a, b: r_squared(y, a) - r_squared(y, b), y, a, b, block=20)``.

    columns   arrays with a row per test example
    block     for a time series: so many neighboring rows are drawn together, as far as errors
              depend on each other (moving blocks: Künsch, 1989; on a circle, so that every row
              is as likely: Politis & Romano, 1992). At least the number of steps ahead.
    groups    the group of every row, such as its speaker: whole groups are drawn
    level     between the ends lies this share of the draws; as many are below as above

    With fewer than some twenty blocks or groups the interval is too narrow.

    Raises ValueError for columns of different lengths, for fewer than two blocks or groups, and
    for a statistic that is not a finite number in each draw.
    """
    columns = [finite_array(f"column {i}", column) for i, column in enumerate(columns)]
    lengths = sorted({len(column) for column in columns})
    if len(lengths) != 1:
        raise ValueError(f"the columns need the same number of rows, got {lengths}")
    tail = (1 - positive_number("level", level, most=1)) / 2
    draw_rows = _sampler(lengths[0], positive_int("block", block), groups)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(positive_int("draws", draws)):
        rows = draw_rows(rng)
        drawn.append(statistic(*(column[rows] for column in columns)))
    drawn = finite_array("the statistic of the draws", drawn)
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Interval(float(statistic(*columns)), float(low), float(high), level)


def _sampler(length, block, groups):
    """A function that draws row numbers from 0 to `length` - 1, given a random generator."""
    if groups is not None:
        return _group_sampler(length, block, groups)
    if length < 2 * block:
        raise ValueError(f"{length} rows are fewer than two blocks of {block}")

    def draw(rng):
        starts = rng.integers(length, size=-(-length // block))
        return (starts[:, None] + np.arange(block)).ravel()[:length] % length

    return draw


def _group_sampler(length, block, groups):
    """The same for whole groups."""
    names, group_of = np.unique(groups, return_inverse=True)
    if np.shape(groups) != (length,) or len(names) < 2 or block > 1:
        raise ValueError(
            f"groups must name one of at least two groups for each of {length} rows, and go "
            f"without blocks; got shape {np.shape(groups)}, {len(names)} group(s), block {block}"
        )
    rows_of = [np.flatnonzero(group_of == group) for group in range(len(names))]

    def draw(rng):
        return np.concatenate([rows_of[i] for i in rng.integers(len(names), size=len(names))])

    return draw


def r_squared(y, forecast):
    """The share of the variance of `y` that the forecast explains: 1 if right, 0 for the mean.

    The mean is that of the very values that are scored. Raises ValueError for arrays of
    different shapes, and if y is constant.
    """
    y, forecast = _same_shape(y, forecast)
    if y.min() == y.max():
        raise ValueError(f"R^2 needs values that vary, got {y.min():g} throughout")
    return float(1 - np.mean((forecast - y) ** 2) / y.var())


def mase(y, forecast, history, period=1):
    """Mean absolute scaled error (Hyndman & Koehler, 2006), which has no unit.

    The mean absolute error, divided by that of the seasonal naive forecast, one step ahead, on
    the training part `history` (time,): below 1 is better than "as a period ago". Raises
    ValueError for arrays of different shapes, and for a history without a change over a period.
    """
    y, forecast = _same_shape(y, forecast)
    history, period = finite_array("history", history), positive_int("period", period)
    if history.ndim != 1 or len(history) <= period:
        raise ValueError(f"history must be longer than a period of {period}, got {history.shape}")
    scale = np.abs(history[period:] - history[:-period]).mean()
    if scale == 0:
        raise ValueError(f"history repeats itself after {period} steps: there is no scale")
    return float(np.abs(forecast - y).mean() / scale)


def _same_shape(y, forecast):
    """Both as arrays; ValueError unless they have one shape: numpy would broadcast."""
    y, forecast = finite_array("y", y), finite_array("forecast", forecast)
    if y.shape != forecast.shape:
        raise ValueError(f"y and forecast need the same shape, got {y.shape} and {forecast.shape}")
    return y, forecast
