"""Colors, sizes and fonts that all figures share."""

import matplotlib as mpl
import matplotlib.pyplot as plt

COLORS = {
    "data": "#000000",
    "baseline": "#999999",
    "linear": "#E69F00",
    "dense": "#CC79A7",
    "rnn": "#0072B2",
    "lstm": "#D55E00",
    "gru": "#009E73",
    "state": "#56B4E9",
}

STYLE = {
    "figure.dpi": 96,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 12,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}


def axes(width=7.5, height=3.2, columns=1, rows=1, **options):
    """A figure in the course's style, and its axes (an array if there are several)."""
    with mpl.rc_context(STYLE):
        figure, ax = plt.subplots(
            rows, columns, figsize=(width, height), layout="constrained", **options
        )
    # Shown once, as the value of its cell, and not a second time by pyplot.
    plt.close(figure)
    return figure, ax


def color_of(name):
    """The color whose key is part of `name` ("GRU(32)" is green), gray for anything else."""
    low = name.lower()
    for key, color in COLORS.items():
        if key in low:
            return color
    return COLORS["linear"] if low.startswith("ar(") else COLORS["baseline"]
