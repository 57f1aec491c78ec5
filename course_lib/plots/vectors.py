"""Figures of functions of one number, and of vectors and matrices in the plane."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes, legend


@mpl.rc_context(STYLE)
def activations():
    """The logistic sigmoid, tanh and relu, each with its derivative."""
    figure, panels = axes(width=8.5, height=2.8, columns=3, sharex=True)
    x = np.linspace(-5, 5, 401)
    sigmoid = 1 / (1 + np.exp(-x))
    curves = {
        "sigmoid": (sigmoid, sigmoid * (1 - sigmoid)),
        "tanh": (np.tanh(x), 1 - np.tanh(x) ** 2),
        "relu": (np.maximum(x, 0), np.where(x == 0, np.nan, x > 0)),
    }
    for ax, (name, (values, slope)) in zip(panels, curves.items()):
        ax.axhline(0, color=COLORS["baseline"], linewidth=0.8)
        ax.plot(x, values, color=COLORS["rnn"], label="function")
        ax.plot(x, slope, color=COLORS["gradient"], linestyle="--", label="its derivative")
        ax.set_title(name)
        ax.set_xlabel("input $x$")
        ax.set_ylabel("value")
    legend(panels[-1])
    return figure


@mpl.rc_context(STYLE)
def arrows(before, panels, names=("A", "B")):
    """What became of the two vectors `before`, each (2,): a panel for each entry of `panels`.

    The vectors before stand behind the others, in gray.
    """
    figure, places = axes(width=8.5, height=2.5, columns=len(panels), sharex=True, sharey=True)
    corner = 1.15 * np.max(before, axis=0)
    for ax, (title, vectors) in zip(places, panels.items()):
        for vector in before:
            _arrow(ax, vector, COLORS["baseline"], width=1.2)
        for name, vector, key in zip(names, vectors, ("rnn", "gradient")):
            _arrow(ax, vector, COLORS[key], width=2.6)
            ax.annotate(name, vector, color=COLORS[key], xytext=(3, 3), textcoords="offset points")
        ax.set(xlim=(0, corner[0]), ylim=(0, corner[1]), aspect="equal", title=title)
        ax.set_xlabel("first number")
        ax.set_ylabel("second number")
    return figure


def _arrow(ax, tip, color, width):
    look = {"arrowstyle": "-|>", "color": color, "linewidth": width, "mutation_scale": 11}
    ax.annotate("", tip, (0, 0), arrowprops={**look, "shrinkA": 0, "shrinkB": 0})


@mpl.rc_context(STYLE)
def stretched_circles(matrices):
    """What each matrix (2, 2) of the dict `matrices` makes of the unit circle.

    Two points of the circle and their images have the same color: where they went.
    """
    figure, places = axes(width=8.5, height=3, columns=len(matrices))
    angle = np.linspace(0, 2 * np.pi, 201)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    for ax, (title, W) in zip(places, matrices.items()):
        image = W @ circle
        ax.plot(*circle, color=COLORS["baseline"], label="before")
        ax.plot(*image, color=COLORS["rnn"], label="after")
        for i, key in ((0, "gradient"), (50, "linear")):
            ax.plot(*circle[:, i], "o", color=COLORS[key], fillstyle="none")
            ax.plot(*image[:, i], "o", color=COLORS[key])
        ax.set(aspect="equal", adjustable="datalim", title=title)
        ax.set_xlabel("first unit")
        ax.set_ylabel("second unit")
    legend(places[-1])
    return figure


@mpl.rc_context(STYLE)
def gradient_cloud(parts, whole, xlabel, ylabel):
    """Gradients (2,) of many minibatches, `parts` (batches, 2), and that of all the data."""
    figure, ax = axes(width=6.5, height=3.6)
    ax.plot(*np.transpose(parts), ".", color=COLORS["state"], label="one minibatch")
    ax.plot(*whole, "o", color=COLORS["gradient"], markersize=8, label="all the data")
    ax.plot(0, 0, "+", color=COLORS["data"], markersize=10, label="zero")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    legend(ax)
    return figure
