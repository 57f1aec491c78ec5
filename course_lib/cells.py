"""Recurrent cells: the parameters and one step of each.

A cell knows nothing of loops. `project` does what needs only the inputs, for all time steps
at once; `step` does what needs the previous state, for one. `backward_step` is the chain rule
for that one step. The loop is in `recurrence`; masks and directions are in `layers`.

Shapes and order of weights are Keras's, so ``set_weights(keras_layer.get_weights())`` works:
gates side by side in the columns, LSTM i, f, c, o and GRU z, r, h.
"""

import numpy as np

from course_lib import activations, initializers
from course_lib.backend import T, affine, floatX, new_rng, shared, split
from course_lib.checks import positive_int, whole_number_from


class Cell:
    """What all cells share: names, sizes and initial values of the parameters.

    A subclass defines ``step(xp_t, *states, *recurrent_weights)``, which returns two lists:
    the new states, and what is kept of this step for looking at and for the way back.

    It may define ``backward_step(d_states, old_states, kept, *recurrent_weights)``: from the
    gradients with respect to the new states to two lists, the gradients with respect to the
    old states, and those with respect to the projected input and, if that is another one,
    the product h W_hh. Without it `theano.grad` finds the same.
    """

    gates = 1  # blocks of `units` columns in W_xh and W_hh
    states = 1  # arrays of shape (batch, units) handed from step to step
    kept = ()  # names of the arrays in the second list of `step`
    products = 1  # arrays in the second list of `backward_step`

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
    ):
        self.units = positive_int("units", units)
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.slope = activations.SLOPES.get(self.activation)
        self.gate_slope = activations.SLOPES.get(self.recurrent_activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)

    def build(self, features):
        """Create W_xh (features, gates*units), W_hh (units, gates*units) and b_h."""
        rng, columns = new_rng(), self.gates * self.units
        self.W_xh = shared(floatX(self.kernel_initializer((features, columns), rng)), "W_xh")
        self.W_hh = shared(floatX(self.recurrent_initializer((self.units, columns), rng)), "W_hh")
        self.b_h = shared(floatX(self.initial_bias(rng)), "b_h")

    def initial_bias(self, rng):
        return self.bias_initializer((self.gates * self.units,), rng)

    @property
    def weights(self):
        """Shared variables in Keras's order."""
        return [self.W_xh, self.W_hh, self.b_h]

    @property
    def recurrent_weights(self):
        """What `step` needs besides input and states."""
        return [self.W_hh]

    @property
    def knows_backward_step(self):
        """Whether `backward_step` is there, belongs to `step`, and knows the activations' slopes.

        A subclass with a `step` of its own does not inherit the way back of another one.
        """
        owner = next(kind for kind in type(self).__mro__ if "step" in vars(kind))
        return "backward_step" in vars(owner) and None not in (self.slope, self.gate_slope)

    def project(self, x):
        """x W_xh + b_h for inputs of all time steps: (time, batch, gates*units)."""
        return affine(x, self.W_xh, self.b_h)

    def weight_gradients(self, h_before, d_product):
        """Gradients of `recurrent_weights` from all old states and the gradients with respect
        to h W_hh, both with one row per sample and time step."""
        return [T.dot(h_before.T, d_product)]


def checked_chrono(steps):
    """`chrono` as None or a whole number of at least 3, else ValueError."""
    return None if steps is None else whole_number_from(3, "chrono", steps)


def chrono_bias(longest, units, rng):
    """Biases log(u) of a gate that keeps the old state, u uniform in [1, longest - 1].

    Such a gate starts at u / (1 + u), so the state decays over about 1 + u steps: between
    them the units cover all time scales up to `longest` (Tallec & Ollivier, 2018).
    """
    return np.log(rng.uniform(1, longest - 1, units))


class SimpleRNNCell(Cell):
    """h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)   (Elman, 1990)"""

    kept = ("new state",)

    def step(self, xp_t, h, W_hh):
        h = self.activation(xp_t + T.dot(h, W_hh))
        return [h], [h]

    def backward_step(self, d_states, old_states, kept, W_hh):
        (d_h,), (h,) = d_states, kept
        d_pre = d_h * self.slope(h)
        return [T.dot(d_pre, W_hh.T)], [d_pre]


