"""The exercises of chapter 03: gradients by differences, by hand, in chunks and by scan."""

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, words


def nudged(loss, x, epsilon, up=1, down=-1, put_back=True):
    """loss(x + up epsilon) - loss(x + down epsilon), for each entry of x in turn."""
    x, differences = x.copy(), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + up * epsilon
        above = loss(x)
        x[index] = value + down * epsilon
        differences[index] = above - loss(x)
        if put_back:
            x[index] = value
    return differences


def nudged_from_two(loss, x, epsilon):
    """The same with two copies of x, in which the entries stay nudged."""
    above, below, differences = x.copy(), x.copy(), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above[index] += epsilon
        below[index] -= epsilon
        differences[index] = loss(above) - loss(below)
    return differences


@exercise(
    "03.1",
    "np.ndindex(x.shape) runs through all entries: x[index] is one number, whatever the shape.",
    "For each entry: copy x twice, add epsilon in one copy and subtract it in the other.",
    "`gradient[index] = (loss(above) - loss(below)) / (2 * epsilon)`",
)
def central_differences(answer, rng):
    """The numerical gradient, with an epsilon so large that other formulas show."""
    for shape in [(4,), (2, 3), (3, 1, 2)]:
        x, epsilon = rng.normal(size=shape), float(rng.uniform(0.3, 0.6))
        a, b = rng.uniform(0.5, 1.5, shape), rng.uniform(0.5, 1.5, shape)

        def loss(x, a=a, b=b):
            if np.shape(x) != a.shape:
                raise ValueError(f"this loss is for shape {a.shape}, got {np.shape(x)}")
            return np.sum(a * np.asarray(x) ** 3) + np.sum(b * x) ** 2

        difference = nudged(loss, x, epsilon)
        right = difference / (2 * epsilon)
        all_at_once = (loss(x + epsilon) - loss(x - epsilon)) / (2 * epsilon)
        answer.gives(
            right,
            *(loss, x, epsilon),
            mistakes={
                "you nudge in one direction only: go up and down": (
                    nudged(loss, x, epsilon, down=0) / epsilon
                ),
                "you nudge in one direction only, downward: go up and down": (
                    nudged(loss, x, epsilon, up=0) / epsilon
                ),
                "from x - epsilon to x + epsilon it is two epsilon, you divide by one": 2 * right,
                "the difference is not divided by 2 epsilon": difference,
                "you divide by 2, but not by epsilon": difference / 2,
                "/ 2 * epsilon divides by 2 and multiplies by epsilon: put 2 * epsilon in "
                "parentheses": difference / 2 * epsilon,
                "the sign is wrong: it is up minus down": -right,
                "this is the slope for a tiny nudge: use the epsilon that is given": (
                    3 * a * x**2 + 2 * np.sum(b * x) * b
                ),
                "an entry stays nudged while the next one is: put it back first": (
                    nudged(loss, x, epsilon, put_back=False) / (2 * epsilon)
                ),
                "your entries stay nudged: start from fresh copies of x for each one": (
                    nudged_from_two(loss, x, epsilon) / (2 * epsilon)
                ),
                "you nudge all entries at once and get one number: nudge one at a time": (
                    all_at_once
                ),
                "you nudge all entries at once, so that all slopes are equal: nudge one at a "
                "time": np.full(shape, all_at_once),
            },
        )


def deltas_of(g, slope, W, rule=lambda g_t, later, slope_t: (g_t + later) * slope_t):
    """delta_t for all time steps, in their order; `rule` joins a loss's g_t and what is later."""
    deltas, later = [], 0 * g[0]
    for g_t, slope_t in zip(g[::-1], slope[::-1]):
        deltas.append(rule(g_t, later, slope_t))
        later = deltas[-1] @ W.T
    return np.array(deltas[::-1])


