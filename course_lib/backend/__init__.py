"""The only part of the course that imports Theano, or PyTensor, its living successor.

Everything else, chapters included, writes ``from course_lib.backend import theano, T`` and
uses only what both offer under the same name and with the same meaning. What differs between the
two (scan's return value, operations with a gradient of their own, random streams, settings) is
wrapped in a room for each, a folder that offers the names imported below; what is the same in
every room is in `common`.

Theano (theano-pymc) runs on Python 3.9 and 3.10, PyTensor from 3.11 on. Where both are there it
is Theano; ``COURSE_BACKEND=pytensor`` in the environment chooses the other.
"""

from course_lib.backend.choice import ROOM

# The folder `theano` is imported first, and then this package's attribute of that name becomes
# Theano itself: ``from course_lib.backend import theano`` never gives the folder.
if ROOM == "theano":
    from course_lib.backend.theano import (
        OpFromGraph,
        RandomStream,
        T,
        batched_dot,
        blas_library,
        random_updates,
        require_shape,
        scan,
        shared,
        sigmoid,
        theano,
        unbroadcast,
    )
else:
    from course_lib.backend.pytensor import (
        OpFromGraph,
        RandomStream,
        T,
        batched_dot,
        blas_library,
        random_updates,
        require_shape,
        scan,
        shared,
        sigmoid,
        theano,
        unbroadcast,
    )

from course_lib.backend.common import (
    affine,
    floatX,
    function,
    log_softmax,
    new_rng,
    paused_garbage_collection,
    set_random_seed,
    softmax,
    softplus,
    split,
)

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
    "random_updates",
    "require_shape",
    "scan",
    "set_random_seed",
    "shared",
    "sigmoid",
    "softmax",
    "softplus",
    "split",
    "theano",
    "unbroadcast",
]
