"""PyTensor's settings, made before PyTensor is imported."""

import ctypes
import os
import sys
from pathlib import Path

import numpy as np

# Nothing is compiled, so no compiler is looked for; an error says which operation it comes from.
# PyTensor lets the last setting of a flag win: the user's own come after the course's.
_SETTINGS = "floatX=float32,cxx=,exception_verbosity=medium"
OWN = os.environ.get("PYTENSOR_FLAGS", "")
os.environ["PYTENSOR_FLAGS"] = ",".join(filter(None, [_SETTINGS, OWN]))

# The OpenBLAS in numpy's wheel, or none: Apple's numpy, for one, has another BLAS.
NUMPY_BLAS = next(Path(np.__file__).parent.parent.glob("numpy.libs/*openblas*"), None)

# For matrices as small as the course's a second thread mostly waits, and keeps a core busy with it.
if NUMPY_BLAS and not {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"} & set(os.environ):
    _library = ctypes.CDLL(str(NUMPY_BLAS))
    for _name in ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads"):
        if hasattr(_library, _name):
            getattr(_library, _name)(1)

# What one training step lets go the next one takes. By default glibc gives arrays of more than
# 128 KB back to the system, and a quarter of a step is spent on asking for new pages.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
if sys.platform == "linux" and hasattr(_libc := ctypes.CDLL(None), "mallopt"):
    _libc.mallopt(_M_TRIM_THRESHOLD, 2**28)  # this much free memory stays
    _libc.mallopt(_M_MMAP_THRESHOLD, 2**25)  # the most that glibc accepts
