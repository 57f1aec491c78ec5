"""What every layer has: shapes, weights, a symbolic call."""

import re

import numpy as np

from course_lib.arguments import (
    Configurable,
    arguments_of,
    check_arrays,
    positive_int,
    require_known,
)


def checked_shape(shape):
    """`input_shape` as a tuple of sizes without the batch axis; None stands for any length."""
    try:
        sizes = tuple(shape)
        return tuple(None if n is None else positive_int("a size", n) for n in sizes)
    except (TypeError, ValueError):
        raise ValueError(
            "input_shape must be a tuple of whole numbers (None for any length) without the "
            f"batch axis, such as (50, 1) for 50 time steps of 1 feature; got {shape!r}"
        ) from None


class Layer(Configurable):
    """A function of arrays with weights.

    Subclasses define `build` (create the weights), `call` (the symbolic expression) and
    `output_shape`. Shapes are without the batch axis. With ``trainable=False`` training leaves
    the weights as they are.
    """

    dtype = None  # of the input; None is Theano's float type
    stateful = False
    reads_targets = False  # in training, for teacher forcing

    def __init__(self, input_shape=None, name=None, trainable=True):
        self.requested_input_shape = None if input_shape is None else checked_shape(input_shape)
        self.name = name or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(self).__name__).lower()
        self.trainable = bool(trainable)
        self.input_shape = None

    @property
    def built(self):
        return self.input_shape is not None

    @property
    def weights(self):
        """Shared variables, in Keras's order."""
        return []

    def config(self):
        """Arguments that make an equal layer again, as plain values."""
        return {"name": self.name, "trainable": self.trainable}

    def fresh(self):
        """An equal layer that has no weights yet."""
        return type(self)(**self.config())

    def build(self, input_shape):
        """Create the weights for inputs of `input_shape`. Raises ValueError if they cannot fit."""
        self.input_shape = checked_shape(input_shape)

    def output_shape(self, input_shape):
        return input_shape

    def compute_mask(self, x, mask):
        """The mask the next layer gets: None, or true where a time step counts."""
        return mask

    def call(self, x, mask=None, training=False):
        raise NotImplementedError

    def __call__(self, x, mask=None, training=False, **options):
        """The symbolic output for a symbolic `x` of shape (batch, ...).

        Further options, such as a recurrent layer's `initial_state`, go to `call`.
        """
        self.require_built()
        require_known(f"a call of {type(self).__name__}", options, arguments_of(self.call)[0])
        return self.call(x, mask=mask, training=training, **options)

    def count_params(self):
        """How many numbers the weights have."""
        return sum(w.get_value(borrow=True).size for w in self.weights)

    def get_weights(self):
        """Copies of the weights as a list of numpy arrays, in Keras's order."""
        return [w.get_value() for w in self.weights]

    def set_weights(self, weights):
        """Replace the weights by a list in Keras's order and shapes.

        Raises ValueError if number or shapes differ; nothing is changed then.
        """
        self.check_weights(weights)
        for variable, value in zip(self.weights, weights):
            variable.set_value(np.asarray(value, dtype=variable.dtype))

    def check_weights(self, weights):
        """Raise ValueError unless `weights` would fit."""
        expected = [w.get_value(borrow=True).shape for w in self.weights]
        check_arrays(f"layer {self.name!r}", "weight", weights, expected)

    def reset_random_numbers(self):
        """Draw from here on what the course-wide seed decides, if this layer draws anything."""

    def require_built(self):
        if not self.built:
            raise ValueError(f"layer {self.name!r} has no weights yet: call build(input_shape)")

    def require_features(self, input_shape):
        if not input_shape or input_shape[-1] is None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r} must know the number of features, got "
                f"input_shape {tuple(input_shape)}"
            )

    def require_rank(self, input_shape, rank, meaning):
        if len(input_shape) != rank - 1:
            hint = ""
            if (len(input_shape), rank) == (1, 3):
                hint = ": a recurrent layer before it, if any, needs return_sequences=True"
                if self.requested_input_shape:
                    hint = f": {(*input_shape, 1)} is the input_shape for 1 feature per time step"
            raise ValueError(
                f"{type(self).__name__} {self.name!r} needs inputs of shape {meaning}, "
                f"got (batch, {', '.join(str(n) for n in input_shape)}){hint}"
            )
