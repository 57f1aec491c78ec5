"""State dicts in PyTorch's names and shapes, of numpy arrays.

What is different there: matrices stand on the left, so all of them are transposed; the gates
of a GRU are ordered r, z, n; every recurrent layer has two biases, of which only the GRU needs
both. Ours goes to ``bias_ih`` then, and ``bias_hh`` is 0.
"""

from collections.abc import Mapping

import numpy as np

from course_lib import activations
from course_lib.arguments import finite_array
from course_lib.interop.parts import layers_of, require_counterpart
from course_lib.layers import GRU, IRNN, LSTM, Bidirectional, Dense, Embedding, SimpleRNN

# Which of our blocks of columns stands first, second, ... there. Swapping twice swaps back.
BLOCKS = {
    GRU: [1, 0, 2],  # z, r, candidate to r, z, n
    IRNN: [0],
    LSTM: [0, 1, 2, 3],  # both input, forget, candidate, output
    SimpleRNN: [0],
}
# The parameters of a recurrent module; with bias=False the last two are not there.
RECURRENT = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
KNOWN = {*BLOCKS, Bidirectional, Dense, Embedding}
# What PyTorch's modules can compute: RNN has two nonlinearities to choose from.
ACTIVATIONS = {
    GRU: ["tanh"],
    IRNN: ["tanh", "relu"],
    LSTM: ["tanh"],
    SimpleRNN: ["tanh", "relu"],
}


def to_torch(layers, prefix=""):
    """The weights of one PyTorch module as a dict of numpy arrays, ready for its state dict.

    `layers` is a `Dense` (nn.Linear, without the activation), an `Embedding` (nn.Embedding), a
    `SimpleRNN` (nn.RNN with nonlinearity "tanh" or "relu"), an `LSTM` or a `GRU`, a
    `Bidirectional` of these (``bidirectional=True``), or a list of recurrent layers, all alike
    (``num_layers``). `prefix` stands before each name: "rnn." if the module is called so in a
    larger one.

    PyTorch's modules return all time steps, with ``batch_first=True`` in our order. The last
    output of a `Bidirectional` is ``h_n[-2]`` beside ``h_n[-1]`` there, not the last step.

    Raises ValueError for layers without weights yet, and for those that PyTorch does not have.
    """
    arrays = {}
    for layer, suffix in directions(layers):
        arrays.update({prefix + name + suffix: a for name, a in exported(layer).items()})
    return arrays


def from_torch(layers, state_dict, prefix=""):
    """Load the state dict of a PyTorch module into `layers`, see `to_torch`.

    The values of `state_dict` are arrays or tensors. With `prefix` only the names that start
    with it count.

    Raises ValueError, and changes nothing, if a name is missing or one too many, a shape does
    not fit, a number is not finite, or PyTorch does not have one of the layers.
    """
    expected = to_torch(layers, prefix)
    if not isinstance(state_dict, Mapping):
        raise ValueError(
            f"state_dict must be a dict from names to arrays, got {type(state_dict).__name__}"
        )
    given = {name: a for name, a in state_dict.items() if name.startswith(prefix)}
    for name, array in expected.items():
        if name not in given:
            raise ValueError(
                f"the state dict has no {name!r}, only {', '.join(state_dict) or 'nothing'}"
                + prefix_hint(name, state_dict)
            )
        given[name] = finite_array(name, given[name])
        if given[name].shape != array.shape:
            raise ValueError(f"{name} must have shape {array.shape}, got {given[name].shape}")
    too_many = [name for name in given if name not in expected]
    if too_many:
        raise ValueError(
            f"the state dict has {', '.join(too_many)}, too, which belongs to no layer given: "
            "num_layers=2 takes a list of two layers, bidirectional=True a Bidirectional"
        )
    for layer, suffix in directions(layers):
        arrays = {name: given[prefix + name + suffix] for name in exported(layer)}
        layer.set_weights(imported(layer, arrays))


def directions(layers):
    """Pairs of a layer and the end of its names in PyTorch; a `Bidirectional` makes two."""
    layers = layers_of(layers)
    for layer in layers:
        require_counterpart(layer, KNOWN, "PyTorch")
    if len(layers) > 1:
        require_stack(layers)
    pairs = []
    for index, layer in enumerate(layers):
        if isinstance(layer, Bidirectional):
            if layer.merge_mode != "concat":
                raise ValueError(
                    f"PyTorch joins both directions by merge_mode='concat' only, and layer "
                    f"{layer.name!r} has {layer.merge_mode!r}"
                )
            pairs += [(layer.forward, f"_l{index}"), (layer.backward, f"_l{index}_reverse")]
        elif type(layer) in BLOCKS:
            pairs.append((layer, f"_l{index}"))
        else:
            pairs.append((layer, ""))
    for layer, suffix in pairs:
        require_same_options(layer, reads_backwards=suffix.endswith("_reverse"))
    return pairs


