"""What all cells share: names, sizes and initial values of the parameters."""

import numpy as np

from course_lib import activations, initializers
from course_lib.backend import T, affine, floatX, new_rng, shared
from course_lib.checks import positive_int, whole_number_from


class Cell:
    """A subclass defines ``step(xp_t, *states, *recurrent_weights)``, which returns two lists:
    the new states, and what is kept of this step for looking at and for the way back.

    It may define ``backward_step(d_states, old_states, kept, *recurrent_weights)``: from the
    gradients with respect to the new states to two lists, the gradients with respect to the
    old states, and those with respect to the projected input and, if that is another one,
    the product h W_hh. Without it `theano.grad` finds the same.

    `chrono=T` starts the gates of a cell such that every unit has a memory of its own length
    between 1 and T steps, see `chrono_bias`. Raises ValueError for a cell without such a gate.
    """

    gates = 1  # blocks of `units` columns in W_xh and W_hh
    state_names = ("hidden state",)  # arrays (batch, units) handed from step to step
    kept = ()  # names of the arrays in the second list of `step`
    products = 1  # arrays in the second list of `backward_step`
    # Whether all steps are computed together, from what a method `gate_and_candidate` returns;
    # see `recurrence.parallel_scan`.
    parallel = False
    keeping = {}  # blocks of gates: 1 if an open gate keeps the old state, -1 if a closed one does

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        chrono=None,
    ):
        self.units = positive_int("units", units)
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.slope = activations.SLOPES.get(self.activation)
        self.gate_slope = activations.SLOPES.get(self.recurrent_activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.chrono = None if chrono is None else whole_number_from(3, "chrono", chrono)
        if self.chrono and not self.keeping:
            raise ValueError(f"{type(self).__name__} has no gate that keeps a state: no chrono")

    @property
    def states(self):
        """How many arrays are handed from step to step."""
        return len(self.state_names)

    def build(self, features):
        """Create W_xh (features, gates*units), W_hh (units, gates*units) and b_h."""
        rng, columns = new_rng(), self.gates * self.units
        self.W_xh = shared(floatX(self.kernel_initializer((features, columns), rng)), "W_xh")
        self.W_hh = shared(floatX(self.recurrent_initializer(self.recurrent_shape, rng)), "W_hh")
        self.b_h = shared(floatX(self.initial_bias(rng)), "b_h")

    @property
    def recurrent_shape(self):
        return (self.units, self.gates * self.units)

    @property
    def bias_shape(self):
        return (self.gates * self.units,)

    def initial_bias(self, rng):
        """The bias to start with; with two rows, the gates' own are in the first."""
        bias = np.array(self.bias_initializer(self.bias_shape, rng))
        if self.chrono is not None:
            start = chrono_bias(self.chrono, self.units, rng)
            blocks = np.atleast_2d(bias)[0].reshape(self.gates, self.units)
            for gate, sign in self.keeping.items():
                blocks[gate] = sign * start
        return bias

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


def chrono_bias(longest, units, rng):
    """Biases log(u) of a gate that keeps the old state, u uniform in [1, longest - 1].

    Such a gate starts at u / (1 + u), so the state decays over about 1 + u steps: between
    them the units cover all time scales up to `longest` (Tallec & Ollivier, 2018).
    """
    return np.log(rng.uniform(1, longest - 1, units))