@exercise(
    "03.2",
    "First the states, with h_0 = 0 in front, then a loop from the last step to the first.",
    "dL/dh_T is h_T - y. One step back costs a factor W_hh.T, from the right.",
    "At each step np.outer(x_t, d_h) adds to the one gradient and np.outer(h_(t-1), d_h) to the "
    "other: use +=.",
)
def linear_bptt(answer, rng):
    """Gradients of a linear RNN with the loss at its last state."""
    for time, features, units in [(5, 2, 3), (4, 3, 2), (1, 2, 4)]:
        x, y = floatX(rng.normal(size=(time, features))), floatX(rng.normal(size=units) + 1)
        W_xh = floatX(rng.normal(size=(features, units)))
        W_hh = floatX(rng.normal(0, 0.7, size=(units, units)))
        h = np.zeros((time + 1, units))
        for t in range(time):
            h[t + 1] = x[t] @ W_xh + h[t] @ W_hh
        slope, g = np.ones((time, units)), np.zeros((time, units))
        g[-1] = h[-1] - y
        deltas, before = deltas_of(g, slope, W_hh), h[:-1]

        def sums(deltas, x=x, before=before):
            return x.T @ deltas, before.T @ deltas

        d_W_xh, d_W_hh = right = sums(deltas)
        forgotten, every_step = 0 * g, deltas_of(h[1:] - y, slope, W_hh)
        forgotten[-1] = h[-1]
        answer.gives(
            right,
            *(x, y, W_xh, W_hh),
            names=["the gradient of W_xh", "the gradient of W_hh"],
            mistakes={
                "this is what the last step contributes alone: sum over all uses of the weights": (
                    sums(g)
                ),
                "this is what the first step contributes alone: add up with += instead of =": (
                    (np.outer(x[0], deltas[0]), np.outer(before[0], deltas[0]))
                ),
                "W_hh is not transposed on the way back": sums(deltas_of(g, slope, W_hh.T)),
                "the gradient stays the same on its way back: each step costs a factor W_hh.T": (
                    sums(g[-1] + 0 * g)
                ),
                "at step t the matrix W_hh met the state h_(t-1), not h_t": (
                    (d_W_xh, h[1:].T @ deltas)
                ),
                "your gradients run in the order of the way back: pair each one with the input "
                "and the state of its own step": sums(deltas[::-1]),
                "y is forgotten: the gradient starts with h_T - y": (
                    sums(deltas_of(forgotten, slope, W_hh))
                ),
                "the sign is wrong: the gradient starts with h_T - y": sums(-deltas),
                "these gradients are twice too large: the loss has a factor 1/2": sums(2 * deltas),
                "this is the mean over the time steps: the gradient is the sum": (
                    sums(deltas / time)
                ),
                "the loss looks at the last state only, yours looks at all": sums(every_step),
                "the gradient of W_hh is transposed: h_(t-1) belongs to its rows": (
                    (d_W_xh, d_W_hh.T)
                ),
                "first the gradient of W_xh, then that of W_hh: yours come the other way round": (
                    (d_W_hh, d_W_xh)
                ),
            },
        )


