"""Figures of sound: waveforms, spectra, features over time, padding, confusion."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes
from course_lib.speech import FFT, FRAME, RATE, STEP

SHADES = (COLORS["lstm"], COLORS["rnn"], COLORS["gru"])  # for stretches of a sound


@mpl.rc_context(STYLE)
def waveform(sound, spans=None):
    """A sound over time; `spans` maps names to (first, last) samples of stretches to shade."""
    figure, ax = axes(width=9, height=2.4)
    _wave(ax, np.asarray(sound), spans)
    ax.set_xlabel("time (s)")
    return figure


def _wave(ax, sound, spans=None):
    ax.plot(np.arange(len(sound)) / RATE, sound, color=COLORS["data"], linewidth=0.6)
    for color, (name, (first, last)) in zip(SHADES, (spans or {}).items()):
        ax.axvspan(first / RATE, last / RATE, color=color, alpha=0.35, linewidth=0)
        ax.annotate(
            name,
            ((first + last) / 2 / RATE, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            color=color,
        )
    ax.set_xlim(0, len(sound) / RATE)
    ax.set_ylabel("amplitude")


@mpl.rc_context(STYLE)
def frame_spectra(pieces):
    """Single frames: `pieces` maps names to samples. To the left over time, to the right their
    power at every frequency, in decibels below the strongest."""
    figure, panels = axes(9, 1.9 * len(pieces), columns=2, rows=len(pieces), sharex="col")
    for color, (left, right), (name, piece) in zip(SHADES, panels, pieces.items()):
        left.plot(1000 * np.arange(len(piece)) / RATE, piece, color=color, linewidth=1.2)
        left.set_title(name, loc="left", color=color)
        left.set_ylabel("amplitude")
        power = np.abs(np.fft.rfft(piece * np.hamming(len(piece)), FFT)) ** 2
        decibel = 10 * np.log10(power / power.max() + 1e-9)
        right.plot(np.fft.rfftfreq(FFT, 1 / RATE), decibel, color=color, linewidth=1.2)
        right.set_ylim(-65, 3)
        right.set_ylabel("power (dB)")
    panels[-1, 0].set_xlabel("time (ms)")
    panels[-1, 1].set_xlabel("frequency (Hz)")
    return figure


@mpl.rc_context(STYLE)
def mel_filters(filters):
    """Triangular filters (bands, frequencies) over frequency."""
    figure, ax = axes(width=9, height=2.4)
    frequency = np.fft.rfftfreq(FFT, 1 / RATE)
    shades = mpl.colormaps["viridis"](np.linspace(0, 0.85, len(filters)))
    for color, weights in zip(shades, filters):
        ax.plot(frequency, weights, color=color, linewidth=1.4)
    ax.set_xlabel("frequency (Hz)")
    ax.set_ylabel("weight")
    ax.margins(x=0.01)
    return figure


# What a panel of `sound_features` is called, to the limits of its vertical axis, its label, and
# how its colors run.
PANELS = {
    "spectrogram": ((0, RATE / 2), "frequency (Hz)", "magma"),
    "mel": (None, "mel band", "magma"),
    "MFCC": (None, "coefficient", "RdBu_r"),
}


@mpl.rc_context(STYLE)
def sound_features(sound, features, parts=()):
    """A sound, and what is computed from its frames, above each other on one time axis.

    `features` maps names to arrays (frames, values); "spectrogram", "mel" or "MFCC" in the name
    says how it is drawn. MFCC are scaled to standard deviation 1, coefficient by coefficient.
    `parts` are (name, last sample) of the parts of the sound, one after the other.
    """
    rows = 1 + len(features)
    heights = [1, *[1.6] * len(features)]
    figure, panels = axes(
        9, 1.2 + 1.75 * len(features), 1, rows, sharex=True, height_ratios=heights
    )
    _wave(panels[0], np.asarray(sound))
    for ax, (name, values) in zip(panels[1:], features.items()):
        kind = next((kind for kind in PANELS if kind in name), "mel")
        limits, label, cmap = PANELS[kind]
        values = np.asarray(values)
        if kind == "MFCC":
            values = (values - values.mean(axis=0)) / values.std(axis=0)
        start = (FRAME - STEP) / 2 / RATE  # each column is as wide as a step, about its middle
        low, high = limits or (-0.5, values.shape[1] - 0.5)
        symmetric = {"vmin": -2.5, "vmax": 2.5} if kind == "MFCC" else {}
        if kind == "spectrogram":
            symmetric = {"vmin": values.max() - 14}
        image = ax.imshow(
            values.T,
            aspect="auto",
            origin="lower",
            interpolation="nearest",
            cmap=cmap,
            extent=(start, start + len(values) * STEP / RATE, low, high),
            **symmetric,
        )
        ax.set_title(name, loc="left")
        ax.set_ylabel(label)
        figure.colorbar(
            image, ax=ax, pad=0.01, label="standard dev." if kind == "MFCC" else "log power"
        )
    _mark_parts(panels, parts)
    panels[-1].set_xlabel("time (s)")
    return figure


def _mark_parts(panels, parts):
    """A line through all panels at the end of every part, and its name above the first panel."""
    first = 0
    for name, last in parts:
        place = ((first + last) / 2 / RATE, 1.04)
        panels[0].annotate(name, place, xycoords=("data", "axes fraction"), ha="center")
        for ax in panels:
            on_dark = ax.get_title(loc="left") in ("spectrogram", "mel bands")
            color = "white" if on_dark else COLORS["data"]
            ax.axvline(last / RATE, color=color, linestyle=":", linewidth=1.4)
        first = last


@mpl.rc_context(STYLE)
def padded(X, lengths, value="first feature"):
    """A padded batch X (n, time, features): its first feature, and in gray what is filled up."""
    figure, ax = axes(width=9, height=3.0)
    hidden = np.arange(X.shape[1]) >= np.asarray(lengths)[:, None]
    values = np.ma.masked_array(X[..., 0], hidden)
    cmap = mpl.colormaps["RdBu_r"].with_extremes(bad="#d8d8d8")
    top = np.abs(values).max()
    image = ax.imshow(
        values, aspect="auto", interpolation="nearest", cmap=cmap, vmin=-top, vmax=top
    )
    ax.set_xlabel("frame")
    ax.set_ylabel("utterance")
    ax.set_yticks(range(0, len(X), 2))
    figure.colorbar(image, ax=ax, pad=0.01, label=value)
    return figure


@mpl.rc_context(STYLE)
def confusion_matrix(truth, predicted, labels):
    """How often each class was taken for which: truth in rows, answers in columns.

    Right answers are gray, wrong ones orange; the darker, the more. A dot is none.
    """
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(counts, (np.asarray(truth), np.asarray(predicted)), 1)
    figure, ax = axes(width=6.0, height=4.8)
    right = np.eye(len(labels), dtype=bool)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shown = np.ones((*counts.shape, 3))
    gray, orange = (np.array(mpl.colors.to_rgb(COLORS[name])) for name in ("baseline", "lstm"))
    for color, cells, gain in ((gray, right, 0.8), (orange, ~right, 3)):
        strength = np.clip(gain * share, 0, 1)[..., None]
        shown = np.where(cells[..., None], 1 - strength * (1 - color), shown)
    ax.imshow(shown)
    for (row, column), count in np.ndenumerate(counts):
        text, color = (str(count), "black") if count else ("\N{MIDDLE DOT}", COLORS["baseline"])
        ax.text(column, row, text, ha="center", va="center", color=color, fontsize=10)
    ax.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(labels)), labels)
    ax.tick_params(length=0)
    ax.set_xlabel("heard as")
    ax.set_ylabel("said")
    return figure
