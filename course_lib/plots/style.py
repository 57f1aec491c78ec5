"""Colors, sizes and fonts that all figures share."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

COLORS = {
    "data": "#000000",
    "baseline": "#999999",
    "linear": "#E69F00",
    "dense": "#CC79A7",
    "irnn": "#332288",  # before "rnn", which is a part of it
    "rnn": "#0072B2",
    "lstm": "#D55E00",
    "gru": "#009E73",
    "state": "#56B4E9",
    "theory": "#444444",
    "gradient": "#882255",
}

LINES = ("-", (0, (1, 1)), "-.")  # for several lines of one color; dashes are for theory

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


def looks(names):
    """Color and line style of every line in a figure, as options for `plot`.

    An architecture has its color, and its second and third line another style. Names that say
    nothing of an architecture ("radius 0.9"), or too many of one, run from dark to light.
    """
    names = list(names)
    colors = [color_of(name) for name in names]
    plain = [c == COLORS["baseline"] or colors.count(c) > len(LINES) for c in colors]
    shades = iter(mpl.colormaps["magma"](np.linspace(0.12, 0.74, max(sum(plain), 1))))
    return {
        name: {"color": mpl.colors.to_hex(next(shades))}
        if is_plain
        else {"color": color, "linestyle": LINES[colors[:i].count(color)]}
        for i, (name, color, is_plain) in enumerate(zip(names, colors, plain))
    }


def number(value, position=None):
    """A number of at most three digits for a label, with a real minus."""
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def legend(ax, **options):
    """A legend to the right of the axes, where it hides nothing."""
    return ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.03), borderaxespad=0.3, **options)
