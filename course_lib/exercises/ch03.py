"""The exercises of chapter 03: gradients by differences, by hand, in chunks and by scan."""

from functools import partial

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet
from course_lib.exercises.question import Question, then
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists

# --- 03.1: a numerical gradient ---------------------------------------------------------------


def slopes(loss, x, epsilon, up=1, down=-1, over=lambda e: 2 * e, put_back=True, copies=False):
    """The gradient by central differences, entry by entry; every option is for a mistake.

    With `copies` one copy of x is nudged up and another one down, and both stay so.
    """
    above, result = x.copy(), np.empty(x.shape)
    below = x.copy() if copies else above
    for index in np.ndindex(x.shape):
        value = below[index]
        above[index] = value + up * epsilon
        loss_above = loss(above)
        below[index] = value + down * epsilon
        result[index] = (loss_above - loss(below)) / over(epsilon)
        if put_back and not copies:
            above[index] = value
    return result


def all_at_once(loss, x, epsilon):
    """One slope, along the diagonal."""
    return (loss(x + epsilon) - loss(x - epsilon)) / (2 * epsilon)


def curved_losses(rng):
    """Losses with an epsilon so large that other formulas show."""
    for shape in [(4,), (2, 3), (3, 1, 2)]:
        x, epsilon = rng.normal(size=shape), float(rng.uniform(0.3, 0.6))
        a, b = rng.uniform(0.5, 1.5, shape), rng.uniform(0.5, 1.5, shape)

        def loss(x, a=a, b=b):
            if np.shape(x) != a.shape:
                raise ValueError(f"this loss is for shape {a.shape}, got {np.shape(x)}")
            return np.sum(a * np.asarray(x) ** 3) + np.sum(b * x) ** 2

        yield loss, x, epsilon


exercise(
    "03.1",
    Question(
        slopes,
        curved_losses,
        {
            "you nudge in one direction only: go up and down": (
                partial(slopes, down=0, over=lambda e: e)
            ),
            "you nudge in one direction only, downward: go up and down": (
                partial(slopes, up=0, over=lambda e: e)
            ),
            "from x - epsilon to x + epsilon it is two epsilon, you divide by one": (
                partial(slopes, over=lambda e: e)
            ),
            "the difference is not divided by 2 epsilon": partial(slopes, over=lambda e: 1),
            "you divide by 2, but not by epsilon": partial(slopes, over=lambda e: 2),
            "/ 2 * epsilon divides by 2 and multiplies by epsilon: put 2 * epsilon in "
            "parentheses": partial(slopes, over=lambda e: 2 / e),
            "the sign is wrong: it is up minus down": then(slopes, np.negative),
            "this is the slope for a tiny nudge: use the epsilon that is given": (
                lambda loss, x, epsilon: slopes(loss, x, 1e-5)
            ),
            "an entry stays nudged while the next one is: put it back first": (
                partial(slopes, put_back=False)
            ),
            "your entries stay nudged: start from fresh copies of x for each one": (
                partial(slopes, copies=True)
            ),
            "you nudge all entries at once and get one number: nudge one at a time": all_at_once,
            "you nudge all entries at once, so that all slopes are equal: nudge one at a time": (
                lambda loss, x, epsilon: np.full(x.shape, all_at_once(loss, x, epsilon))
            ),
        },
    ),
    hints=[
        "np.ndindex(x.shape) runs through all entries: x[index] is one number, whatever the shape.",
        "For each entry: copy x twice, add epsilon in one copy and subtract it in the other.",
        "`gradient[index] = (loss(above) - loss(below)) / (2 * epsilon)`",
    ],
)

# --- 03.2: a linear RNN ------------------------------------------------------------------------


def deltas_of(g, slope, W, rule=lambda g_t, later, slope_t: (g_t + later) * slope_t):
    """delta_t for all time steps, in their order; `rule` joins a loss's g_t and what is later."""
    deltas, later = [], 0 * g[0]
    for g_t, slope_t in zip(g[::-1], slope[::-1]):
        deltas.append(rule(g_t, later, slope_t))
        later = deltas[-1] @ W.T
    return np.array(deltas[::-1])


