"""Weights to and from Keras and PyTorch, without either of them: only arrays change hands.

Both ways are exact up to the rounding of float32: the other framework computes the same
outputs. Layers that it does not have are refused by name.

    keras_model.set_weights(to_keras(model))            # a list of arrays
    from_keras(model, keras_model.get_weights())

    arrays = to_torch(model.layers[0])                  # a dict of arrays, one module at a time
    module.load_state_dict({name: torch.tensor(a) for name, a in arrays.items()})
    from_torch(model.layers[0], module.state_dict())
"""

from course_lib.interop.keras import from_keras, to_keras
from course_lib.interop.torch import from_torch, to_torch

__all__ = ["from_keras", "from_torch", "to_keras", "to_torch"]
