"""Answers to the exercises of chapter 03: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, function, scan, theano
from course_lib.gradients import numerical_gradient

# --- 03.1 ------------------------------------------------------------------------------------


def slopes_of_flat(loss, x, epsilon):
    nudges = epsilon * np.eye(x.size).reshape(-1, *x.shape)
    return np.reshape([(loss(x + n) - loss(x - n)) / epsilon / 2 for n in nudges], x.shape)


def never_put_back(loss, x, epsilon):
    x, result = x.copy(), np.zeros_like(x)
    for index in np.ndindex(x.shape):
        x[index] += epsilon
        above = loss(x)
        x[index] -= 2 * epsilon
        result[index] = (above - loss(x)) / (2 * epsilon)
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


# --- 03.3 ------------------------------------------------------------------------------------


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


def by_chunk(x, y, W, U, k, keep=lambda h: h[-1]):
    """One chunk after the other, forward and back, as in training; `keep` is the state kept."""
    total, state = 0, np.zeros(len(U))
    for start in range(0, len(x), k):
        h = run(x[start : start + k], W, U, state)
        total = total + gradient_of(h, h[1:] - y[start : start + k], U)
        state = keep(h)
    return total


def chunked_by_theano(x, y, W_xh, W_hh, k):
    """theano.grad, with a constant in place of each state that crosses a cut."""
    U = T.matrix()
    h, loss = T.zeros_like(U[0]), 0
    for t in range(len(x)):
        h = theano.gradient.disconnected_grad(h) if t % k == 0 else h
        h = T.tanh(T.dot(x[t], W_xh) + T.dot(h, U))
        loss = loss + T.sum(T.sqr(h - y[t])) / 2
    return theano.grad(loss, U).eval({U: W_hh})


def sliding(x, y, W, U, k):
    h, total = run(x, W, U, np.zeros(len(U))), 0
    for t in range(1, len(x) + 1):
        part = h[max(0, t - k) : t + 1]
        g = 0 * part[1:]
        g[-1] = h[t] - y[t - 1]
        total = total + gradient_of(part, g, U)
    return total


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
    "03.1": [numerical_gradient, slopes_of_flat],
    "03.2": [linear_by_powers, linear_by_differences, linear_by_theano],
    "03.3": [bptt_by_sample],
    "03.4": [by_chunk, chunked_by_theano],
    "03.5": [leaky_numpy, leaky_by_theano_grad()],
    "03.6": [
        REPORT,
        {**REPORT, "accuracy": NAMED, "learned": {"long"}},
        {**REPORT, "accuracy": {**NAMED, "long": [0.1, 0.2, 0.3]}, "learned": []},
    ],
}

MISTAKES = {
    "03.1": [
        (lambda loss, x, epsilon: numerical_gradient(loss, x), "use the epsilon that is given"),
        (never_put_back, "put it back first"),
        (lambda loss, x, e: slopes_of_flat(lambda z: loss(z) / 2, x, e), "but should be"),
        (lambda *a: numerical_gradient(*a).ravel(), "must have shape"),
        (x_changed, "changes its argument number 2"),
        (lambda loss, x, e: numerical_gradient(loss, x.ravel(), e), "this loss is for shape"),
    ],
    "03.2": [
        (lambda x, y, W, U: linear_by_powers(x, y, W, U.T), "but should be"),
        (lambda x, *a: [g / len(x) for g in linear_by_powers(x, *a)], "the mean over the time"),
        (lambda *a: (linear_by_powers(*a)[0].T, linear_by_powers(*a)[1]), "(is it transposed?)"),
        (lambda *a: linear_by_theano(*a)[1], "return 2 results"),
    ],
    "03.3": [
        (lambda x, h, g, U: bptt_by_sample(x, h, g, U.T), "from one step to the step before"),
        (lambda *a: [d / len(a[0]) for d in bptt_by_sample(*a)], "the mean over the samples"),
        (lambda *a: bptt_by_sample(*a)[:2], "return 3 results"),
    ],
    "03.4": [
        (lambda *a: by_chunk(*a[:4], len(a[0])), "this is the full gradient"),
        (lambda *a: by_chunk(*a, keep=lambda h: 0 * h[-1]), "starts from a state of zero"),
        (lambda *a: by_chunk(*a[:4], a[4] + 1), "have k + 1 steps"),
        (sliding, "each of your losses goes back k steps"),
    ],
    "03.5": [
        (lambda P, G, W, a: leaky_numpy(P, G, W.T, a), "but should be"),
        (lambda P, G, W, a: leaky_numpy(P, G, W, a).T, "your gradient is transposed"),
        (lambda P, G, W, a: leaky_numpy(P, G, W, a)[0], "must have shape"),
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
