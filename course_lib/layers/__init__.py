"""Layers, with Keras's names, arguments, shapes and weight layout."""

from course_lib.layers.base import Layer
from course_lib.layers.core import Dense, Dropout, Embedding, Masking
from course_lib.layers.recurrent import GRU, LSTM, Bidirectional, Recurrent, SimpleRNN

__all__ = [
    "GRU",
    "LSTM",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "Layer",
    "Masking",
    "Recurrent",
    "SimpleRNN",
]
