"""Every figure of the course. One color per architecture, from Okabe & Ito's palette, which
people with any kind of color vision can tell apart."""

from course_lib.plots.curves import (
    forecast,
    loss_curves,
    scores,
    series,
    states,
    waves,
)
from course_lib.plots.diagrams import rnn_loop, rnn_unrolled, sequence_shapes
from course_lib.plots.style import COLORS

__all__ = [
    "COLORS",
    "forecast",
    "loss_curves",
    "rnn_loop",
    "rnn_unrolled",
    "scores",
    "sequence_shapes",
    "series",
    "states",
    "waves",
]
