"""The only module that imports Theano.

Everything else, chapters included, writes ``from course_lib.backend import theano, T`` and
uses only what PyTensor, Theano's living successor, offers under the same name and with the
same meaning. What differs between the two (softmax, random numbers, scan's return value,
compiler settings) is wrapped here, so this is the one file to change when the course moves.

Theano compiles every function to C++. The settings below decide how long a learner waits
for that and how fast the result runs; each one says what it buys.
"""

import contextlib
import ctypes
import gc
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

# --- before Theano is imported: which BLAS, which compiler flags -----------------------


def _numpy_blas():
    """The OpenBLAS that numpy's wheel carries, or None (conda's numpy has none).

    Linking Theano to it makes matrix products about three times as fast as Theano's own
    fallback and needs nothing installed on the machine.
    """
    folder = Path(np.__file__).parent.parent / "numpy.libs"
    # Names with "64_" use 64-bit integers, which Theano's calls do not.
    found = sorted(p for p in folder.glob("libopenblas*.so") if "64_" not in p.name)
    return found[0] if found else None


def _linkable(library):
    """A folder without spaces or commas that holds `library`: linker flags allow neither."""
    folder = library.parent
    if not set(" ,") & set(str(folder)):
        return folder
    key = hashlib.sha256(str(library).encode()).hexdigest()[:16]
    link_folder = Path(tempfile.gettempdir()) / f"rnn-course-blas-{os.getuid()}-{key}"
    link_folder.mkdir(mode=0o700, exist_ok=True)
    link = link_folder / library.name
    if not link.exists():
        link.symlink_to(library)
    return link_folder


def _blas_flags(library):
    if library is None:
        return ""
    return f"-L{_linkable(library)} -l{library.name[len('lib') : -len('.so')]}"


def _compiler_flags():
    """Extra flags for Theano's calls of the C++ compiler."""
    flags = ["-g0", "-w"]
    if sys.platform.startswith("linux") and platform.machine() == "x86_64":
        flags += [
            "-march=native",
            # The only optimization that the generated loops profit from is vectorization;
            # without the rest of -O3 a module compiles in half the time.
            "-O1",
            "-ftree-loop-vectorize",
            "-fvect-cost-model=dynamic",
            # These three let GCC call the vector versions of tanh and exp in glibc's libmvec
            # (20 ns an element become 1 ns). Unlike -ffast-math they leave NaN and infinity
            # alone and do not switch off denormal numbers for the whole process.
            "-fno-trapping-math",
            "-D__FAST_MATH__",
            "-fno-guess-branch-probability",
        ]
    return " ".join(flags)


