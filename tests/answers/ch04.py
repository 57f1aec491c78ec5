"""Answers to the exercises of chapter 04: right ones, and typical mistakes with their names."""

import math

import numpy as np

from course_lib.backend import T


def by_power_iteration(W, radius):
    """The growth of the norm of W^k, k a power of two, is rho^k in the long run."""
    P, log_norm = W.astype("longdouble"), 0.0
    for _ in range(40):
        norm = np.abs(P).max()
        P, log_norm = P / norm, log_norm + np.log(norm)
        P, log_norm = P @ P, 2 * log_norm
    return radius * W / float(np.exp((log_norm + np.log(np.abs(P).max())) / 2.0**40))


def gram_schmidt(units, radius, rng):
    rows = []
    for v in rng.uniform(-1, 1, (units, units)):
        for row in rows:
            v = v - (v @ row) * row
        rows.append(v / np.linalg.norm(v))
    return [list(radius * row) for row in rows]


def by_qr(change):
    """What change(Q, R, radius) makes of a QR decomposition, with the right function beside it."""
    return by_power_iteration, lambda units, radius, rng: change(
        *np.linalg.qr(rng.normal(size=(units, units))), radius
    )


def without_seed(units, radius, rng):
    return gram_schmidt(units, radius, np.random.default_rng())


def by_theano(arrays, limit):
    norm = T.sqrt(sum(T.sum(T.sqr(g)) for g in arrays))
    return [T.switch(T.gt(norm, limit), g * limit / T.maximum(norm, 1e-9), g) for g in arrays]


def in_place(arrays, limit, low=1e-9):
    norm = math.sqrt(sum(float(x) ** 2 for g in arrays for x in g.flat))
    for g in arrays:
        g *= np.divide(min(norm, limit), max(norm, low))
    return arrays


def by_jacobians(states, W_hh, g):
    """The product of all Jacobians so far, times g."""
    product, norms = np.eye(len(g)), [1.0]
    for h in states[::-1]:
        product = W_hh @ np.diag(1 - h**2) @ product
        norms.append(np.linalg.norm(product @ g) / np.linalg.norm(g))
    return norms


def rho(W):
    return max(abs(np.linalg.eigvals(W)))


def by_logarithm_and_svd(W, fraction):
    guess = math.floor(math.log(fraction, rho(W))) + 1
    k, P = 1, W
    while max(np.linalg.eigvalsh(P.T @ P)) >= fraction**2:
        k, P = k + 1, W @ P
    return [np.float32(guess), k]


def by_bisection(level, k):
    low, high = 1.0, 50.0
    for _ in range(80):
        w = (low + high) / 2
        low, high = (w, high) if math.tanh(w * abs(level)) < abs(level) else (low, w)
    derivative = 1.0
    for _ in range(k):
        derivative *= w * (1 - math.tanh(w * level) ** 2)
    return w, derivative


REPORT = {
    "flow": {"identity": [0.5, 0.4, 0.6], "random": [0.01, 0.02, 0.03]},
    "bet": "identity",
    "success": {"identity": [0.99, 1.0, 0.6], "random": [0.25, 0.3, 0.9]},
    "winner": "identity",
    "conclusion": "the identity let half of the gradient through and two of three seeds learned",
}
SAME = {"identity": [1, 1, 1], "random": [1, 1, 0.9, 1]}

RIGHT = {
    "04.1": [(by_power_iteration, gram_schmidt)],
    "04.2": [by_theano, in_place],
    "04.3": [by_jacobians],
    "04.4": [by_logarithm_and_svd],
    "04.5": [by_bisection],
    "04.6": [REPORT, {**REPORT, "success": SAME, "winner": "random"}],
}

MISTAKES = {
    "04.1": [
        ((lambda W, radius: by_power_iteration(W, radius) / 2, gram_schmidt), "but should be"),
        (by_qr(lambda Q, R, radius: radius * R), "the triangular matrix"),
        (by_qr(lambda Q, R, radius: Q), "where is the radius"),
        (by_qr(lambda Q, R, radius: 3 * Q), "Q.T @ Q of your orthogonal_start is 9"),
        (by_qr(lambda Q, R, radius: by_power_iteration(Q @ R, radius)), "right angles"),
        (by_qr(lambda Q, R, radius: Q @ R), "is not orthogonal"),
        (by_qr(lambda Q, R, radius: radius * np.eye(len(Q))), "always returns the same matrix"),
        (by_qr(lambda Q, R, radius: (Q, R)), "must have shape"),
        ((by_power_iteration, without_seed), "and nowhere else"),
    ],
    "04.2": [
        (lambda arrays, c: [by_theano([g], c)[0] for g in arrays], "is clipped by its own norm"),
        (lambda arrays, limit: in_place(arrays, limit, low=0), "there is NaN"),
        (lambda arrays, limit: arrays, "must be scaled down to it"),
        (lambda arrays, limit: in_place(arrays, limit)[0], "return 3 results"),
    ],
    "04.3": [
        (lambda h, W, g: by_jacobians(h, W, g)[1:], "the first norm is missing"),
        (lambda h, W, g: np.multiply(by_jacobians(h, W, g), 2), "but should be"),
        (lambda h, W, g: by_jacobians(h, W.T, g), "W_hh is not transposed"),
    ],
    "04.4": [
        (lambda *a: by_logarithm_and_svd(*a)[:1] * 2, "is the lag by the radius again"),
        (lambda *a: by_logarithm_and_svd(*a)[1], "return 2 results"),
        (lambda *a: np.add(by_logarithm_and_svd(*a), 1).tolist(), "both are one too large"),
    ],
    "04.5": [
        (lambda level, k: by_bisection(level, 1), "of one step, not of k"),
        (lambda level, k: by_bisection(abs(level), k + 1), "but should be"),
        (lambda level, k: by_bisection(level, k)[0], "return 2 results"),
    ],
    "04.6": [
        ({**REPORT, "flow": [0.1, 0.2, 0.3]}, "'flow' must be a dict of at least 2 lists"),
        ({**REPORT, "flow": {"identity": [0.5] * 3, "other": [0.1] * 3}}, "the same starts"),
        ({**REPORT, "flow": dict.fromkeys(REPORT["flow"], [0.5, 0.4, 0.6])}, "the same flow"),
        ({**REPORT, "bet": "something else"}, "the bet must be one of identity, random"),
        ({**REPORT, "winner": "random"}, "identity has a larger median than random"),
        ({**REPORT, "conclusion": "I won"}, "the conclusion is too short"),
    ],
}
