"""What all layers with a loop over time share: `Recurrent` around any cell."""

import numpy as np

from course_lib import recurrence
from course_lib.arguments import finite_array, number_in
from course_lib.backend import RandomStream, T, floatX, function, new_rng, shared
from course_lib.layers.base import Layer
from course_lib.layers.states import initial_states


class Recurrent(Layer):
    """Runs a cell over time with Theano's scan.

    Inputs (batch, time, features); returns the last output (batch, units), or with
    `return_sequences` all of them (batch, time, units). `return_state` returns a list:
    output, then each final state. `go_backwards` reads the sequence from its end, and
    returns sequences, and their mask, in that order. `stateful` starts each batch where the one
    before ended, until `reset_states()`. At masked time steps the state stays as it is. A call
    with `initial_state` starts from the states given, see `states.initial_states`.

    While training, `dropout` is the share of features that are dropped from a sequence, the same
    ones at all steps, and `recurrent_dropout` that of units whose state is dropped from the
    recurrent products, the same ones at all steps and, unlike in Keras, in all samples of a batch
    (Gal & Ghahramani, 2016, for both). `zoneout` is the probability with which a unit keeps its
    states, all of them together, for one more step (Krueger et al., 2017). All three are from 0
    up to 1.

    Further options go to the cell. Raises ValueError for `zoneout` with a cell that has a state
    of another shape than (units,).
    """

    cell_class = None

    def __init__(
        self,
        units,
        activation="tanh",
        *,  # what comes next in Keras differs from layer to layer
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        dropout=0.0,
        recurrent_dropout=0.0,
        zoneout=0.0,
        input_shape=None,
        name=None,
        trainable=True,
        **cell_options,
    ):
        super().__init__(input_shape=input_shape, name=name, trainable=trainable)
        self.cell = self.cell_class(units, activation=activation, **cell_options)
        self.return_sequences = bool(return_sequences)
        self.return_state = bool(return_state)
        self.go_backwards = bool(go_backwards)
        self.stateful = bool(stateful)
        self.dropout = number_in("dropout", dropout, 0, 1)
        self.recurrent_dropout = number_in("recurrent_dropout", recurrent_dropout, 0, 1)
        self.zoneout = number_in("zoneout", zoneout, 0, 1)
        if self.zoneout:
            self.require_states_per_unit()
        self.options = {"units": self.units, "activation": activation, **cell_options}

    @classmethod
    def known_options(cls):
        return super().known_options() | cls.cell_class.known_options()

    @property
    def units(self):
        return self.cell.units

    def config(self):
        return {
            **self.options,
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "zoneout": self.zoneout,
            **super().config(),
        }

    def build(self, input_shape):
        self.require_rank(input_shape, 3, "(batch, time, features)")
        self.require_features(input_shape)
        super().build(input_shape)
        self.cell.build(input_shape[-1])
        self.states = [shared(start) for start in self.cell.initial_values(0)]
        self.updates = []
        if self.draws:
            self.stream = RandomStream()
        self.reset_random_numbers()
        self.tracer = None  # compiled at the first call of `trace`

    @property
    def draws(self):
        """Whether random numbers are drawn while training."""
        return bool(self.dropout or self.recurrent_dropout or self.zoneout)

    @property
    def weights(self):
        return self.cell.weights

    def output_shape(self, input_shape):
        return (input_shape[0], self.units) if self.return_sequences else (self.units,)

    def compute_mask(self, x, mask):
        if mask is None or not self.return_sequences:
            return None
        return mask[:, ::-1] if self.go_backwards else mask

    def reset_states(self, batch_size=None):
        """Set the states carried from batch to batch to zero."""
        rows = batch_size or len(self.states[0].get_value(borrow=True))
        for state, start in zip(self.states, self.cell.initial_values(rows)):
            state.set_value(start)

    def prepare_states(self, batch_size):
        """Have states for `batch_size` rows, those of the batch before if it had as many.

        Raises ValueError if it had another number, and they are not what they were at the start.
        """
        rows = len(self.states[0].get_value(borrow=True))
        if rows == batch_size:
            return
        for state, start in zip(self.states, self.cell.initial_values(rows)):
            if not np.array_equal(state.get_value(borrow=True), start):
                raise ValueError(
                    f"layer {self.name!r} is stateful and remembers {rows} sequences, and this is "
                    f"a batch of {batch_size}: call reset_states() to begin anew, or go on with "
                    f"batch_size={rows}"
                )
        self.reset_states(batch_size)

    def require_states_per_unit(self):
        """Raise ValueError if the cell has a state that does not consist of its units."""
        pairs = zip(self.cell.state_names, self.cell.state_shapes)
        other = [f"{name} {shape}" for name, shape in pairs if shape != (self.units,)]
        if other:
            raise ValueError(
                f"zoneout keeps single units as they were, and {type(self).__name__} has more "
                f"states than that: {', '.join(other)}; zoneout must be 0"
            )

    def reset_random_numbers(self):
        if self.draws:
            self.stream.seed(int(new_rng().integers(2**31)))

    def call(self, x, mask=None, training=False, initial_state=None):
        outputs = self.unroll(x, mask, initial_state, training)
        if self.stateful:
            self.updates = [(state, out[-1]) for state, out in zip(self.states, outputs)]
        result = outputs[0].dimshuffle(1, 0, 2) if self.return_sequences else outputs[0][-1]
        return [result, *(out[-1] for out in outputs)] if self.return_state else result

    def trace(self, X):
        """Every state and gate at every step, for looking at: name to array (batch, time, units),
        or (batch, time, *shape) for a state of another shape. No step is masked.

        `X` (batch, time, features) is what this layer reads. Names are "hidden state", for an
        LSTM "cell state", and those in the cell's `kept`. Raises ValueError for another shape.
        """
        self.require_built()
        X, features = finite_array("X", X), self.input_shape[-1]
        if X.ndim != 3 or X.shape[2] != features:
            raise ValueError(f"X must have shape (batch, time, {features}), got {X.shape}")
        if self.tracer is None:
            self.tracer = self.trace_function()
        arrays = self.tracer(floatX(X))
        names = [*self.cell.state_names, *self.cell.kept]
        return {name: array.swapaxes(0, 1) for name, array in zip(names, arrays)}

    def trace_function(self):
        """From inputs to the arrays of `trace`, time-major."""
        x = T.tensor3("x")
        projected = self.cell.project(x.dimshuffle(1, 0, 2))
        if self.go_backwards:
            projected = projected[::-1]
        states = self.cell.initial_states(x.shape[0], x.dtype)
        inputs = [projected, *states, *self.cell.recurrent_weights]
        if self.zoneout:
            inputs.append(self.updated_share(projected, training=False))
        return function([x], recurrence.forward(self.cell, inputs, masked=bool(self.zoneout)))

    def unroll(self, x, mask, initial_state, training):
        """All states of all steps, a list of arrays (time, batch, *shape)."""
        if training and self.dropout:
            x = x * self.kept_inputs(x)
        projected = self.cell.project(x.dimshuffle(1, 0, 2))
        if mask is not None:
            mask = mask.astype(x.dtype).dimshuffle(1, 0, "x")
        if self.go_backwards:
            projected, mask = projected[::-1], None if mask is None else mask[::-1]
        if self.zoneout:
            share = self.updated_share(projected, training)
            mask = share if mask is None else share * mask
        weights = self.cell.recurrent_weights
        if training and self.recurrent_dropout:
            weights = self.with_dropout(weights)
        return recurrence.run(self.cell, projected, self.start(x, initial_state), weights, mask)

    def step(self, x_t, states, mask=None):
        """The states after one more time step with inputs (batch, features), as in `predict`.

        Where `mask` (batch,) is 0 they stay.
        """
        new, _ = self.cell.step(self.cell.project(x_t), *states, *self.cell.recurrent_weights)
        if mask is None and not self.zoneout:
            return new
        share = T.ones_like(x_t[:, 0]) * floatX(1 - self.zoneout)
        if mask is not None:
            share = share * mask.astype(x_t.dtype)
        return recurrence.mixed(share.dimshuffle(0, "x"), new, states)

    def updated_share(self, projected, training):
        """How far each unit takes on its new states, (time, batch, units): wholly or not at all
        while training, else the mean of it."""
        shape = (projected.shape[0], projected.shape[1], self.units)
        if training:
            return (self.stream.uniform(0, 1, size=shape) >= self.zoneout).astype(projected.dtype)
        return T.alloc(floatX(1 - self.zoneout), *shape)

    def kept_inputs(self, x):
        """What dropout multiplies the inputs by at all time steps alike: (batch, 1, features)."""
        keep = self.stream.uniform(0, 1, size=(x.shape[0], x.shape[2])) >= self.dropout
        return keep.astype(x.dtype).dimshuffle(0, "x", 1) / floatX(1 - self.dropout)

    def with_dropout(self, weights):
        """The recurrent weights, some units' rows of all matrices set to 0, the others larger."""
        if not any(w.ndim == 2 for w in weights):
            raise ValueError(f"{type(self).__name__} has no matrix for recurrent_dropout")
        stays = self.stream.uniform(0, 1, size=(self.units, 1)) >= self.recurrent_dropout
        scale = stays / floatX(1 - self.recurrent_dropout)
        return [w * scale.astype(w.dtype) if w.ndim == 2 else w for w in weights]

    def start(self, x, initial_state):
        """The states before the first step, symbols: those given, else those carried, else zero."""
        if initial_state is not None:
            return initial_states(self, x, initial_state)
        return self.states if self.stateful else self.cell.initial_states(x.shape[0], x.dtype)
