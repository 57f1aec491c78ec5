"""Answers to the exercises of chapter 00: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, floatX, function, scan, shared, theano

X, p, w, y = T.matrix("X"), T.vector("p"), T.vector("w"), T.vector("y")
loss = T.mean(T.sqr(T.tanh(T.dot(X, w)) - y))
gradient = theano.grad(loss, w)


# --- 00.2 ------------------------------------------------------------------------------------


def by_hand(w, X, y):
    guess = np.tanh(X @ w)
    inner = (guess - y) * (1 - guess**2)
    return np.mean((guess - y) ** 2), X.T @ inner * 2 / len(y)


def no_inner_derivative(w, X, y):
    error = np.tanh(X @ w) - y
    return np.mean(error**2), 2 / len(y) * X.T @ error


# --- 00.3 ------------------------------------------------------------------------------------


def meter_in_numpy():
    seen = []
    return lambda x: seen.append(float(x)) or np.mean(seen)


def meter_by_one_state():
    """The mean moves toward each new number by the share 1/n."""
    x, n, mean = T.scalar(), shared(floatX(1)), shared(floatX(0))
    new = mean + (x - mean) / n
    return function([x], new, updates=[(mean, new), (n, n + 1)])


def meter(output, count_from=0, add=1):
    """A maker of functions with a `total` and a `count`; `output` gets both and x."""

    def make():
        x = T.scalar()
        total, count = shared(floatX(0)), shared(floatX(count_from))
        updates = [(total, total + x), (count, count + add)]
        return function([x], output(total, count, x), updates=updates)

    return make


def shared_memory():
    total, count, x = shared(floatX(0)), shared(floatX(0)), T.scalar()
    updates = [(total, total + x), (count, count + 1)]
    meter = function([x], (total + x) / (count + 1), updates=updates)
    return lambda: meter


# --- 00.4 ------------------------------------------------------------------------------------


def maximum_by_loop(rows):
    largest, states = [-1e30] * rows.shape[1], []
    for row in rows:
        largest = [max(a, b) for a, b in zip(row, largest)]
        states.append(largest)
    return states


def maximum_from_minus_infinity(rows):
    start = T.alloc(floatX(-np.inf), rows.shape[1])
    return scan(lambda x_t, m: T.switch(T.gt(x_t, m), x_t, m), rows, start)


# --- 00.5 ------------------------------------------------------------------------------------


def swing_by_loop(pushes, k, c):
    position, velocity, path = 0.0, 0.0, []
    for push in pushes:
        velocity = c * velocity - k * position + push
        position += velocity
        path.append([position, velocity])
    return [row for row in np.array(path).T]


def swing(step):
    """A swing whose `step` gets x_t, p, v, k, c."""
    x, k, c = T.vector(), T.scalar(), T.scalar()
    return function([x, k, c], scan(step, x, [floatX(0), floatX(0)], [k, c]))


def right_step(x_t, p, v, k, c):
    v = c * v - k * p + x_t
    return p + v, v


def old_velocity(x_t, p, v, k, c):
    return p + v, c * v - k * p + x_t


def velocity_first(x_t, p, v, k, c):
    return right_step(x_t, v, p, k, c)


def results_swapped(pushes, k, c):
    return swing_by_loop(pushes, k, c)[::-1]


def last_only(pushes, k, c):
    return [states[-1] for states in swing_by_loop(pushes, k, c)]


# --- 00.6 ------------------------------------------------------------------------------------


def logistic(r):
    h = 0.3
    for _ in range(20):
        h = r * h * (1 - h)
    return h


SETTINGS = [0.5, 1.5, 2.0, 2.5]
REPORT = {
    "prediction": "it always comes to rest somewhere",
    "settings": SETTINGS,
    "results": [logistic(r) for r in SETTINGS],
    "conclusion": "for all four settings the state came to rest, at zero for the first one",
}


RIGHT = {
    "00.1": [
        lambda X, p: np.linalg.norm(X - p, axis=1),
        lambda X, p: T.sqrt(((T.as_tensor_variable(X) - p) ** 2).sum(1)),
        lambda X, p: [sum((x - q) ** 2 for x, q in zip(row, p)) ** 0.5 for row in X],
    ],
    "00.2": [by_hand, function([w, X, y], [loss, T.grad(loss, wrt=w)])],
    "00.3": [meter_in_numpy, meter_by_one_state],
    "00.4": [
        maximum_by_loop,
        maximum_from_minus_infinity,
        lambda X: np.maximum.accumulate(X.astype("float64")),
    ],
    "00.5": [swing_by_loop, swing(right_step)],
    "00.6": [
        (logistic, REPORT),
        (lambda h: np.float32(logistic(h)), {**REPORT, "settings": np.array(SETTINGS)}),
        (lambda n: 2**n, {**REPORT, "settings": (1, 2, 3, 4), "results": [2, 4, 8, 16]}),
    ],
}

MISTAKES = {
    "00.1": [
        (function([X, p], T.sum(T.sqr(X - p), axis=1)), "the root is missing"),
        (function([X, p], T.sqrt(T.sum(T.sqr(X - p), axis=0))), "runs over the rows"),
        (function([X, p], T.sqrt(T.sum(T.sqr(X - p)))), "one distance for the whole matrix"),
        (lambda X, p: T.sum(T.sqrt(T.sqr(X - p)), axis=1), "sums of absolute differences"),
        (lambda X, p: np.sqrt((X - p) ** 2), "nothing is summed"),
        (lambda X, p: np.sqrt(((X - p) ** 2).mean(axis=1)), "root of the mean"),
        (lambda X, p: np.sqrt((X**2).sum(axis=1)), "the distances to zero"),
        (lambda X, p: np.linalg.norm(X + p, axis=1), "added instead"),
        (lambda X, p: np.linalg.norm(X - p, axis=1)[:, None], "must have shape"),
        (T.sqrt(T.sum(T.sqr(X - p), axis=1)), "a function is asked for"),
    ],
    "00.2": [
        (function([w, X, y], [gradient, loss]), "the other way round"),
        (function([w, X, y], loss), "2 results are asked for"),
        (
            function([w, X, y], [n := T.sum(T.sqr(T.tanh(T.dot(X, w)) - y)), theano.grad(n, w)]),
            "the sum of the squared errors",
        ),
        (
            function([w, X, y], [n := T.mean(T.sqr(T.dot(X, w) - y)), theano.grad(n, w)]),
            "the tanh is missing",
        ),
        (function([w, X, y], [loss, -gradient]), "wrong sign"),
        (function([w, X, y], [loss, theano.grad(loss, X)]), "with respect to X"),
        (function([w, X, y], [loss, theano.grad(loss, y)]), "with respect to y"),
        (no_inner_derivative, "leaves out the derivative of tanh"),
        (lambda *a: (by_hand(*a)[0], by_hand(*a)[1] / 2), "a factor of 2"),
        (lambda *a: (by_hand(*a)[0], by_hand(*a)[1] * len(a[2])), "of the sum, not of the mean"),
        (
            function([w, X, y], [n := T.sqrt(loss), theano.grad(n, w)]),
            "the root of the loss",
        ),
    ],
    "00.3": [
        (meter(lambda s, n, x: s / n), "is a 0 divided by a 0"),
        (meter(lambda s, n, x: s / T.maximum(n, 1)), "one call late"),
        (meter(lambda s, n, x: s + x), "this is the sum"),
        (meter(lambda s, n, x: x), "remembers nothing"),
        (meter(lambda s, n, x: (s + x) / (n + 2)), "one too large"),
        (meter(lambda s, n, x: (s + x) / (n + 1), count_from=1), "one too large"),
        (meter(lambda s, n, x: x / (n + 1)), "where is the sum"),
        (meter(lambda s, n, x: (s + x) / 5), "does not grow"),
        (meter(lambda s, n, x: (s + 2 * x) / (n + 1)), "counts the last number twice"),
        (meter(lambda s, n, x: (s + x) / (n + 1), add=2), "but should be"),
        (meter(lambda s, n, x: T.stack([s, x])), "must be one number"),
        (shared_memory(), "begin with an empty memory"),
        (lambda: 3.0, "must return a function"),
    ],
    "00.4": [
        (function([X], scan(T.maximum, X, T.zeros_like(X[0]))), "starts at zero"),
        (function([X], scan(T.maximum, X[1:], X[0])), "the first time step is missing"),
        (lambda X: np.maximum.accumulate(np.vstack([X[:1], X])), "the start value comes out"),
        (lambda X: X.max(axis=1), "maxima of single rows"),
        (lambda X: np.maximum.accumulate(X, axis=1), "runs along the features"),
        (lambda X: T.max(X, axis=0), "only the last time step"),
        (lambda X: np.ones_like(X) * X.max(axis=0), "the future is not known"),
        (function([X], scan(T.minimum, X, X[0])), "the smallest value"),
        (lambda X: np.maximum(X, np.vstack([X[:1], X[:-1]])), "feed the result back"),
        (function([X], scan(lambda x_t, m: x_t, X, X[0])), "X itself"),
    ],
    "00.5": [
        (results_swapped, "yours are swapped"),
        (swing(old_velocity), "moves by the old velocity"),
        (swing(lambda x, p, v, k, c: right_step(x, p, v, k, 1)), "the friction c is missing"),
        (swing(lambda x, p, v, k, c: right_step(x, p, v, -k, c)), "wrong direction"),
        (swing(lambda x, p, v, k, c: right_step(x, p, v, floatX(0), c)), "spring k is missing"),
        (swing(lambda x, p, v, k, c: right_step(0 * x, p, v, k, c)), "the pushes are missing"),
        (swing(lambda x, p, v, c, k: right_step(x, p, v, k, c)), "k and c are swapped"),
        (swing(velocity_first), "the states arrive in the order"),
        (last_only, "only the last position"),
        (lambda *a: swing_by_loop(*a)[0], "2 results are asked for"),
    ],
    "00.6": [
        ((logistic, "my report"), "must be a dict"),
        ((logistic, {"settings": SETTINGS}), "says nothing under 'prediction'"),
        ((logistic, {**REPORT, "prediction": "no idea"}), "prediction is too short"),
        ((logistic, {**REPORT, "conclusion": "well " * 20}), "conclusion is too short"),
        ((logistic, {**REPORT, "conclusion": 12}), "conclusion must be a text"),
        ((logistic, {**REPORT, "settings": SETTINGS[:3]}), "at least 4 numbers"),
        ((logistic, {**REPORT, "settings": [1, 1, 2, 3]}), "settings are equal"),
        ((logistic, {**REPORT, "settings": [1, 2, 3, 4, 5]}), "but 4 results"),
        ((logistic, {**REPORT, "results": [0.5] * 4}), "all results are equal"),
        ((logistic, {**REPORT, "results": [1, 2, 3, 4]}), "but your report says"),
        ((lambda r: np.ones(2), REPORT), "must return one number"),
        ((lambda r: np.random.random(), REPORT), "but your report says"),
    ],
}
