"""The room for PyTensor, with everything that another backend does differently."""

from course_lib.backend.pytensor.settings import NUMPY_BLAS, OWN  # isort: skip  (before PyTensor)

import numpy as np
import pytensor as theano
import pytensor.tensor as T
from pytensor import shared
from pytensor.compile.builders import OpFromGraph as PyTensorOpFromGraph
from pytensor.compile.mode import Mode
from pytensor.gradient import DisconnectedType
from pytensor.graph import RewriteDatabaseQuery

from course_lib.backend.pytensor.linker import NumpyLinker
from course_lib.backend.pytensor.random import RandomStream, random_updates
from course_lib.backend.pytensor.shapes import require_shape

__all__ = [
    "OpFromGraph",
    "RandomStream",
    "T",
    "batched_dot",
    "blas_library",
    "random_updates",
    "require_shape",
    "scan",
    "shared",
    "sigmoid",
    "theano",
    "unbroadcast",
]

if "mode=" not in OWN:
    theano.config.mode = Mode(NumpyLinker(), RewriteDatabaseQuery(include=["fast_run"]))


def blas_library():
    """The name of the BLAS that matrix products call."""
    return f"{NUMPY_BLAS.name} (from numpy)" if NUMPY_BLAS else f"that of numpy {np.__version__}"


def scan(
    step,
    sequences=None,
    outputs_info=None,
    non_sequences=None,
    n_steps=None,
    go_backwards=False,
    strict=False,
):
    """Loop over the first axis of `sequences`; ``pytensor.scan``, for states that have a length of
    1 somewhere, too.

    ``step(*one element of each sequence, *previous outputs, *non_sequences)`` returns the
    new outputs. `outputs_info` gives their initial values, None for an output that is not
    fed back. Returns the outputs of all steps, stacked along a new first axis.

    Raises ValueError if the step changes shared variables: ``pytensor.scan`` is for that.
    """
    starts = outputs_info if isinstance(outputs_info, (list, tuple)) else [outputs_info]

    def step_as_started(*inputs):
        outputs = step(*inputs)
        if isinstance(outputs, (list, tuple)) and len(outputs) == len(starts):
            return [as_started(out, start) for out, start in zip(outputs, starts)]
        return as_started(outputs, starts[0]) if hasattr(outputs, "type") else outputs

    try:
        return theano.scan(
            step_as_started,
            sequences=sequences,
            outputs_info=outputs_info,
            non_sequences=non_sequences,
            n_steps=n_steps,
            go_backwards=go_backwards,
            strict=strict,
            return_updates=False,
        )
    except ValueError as error:
        if "return_updates=False" not in str(error):
            raise
        raise ValueError("this step changes shared variables: call theano.scan itself") from None


def as_started(out, start):
    """`out`, with the lengths that are known of its first value: PyTensor insists on them."""
    if start is None or isinstance(start, dict):
        return out
    shape = T.as_tensor_variable(start).type.shape
    return out if shape == out.type.shape else T.specify_shape(out, shape)


def OpFromGraph(inputs, outputs, inline, lop_overrides):
    """A piece of graph with a gradient of its own, ``lop_overrides``.

    Outputs that the loss does not use have a gradient of 0 there.
    """

    def pullback(inputs, outputs, gradients):
        filled = [
            T.zeros_like(out) if isinstance(gradient.type, DisconnectedType) else gradient
            for out, gradient in zip(outputs, gradients)
        ]
        return lop_overrides(inputs, outputs, filled)

    return PyTensorOpFromGraph(inputs, outputs, inline=inline, pullback=pullback)


def sigmoid(x):
    """1 / (1 + exp(-x)), elementwise."""
    return T.sigmoid(x)


def batched_dot(a, b):
    """The product of the matrices a[i] and b[i] for every i: (batch, n, k), (batch, k, m)."""
    return T.matmul(a, b)


def unbroadcast(x):
    """`x` as it is: a length of 1 is not special here, see `scan`."""
    return x
