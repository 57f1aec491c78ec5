"""Graphs that run in numpy: each becomes one Python function, made of calls of numpy's own.

PyTensor's virtual machine asks at every operation what to do with which storage, which takes
longer than a step of a small network. Here a graph is written out once, in lines such as
``v7 = f3(v5, v6)`` with f3 = numpy.multiply, the body of a loop as well. Nothing is compiled.
"""

from functools import reduce, singledispatch
from types import SimpleNamespace

import numpy as np
from pytensor.graph.basic import Constant
from pytensor.link.basic import Container, PerformLinker
from pytensor.link.utils import map_storage, raise_with_op
from pytensor.scalar import Add, Mul, Sigmoid
from pytensor.scan.op import Scan
from pytensor.tensor.basic import Join, Split
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import Dot
from pytensor.tensor.shape import Reshape
from pytensor.tensor.type import TensorType

MARK = "Apply node that caused the error"  # in what PyTensor adds to a message


class NumpyLinker(PerformLinker):
    """Makes of a whole graph one Python function."""

    required_rewrites = ("minimum_compile",)
    incompatible_rewrites = ("cxx_only", "BlasOpt", "fusion", "inplace")

    def make_all(self, input_storage=None, output_storage=None, storage_map=None):
        fgraph, order = self.fgraph, self.schedule(self.fgraph)
        storage = map_storage(fgraph, order, input_storage, output_storage, storage_map)
        input_storage, output_storage, storage_map = storage
        graph = python_function(fgraph, order)

        def run():
            arrays = graph(*[cell[0] for cell in input_storage])
            for cell, array, out in zip(output_storage, arrays, fgraph.outputs):
                # Of arrays without axes numpy's functions make numbers.
                cell[0] = np.asarray(array) if isinstance(out.type, TensorType) else array

        run.inputs, run.outputs, run.lazy = input_storage, output_storage, False
        run.storage_map, run.allow_gc = storage_map, self.allow_gc
        inputs = [Container(x, cell) for x, cell in zip(fgraph.inputs, input_storage)]
        outputs = [
            Container(x, cell, readonly=True) for x, cell in zip(fgraph.outputs, output_storage)
        ]
        return run, inputs, outputs, [run], order


# --- a graph as a function --------------------------------------------------------------------


def python_function(fgraph, order):
    """A function from the arrays of a graph's inputs to a list of those of its outputs.

    An array is let go after its last use. An error names the operation that it comes from.
    """
    names, namespace = {}, {}

    def name(variable):
        if variable not in names:
            names[variable] = f"v{len(names)}"
            if isinstance(variable, Constant):
                namespace[names[variable]] = variable.data
        return names[variable]

    last_use = {x: i for i, node in enumerate(order) for x in (*node.outputs, *node.inputs)}
    ends = [[] for _ in order]
    for variable, i in last_use.items():
        if variable not in fgraph.outputs and not isinstance(variable, Constant):
            ends[i].append(variable)
    lines = [f"def graph({', '.join(map(name, fgraph.inputs))}):"]
    for i, node in enumerate(order):
        namespace[f"f{i}"] = numpy_call(node.op, node)
        done = f"; del {', '.join(map(name, ends[i]))}" if ends[i] else ""
        call = f"f{i}({', '.join(map(name, node.inputs))})"
        lines.append(f" {', '.join(map(name, node.outputs))} = {call}{done}")
    lines.append(f" return [{', '.join(map(name, fgraph.outputs))}]")
    exec("\n".join(lines), namespace)
    graph = namespace["graph"]

    def run(*arrays):
        try:
            with np.errstate(all="ignore"):  # what overflows shows in the figures
                return graph(*arrays)
        except Exception as error:
            if MARK in str(error):  # from the body of a loop
                raise
            trace = error.__traceback__.tb_next  # in `graph`, line 2 of which is its first node
            node, values = order[trace.tb_lineno - 2], {**namespace, **trace.tb_frame.f_locals}
            cells = SimpleNamespace(inputs=[[values[names[x]]] for x in node.inputs], outputs=[])
            raise_with_op(fgraph, node, cells)

    return run


# --- operations as functions ------------------------------------------------------------------


@singledispatch
def numpy_call(op, node):
    """A function of arrays that does what `op` does; in general by PyTensor's own `perform`."""

    def perform(*arrays):
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

    def of_two(x, y):
        if x.shape != y.shape:
            check(x, y)
        return call(x, y)

    def of_more(*arrays):
        check(*arrays)
        return call(*arrays)

    return of_two if len(node.inputs) == 2 else of_more


