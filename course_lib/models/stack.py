"""Layers one after the other: their shapes, their weights, their states."""

from course_lib.arguments import Configurable
from course_lib.layers import Layer


class Stack(Configurable):
    """Layers that fit each other."""

    def __init__(self, layers=()):
        self.layers = []
        for layer in layers:
            self.add(layer)

    def add(self, layer):
        """Append a layer; raises ValueError if it cannot follow the ones before."""
        if not isinstance(layer, Layer):
            raise ValueError(f"add takes a layer such as GRU(32), got {layer!r}")
        if any(layer is other for other in self.layers):
            raise ValueError(f"layer {layer.name!r} is in this model already")
        if getattr(layer, "return_state", False):
            raise ValueError(
                "Sequential hands one array from layer to layer: use return_state "
                "when calling a layer yourself"
            )
        names = {other.name for other in self.layers}
        base, count = layer.name, 1
        while layer.name in names:
            layer.name, count = f"{base}_{count}", count + 1
        self.layers.append(layer)
        # A layer from another model brings its input shape, and its weights, with it.
        shape = layer.input_shape or layer.requested_input_shape
        first = self.layers[0]
        try:
            if len(self.layers) > 1 and first.built:
                self.build(first.input_shape)
            elif len(self.layers) == 1 and shape is not None:
                self.build(shape)
        except ValueError:
            self.layers.pop()
            raise

    @property
    def built(self):
        return bool(self.layers) and all(layer.built for layer in self.layers)

    def build(self, input_shape):
        """Create the weights for inputs of `input_shape` (without the batch axis).

        Layers that have weights keep them. Raises ValueError and builds none if they do not fit.
        """
        if not self.layers:
            raise ValueError("this model has no layers: add one first")
        new = [layer for layer in self.layers if not layer.built]
        try:
            for layer in self.layers:
                if layer in new:
                    layer.build(input_shape)
                elif tuple(input_shape)[-1:] != layer.input_shape[-1:] or len(input_shape) != len(
                    layer.input_shape
                ):
                    raise ValueError(
                        f"layer {layer.name!r} has weights for inputs of shape "
                        f"{layer.input_shape}, got {tuple(input_shape)}"
                    )
                input_shape = layer.output_shape(layer.input_shape)
        except ValueError:
            for layer in new:
                layer.input_shape = None
            raise

    def output_shape(self, input_shape):
        """The shape that inputs of `input_shape` become, both without the batch axis."""
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return input_shape

    def require_built(self, what):
        if not self.built:
            raise ValueError(
                f"{what} needs weights, and this model has none yet: give the first "
                "layer an input_shape, or call fit"
            )

    @property
    def weights(self):
        """All shared variables, layer by layer."""
        return [w for layer in self.layers for w in (layer.weights if layer.built else [])]

    @property
    def trainable_weights(self):
        """The shared variables that training changes."""
        return [w for layer in self.layers if layer.trainable for w in layer.weights]

    def count_params(self):
        """How many numbers the weights have."""
        self.require_built("count_params")
        return sum(layer.count_params() for layer in self.layers)

    def get_weights(self):
        """Copies of all weights, layer by layer, in Keras's order."""
        self.require_built("get_weights")
        return [w.get_value() for w in self.weights]

    def set_weights(self, weights):
        """Replace all weights; raises ValueError and changes nothing if any does not fit."""
        self.require_built("set_weights")
        if len(weights) != len(self.weights):
            raise ValueError(
                f"this model has {len(self.weights)} weight arrays, got {len(weights)}"
            )
        rest = iter(weights)
        parts = [[next(rest) for _ in layer.weights] for layer in self.layers]
        for layer, part in zip(self.layers, parts):
            layer.check_weights(part)
        for layer, part in zip(self.layers, parts):
            layer.set_weights(part)

    def summary(self):
        """Print a table of layers, output shapes and numbers of parameters."""
        self.require_built("summary")
        print(f"{'layer':<28}{'output shape':<24}{'parameters':>10}")
        for layer in self.layers:
            shape = (None, *layer.output_shape(layer.input_shape))
            title = f"{layer.name} ({type(layer).__name__})"
            print(f"{title:<28}{str(shape):<24}{layer.count_params():>10,}")
        print(f"{'total':<52}{self.count_params():>10,}")

    @property
    def states(self):
        """The shared variables that stateful layers keep between batches."""
        return [s for layer in self.layers if layer.stateful for s in layer.states]

    def prepare_states(self, n, batch_size):
        """Give stateful layers a state per row of a batch.

        Raises ValueError if there are such layers, and `n` samples do not make equal batches, or
        the layers remember batches of another size.
        """
        if n % batch_size and self.states:
            raise ValueError(
                f"a stateful model needs a number of samples divisible by "
                f"batch_size {batch_size}, got {n}"
            )
        for layer in self.layers:
            if layer.stateful:
                layer.prepare_states(batch_size)

    def reset_states(self):
        """Set the states that stateful layers keep between batches to zero."""
        for layer in self.layers:
            if layer.stateful:
                layer.reset_states()
