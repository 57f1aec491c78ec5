"""Layers, with Keras's names, arguments, shapes and weight layout."""

from course_lib.layers import architectures
from course_lib.layers.architectures import *  # noqa: F403
from course_lib.layers.architectures import ARCHITECTURES, recurrent_layer
from course_lib.layers.attention import AttentionDecoder
from course_lib.layers.base import Layer
from course_lib.layers.bidirectional import Bidirectional
from course_lib.layers.core import Dense, Dropout, Embedding, Masking
from course_lib.layers.recurrent import Recurrent

__all__ = [
    "ARCHITECTURES",
    "AttentionDecoder",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "Layer",
    "Masking",
    "Recurrent",
    "recurrent_layer",
    *architectures.__all__,
]
