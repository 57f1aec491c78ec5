"""Layers, with Keras's names, arguments, shapes and weight layout."""

from course_lib.layers.architectures import (
    ARCHITECTURES,
    GRU,
    IRNN,
    LSTM,
    MGU,
    UGRNN,
    ClockworkRNN,
    CoupledLSTM,
    EchoState,
    IndRNN,
    LayerNormLSTM,
    MinGRU,
    PeepholeLSTM,
    SimpleRNN,
    recurrent_layer,
)
from course_lib.layers.attention import AttentionDecoder
from course_lib.layers.base import Layer
from course_lib.layers.core import Dense, Dropout, Embedding, Masking
from course_lib.layers.recurrent import Bidirectional, Recurrent

__all__ = [
    "ARCHITECTURES",
    "AttentionDecoder",
    "Bidirectional",
    "ClockworkRNN",
    "CoupledLSTM",
    "Dense",
    "Dropout",
    "EchoState",
    "Embedding",
    "GRU",
    "IRNN",
    "IndRNN",
    "LSTM",
    "Layer",
    "LayerNormLSTM",
    "MGU",
    "Masking",
    "MinGRU",
    "PeepholeLSTM",
    "Recurrent",
    "SimpleRNN",
    "UGRNN",
    "recurrent_layer",
]
