"""Layers one after the other: shapes, weights, and plain values to make them again."""

from course_lib import layers as layer_classes
from course_lib.layers import Layer


def plan(layer):
    """Plain values from which `from_plan` makes an equal layer."""
    return {"class": type(layer).__name__, "config": layer.config()}


def from_plan(values):
    """The layer that `plan` described; ValueError if there is no such layer."""
    config = dict(values["config"])
    if "layer" in config:
        config["layer"] = from_plan(config["layer"])
    return subclass(layer_classes, values["class"], Layer)(**config)


def subclass(module, name, base):
    """The subclass of `base` in `module` called `name`; ValueError for anything else."""
    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ValueError(f"there is no {base.__name__.lower()} {name!r}")
    return found


class Stack:
    """Layers that fit each other, and their weights."""

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
        parts, start = [], 0
        for layer in self.layers:
            parts.append(weights[start : start + len(layer.weights)])
            layer.check_weights(parts[-1])
            start += len(layer.weights)
        for layer, part in zip(self.layers, parts):
            layer.set_weights(part)

    def reset_weights(self):
        """Draw new initial weights, as if the layers were new."""
        self.require_built("reset_weights")
        twin = type(self)([layer.fresh() for layer in self.layers])
        twin.build(self.layers[0].input_shape)
        self.set_weights(twin.get_weights())
        self.reset_states()
        for layer in self.layers:
            layer.reset_random_numbers()

    def summary(self):
        """Print a table of layers, output shapes and numbers of parameters."""
        self.require_built("summary")
        print(f"{'layer':<28}{'output shape':<24}{'parameters':>10}")
        for layer in self.layers:
            shape = (None, *layer.output_shape(layer.input_shape))
            title = f"{layer.name} ({type(layer).__name__})"
            print(f"{title:<28}{str(shape):<24}{layer.count_params():>10,}")
        print(f"{'total':<52}{self.count_params():>10,}")

    def reset_states(self):
        """Set the states that stateful layers keep between batches to zero."""
        for layer in self.layers:
            if layer.stateful:
                layer.reset_states()