def only_at(g, *steps):
    """g with zeros at all other time steps."""
    rest = np.zeros_like(g)
    rest[list(steps)] = g[list(steps)]
    return rest


def linear_bptt(
    *given,
    first=lambda h, y: h - y,
    everywhere=False,
    back=lambda U: U,
    use=lambda deltas: deltas,
    met=slice(None, -1),
):
    """Gradients of a linear RNN with the loss at its last state; every option is for a mistake.

    `first` is the gradient at the last state, `everywhere` at all of them; `back` the matrix of
    the way back; `use` makes of the deltas what enters the sums; `met` the states that W_hh met.
    """
    x, y, W, U = given
    h = np.zeros((len(x) + 1, len(U)))
    for t, x_t in enumerate(x):
        h[t + 1] = x_t @ W + h[t] @ U
    g = first(h[1:], y)
    g = g if everywhere else only_at(g, -1)
    deltas = use(deltas_of(g, np.ones_like(g), back(U)))
    return x.T @ deltas, h[met].T @ deltas


def linear_rnns(rng):
    """Inputs, a target and weights; one sequence has a single step."""
    for time, features, units in [(5, 2, 3), (4, 3, 2), (1, 2, 4)]:
        x, y = floatX(rng.normal(size=(time, features))), floatX(rng.normal(size=units) + 1)
        W_xh = floatX(rng.normal(size=(features, units)))
        yield x, y, W_xh, floatX(rng.normal(0, 0.7, size=(units, units)))


exercise(
    "03.2",
    Question(
        linear_bptt,
        linear_rnns,
        {
            "this is what the last step contributes alone: sum over all uses of the weights": (
                partial(linear_bptt, use=lambda deltas: only_at(deltas, -1))
            ),
            "this is what the first step contributes alone: add up with += instead of =": (
                partial(linear_bptt, use=lambda deltas: only_at(deltas, 0))
            ),
            "W_hh is not transposed on the way back": partial(linear_bptt, back=np.transpose),
            "the gradient stays the same on its way back: each step costs a factor W_hh.T": (
                partial(linear_bptt, back=lambda U: np.eye(len(U)))
            ),
            "at step t the matrix W_hh met the state h_(t-1), not h_t": (
                partial(linear_bptt, met=slice(1, None))
            ),
            "your gradients run in the order of the way back: pair each one with the input and "
            "the state of its own step": partial(linear_bptt, use=np.flipud),
            "y is forgotten: the gradient starts with h_T - y": (
                partial(linear_bptt, first=lambda h, y: h)
            ),
            "the sign is wrong: the gradient starts with h_T - y": (
                partial(linear_bptt, first=lambda h, y: y - h)
            ),
            "these gradients are twice too large: the loss has a factor 1/2": (
                partial(linear_bptt, first=lambda h, y: 2 * (h - y))
            ),
            "this is the mean over the time steps: the gradient is the sum": (
                partial(linear_bptt, use=lambda deltas: deltas / len(deltas))
            ),
            "the loss looks at the last state only, yours looks at all": (
                partial(linear_bptt, everywhere=True)
            ),
            "the gradient of W_hh is transposed: h_(t-1) belongs to its rows": (
                then(linear_bptt, lambda d_W, d_U: (d_W, d_U.T))
            ),
            "first the gradient of W_xh, then that of W_hh: yours are swapped": (
                then(linear_bptt, lambda d_W, d_U: (d_U, d_W))
            ),
        },
        names=["the gradient of W_xh", "the gradient of W_hh"],
    ),
    hints=[
        "First the states, with h_0 = 0 in front, then a loop from the last step to the first.",
        "dL/dh_T is h_T - y. One step back costs a factor W_hh.T, from the right.",
        "At each step np.outer(x_t, d_h) adds to the one gradient and np.outer(h_(t-1), d_h) to "
        "the other: use +=.",
    ],
)

