"""One recurrent layer per cell, see `cells` for the formulas."""

from course_lib import cells
from course_lib.arguments import one_of
from course_lib.layers.recurrent import Recurrent

# The order is that of tables and figures.
__all__ = [
    "SimpleRNN",
    "IRNN",
    "IndRNN",
    "ClockworkRNN",
    "EchoState",
    "LSTM",
    "PeepholeLSTM",
    "CoupledLSTM",
    "LayerNormLSTM",
    "GRU",
    "MGU",
    "UGRNN",
    "MinGRU",
]


class SimpleRNN(Recurrent):
    """The vanilla RNN: h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h). Weights W_xh, W_hh, b_h."""

    cell_class = cells.SimpleRNNCell


class LSTM(Recurrent):
    """Long short-term memory; see `cells.LSTMCell`. States h and c, gate order i, f, c, o."""

    cell_class = cells.LSTMCell


class GRU(Recurrent):
    """Gated recurrent unit; see `cells.GRUCell`. Gate order z, r, h; `reset_after` as in Keras."""

    cell_class = cells.GRUCell


class PeepholeLSTM(LSTM):
    """An LSTM whose gates see the cell state (Gers & Schmidhuber, 2000)."""

    cell_class = cells.PeepholeLSTMCell


class CoupledLSTM(LSTM):
    """An LSTM that lets in as much as it forgets (CIFG in Greff et al., 2015)."""

    cell_class = cells.CoupledLSTMCell


class LayerNormLSTM(LSTM):
    """An LSTM with layer normalization (Ba, Kiros & Hinton, 2016)."""

    cell_class = cells.LayerNormLSTMCell


class UGRNN(Recurrent):
    """A GRU with its update gate alone (Collins, Sohl-Dickstein & Sussillo, 2017)."""

    cell_class = cells.UGRNNCell


class MGU(Recurrent):
    """Minimal gated unit: one gate both forgets and updates (Zhou et al., 2016)."""

    cell_class = cells.MGUCell


class MinGRU(Recurrent):
    """minGRU: the gate sees only the input (Feng et al., 2024)."""

    cell_class = cells.MinGRUCell


class IRNN(SimpleRNN):
    """A vanilla RNN with relu that starts as the identity (Le, Jaitly & Hinton, 2015)."""

    def __init__(self, units, activation="relu", recurrent_initializer="identity", **options):
        super().__init__(units, activation, recurrent_initializer=recurrent_initializer, **options)


class IndRNN(Recurrent):
    """Every unit remembers for itself alone (Li et al., 2018)."""

    cell_class = cells.IndRNNCell

    def __init__(self, units, activation="relu", recurrent_initializer="ones", **options):
        super().__init__(units, activation, recurrent_initializer=recurrent_initializer, **options)


class ClockworkRNN(Recurrent):
    """Groups of units that tick at different rates (Koutnik et al., 2014)."""

    cell_class = cells.ClockworkRNNCell


class EchoState(Recurrent):
    """The reservoir of an echo state network, never trained (Jaeger, 2001)."""

    cell_class = cells.EchoStateCell

    def __init__(self, units, trainable=False, **options):
        super().__init__(units, trainable=trainable, **options)


ARCHITECTURES = {name: globals()[name] for name in __all__}


def recurrent_layer(name, units, **options):
    """The recurrent layer called `name` ("GRU"); ValueError with the choices for another name."""
    return one_of("architecture", name, ARCHITECTURES)(units, **options)
