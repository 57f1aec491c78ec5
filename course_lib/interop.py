"""Weights from other frameworks.

Keras's weight lists need no conversion: ``layer.set_weights(keras_layer.get_weights())``.
PyTorch keeps one matrix per gate stacked by rows, gates in another order, and always two
biases; `load_torch` translates.
"""

import numpy as np

from course_lib.layers import GRU, LSTM, Bidirectional, SimpleRNN

# Which of PyTorch's gate blocks stands first, second, ... in Keras's order.
GATE_ORDER = {
    SimpleRNN: [0],
    LSTM: [0, 1, 2, 3],  # both i, f, g, o
    GRU: [1, 0, 2],  # r, z, n to z, r, h
}


def load_torch(layer, state_dict, index=0):
    """Load layer `index` of a PyTorch RNN, LSTM or GRU into a built recurrent `layer`.

    `state_dict` maps PyTorch's names (``weight_ih_l0``, ...) to numpy arrays:
    ``{name: tensor.numpy() for name, tensor in module.state_dict().items()}``.
    A `Bidirectional` layer takes the ``_reverse`` weights too.

    Raises ValueError if a name is missing, a shape does not fit, or the layer has no
    counterpart in PyTorch (such as a GRU with ``reset_after=False``).
    """
    if isinstance(layer, Bidirectional):
        layer.set_weights(
            keras_weights(layer.forward, state_dict, f"l{index}")
            + keras_weights(layer.backward, state_dict, f"l{index}_reverse")
        )
    else:
        layer.set_weights(keras_weights(layer, state_dict, f"l{index}"))


def keras_weights(layer, state_dict, suffix):
    """Kernel, recurrent kernel and bias of `layer` from the arrays ending in `suffix`."""
    order = GATE_ORDER.get(type(layer))
    if order is None:
        raise ValueError(
            f"load_torch knows SimpleRNN, LSTM, GRU and Bidirectional, got {type(layer).__name__}"
        )
    if isinstance(layer, GRU) and not layer.cell.reset_after:
        raise ValueError("PyTorch's GRU resets after the product: use GRU(reset_after=True)")

    def array(name):
        name = f"{name}_{suffix}"
        if name not in state_dict:
            raise ValueError(f"the state dict has no {name!r}, only {', '.join(state_dict)}")
        return np.asarray(state_dict[name])

    def reorder(a):
        if len(a) % len(order):
            raise ValueError(f"{a.shape} cannot be cut into {len(order)} gates")
        return np.concatenate([np.split(a, len(order))[i] for i in order])

    kernel, recurrent = (reorder(array(name)).T for name in ("weight_ih", "weight_hh"))
    b_ih, b_hh = (reorder(array(name)) for name in ("bias_ih", "bias_hh"))
    bias = np.stack([b_ih, b_hh]) if isinstance(layer, GRU) else b_ih + b_hh
    return [kernel, recurrent, bias]