# --- 03.3: two bugs ----------------------------------------------------------------------------


def outside(g_t, later, slope_t):
    """What is later does not meet the slope."""
    return g_t * slope_t + later


def twice(g_t, later, slope_t):
    """What the loss says meets the slope twice."""
    return (g_t * slope_t + later) * slope_t


def tanh_bptt(
    *given,
    rule=lambda g_t, later, slope_t: (g_t + later) * slope_t,
    back=lambda U: U,
    slopes_of=slice(1, None),
    change=lambda g: g,
    use=lambda deltas: deltas,
    met=slice(None, -1),
):
    """BPTT of a tanh RNN for a batch; every option is for a mistake."""
    x, h, g, U = (a.swapaxes(0, 1) if a.ndim == 3 else a for a in given)
    deltas = use(deltas_of(change(g), (1 - h**2)[slopes_of], back(U), rule))
    d_W = np.einsum("tni,tnj->ij", x, deltas)
    return d_W, np.einsum("tni,tnj->ij", h[met], deltas), deltas.sum(axis=(0, 1))


def batches_of_states(rng):
    """Inputs, states and gradients at them, for batches."""
    for batch, time, features, units in [(3, 5, 2, 4), (4, 3, 1, 2), (2, 1, 3, 3)]:
        x = floatX(rng.normal(size=(batch, time, features)))
        h = floatX(np.tanh(rng.normal(size=(batch, time + 1, units))))
        g = floatX(rng.normal(size=(batch, time, units)))
        yield x, h, g, floatX(rng.normal(0, 0.8, size=(units, units)))


exercise(
    "03.3",
    Question(
        tanh_bptt,
        batches_of_states,
        {
            "both bugs are still there": partial(tanh_bptt, rule=outside, back=np.transpose),
            "one bug is repaired; the other one: what comes from later steps must go through the "
            "tanh of step t, too": partial(tanh_bptt, rule=outside),
            "one bug is repaired; the other one is in the way from one step to the step before": (
                partial(tanh_bptt, back=np.transpose)
            ),
            "g_t goes through the tanh twice: add up first, then multiply once": (
                partial(tanh_bptt, rule=twice)
            ),
            "the tanh of step t has the derivative 1 - h_t^2, yours belongs to another step": (
                partial(tanh_bptt, slopes_of=slice(None, -1))
            ),
            "nothing comes from later steps any more": (
                partial(tanh_bptt, rule=lambda g_t, later, slope_t: g_t * slope_t)
            ),
            "the loss at the last step is the only one left: there is a g_t at each step": (
                partial(tanh_bptt, change=lambda g: only_at(g, -1))
            ),
            "at step t the matrix W_hh met the state h_(t-1), not h_t: that was no bug": (
                partial(tanh_bptt, met=slice(1, None))
            ),
            "this is what the first step contributes alone: that += was no bug": (
                partial(tanh_bptt, use=lambda deltas: only_at(deltas, 0))
            ),
            "this is the mean over the samples: return the sum": (
                partial(tanh_bptt, use=lambda deltas: deltas / deltas.shape[1])
            ),
        },
        names=["the gradient of W_xh", "the gradient of W_hh", "the gradient of b_h"],
    ),
    hints=[
        "Both bugs are invisible if there is one time step only. What is only done with two steps?",
        "Compare with the formulas of chapter 03 how what comes from later steps enters delta_t.",
        "All of dL/dh_t goes through the tanh: g_t and what comes from later steps, not g_t alone.",
        "The second bug: the way back through a product with W_hh is a product with W_hh.T.",
    ],
)

# --- 03.4: chunks ------------------------------------------------------------------------------


def tanh_states(x, W_xh, W_hh, reset_at=()):
    """For each time step the state before it and its own; some start again from zero."""
    h, before, after = np.zeros(len(W_hh)), [], []
    for t, x_t in enumerate(x):
        before.append(0 * h if t in reset_at else h)
        h = np.tanh(x_t @ W_xh + before[-1] @ W_hh)
        after.append(h)
    return np.array(before), np.array(after)


