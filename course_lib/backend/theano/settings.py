"""Theano's settings, made before Theano is imported: which BLAS, which compiler flags.

They decide how long a learner waits for a compilation and how fast the result runs; each one
says what it buys.
"""

import ctypes
import hashlib
import os
import platform
import shlex
import sys
from pathlib import Path

import numpy as np
import scipy.linalg  # noqa: F401  (as numpy does, it loads its OpenBLAS and what that needs)

from course_lib.backend.theano import folders


def _openblas(package):
    """The OpenBLAS that the wheel of numpy or scipy carries, or None (conda's have none)."""
    folder = Path(np.__file__).parent.parent / f"{package}.libs"
    # Names with "64_" use 64-bit integers, which Theano's calls do not.
    found = sorted(p for p in folder.glob("libopenblas*.so") if "64_" not in p.name)
    return found[0] if found else None


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


_MACHINE = _machine_tag()
# Linking Theano to numpy's OpenBLAS makes matrix products about three times as fast as Theano's
# own fallback and needs nothing installed on the machine.
NUMPY_BLAS = _openblas("numpy")
_SETTINGS = {
    "floatX": "float32",
    "gcc__cxxflags": _compiler_flags(),
    "compiledir_format": f"compiledir_%(python_version)s-%(theano_version)s-{_MACHINE}",
    # Merging x[::-1][:n] into one slice needs hundreds of operations on symbolic lengths, which
    # take Theano longer to simplify than all the rest of a training function.
    "optimizer_excluding": "local_subtensor_merge",
    # A second process waits this many seconds for the first one's compilations.
    "compile__timeout": "1200",
}
_BLAS_FOLDER = folders.linkable(NUMPY_BLAS) if NUMPY_BLAS else None
if _BLAS_FOLDER:
    _SETTINGS["blas__ldflags"] = f"-L{_BLAS_FOLDER} -l{NUMPY_BLAS.name[len('lib') : -len('.so')]}"
_CODE_FOLDER = folders.for_compiled_code(f"compiledir_*-{_MACHINE}")
if _CODE_FOLDER:
    _SETTINGS["base_compiledir"] = shlex.quote(str(_CODE_FOLDER))
# Theano lets the last setting of a flag win, so a user's own flags override ours.
os.environ["THEANO_FLAGS"] = ",".join(
    [f"{name}={value}" for name, value in _SETTINGS.items()]
    + list(filter(None, [os.environ.get("THEANO_FLAGS")]))
)
if not {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"} & set(os.environ):
    # The matrices of one time step are too small to share between threads, and a fixed
    # number of threads is part of "same seed, same numbers". Scipy brings a copy of its own,
    # whose second thread, once woken, mostly waits, and keeps a core busy with it.
    for _library in filter(None, map(_openblas, ("numpy", "scipy"))):
        ctypes.CDLL(str(_library)).openblas_set_num_threads(1)
