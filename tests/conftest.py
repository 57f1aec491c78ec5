"""Fixtures that all unit tests share."""

import contextlib

import pytest

from course_lib.backend import set_random_seed, theano

ON_THEANO = theano.__name__ == "theano"
# A backend's own tests run on it alone.
collect_ignore = ["test_pytensor_room.py"]
if not ON_THEANO:
    collect_ignore = ["test_theano_room.py", "test_optimized.py"]


@contextlib.contextmanager
def compiling(mode):
    """Compile functions in one of Theano's modes."""
    # Theano makes its default mode once and does not see that the flag has changed.
    default = theano.compile.mode.instantiated_default_mode
    theano.compile.mode.instantiated_default_mode = None
    with theano.config.change_flags(mode=mode):
        yield
    theano.compile.mode.instantiated_default_mode = default


@pytest.fixture(autouse=True, scope="session")
def quickly_compiled():
    """Most tests ask what a function computes, not how fast: nothing is compiled to C++ for them,
    which would take most of their time."""
    with compiling("FAST_COMPILE") if ON_THEANO else contextlib.nullcontext():
        yield


@pytest.fixture(scope="module")
def optimized(quickly_compiled):
    """In modules that use this, functions are compiled as they are for a learner."""
    with compiling("Mode") if ON_THEANO else contextlib.nullcontext():
        yield


@pytest.fixture(autouse=True)
def same_random_numbers():
    """No test depends on which tests ran before it."""
    set_random_seed(0)


@pytest.fixture
def float64():
    """Layers built and functions compiled in this test calculate in double precision."""
    with theano.config.change_flags(floatX="float64"):
        yield