def terms(
    *given,
    starts=lambda time, k: range(0, time, k),
    reset=False,
    back=lambda U: U,
    slope_of=lambda h: 1 - h**2,
    change=lambda g, k: g,
    met_own=False,
):
    """What each time step adds to the gradient of W_hh, (time, units, units), with a loss at
    each step and no gradient across the `starts` of chunks; the other options are for mistakes."""
    x, y, W_xh, W_hh, k = given
    starts = sorted({0, *starts(len(x), k)})
    before, h = tanh_states(x, W_xh, W_hh, reset_at=starts if reset else ())
    g, slope = change(h - y, k), slope_of(h)
    chunks = [slice(a, b) for a, b in zip(starts, [*starts[1:], len(x)])]
    deltas = np.concatenate([deltas_of(g[c], slope[c], back(W_hh)) for c in chunks])
    return (h if met_own else before)[:, :, None] * deltas[:, None, :]


def chunked(*given, sum_up=lambda terms, k: terms.sum(axis=0), **options):
    """The gradient of W_hh, cut into chunks of k steps; every option is for a mistake."""
    return sum_up(terms(*given, **options), given[-1])


def sliding(*given):
    """Each loss goes back k steps."""
    return sum(
        chunked(
            *given,
            starts=lambda time, k, t=t: [max(0, t + 1 - k)],
            change=lambda g, k, t=t: only_at(g, t),
            sum_up=lambda terms, k, t=t: terms[max(0, t + 1 - k) :].sum(axis=0),
        )
        for t in range(len(given[0]))
    )


def at_ends(g, k):
    """The gradient at the last step of each chunk alone."""
    return only_at(g, *range(k - 1, len(g), k), -1)


def drawn_chunks(rng):
    """Sequences cut in chunks; the last is shorter, or the only one."""
    for time, features, units, k in [(10, 2, 3, 4), (5, 1, 2, 2), (3, 2, 4, 7), (4, 3, 2, 1)]:
        x, y = rng.normal(size=(time, features)), rng.normal(size=(time, units))
        W_xh, W_hh = rng.normal(0, 0.4, size=(features, units)), rng.normal(size=(units, units))
        W_hh = np.linalg.qr(W_hh)[0] + 0.1 * W_hh  # gradients must reach beyond a cut
        yield *map(floatX, (x, y, W_xh, W_hh)), k


