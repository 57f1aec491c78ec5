"""Answers to the exercises of chapter 03: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, function, scan, theano
from course_lib.gradients import numerical_gradient

# --- 03.1 ------------------------------------------------------------------------------------


def slopes_of_flat(loss, x, epsilon):
    nudges = epsilon * np.eye(x.size).reshape(-1, *x.shape)
    return np.reshape([(loss(x + n) - loss(x - n)) / epsilon / 2 for n in nudges], x.shape)


def slopes_in_lists(loss, x, epsilon):
    """Goes down into nested lists; the nudged entry is put back."""
    x = x.tolist()

    def slopes(part):
        if isinstance(part[0], list):
            return [slopes(p) for p in part]
        found = []
        for i, value in enumerate(part):
            part[i] = value + epsilon
            above = loss(x)
            part[i] = value - epsilon
            found.append((above - loss(x)) / (2 * epsilon))
            part[i] = value
        return found

    return slopes(x)


def slopes(formula):
    """formula(loss, x, nudge, epsilon) for each entry."""

    def gradient(loss, x, epsilon):
        result = np.zeros_like(x)
        for index in np.ndindex(x.shape):
            nudge = np.zeros_like(x)
            nudge[index] = epsilon
            result[index] = formula(loss, x, nudge, epsilon)
        return result

    return gradient


def never_put_back(loss, x, epsilon):
    x, result = x.copy(), np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += epsilon
        above = loss(x)
        x[index] -= 2 * epsilon
        result[index] = (above - loss(x)) / (2 * epsilon)
    return result


def two_copies_for_all(loss, x, epsilon):
    above, below, result = x.copy(), x.copy(), np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above[index] += epsilon
        below[index] -= epsilon
        result[index] = (loss(above) - loss(below)) / (2 * epsilon)
    return result


def x_changed(loss, x, epsilon):
    result = numerical_gradient(loss, x, epsilon)
    x += 1
    return result


# --- 03.2 ------------------------------------------------------------------------------------


def linear_states(x, W, U):
    h = [np.zeros(len(U))]
    for x_t in x:
        h.append(x_t @ W + h[-1] @ U)
    return h


def linear_by_powers(x, y, W, U):
    """One power of the matrix for each step instead of a loop with a memory."""
    h, time = linear_states(x, W, U), len(x)
    deltas = [(h[-1] - y) @ np.linalg.matrix_power(U.T, time - t) for t in range(1, time + 1)]
    return x.T @ np.array(deltas), np.array(h[:-1]).T @ np.array(deltas)


def linear_by_theano(x, y, W_xh, W_hh):
    W, U = T.matrix(), T.matrix()
    h = T.zeros_like(U[0])
    for x_t in x:
        h = T.dot(x_t, W) + T.dot(h, U)
    loss = T.sum(T.sqr(h - y)) / 2
    return function([W, U], theano.grad(loss, [W, U]))(W_xh, W_hh)


def linear_by_differences(x, y, W_xh, W_hh):
    def loss(W, U):
        return 0.5 * np.sum((linear_states(x.astype("float64"), W, U)[-1] - y) ** 2)

    W, U = W_xh.astype("float64"), W_hh.astype("float64")
    return numerical_gradient(lambda v: loss(v, U), W), numerical_gradient(lambda v: loss(W, v), U)


def linear(
    back=lambda d, U: d @ U.T,
    first=lambda h, y: h - y,
    met=lambda h, t: h[t - 1],
    result=lambda d_W, d_U: (d_W, d_U),
    add=True,
    order=lambda deltas: deltas,
    own=lambda h, y: 0.0,
):
    """A loop with one thing changed; `own` is the direct gradient at the steps before the last."""

    def gradients(x, y, W, U):
        h = linear_states(x, W, U)
        deltas = [first(h[-1], y)]
        for t in range(len(x) - 1, 0, -1):
            deltas.insert(0, back(deltas[0], U) + own(h[t], y))
        d_W, d_U = np.zeros_like(W), np.zeros_like(U)
        for t, delta in reversed(list(enumerate(order(deltas), start=1))):
            d_W = np.outer(x[t - 1], delta) + d_W * add
            d_U = np.outer(met(h, t), delta) + d_U * add
        return result(d_W, d_U)

    return gradients


# --- 03.3 ------------------------------------------------------------------------------------


def join(g, later, slope):
    return (g + later) * slope


def tanh_bptt(
    rule=join,
    back=lambda d, U: d @ U.T,
    slope=lambda h, t: 1 - h[:, t] ** 2,
    met=lambda h, t: h[:, t - 1],
    add=True,
    share=lambda batch: 1,
):
    """The loop of the exercise with one thing changed."""

    def gradients(x, h, g, U):
        d_W, d_U, d_b, later = 0.0, 0.0, 0.0, 0.0 * h[:, 0]
        for t in range(x.shape[1], 0, -1):
            delta = rule(g[:, t - 1], later, slope(h, t))
            d_W = x[:, t - 1].T @ delta / share(len(x)) + add * d_W
            d_U = met(h, t).T @ delta / share(len(x)) + add * d_U
            d_b = delta.sum(axis=0) / share(len(x)) + add * d_b
            later = back(delta, U)
        return d_W, d_U, d_b

    return gradients


def bptt_by_sample(x, h, g, U):
    """A loop over samples; all products at once, after the way back."""
    total = [0, 0, 0]
    for n in range(len(x)):
        deltas = [g[n, -1] * (1 - h[n, -1] ** 2)]
        for g_t, h_t in zip(g[n, -2::-1], h[n, -2::-1]):
            deltas.append((g_t + U @ deltas[-1]) * (1 - h_t**2))
        deltas = np.array(deltas[::-1])
        terms = x[n].T @ deltas, h[n, :-1].T @ deltas, deltas.sum(axis=0)
        total = [a + b for a, b in zip(total, terms)]
    return total


def last_loss_only(x, h, g, U):
    g = g.copy()
    g[:, :-1] = 0
    return tanh_bptt()(x, h, g, U)


# --- 03.4 ------------------------------------------------------------------------------------


def run(x, W, U, h):
    path = [h]
    for x_t in x:
        path.append(np.tanh(x_t @ W + path[-1] @ U))
    return np.array(path)


def gradient_of(h, g, U):
    """Full BPTT of a stretch whose states, the one before it included, are h."""
    total, later = 0 * U, 0
    for t in range(len(g), 0, -1):
        delta = (g[t - 1] + later) * (1 - h[t] ** 2)
        total = total + np.outer(h[t - 1], delta)
        later = delta @ U.T
    return total


def by_chunk(keep=lambda h: h[-1], starts=lambda time, k: range(0, time, k), change=None):
    """One chunk after the other, forward and back, as in training; `keep` is the state kept."""

    def gradient(x, y, W, U, k):
        total, state, h = [], np.zeros(len(U)), None
        cuts = [*sorted({0, *starts(len(x), k)}), len(x)]
        for a, b in zip(cuts, cuts[1:]):
            h = run(x[a:b], W, U, state)
            total.append(gradient_of(h, h[1:] - y[a:b], U))
            state = keep(h)
        return change(total) if change else sum(total)

    return gradient


def chunked_by_theano(x, y, W_xh, W_hh, k):
    """theano.grad, with a constant in place of each state that crosses a cut."""
    U = T.matrix()
    h, loss = T.zeros_like(U[0]), 0
    for t in range(len(x)):
        h = theano.gradient.disconnected_grad(h) if t % k == 0 else h
        h = T.tanh(T.dot(x[t], W_xh) + T.dot(h, U))
        loss = loss + T.sum(T.sqr(h - y[t])) / 2
    return theano.grad(loss, U).eval({U: W_hh})


def last_terms(x, y, W, U, k):
    h = run(x, W, U, np.zeros(len(U)))[-k - 1 :]
    g = 0 * h[1:]
    g[-1] = h[-1] - y[-1]
    return gradient_of(h, g, U)


def sliding(x, y, W, U, k):
    h, total = run(x, W, U, np.zeros(len(U))), 0
    for t in range(1, len(x) + 1):
        part = h[max(0, t - k) : t + 1]
        g = 0 * part[1:]
        g[-1] = h[t] - y[t - 1]
        total = total + gradient_of(part, g, U)
    return total


def loss_at_ends(x, y, W, U, k):
    y, h = y.copy(), run(x, W, U, np.zeros(len(U)))
    for t in range(len(y) - 1):
        if (t + 1) % k:
            y[t] = h[t + 1]
    return by_chunk()(x, y, W, U, k)


def not_transposed(x, y, W, U, k):
    h, total, later = run(x, W, U, np.zeros(len(U))), 0, 0
    for t in range(len(x), 0, -1):
        delta = (h[t] - y[t - 1] + later) * (1 - h[t] ** 2)
        total = total + np.outer(h[t - 1], delta)
        later = delta @ U if (t - 1) % k else 0
    return total


def without_short_chunk(x, y, W, U, k):
    whole = len(x) // k * k
    return by_chunk()(x[:whole], y[:whole], W, U, k)


# --- 03.5 ------------------------------------------------------------------------------------


def leaky_numpy(P, G, W, a):
    h, path = np.zeros(len(W)), []
    for p in P:
        u = np.tanh(p + h @ W)
        path.append((h, u))
        h = h + a * (u - h)
    total, d_h = np.zeros(W.shape), 0
    for g, (h, u) in zip(G[::-1], path[::-1]):
        d_h = d_h + g
        delta = d_h * (1 - u * u) * a
        total += h[:, None] * delta
        d_h = d_h - a * d_h + W @ delta
    return total


def leaky_by_theano_grad():
    P, G, W, a = T.matrix(), T.matrix(), T.matrix(), T.scalar()
    h = scan(
        lambda p, h, W, a: (1 - a) * h + a * T.tanh(p + T.dot(h, W)), P, T.zeros_like(P[0]), [W, a]
    )
    return function([P, G, W, a], theano.grad(T.sum(G * h), W))


def leaky(
    delta=lambda d_h, u, h, a: a * d_h * (1 - u**2),
    back=lambda d_h, delta, W, a: (1 - a) * d_h + delta @ W.T,
    order=slice(None, None, -1),
    met=slice(0, -1),
    change=lambda G: G,
):
    """The loop with one thing changed."""

    def gradient(P, G, W, a):
        h, us, deltas, later = [np.zeros(len(W))], [], [], 0 * G[0]
        for p in P:
            us.append(np.tanh(p + h[-1] @ W))
            h.append((1 - a) * h[-1] + a * us[-1])
        G = change(G)
        for t in reversed(range(len(P))):
            d_h = G[t] + later
            deltas.append(delta(d_h, us[t], h[t + 1], a))
            later = back(d_h, deltas[-1], W, a)
        return np.array(h)[met].T @ np.array(deltas)[order]

    return gradient


def only_the_last(G):
    return np.concatenate([0 * G[:-1], G[-1:]])


# --- 03.6 ------------------------------------------------------------------------------------

REPORT = {
    "question": "do longer lags need longer chunks",
    "prediction": "only chunks longer than the lag will do",
    "accuracy": {2: [0.5, 0.6, 0.7], 3: [0.8, 0.9, 0.95], 4: [1, 1, 1]},
    "learned": [3, 4],
    "conclusion": "chunks of three and four steps learned the echo and those of two did not",
}
NAMED = {"short": (0.5, 0.5, 0.5), "long": np.array([0.99, 0.98, 0.4, 1.0]), "longer": [0.8] * 3}


RIGHT = {
    "03.1": [numerical_gradient, slopes_of_flat, slopes_in_lists],
    "03.2": [linear_by_powers, linear_by_differences, linear_by_theano, linear()],
    "03.3": [bptt_by_sample, tanh_bptt()],
    "03.4": [by_chunk(), chunked_by_theano],
    "03.5": [leaky_numpy, leaky_by_theano_grad(), leaky()],
    "03.6": [
        REPORT,
        {**REPORT, "accuracy": NAMED, "learned": {"long"}},
        {**REPORT, "accuracy": {**NAMED, "long": [0.1, 0.2, 0.3]}, "learned": []},
    ],
}

MISTAKES = {
    "03.1": [
        (slopes(lambda loss, x, n, e: (loss(x + n) - loss(x)) / e), "in one direction only: go"),
        (slopes(lambda loss, x, n, e: (loss(x) - loss(x - n)) / e), "downward"),
        (slopes(lambda loss, x, n, e: (loss(x + n) - loss(x - n)) / e), "you divide by one"),
        (slopes(lambda loss, x, n, e: loss(x + n) - loss(x - n)), "is not divided by 2 epsilon"),
        (slopes(lambda loss, x, n, e: (loss(x + n) - loss(x - n)) / 2), "but not by epsilon"),
        (slopes(lambda loss, x, n, e: (loss(x + n) - loss(x - n)) / 2 * e), "in parentheses"),
        (slopes(lambda loss, x, n, e: (loss(x - n) - loss(x + n)) / (2 * e)), "up minus down"),
        (lambda loss, x, epsilon: numerical_gradient(loss, x), "use the epsilon that is given"),
        (never_put_back, "put it back first"),
        (two_copies_for_all, "start from fresh copies"),
        (lambda loss, x, e: (loss(x + e) - loss(x - e)) / (2 * e), "get one number"),
        (slopes(lambda loss, x, n, e: (loss(x + e) - loss(x - e)) / (2 * e)), "slopes are equal"),
        (lambda *a: numerical_gradient(*a).ravel(), "must have shape"),
        (x_changed, "changes its argument number 2"),
        (lambda loss, x, e: numerical_gradient(loss, x.ravel(), e), "this loss is for shape"),
    ],
    "03.2": [
        (linear(back=lambda d, U: 0 * d), "the last step contributes alone"),
        (linear(add=False), "add up with += instead of ="),
        (linear(back=lambda d, U: d @ U), "is not transposed"),
        (linear(back=lambda d, U: d), "stays the same on its way back"),
        (linear(met=lambda h, t: h[t]), "h_(t-1), not h_t"),
        (linear(order=lambda deltas: deltas[::-1]), "pair each one with the input"),
        (linear(first=lambda h, y: h), "y is forgotten"),
        (linear(first=lambda h, y: y - h), "the sign is wrong"),
        (linear(first=lambda h, y: 2 * (h - y)), "twice too large"),
        (lambda x, *a: [g / len(x) for g in linear()(x, *a)], "the mean over the time steps"),
        (linear(own=lambda h, y: h - y), "yours looks at all"),
        (linear(result=lambda d_W, d_U: (d_W, d_U.T)), "the gradient of W_hh is transposed"),
        (linear(result=lambda d_W, d_U: (d_W.T, d_U)), "(is it transposed?)"),
        (linear(result=lambda d_W, d_U: (d_U, d_W)), "the other way round"),
        (linear(result=lambda d_W, d_U: d_U), "2 results are asked for"),
    ],
    "03.3": [
        (
            tanh_bptt(rule=lambda g, later, s: g * s + later, back=lambda d, U: d @ U),
            "both bugs are still there",
        ),
        (tanh_bptt(rule=lambda g, later, s: g * s + later), "must go through the tanh of step t"),
        (tanh_bptt(back=lambda d, U: d @ U), "from one step to the step before"),
        (tanh_bptt(rule=lambda g, later, s: (g * s + later) * s), "through the tanh twice"),
        (tanh_bptt(slope=lambda h, t: 1 - h[:, t - 1] ** 2), "belongs to another step"),
        (tanh_bptt(rule=lambda g, later, s: g * s), "nothing comes from later steps"),
        (last_loss_only, "is the only one left"),
        (tanh_bptt(met=lambda h, t: h[:, t]), "h_(t-1), not h_t: that was no bug"),
        (tanh_bptt(add=False), "that += was no bug"),
        (tanh_bptt(share=lambda batch: batch), "the mean over the samples"),
        (lambda *a: tanh_bptt()(*a)[:2], "3 results are asked for"),
    ],
    "03.4": [
        (by_chunk(starts=lambda time, k: [0]), "this is the full gradient"),
        (by_chunk(keep=lambda h: 0 * h[-1]), "starts from a state of zero"),
        (by_chunk(starts=lambda time, k: range(time % k, time, k)), "counted from the end"),
        (by_chunk(starts=lambda time, k: range(k - 1, time, k)), "one step too early"),
        (by_chunk(starts=lambda time, k: range(k + 1, time, k)), "one step too late"),
        (by_chunk(starts=lambda time, k: range(0, time, k - 1)), "have k - 1 steps"),
        (by_chunk(starts=lambda time, k: range(0, time, k + 1)), "have k + 1 steps"),
        (sliding, "each of your losses goes back k steps"),
        (by_chunk(change=lambda parts: parts[-1]), "the last chunk contributes alone"),
        (by_chunk(change=lambda parts: parts[0]), "the first chunk contributes alone"),
        (without_short_chunk, "the last chunk is missing"),
        (last_terms, "the last k terms"),
        (loss_at_ends, "the end of each chunk only"),
        (not_transposed, "is not transposed"),
        (by_chunk(change=lambda parts: sum(parts) / len(parts)), "the mean over the chunks"),
        (by_chunk(change=lambda parts: -sum(parts)), "the sign is wrong"),
        (by_chunk(change=lambda parts: 2 * sum(parts)), "twice too large"),
        (by_chunk(change=lambda parts: sum(parts).T), "your gradient is transposed"),
    ],
    "03.5": [
        (leaky(order=slice(None)), "turn them round"),
        (leaky(back=lambda d_h, d, W, a: d @ W.T), "the leak is missing"),
        (leaky(back=lambda d_h, d, W, a: (1 - a) * d_h), "the leak alone"),
        (leaky(back=lambda d_h, d, W, a: (1 - a) * d + d @ W.T), "does not meet 1 - u_t^2"),
        (leaky(back=lambda d_h, d, W, a: d_h + d @ W.T), "the leak has the factor 1 - a"),
        (leaky(delta=lambda d_h, u, h, a: d_h * (1 - u**2)), "lacks the factor a"),
        (
            leaky(
                delta=lambda d_h, u, h, a: (1 - a) * d_h * (1 - u**2),
                back=lambda d_h, d, W, a: a * d_h + d @ W.T,
            ),
            "are swapped",
        ),
        (leaky(delta=lambda d_h, u, h, a: a * d_h * (1 - h**2)), "h_t is not it"),
        (leaky(delta=lambda d_h, u, h, a: a * d_h), "the derivative of tanh is missing"),
        (leaky(back=lambda d_h, d, W, a: (1 - a) * d_h + d @ W), "is not transposed"),
        (leaky(met=slice(1, None)), "h_(t-1), not h_t"),
        (leaky(change=only_the_last), "looks at the last one only"),
        (leaky(back=lambda d_h, d, W, a: 0 * d_h), "nothing comes back"),
        (lambda *a: leaky()(*a).T, "your gradient is transposed"),
    ],
    "03.6": [
        ("my report", "must be a dict"),
        ({**REPORT, "question": "which"}, "the question is too short"),
        ({**REPORT, "prediction": "yes"}, "the prediction is too short"),
        ({**REPORT, "accuracy": [0.9, 0.9, 0.9]}, "must be a dict of at least 3 lists"),
        ({**REPORT, "accuracy": {2: [0.5] * 3, 4: [1] * 3}}, "a dict of at least 3 lists"),
        ({**REPORT, "accuracy": {**NAMED, "long": [1, 1]}}, "a list of at least 3 numbers"),
        ({**REPORT, "accuracy": {**NAMED, "long": [99, 98, 99]}}, "must be from 0 to 1"),
        ({**REPORT, "accuracy": {2: [1] * 3, 3: [1] * 3, 4: [1] * 3}}, "have the same accuracies"),
        ({**REPORT, "learned": "3, 4"}, "must be a list of names"),
        ({**REPORT, "learned": [3, 4, 5]}, "is none of your settings"),
        ({**REPORT, "learned": [4]}, "but is not among those that learned"),
        ({**REPORT, "learned": [2, 3, 4]}, "but is among those that learned"),
        ({**REPORT, "conclusion": "as I expected"}, "the conclusion is too short"),
    ],
}
