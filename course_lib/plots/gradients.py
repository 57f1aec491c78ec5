"""Figures of what happens to gradients on their way back, and of the losses they descend."""

import matplotlib as mpl
import numpy as np
from matplotlib import patheffects

from course_lib.plots.style import COLORS, STYLE, axes, legend, looks, number

DASHES = ("--", ":", "-.")
# Not quite to black, for lines to stay visible.
GRAYS = mpl.colors.ListedColormap(mpl.colormaps["Greys"](np.linspace(0, 0.65, 256)))
PATHS = [COLORS[key] for key in ("gradient", "rnn", "linear")]  # without clipping, with it, more


@mpl.rc_context(STYLE)
def gradient_flow(
    norms,
    xlabel="steps back from the loss",
    ylabel="norm of the gradient",
    theory=None,
    log=True,
):
    """Gradient against lag: `norms` maps names to one number for each of the lags 0, 1, 2, …

    `theory` likewise, as thin dashed lines over the broad ones that are measured.
    """
    figure, ax = axes()
    broad = {"linewidth": 4.5, "alpha": 0.65} if theory else {}
    for name, look in looks(norms).items():
        ax.plot(positive(norms[name], log), label=name, **look, **broad)
    known = set(theory or {}) <= set(norms)
    for i, (name, values) in enumerate((theory or {}).items()):
        ax.plot(
            positive(values, log),
            color=COLORS["theory"],
            linestyle="--" if known else DASHES[i % len(DASHES)],
            linewidth=1.3,
            label=("theory" if i == 0 else None) if known else name,
        )
    if log:
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.margins(x=0.02)
    legend(ax)
    return figure


def positive(values, log):
    """The values, on a log axis without those that it cannot show."""
    values = np.asarray(values, dtype=float)
    return np.where(values > 0, values, np.nan) if log else values


@mpl.rc_context(STYLE)
def saturation(threshold=0.1):
    """tanh and its derivative, shaded where the derivative is below `threshold`."""
    figure, ax = axes(width=7, height=3.4)
    x = np.linspace(-5, 5, 401)
    edge = np.arctanh(np.sqrt(1 - threshold))
    ax.plot(x, np.tanh(x), color=COLORS["rnn"], label="tanh $x$")
    ax.plot(x, 1 - np.tanh(x) ** 2, color=COLORS["gradient"], label="its derivative")
    for first, last in ((-5, -edge), (edge, 5)):
        ax.axvspan(first, last, color=COLORS["baseline"], alpha=0.2, linewidth=0)
        place = ((first + last) / 2, -0.45 if last > 0 else 0.45)
        ax.annotate(f"derivative\nbelow {threshold:g}", place, ha="center", va="center")
    ax.axhline(0, color=COLORS["baseline"], linewidth=0.8)
    ax.set_xlim(-5, 5)
    ax.set_xlabel("input $x$ of the unit")
    ax.set_ylabel("value")
    legend(ax)
    return figure


@mpl.rc_context(STYLE)
def loss_cliff(
    parameter,
    losses,
    path=None,
    clipped_path=None,
    xlabel="recurrent weight $w$",
    ylabel="loss",
    log=False,
):
    """Loss against one weight, with the steps of gradient descent on it as arrows.

    `path` and `clipped_path` are the values of the weight after each step; a path that leaves
    the picture ends at its edge, with a note where it went.
    """
    figure, ax = axes(height=3.8)
    ax.plot(parameter, losses, color=COLORS["data"], linewidth=1.2, label="loss")
    paths = {"without clipping": path, "with clipping": clipped_path}
    # The first is broader, so that both can be seen where they are the same.
    for (name, values), color, width in zip(paths.items(), PATHS, (2.8, 1.4)):
        if values is not None:
            _steps(ax, parameter, losses, values, color, width, name)
    if log:
        ax.set_yscale("log")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    legend(ax)
    return figure


