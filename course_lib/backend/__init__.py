"""The only part of the course that imports Theano.

Everything else, chapters included, writes ``from course_lib.backend import theano, T`` and
uses only what PyTensor, Theano's living successor, offers under the same name and with the
same meaning. What differs between the two (scan's return value, operations with a gradient of
their own, compiler settings) is wrapped in a room of its own, a folder that offers the names
imported below; what is the same in every room is in `common`.
"""

from importlib.util import find_spec

# The folder `theano` is imported first, and then this package's attribute of that name becomes
# Theano itself: ``from course_lib.backend import theano`` never gives the folder.
if find_spec("theano"):
    from course_lib.backend.theano import (
        OpFromGraph,
        RandomStream,
        T,
        batched_dot,
        blas_library,
        require_shape,
        scan,
        shared,
        sigmoid,
        theano,
    )
else:
    raise ImportError(
        "course_lib needs Theano, which this Python does not have: "
        "python -m pip install -r requirements.lock"
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
    "require_shape",
    "scan",
    "set_random_seed",
    "shared",
    "sigmoid",
    "softmax",
    "softplus",
    "split",
    "theano",
]
