"""Fixtures that all unit tests share."""

import pytest

from course_lib.backend import set_random_seed, theano


@pytest.fixture(autouse=True)
def same_random_numbers():
    """No test depends on which tests ran before it."""
    set_random_seed(0)


@pytest.fixture
def float64():
    """Layers built and functions compiled in this test calculate in double precision."""
    with theano.config.change_flags(floatX="float64"):
        yield


@pytest.fixture
def quick(float64, monkeypatch):
    """Double precision, and functions that are compiled fast rather than run fast."""
    # Theano makes its default mode once and does not see that the flag has changed.
    monkeypatch.setattr(theano.compile.mode, "instantiated_default_mode", None)
    with theano.config.change_flags(mode="FAST_COMPILE"):
        yield
