"""The gated recurrent unit, and cells with fewer gates."""

from course_lib.backend import T, affine, split
from course_lib.cells.base import Cell

__all__ = ["GRUCell", "MGUCell", "MinGRUCell", "UGRNNCell"]


class GRUCell(Cell):
    """Gated recurrent unit (Cho et al., 2014).

    z, r = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z), sigmoid(x_t W_xr + h_{t-1} W_hr + b_r)
    candidate = tanh(x_t W_xh + r * (h_{t-1} W_hh + b_hh) + b_xh)
    h_t = z * h_{t-1} + (1 - z) * candidate

    `reset_after=False` applies the reset gate before the product instead, as in the paper:
    (r * h_{t-1}) W_hh. With `reset_after=True` there are two biases, b_h of shape
    (2, 3*units): row 0 joins the inputs, row 1 the recurrent product.
    """

    gates = 3
    kept = ("update gate", "reset gate", "candidate", "recurrent part of candidate")
    products = 2
    keeping = {0: 1}

    def __init__(self, units, reset_after=True, **options):
        super().__init__(units, **options)
        self.reset_after = bool(reset_after)

    @property
    def bias_shape(self):
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

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


class UGRNNCell(Cell):
    """Update gate alone (Collins, Sohl-Dickstein & Sussillo, 2017): a GRU that never resets.

    z = sigmoid(x_t W_xz + h_{t-1} W_hz + b_z)
    candidate = tanh(x_t W_xh + h_{t-1} W_hh + b_h)
    h_t = z * h_{t-1} + (1 - z) * candidate
    """

    gates = 2
    kept = ("update gate", "candidate")
    keeping = {0: 1}

    def step(self, xp_t, h, W_hh):
        z, candidate = split(xp_t + T.dot(h, W_hh), 2, self.units)
        z, candidate = self.recurrent_activation(z), self.activation(candidate)
        return [z * h + (1 - z) * candidate], [z, candidate]


class MGUCell(Cell):
    """Minimal gated unit (Zhou et al., 2016): one gate both forgets and updates.

    f = sigmoid(x_t W_xf + h_{t-1} W_hf + b_f)
    candidate = tanh(x_t W_xh + (f * h_{t-1}) W_hh + b_h)
    h_t = (1 - f) * h_{t-1} + f * candidate
    """

    gates = 2
    kept = ("forget gate", "candidate")
    keeping = {0: -1}

    @property
    def recurrent_weights(self):
        return [self.W_hh[:, : self.units], self.W_hh[:, self.units :]]

    def step(self, xp_t, h, W_gate, W_candidate):
        x_f, x_h = split(xp_t, 2, self.units)
        f = self.recurrent_activation(x_f + T.dot(h, W_gate))
        candidate = self.activation(x_h + T.dot(f * h, W_candidate))
        return [(1 - f) * h + f * candidate], [f, candidate]


class MinGRUCell(Cell):
    """minGRU (Feng et al., 2024): the gate sees only the input.

    z = sigmoid(x_t W_xz + b_z)
    h_t = (1 - z) * h_{t-1} + z * (x_t W_xh + b_h)

    Neither gate nor candidate waits for a state, so that `parallel=True` is possible.
    """

    gates = 2
    kept = ("update gate", "candidate")
    keeping = {0: -1}

    def build(self, features):
        super().build(features)
        del self.W_hh  # nothing in a gate or a candidate reads the state before

    @property
    def weights(self):
        return [self.W_xh, *([self.b_h] if self.use_bias else [])]

    @property
    def recurrent_weights(self):
        return []

    def _gate_and_candidate(self, xp):
        z, candidate = split(xp, 2, self.units)
        return self.recurrent_activation(z), candidate

    def keep_and_add(self, xp):
        z, candidate = self._gate_and_candidate(xp)
        return 1 - z, z * candidate

    def step(self, xp_t, h):
        z, candidate = self._gate_and_candidate(xp_t)
        return [(1 - z) * h + z * candidate], [z, candidate]
