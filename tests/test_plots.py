"""Figures: drawn without a display, labeled, and one color per architecture."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib import plots
from course_lib.plots.style import color_of

FIGURES = {
    "forecast": lambda: plots.forecast([0, 1], [1, 2], {"RNN": [1, 1]}, "year", "count"),
    "loss_curves": lambda: plots.loss_curves({"RNN": [1.0, 0.5]}, baselines={"AR(2)": 0.7}),
    "scores": lambda: plots.scores({"RNN": [0.1, 0.2], "AR(2)": 0.3}, "MSE", line=("goal", 0.1)),
    "series": lambda: plots.series([0, 1, 2], [3, 1, 2], "year", "count", {"test": (1, 2)}),
    "states": lambda: plots.states(np.zeros((5, 4)), np.ones(5)),
    "waves": lambda: plots.waves(np.zeros((3, 4, 1)), np.zeros((3, 1))),
}
DIAGRAMS = {
    "rnn_loop": plots.rnn_loop,
    "rnn_unrolled": plots.rnn_unrolled,
    "sequence_shapes": plots.sequence_shapes,
}


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


def test_an_unrolled_rnn_has_a_state_for_each_step():
    texts = [text.get_text() for text in plots.rnn_unrolled(steps=3).axes[0].texts]
    assert [f"$h_{{{t}}}$" in texts for t in (1, 2, 3, 4)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("name", "key"),
    [("RNN, 12 bits", "rnn"), ("GRU(32)", "gru"), ("LSTM", "lstm"), ("AR(9)", "linear")],
)
def test_a_color_stands_for_an_architecture(name, key):
    assert color_of(name) == plots.COLORS[key]


def test_colors_differ():
    assert len(set(plots.COLORS.values())) == len(plots.COLORS)
