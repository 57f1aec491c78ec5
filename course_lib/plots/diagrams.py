"""Drawings of networks, all from the same few pieces: a box, an arrow, a label."""

import matplotlib as mpl
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

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
ROUND = 0.22  # radius of an operation


def operation(ax, x, y, text):
    """A circle for what is done number by number: a sum, a product."""
    ax.add_patch(Circle((x, y), ROUND, facecolor="white", edgecolor="#333333", linewidth=1.4))
    ax.text(x, y, text, ha="center", va="center", fontsize=12)


def wire(ax, *points, color="#333333", head=True, width=1.5):
    """A line through the points, with an arrow's head at its end."""
    ax.add_patch(
        FancyArrowPatch(
            path=Path(points),
            arrowstyle="-|>" if head else "-",
            mutation_scale=14,
            color=color,
            fill=head,
            linewidth=width,
        )
    )


def branch(ax, x, y, color="#333333"):
    """A dot where one wire becomes two."""
    ax.add_patch(Circle((x, y), 0.055, color=color))


def label(ax, x, y, text, color="#333333", size=12, **options):
    """Text centered on (x, y)."""
    ax.text(x, y, text, **{"ha": "center", "va": "center", **options}, fontsize=size, color=color)


@mpl.rc_context(STYLE)
def expression_graph():
    """What Theano records of y = x^2 + 3x: leaves, operations, and the way between them."""
    leaves = {"2": (0, 1.1), "x": (0, 0), "3": (0, -1.1)}
    operations = {"pow": (1.9, 0.65), "mul": (1.9, -0.65), "add": (3.8, 0)}
    places = leaves | operations
    figure, ax = canvas(5.6, 3.2)
    for text, (x, y) in places.items():
        box(ax, x, y, text, COLORS["linear" if text in leaves else "rnn"])
    for pair in ("2 pow", "x pow", "x mul", "3 mul", "pow add", "mul add"):
        start, end = (places[text] for text in pair.split())
        arrow(ax, (start[0] + EDGE, start[1]), (end[0] - EDGE, end[1]))
    arrow(ax, (3.8 + EDGE, 0), (5.0, 0))
    label(ax, 5.15, 0, "y", size=13)
    ax.set_xlim(-0.5, 5.4)
    ax.set_ylim(-1.6, 1.6)
    return figure


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


def partial(above, below):
    """A partial derivative, written as a fraction."""
    return rf"$\frac{{\partial {above}}}{{\partial {below}}}$"


@mpl.rc_context(STYLE)
def bptt_unrolled(steps=3, losses="last", truncation=None):
    """Backpropagation through time: states forward, gradients backward through the same arrows.

    `losses` is "last" (one, after the last step) or "all" (one for each step). With
    `truncation` k the gradient is cut after every k steps, counted from the last one.
    """
    if losses not in ("last", "all"):
        raise ValueError(f'losses must be "last" or "all", not {losses!r}')
    if truncation is not None and truncation < 1:
        raise ValueError(f"truncation must be at least 1 step, not {truncation!r}")
    all_losses = losses == "all"
    cuts = list(range(steps - truncation, 0, -truncation)) if truncation else []
    reached = 1 if all_losses or not cuts else cuts[0] + 1  # the first step with a gradient
    wide, up, red = 2.2, 1.75, COLORS["gradient"]
    figure, ax = canvas(min(2.1 * steps + 1.6, 12), 3.9)
    box(ax, -wide, 0, "$h_0$", COLORS["baseline"])
    for t in range(1, steps + 1):
        x = wide * (t - 1)
        column(ax, x, t, with_output=False)
        arrow(ax, (x - wide + EDGE, 0.17), (x - EDGE, 0.17), "$W_{hh}$", at=(0, 0.22))
        if all_losses or t == steps:
            loss = f"L_{{{t}}}" if all_losses else "L"
            box(ax, x, up, f"${loss}$", COLORS["gru"])
            arrow(ax, (x - 0.13, EDGE), (x - 0.13, up - EDGE))
            arrow(ax, (x + 0.13, up - EDGE), (x + 0.13, EDGE), color=red)
            label(ax, x + 0.24, up / 2, partial(loss, f"h_{{{t}}}"), red, size=15, ha="left")
        if t >= reached and (all_losses or t < steps):
            left, side = (0.22, "right") if all_losses else (0, "center")
            label(ax, x - left, 0.66, rf"$\partial L / \partial h_{{{t}}}$", red, ha=side)
        if t > reached and t - 1 not in cuts:
            arrow(ax, (x - EDGE, -0.17), (x - wide + EDGE, -0.17), color=red)
            local = partial(f"h_{{{t}}}", f"h_{{{t - 1}}}")
            label(ax, x - wide / 2, -0.5, local, red, size=15)
    for cut in [wide * (t - 0.5) for t in (cuts if all_losses else cuts[:1])]:
        ax.plot([cut, cut], [0.05, -1.1], color=red, linestyle="--", linewidth=1.8)
        label(ax, cut, -1.33, "gradient\ncut here", red, size=10)
    label(ax, -wide - 0.35, up + 0.18, "forward pass", ha="left", size=11)
    label(ax, -wide - 0.35, up - 0.12, "backward pass", red, ha="left", size=11)
    if all_losses:
        total = rf"$L = L_1 + \dots + L_{{{steps}}}$" if steps > 2 else "$L = L_1 + L_2$"
        label(ax, -wide - 0.35, up - 0.46, total, ha="left", size=11)
    ax.set_xlim(-wide - 0.5, wide * (steps - 1) + 1.0)
    ax.set_ylim(-1.85, up + 0.5)
    return figure
