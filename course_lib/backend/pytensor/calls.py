"""PyTensor's operations as functions of arrays, made of calls of numpy's own.

Each may be told by `out` where its result can go, an array of the shape and type that it has;
where that is no gain it is not used.
"""

from functools import singledispatch

import numpy as np
from pytensor.graph.basic import Constant
from pytensor.scalar import Add, Mul, Sigmoid
from pytensor.tensor.basic import Join, Split
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import Dot
from pytensor.tensor.shape import Reshape, SpecifyShape


@singledispatch
def numpy_call(op, node):
    """A function of arrays that does what `op` does; in general by PyTensor's own `perform`."""

    def perform(*arrays, out=None):
        storage = [[None] for _ in node.outputs]
        op.perform(node, list(arrays), storage)
        return storage[0][0] if len(storage) == 1 else [cell[0] for cell in storage]

    return perform


@numpy_call.register
def _(op: Elemwise, node):
    call = ufunc_of(op, node)
    if call is None or node.outputs[0].ndim == 0 or len(node.inputs) == 1:
        return call or numpy_call.dispatch(object)(op, node)
    spread = [[length == 1 for length in x.type.shape] for x in node.inputs]

    def check(*arrays):
        for lengths in zip(*(zip(x.shape, known) for x, known in zip(arrays, spread))):
            if len({length for length, known_as_1 in lengths if not known_as_1}) > 1:
                shapes = ", ".join(str(x.shape) for x in arrays)
                raise ValueError(
                    f"arrays of shapes {shapes} do not fit: a length of 1 is spread only if it is "
                    "known when the function is compiled"
                )

    def of_two(x, y, out=None):
        if x.shape != y.shape:
            check(x, y)
        return call(x, y, out=out)

    def of_more(*arrays, out=None):
        shape = arrays[0].shape
        for x in arrays:
            if x.shape != shape:
                check(*arrays)
                break
        return call(*arrays, out=out)

    return of_two if len(node.inputs) == 2 else of_more


def ufunc_of(op, node):
    """numpy's function for one elementwise operation; None if none gives the type it should."""
    scalar, wanted = op.scalar_op, np.dtype(node.outputs[0].dtype)
    types = [np.dtype(x.dtype) for x in node.inputs]
    if isinstance(scalar, Sigmoid) and types == [wanted] and node.outputs[0].ndim:
        return sigmoid(wanted)
    name, *_ = getattr(scalar, "nfunc_spec", None) or [""]
    ufunc = getattr(np, name, None)
    if not isinstance(ufunc, np.ufunc) or ufunc.nout > 1 or op.inplace_pattern:
        return None
    if isinstance(scalar, (Add, Mul)) and len(types) > 2 and {*types} == {wanted}:
        return folded(ufunc)
    fits = len(types) == ufunc.nin and ufunc.resolve_dtypes((*types, None))[-1] == wanted
    return ufunc if fits else None


def folded(ufunc):
    """The sum or the product of any number of arrays, from numpy's for two."""

    def fold(x, y, *others, out=None):
        total = ufunc(x, y, out=out)
        for z in others:
            total = ufunc(total, z, out=out)
        return total

    return fold


def sigmoid(dtype):
    """1 / (1 + exp(-x)), by way of tanh: numpy has a vectorized one, and it cannot overflow."""
    half = np.array(0.5, dtype)  # numpy reads an array in half the time of a number

    def call(x, out=None):
        y = np.multiply(x, half, out=out)
        np.tanh(y, y)
        np.multiply(y, half, y)
        return np.add(y, half, y)

    return call


@numpy_call.register
def _(op: DimShuffle, node):
    kept = [axis for axis in op.new_order if axis != "x"]
    order = [*kept, *(axis for axis in range(op.input_ndim) if axis not in kept)]
    dropped = (0,) * (op.input_ndim - len(kept))
    index = tuple(None if axis == "x" else slice(None) for axis in op.new_order)
    if not dropped and len(kept) == len(op.new_order):
        return lambda x, out=None: x.transpose(order)
    return lambda x, out=None: x.transpose(order)[(..., *dropped)][index]


@numpy_call.register
def _(op: Dot, node):
    return np.dot


@numpy_call.register
def _(op: Split, node):
    sizes = node.inputs[-1]
    # Before PyTensor 3.1 the axis was an input.
    if not hasattr(op, "axis") or not isinstance(sizes, Constant):
        return numpy_call.dispatch(object)(op, node)
    ends = np.cumsum(sizes.data)
    before = (slice(None),) * op.axis
    places = [(*before, slice(end - size, end)) for end, size in zip(ends, sizes.data)]

    def split(x, sizes, out=None):
        if x.shape[op.axis] != ends[-1]:
            raise ValueError(f"pieces of lengths {sizes} do not make up {x.shape[op.axis]}")
        return [x[place] for place in places]

    return split


@numpy_call.register
def _(op: Join, node):
    if not hasattr(op, "axis"):
        return numpy_call.dispatch(object)(op, node)
    return lambda *arrays, out=None: np.concatenate(arrays, op.axis, out=out)


@numpy_call.register
def _(op: Reshape, node):
    return lambda x, shape, out=None: x.reshape(shape)


@numpy_call.register
def _(op: SpecifyShape, node):
    perform, known = numpy_call.dispatch(object)(op, node), node.outputs[0].type.shape
    # The rest of `perform` is the message, and sizes that come with the data.
    return lambda x, *sizes, out=None: x if x.shape == known else perform(x, *sizes)
