"""Figures of data, training and results. Each returns the matplotlib figure."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes, color_of, number


@mpl.rc_context(STYLE)
def loss_curves(histories, ylabel="loss", baselines=None, log=True):
    """Loss against epoch. `histories` maps names to numbers per epoch; `baselines` to one."""
    figure, ax = axes()
    for name, values in histories.items():
        ax.plot(np.arange(1, len(values) + 1), values, label=name, color=color_of(name))
    for name, value in (baselines or {}).items():
        ax.axhline(value, label=name, color=color_of(name), linestyle="--")
    if log:
        ax.set_yscale("log")
    ax.set_xlabel("epoch")
    ax.set_ylabel(ylabel)
    ax.legend()
    return figure


@mpl.rc_context(STYLE)
def series(x, values, xlabel, ylabel, spans=None):
    """One series against time; `spans` maps names to (first, last) stretches to shade."""
    figure, ax = axes(width=9)
    ax.plot(x, values, color=COLORS["data"], linewidth=1.2)
    for shade, (name, (first, last)) in zip((0.15, 0.3, 0.5), (spans or {}).items()):
        ax.axvspan(first, last, color=COLORS["state"], alpha=shade, linewidth=0)
        ax.text(
            (first + last) / 2,
            1.0,
            name,
            transform=ax.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=10,
        )
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.margins(x=0.01)
    return figure


@mpl.rc_context(STYLE)
def forecast(x, truth, predictions, xlabel, ylabel):
    """The truth as a black line with dots, each prediction as a colored line."""
    figure, ax = axes(width=9)
    ax.plot(x, truth, color=COLORS["data"], marker=".", linewidth=1.0, label="truth")
    for name, values in predictions.items():
        ax.plot(x, values, color=color_of(name), label=name)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.16))
    return figure


@mpl.rc_context(STYLE)
def states(h, traces, xlabel="time step"):
    """Hidden states over time, one row per unit, h of shape (time, units).

    Above them a panel for each of `traces`, name: values (time,), such as the input.
    """
    count = len(traces)
    figure, panels = axes(
        9,
        2.8 + 0.6 * count,
        columns=1,
        rows=count + 1,
        sharex=True,
        height_ratios=[1] * count + [4],
    )
    for ax, (name, values) in zip(panels, traces.items()):
        ax.step(np.arange(len(values)), values, where="mid", color=COLORS["data"], linewidth=1.2)
        ax.set_ylabel(name)
    bottom = panels[-1]
    image = bottom.imshow(
        h.T, aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest"
    )
    bottom.set_xlabel(xlabel)
    bottom.set_yticks(range(0, h.shape[1], max(1, h.shape[1] // 4)))
    bottom.set_ylabel("unit")
    figure.colorbar(image, ax=bottom, label="hidden state", pad=0.01)
    return figure


@mpl.rc_context(STYLE)
def waves(X, y, count=3):
    """A few windows and the value that follows each, to be predicted."""
    figure, plots = axes(width=9, height=2.4, columns=count, sharey=True)
    for ax, window, target in zip(plots, X, y):
        steps = np.arange(len(window))
        ax.plot(steps, window[:, 0], color=COLORS["data"], marker=".", linewidth=1.0)
        ax.plot(len(window), target[0], "o", color=COLORS["lstm"], label="to predict")
        ax.set_xlabel("time step")
    plots[0].set_ylabel("value")
    figure.legend(*plots[0].get_legend_handles_labels(), loc="outside upper right")
    return figure


@mpl.rc_context(STYLE)
def gates(gates, symbols, units=None):
    """Gates and states over time: `gates` maps names to arrays (time, units), a panel for each.

    Gates go from white (0, closed) to dark (1, open), states and whatever else is negative from
    blue (minus) to red (plus). `symbols` are the inputs, one string per step; `units` picks some.
    """
    arrays = {name: np.asarray(values) for name, values in gates.items()}
    units = list(range(next(iter(arrays.values())).shape[1]) if units is None else units)
    high = min(0.55 + 0.16 * len(units), 2.2)
    figure, panels = axes(9, 0.7 + high * len(gates), 1, len(gates), sharex=True, squeeze=False)
    for ax, (name, values) in zip(panels[:, 0], arrays.items()):
        values = values[:, units]
        if len(values) != len(symbols):
            raise ValueError(f"{name}: {len(values)} steps, but {len(symbols)} symbols")
        is_state = "state" in name.lower() or values.min() < 0
        top = max(1.0, np.abs(values).max()) if is_state else 1.0
        image = ax.imshow(
            values.T,
            aspect="auto",
            interpolation="nearest",
            cmap="RdBu_r" if is_state else "Greys",
            vmin=-top if is_state else 0,
            vmax=top,
        )
        ax.spines[:].set(visible=True, color=COLORS["baseline"])
        ax.set_title(name, loc="left", fontsize=11)
        shown = range(0, len(units), max(1, len(units) // 4))
        ax.set_yticks(shown, [units[i] for i in shown])
        ax.set_ylabel("unit")
        ticks = [-top, 0, top] if is_state else [0, 1]
        bar = figure.colorbar(image, ax=ax, pad=0.01, ticks=ticks, format=number)
        bar.set_label("state" if is_state else "gate")
    crowded = max(map(len, symbols)) > 1 and sum(map(len, symbols)) > 30
    ax.set_xticks(range(len(symbols)), symbols, rotation=90 if crowded else 0)
    ax.set_xlabel("input at each time step")
    return figure