exercise(
    "03.4",
    Question(
        chunked,
        drawn_chunks,
        {
            "this is the full gradient: it must not go from a chunk to the one before": (
                partial(chunked, starts=lambda time, k: [0])
            ),
            "each of your chunks starts from a state of zero: the state crosses the cut, the "
            "gradient does not": partial(chunked, reset=True),
            "your chunks are counted from the end of the sequence: count from its start": (
                partial(chunked, starts=lambda time, k: range(time % k, time, k))
            ),
            "your cuts come one step too early": (
                partial(chunked, starts=lambda time, k: range(k - 1, time, k))
            ),
            "your cuts come one step too late": (
                partial(chunked, starts=lambda time, k: range(k + 1, time, k))
            ),
            "your chunks have k - 1 steps": (
                partial(chunked, starts=lambda time, k: range(0, time, max(1, k - 1)))
            ),
            "your chunks have k + 1 steps": (
                partial(chunked, starts=lambda time, k: range(0, time, k + 1))
            ),
            "each of your losses goes back k steps: here it goes back to the start of its chunk": (
                sliding
            ),
            "this is what the last chunk contributes alone: sum over all chunks": (
                partial(
                    chunked, sum_up=lambda terms, k: terms[(len(terms) - 1) // k * k :].sum(axis=0)
                )
            ),
            "this is what the first chunk contributes alone: sum over all chunks": (
                partial(chunked, sum_up=lambda terms, k: terms[:k].sum(axis=0))
            ),
            "the last chunk is missing: it may be shorter than k": (
                partial(chunked, sum_up=lambda terms, k: terms[: len(terms) // k * k].sum(axis=0))
            ),
            "these are the last k terms for the loss at the last step: here is a loss at each "
            "step, and all chunks count": partial(
                chunked,
                starts=lambda time, k: [0],
                change=lambda g, k: only_at(g, -1),
                sum_up=lambda terms, k: terms[-k:].sum(axis=0),
            ),
            "your loss looks at the end of each chunk only: it is a sum over all steps": (
                partial(chunked, change=at_ends)
            ),
            "W_hh is not transposed on the way back": partial(chunked, back=np.transpose),
            "the derivative of tanh is missing": partial(chunked, slope_of=np.ones_like),
            "at step t the matrix W_hh met the state h_(t-1), not h_t": (
                partial(chunked, met_own=True)
            ),
            "this is the mean over the chunks: the gradient is the sum": (
                partial(chunked, sum_up=lambda terms, k: terms.sum(axis=0) / -(-len(terms) // k))
            ),
            "the sign is wrong: g_t is h_t - y_t": then(chunked, np.negative),
            "the gradient is twice too large: the loss has a factor 1/2": (
                then(chunked, lambda gradient: 2 * gradient)
            ),
            "your gradient is transposed: h_(t-1) belongs to its rows": then(chunked, np.transpose),
        },
    ),
    hints=[
        "The states are those of the whole sequence, as if there were no chunks. Compute them "
        "first.",
        "The way back is that of the whole sequence, too, but for one line: at the start of a "
        "chunk, what is handed back becomes zero.",
        "Counted from 0, chunks begin at the time steps t with t % k == 0.",
    ],
)

# --- 03.5: a leaky RNN -------------------------------------------------------------------------


def leaky(
    *given,
    delta=lambda d_h, u, h, a: a * d_h * (1 - u**2),
    back=lambda d_h, delta, W, a: (1 - a) * d_h + delta @ W.T,
    walk=reversed,
    order=slice(None, None, -1),
    met=slice(None, -1),
    change=lambda g: g,
):
    """The gradient of W of a leaky RNN with a loss at each step; every option is for a mistake."""
    P, G, W, a = given
    h, us, deltas, later = [np.zeros(len(W))], [], [], 0
    for p in P:
        us.append(np.tanh(p + h[-1] @ W))
        h.append((1 - a) * h[-1] + a * us[-1])
    for t, g in walk(list(enumerate(change(G)))):
        d_h = g + later
        deltas.append(delta(d_h, us[t], h[t + 1], a))
        later = back(d_h, deltas[-1], W, a)
    return np.array(h)[met].T @ np.array(deltas)[order]


def swapped(P, G, W, a):
    """The way back with a and 1 - a swapped."""
    return leaky(
        *(P, G, W, a),
        delta=lambda d_h, u, h, a: (1 - a) * d_h * (1 - u**2),
        back=lambda d_h, delta, W, a: a * d_h + delta @ W.T,
    )


def leaky_rnns(rng):
    """Inputs, gradients at the states, a matrix and a leak."""
    for time, units, low in [(6, 3, 0.2), (4, 2, 0.6), (3, 5, 0.3)]:
        P, G = floatX(rng.normal(size=(time, units))), floatX(rng.normal(size=(time, units)))
        yield (
            P,
            G,
            floatX(rng.normal(0, 0.8, size=(units, units))),
            floatX(rng.uniform(low, low + 0.2)),
        )


exercise(
    "03.5",
    Question(
        leaky,
        leaky_rnns,
        {
            "the rows of your deltas come in the order of the way back, from the last step to the "
            "first: reverse them": partial(leaky, order=slice(None)),
            "the leak is missing: h_(t-1) also goes straight into h_t, times 1 - a": (
                partial(leaky, back=lambda d_h, delta, W, a: delta @ W.T)
            ),
            "the leak alone comes back from later steps: the way through W is missing": (
                partial(leaky, back=lambda d_h, delta, W, a: (1 - a) * d_h)
            ),
            "the leak leads around the tanh: its gradient does not meet 1 - u_t^2": (
                partial(leaky, back=lambda d_h, delta, W, a: (1 - a) * delta + delta @ W.T)
            ),
            "the leak has the factor 1 - a on the way back, too": (
                partial(leaky, back=lambda d_h, delta, W, a: d_h + delta @ W.T)
            ),
            "delta_t lacks the factor a": (
                partial(leaky, delta=lambda d_h, u, h, a: d_h * (1 - u**2))
            ),
            "a and 1 - a are swapped": swapped,
            "the derivative of tanh is 1 - u_t^2, with the tanh itself: h_t is not it": (
                partial(leaky, delta=lambda d_h, u, h, a: a * d_h * (1 - h**2))
            ),
            "the derivative of tanh is missing": (
                partial(leaky, delta=lambda d_h, u, h, a: a * d_h)
            ),
            "W is not transposed on the way back": (
                partial(leaky, back=lambda d_h, delta, W, a: (1 - a) * d_h + delta @ W)
            ),
            "at step t the matrix W met the state h_(t-1), not h_t": (
                partial(leaky, met=slice(1, None))
            ),
            "there is a g_t at each step, yours looks at the last one only": (
                partial(leaky, change=lambda g: only_at(g, -1))
            ),
            "nothing comes back from later steps": (
                partial(leaky, back=lambda d_h, delta, W, a: 0 * d_h)
            ),
            "your way back runs forward in time: let scan go backwards": (
                partial(leaky, walk=list, order=slice(None))
            ),
            "your gradient is transposed: h_(t-1) belongs to its rows": then(leaky, np.transpose),
        },
    ),
    hints=[
        "Hand back dL/dh_t, not delta_t: both ways to h_(t-1) begin there.",
        "One way is the leak, a factor 1 - a. The other goes through delta_t = a dL/dh_t "
        "(1 - u_t^2) and on with W.T.",
        "The step: d_h = g_t + d_later; delta = a * d_h * (1 - u_t**2); return delta and what is "
        "handed back, (1 - a) * d_h + T.dot(delta, W.T). outputs_info is [None, zeros].",
        "deltas[::-1] belongs to H_before, the states h_0 to h_(T-1): `T.dot(H_before.T, "
        "deltas[::-1])`",
    ],
)

# --- 03.6: an experiment of one's own ----------------------------------------------------------


def own_echo(report, rng):
    """Accuracies of at least three settings with at least three seeds each, and which learned."""
    keys = ("question", "prediction", "accuracy", "learned", "conclusion")
    accuracy, learned = entries(report, *keys)
    accuracy = lists(accuracy, "accuracy", 3, highest=1)
    if len({tuple(values) for values in accuracy.values()}) == 1:
        raise NotYet("all settings have the same accuracies: choose some that make a difference")
    if not isinstance(learned, (list, tuple, set)):
        raise NotYet(f"'learned' must be a list of names, got {type(learned).__name__}")
    for name in learned:
        if name not in accuracy:
            raise NotYet(f"{name!r} has learned, you say, but is none of your settings")
    for name, values in accuracy.items():
        if (np.median(values) >= 0.9) != (name in learned):
            named = "is" if name in learned else "is not"
            raise NotYet(
                f"{name!r} has the median {np.median(values):.2f}, but {named} among those that "
                "learned, with 0.9 or more"
            )


exercise(
    "03.6",
    test=own_echo,
    hints=[
        "Settings can be chunk lengths, lags, numbers of units, or two ways to train.",
        "`accuracy = {f'chunks of {k}': train(k, lag=4) for k in (2, 4, 6)}`",
        "Below 'learned' goes the list of the names whose median is 0.9 or more; it may be empty.",
    ],
)
