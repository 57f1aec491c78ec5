"""Gradients under a microscope: checked by finite differences, computed by hand, watched over
time and during training.

`bptt` is backpropagation through time without `theano.grad`: the backward scan of
`recurrence.backward`, one `backward_step` of the cell per time step.
"""

import math

import numpy as np

from course_lib import recurrence
from course_lib.arguments import finite_array, number_in, one_of, positive_int
from course_lib.backend import T, floatX
from course_lib.layers import Recurrent
from course_lib.training import Callback, whole_batch

# --- finite differences -----------------------------------------------------------------


def numerical_gradient(loss, x, epsilon=1e-5):
    """The gradient of ``loss(x)`` by central differences, an array of x's shape in float64.

    (loss(x + epsilon) - loss(x - epsilon)) / (2 epsilon) for one entry of `x` after the other:
    two calls of `loss` per entry, so this is for checking and not for training. `loss` takes
    an array of x's shape and returns one number; compute it in float64, since float32 leaves
    about three digits of the difference.
    """
    x = np.array(finite_array("x", x), dtype="float64")
    number_in("epsilon", epsilon, np.nextafter(0, 1), np.inf)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + epsilon
        above = float(loss(x))
        x[index] = value - epsilon
        below = float(loss(x))
        x[index] = value
        gradient[index] = (above - below) / (2 * epsilon)
    return gradient


def relative_error(gradient, reference):
    """The length of the difference of two arrays, divided by the length of `reference`.

    0 for equal arrays; 1 is what a gradient of zeros would get. Raises ValueError if the
    shapes differ or `reference` is all zero.
    """
    gradient, reference = np.asarray(gradient), np.asarray(reference)
    if gradient.shape != reference.shape:
        raise ValueError(
            f"the two gradients must have one shape, got {gradient.shape} and {reference.shape}"
        )
    length = np.linalg.norm(reference)
    if length == 0:
        raise ValueError("the reference gradient is all zero: there is nothing to compare with")
    return float(np.linalg.norm(gradient - reference) / length)


# --- backpropagation through time ---------------------------------------------------------


def bptt(layer, x, d_states, truncation=None):
    """Gradients of a recurrent layer's weights by backpropagation through time (Werbos, 1990).

    `x` (batch, time, features) and `d_states` (batch, time, units) are symbolic; `d_states`
    is the gradient of the loss with respect to each hidden state as far as the loss looks at
    it directly, 0 at steps whose output it does not use. Returns symbolic gradients in the
    order of ``layer.weights``.

    `truncation=k` is truncated BPTT: the sequence is cut, from its end, into stretches of k
    steps, and no gradient crosses a cut (Williams & Peng, 1990). The states do.

    Raises ValueError for a layer without a recurrent cell that knows its `backward_step`
    (SimpleRNN, LSTM, and GRU with reset_after=True, with activations from
    `activations.SLOPES`), and for a truncation below 1.
    """
    cell = getattr(layer, "cell", None)
    if cell is None or not cell.knows_backward_step:
        raise ValueError(
            "bptt needs a SimpleRNN, an LSTM, or a GRU with reset_after=True, with activations "
            f"that have a name; got {type(layer).__name__} {getattr(layer, 'name', '')!r}"
        )
    if truncation is not None:
        positive_int("truncation", truncation)
    x, d_states = x.dimshuffle(1, 0, 2), d_states.dimshuffle(1, 0, 2)
    if layer.go_backwards:
        x = x[::-1]
    start = cell.initial_states(x.shape[1], x.dtype)
    inputs = [cell.project(x), *start, *cell.recurrent_weights]
    outputs = recurrence.forward(cell, inputs, masked=False)
    from_above = [d_states, *(T.zeros_like(states) for states in outputs[1 : len(start)])]
    gradients = recurrence.backward(cell, inputs, outputs, from_above, False, truncation)
    d_projected, d_recurrent = recurrence.rows(gradients[0]), gradients[1 + len(start) :]
    # W_xh and b_h serve every step, so their gradients are sums over time (and samples).
    d_W_xh = T.dot(recurrence.rows(x).T, d_projected)
    d_W_hh, *d_more = d_recurrent
    d_b_h = d_projected.sum(axis=0)
    of_weights = [d_W_xh, d_W_hh, T.stack([d_b_h, *d_more]) if d_more else d_b_h]
    return of_weights[: len(cell.weights)]  # without a bias, if it has none


