"""The room for Theano (theano-pymc), with everything that another backend does differently."""

from course_lib.backend.theano.settings import NUMPY_BLAS  # isort: skip  (before Theano itself)

import theano
import theano.tensor as T
from theano import shared
from theano.compile.builders import OpFromGraph as TheanoOpFromGraph
from theano.gradient import DisconnectedType
from theano.tensor.random.utils import RandomStream

from course_lib.backend.theano import compiling  # noqa: F401  (its changes to Theano are needed)
from course_lib.backend.theano.shapes import require_shape

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


def blas_library():
    """The name of the BLAS that Theano is linked to, or None if it found none."""
    if NUMPY_BLAS is not None and f"-l{NUMPY_BLAS.name[3:-3]}" in theano.config.blas__ldflags:
        return f"{NUMPY_BLAS.name} (from numpy)"
    return theano.config.blas__ldflags or None


def scan(
    step,
    sequences=None,
    outputs_info=None,
    non_sequences=None,
    n_steps=None,
    go_backwards=False,
    strict=False,
):
    """Loop over the first axis of `sequences`; ``theano.scan`` without its second result.

    ``step(*one element of each sequence, *previous outputs, *non_sequences)`` returns the
    new outputs. `outputs_info` gives their initial values, None for an output that is not
    fed back. Returns the outputs of all steps, stacked along a new first axis.

    Raises ValueError if the step draws random numbers: ``theano.scan`` is for that.
    """
    outputs, updates = theano.scan(
        step,
        sequences=sequences,
        outputs_info=outputs_info,
        non_sequences=non_sequences,
        n_steps=n_steps,
        go_backwards=go_backwards,
        strict=strict,
    )
    if updates:
        raise ValueError("this step changes shared variables: call theano.scan itself")
    return outputs


class OpFromGraph(TheanoOpFromGraph):
    """A piece of graph with a gradient of its own, ``lop_overrides``.

    Theano's own stumbles over outputs that the loss does not use; here their gradient is 0.
    """

    def L_op(self, inputs, outputs, output_grads):
        filled = [
            T.zeros_like(out) if isinstance(grad.type, DisconnectedType) else grad
            for out, grad in zip(outputs, output_grads)
        ]
        return super().L_op(inputs, outputs, filled)


def sigmoid(x):
    """1 / (1 + exp(-x)), elementwise."""
    return T.nnet.sigmoid(x)


def batched_dot(a, b):
    """The product of the matrices a[i] and b[i] for every i: (batch, n, k), (batch, k, m)."""
    return T.batched_dot(a, b)


def unbroadcast(x):
    """`x` as an array that may have any lengths: Theano would spread one of length 1."""
    return T.unbroadcast(x, *range(x.ndim))


def random_updates(symbols):
    """No pairs for a function's `updates`: Theano adds those of its generators itself."""
    return []
