"""Answers to the exercises of chapter 00: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, floatX, function, scan, shared, theano

X, p, w, y = T.matrix("X"), T.vector("p"), T.vector("w"), T.vector("y")
loss = T.mean(T.sqr(T.tanh(T.dot(X, w)) - y))
gradient = theano.grad(loss, w)


def mean_of_a_list():
    seen = []
    return lambda x: seen.append(float(x)) or np.mean(seen)


def meter(output=lambda total, n, x: (total + x) / (n + 1), add=1):
    """A maker of functions with a `total` and a count `n`; `output` gets both and x."""

    def make():
        x, total, n = T.scalar(), shared(floatX(0)), shared(floatX(0))
        return function([x], output(total, n, x), updates=[(total, total + x), (n, n + add)])

    return make


def maximum_from_minus_infinity(rows):
    start = T.alloc(floatX(-np.inf), rows.shape[1])
    return scan(lambda x_t, m: T.switch(T.gt(x_t, m), x_t, m), rows, start)


def swing(step):
    """A swing whose `step` gets x_t, p, v, k, c."""
    x, k, c = T.vector(), T.scalar(), T.scalar()
    return function([x, k, c], scan(step, x, [floatX(0), floatX(0)], [k, c]))


def right_step(x_t, p, v, k, c):
    v = c * v - k * p + x_t
    return p + v, v


def logistic(r):
    h = 0.3
    for _ in range(20):
        h = r * h * (1 - h)
    return h


def ported(softmax="special.softmax(states, axis=-1)", loss="shares[-1, 0]", **changes):
    """A program for PyTensor, some of its lines changed."""
    lines = {
        "imports": "import numpy as np\n    import pytensor\n    import pytensor.tensor as T",
        "sigmoid": "T.sigmoid(w * h + x_t)",
        "scan": "pytensor.scan(step, x, T.zeros_like(x[0]), w, return_updates=False)",
        "made": "pytensor.function([x, w], [shares, pytensor.grad(loss, w)])",
        **changes,
    }
    text = f"""
def program():
    {lines["imports"]}
    from pytensor.tensor import special

    x, w = T.fmatrix(), T.fscalar()

    def step(x_t, h, w):
        return {lines["sigmoid"]}

    states = {lines["scan"]}
    shares = {softmax}
    loss = {loss}
    return {lines["made"]}
"""
    names = {"T": T, "scan": scan, "function": function}  # what a notebook has
    exec(text, names)
    return names["program"]


one_for_all = mean_of_a_list()
SETTINGS = [0.5, 1.5, 2.0, 2.5]
REPORT = {
    "prediction": "it always comes to rest somewhere",
    "settings": SETTINGS,
    "results": [logistic(r) for r in SETTINGS],
    "conclusion": "for all four settings the state came to rest, at zero for the first one",
}

RIGHT = {
    "00.1": [lambda X, p: [sum((x - q) ** 2 for x, q in zip(row, p)) ** 0.5 for row in X]],
    "00.2": [function([w, X, y], [loss, gradient])],
    "00.3": [mean_of_a_list, meter()],
    "00.4": [maximum_from_minus_infinity],
    "00.5": [swing(right_step)],
    "00.6": [
        (logistic, REPORT),
        (lambda n: 2**n, {**REPORT, "settings": (1, 2, 3, 4), "results": [2, 4, 8, 16]}),
    ],
    "00.7": [ported(), ported(softmax="T.exp(states) / T.exp(states).sum(1, keepdims=True)")],
}

MISTAKES = {
    "00.1": [
        (function([X, p], T.sum(T.sqr(X - p), axis=1)), "the root is missing"),
        (lambda X, p: np.linalg.norm(X - p, axis=1)[:, None], "must have shape"),
        (T.sqrt(T.sum(T.sqr(X - p), axis=1)), "hand in a function"),
    ],
    "00.2": [
        (function([w, X, y], [gradient, loss]), "yours are swapped"),
        (function([w, X, y], loss), "return 2 results"),
        (function([w, X, y], [T.sqrt(loss), theano.grad(T.sqrt(loss), w)]), "root of the loss"),
    ],
    "00.3": [
        (meter(lambda total, n, x: total / n), "is a 0 divided by a 0"),
        (meter(lambda total, n, x: total / T.maximum(n, 1)), "one call late"),
        (meter(add=2), "but should be"),
        (meter(lambda total, n, x: T.stack([total, x])), "must be one number"),
        (lambda: one_for_all, "begin with an empty memory"),
        (lambda: 3.0, "must return a function"),
    ],
    "00.4": [
        (function([X], scan(T.maximum, X, T.zeros_like(X[0]))), "starts at zero"),
        (function([X], scan(T.maximum, X[1:], X[0])), "the first time step is missing"),
        (lambda X: X.max(axis=0, keepdims=True), "must have shape"),
    ],
    "00.5": [
        (swing(lambda x, p, v, k, c: right_step(x, v, p, k, c)), "the states arrive in the order"),
        (swing(lambda x, p, v, k, c: (p + v, right_step(x, p, v, k, c)[1])), "the old velocity"),
        (lambda *a: swing(right_step)(*a)[0], "return 2 results"),
    ],
    "00.6": [
        ((logistic, {**REPORT, "settings": [1, 1, 2, 3]}), "settings are equal"),
        ((logistic, {**REPORT, "settings": [1, 2, 3, 4, 5]}), "but 4 results"),
        ((logistic, {**REPORT, "results": [0.5] * 4}), "all results are equal"),
        ((lambda r: np.ones(2), REPORT), "must return one number"),
        ((lambda r: np.random.random(), REPORT), "but your report says"),
    ],
    "00.7": [
        (ported(imports="import theano\n    import theano.tensor as T"), "still uses theano"),
        (ported(imports="import pytensor"), "the notebook's T"),
        (ported(made="function([x, w], shares)"), "the notebook's function"),
        (ported(sigmoid="T.nnet.sigmoid(w * h + x_t)"), "has no attribute 'nnet'"),
        (ported(scan="pytensor.scan(step, x, T.zeros_like(x[0]), w)[0]"), "return_updates=False"),
        (ported(softmax="special.softmax(states)"), "the whole matrix for one distribution"),
        (ported(softmax="special.softmax(states, axis=0)"), "runs along time"),
        (ported(loss="shares.mean()"), "the slope of their mean"),
        (ported(made="shares"), "must return a compiled function"),
        (ported(made="pytensor.function([x, w], shares)"), "return 2 results"),
    ],
}