# --- gradients over time --------------------------------------------------------------------


SHORT_NAMES = {"hidden state": "h", "cell state": "c"}


class NudgedCell:
    """A cell at whose every step something is added to one of its states, number `which`:
    `nudge` (time, batch, columns), zeros, with a column for each number in that state.

    The gradient with respect to the nudge is dLoss/dstate_t, by way of all later steps.
    The nudge travels with the projected input, in extra columns on its left.
    """

    knows_backward_step = parallel = False

    def __init__(self, cell, which, time, batch):
        self.cell = cell
        self.which = which
        self.columns = math.prod(cell.state_shapes[which])
        self.nudge = T.zeros((time, batch, self.columns))

    def __getattr__(self, name):
        return getattr(self.cell, name)

    def project(self, x):
        return T.concatenate([self.nudge, self.cell.project(x)], axis=2)

    def step(self, projected_t, *rest):
        states, kept = self.cell.step(projected_t[:, self.columns :], *rest)
        state, nudge = states[self.which], projected_t[:, : self.columns]
        states[self.which] = state + nudge.reshape(state.shape, ndim=state.ndim)
        return states, kept


def find_recurrent(model, name=None):
    """The recurrent layer of `model` called `name`, or the first one; ValueError if none is."""
    found = [layer for layer in model.layers if isinstance(layer, Recurrent)]
    if not found:
        kinds = ", ".join(type(layer).__name__ for layer in model.layers) or "no layers"
        raise ValueError(
            "this needs a model with a recurrent layer (SimpleRNN, LSTM or GRU, not inside "
            f"Bidirectional); this one has {kinds}"
        )
    return found[0] if name is None else one_of("layer", name, {la.name: la for la in found})


def state_gradient_norms(model, x, y, state="h", layer=None):
    """The norm of dLoss/dh_t for every time step t, shape (time,), the mean over samples.

    dLoss/dh_t counts every way in which h_t bears on the loss of its sample, directly and
    through later steps. `state="c"` asks for the cell state of an LSTM as it is handed on to the
    next step; the h_t made from it in its own step counts for h. States of other cells are asked
    for by their names, see `Cell.state_names`. `layer` is the name of a recurrent layer, the first
    one unless given. At masked steps the norm is 0.

    Raises ValueError if the model is not compiled, has no such layer or state, or if the data
    do not fit.
    """
    layer = find_recurrent(model, layer)
    names = [SHORT_NAMES.get(name, name) for name in layer.cell.state_names]
    which = one_of("state", state, {name: i for i, name in enumerate(names)})
    model.require_loss("state_gradient_norms")
    X, y, weights, present = whole_batch(model.check_data(x, y))

    def make(x):
        nudged = NudgedCell(layer.cell, which, X.shape[1], len(X))
        cell, layer.cell = layer.cell, nudged
        try:
            data, objective, _ = model.measured(x)
        finally:
            layer.cell = cell
        # The objective is a mean over samples. What zoneout takes on of a new state it takes on
        # of the nudge, too.
        gradient = T.grad(objective * len(X), nudged.nudge) / floatX(1 - layer.zoneout)
        return data, T.sqrt(T.sqr(gradient).sum(axis=2)).mean(axis=1), []

    run = model.function_for(f"{state} of {layer.name}", X.shape[1:], len(X), make)
    return run(X, y, weights, present)


class GradientNorms(Callback):
    """Collects in `norms` the norm of the gradient at every training step, before clipping.

    Goes on where it was in the next call of `fit`: make a new one to start anew.
    """

    def __init__(self):
        self.norms = []

    def on_batch_end(self, batch, logs):
        self.norms.append(logs["gradient_norm"])


# --- matrices -------------------------------------------------------------------------------


def square_matrix(W):
    """`W` as an array, else ValueError."""
    W = finite_array("W", W)
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"W must be a square matrix (units, units), got shape {W.shape}")
    return W


def spectral_radius(W):
    """The largest absolute value of an eigenvalue of the square matrix `W`.

    The rate at which W^k grows or shrinks for large k. Raises ValueError if W is not square.
    """
    return float(np.abs(np.linalg.eigvals(square_matrix(W))).max())


def largest_singular_value(W):
    """The most by which the square matrix `W` can stretch a vector, its spectral norm.

    Never below the spectral radius. Raises ValueError if W is not square.
    """
    return float(np.linalg.norm(square_matrix(W), 2))
