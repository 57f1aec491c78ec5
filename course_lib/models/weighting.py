"""How much each sample, or each time step, counts in the loss and in the metrics."""

import numpy as np

from course_lib.arguments import finite_array, number_in, whole_number_from


def sample_weights(shape, given=None):
    """`given` as an array of `shape`, which is (samples,) or (samples, time); ones for None.

    A weight of a sample is the weight of each of its time steps. Raises ValueError for another
    shape, and unless weights are 0 or more and not all 0.
    """
    if given is None:
        return np.broadcast_to(1.0, shape)
    weights = finite_array("sample_weight", given)
    fits = weights.shape in (shape, shape[:1])
    if not fits or weights.min() < 0 or weights.max() == 0:
        per_step = f", or one per time step, {shape}" if len(shape) > 1 else ""
        raise ValueError(
            f"sample_weight must be {shape[0]} numbers{per_step}, none negative and not all 0, got "
            f"shape {weights.shape} and values from {weights.min():g} to {weights.max():g}"
        )
    return np.broadcast_to(
        weights.reshape(weights.shape + (1,) * (len(shape) - weights.ndim)), shape
    )


def class_weights(loss, y, outputs, class_weight):
    """The weight of each target in `y`, by its class; 1 for a class that is not named.

    `class_weight` maps class numbers to weights, `outputs` is the shape of the model's outputs.
    Raises ValueError for a loss without classes, for a class that there is not, and unless weights
    are 0 or more and not all 0.
    """
    classes, count = loss.classes(y, outputs)
    if not isinstance(class_weight, dict):
        raise ValueError(
            f"class_weight must map class numbers to weights, such as {{0: 1, 1: 10}}, "
            f"got {class_weight!r}"
        )
    weights = np.ones(count)
    for k, weight in class_weight.items():
        if whole_number_from(0, "a class in class_weight", k) >= count:
            raise ValueError(f"class_weight names class {k}, and classes are 0 to {count - 1}")
        weights[k] = number_in(f"the weight of class {k}", weight, 0, np.inf)
    if not weights[classes].any():
        raise ValueError(f"class_weight {class_weight} gives every target here the weight 0")
    return weights[classes]
