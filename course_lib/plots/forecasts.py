"""Figures of forecasts: over several horizons, and with a band."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes, color_of, legend, looks


@mpl.rc_context(STYLE)
def fans(x, truth, forecasts, xlabel, ylabel, name="GRU", band="80 % band"):
    """A series, and forecasts from several times, each with a band that opens ahead.

    `x` and `truth` are arrays (time,); `forecasts` is a list of (x ahead, quantiles), with
    quantiles of shape (horizon, 3): the lower end of the band, the median, the upper end.
    """
    figure, ax = axes(width=9, height=3.4)
    ax.plot(x, truth, color=COLORS["data"], linewidth=1.2, label="truth")
    for i, (ahead, quantiles) in enumerate(forecasts):
        low, middle, high = np.asarray(quantiles).T
        color = color_of(name)
        labels = {} if i else {"band": band, "line": f"{name}, median"}
        ax.fill_between(
            ahead, low, high, color=color, alpha=0.3, linewidth=0, label=labels.get("band")
        )
        ax.plot(ahead, middle, color=color, label=labels.get("line"))
        ax.axvline(ahead[0], color=COLORS["baseline"], linewidth=0.8, linestyle=":")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.margins(x=0.01)
    ax.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.16))
    return figure


@mpl.rc_context(STYLE)
def horizons(errors, xlabel, ylabel, goal=None):
    """How a figure of merit changes with the number of steps ahead, or back, from 1 on.

    `errors` maps names to an array (horizon,) or (seeds, horizon): a thin line per seed and a
    bold one for their median. `goal` is (name, number), a dashed line.
    """
    figure, ax = axes()
    for name, look in looks(errors).items():
        seeds = np.atleast_2d(errors[name])
        steps = np.arange(1, seeds.shape[1] + 1)
        if len(seeds) > 1:
            ax.plot(steps, seeds.T, linewidth=0.8, alpha=0.45, **look)
        ax.plot(steps, np.median(seeds, axis=0), linewidth=2.2, label=name, **look)
    if goal is not None:
        ax.axhline(goal[1], color=COLORS["theory"], linestyle="--", linewidth=1.2, label=goal[0])
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    if len(steps) <= 15:
        ax.set_xticks(steps)
    legend(ax)
    return figure


@mpl.rc_context(STYLE)
def response(x, curves, xlabel, ylabel, points=None):
    """What models answer to a single number: curves over `x`, and the data as dots.

    `curves` maps names to one array as long as x, or one per seed; `points` maps names to
    (inputs, targets), drawn from light to dark.
    """
    figure, ax = axes(width=6, height=3.8)
    for shade, (name, (inputs, targets)) in zip((0.35, 0.8), (points or {}).items()):
        ax.plot(inputs, targets, ".", color=COLORS["data"], alpha=shade, markersize=5, label=name)
    for name, look in looks(curves).items():
        for i, values in enumerate(np.atleast_2d(curves[name])):
            ax.plot(x, values, label=None if i else name, **look)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    legend(ax)
    return figure
