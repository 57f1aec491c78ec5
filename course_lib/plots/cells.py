"""The insides of the three cells: one time step each, in the letters of course_lib.cells.

A square is a sigmoid or tanh (with weights before it where its input comes from below), or
what comes in and goes out. A circle works number by number. The thick line is what remembers.
"""

import matplotlib as mpl
from matplotlib.patches import FancyBboxPatch

from course_lib.plots.diagrams import (
    EDGE,
    ROUND,
    box,
    branch,
    canvas,
    label,
    operation,
    wire,
)
from course_lib.plots.style import COLORS, STYLE

GATES = ("forget", "input", "output")
INSIDE = "#F3F3F3"
SIGMOID, TANH, INPUT = COLORS["state"], COLORS["dense"], COLORS["linear"]
BELT = 3.2  # width of the line that remembers


def frame(ax, left, right, bottom, top):
    """What happens within one time step, on light gray."""
    ax.add_patch(
        FancyBboxPatch(
            (left, bottom),
            right - left,
            top - bottom,
            boxstyle="round,pad=0.02,rounding_size=0.25",
            facecolor=INSIDE,
            edgecolor="#CCCCCC",
        )
    )


def crossing(ax, x, y):
    """A gap in the wire drawn before, for another one to pass over it."""
    ax.add_patch(mpl.patches.Circle((x, y), 0.13, color=INSIDE))


def show(ax, left, right, bottom, top):
    """Set the limits of the drawing."""
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)


@mpl.rc_context(STYLE)
def rnn_cell():
    """One step of the vanilla RNN: h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)."""
    figure, ax = canvas(7.4, 3.9)
    color, right = COLORS["rnn"], 6.3
    frame(ax, 0.7, 5.6, -0.85, 0.95)
    wire(ax, (EDGE, 0), (2.2 - ROUND, 0), color=color, width=BELT)
    wire(ax, (2.2, -1.5 + EDGE), (2.2, -ROUND))
    wire(ax, (2.2, 0.6), (2.2, ROUND))
    wire(ax, (2.2 + ROUND, 0), (3.6 - EDGE, 0))
    wire(ax, (3.6 + EDGE, 0), (right - EDGE, 0), color=color, width=BELT)
    wire(ax, (4.8, 0), (4.8, 1.6 - EDGE))
    branch(ax, 4.8, 0)
    operation(ax, 2.2, 0, "+")
    box(ax, 0, 0, "$h_{t-1}$", color)
    box(ax, 2.2, -1.5, "$x_t$", INPUT)
    box(ax, 3.6, 0, "tanh", TANH)
    box(ax, right, 0, "$h_t$", color)
    box(ax, 4.8, 1.6, "$h_t$", color)
    label(ax, 1.3, 0.24, "$W_{hh}$")
    label(ax, 2.3, -0.58, "$W_{xh}$", ha="left")
    label(ax, 2.2, 0.74, "$b_h$")
    show(ax, -0.5, right + 0.5, -1.95, 2.05)
    return figure


def layer(ax, x, kind, name, symbol, last=False):
    """A layer inside a cell, fed from the wire at the bottom, which ends at the last one."""
    wire(ax, (x, 0), (x, 1.1 - EDGE))
    if not last:
        branch(ax, x, 0)
    box(ax, x, 1.1, *(("tanh", TANH) if kind == "tanh" else (r"$\sigma$", SIGMOID)))
    label(ax, x, -0.25, name, size=10)
    label(ax, x + 0.12, 1.1 + EDGE + 0.2, symbol, ha="left")


