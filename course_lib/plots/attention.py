"""Figures of attention: where a decoder looks while it writes."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import STYLE, axes
from course_lib.plots.text import visible


@mpl.rc_context(STYLE)
def alignment(weights, source, targets):
    """Attention weights (target steps, source steps) as an image: a row for each target symbol.

    `source` and `targets` are the symbols on the axes, strings or lists; weights of source
    steps and target steps beyond them, the filling, are not drawn. Raises ValueError if there
    are fewer weights than symbols. After Bahdanau, Cho & Bengio (2015), figure 3.
    """
    weights = np.asarray(weights)
    if weights.ndim != 2 or weights.shape[0] < len(targets) or weights.shape[1] < len(source):
        raise ValueError(
            f"weights must be at least ({len(targets)}, {len(source)}), target by source symbols, "
            f"got {weights.shape}"
        )
    shown = weights[: len(targets), : len(source)]
    figure, ax = axes(max(4.2, 1.9 + 0.235 * len(source)), max(2.2, 1.1 + 0.235 * len(targets)))
    image = ax.imshow(shown, cmap="Greens", vmin=0, vmax=1, aspect="equal", interpolation="nearest")
    font = {"family": "monospace", "fontsize": 11}
    ax.set_xticks(range(len(source)), [visible(s) for s in source], **font)
    ax.set_yticks(range(len(targets)), [visible(s) for s in targets], **font)
    ax.tick_params(length=0)
    ax.set_xticks(np.arange(len(source) + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(targets) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="#e4e4e4", linewidth=0.6)
    ax.tick_params(which="minor", length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("read")
    ax.set_ylabel("written")
    figure.colorbar(image, ax=ax, label="attention weight", pad=0.02, ticks=[0, 0.5, 1])
    return figure
