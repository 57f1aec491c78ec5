"""The only part of the course that imports Theano.

Everything else, chapters included, writes ``from course_lib.backend import theano, T`` and
uses only what PyTensor, Theano's living successor, offers under the same name and with the
same meaning. What differs between the two (softmax, random numbers, scan's return value,
compiler settings) is wrapped here, so this is the one folder to change when the course moves.
"""

import contextlib
import gc

import numpy as np

from course_lib.backend.settings import NUMPY_BLAS  # isort: skip  (before Theano is imported)

import theano
import theano.tensor as T
from theano import shared
from theano.compile.builders import OpFromGraph as TheanoOpFromGraph
from theano.gradient import DisconnectedType
from theano.tensor.random.utils import RandomStream

from course_lib.backend import compiling  # noqa: F401  (its changes to Theano are all we need)

__all__ = [
    "OpFromGraph",
    "RandomStream",
    "T",
    "affine",
    "batched_dot",
    "blas_library",
    "floatX",
    "function",
    "log_softmax",
    "new_rng",
    "paused_garbage_collection",
    "scan",
    "set_random_seed",
    "shared",
    "sigmoid",
    "softmax",
    "softplus",
    "split",
    "theano",
]


def blas_library():
    """The name of the BLAS that Theano is linked to, or None if it found none."""
    if NUMPY_BLAS is not None and f"-l{NUMPY_BLAS.name[3:-3]}" in theano.config.blas__ldflags:
        return f"{NUMPY_BLAS.name} (from numpy)"
    return theano.config.blas__ldflags or None


# --- random numbers -------------------------------------------------------------------

_rng = np.random.default_rng()


def set_random_seed(seed):
    """Make everything drawn from here on repeatable: initial weights, shuffling, dropout.

    The same seed on the same machine gives the same numbers, bit for bit.
    """
    global _rng
    _rng = np.random.default_rng(seed)


def new_rng():
    """A numpy generator of its own, seeded from the course-wide one."""
    return np.random.default_rng(_rng.integers(2**63))


# --- compiling and symbolic helpers -----------------------------------------------------


@contextlib.contextmanager
def paused_garbage_collection():
    """Keep Python from searching for garbage while Theano builds a graph of a hundred thousand
    objects and drops none of them: a quarter of the time for compiling with a filled cache."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def function(*arguments, **options):
    """``theano.function``: compile inputs, outputs and updates into something to call."""
    with paused_garbage_collection():
        return theano.function(*arguments, **options)


def floatX(value):
    """`value` as a numpy array of Theano's float type (float32 unless changed)."""
    return np.asarray(value, dtype=theano.config.floatX)


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


def softplus(x):
    """log(1 + exp(x)), elementwise, without overflow."""
    return T.maximum(x, 0) + T.log1p(T.exp(-abs(x)))


def softmax(x, axis=-1):
    """exp(x) / sum(exp(x)) along `axis`, for a tensor of any rank."""
    e = T.exp(x - T.max(x, axis=axis, keepdims=True))
    return e / T.sum(e, axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    """log(softmax(x)) along `axis`, without overflow."""
    shifted = x - T.max(x, axis=axis, keepdims=True)
    return shifted - T.log(T.sum(T.exp(shifted), axis=axis, keepdims=True))


def split(x, parts, units):
    """Cut the last axis of `x` into `parts` contiguous pieces of `units` each.

    Copies, unlike slicing: the work that follows runs on contiguous arrays, and the
    gradient is one concatenation instead of a sum of zero-padded pieces.
    """
    return T.split(x, [units] * parts, parts, axis=x.ndim - 1)


def affine(x, W, b):
    """x W + b over the last axis of `x`, a tensor of any rank, as one matrix product.

    The bias enters as a product with a column of ones, so that BLAS sums its gradient;
    Theano's own sum over batch and time takes five times as long.
    """
    rows = x.reshape((-1, x.shape[-1]))
    ones = T.ones((rows.shape[0], 1), dtype=x.dtype)
    y = T.dot(rows, W) + T.dot(ones, b.dimshuffle("x", 0))
    return y.reshape([*(x.shape[i] for i in range(x.ndim - 1)), W.shape[1]], ndim=x.ndim)
