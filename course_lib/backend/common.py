"""What is the same in every room: random seeds, compiling, and functions made of `T`'s.

`course_lib.backend` imports this module after it has chosen a room, whose `theano` and `T` it
then has.
"""

import contextlib
import gc

import numpy as np

from course_lib.backend import T, random_updates, theano

# --- random numbers -------------------------------------------------------------------

_rng = np.random.default_rng()


def set_random_seed(seed):
    """Make everything drawn from here on repeatable: initial weights, shuffling, dropout.

    The same seed gives the same numbers, bit for bit, as long as the backend, the packages and
    the kind of processor are the same, whatever the number of threads. On another processor numpy
    and BLAS add up in another order, and a long training can end with quite other weights.
    """
    global _rng
    _rng = np.random.default_rng(seed)


def new_rng():
    """A numpy generator of its own, seeded from the course-wide one."""
    return np.random.default_rng(_rng.integers(2**63))


# --- compiling --------------------------------------------------------------------------


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


def function(inputs, outputs, updates=(), **options):
    """``theano.function``: compile inputs, outputs and updates into something to call."""
    symbols = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    pairs = list(updates.items() if isinstance(updates, dict) else updates)
    pairs += random_updates([*symbols, *(new for _, new in pairs)])
    with paused_garbage_collection():
        return theano.function(inputs, outputs, updates=pairs, **options)


# --- numbers and symbols ----------------------------------------------------------------


def floatX(value):
    """`value` as a numpy array of Theano's float type (float32 unless changed)."""
    return np.asarray(value, dtype=theano.config.floatX)


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
    return T.split(x, [units] * parts, n_splits=parts, axis=x.ndim - 1)


def affine(x, W, b):
    """x W + b over the last axis of `x`, a tensor of any rank, as one matrix product.

    The bias enters as a product with a column of ones, so that BLAS sums its gradient;
    Theano's own sum over batch and time takes five times as long.
    """
    rows = x.reshape((-1, x.shape[-1]))
    ones = T.ones((rows.shape[0], 1), dtype=x.dtype)
    y = T.dot(rows, W) + T.dot(ones, b.dimshuffle("x", 0))
    return y.reshape([*(x.shape[i] for i in range(x.ndim - 1)), W.shape[1]], ndim=x.ndim)