@exercise(
    "03.3",
    "Both bugs are invisible if there is one time step only. What is only done with two steps?",
    "Compare with the formulas of chapter 03 how what comes from later steps enters delta_t.",
    "All of dL/dh_t goes through the tanh: g_t and what comes from later steps, not g_t alone.",
    "The second bug: the way back through a product with W_hh is a product with W_hh.T.",
)
def repaired_bptt(answer, rng):
    """BPTT of a tanh RNN for a batch, from a function with two bugs."""
    names = ["the gradient of W_xh", "the gradient of W_hh", "the gradient of b_h"]
    for batch, time, features, units in [(3, 5, 2, 4), (4, 3, 1, 2), (2, 1, 3, 3)]:
        x = floatX(rng.normal(size=(batch, time, features)))
        g = floatX(rng.normal(size=(batch, time, units)))
        h = floatX(np.tanh(rng.normal(size=(batch, time + 1, units))))
        W_hh = floatX(rng.normal(0, 0.8, size=(units, units)))

        def sums(deltas, x=x, before=h[:, :-1]):
            d_W_xh = np.einsum("nti,tnj->ij", x, deltas)
            return d_W_xh, np.einsum("nti,tnj->ij", before, deltas), deltas.sum(axis=(0, 1))

        g_in_time, states = g.swapaxes(0, 1), h.swapaxes(0, 1)
        slope = 1 - states**2
        at = (g_in_time, slope[1:])
        deltas = deltas_of(*at, W_hh)
        last_loss = 0 * g_in_time
        last_loss[-1] = g_in_time[-1]

        def outside(g_t, later, slope_t):
            return g_t * slope_t + later

        def twice(g_t, later, slope_t):
            return (g_t * slope_t + later) * slope_t

        answer.gives(
            sums(deltas),
            *(x, h, g, W_hh),
            names=names,
            mistakes={
                "both bugs are still there": sums(deltas_of(*at, W_hh.T, outside)),
                "one bug is repaired; the other one: what comes from later steps must go through "
                "the tanh of step t, too": sums(deltas_of(*at, W_hh, outside)),
                "one bug is repaired; the other one is in the way from one step to the step "
                "before": sums(deltas_of(*at, W_hh.T)),
                "g_t goes through the tanh twice: add up first, then multiply once": (
                    sums(deltas_of(*at, W_hh, twice))
                ),
                "the tanh of step t has the derivative 1 - h_t^2, yours belongs to another step": (
                    sums(deltas_of(g_in_time, slope[:-1], W_hh))
                ),
                "nothing comes from later steps any more": (
                    sums(deltas_of(*at, W_hh, lambda g_t, later, slope_t: g_t * slope_t))
                ),
                "the loss at the last step is the only one left: there is a g_t at each step": (
                    sums(deltas_of(last_loss, slope[1:], W_hh))
                ),
                "at step t the matrix W_hh met the state h_(t-1), not h_t: that was no bug": (
                    (sums(deltas)[0], sums(deltas, before=h[:, 1:])[1], sums(deltas)[2])
                ),
                "this is what the first step contributes alone: that += was no bug": (
                    sums(deltas[:1], x[:, :1], h[:, :1])
                ),
                "this is the mean over the samples, where a sum is asked for": (
                    sums(deltas / batch)
                ),
            },
        )


def tanh_states(x, W_xh, W_hh, reset_at=()):
    """For each time step the state before it and its own; some start again from zero."""
    h, before, after = np.zeros(len(W_hh)), [], []
    for t, x_t in enumerate(x):
        before.append(0 * h if t in reset_at else h)
        h = np.tanh(x_t @ W_xh + before[-1] @ W_hh)
        after.append(h)
    return np.array(before), np.array(after)


def cut_deltas(g, slope, W_hh, starts):
    """delta_t for chunks that begin at `starts`; no gradient goes from chunk to chunk."""
    starts = sorted({0, *starts})
    ends = [*starts[1:], len(g)]
    return np.concatenate([deltas_of(g[a:b], slope[a:b], W_hh) for a, b in zip(starts, ends)])


