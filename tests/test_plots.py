"""Figures: drawn without a display, labeled, nothing cut, and one color per architecture."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from course_lib import plots
from course_lib.evaluation import Interval
from course_lib.plots.style import color_of, looks

FIGURES = {
    "activations": plots.activations,
    "arrows": lambda: plots.arrows(
        [[3, 2], [0.6, 1]], {"value": [[1, 1], [0.6, 1]], "norm": [[0.8, 0.5], [0.5, 0.9]]}
    ),
    "gradient_cloud": lambda: plots.gradient_cloud([[0, 1], [1, 0]], [0.5, 0.5], "slope", "bias"),
    "stretched_circles": lambda: plots.stretched_circles(
        {"once": np.array([[1.0, 0.5], [0.0, 0.8]]), "twice": np.array([[1.0, 0.9], [0.0, 0.64]])}
    ),
    "alignment": lambda: plots.alignment(np.full((3, 4), 0.25), "may", ["0", "5"]),
    "confusion_matrix": lambda: plots.confusion_matrix([0, 1, 1], [0, 1, 0], ["yes", "no"]),
    "fans": lambda: plots.fans(
        [0, 1, 2], [1, 2, 1], [([1, 2], [[0, 1, 2], [-1, 1, 3]])], "year", "degrees"
    ),
    "forecast": lambda: plots.forecast([0, 1], [1, 2], {"RNN": [1, 1]}, "year", "count"),
    "frame_spectra": lambda: plots.frame_spectra({"s": np.arange(200.0), "e": np.ones(200)}),
    "frontier": lambda: plots.frontier(
        {"RNN": {5: [True, True], 50: [False, False]}, "LSTM": {5: [1.0, 0.9], 50: [0.9, 0.4]}},
        lags=[5, 50],
    ),
    "gates": lambda: plots.gates(
        {"input gate": np.full((40, 3), 0.5), "cell state": np.full((40, 3), -4.2)},
        ["-0.25", "x"] * 20,
    ),
    "gradient_flow": lambda: plots.gradient_flow(
        {"radius 0.5": 0.5 ** np.arange(9.0), "radius 1": np.ones(9)},
        theory={"radius 0.5": 0.5 ** np.arange(9.0)},
    ),
    "horizons": lambda: plots.horizons(
        {"GRU": [[1.0, 2.0], [1.5, 2.5]], "AR(2)": [2.0, 3.0]}, "steps", "error", goal=("mean", 4)
    ),
    "label_spikes": lambda: plots.label_spikes(
        np.random.default_rng(0).normal(size=(16, 13)),
        [[0.9, 0.05, 0.05], [0.1, 0.9, 0.0], [0.2, 0.1, 0.7], [0.9, 0.0, 0.1]],
        4,
        ["one", "two"],
        [("one", 7), ("two", 9)],
    ),
    "learning_to_speak": lambda: plots.learning_to_speak(
        [[9, 4, 1], [8, 3, 2]], [[0, 0.1, 1], [0, 0, 0.8]], 4
    ),
    "loss_cliff": lambda: plots.loss_cliff(
        [0, 1, 2], [1, 0, 9], path=[1.5, -40], clipped_path=[1.5, 0.9]
    ),
    "loss_curves": lambda: plots.loss_curves({"RNN": [1.0, 0.5]}, baselines={"AR(2)": 0.7}),
    "loss_surface": lambda: plots.loss_surface(
        [0, 1, 2], [0, 1], [[1, 2, 3], [1, 1, 100]], {"clipped": [[0, 0], [1, 1]]}
    ),
    "mel_filters": lambda: plots.mel_filters(np.ones((2, 129))),
    "next_words": lambda: plots.next_words(
        {"truth": {"soup": 0.6, "bread": 0.4}, "GRU": {"soup": 0.5, "bread": 0.5}}
    ),
    "next_symbols": lambda: plots.next_symbols({"T = 1": [0.2, 0.5, 0.3]}, "abc"),
    "norm_history": lambda: plots.norm_history([1.0, 30.0, 0.0, 2.0], limit=5),
    "ranked_units": lambda: plots.ranked_units({"in quotes": np.linspace(0.5, 1, 9)}, "AUC", 0.5),
    "response": lambda: plots.response(
        [0, 1],
        {"LSTM": [[0, 1], [0, 2]], "persistence": [0, 1]},
        "now",
        "next",
        {"test": ([1], [2])},
    ),
    "over_distance": lambda: plots.over_distance(
        {"GRU": {0: [1.0, 0.9], 3: [0.9, 0.8]}, "5-gram": {0: 1.0, 3: 0.5}},
        "words in between",
        "accuracy",
        line=("guessing", 0.5),
    ),
    "padded": lambda: plots.padded(np.ones((3, 5, 2)), [5, 3, 1]),
    "paired_scores": lambda: plots.paired_scores(
        {"GRU": {"clean": [0.9, 0.8], "10 dB": [0.7, 0.6]}, "mean": {"clean": 0.5, "10 dB": 0.4}}
    ),
    "saturation": plots.saturation,
    "scores": lambda: plots.scores({"RNN": [0.1, 0.2], "AR(2)": 0.3}, "MSE", line=("goal", 0.1)),
    "sound_features": lambda: plots.sound_features(
        np.sin(np.arange(800)),
        {"mel bands": np.ones((8, 20)), "MFCC": np.sin(np.arange(104)).reshape(8, 13)},
    ),
    "series": lambda: plots.series([0, 1, 2], [3, 1, 2], "year", "count", {"test": (1, 2)}),
    "states": lambda: plots.states(np.zeros((5, 4)), {"input": np.ones(5)}),
    "tradeoff": lambda: plots.tradeoff(
        {"RNN": (1, 1), "LSTM": (4, 2), "GRU": (1.05, 1.01)}, "parameters", "accuracy"
    ),
    "training_curves": lambda: plots.training_curves(
        {"GRU": [[0.1, 0.2, 0.9], [0.2, 0.4]], "RNN": [[0.1, 0.1]]}, {"guessing": 0.1}
    ),
    "truncation_error": lambda: plots.truncation_error([1, 10], {"radius 0.9": [0.5, 0.0]}),
    "waves": lambda: plots.waves(np.zeros((3, 4, 1)), np.zeros((3, 1))),
    "word_map": lambda: plots.word_map(
        {"input": np.eye(3)[:, :2], "output": np.eye(3)[:, 1:]},
        ["soup", "bread", "tea"],
        {"food": ["soup", "bread"], "drinks": ["tea"]},
    ),
    "waveform": lambda: plots.waveform(np.sin(np.arange(800)), {"s": (0, 200)}),
}
DIAGRAMS = {
    "bptt_unrolled": plots.bptt_unrolled,
    "colored_text": lambda: plots.colored_text("ab c\nd", np.zeros(6)),
    "expression_graph": plots.expression_graph,
    "gru_cell": plots.gru_cell,
    "lstm_cell": plots.lstm_cell,
    "rnn_cell": plots.rnn_cell,
    "rnn_loop": plots.rnn_loop,
    "rnn_unrolled": plots.rnn_unrolled,
    "sequence_shapes": plots.sequence_shapes,
    "text_streams": lambda: plots.text_streams("abcdefgh", 2, 2, 2),
}
BITS = {"8-gram": 1.85, "GRU": [1.88, 1.87], "GRU,\n2 layers": [1.5, 1.8, 1.6]}
MINUS_8_GRAM = {
    "GRU": Interval(0.025, 0.01, 0.04, 0.9),
    "GRU,\n2 layers": Interval(-0.25, -0.4, -0.1, 0.9),
}
VARIANTS = {
    "bptt, all losses": lambda: plots.bptt_unrolled(6, losses="all", truncation=3),
    "bptt, two steps": lambda: plots.bptt_unrolled(2, losses="all"),
    "LSTM without gates": lambda: plots.lstm_cell(()),
    "over_distance, log": lambda: plots.over_distance(
        {"GRU": {1: 4.0, 16: 2.0, 128: 1.8}}, "characters", "bits", log=True
    ),
    "scores, log": lambda: plots.scores({"RNN": [1e-6, 1e-5, 3e-6], "AR(2)": 0.3}, "MSE", log=True),
    "scores, nine": lambda: plots.scores(
        {f"{i}\ngru": -i / 0.03 for i in range(9)}, "gain", "cell"
    ),
    "scores, rival": lambda: plots.scores(
        BITS, "bits", intervals=MINUS_8_GRAM, rival="8-gram", line=("oracle", 1.8)
    ),
    "scores, differences": lambda: plots.scores(
        {"GRU": [0.02, 0.03]}, "bits", intervals={"GRU": MINUS_8_GRAM["GRU"]}
    ),
}
GATES = {"forget": "$f_t$", "input": "$i_t$", "output": "$o_t$"}
TIMES = r"$\times$"


def texts_of(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def drawn_texts(figure, monkeypatch):
    """(text, its place in pixels) for every text that is drawn, tick labels included."""
    texts, draw = [], Text.draw

    def spy(text, renderer):
        texts.append(text)
        draw(text, renderer)

    monkeypatch.setattr(Text, "draw", spy)
    figure.draw_without_rendering()
    return [
        (text.get_text(), text.get_window_extent())
        for text in texts
        if text.get_visible() and text.get_text()
    ]


@pytest.mark.parametrize("name", FIGURES)
def test_axes_of_figures_are_labeled(name):
    figure = FIGURES[name]()
    assert any(ax.get_xlabel() or ax.get_xticklabels() for ax in figure.axes)
    assert any(ax.get_ylabel() for ax in figure.axes)


@pytest.mark.parametrize("draw", [*FIGURES.values(), *DIAGRAMS.values()])
def test_a_figure_is_shown_once_as_the_value_of_its_cell(draw):
    # A figure that pyplot still holds would be shown a second time at the end of the cell.
    draw()
    assert plt.get_fignums() == []


def test_the_module_offers_every_figure():
    assert set(FIGURES) | set(DIAGRAMS) | {"COLORS"} == set(plots.__all__)


@pytest.mark.parametrize("draw", [*FIGURES.values(), *DIAGRAMS.values(), *VARIANTS.values()])
def test_texts_are_neither_cut_nor_on_top_of_each_other(draw, monkeypatch):
    figure = draw()
    texts = drawn_texts(figure, monkeypatch)
    page = figure.bbox.padded(1)
    assert [t for t, at in texts if not (page.contains(*at.min) and page.contains(*at.max))] == []
    overlaps = [(a, b) for (a, p), (b, q) in combinations(texts, 2) if p.padded(-1).overlaps(q)]
    assert overlaps == []


def test_an_unrolled_rnn_has_a_state_for_each_step():
    texts = texts_of(plots.rnn_unrolled(steps=3))
    assert [f"$h_{{{t}}}$" in texts for t in (1, 2, 3, 4)] == [True, True, True, False]


@pytest.mark.parametrize(
    "parts", [(), "forget", ("forget", "input"), ["output"], ("forget", "input", "output")]
)
def test_an_lstm_is_built_gate_by_gate(parts):
    texts = texts_of(plots.lstm_cell(parts))
    wanted = [gate for gate in GATES if gate in parts]
    assert [gate for gate in GATES if gate in texts] == wanted
    assert [gate for gate in GATES if GATES[gate] in texts] == wanted
    # One product for each gate; the sum with the candidate is always there.
    assert texts.count(TIMES) == len(wanted)
    assert texts.count("+") == texts.count("$g_t$") == 1


def test_a_part_that_no_lstm_has_is_refused():
    with pytest.raises(ValueError, match="unknown part 'reset': choose from forget, input, output"):
        plots.lstm_cell(["reset"])


def test_a_gru_mixes_old_and_new():
    texts = texts_of(plots.gru_cell())
    assert {"$r_t$", "$z_t$", "$1-z_t$", r"$\tilde{h}_t$"} <= set(texts)
    assert texts.count(TIMES) == 3


def test_bptt_has_the_losses_asked_for():
    def losses(**options):
        return {text for text in texts_of(plots.bptt_unrolled(3, **options)) if text[:2] == "$L"}

    assert losses() == {"$L$"}
    assert {"$L_{1}$", "$L_{2}$", "$L_{3}$"} < losses(losses="all")
    with pytest.raises(ValueError, match="losses"):
        plots.bptt_unrolled(losses="first")


@pytest.mark.parametrize(
    ("losses", "truncation", "cuts", "arrows"),
    [
        ("last", None, 0, 5),
        ("all", None, 0, 5),
        ("last", 2, 1, 1),
        ("all", 2, 2, 3),
        ("all", 9, 0, 5),
    ],
)
def test_truncation_cuts_the_gradient(losses, truncation, cuts, arrows):
    figure = plots.bptt_unrolled(6, losses=losses, truncation=truncation)
    assert texts_of(figure).count("gradient\ncut here") == cuts == len(figure.axes[0].lines)
    # Between two states the gradient has an arrow with the derivative of one by the other.
    assert sum(r"\frac{\partial h" in text for text in texts_of(figure)) == arrows


def test_a_truncation_to_nothing_is_refused():
    with pytest.raises(ValueError, match="truncation"):
        plots.bptt_unrolled(truncation=0)


def test_a_gradient_that_is_zero_leaves_a_gap_in_a_log_plot():
    (line,) = plots.gradient_flow({"RNN": [1.0, 0.1, 0.0]}).axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), [1.0, 0.1, np.nan])
    (line,) = plots.gradient_flow({"RNN": [1.0, 0.1, 0.0]}, log=False).axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), [1.0, 0.1, 0.0])


def test_a_path_that_leaves_the_picture_ends_at_its_edge():
    figure = plots.loss_cliff([0, 1, 2], [1, 0, 9], path=[1.5, -40, 3])
    assert "to \N{MINUS SIGN}40" in texts_of(figure)
    assert figure.axes[0].get_xlim()[0] > -1


def test_a_loss_surface_has_a_row_per_bias():
    with pytest.raises(ValueError, match=r"shape \(2, 3\), not \(3, 2\)"):
        plots.loss_surface([0, 1, 2], [0, 1], np.ones((3, 2)))


def test_gates_and_states_have_their_own_scales():
    gates = {"update gate": np.full((4, 2), 0.2), "hidden state": np.zeros((4, 2))}
    figure = plots.gates({**gates, "cell state": np.full((4, 2), 3.0)}, list("abcd"), units=[1])
    limits = [ax.images[0].get_clim() for ax in figure.axes if ax.images]
    assert limits == [(0, 1), (-1, 1), (-3, 3)]
    with pytest.raises(ValueError, match="update gate: 4 steps, but 3 symbols"):
        plots.gates(gates, list("abc"))


def test_the_frontier_ends_before_the_first_lag_that_most_seeds_do_not_solve():
    solved = {5: [1, 1, 1], 10: [1, 1, 0], 20: [1, 0, 0], 50: [1, 1, 1]}
    figure = plots.frontier({"GRU": solved}, lags=[5, 10, 20, 50])
    (bar, *_) = figure.axes[0].patches
    assert 10 < bar.get_x() + bar.get_width() < 20
    assert bar.get_facecolor()[:3] == to_rgb(plots.COLORS["gru"])


def label_heights(figure):
    """Where the numbers of a figure of scores stand, and the lines across it, in pixels."""
    ax = figure.axes[0]
    figure.draw_without_rendering()
    labels = {t.get_text(): np.mean(t.get_window_extent().intervaly) for t in ax.texts}
    lines = [line for line in ax.lines if list(line.get_xdata()) == [0, 1]]
    return labels, [ax.transData.transform((0, line.get_ydata()[0]))[1] for line in lines]


def test_the_median_is_written_at_the_median():
    figure = plots.scores({"RNN": [0.1, 0.11, 0.2], "AR(2)": 0.3}, "MSE")
    labels, _ = label_heights(figure)
    transform = figure.axes[0].transData.transform
    for median in (0.11, 0.3):
        assert labels[f"{median}"] == pytest.approx(transform((0, median))[1], abs=2)


def test_no_line_goes_through_a_number():
    options = {"intervals": MINUS_8_GRAM, "rival": "8-gram"}
    for goal in (1.5, 1.8, 1.9):
        figure = plots.scores(BITS, "bits", line=("oracle", goal), **options)
        labels, lines = label_heights(figure)
        del labels["oracle"]
        assert len(lines) == 3  # zero, the goal, the rival
        assert min(abs(at - line) for at in labels.values() for line in lines) > 7


def bars_of(figure):
    return [patch for patch in figure.axes[0].patches if patch.get_height()]


def test_a_logarithmic_axis_has_no_bars():
    scores = {"RNN": [0.1, 0.2], "AR(2)": 0.3}
    assert len(bars_of(plots.scores(scores, "MSE"))) == 2
    assert bars_of(plots.scores(scores, "MSE", log=True)) == []


@pytest.mark.parametrize(("rival", "base"), [("8-gram", 1.85), (None, 0)])
def test_intervals_start_from_the_rival_or_from_0(rival, base):
    figure = plots.scores(BITS, "bits", intervals=MINUS_8_GRAM, rival=rival)
    drawn = [c.get_segments()[0][:, 1] for c in figure.axes[0].collections]
    for interval in MINUS_8_GRAM.values():
        ends = [base + interval.low, base + interval.high]
        assert any(np.allclose(segment, ends) for segment in drawn)


def test_paired_scores_start_from_0():
    figure = plots.paired_scores({"GRU": {"clean": [0.05, 0.06]}, "mean": {"clean": 0.2}})
    assert figure.axes[0].get_xlim()[0] == 0


def test_a_bold_line_is_the_median_of_the_seeds():
    seeds = [[0.0, 0.5, 1.0], [0.0, 1.0], [0.0, 0.0, 0.0]]
    *_, median = plots.training_curves({"GRU": seeds}, steps=10).axes[0].lines
    np.testing.assert_array_equal(median.get_xdata(), [10, 20, 30])
    np.testing.assert_array_equal(median.get_ydata(), [0.0, 0.5, 1.0])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("RNN, 12 bits", "rnn"),
        ("IRNN", "irnn"),
        ("GRU(32)", "gru"),
        ("LSTM", "lstm"),
        ("LSTM cell state", "lstm"),
        ("AR(9)", "linear"),
    ],
)
def test_a_color_stands_for_an_architecture(name, key):
    assert color_of(name) == plots.COLORS[key]


def test_every_line_of_a_figure_looks_different():
    names = ["RNN", "LSTM c", "LSTM h", *(f"radius {r}" for r in (0.5, 0.8, 1.0, 1.1, 1.3))]
    look = looks(names)
    assert look["LSTM c"]["color"] == look["LSTM h"]["color"] == plots.COLORS["lstm"]
    assert len({str(options) for options in look.values()}) == len(names)
    many = looks([f"RNN, radius {r}" for r in (0.5, 0.8, 1.0, 1.1, 1.3)])
    assert len({options["color"] for options in many.values()}) == 5


def test_colors_differ():
    assert len(set(plots.COLORS.values())) == len(plots.COLORS)
