"""How parameters start. Each initializer is called as ``initializer(shape, rng)``.

Glorot uniform keeps the variance of activations and gradients about equal from layer to
layer (Glorot & Bengio, 2010). An orthogonal recurrent matrix keeps the length of the hidden
state from step to step (Saxe, McClelland & Ganguli, 2014).
"""

from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from course_lib.arguments import one_of
from course_lib.backend import floatX, shared

DRAWN = ContextVar("whether weights are drawn", default=True)


def weight(name, shape, start, rng=None):
    """The shared variable `name` of this shape, as the initializer `start` begins it."""
    if DRAWN.get():
        return shared(floatX(start(shape, rng)), name)
    # A single zero, seen everywhere: however large the shape, there is nothing to allocate.
    return shared(np.broadcast_to(floatX(0), shape), name, borrow=True)


@contextmanager
def undrawn():
    """In this block weights have a shape and no numbers of their own: `set_weights` follows."""
    token = DRAWN.set(False)
    try:
        yield
    finally:
        DRAWN.reset(token)


def zeros(shape, rng):
    """All 0."""
    return np.zeros(shape)


def ones(shape, rng):
    """All 1."""
    return np.ones(shape)


def glorot_uniform(shape, rng):
    """Uniform in [-a, a] with a = sqrt(6 / (rows + columns))."""
    limit = np.sqrt(6.0 / (shape[0] + shape[-1]))
    return rng.uniform(-limit, limit, shape)


def random_uniform(shape, rng):
    """Uniform in [-0.05, 0.05], Keras's start of an embedding."""
    return rng.uniform(-0.05, 0.05, shape)


def orthogonal(shape, rng):
    """A matrix whose rows (or columns, whichever are fewer) are orthonormal."""
    rows, columns = shape
    normal = rng.standard_normal((max(shape), min(shape)))
    q, r = np.linalg.qr(normal)
    # The sign of r's diagonal makes q uniformly distributed over orthogonal matrices.
    q = q * np.sign(np.diag(r))
    return q if rows >= columns else q.T


def identity(shape, rng):
    """The identity matrix; side by side once per gate if there are more columns than rows.

    With relu, the start of the IRNN (Le, Jaitly & Hinton, 2015).
    """
    rows, columns = shape
    if columns % rows:
        raise ValueError(f"identity needs a square matrix per gate, got shape {shape}")
    return np.tile(np.eye(rows), (1, columns // rows))


INITIALIZERS = {
    "glorot_uniform": glorot_uniform,
    "identity": identity,
    "ones": ones,
    "orthogonal": orthogonal,
    "random_uniform": random_uniform,
    "zeros": zeros,
}


def get(name):
    """The initializer called `name`, or `name` itself if it is a function."""
    return one_of("initializer", name, INITIALIZERS)
