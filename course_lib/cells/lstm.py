"""Long short-term memory and its variants."""

from course_lib.backend import T, affine, floatX, split
from course_lib.cells.base import Cell
from course_lib.initializers import ones, weight, zeros

__all__ = ["CoupledLSTMCell", "LSTMCell", "LayerNormLSTMCell", "PeepholeLSTMCell"]


class LSTMCell(Cell):
    """Long short-term memory with forget gate (Hochreiter & Schmidhuber, 1997; Gers et al., 2000).

    i, f, o = sigmoid(...), g = tanh(...) of x_t W_xh + h_{t-1} W_hh + b_h
    c_t = f * c_{t-1} + i * g
    h_t = o * tanh(c_t)

    `unit_forget_bias` starts the forget gate's bias at 1 (Jozefowicz et al., 2015), so that
    a new network remembers by default; `chrono` at the memory asked for, and the input gate's
    at its opposite.
    """

    gates = 4
    state_names = ("hidden state", "cell state")
    kept = ("input gate", "forget gate", "candidate", "output gate", "tanh of cell state")
    keeping = {1: 1, 0: -1}
    forget_gate = 1  # its block of columns

    def __init__(self, units, unit_forget_bias=True, **options):
        super().__init__(units, **options)
        self.unit_forget_bias = unit_forget_bias

    def initial_bias(self, shape, rng):
        bias = super().initial_bias(shape, rng)
        if self.chrono is None and self.unit_forget_bias:
            bias.reshape(self.gates, self.units)[self.forget_gate] = 1.0
        return bias

    def step(self, xp_t, h, c, W_hh):
        i, f, g, o = split(xp_t + T.dot(h, W_hh), 4, self.units)
        i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
        g = self.activation(g)
        c = f * c + i * g
        squashed = self.activation(c)
        return [o * squashed, c], [i, f, g, o, squashed]

    def backward_step(self, d_states, old_states, kept, W_hh):
        (d_h, d_c), (_, c_old), (i, f, g, o, squashed) = d_states, old_states, kept
        d_c = d_c + d_h * o * self.slope(squashed)
        d_pre = T.concatenate(
            [
                d_c * g * self.gate_slope(i),
                d_c * c_old * self.gate_slope(f),
                d_c * i * self.slope(g),
                d_h * squashed * self.gate_slope(o),
            ],
            axis=1,
        )
        return [T.dot(d_pre, W_hh.T), d_c * f], [d_pre]


class PeepholeLSTMCell(LSTMCell):
    """An LSTM whose gates see the cell state, too (Gers & Schmidhuber, 2000).

    Input and forget gate add p * c_{t-1}, the output gate p * c_t, each with a vector of its
    own: the columns of p_c (units, 3), which start at 0.
    """

    def build(self, features):
        super().build(features)
        self.p_c = weight("p_c", (self.units, 3), zeros)

    @property
    def weights(self):
        return [*super().weights, self.p_c]

    @property
    def recurrent_weights(self):
        return [self.W_hh, *(self.p_c[:, gate] for gate in range(3))]

    def step(self, xp_t, h, c, W_hh, p_i, p_f, p_o):
        i, f, g, o = split(xp_t + T.dot(h, W_hh), 4, self.units)
        i = self.recurrent_activation(i + p_i * c)
        f = self.recurrent_activation(f + p_f * c)
        g = self.activation(g)
        c = f * c + i * g
        o = self.recurrent_activation(o + p_o * c)
        squashed = self.activation(c)
        return [o * squashed, c], [i, f, g, o, squashed]


class CoupledLSTMCell(LSTMCell):
    """An LSTM that lets in as much as it forgets: i = 1 - f (CIFG in Greff et al., 2015).

    Blocks f, c, o.
    """

    gates = 3
    kept = ("forget gate", "candidate", "output gate", "tanh of cell state")
    keeping = {0: 1}
    forget_gate = 0

    def step(self, xp_t, h, c, W_hh):
        f, g, o = split(xp_t + T.dot(h, W_hh), 3, self.units)
        f, o = self.recurrent_activation(f), self.recurrent_activation(o)
        g = self.activation(g)
        c = f * c + (1 - f) * g
        squashed = self.activation(c)
        return [o * squashed, c], [f, g, o, squashed]


def normalized(x):
    """`x` with mean 0 and variance 1 in every row (Ba et al., 2016)."""
    centered = x - x.mean(axis=-1, keepdims=True)
    return centered / T.sqrt((centered**2).mean(axis=-1, keepdims=True) + floatX(1e-5))


class LayerNormLSTMCell(LSTMCell):
    """An LSTM with layer normalization (Ba, Kiros & Hinton, 2016, equations 20 to 22).

    x_t W_xh, h_{t-1} W_hh and the cell state on its way to h_t are normalized, each with gains
    of its own (start: 1): gain_x and gain_h (4*units,), gain_c (units,), and bias_c (units,).
    """

    def build(self, features):
        super().build(features)
        columns = self.gates * self.units
        self.gain_x = weight("gain_x", (columns,), ones)
        self.gain_h = weight("gain_h", (columns,), ones)
        self.gain_c = weight("gain_c", (self.units,), ones)
        self.bias_c = weight("bias_c", (self.units,), zeros)

    @property
    def weights(self):
        return [*super().weights, self.gain_x, self.gain_h, self.gain_c, self.bias_c]

    @property
    def recurrent_weights(self):
        return [self.W_hh, self.gain_h, self.gain_c, self.bias_c]

    def project(self, x):
        no_bias = T.zeros_like(self.b_h)
        return self.gain_x * normalized(affine(x, self.W_xh, no_bias)) + self.b_h

    def step(self, xp_t, h, c, W_hh, gain_h, gain_c, bias_c):
        i, f, g, o = split(xp_t + gain_h * normalized(T.dot(h, W_hh)), 4, self.units)
        i, f, o = (self.recurrent_activation(gate) for gate in (i, f, o))
        g = self.activation(g)
        c = f * c + i * g
        squashed = self.activation(gain_c * normalized(c) + bias_c)
        return [o * squashed, c], [i, f, g, o, squashed]
