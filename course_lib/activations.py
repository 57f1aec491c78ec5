"""Elementwise functions between the matrix products, and softmax."""

from course_lib.arguments import one_of
from course_lib.backend import T, sigmoid, softmax


def linear(x):
    """x"""
    return x


def relu(x):
    """max(x, 0)"""
    return T.maximum(x, 0)


def tanh(x):
    """tanh(x), between -1 and 1"""
    return T.tanh(x)


ACTIVATIONS = {
    "linear": linear,
    "relu": relu,
    "sigmoid": sigmoid,
    "softmax": softmax,
    "tanh": tanh,
}

# The derivative of a function, given its value y: all that the way back needs to keep.
SLOPES = {
    linear: lambda y: T.ones_like(y),
    relu: lambda y: T.gt(y, 0).astype(y.dtype),
    sigmoid: lambda y: y * (1 - y),
    tanh: lambda y: 1 - y * y,
}


def get(name):
    """The activation called `name`, or `name` itself if it is a function; None is linear."""
    return linear if name is None else one_of("activation", name, ACTIVATIONS)