def _steps(ax, parameter, losses, path, color, width, label):
    """A dot for every value of the path that is in the picture, and an arrow for every step
    that is long enough to show one."""
    low, high = np.min(parameter), np.max(parameter)
    inside = [low <= w <= high for w in path]
    stay = inside.index(False) if False in inside else len(path)
    dots = [(w, np.interp(w, parameter, losses)) for w in path[:stay]]
    ax.plot(*zip(*dots), "o", color=color, markersize=3.5 + 1.5 * width, label=label)
    for start, end in zip(dots, dots[1:]):
        if abs(end[0] - start[0]) > 0.02 * (high - low):
            _step(ax, start, end, color, width)
    if 0 < stay < len(path):
        w, height = path[stay], dots[-1][1]
        edge = high if w > low else low
        _step(ax, dots[-1], (edge, height), color, width)
        ax.annotate(
            f"to {number(w)}",
            (edge, height),
            xytext=(0, 6),
            textcoords="offset points",
            ha="right" if w > low else "left",
            color=color,
        )


def _step(ax, start, end, color, width):
    look = {"arrowstyle": "-|>", "color": color, "linewidth": width, "mutation_scale": 12}
    ax.annotate("", end, start, arrowprops={**look, "shrinkA": 0, "shrinkB": 2})


@mpl.rc_context(STYLE)
def loss_surface(w, b, losses, paths=None, xlabel="recurrent weight $w$", ylabel="bias $b$"):
    """Loss over two parameters, the darker the larger, with the paths of gradient descent.

    `losses` has the shape (len(b), len(w)), as np.meshgrid(w, b) makes it; `paths` maps names
    to arrays (steps, 2) of w and b, at most three: first the one without clipping.
    """
    losses = positive(losses, log=True)
    if losses.shape != (len(b), len(w)):
        raise ValueError(f"losses must have shape {(len(b), len(w))}, not {losses.shape}")
    figure, ax = axes(width=7.5, height=4.4)
    top = np.nanmax(losses)
    norm = mpl.colors.LogNorm(max(np.nanmin(losses), top / 1000), top)
    image = ax.pcolormesh(w, b, losses, norm=norm, cmap=GRAYS, shading="nearest")
    levels = np.geomspace(norm.vmin, norm.vmax, 10)[1:-1]
    ax.contour(w, b, losses, levels, colors=COLORS["data"], alpha=0.35, linewidths=0.6)
    edge = [patheffects.withStroke(linewidth=4, foreground="white")]
    for (name, path), color in zip((paths or {}).items(), PATHS):
        look = {"color": color, "linewidth": 1.4, "markersize": 4, "path_effects": edge}
        ax.plot(*np.transpose(path), "o-", label=name, **look)
    ax.set_xlim(np.min(w), np.max(w))
    ax.set_ylim(np.min(b), np.max(b))
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    figure.colorbar(image, ax=ax, label="loss (log scale)", extend="min")
    if paths:
        ax.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


@mpl.rc_context(STYLE)
def truncation_error(lengths, errors, ylabel="relative error of the gradient"):
    """Error of the truncated gradient against the truncation length; `errors` maps names."""
    figure, ax = axes()
    for name, look in looks(errors).items():
        ax.plot(lengths, positive(errors[name], True), marker="o", markersize=4, label=name, **look)
    ax.set_yscale("log")
    ax.set_xlabel("truncation length (time steps)")
    ax.set_ylabel(ylabel)
    legend(ax)
    return figure


@mpl.rc_context(STYLE)
def norm_history(norms, limit=None):
    """Norm of the gradient at every training step, and the limit above which it is clipped."""
    figure, ax = axes()
    norms = norms if isinstance(norms, dict) else {"gradient": norms}
    for name, look in looks(norms).items():
        values = positive(norms[name], log=True)
        ax.plot(np.arange(1, len(values) + 1), values, linewidth=1.0, label=name, **look)
    if limit is not None:
        ax.axhline(limit, color=COLORS["theory"], linestyle="--", label="clipping limit")
    ax.set_yscale("log")
    ax.set_xlabel("training step")
    ax.set_ylabel("norm of the gradient")
    ax.margins(x=0.01)
    legend(ax)
    return figure
