"""Figures of what models score: their medians, a dot per seed, an interval over test examples."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes, color_of, number

WIDTH = 0.4  # of a bar; columns are 1 apart, which leaves room for the number beside it
PALER = (0.9, 0.45, 0.25)  # the bars of the first condition, of the second, of the third


@mpl.rc_context(STYLE)
def scores(results, ylabel, xlabel=None, line=None, log=False, intervals=None, rival=None):
    """A column per model: its median with the number beside it, and a dot per seed.

    results     maps names to one number, or to one per seed
    line        a dashed line for comparison: (name, height)
    log         a logarithmic axis: without a zero for bars to start from, there are only medians
    intervals   maps names to an `evaluation.Interval` over test examples, of the difference
                between two models. `results` are such differences, too, unless there is a
    rival       the name of the model that the others are compared with: its median becomes a
                dotted line, from which the intervals are drawn
    """
    figure, ax = axes(width=7.5 if len(results) <= 7 else 9)
    medians = [np.median(values) for values in results.values()]
    lines = [] if line is None else [line[1]]
    for x, (name, values) in enumerate(results.items()):
        _column(ax, x - 0.09 * (name in (intervals or {})), values, x, color_of(name), log)
    if line is not None:
        ax.axhline(line[1], color=COLORS["data"], linestyle="--", linewidth=1.0)
        _beside(ax, line[0], (1, line[1]), ("axes fraction", "data"), (4, 0))
    if intervals:
        lines.append(_intervals(ax, list(results), intervals, rival, results))
        figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    if log:
        ax.set_yscale("log")
    else:
        ax.axhline(0, color=COLORS["theory"], linewidth=0.8)
    ax.margins(y=0.1)
    ax.set_xlim(-0.5, len(results) - 0.1)
    ax.set_xticks(range(len(results)), results)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    _write_medians(figure, ax, medians, lines)
    return figure


def _column(ax, x_dots, values, x, color, log):
    """The median as a bar and a line, without the bar on a logarithmic axis; a dot per seed."""
    values = np.atleast_1d(values)
    if not log:
        ax.bar(x, np.median(values), WIDTH, color=color, alpha=0.6)
    ax.hlines(np.median(values), x - WIDTH / 2, x + WIDTH / 2, color=color, linewidth=2.5)
    if len(values) > 1:
        ax.plot(np.full(len(values), x_dots), values, "k.", markersize=5)


def _intervals(ax, names, intervals, rival, results):
    """Draw intervals, from the median of `rival` or from 0 on; returns where that is."""
    base = 0 if rival is None else np.median(results[rival])
    if rival is not None:
        ax.axhline(base, color=COLORS["data"], linestyle=":", linewidth=1.2)
    for name, interval in intervals.items():
        x, ends = names.index(name) + 0.09, base + np.array([interval.low, interval.high])
        ax.vlines(x, *ends, color=COLORS["data"], linewidth=1.4)
        ax.hlines(ends, x - 0.05, x + 0.05, color=COLORS["data"], linewidth=1.4)
    ax.plot([], [], "k.", markersize=5, label="one seed")
    text = f"{interval.level:.0%} interval over test examples"
    if rival is not None:
        text += f", compared with {' '.join(rival.split())}"
    ax.plot([], [], color=COLORS["data"], linewidth=1.4, label=text)
    return base


def _write_medians(figure, ax, medians, lines):
    """The numbers to the right of the medians, a little higher or lower if a line is in the way."""
    figure.draw_without_rendering()
    points = figure.dpi / 72

    def height(y):
        return ax.transData.transform((0, y))[1] / points

    for x, median in enumerate(medians):
        shifts = [
            shift
            for shift in (0, 8, -8, 16, -16)
            if all(abs(height(median) + shift - height(line)) >= 7 for line in lines)
        ]
        _beside(ax, number(median), (x + WIDTH / 2, median), "data", (3, shifts[0]))


def _beside(ax, text, place, coordinates, offset):
    """Text to the right of a place."""
    ax.annotate(
        text, place, offset, coordinates, textcoords="offset points", va="center", fontsize=10
    )


@mpl.rc_context(STYLE)
def paired_scores(results, xlabel="accuracy", ylabel="model"):
    """Bars side by side for every name: `results` maps names to {condition: one value per seed}.

    Bars are medians, with the numbers in a column on the right, and dots are seeds; the second
    condition is paler than the first.
    """
    figure, ax = axes(width=8, height=1.2 + 0.62 * len(results))
    conditions = list(next(iter(results.values())))
    height = 0.8 / len(conditions)
    for row, (name, by_condition) in enumerate(results.items()):
        for i, (_, values) in enumerate(by_condition.items()):
            values, y = np.atleast_1d(values), row - 0.4 + (i + 0.5) * height
            ax.barh(y, np.median(values), 0.9 * height, color=color_of(name), alpha=PALER[i])
            if len(values) > 1:
                ax.plot(values, np.full(len(values), y), "k.", markersize=4)
            _beside(ax, f"{np.median(values):.3f}", (1, y), ("axes fraction", "data"), (4, 0))
    for condition, alpha in zip(conditions, PALER):
        ax.barh(0, 0, color=COLORS["theory"], alpha=alpha, label=condition)
    ax.set_yticks(range(len(results)), results)
    ax.set_ylim(len(results) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure
