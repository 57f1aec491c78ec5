"""Figures of words: their vectors as a map, the next word, what happens over a distance."""

import matplotlib as mpl
import numpy as np

from course_lib.plots.style import COLORS, STYLE, axes, legend, looks

CLASS_COLORS = [COLORS[k] for k in ("lstm", "rnn", "gru", "dense", "linear", "irnn", "state")]
MARKERS = "os^Dv<>"


@mpl.rc_context(STYLE)
def word_map(panels, words, classes, xlabel="first component", ylabel="second component"):
    """Words as points: a panel for each name in `panels`, a color for each class.

    panels    maps titles to places (len(words), 2), in the order of `words`
    classes   maps names of classes to their words; words of no class are not drawn

    A word is written beside its point where there is room.
    """
    number = {word: i for i, word in enumerate(words)}
    drawn = {name: [w for w in ws if w in number] for name, ws in classes.items()}
    figure, plots = axes(9.6, 0.9 + 8.2 / max(2, len(panels)), len(panels), squeeze=False)
    for ax, (title, places) in zip(plots[0], panels.items()):
        places = np.asarray(places)
        if places.shape != (len(words), 2):
            raise ValueError(f"{title}: places must be ({len(words)}, 2), got {places.shape}")
        for look, (name, members) in enumerate(drawn.items()):
            at = places[[number[w] for w in members]]
            color, marker = CLASS_COLORS[look % 7], MARKERS[look % 7]
            ax.scatter(*at.T, s=26, color=color, marker=marker, label=name, linewidths=0)
        ax.set_title(title, fontsize=11)
        ax.set_xlabel(xlabel)
        ax.margins(0.1)
        ax.set_xticks([])
        ax.set_yticks([])
    plots[0, 0].set_ylabel(ylabel)
    handles = plots[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=min(len(drawn), 6), handletextpad=0.1)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # labels are placed in pixels: nothing may move any more
    for ax, places in zip(plots[0], panels.values()):
        points = [(w, places[number[w]]) for members in drawn.values() for w in members]
        _write_where_there_is_room(ax, points)
    return figure


def _write_where_there_is_room(ax, points):
    """Write each word beside its point, unless it would cover another word or point."""
    dots = ax.transData.transform([place for _, place in points])
    taken = [mpl.transforms.Bbox.from_extents(*(dot - 3), *(dot + 3)) for dot in dots]
    inside = ax.get_window_extent()
    sides = (((5, 0), "left"), ((-5, 0), "right"), ((0, 9), "center"), ((0, -9), "center"))
    for word, place in points:
        for offset, align in sides:
            note = ax.annotate(
                word,
                place,
                xytext=offset,
                textcoords="offset points",
                ha=align,
                va="center",
                fontsize=9,
            )
            box = note.get_window_extent()
            fits = inside.contains(*box.min) and inside.contains(*box.max)
            if fits and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            note.remove()


@mpl.rc_context(STYLE)
def next_words(distributions, count=12, xlabel="next word"):
    """The most probable next words: for each word a bar per name in `distributions`.

    `distributions` maps names to dicts from words to probabilities. The words are the `count`
    most probable ones of the first distribution; those of "truth" are black.
    """
    first = next(iter(distributions.values()))
    words = sorted(first, key=first.get, reverse=True)[:count]
    figure, ax = axes(width=9.4, height=3.3)
    width = 0.8 / len(distributions)
    for i, (name, look) in enumerate(looks(distributions).items()):
        x = np.arange(len(words)) + (i - (len(distributions) - 1) / 2) * width
        heights = [distributions[name].get(word, 0) for word in words]
        ax.bar(x, heights, width, color=_color(name, look), label=name)
    ax.set_xticks(range(len(words)), words, rotation=90 if len(words) > 12 else 0)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel(xlabel)
    ax.set_ylabel("probability")
    ax.legend()
    return figure


@mpl.rc_context(STYLE)
def over_distance(results, xlabel, ylabel, line=None, log=False):
    """A figure of merit against a distance: `results` maps names to {distance: one value or
    one per seed}. Lines go through the medians, with a dot per seed; `line` is a dashed one
    for comparison, (name, one value for all or {distance: value}). With `log`, distances are
    on a logarithmic axis.
    """
    figure, ax = axes(width=8.4, height=3.4)
    for name, look in looks(results).items():
        look = {**look, "color": _color(name, look)}
        by_distance = {d: np.atleast_1d(values) for d, values in sorted(results[name].items())}
        medians = [np.median(values) for values in by_distance.values()]
        ax.plot(list(by_distance), medians, label=name, **look)
        for distance, values in by_distance.items():
            ax.plot(np.full(len(values), distance), values, "o", color=look["color"], ms=4.5)
    if line is not None:
        name, height = line
        dashed = {"color": COLORS["theory"], "linestyle": "--", "linewidth": 1.2, "label": name}
        if isinstance(height, dict):
            ax.plot(*zip(*sorted(height.items())), **dashed)
        else:
            ax.axhline(height, **dashed)
    distances = sorted({d for values in results.values() for d in values})
    if log:
        ax.set_xscale("log")
        ax.set_xticks([], minor=True)
    ax.set_xticks(distances, distances)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    legend(ax)
    return figure


def _color(name, look):
    """Black for the truth, else what `looks` says."""
    return COLORS["data"] if "truth" in name.lower() else look["color"]