@exercise(
    "03.4",
    "The states are those of the whole sequence, as if there were no chunks. Compute them first.",
    "The way back is that of the whole sequence, too, but for one line: at the start of a chunk, "
    "what is handed back becomes zero.",
    "Counted from 0, chunks begin at the time steps t with t % k == 0.",
)
def chunked_gradient(answer, rng):
    """The gradient of W_hh with a loss at each step, cut into chunks of k steps."""
    for time, features, units, k in [(10, 2, 3, 4), (5, 1, 2, 2), (3, 2, 4, 7), (4, 3, 2, 1)]:
        x, y = rng.normal(size=(time, features)), rng.normal(size=(time, units))
        W_xh, W_hh = rng.normal(0, 0.4, size=(features, units)), rng.normal(size=(units, units))
        W_hh = np.linalg.qr(W_hh)[0] + 0.1 * W_hh  # gradients must reach beyond a cut
        x, y, W_xh, W_hh = map(floatX, (x, y, W_xh, W_hh))
        starts = range(0, time, k)
        before, h = tanh_states(x, W_xh, W_hh)
        g, slope = h - y, 1 - h**2
        deltas = cut_deltas(g, slope, W_hh, starts)

        def gradient(starts, g=g, slope=slope, W_hh=W_hh, before=before):
            return before.T @ cut_deltas(g, slope, W_hh, starts)

        only_last, ends = 0 * g, 0 * g
        only_last[-1] = g[-1]
        for t in [*(start - 1 for start in starts[1:]), time - 1]:
            ends[t] = g[t]
        reset, h_reset = tanh_states(x, W_xh, W_hh, reset_at=starts)
        from_reset = cut_deltas(h_reset - y, 1 - h_reset**2, W_hh, starts)
        full = deltas_of(only_last, slope, W_hh)
        sliding = 0
        for t in range(time):
            past = slice(max(0, t + 1 - k), t + 1)
            one = 0 * g[past]
            one[-1] = g[t]
            sliding = sliding + before[past].T @ deltas_of(one, slope[past], W_hh)
        answer.gives(
            before.T @ deltas,
            *(x, y, W_xh, W_hh, k),
            mistakes={
                "this is the full gradient: it must not go from a chunk to the one before": (
                    gradient([0])
                ),
                "each of your chunks starts from a state of zero: the state crosses the cut, the "
                "gradient does not": reset.T @ from_reset,
                "your chunks are counted from the end of the sequence: count from its start": (
                    gradient(range(time % k, time, k))
                ),
                "your cuts come one step too early": gradient(range(k - 1, time, k)),
                "your cuts come one step too late": gradient(range(k + 1, time, k)),
                "your chunks have k - 1 steps": gradient(range(0, time, max(1, k - 1))),
                "your chunks have k + 1 steps": gradient(range(0, time, k + 1)),
                "each of your losses goes back k steps: here it goes back to the start of its "
                "chunk": sliding,
                "this is what the last chunk contributes alone: sum over all chunks": (
                    before[starts[-1] :].T @ deltas[starts[-1] :]
                ),
                "this is what the first chunk contributes alone: sum over all chunks": (
                    before[:k].T @ deltas[:k]
                ),
                "the last chunk is missing: it may be shorter than k": (
                    before[: time // k * k].T @ deltas[: time // k * k]
                ),
                "these are the last k terms for the loss at the last step: here is a loss at each "
                "step, and all chunks count": before[-k:].T @ full[-k:],
                "your loss looks at the end of each chunk only: it is a sum over all steps": (
                    before.T @ cut_deltas(ends, slope, W_hh, starts)
                ),
                "W_hh is not transposed on the way back": gradient(starts, W_hh=W_hh.T),
                "the derivative of tanh is missing": gradient(starts, slope=np.ones_like(slope)),
                "at step t the matrix W_hh met the state h_(t-1), not h_t": (
                    gradient(starts, before=h)
                ),
                "this is the mean over the chunks: the gradient is the sum": (
                    gradient(starts) / len(starts)
                ),
                "the sign is wrong: g_t is h_t - y_t": -gradient(starts),
                "the gradient is twice too large: the loss has a factor 1/2": 2 * gradient(starts),
                "your gradient is transposed: h_(t-1) belongs to its rows": gradient(starts).T,
            },
        )


def leaky_states(P, W, a):
    """States of a leaky RNN, h_0 included, and the tanh of each step."""
    h, u = [np.zeros(len(W))], []
    for p in P:
        u.append(np.tanh(p + h[-1] @ W))
        h.append((1 - a) * h[-1] + a * u[-1])
    return np.array(h), np.array(u)


def leaky_deltas(G, u, W, leak, gain, around=True):
    """delta_t of a leaky RNN; the leak leads `around` the tanh, or by mistake through it."""
    deltas, later = [], 0 * G[0]
    for g_t, u_t in zip(G[::-1], u[::-1]):
        d_h = g_t + later
        deltas.append(gain * d_h * (1 - u_t**2))
        later = leak * (d_h if around else deltas[-1]) + deltas[-1] @ W.T
    return np.array(deltas[::-1])


@exercise(
    "03.5",
    "Hand back dL/dh_t, not delta_t: both ways to h_(t-1) begin there.",
    "One way is the leak, a factor 1 - a. The other goes through delta_t = a dL/dh_t (1 - u_t^2) "
    "and on with W.T.",
    "The step: d_h = g_t + d_later; delta = a * d_h * (1 - u_t**2); return delta and what is "
    "handed back, (1 - a) * d_h + T.dot(delta, W.T). outputs_info is [None, zeros].",
    "deltas[::-1] belongs to H_before, the states h_0 to h_(T-1): `T.dot(H_before.T, "
    "deltas[::-1])`",
)
def leaky_gradient(answer, rng):
    """The gradient of the recurrent matrix of a leaky RNN, with a loss at each step."""
    for time, units, low in [(6, 3, 0.2), (4, 2, 0.6), (3, 5, 0.3)]:
        P, G = floatX(rng.normal(size=(time, units))), floatX(rng.normal(size=(time, units)))
        W, a = floatX(rng.normal(0, 0.8, size=(units, units))), floatX(low + rng.uniform(0, 0.2))
        h, u = leaky_states(P, W, a)
        before = h[:-1].T
        deltas = leaky_deltas(G, u, W, 1 - a, a)
        last = 0 * G
        last[-1] = G[-1]
        answer.gives(
            before @ deltas,
            *(P, G, W, a),
            mistakes={
                "the rows of your deltas come in the order of the way back, from the last step to "
                "the first: turn them round": before @ deltas[::-1],
                "the leak is missing: h_(t-1) also goes straight into h_t, times 1 - a": (
                    before @ leaky_deltas(G, u, W, 0, a)
                ),
                "the leak alone comes back from later steps: the way through W is missing": (
                    before @ leaky_deltas(G, u, 0 * W, 1 - a, a)
                ),
                "the leak leads around the tanh: its gradient does not meet 1 - u_t^2": (
                    before @ leaky_deltas(G, u, W, 1 - a, a, around=False)
                ),
                "the leak has the factor 1 - a on the way back, too": (
                    before @ leaky_deltas(G, u, W, 1, a)
                ),
                "delta_t lacks the factor a": before @ leaky_deltas(G, u, W, 1 - a, 1),
                "a and 1 - a are swapped": before @ leaky_deltas(G, u, W, a, 1 - a),
                "the derivative of tanh is 1 - u_t^2, with the tanh itself: h_t is not it": (
                    before @ leaky_deltas(G, h[1:], W, 1 - a, a)
                ),
                "the derivative of tanh is missing": before @ leaky_deltas(G, 0 * u, W, 1 - a, a),
                "W is not transposed on the way back": before @ leaky_deltas(G, u, W.T, 1 - a, a),
                "at step t the matrix W met the state h_(t-1), not h_t": h[1:].T @ deltas,
                "there is a g_t at each step, yours looks at the last one only": (
                    before @ leaky_deltas(last, u, W, 1 - a, a)
                ),
                "nothing comes back from later steps": before @ (a * G * (1 - u**2)),
                "your way back runs forward in time: let scan go backwards": (
                    before @ leaky_deltas(G[::-1], u[::-1], W, 1 - a, a)[::-1]
                ),
                "your gradient is transposed: h_(t-1) belongs to its rows": deltas.T @ before.T,
            },
        )


@exercise(
    "03.6",
    "Settings can be chunk lengths, lags, numbers of units, or two ways to train.",
    "`accuracy = {f'chunks of {k}': train(k, lag=4) for k in (2, 4, 6)}`",
    "Below 'learned' goes the list of the names whose median is 0.9 or more; it may be empty.",
)
def own_echo(report, rng):
    """Accuracies of at least three settings with at least three seeds each, and which learned."""
    keys = ("question", "prediction", "accuracy", "learned", "conclusion")
    question, prediction, accuracy, learned, conclusion = entries(report, *keys)
    words(question, "the question", 5)
    words(prediction, "the prediction", 5)
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
    words(conclusion, "the conclusion", 10)
