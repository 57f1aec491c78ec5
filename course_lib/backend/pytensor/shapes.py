"""A look at the shape of an array while a function runs."""

import pytensor.tensor as T
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op


class RequireShape(Op):
    """Hands its first input on if the others are its sizes.

    PyTensor's own `specify_shape` has no message, and `Assert` none that says what there is.
    """

    __props__ = ("message",)
    view_map = {0: [0]}

    def __init__(self, message):
        self.message = message

    def make_node(self, value, *sizes):
        # Lengths that are known already are forgotten: what does not fit is said here alone.
        out = value.type.clone(shape=(None,) * value.ndim)()
        return Apply(self, [value, *map(T.as_tensor_variable, sizes)], [out])

    def perform(self, node, inputs, outputs):
        value, *sizes = inputs
        if list(value.shape) != [int(size) for size in sizes]:
            raise ValueError(f"{self.message}; got {value.shape}")
        outputs[0][0] = value

    def connection_pattern(self, node):
        return [[True]] + [[False]] * (len(node.inputs) - 1)

    def pullback(self, inputs, outputs, gradients):
        return [*gradients, *(DisconnectedType()() for _ in inputs[1:])]


def require_shape(value, sizes, message):
    """The symbol `value`; the function compiled of it raises ValueError with `message`, and the
    shape there is, unless that is `sizes`."""
    return RequireShape(message)(value, *sizes)
