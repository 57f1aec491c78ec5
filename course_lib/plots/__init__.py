"""Every figure of the course. One color per architecture, from the palettes of Okabe &
Ito and of Tol, which people with any kind of color vision can tell apart."""

from course_lib.plots.cells import gru_cell, lstm_cell, rnn_cell
from course_lib.plots.curves import (
    forecast,
    gates,
    loss_curves,
    scores,
    series,
    states,
    waves,
)
from course_lib.plots.diagrams import bptt_unrolled, rnn_loop, rnn_unrolled, sequence_shapes
from course_lib.plots.gradients import (
    gradient_flow,
    loss_cliff,
    loss_surface,
    norm_history,
    saturation,
    truncation_error,
)
from course_lib.plots.results import frontier, tradeoff, training_curves
from course_lib.plots.style import COLORS

__all__ = [
    "COLORS",
    "bptt_unrolled",
    "forecast",
    "frontier",
    "gates",
    "gradient_flow",
    "gru_cell",
    "loss_cliff",
    "loss_curves",
    "loss_surface",
    "lstm_cell",
    "norm_history",
    "rnn_cell",
    "rnn_loop",
    "rnn_unrolled",
    "saturation",
    "scores",
    "sequence_shapes",
    "series",
    "states",
    "tradeoff",
    "training_curves",
    "truncation_error",
    "waves",
]
