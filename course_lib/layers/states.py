"""The states that a loop over time is told to start from."""

import numpy as np

from course_lib.arguments import finite_array
from course_lib.backend import T, floatX, require_shape, unbroadcast


def initial_states(layer, x, given):
    """`given` as a list of symbolic states for the cell of `layer` and its inputs `x`.

    As in Keras, `given` is a list with every state of the cell, or the state itself if there is
    only one. States are symbols or arrays (batch, *shape) of real numbers, and become of the type
    of `x`.

    Raises ValueError for anything else. The sizes of a symbol are known only when the compiled
    function runs: then that raises the error.
    """
    listed = isinstance(given, (list, tuple))
    states = list(given) if listed else [given]
    cell, owner = layer.cell, f"initial_state of {type(layer).__name__} {layer.name!r}"
    shapes = [text(["batch", *shape]) for shape in cell.state_shapes]
    if len(states) != len(shapes) or not all(map(fits, states, cell.state_shapes)):
        wanted = ", ".join(f"{name} {shape}" for name, shape in zip(cell.state_names, shapes))
        got = f"[{', '.join(map(described, states))}]" if listed else described(given)
        raise ValueError(f"{owner} must be a list of {len(shapes)}: {wanted}; got {got}")
    return [
        require_shape(
            as_symbol(owner, state, x.dtype),
            [x.shape[0], *sizes],
            f"the {name} in {owner} must be {shape}, with a row for each sequence",
        )
        for state, name, sizes, shape in zip(states, cell.state_names, cell.state_shapes, shapes)
    ]


def is_symbol(state):
    """Whether `state` is a tensor whose numbers come later, or a constant one."""
    return isinstance(getattr(state, "type", None), T.TensorType)


def as_symbol(owner, state, dtype):
    """The symbol or array `state` as a symbol of type `dtype` that is never spread over rows."""
    if not is_symbol(state):
        state = T.constant(floatX(finite_array(owner, state)))
    return unbroadcast(state.astype(dtype))


def sizes_of(state):
    """The sizes of a symbol, None for those that are not known, or of an array of real numbers;
    None for anything else."""
    if not hasattr(state, "dtype") or np.dtype(state.dtype).kind not in "biuf":
        return None
    if is_symbol(state) and not isinstance(state, T.TensorConstant):
        return [None] * state.ndim
    return list(getattr(state, "data", state).shape)


def fits(state, shape):
    """Whether `state` can be (batch, *shape), as far as its sizes are known."""
    sizes = sizes_of(state)
    return (
        sizes is not None
        and len(sizes) == 1 + len(shape)
        and all(known in (None, size) for known, size in zip(sizes[1:], shape))
    )


def described(state):
    """What `state` is, in a message."""
    sizes = sizes_of(state)
    if sizes is None:
        return repr(state)
    return f"{text('?' if n is None else n for n in sizes)} of {state.dtype}"


def text(shape):
    """A shape in a message, such as (batch, 3)."""
    return f"({', '.join(map(str, shape))})"