def require_stack(layers):
    """Raise ValueError unless PyTorch's ``num_layers`` can stand for `layers`."""
    kinds = [describe(layer) for layer in layers]
    if len(set(kinds)) > 1 or type(layers[0]) not in {*BLOCKS, Bidirectional}:
        raise ValueError(
            "several layers make one PyTorch module only if they are recurrent and alike, "
            f"got {', '.join(kinds)}: convert them one by one"
        )
    for below, above in zip(layers, layers[1:]):
        *time, size = below.output_shape(below.input_shape)
        if not time:
            raise ValueError(f"all layers but the last need return_sequences=True: {below.name!r}")
        if above.input_shape[-1] != size:
            raise ValueError(
                f"layer {above.name!r} reads {above.input_shape[-1]} features and cannot stand on "
                f"{below.name!r}, which returns {size}"
            )


def describe(layer):
    """Kind, units and activation of a layer: what all of a stack have in common."""
    if isinstance(layer, Bidirectional):
        return f"Bidirectional({describe(layer.forward)})"
    if type(layer) not in BLOCKS:
        return type(layer).__name__
    kind = "SimpleRNN" if isinstance(layer, SimpleRNN) else type(layer).__name__
    bias = "" if layer.cell.use_bias else ", use_bias=False"
    return f"{kind}({layer.units}, {layer.options['activation']!r}{bias})"


def require_same_options(layer, reads_backwards):
    """Raise ValueError if a recurrent `layer` has an option that PyTorch does not have."""
    if type(layer) not in BLOCKS:
        return
    if isinstance(layer, GRU) and not layer.cell.reset_after:
        raise ValueError("PyTorch's GRU resets after the product: use GRU(reset_after=True)")
    if layer.go_backwards != reads_backwards:
        raise ValueError(
            f"PyTorch has no go_backwards, which layer {layer.name!r} has: reverse the inputs"
        )
    allowed = ACTIVATIONS[type(layer)]
    if layer.cell.activation not in map(activations.get, allowed):
        raise ValueError(
            f"PyTorch's {type(layer).__name__} has the activation {' or '.join(allowed)}, "
            f"got {layer.options['activation']!r}"
        )
    if layer.cell.recurrent_activation is not activations.get("sigmoid"):
        raise ValueError(
            "gates have recurrent_activation='sigmoid' in PyTorch, got "
            f"{layer.options['recurrent_activation']!r}"
        )


def exported(layer):
    """The arrays of a layer without wrapper, by PyTorch's names without their ends."""
    weights = layer.get_weights()
    if isinstance(layer, Embedding):
        return {"weight": weights[0]}
    if isinstance(layer, Dense):
        W, *bias = weights
        return dict(zip(["weight", "bias"], [np.ascontiguousarray(W.T), *bias]))
    W_xh, W_hh, *biases = weights
    if biases:
        biases = biases[0] if isinstance(layer, GRU) else [*biases, np.zeros_like(biases[0])]
    arrays = [W_xh.T, W_hh.T, *biases]
    return {name: reordered(layer, a) for name, a in zip(RECURRENT, arrays)}


def imported(layer, arrays):
    """What `exported` returned, as a list in our order. Two biases become their sum, or rows."""
    if isinstance(layer, Embedding):
        return [arrays["weight"]]
    if isinstance(layer, Dense):
        return [arrays["weight"].T, *(arrays[name] for name in arrays if name == "bias")]
    names = [name for name in RECURRENT if name in arrays]
    W_ih, W_hh, *biases = (reordered(layer, arrays[name]) for name in names)
    if not biases:
        return [W_ih.T, W_hh.T]
    b_ih, b_hh = biases
    # The sum in double precision, so that it is rounded once.
    bias = np.stack([b_ih, b_hh]) if isinstance(layer, GRU) else np.add(b_ih, b_hh, dtype="float64")
    return [W_ih.T, W_hh.T, bias]


def reordered(layer, array):
    """The blocks of rows of `array`, one for each gate, in the other framework's order."""
    order = BLOCKS[type(layer)]
    blocks = np.split(array, len(order))
    return np.concatenate([blocks[i] for i in order])


def prefix_hint(name, state_dict):
    """Which prefix would lead to `name`, if one does."""
    for other in state_dict:
        if other.endswith(f".{name}"):
            return f"; prefix={other[: -len(name)]!r} would find {other}"
    return ""
