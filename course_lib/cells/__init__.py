"""Recurrent cells: the parameters and one step of each.

A cell knows nothing of loops. `project` does what needs only the inputs, for all time steps
at once; `step` does what needs the previous state, for one. `backward_step` is the chain rule
for that one step. The loop is in `recurrence`; masks and directions are in `layers`.

Shapes and order of weights are Keras's, so ``set_weights(keras_layer.get_weights())`` works:
gates side by side in the columns, LSTM i, f, c, o and GRU z, r, h.
"""

from course_lib.cells import gru, lstm, vanilla
from course_lib.cells.base import Cell
from course_lib.cells.gru import *  # noqa: F403
from course_lib.cells.lstm import *  # noqa: F403
from course_lib.cells.vanilla import *  # noqa: F403

__all__ = ["Cell", *gru.__all__, *lstm.__all__, *vanilla.__all__]