@mpl.rc_context(STYLE)
def lstm_cell(parts=GATES):
    """One step of the LSTM, with the gates named in `parts`; the others are left out.

    c_t = f * c_{t-1} + i * g and h_t = o * tanh(c_t).
    """
    parts = (parts,) if isinstance(parts, str) else tuple(parts)
    unknown = [part for part in parts if part not in GATES]
    if unknown:
        raise ValueError(f"unknown part {unknown[0]!r}: choose from {', '.join(GATES)}")
    figure, ax = canvas(9, 5.3)
    color, top, right = COLORS["lstm"], 3.2, 10.2
    forget, entry, candidate, output, end = 2.3, 3.8, 5.3, 6.9, 8.2
    frame(ax, 0.7, 9.5, -0.6, top + 0.45)

    wire(ax, (9.0, 0), (9.0, top + 1.2 - EDGE))
    crossing(ax, 9.0, top)

    # Along the top, the cell state: multiplied by one gate, added to, and otherwise left alone.
    stops = [forget, candidate] if "forget" in parts else [candidate]
    starts = [EDGE, *(x + ROUND for x in stops)]
    for start, stop in zip(starts, [*(x - ROUND for x in stops), right - EDGE]):
        wire(ax, (start, top), (stop, top), color=color, width=BELT)
    operation(ax, candidate, top, "+")

    # Along the bottom, input and last hidden state, which every layer sees.
    last = output if "output" in parts else candidate
    wire(ax, (EDGE, 0), (last, 0), head=False)
    wire(ax, (1.25, -1.3 + EDGE), (1.25, 0), head=False)
    branch(ax, 1.25, 0)

    if "forget" in parts:
        layer(ax, forget, "sigmoid", "forget", "$f_t$")
        wire(ax, (forget, 1.1 + EDGE), (forget, top - ROUND))
        operation(ax, forget, top, r"$\times$")
    layer(ax, candidate, "tanh", "candidate", "$g_t$", last=last == candidate)
    if "input" in parts:
        layer(ax, entry, "sigmoid", "input", "$i_t$")
        wire(ax, (entry, 1.1 + EDGE), (entry, 2.25), (candidate - ROUND, 2.25))
        wire(ax, (candidate, 1.1 + EDGE), (candidate, 2.25 - ROUND))
        wire(ax, (candidate, 2.25 + ROUND), (candidate, top - ROUND))
        operation(ax, candidate, 2.25, r"$\times$")
    else:
        wire(ax, (candidate, 1.1 + EDGE), (candidate, top - ROUND))

    # On the right, the hidden state: what of the cell state is shown.
    wire(ax, (end, top), (end, 2.25 + EDGE))
    branch(ax, end, top)
    box(ax, end, 2.25, "tanh", TANH)
    if "output" in parts:
        layer(ax, output, "sigmoid", "output", "", last=True)
        label(ax, (output + end) / 2 + 0.05, 1.32, "$o_t$")
        wire(ax, (output + EDGE, 1.1), (end - ROUND, 1.1))
        wire(ax, (end, 2.25 - EDGE), (end, 1.1 + ROUND))
        operation(ax, end, 1.1, r"$\times$")
    below = 1.1 - ROUND if "output" in parts else 2.25 - EDGE
    wire(ax, (end, below), (end, 0), (right - EDGE, 0))
    branch(ax, 9.0, 0)

    box(ax, 0, top, "$c_{t-1}$", color)
    box(ax, right, top, "$c_t$", color)
    box(ax, 0, 0, "$h_{t-1}$", color)
    box(ax, right, 0, "$h_t$", color)
    box(ax, 9.0, top + 1.2, "$h_t$", color)
    box(ax, 1.25, -1.3, "$x_t$", INPUT)
    show(ax, -0.5, right + 0.5, -1.75, top + 1.65)
    return figure


@mpl.rc_context(STYLE)
def gru_cell():
    """One step of the GRU: h_t = z * h_{t-1} + (1 - z) * candidate."""
    figure, ax = canvas(8.2, 5.85)
    color, top, right = COLORS["gru"], 3.6, 9.2
    reset, update, candidate = 2.4, 4.1, 6.9
    middle, up = 2.1, 2.85
    frame(ax, 0.7, 8.5, -0.95, top + 0.45)

    # Along the top, the hidden state: a mix of what it was and the candidate.
    for start, stop in (
        (EDGE, update - ROUND),
        (update + ROUND, candidate - ROUND),
        (candidate + ROUND, right - EDGE),
    ):
        wire(ax, (start, top), (stop, top), color=color, width=BELT)
    operation(ax, candidate, top, "+")

    # Both gates see input and last hidden state. The input joins from the right of the state's
    # wire, so that nobody takes the candidate's wire below for one that carries the state.
    state, x = 1.05, 1.65
    wire(ax, (state, top), (state, 0), (update, 0), head=False)
    wire(ax, (x, -1.6 + EDGE), (x, 0), head=False)
    for at in ((state, top), (x, 0), (x, -0.6)):
        branch(ax, *at)
    layer(ax, reset, "sigmoid", "reset", "$r_t$")
    layer(ax, update, "sigmoid", "update", "$z_t$", last=True)

    # The candidate sees the input and as much of the last state as the reset gate lets through.
    wire(ax, (x, -0.6), (candidate, -0.6), (candidate, 1.1 - EDGE))
    wire(ax, (reset, top), (reset, middle + ROUND))
    branch(ax, reset, top)
    wire(ax, (reset, 1.1 + EDGE), (reset, middle - ROUND))
    operation(ax, reset, middle, r"$\times$")
    wire(ax, (reset + ROUND, middle), (5.7, middle), (5.7, 1.1), (candidate - EDGE, 1.1))
    box(ax, candidate, 1.1, "tanh", TANH)
    label(ax, candidate - 0.12, 0.3, "candidate", size=10, ha="right")

    # z of the old, 1 - z of the new.
    crossing(ax, update, middle)
    wire(ax, (update, 1.1 + EDGE), (update, top - ROUND))
    operation(ax, update, top, r"$\times$")
    wire(ax, (update, up), (5.5 - ROUND, up))
    branch(ax, update, up)
    operation(ax, 5.5, up, "1−")
    wire(ax, (5.5 + ROUND, up), (candidate - ROUND, up))
    label(ax, 6.2, up + 0.22, "$1-z_t$", size=11)
    wire(ax, (candidate, 1.1 + EDGE), (candidate, up - ROUND))
    wire(ax, (candidate, up + ROUND), (candidate, top - ROUND))
    operation(ax, candidate, up, r"$\times$")
    label(ax, candidate + 0.12, 1.1 + EDGE + 0.35, r"$\tilde{h}_t$", ha="left")
    wire(ax, (7.9, top), (7.9, top + 1.2 - EDGE))
    branch(ax, 7.9, top)

    box(ax, 0, top, "$h_{t-1}$", color)
    box(ax, right, top, "$h_t$", color)
    box(ax, 7.9, top + 1.2, "$h_t$", color)
    box(ax, x, -1.6, "$x_t$", INPUT)
    show(ax, -0.5, right + 0.5, -2.05, top + 1.65)
    return figure
