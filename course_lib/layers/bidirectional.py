"""A recurrent layer that reads in both directions."""

from course_lib.arguments import one_of
from course_lib.backend import T
from course_lib.layers.base import Layer
from course_lib.layers.recurrent import Recurrent

MERGE_MODES = {
    "ave": lambda forward, backward: (forward + backward) / 2,
    "concat": lambda forward, backward: T.concatenate([forward, backward], axis=-1),
    "mul": lambda forward, backward: forward * backward,
    "sum": lambda forward, backward: forward + backward,
}


class Bidirectional(Layer):
    """Two copies of a recurrent layer, one reading forwards and one backwards
    (Schuster & Paliwal, 1997), their outputs joined by `merge_mode`. Forward weights first, and
    forward states in an `initial_state`.
    """

    def __init__(self, layer, merge_mode="concat", input_shape=None, name=None, trainable=None):
        if not isinstance(layer, Recurrent):
            raise ValueError(f"Bidirectional wraps a recurrent layer, got {layer!r}")
        if layer.stateful:
            raise ValueError("Bidirectional cannot be stateful: the future is not known yet")
        super().__init__(
            input_shape=input_shape or layer.requested_input_shape,
            name=name,
            trainable=layer.trainable if trainable is None else trainable,
        )
        self.merge = one_of("merge_mode", merge_mode, MERGE_MODES)
        self.merge_mode = merge_mode
        self.forward = layer
        self.backward = type(layer)(**{**layer.config(), "go_backwards": not layer.go_backwards})

    def fresh(self):
        return type(self)(
            self.forward.fresh(), self.merge_mode, name=self.name, trainable=self.trainable
        )

    def config(self):
        return {
            "layer": {"class": type(self.forward).__name__, "config": self.forward.config()},
            "merge_mode": self.merge_mode,
            **super().config(),
        }

    def build(self, input_shape):
        self.forward.build(input_shape)
        self.backward.build(input_shape)
        super().build(input_shape)

    def reset_random_numbers(self):
        self.forward.reset_random_numbers()
        self.backward.reset_random_numbers()

    @property
    def return_state(self):
        return self.forward.return_state

    @property
    def weights(self):
        return self.forward.weights + self.backward.weights

    def output_shape(self, input_shape):
        *time, units = self.forward.output_shape(input_shape)
        return (*time, 2 * units if self.merge_mode == "concat" else units)

    def compute_mask(self, x, mask):
        return self.forward.compute_mask(x, mask)

    def starts(self, initial_state):
        """The part of `initial_state` for each direction; ValueError if it has not two halves."""
        if initial_state is None:
            return None, None
        n, listed = len(self.forward.cell.state_names), isinstance(initial_state, (list, tuple))
        if not listed or len(initial_state) != 2 * n:
            given = f"a list of {len(initial_state)}" if listed else "no list"
            raise ValueError(
                f"initial_state of Bidirectional {self.name!r} must be a list of {2 * n}, the "
                f"states of the layer that reads forwards and then those of the other; got {given}"
            )
        return initial_state[:n], initial_state[n:]

    def call(self, x, mask=None, training=False, initial_state=None):
        layers = (self.forward, self.backward)
        forward, backward = (
            layer(x, mask=mask, training=training, initial_state=start)
            for layer, start in zip(layers, self.starts(initial_state))
        )
        if self.return_state:
            (forward, *states), (backward, *more) = forward, backward
        if self.forward.return_sequences:
            backward = backward[:, ::-1]
        merged = self.merge(forward, backward)
        return [merged, *states, *more] if self.return_state else merged
