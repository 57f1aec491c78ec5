"""Figures of text: what comes next, how it is cut for training, what a unit makes of it."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes

VISIBLE = {" ": "\N{OPEN BOX}", "\n": "\N{RETURN SYMBOL}"}  # symbols that leave no ink


def visible(symbol):
    """A symbol as it stands on an axis: a blank and the end of a line get a sign."""
    return VISIBLE.get(symbol, symbol)


@mpl.rc_context(STYLE)
def next_symbols(distributions, symbols, count=12, same_order=True, xlabel="next character"):
    """The most probable next symbols: a panel of bars for each name in `distributions`.

    `distributions` maps names to probabilities (size,), `symbols` names the places. The panels
    show the same `count` symbols, in the order of the first distribution; without `same_order`
    each has its own.
    """
    names = list(distributions)
    order = None
    figure, panels = axes(9.4, 2.7, len(names), sharey=True, squeeze=False)
    for ax, name in zip(panels[0], names):
        p = np.asarray(distributions[name])
        if order is None or not same_order:
            order = np.argsort(-p, kind="stable")[:count]
        p = p[order]
        ax.bar(range(len(order)), p, color=COLORS["gru"], width=0.75)
        ax.set_xticks(range(len(order)), [visible(symbols[i]) for i in order], fontsize=9)
        ax.tick_params(axis="x", length=0)
        ax.set_title(name, fontsize=11)
        ax.set_xlabel(xlabel)
    panels[0, 0].set_ylabel("probability")
    return figure


@mpl.rc_context(STYLE)
def text_streams(text, batch_size, time, batches):
    """How `text.streams` cuts a text: streams below each other, batches side by side."""
    figure, ax = axes(9.4, 0.75 + 0.36 * batch_size)
    length = time * batches
    shades = (COLORS["state"], COLORS["linear"], COLORS["dense"], COLORS["gru"])
    for batch in range(batches):
        ax.axvspan(batch * time, (batch + 1) * time, color=shades[batch % 4], alpha=0.28, lw=0)
        middle = (batch + 0.5) * time
        ax.text(middle, -0.75, f"batch {batch + 1}", ha="center", va="center")
    for row in range(batch_size):
        for column, symbol in enumerate(text[row * length : (row + 1) * length]):
            ax.text(
                column + 0.5,
                row,
                visible(symbol),
                ha="center",
                va="center",
                family="monospace",
                fontsize=10.5,
            )
    ax.set_xlim(0, length)
    ax.set_ylim(batch_size - 0.5, -1.2)
    ax.set_yticks(range(batch_size), [f"stream {i + 1}" for i in range(batch_size)])
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    return figure


@mpl.rc_context(STYLE)
def colored_text(text, values, width=80, label="hidden state"):
    """Text with each character on the color of a unit's state: from blue (-) to red (+).

    `values` has one number between -1 and 1 for every character. Lines longer than `width`
    are broken. After Karpathy, Johnson & Fei-Fei (2015), arXiv:1506.02078.
    """
    if len(values) != len(text):
        raise ValueError(f"{len(text)} characters, but {len(values)} values")
    places, row, column = [], 0, 0
    for symbol in text:
        places.append((row, column))
        column += 1
        if symbol == "\n" or column == width:
            row, column = row + 1, 0
    rows, columns = (max(place) + 1 for place in zip(*places))
    grid = np.full((rows, columns), np.nan)
    for (r, c), value in zip(places, values):
        grid[r, c] = value
    figure, ax = axes(max(3, 1.2 + 0.105 * columns), max(1.6, 0.5 + 0.215 * rows))
    image = ax.imshow(
        grid, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto", alpha=0.65, interpolation="nearest"
    )
    for (r, c), symbol in zip(places, text):
        if symbol not in " \n":
            ax.text(c, r, symbol, ha="center", va="center", family="monospace", fontsize=9)
    ax.axis("off")
    figure.colorbar(image, ax=ax, label=label, pad=0.01, ticks=[-1, 0, 1])
    return figure


@mpl.rc_context(STYLE)
def ranked_units(scores, ylabel, chance):
    """A score of every unit, sorted from the best down: `scores` maps names to arrays (units,).

    Up to four names and a "control"; `chance` is the score of a unit that knows nothing.
    """
    figure, ax = axes()
    colors = iter((COLORS["rnn"], COLORS["lstm"], COLORS["gru"], COLORS["dense"]))
    for name, values in scores.items():
        color = COLORS["baseline"] if name == "control" else next(colors)
        ordered = np.sort(np.asarray(values))[::-1]
        ax.plot(np.arange(1, len(ordered) + 1), ordered, ".-", color=color, ms=4, label=name)
    ax.axhline(chance, color=COLORS["baseline"], linestyle="--", label="knows nothing")
    ax.set_xlabel("units, best first")
    ax.set_ylabel(ylabel)
    ax.margins(x=0.01)
    ax.legend()
    return figure
