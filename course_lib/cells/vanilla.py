"""Cells without gates."""

import numpy as np

from course_lib.arguments import positive_int, positive_number
from course_lib.backend import T, floatX
from course_lib.cells.base import Cell

__all__ = ["ClockworkRNNCell", "EchoStateCell", "IndRNNCell", "SimpleRNNCell"]


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


class IndRNNCell(Cell):
    """h_t = relu(x_t W_xh + h_{t-1} * w_h + b_h): every unit remembers for itself alone.

    Independently recurrent network (Li et al., 2018). W_hh is a vector here, one number per
    unit; a unit whose number is 1 keeps its state.
    """

    @property
    def recurrent_shape(self):
        return (self.units,)

    def step(self, xp_t, h, w_h):
        return [self.activation(xp_t + h * w_h)], []


class ClockworkRNNCell(Cell):
    """A SimpleRNN in `groups`: group k = 0, 1, ... computes only every 2^k-th step (Koutnik et
    al., 2014), and keeps its state in between. A group reads itself and the slower ones.

    Raises ValueError unless `units` is a multiple of `groups`.
    """

    state_names = ("hidden state", "clock")

    def __init__(self, units, groups=4, **options):
        super().__init__(units, **options)
        self.groups = positive_int("groups", groups)
        if self.units % self.groups:
            raise ValueError(f"units={units} cannot be shared out to {groups} groups of one size")

    @property
    def periods(self):
        """How many steps pass between two ticks of each unit: (units,)."""
        return np.repeat(2 ** np.arange(self.groups), self.units // self.groups)

    @property
    def state_shapes(self):
        return [(self.units,), ()]

    @property
    def recurrent_weights(self):
        slower = floatX(self.periods[:, None] >= self.periods)
        return [self.W_hh * slower]

    def step(self, xp_t, h, clock, W_hh):
        due = T.eq(clock.dimshuffle(0, "x") % floatX(self.periods), 0)
        h = T.switch(due, self.activation(xp_t + T.dot(h, W_hh)), h)
        return [h, clock + floatX(1)], []


class EchoStateCell(Cell):
    """h_t = (1 - leak) h_{t-1} + leak tanh(x_t W_xh + h_{t-1} W_hh + b_h), never trained.

    The reservoir of an echo state network (Jaeger, 2001; the leak: Jaeger et al., 2007): W_hh
    is random, with `spectral_radius` as the largest absolute eigenvalue; W_xh and b_h are
    uniform in [-input_scale, input_scale].

    Raises ValueError unless all three are above 0, and `leak` at most 1.
    """

    def __init__(self, units, spectral_radius=0.9, input_scale=0.5, leak=1.0, activation="tanh"):
        positive_number("spectral_radius", spectral_radius)
        positive_number("input_scale", input_scale)

        def uniform(shape, rng):
            return rng.uniform(-input_scale, input_scale, shape)

        def reservoir(shape, rng):
            W = rng.standard_normal(shape)
            return W * spectral_radius / np.abs(np.linalg.eigvals(W)).max()

        super().__init__(
            units,
            activation,
            kernel_initializer=uniform,
            recurrent_initializer=reservoir,
            bias_initializer=uniform,
        )
        self.stays = floatX(1 - positive_number("leak", leak, most=1))

    def step(self, xp_t, h, W_hh):
        new = self.activation(xp_t + T.dot(h, W_hh))
        return [new + self.stays * (h - new)], []
