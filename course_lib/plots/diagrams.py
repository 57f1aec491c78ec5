"""Drawings of networks, all from the same few pieces: a box, an arrow, a label."""

import matplotlib as mpl
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course_lib.plots.style import COLORS, STYLE, axes

SIDE = 0.62  # of a box


def canvas(width, height, columns=1):
    """Axes without ticks in which one unit is one unit, both ways."""
    figure, plots = axes(width, height, columns)
    for ax in plots if columns > 1 else [plots]:
        ax.set_aspect("equal")
        ax.axis("off")
    return figure, plots


def box(ax, x, y, text, color, light=0.35):
    """A rounded square centered on (x, y)."""
    half = SIDE / 2
    ax.add_patch(
        FancyBboxPatch(
            (x - half, y - half),
            SIDE,
            SIDE,
            boxstyle="round,pad=0.04",
            facecolor=mpl.colors.to_rgba(color, light),
            edgecolor=color,
            linewidth=1.6,
        )
    )
    ax.text(x, y, text, ha="center", va="center", fontsize=13)


def arrow(ax, start, end, text="", at=(0, 0), bend=0.0, color="#333333"):
    """An arrow from `start` to `end` with `text` beside its middle, moved by `at`."""
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=14,
            color=color,
            connectionstyle=f"arc3,rad={bend}",
            shrinkA=0,
            shrinkB=0,
            linewidth=1.5,
        )
    )
    if text:
        ax.text(
            (start[0] + end[0]) / 2 + at[0],
            (start[1] + end[1]) / 2 + at[1],
            text,
            ha="center",
            va="center",
            fontsize=12,
            color=color,
        )


EDGE = SIDE / 2 + 0.07  # from a box's center to where arrows touch it


def column(ax, x, sub, with_input=True, with_output=True):
    """One time step: input below, state in the middle, output above."""
    box(ax, x, 0, f"$h_{{{sub}}}$", COLORS["rnn"])
    if with_input:
        box(ax, x, -1.3, f"$x_{{{sub}}}$", COLORS["linear"])
        arrow(ax, (x, -1.3 + EDGE), (x, -EDGE))
    if with_output:
        box(ax, x, 1.3, f"$y_{{{sub}}}$", COLORS["gru"])
        arrow(ax, (x, EDGE), (x, 1.3 - EDGE))


@mpl.rc_context(STYLE)
def rnn_loop():
    """The RNN as a loop: the state feeds back into itself."""
    figure, ax = canvas(3.4, 3.6)
    column(ax, 0, "t")
    arrow(ax, (EDGE, 0.2), (EDGE, -0.2), bend=-2.4, color=COLORS["lstm"])
    ax.text(0.95, 0, "$W_{hh}$", ha="left", va="center", fontsize=12, color=COLORS["lstm"])
    ax.text(0.12, -0.66, "$W_{xh}$", ha="left", va="center", fontsize=12)
    ax.text(0.12, 0.66, "$W_{hy}$", ha="left", va="center", fontsize=12)
    ax.set_xlim(-1.0, 1.6)
    ax.set_ylim(-1.8, 1.8)
    return figure


@mpl.rc_context(STYLE)
def rnn_unrolled(steps=4):
    """The same loop with time laid out from left to right; every arrow W_hh is the same matrix."""
    figure, ax = canvas(2.1 * steps, 3.6)
    box(ax, -1.5, 0, "$h_0$", COLORS["baseline"])
    for t in range(steps):
        x = 1.5 * t
        column(ax, x, t + 1)
        arrow(
            ax,
            (x - 1.5 + EDGE, 0),
            (x - EDGE, 0),
            "$W_{hh}$",
            at=(0, 0.2),
            color=COLORS["lstm"],
        )
        ax.text(x + 0.08, -0.66, "$W_{xh}$", ha="left", va="center", fontsize=10)
        ax.text(x + 0.08, 0.66, "$W_{hy}$", ha="left", va="center", fontsize=10)
    ax.set_xlim(-2.0, 1.5 * (steps - 1) + 0.7)
    ax.set_ylim(-1.8, 1.8)
    return figure


@mpl.rc_context(STYLE)
def sequence_shapes(steps=4):
    """One to many, many to one, many to many: which inputs and outputs are used."""
    kinds = {
        "one to many": ([0], range(steps)),
        "many to one": (range(steps), [steps - 1]),
        "many to many": (range(steps), range(steps)),
    }
    figure, plots = canvas(11, 3.2, columns=3)
    for ax, (title, (inputs, outputs)) in zip(plots, kinds.items()):
        for t in range(steps):
            column(ax, 1.1 * t, t + 1, with_input=t in inputs, with_output=t in outputs)
            if t:
                arrow(ax, (1.1 * (t - 1) + EDGE, 0), (1.1 * t - EDGE, 0), color=COLORS["lstm"])
        ax.set_title(title)
        ax.set_xlim(-0.9, 1.1 * (steps - 1) + 0.9)
        ax.set_ylim(-1.8, 1.8)
    return figure