def ufunc_of(op, node):
    """numpy's function for one elementwise operation; None if none gives the type it should."""
    scalar, wanted = op.scalar_op, np.dtype(node.outputs[0].dtype)
    if isinstance(scalar, Sigmoid):
        return sigmoid
    name, *_ = getattr(scalar, "nfunc_spec", None) or [""]
    ufunc, types = getattr(np, name, None), [np.dtype(x.dtype) for x in node.inputs]
    if not isinstance(ufunc, np.ufunc) or ufunc.nout > 1 or op.inplace_pattern:
        return None
    if isinstance(scalar, (Add, Mul)) and len(types) > 2 and {*types} == {wanted}:
        return lambda *arrays: reduce(ufunc, arrays)
    fits = len(types) == ufunc.nin and ufunc.resolve_dtypes((*types, None))[-1] == wanted
    return ufunc if fits else None


def sigmoid(x):
    """1 / (1 + exp(-x)), by way of tanh: numpy has a vectorized one, and it cannot overflow."""
    half = x.dtype.type(0.5)
    return np.tanh(x * half) * half + half


@numpy_call.register
def _(op: DimShuffle, node):
    kept = [axis for axis in op.new_order if axis != "x"]
    order = [*kept, *(axis for axis in range(op.input_ndim) if axis not in kept)]
    dropped = (0,) * (op.input_ndim - len(kept))
    index = tuple(None if axis == "x" else slice(None) for axis in op.new_order)
    if not dropped and len(kept) == len(op.new_order):
        return lambda x: x.transpose(order)
    return lambda x: x.transpose(order)[(..., *dropped)][index]


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

    def split(x, sizes):
        if x.shape[op.axis] != ends[-1]:
            raise ValueError(f"pieces of lengths {sizes} do not make up {x.shape[op.axis]}")
        # Copies: what follows is quicker on arrays without gaps.
        return [x[place].copy() for place in places]

    return split


@numpy_call.register
def _(op: Join, node):
    if not hasattr(op, "axis"):
        return numpy_call.dispatch(object)(op, node)
    return lambda *arrays: np.concatenate(arrays, op.axis)


@numpy_call.register
def _(op: Reshape, node):
    return lambda x, shape: x.reshape(shape)


# --- loops ------------------------------------------------------------------------------------


@numpy_call.register
def _(op: Scan, node):
    if op.info.as_while:
        return numpy_call.dispatch(object)(op, node)
    body = python_function(op.fgraph, op.fgraph.toposort())
    several = len(node.outputs) > 1

    def loop(*outer):
        outputs = run_loop(op, node, body, outer)
        return outputs if several else outputs[0]

    return loop


def run_loop(op, node, body, outer):
    """The outputs of a Scan, in its order, for the arrays of its inputs.

    Of states there is room for as many steps as somebody reads: the place of step t is t modulo
    their number. Gradients ("mit-mot") are read and written in one array.
    """
    info, n = op.info, int(outer[0])
    sequences = op.outer_seqs(outer)
    for i, sequence in enumerate(sequences):
        if len(sequence) < n:
            raise ValueError(f"sequence {i} of a loop has {len(sequence)} of {n} elements")
    gradients = [x.copy() for x in op.outer_mitmot(outer)]
    reads, writes = info.normalized_mit_mot_in_slices, info.normalized_mit_mot_out_slices
    states = [x.copy() for x in (*op.outer_mitsot(outer), *op.outer_sitsot(outer))]
    taps = [*info.mit_sot_in_slices, *info.sit_sot_in_slices]
    starts = [-min(each) for each in taps]
    lengths = [int(length) for length in op.outer_nitsot(outer)]
    traces = [None] * len(lengths)
    untraced, constants = op.outer_untraced_sit_sot(outer), op.outer_non_seqs(outer)
    for t in range(n):
        results = body(
            *[x[t] for x in sequences],
            *[x[t + k] for x, each in zip(gradients, reads) for k in each],
            *[x[(s + t + k) % len(x)] for x, s, each in zip(states, starts, taps) for k in each],
            *untraced,
            *constants,
        )
        for x, each, values in zip(gradients, writes, op.inner_mitmot_outs_grouped(results)):
            for k, value in zip(each, [value.copy() for value in values]):
                x[t + k] = value
        new = [*op.inner_mitsot_outs(results), *op.inner_sitsot_outs(results)]
        # A result may be another state as it was: where that has one place, before it is taken.
        new = [value.copy() if len(x) == 1 else value for x, value in zip(states, new)]
        for x, s, value in zip(states, starts, new):
            x[(s + t) % len(x)] = value
        for i, value in enumerate(op.inner_nitsot_outs(results)):
            if t == 0:
                traces[i] = np.empty((lengths[i], *value.shape), value.dtype)
            traces[i][t % lengths[i]] = value
        untraced = op.inner_untraced_sit_sot_outs(results)
    if n == 0:
        types = [x.type for x in op.outer_nitsot_outs(node.outputs)]
        traces = [np.empty((0,) * kind.ndim, kind.dtype) for kind in types]
    states = [oldest_first(x, s + n) for x, s in zip(states, starts)]
    traces = [oldest_first(x, n) for x in traces]
    return [*gradients, *states, *traces, *untraced]


def oldest_first(places, written):
    """`places`, written to one after the other and over again, in the order of time."""
    return np.roll(places, -(written % len(places)), 0) if written > len(places) else places
