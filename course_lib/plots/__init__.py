"""Every figure of the course. One color per architecture, from the palettes of Okabe &
Ito and of Tol, which people with any kind of color vision can tell apart."""

from course_lib.plots.attention import alignment
from course_lib.plots.bars import paired_scores, scores
from course_lib.plots.cells import gru_cell, lstm_cell, rnn_cell
from course_lib.plots.ctc import label_spikes, learning_to_speak
from course_lib.plots.curves import (
    forecast,
    gates,
    loss_curves,
    series,
    states,
    waves,
)
from course_lib.plots.diagrams import (
    bptt_unrolled,
    expression_graph,
    rnn_loop,
    rnn_unrolled,
    sequence_shapes,
)
from course_lib.plots.embeddings import next_words, over_distance, word_map
from course_lib.plots.forecasts import fans, horizons, response
from course_lib.plots.gradients import (
    gradient_flow,
    loss_cliff,
    loss_surface,
    norm_history,
    saturation,
    truncation_error,
)
from course_lib.plots.results import frontier, tradeoff, training_curves
from course_lib.plots.speech import (
    confusion_matrix,
    frame_spectra,
    mel_filters,
    padded,
    sound_features,
    waveform,
)
from course_lib.plots.style import COLORS
from course_lib.plots.text import colored_text, next_symbols, ranked_units, text_streams
from course_lib.plots.vectors import activations, arrows, gradient_cloud, stretched_circles

__all__ = [
    "COLORS",
    "activations",
    "alignment",
    "arrows",
    "bptt_unrolled",
    "colored_text",
    "confusion_matrix",
    "expression_graph",
    "fans",
    "forecast",
    "frame_spectra",
    "frontier",
    "gates",
    "gradient_cloud",
    "gradient_flow",
    "gru_cell",
    "horizons",
    "loss_cliff",
    "loss_curves",
    "loss_surface",
    "label_spikes",
    "learning_to_speak",
    "lstm_cell",
    "mel_filters",
    "next_symbols",
    "next_words",
    "norm_history",
    "over_distance",
    "padded",
    "paired_scores",
    "ranked_units",
    "response",
    "rnn_cell",
    "rnn_loop",
    "rnn_unrolled",
    "saturation",
    "scores",
    "sequence_shapes",
    "series",
    "sound_features",
    "states",
    "stretched_circles",
    "text_streams",
    "tradeoff",
    "training_curves",
    "truncation_error",
    "waveform",
    "waves",
    "word_map",
]
