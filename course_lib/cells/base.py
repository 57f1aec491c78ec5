"""What all cells share: names, sizes and initial values of the parameters."""

import numpy as np

from course_lib import activations, initializers
from course_lib.arguments import Configurable, positive_int, whole_number_from
from course_lib.backend import T, affine, floatX, new_rng, unbroadcast


class Cell(Configurable):
    """A subclass defines ``step(xp_t, *states, *recurrent_weights)``, which returns two lists:
    the new states, and what is kept of this step for looking at and for the way back.

    The first state is the hidden state (batch, units), which is what the layer gives out.
    Further ones may have any shape, (batch, *shape) for each of `state_shapes`: a matrix such as
    (d_k, d_v), or () for one number per sample. All start at 0.

    A cell with this state alone, h_t = keep_t * h_{t-1} + add_t, may define ``keep_and_add(xp)``,
    which returns both for all steps at once, from the projected inputs alone. With
    `parallel=True` the states of all steps are then computed together, see `parallel`.

    A cell may define ``backward_step(d_states, old_states, kept, *recurrent_weights)``: from the
    gradients with respect to the new states to two lists, the gradients with respect to the
    old states, and those with respect to the projected input and, if that is another one,
    the product h W_hh. Without it `theano.grad` finds the same.

    `chrono=T` starts the gates of a cell such that every unit has a memory of its own length
    between 1 and T steps, see `chrono_bias`.

    With `use_bias=False` b_h is 0 and is no weight.

    Raises ValueError for `chrono` without a gate that keeps the state or without a bias, and for
    `parallel` without `keep_and_add`.
    """

    gates = 1  # blocks of `units` columns in W_xh and W_hh
    state_names = ("hidden state",)  # arrays handed from step to step
    kept = ()  # names of the arrays in the second list of `step`
    products = 1  # arrays in the second list of `backward_step`
    keeping = {}  # blocks of gates: 1 if an open gate keeps the old state, -1 if a closed one does

    def __init__(
        self,
        units,
        activation="tanh",
        recurrent_activation="sigmoid",
        use_bias=True,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        bias_initializer="zeros",
        chrono=None,
        parallel=False,
    ):
        self.units = positive_int("units", units)
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.slope = activations.SLOPES.get(self.activation)
        self.gate_slope = activations.SLOPES.get(self.recurrent_activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.chrono = None if chrono is None else whole_number_from(3, "chrono", chrono)
        if self.chrono and not self.keeping:
            raise ValueError(f"{type(self).__name__} has no gate that keeps a state: no chrono")
        if self.chrono and not self.use_bias:
            raise ValueError("chrono is a start of biases, got use_bias=False")
        self.parallel = bool(parallel)
        if self.parallel and not hasattr(self, "keep_and_add"):
            raise ValueError(f"{type(self).__name__} waits for the state before: not parallel")

    @property
    def state_shapes(self):
        """The shape of each state without the batch axis, (units,) for the first one."""
        return [(self.units,)] * len(self.state_names)

    def initial_states(self, batch, dtype):
        """The states before the first step as symbols: zeros (batch, *shape)."""
        zeros = [T.zeros((batch, *shape), dtype=dtype) for shape in self.state_shapes]
        return [unbroadcast(state) for state in zeros]

    def initial_values(self, batch):
        """The states before the first step as arrays (batch, *shape)."""
        return [floatX(np.zeros((batch, *shape))) for shape in self.state_shapes]

    def build(self, features):
        """Create W_xh (features, gates*units), W_hh (units, gates*units) and b_h."""
        rng, columns, weight = new_rng(), self.gates * self.units, initializers.weight
        self.W_xh = weight("W_xh", (features, columns), self.kernel_initializer, rng)
        self.W_hh = weight("W_hh", self.recurrent_shape, self.recurrent_initializer, rng)
        if self.use_bias:
            self.b_h = weight("b_h", self.bias_shape, self.initial_bias, rng)
        else:
            self.b_h = T.zeros(self.bias_shape)

    @property
    def recurrent_shape(self):
        return (self.units, self.gates * self.units)

    @property
    def bias_shape(self):
        return (self.gates * self.units,)

    def initial_bias(self, shape, rng):
        """The bias to start with; with two rows, the gates' own are in the first."""
        bias = np.array(self.bias_initializer(shape, rng))
        if self.chrono is not None:
            start = chrono_bias(self.chrono, self.units, rng)
            blocks = np.atleast_2d(bias)[0].reshape(self.gates, self.units)
            for gate, sign in self.keeping.items():
                blocks[gate] = sign * start
        return bias

    @property
    def weights(self):
        """Shared variables in Keras's order."""
        return [self.W_xh, self.W_hh, *([self.b_h] if self.use_bias else [])]

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
