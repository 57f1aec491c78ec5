"""Figures of connectionist temporal classification: which label a network says, and when."""

import matplotlib as mpl
import numpy as np

from course_lib.ctc import BLANK
from course_lib.plots.style import COLORS, STYLE, axes, legend
from course_lib.speech import RATE, STEP


@mpl.rc_context(STYLE)
def label_spikes(features, p, stacked, names, words):
    """Features over time, and below them how probable a network holds blank and every label.

    `features` (frames, values); `p` (time, classes) are probabilities, one step for `stacked`
    frames, blank first; `names` are those of the labels, class 1 first; `words` is a list of
    (name, number of frames), what was really said: thin lines mark where one ends.
    """
    features, p = np.asarray(features), np.asarray(p)
    frame = STEP / RATE  # seconds
    figure, (top, bottom) = axes(9, 4.4, 1, 2, sharex=True, height_ratios=[1.2, 1])
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    top.imshow(
        scaled.T,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        cmap="RdBu_r",
        extent=(0, len(features) * frame, -0.5, features.shape[1] - 0.5),
        vmin=-2.5,
        vmax=2.5,
    )
    top.set_yticks(range(0, features.shape[1], 4))
    top.set_ylabel("coefficient")
    ends = frame * np.cumsum([0, *(count for _, count in words)])
    for (name, _), start, end in zip(words, ends, ends[1:]):
        top.annotate(
            name,
            ((start + end) / 2, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
        )
    for ax in (top, bottom):
        for end in ends[1:-1]:
            ax.axvline(end, color=COLORS["data"], linewidth=1.0)
    time = (np.arange(len(p)) + 0.5) * stacked * frame
    bottom.plot(time, p[:, BLANK], color=COLORS["baseline"], linewidth=1.2, label="blank")
    best = p.argmax(axis=1)
    for k in range(1, p.shape[1]):
        label = "a digit" if k == 1 else None
        bottom.plot(time, p[:, k], color=COLORS["lstm"], linewidth=1.6, label=label)
        for first in np.flatnonzero((best == k) & (np.append(BLANK, best[:-1]) != k)):
            run = np.arange(first, first + np.append(best[first:] != k, True).argmax())
            peak = run[p[run, k].argmax()]
            bottom.annotate(
                names[k - 1],
                (time[peak], p[peak, k]),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                color=COLORS["lstm"],
            )
    bottom.set_ylim(0, 1.25)
    bottom.set_yticks([0, 0.5, 1])
    bottom.set_xlim(0, len(features) * frame)
    bottom.set_ylabel("probability")
    bottom.set_xlabel("time (s)")
    legend(bottom)
    return figure


@mpl.rc_context(STYLE)
def learning_to_speak(losses, spoken, blind):
    """Two panels over the epochs, a line per seed: the loss, with the best one of an answer that is
    the same at every step (`blind`), and how many labels are said per label expected (`spoken`)."""
    figure, (left, right) = axes(9, 3.0, columns=2, sharex=True)
    for ax, seeds in ((left, losses), (right, spoken)):
        for values in seeds:
            ax.plot(np.arange(1, len(values) + 1), values, color=COLORS["lstm"], linewidth=1.4)
        ax.set_xlabel("epoch")
    left.axhline(blind, color=COLORS["baseline"], linestyle="--", label="same answer at every step")
    left.set_ylim(bottom=0)
    left.set_ylabel("loss (nats per string)")
    left.legend()
    right.axhline(1, color=COLORS["baseline"], linestyle="--")
    right.set_ylim(bottom=-0.03)
    right.set_ylabel("digits said per digit expected")
    return figure