class LSTMCell(Cell):
    """Long short-term memory with forget gate (Hochreiter & Schmidhuber, 1997; Gers et al., 2000).

    i, f, o = sigmoid(...), g = tanh(...) of x_t W_xh + h_{t-1} W_hh + b_h
    c_t = f * c_{t-1} + i * g
    h_t = o * tanh(c_t)

    `unit_forget_bias` starts the forget gate's bias at 1 (Jozefowicz et al., 2015), so that
    a new network remembers by default. `chrono=T` instead starts every unit with a memory of
    its own length between 1 and T steps (`chrono_bias`), and the input gate at its opposite.
    """

    gates = 4
    states = 2
    kept = ("input gate", "forget gate", "candidate", "output gate", "tanh of cell state")

    def __init__(self, units, unit_forget_bias=True, chrono=None, **options):
        super().__init__(units, **options)
        self.unit_forget_bias = unit_forget_bias
        self.chrono = checked_chrono(chrono)

    def initial_bias(self, rng):
        bias = np.array(super().initial_bias(rng))
        i, f = slice(self.units), slice(self.units, 2 * self.units)
        if self.chrono is not None:
            bias[f] = chrono_bias(self.chrono, self.units, rng)
            bias[i] = -bias[f]
        elif self.unit_forget_bias:
            bias[f] = 1.0
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


class GRUCell(Cell):
    """Gated recurrent unit (Cho et al., 2014).

    z, r = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z), sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)
    candidate = tanh(x_t W_xh + r * (h_{t-1} W_hh + b_hh) + b_xh)
    h_t = z * h_{t-1} + (1 - z) * candidate

    `reset_after=False` applies the reset gate before the product instead, as in the paper:
    (r * h_{t-1}) W_hh. With `reset_after=True` there are two biases, b_h of shape
    (2, 3*units): row 0 joins the inputs, row 1 the recurrent product.

    `chrono=T` starts the update gate such that every unit has a memory of its own length
    between 1 and T steps (`chrono_bias`).
    """

    gates = 3
    kept = ("update gate", "reset gate", "candidate", "recurrent part of candidate")
    products = 2

    def __init__(self, units, reset_after=True, chrono=None, **options):
        super().__init__(units, **options)
        self.reset_after = bool(reset_after)
        self.chrono = checked_chrono(chrono)

    def initial_bias(self, rng):
        shape = (3 * self.units,)
        bias = self.bias_initializer((2, *shape) if self.reset_after else shape, rng)
        bias = np.array(bias)
        if self.chrono is not None:
            inputs_row = bias[0] if self.reset_after else bias
            inputs_row[: self.units] = chrono_bias(self.chrono, self.units, rng)
        return bias

    @property
    def recurrent_weights(self):
        if self.reset_after:
            return [self.W_hh, self.b_h[1]]
        return [self.W_hh[:, : 2 * self.units], self.W_hh[:, 2 * self.units :]]

    def project(self, x):
        return affine(x, self.W_xh, self.b_h[0] if self.reset_after else self.b_h)

    @property
    def knows_backward_step(self):
        return super().knows_backward_step and self.reset_after

    def step(self, xp_t, h, *recurrent_weights):
        step = self._step_reset_after if self.reset_after else self._step_reset_before
        return step(xp_t, h, *recurrent_weights)

    def _step_reset_after(self, xp_t, h, W_hh, b_hh):
        x_z, x_r, x_h = split(xp_t, 3, self.units)
        h_z, h_r, h_h = split(T.dot(h, W_hh) + b_hh, 3, self.units)
        z = self.recurrent_activation(x_z + h_z)
        r = self.recurrent_activation(x_r + h_r)
        candidate = self.activation(x_h + r * h_h)
        return [z * h + (1 - z) * candidate], [z, r, candidate, h_h]

    def _step_reset_before(self, xp_t, h, W_gates, W_candidate):
        x_z, x_r, x_h = split(xp_t, 3, self.units)
        h_z, h_r = split(T.dot(h, W_gates), 2, self.units)
        z = self.recurrent_activation(x_z + h_z)
        r = self.recurrent_activation(x_r + h_r)
        candidate = self.activation(x_h + T.dot(r * h, W_candidate))
        return [z * h + (1 - z) * candidate], [z, r, candidate, r * h]

    def backward_step(self, d_states, old_states, kept, W_hh, b_hh):
        (d_h,), (h_old,), (z, r, candidate, h_h) = d_states, old_states, kept
        d_candidate = d_h * (1 - z) * self.slope(candidate)
        d_z = d_h * (h_old - candidate) * self.gate_slope(z)
        d_r = d_candidate * h_h * self.gate_slope(r)
        d_projected = T.concatenate([d_z, d_r, d_candidate], axis=1)
        d_product = T.concatenate([d_z, d_r, d_candidate * r], axis=1)
        return [d_h * z + T.dot(d_product, W_hh.T)], [d_projected, d_product]

    def weight_gradients(self, h_before, d_product):
        ones = T.ones((1, d_product.shape[0]), dtype=d_product.dtype)
        return [*super().weight_gradients(h_before, d_product), T.dot(ones, d_product)[0]]
