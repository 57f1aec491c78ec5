"""Graphs that run in numpy: each becomes one Python function, made of calls of numpy's own.

PyTensor's virtual machine asks at every operation what to do with which storage, which takes
longer than a step of a small network. Here a graph is written out once, in lines such as
``v7 = f3(v5, v6)`` with f3 = numpy.multiply, the body of a loop as well. Nothing is compiled.
"""

from types import SimpleNamespace

import numpy as np
from pytensor.graph.basic import Constant
from pytensor.link.basic import Container, PerformLinker
from pytensor.link.utils import map_storage, raise_with_op
from pytensor.scan.op import Scan
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.math import Dot
from pytensor.tensor.shape import SpecifyShape
from pytensor.tensor.type import TensorType

from course_lib.backend.pytensor.calls import numpy_call

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
            with np.errstate(all="ignore"):  # what overflows shows in the figures
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


def python_function(fgraph, order, placed=()):
    """A function from the arrays of a graph's inputs to a list of those of its outputs.

    For each of the outputs `placed` it takes one more argument: None, or an array that nothing
    else in the graph reads, where this output may be written. An array is let go after its last
    use; the result of an elementwise operation takes the place of an input that ends there. An
    error names the operation that it comes from.
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
    places = {source(out): f"p{k}" for k, out in enumerate(placed) if out.ndim}
    parameters = [*map(name, fgraph.inputs), *(f"p{k}=None" for k in range(len(placed)))]
    lines = [f"def graph({', '.join(parameters)}):"]
    for i, node in enumerate(order):
        namespace[f"f{i}"] = numpy_call(node.op, node)
        arguments = [*map(name, node.inputs)]
        if node.outputs[0] in places:
            arguments.append(f"out={places[node.outputs[0]]}")
        elif dying := [x for x in ends[i] if can_take(fgraph, node, x)]:
            arguments.append(f"out={name(dying[0])}")
        done = f"; del {', '.join(map(name, ends[i]))}" if ends[i] else ""
        results = ", ".join(map(name, node.outputs))
        lines.append(f" {results} = f{i}({', '.join(arguments)}){done}")
    lines.append(f" return [{', '.join(map(name, fgraph.outputs))}]")
    exec("\n".join(lines), namespace)
    graph = namespace["graph"]

    def run(*arrays):
        try:
            return graph(*arrays)
        except Exception as error:
            if MARK in str(error):  # from the body of a loop
                raise
            trace = error.__traceback__.tb_next  # in `graph`, line 2 of which is its first node
            node, values = order[trace.tb_lineno - 2], {**namespace, **trace.tb_frame.f_locals}
            cells = SimpleNamespace(inputs=[[values[names[x]]] for x in node.inputs], outputs=[])
            raise_with_op(fgraph, node, cells)

    return run


def source(variable):
    """The variable that `variable` is, but for what is known of its shape."""
    while variable.owner is not None and isinstance(variable.owner.op, SpecifyShape):
        variable = variable.owner.inputs[0]
    return variable


def is_new(variable):
    """Whether no array but this one is in the same memory while it is made."""
    owner = source(variable).owner
    return owner is not None and not owner.op.view_map


def can_take(fgraph, node, x):
    """Whether the result of `node` can be written over its input `x`, which is not used later.

    That needs an elementwise operation that begins with `x`, an array that was made in this graph
    and of which nobody has a view, the type of the result, and no length of 1 to be spread.
    """
    return (
        isinstance(node.op, Elemwise)
        and x in node.inputs[:2]
        and x.ndim > 0
        and node.inputs.count(x) == 1
        and x.owner is not None
        and isinstance(x.owner.op, (Elemwise, Dot))
        and not any(client.op.view_map for client, _ in fgraph.clients[x])
        and x.type.dtype == node.outputs[0].type.dtype
        and 1 not in x.type.shape
    )


# --- loops ------------------------------------------------------------------------------------


@numpy_call.register
def _(op: Scan, node):
    if op.info.as_while:
        return numpy_call.dispatch(object)(op, node)
    outputs, info = op.fgraph.outputs, op.info
    kept = slice(info.n_mit_mot_outs, len(outputs) - info.n_untraced_sit_sot)
    body = python_function(op.fgraph, op.fgraph.toposort(), outputs[kept])
    # What is a view is taken before anything is written to what it may be a view of.
    views = [
        i
        for i, out in enumerate(outputs)
        if isinstance(out.type, TensorType) and not (i < kept.stop and is_new(out))
    ]
    several = len(node.outputs) > 1

    def loop(*outer, out=None):
        arrays = run_loop(op, node, body, kept, views, outer)
        return arrays if several else arrays[0]

    return loop


def run_loop(op, node, body, kept, views, outer):
    """The outputs of a Scan, in its order, for the arrays of its inputs.

    Of states there is room for as many steps as somebody reads: the place of step t is t modulo
    their number. Gradients ("mit-mot") are read and written in one array. `kept` are the results
    of the body that states and traces are made of, `views` those to copy.
    """
    info, n = op.info, int(outer[0])
    sequences = op.outer_seqs(outer)
    for i, sequence in enumerate(sequences):
        if len(sequence) < n:
            raise ValueError(f"sequence {i} of a loop has {len(sequence)} of {n} elements")
    gradients = [x.copy() for x in op.outer_mitmot(outer)]
    slices = info.normalized_mit_mot_in_slices, info.normalized_mit_mot_out_slices
    sources, targets = [[(x, k) for x, each in zip(gradients, s) for k in each] for s in slices]
    taps = [*info.mit_sot_in_slices, *info.sit_sot_in_slices]
    starts = [-min(each) for each in taps]
    given = [*op.outer_mitsot(outer), *op.outer_sitsot(outer)]
    states = [started(x, s) for x, s in zip(given, starts)]
    reads = [(x, s + k, len(x)) for x, s, each in zip(states, starts, taps) for k in each]
    writes = [(x, s, len(x)) for x, s in zip(states, starts)]
    untraced, constants = op.outer_untraced_sit_sot(outer), op.outer_non_seqs(outer)
    for t in range(n):
        results = body(
            *[x[t] for x in sequences],
            *[x[t + k] for x, k in sources],
            *[x[(t + k) % m] for x, k, m in reads],
            *untraced,
            *constants,
            *[x[(t + k) % m] if m > k else None for x, k, m in writes],
        )
        for i in views:
            results[i] = results[i].copy()
        for (x, k), value in zip(targets, results):
            x[t + k] = value
        values = results[kept]
        if t == 0:
            traced = zip(op.outer_nitsot(outer), values[len(states) :])
            writes += [(np.empty((int(m), *x.shape), x.dtype), 0, int(m)) for m, x in traced]
        for (x, k, m), value in zip(writes, values):
            x[(t + k) % m] = value  # costs nothing where the value was made in this place
        untraced = results[kept.stop :]
    traces = [x for x, *_ in writes[len(states) :]]
    if n == 0:
        types = [x.type for x in op.outer_nitsot_outs(node.outputs)]
        traces = [np.empty((0,) * kind.ndim, kind.dtype) for kind in types]
    states = [oldest_first(x, s + n) for x, s in zip(states, starts)]
    return [*gradients, *states, *(oldest_first(x, n) for x in traces), *untraced]


def started(given, start):
    """An array like `given` with its first `start` elements, the others yet to be written."""
    places = np.empty_like(given)
    places[:start] = given[:start]
    return places


def oldest_first(places, written):
    """`places`, written to one after the other and over again, in the order of time."""
    return np.roll(places, -(written % len(places)), 0) if written > len(places) else places
