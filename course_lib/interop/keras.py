"""Lists of arrays in Keras's order: what `get_weights` returns there and `set_weights` takes.

Shapes, gates and their order are the same here and there, so nothing is converted. What is
left to do is to make sure that each array belongs where it goes.
"""

import numpy as np

from course_lib.arguments import finite_array
from course_lib.interop.parts import layers_of, require_counterpart
from course_lib.layers import (
    GRU,
    IRNN,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Masking,
    SimpleRNN,
)

RECURRENT = ["kernel", "recurrent_kernel", "bias"]
# What Keras calls the weights of each layer, in its order; with use_bias=False the last is not
# there. It has the IRNN as a SimpleRNN with
# activation="relu".
NAMES = {
    Dense: ["kernel", "bias"],
    Dropout: [],
    Embedding: ["embeddings"],
    GRU: RECURRENT,
    IRNN: RECURRENT,
    LSTM: RECURRENT,
    Masking: [],
    SimpleRNN: RECURRENT,
}


def to_keras(model):
    """The weights of `model` as a list of arrays for ``keras_model.set_weights``.

    `model` is a `Sequential`, a list of layers or one layer; the Keras model must have the same
    layers, sizes and options (activation, reset_after, merge_mode, ...).

    Raises ValueError for layers without weights yet, and for those that Keras does not have.
    """
    return [variable.get_value() for _, variable in slots(model)]


def from_keras(model, weights):
    """Load what ``keras_model.get_weights()`` returned into `model`, see `to_keras`.

    Raises ValueError, and changes nothing, if number, shapes or contents of the arrays do not
    fit, or Keras does not have one of the layers.
    """
    places = slots(model)
    if not isinstance(weights, (list, tuple)):
        raise ValueError(
            "weights must be a list of arrays, as get_weights() of a Keras model returns it, "
            f"got {type(weights).__name__}"
        )
    arrays = list(weights)
    expected = [(name, variable.get_value(borrow=True).shape) for name, variable in places]
    given = [np.shape(a) for a in arrays]
    if len(given) != len(expected):
        wanted = ", ".join(f"{name} {shape}" for name, shape in expected)
        raise ValueError(
            f"{len(expected)} arrays are asked for ({wanted}), got {len(given)} of shapes {given}"
            + bias_hint(len(expected) - len(given), expected)
        )
    for i, ((name, shape), got) in enumerate(zip(expected, given)):
        if got != shape:
            raise ValueError(
                f"array {i}, the {name}, must have shape {shape}, got {got}"
                + reset_hint(shape, got)
            )
        arrays[i] = finite_array(f"array {i}, the {name},", arrays[i])
    for (_, variable), value in zip(places, arrays):
        variable.set_value(np.asarray(value, dtype=variable.dtype))


def slots(model):
    """Pairs of name and shared variable, in Keras's order."""
    pairs = []
    for layer in layers_of(model):
        require_counterpart(layer, {*NAMES, Bidirectional}, "Keras")
        if isinstance(layer, Bidirectional):
            kinds = NAMES[type(layer.forward)][: len(layer.forward.weights)]
            names = [f"{way} {kind}" for way in ("forward", "backward") for kind in kinds]
        else:
            names = NAMES[type(layer)]
        pairs += [(f"{name} of {layer.name!r}", w) for name, w in zip(names, layer.weights)]
    return pairs


def bias_hint(missing, expected):
    """What to do if just biases can be missing from the `expected` arrays."""
    biases = sum("bias of" in name for name, _ in expected)
    if not 0 < missing <= biases:
        return ""
    return ". A layer that has use_bias=False there must have it here, too"


def reset_hint(shape, got):
    """Which `reset_after` the bias of a GRU belongs to whose number of rows differs."""
    if len(shape) == 2 and got == shape[1:]:
        return ": a bias of one row belongs to reset_after=False"
    if len(got) == 2 and got[1:] == shape:
        return ": a bias of two rows belongs to reset_after=True"
    return ""
