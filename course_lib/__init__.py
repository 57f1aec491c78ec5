"""Recurrent networks one can read: cells on Theano's scan behind the interface of Keras."""

from course_lib.backend import set_random_seed

__all__ = ["set_random_seed"]
__version__ = "0.1.0"