def _machine_tag():
    """A short name of this processor: code built for one may crash on another that shares
    the home folder."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        flags = next(line for line in lines if line.startswith(("flags", "Features")))
    except (OSError, StopIteration):
        flags = platform.processor()
    return hashlib.sha256(flags.encode()).hexdigest()[:8]


_BLAS = _numpy_blas()
_SETTINGS = {
    "floatX": "float32",
    "gcc__cxxflags": _compiler_flags(),
    "compiledir_format": f"compiledir_%(python_version)s-%(theano_version)s-{_machine_tag()}",
    # A second process waits this many seconds for the first one's compilations.
    "compile__timeout": "1200",
}
if _BLAS is not None:
    _SETTINGS["blas__ldflags"] = _blas_flags(_BLAS)
# Theano lets the last setting of a flag win, so a user's own flags override ours.
os.environ["THEANO_FLAGS"] = ",".join(
    [f"{name}={value}" for name, value in _SETTINGS.items()]
    + list(filter(None, [os.environ.get("THEANO_FLAGS")]))
)
if _BLAS is not None and not {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"} & set(os.environ):
    # The matrices of one time step are too small to share between threads, and a fixed
    # number of threads is part of "same seed, same numbers".
    ctypes.CDLL(str(_BLAS)).openblas_set_num_threads(1)

import theano  # noqa: E402
import theano.tensor as T  # noqa: E402
from theano import shared  # noqa: E402
from theano.compile.builders import OpFromGraph as TheanoOpFromGraph  # noqa: E402
from theano.compile.ops import (  # noqa: E402
    DeepCopyOp,
    Rebroadcast,
    Shape,
    Shape_i,
    SpecifyShape,
)
from theano.gradient import DisconnectedType  # noqa: E402
from theano.link.c.cmodule import GCC_compiler, std_include_dirs  # noqa: E402
from theano.scalar import Add, Mul, Neg, Sqr, Sub, TrueDiv  # noqa: E402
from theano.scan.op import Scan  # noqa: E402
from theano.tensor.basic import (  # noqa: E402
    Alloc,
    AllocEmpty,
    Reshape,
    ScalarFromTensor,
    TensorFromScalar,
)
from theano.tensor.blas import Dot22, Dot22Scalar, Gemm  # noqa: E402
from theano.tensor.blas_c import CGemv, CGer  # noqa: E402
from theano.tensor.elemwise import CAReduce, DimShuffle, Elemwise  # noqa: E402
from theano.tensor.opt import Assert, MakeVector  # noqa: E402
from theano.tensor.random.utils import RandomStream  # noqa: E402
from theano.tensor.subtensor import IncSubtensor, Subtensor  # noqa: E402

__all__ = [
    "OpFromGraph",
    "RandomStream",
    "T",
    "affine",
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

# --- after the import: fewer and cheaper compilations ---------------------------------

_loop_depth = 0  # above 0 while the body of a loop is being compiled


def _count_loops(scan_class):
    compiled = scan_class.make_thunk

    def make_thunk(self, *args, **kwargs):
        global _loop_depth
        _loop_depth += 1
        try:
            return compiled(self, *args, **kwargs)
        finally:
            _loop_depth -= 1

    scan_class.make_thunk = make_thunk


def _always(node):
    return True


def _outside_loops(node):
    return _loop_depth == 0


def _one_number(node):
    # A numpy ufunc takes at most 32 arguments.
    return len(node.inputs) < 31 and all(all(x.broadcastable) for x in node.inputs)


def _plain_arithmetic(node):
    # Functions such as tanh stay in C, where they are vectorized.
    return _one_number(node) or (
        _loop_depth == 0 and isinstance(node.op.scalar_op, (Add, Mul, Neg, Sqr, Sub, TrueDiv))
    )


def _run_in_python(op_class, when):
    """Let `op_class` use its numpy implementation instead of a compiled one.

    A compiled module costs about half a second, once. The operations chosen below only
    arrange arrays, or stand outside the loop over time, where numpy is as fast as C.
    """
    compiled = op_class.make_thunk

    def make_thunk(self, node, storage_map, compute_map, no_recycling, impl=None):
        if when(node):
            impl = "py"
        return compiled(self, node, storage_map, compute_map, no_recycling, impl=impl)

    op_class.make_thunk = make_thunk


_count_loops(Scan)
for _op_class in (
    *(Alloc, AllocEmpty, Reshape, Rebroadcast, DimShuffle, Subtensor, IncSubtensor, DeepCopyOp),
    *(Shape, Shape_i, SpecifyShape, MakeVector, ScalarFromTensor, TensorFromScalar, Assert),
):
    _run_in_python(_op_class, _always)
for _op_class in (Dot22, Dot22Scalar, Gemm, CGemv, CGer, CAReduce):
    _run_in_python(_op_class, _outside_loops)
_run_in_python(Elemwise, _plain_arithmetic)

# Theano takes an empty __props__ for "no version known" and compiles these two again in
# every process. Any attribute name that all instances share makes them cacheable.
Dot22.__props__ = Dot22Scalar.__props__ = ("__class__",)


def _precompile_headers():
    """Parse the headers that all of Theano's modules share once, not once a module.

    Halves the time of each compilation. Only for g++: clang refuses, rather than ignores,
    a precompiled header that does not fit.
    """
    compiler = theano.config.cxx
    folder = Path(theano.config.compiledir)
    if not compiler.endswith("g++") or sys.platform == "darwin" or " " in str(folder):
        return
    command = [compiler, "-shared", "-g", "-O3", "-fno-math-errno"]
    command += ["-Wno-unused-label", "-Wno-unused-variable", "-Wno-write-strings"]
    command += GCC_compiler.compile_args() + ["-fvisibility=hidden"]
    command += [f"-I{include}" for include in std_include_dirs()]
    key = hashlib.sha256(" ".join([sys.version, *command]).encode()).hexdigest()[:16]
    header = folder / f"headers_{key}.h"
    compiled = folder / f"headers_{key}.h.gch"
    if not compiled.exists():
        header.write_text(
            '#include <Python.h>\n#include <iostream>\n#include "theano_mod_helper.h"\n'
            "#include <math.h>\n#include <numpy/arrayobject.h>\n#include <numpy/arrayscalars.h>\n"
            "#include <vector>\n#include <algorithm>\n"
        )
        # Two processes may come here at once: each writes its own file and moves it in place.
        part = folder / f"{compiled.name}.{os.getpid()}"
        command += ["-x", "c++-header", str(header), "-o", str(part)]
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
            return
        part.replace(compiled)
    theano.config.gcc__cxxflags += f" -include {header}"


if theano.config.cxx and shutil.which(theano.config.cxx):
    _precompile_headers()


def blas_library():
    """The name of the BLAS that Theano is linked to, or None if it found none."""
    if _BLAS is not None and f"-l{_BLAS.name[3:-3]}" in theano.config.blas__ldflags:
        return f"{_BLAS.name} (from numpy)"
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


# --- symbolic helpers -----------------------------------------------------------------


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


def sigmoid(x):
    """1 / (1 + exp(-x)), elementwise."""
    return T.nnet.sigmoid(x)


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
