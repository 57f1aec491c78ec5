"""Figures that compare architectures over several seeds."""

from itertools import cycle

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes, color_of, legend, looks


@mpl.rc_context(STYLE)
def training_curves(
    histories,
    baselines=None,
    xlabel="training step",
    ylabel="accuracy",
    log=False,
    steps=1,
):
    """A thin line per seed and a bold one for the median of the seeds.

    `histories` maps names to one sequence per seed, with a number for every `steps` training
    steps; one that ended early counts with its last number. `baselines` maps names to numbers.
    """
    figure, ax = axes()
    for name, look in looks(histories).items():
        seeds = [np.asarray(values, dtype=float) for values in histories[name]]
        longest = max(len(values) for values in seeds)
        x = steps * np.arange(1, longest + 1)
        if len(seeds) > 1:
            for values in seeds:
                ax.plot(x[: len(values)], values, linewidth=0.8, alpha=0.45, **look)
        full = [np.pad(values, (0, longest - len(values)), mode="edge") for values in seeds]
        ax.plot(x, np.median(full, axis=0), linewidth=2.6, label=name, **look)
    for line, (name, value) in zip(cycle(["--", ":", "-."]), (baselines or {}).items()):
        ax.axhline(value, label=name, color=color_of(name), linestyle=line)
    if log:
        ax.set_yscale("log")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.margins(x=0.01)
    legend(ax)
    return figure


@mpl.rc_context(STYLE)
def frontier(results, lags, threshold=0.5, xlabel="lag (time steps)", ylabel="architecture"):
    """How far back each architecture remembers: a dot per seed, filled if it solved that lag.

    `results` maps architectures to {lag: one value per seed}, true or false or an accuracy,
    which counts as solved from `threshold` on. A band spans the lags up to the longest one up
    to which most seeds solve every one.
    """
    figure, ax = axes(height=1.1 + 0.62 * len(results))
    edge = 1.12  # the band goes a little beyond its dots
    ax.set_xscale("log")
    for row, (name, by_lag) in enumerate(results.items()):
        solved = {lag: np.asarray(by_lag[lag], dtype=float) >= threshold for lag in by_lag}
        color, reach = color_of(name), None
        for lag in lags:
            if lag not in solved or np.mean(solved[lag]) <= 0.5:
                break
            reach = lag
        if reach is not None:
            first, last = lags[0] / edge, reach * edge
            ax.barh(row, last - first, 0.76, left=first, color=color, alpha=0.25)
        for lag, seeds in solved.items():
            half = min(0.07, 0.35 / len(seeds)) * (len(seeds) - 1)
            heights = row + np.linspace(-half, half, len(seeds))
            fills = [color if is_solved else "white" for is_solved in seeds]
            ax.scatter(np.full(len(seeds), lag), heights, c=fills, edgecolors=color, s=26, zorder=3)
    for fill, text in ((COLORS["theory"], "seed that solves it"), ("white", "seed that does not")):
        ax.scatter([], [], c=fill, edgecolors=COLORS["theory"], s=26, label=text)
    ax.bar(0, 0, color=COLORS["baseline"], alpha=0.4, label="most seeds solve it")
    ax.set_xlim(lags[0] / 1.25, lags[-1] * 1.25)
    ax.set_ylim(len(results) - 0.5, -0.5)
    ax.set_yticks(range(len(results)), results)
    ax.set_xticks(lags, lags)
    ax.set_xticks([], minor=True)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    legend(ax)
    return figure


@mpl.rc_context(STYLE)
def tradeoff(points, xlabel, ylabel, log=False):
    """What is paid against what is got: a labeled dot for each name in `points`, name: (x, y)."""
    figure, ax = axes(height=3.6)
    for name, look in looks(points).items():
        ax.plot(*points[name], "o", color=look["color"], markersize=9)
    if log:
        ax.set_xscale("log")
    ax.margins(0.18)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    figure.draw_without_rendering()
    dots = [ax.transData.transform(xy) for xy in points.values()]
    taken = [mpl.transforms.Bbox.from_extents(*(dot - 6), *(dot + 6)) for dot in dots]
    for name, xy in points.items():
        taken.append(_free_label(ax, name, xy, taken))
    return figure


def _free_label(ax, text, xy, taken):
    """Write beside a dot, on the first side where nothing is in the way; return the place."""
    sides = {"right": (10, 0), "left": (-10, 0), "above": (0, 14), "below": (0, -14)}
    align = {"right": "left", "left": "right"}
    for side, offset in sides.items():
        note = ax.annotate(
            text,
            xy,
            xytext=offset,
            textcoords="offset points",
            ha=align.get(side, "center"),
            va="center",
        )
        place = note.get_window_extent()
        if not any(place.overlaps(other) for other in taken):
            break
        if side != "below":
            note.remove()
    return place
