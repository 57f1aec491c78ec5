"""The loop over time: a forward scan, and backpropagation through time as a second one.

`theano.grad` would differentiate the forward scan itself, but then repeats each forward step
inside the backward loop. For cells that know how one step goes backwards (`backward_step`)
the backward scan is written out here: one matrix product per step each way, and the gradient
of the recurrent weights as one product after the loop (Werbos, 1990). Other cells go through
`theano.grad`. Both ways give the same gradients.
"""

from course_lib.backend import OpFromGraph, T, scan
from course_lib.parallel import parallel_scan


def run(cell, projected, initial, weights, mask=None):
    """All states of all steps: a list of arrays (time, batch, *shape), one per state.

    `projected` is what `cell.project` made of the inputs, (time, batch, columns); `initial`
    the states before the first step; `weights` the cell's recurrent weights. Where `mask`
    (time, batch, 1 or units) is 0 the states stay.
    """
    if cell.parallel:
        keep, add = cell.keep_and_add(projected)
        if mask is not None:
            keep, add = mask * keep + (1 - mask), mask * add
        return [parallel_scan(keep, add, initial[0])]
    inputs = [projected, *initial, *weights, *([] if mask is None else [mask])]
    if not cell.knows_backward_step:
        return forward(cell, inputs, mask is not None, keep=False)
    symbols = [x.type() for x in inputs]
    loop = OpFromGraph(
        symbols,
        forward(cell, symbols, mask is not None),
        inline=True,
        lop_overrides=lambda ins, outs, grads: backward(cell, ins, outs, grads, mask is not None),
    )
    return loop(*inputs)[: len(initial)]


def unpack(cell, inputs, masked):
    """`inputs` of the loop by name: projected, initial states, recurrent weights, [mask]."""
    (projected,), initial, rest = cut(inputs, 1, len(cell.state_names))
    weights, mask = (rest[:-1], rest[-1:]) if masked else (rest, [])
    return projected, initial, weights, mask


def forward(cell, inputs, masked, keep=True):
    """The states of all steps, then, with `keep`, what the cell keeps of each step."""
    projected, initial, weights, mask = unpack(cell, inputs, masked)
    keeps = len(cell.kept) if keep else 0

    def step(xp_t, *rest):
        m, rest = rest[: len(mask)], rest[len(mask) :]
        new, kept = cell.step(xp_t, *rest)
        if m:
            new = mixed(m[0], new, rest)
        return [*new, *kept[:keeps]]

    outputs = scan(
        step,
        sequences=[projected, *mask],
        outputs_info=[*initial, *[None] * keeps],
        non_sequences=weights,
        strict=True,
    )
    return outputs if isinstance(outputs, list) else [outputs]


def backward(cell, inputs, outputs, gradients, masked, truncation=None):
    """Gradients with respect to all `inputs`, given those with respect to all states.

    With `truncation` the sequence is cut, from its end, into stretches of that many steps, and
    no gradient crosses a cut.
    """
    _, initial, weights, mask = unpack(cell, inputs, masked)
    n = len(initial)
    states, kept, from_above = outputs[:n], outputs[n:], gradients[:n]
    before = [T.concatenate([T.shape_padleft(s), ss[:-1]]) for s, ss in zip(initial, states)]
    passes = [] if truncation is None else [passes_on(states[0], truncation)]

    def step(*arguments):
        above, old, keep, m, p, below, weights = cut(
            arguments, n, n, len(kept), len(mask), len(passes), n
        )
        d_states = [a + b for a, b in zip(above, below)]
        shares = [spread(m[0], d) for d in d_states] if m else []
        d_new = [m * d for m, d in zip(shares, d_states)] if m else d_states
        d_old, d_products = cell.backward_step(d_new, old, keep, *weights)
        if m:
            d_old = [d + (1 - m) * passed for m, d, passed in zip(shares, d_old, d_states)]
        if p:
            d_old = [p[0] * d for d in d_old]
        return [*d_old, *d_products]

    results = scan(
        step,
        sequences=[*from_above, *before, *kept, *mask, *passes],
        outputs_info=[*(T.zeros_like(h) for h in initial), *[None] * cell.products],
        non_sequences=weights,
        go_backwards=True,
        strict=True,
    )
    d_initial = [d[-1] for d in results[:n]]
    d_projected, d_recurrent = results[n], results[-1]
    # Both in the order of the backward loop: a sum over time does not mind.
    d_weights = cell.weight_gradients(rows(before[0][::-1]), rows(d_recurrent))
    return [d_projected[::-1], *d_initial, *d_weights, *(T.zeros_like(m) for m in mask)]


def mixed(mask, new, old):
    """The `new` states, as far as `mask` (batch, 1 or units) goes, and else the `old` ones."""
    shares = [spread(mask, state) for state in new]
    return [m * n + (1 - m) * o for m, n, o in zip(shares, new, old)]


def spread(mask, state):
    """`mask` (batch, 1 or units) with as many axes as `state` (batch, *shape)."""
    return mask.dimshuffle([0, 1, *["x"] * state.ndim][: state.ndim])


def rows(x):
    """`x` (time, batch, columns) with one row per sample and time step."""
    return x.reshape((-1, x.shape[2]))


def passes_on(states, truncation):
    """For each step 1.0 if it hands its gradient on to the step before, 0.0 at a cut: (time,)."""
    steps_to_end = states.shape[0] - T.arange(states.shape[0])
    return T.neq(steps_to_end % truncation, 0).astype(states.dtype)


def cut(items, *lengths):
    """`items` in consecutive lists of these lengths, and a last one with what is left."""
    items, parts = list(items), []
    for length in lengths:
        parts.append(items[:length])
        items = items[length:]
    return [*parts, items]
