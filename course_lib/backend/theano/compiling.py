"""Fewer and cheaper compilations.

Theano compiles nearly every operation to a C++ module of its own, half a second each: 44 s
before the first training step of a GRU. Here operations that gain nothing from C run in
numpy, and the headers that all modules share are parsed once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import theano
from theano.compile.ops import (
    DeepCopyOp,
    Rebroadcast,
    Shape,
    Shape_i,
    SpecifyShape,
)
from theano.link.c.cmodule import GCC_compiler, std_include_dirs
from theano.scalar import Add, Mul, Neg, Sqr, Sub, TrueDiv
from theano.scan.op import Scan
from theano.tensor.basic import (
    Alloc,
    AllocEmpty,
    Reshape,
    ScalarFromTensor,
    TensorFromScalar,
)
from theano.tensor.blas import Dot22, Dot22Scalar, Gemm
from theano.tensor.blas_c import CGemv, CGer
from theano.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from theano.tensor.opt import Assert, MakeVector
from theano.tensor.subtensor import IncSubtensor, Subtensor

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
    # Functions such as tanh stay in C, where they are vectorized. So do sums and products of
    # three and more, which numpy would compute one number at a time.
    simple = isinstance(node.op.scalar_op, (Add, Mul, Neg, Sqr, Sub, TrueDiv))
    return _one_number(node) or (_loop_depth == 0 and simple and len(node.inputs) <= 2)


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
