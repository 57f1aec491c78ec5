"""Answers to the exercises of chapter 04: right ones, and typical mistakes with their names."""

import math

import numpy as np

from course_lib import gradients, initializers
from course_lib.backend import T

# --- 04.1 ------------------------------------------------------------------------------------


def scaled(size, inverse=False):
    """W times the radius over `size(W)`."""
    return lambda W, radius: W * size(W) * radius if inverse else W / size(W) * radius


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


def by_svd(units, radius, rng):
    U, _, V = np.linalg.svd(rng.normal(size=(units, units)))
    return (radius * U @ V).astype("float32")


def start(change=lambda Q, R, radius: radius * Q):
    def make(units, radius, rng):
        return change(*np.linalg.qr(rng.normal(size=(units, units))), radius)

    return make


def without_seed(units, radius, rng):
    return start()(units, radius, np.random.default_rng())


rho = gradients.spectral_radius
right_start = start()

# --- 04.2 ------------------------------------------------------------------------------------


def by_long_vector(arrays, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in arrays]))
    return tuple(g if norm <= limit else g * (limit / norm) for g in arrays)


def by_theano(arrays, limit):
    norm = T.sqrt(sum(T.sum(T.sqr(g)) for g in arrays))
    return [T.switch(T.gt(norm, limit), g * limit / T.maximum(norm, 1e-9), g) for g in arrays]


def in_place(arrays, limit):
    arrays = [g.astype("float64") for g in arrays]
    total = math.sqrt(sum(float(x) ** 2 for g in arrays for x in g.flat))
    if total > limit:
        for g in arrays:
            g *= limit / total
    return arrays


def clip(factor, size=lambda g: np.sqrt(sum(np.sum(a**2) for a in g))):
    """All arrays times factor(norm, limit)."""
    return lambda arrays, limit: [factor(size(arrays), limit) * g for g in arrays]


def shorter(norm, limit):
    return limit / norm if norm > limit else 1


def add_norms(arrays):
    return sum(np.linalg.norm(g) for g in arrays)


# --- 04.3 ------------------------------------------------------------------------------------


def by_jacobians(states, W_hh, g):
    """The product of all Jacobians so far, times g."""
    product, norms = np.eye(len(g)), [1.0]
    for h in states[::-1]:
        product = W_hh @ np.diag(1 - h**2) @ product
        norms.append(np.linalg.norm(product @ g) / np.linalg.norm(g))
    return norms


def follow(
    step=lambda g, h, W: g * (1 - h**2) @ W.T,
    order=slice(None, None, -1),
    result=lambda norms: norms / norms[0],
):
    """The loop with one thing changed."""

    def norms_of(states, W, g):
        norms = [np.linalg.norm(g)]
        for h in states[order]:
            g = step(g, h, W)
            norms.append(np.linalg.norm(g))
        return result(np.array(norms))

    return norms_of


def norms_by_theano(states, W_hh, g):
    norms = [T.sqrt(T.sum(T.sqr(g)))]
    for h in states[::-1]:
        g = T.dot(g * (1 - h**2), W_hh.T)
        norms.append(T.sqrt(T.sum(T.sqr(g))))
    return T.stack(norms) / norms[0]


def last_left_out(states, W, g):
    return follow()(np.concatenate([states[1:], 0 * states[:1]]), W, g)


# --- 04.4 ------------------------------------------------------------------------------------


def power(k, W):
    return np.linalg.matrix_power(W, k)


def smallest(left, fraction):
    return next((k for k in range(1, 2000) if left(k) < fraction), 2000)


def lags(guess=lambda k, W: rho(W) ** k, exact=lambda k, W: np.linalg.norm(power(k, W), 2)):
    return lambda W, fraction: (
        smallest(lambda k: guess(k, W), fraction),
        smallest(lambda k: exact(k, W), fraction),
    )


def changed(change):
    """change(radius lag, exact lag, exact radius lag as a fraction)."""
    return lambda W, fraction: change(*lags()(W, fraction), np.log(fraction) / np.log(rho(W)))


def by_logarithm_and_svd(W, fraction):
    guess = math.floor(math.log(fraction, rho(W))) + 1
    k, P = 1, W
    while max(np.linalg.eigvalsh(P.T @ P)) >= fraction**2:
        k, P = k + 1, W @ P
    return [np.float32(guess), k]


def by_radius_of_power(k, W):
    return rho(power(k, W))


# --- 04.5 ------------------------------------------------------------------------------------


def by_bisection(level, k):
    low, high = 1.0, 50.0
    for _ in range(80):
        w = (low + high) / 2
        low, high = (w, high) if math.tanh(w * abs(level)) < abs(level) else (low, w)
    derivative = 1.0
    for _ in range(k):
        derivative *= w * (1 - math.tanh(w * level) ** 2)
    return w, derivative


def by_exponentials(level, k):
    w = np.log((1 + level) / (1 - level)) / (2 * level)
    return [w, w**k * (1 - level) ** k * (1 + level) ** k]


def unit(weight=lambda level: np.arctanh(level) / level, left=None):
    """A latch with another weight, or another left(w, level, k)."""

    def latch(level, k):
        w = weight(level)
        return w, left(w, level, k) if left else (w * (1 - level**2)) ** k

    return latch


# --- 04.6 ------------------------------------------------------------------------------------

REPORT = {
    "flow": {"identity": [0.5, 0.4, 0.6], "random": [0.01, 0.02, 0.03]},
    "bet": "identity",
    "success": {"identity": [0.99, 1.0, 0.6], "random": [0.25, 0.3, 0.9]},
    "winner": "identity",
    "conclusion": "the identity let half of the gradient through and two of three seeds learned",
}
SAME = {"identity": [1, 1, 1], "random": [1, 1, 0.9, 1]}
FLIPPED = {"identity": (0.3, 0.3, 0.2), "random": np.array([0.25, 0.3, 0.9, 0.8])}


RIGHT = {
    "04.1": [
        (by_power_iteration, gram_schmidt),
        (scaled(rho), by_svd),
        (scaled(rho), lambda n, radius, rng: radius * initializers.orthogonal((n, n), rng)),
    ],
    "04.2": [by_long_vector, by_theano, in_place, clip(lambda n, limit: limit / max(n, limit))],
    "04.3": [by_jacobians, norms_by_theano, follow()],
    "04.4": [by_logarithm_and_svd, lags(), lags(guess=by_radius_of_power)],
    "04.5": [by_bisection, by_exponentials],
    "04.6": [
        REPORT,
        {**REPORT, "success": SAME, "winner": "random"},
        {**REPORT, "success": FLIPPED, "winner": "random"},
    ],
}

MISTAKES = {
    "04.1": [
        ((scaled(gradients.largest_singular_value), right_start), "the largest singular value"),
        ((scaled(lambda W: np.linalg.eigvals(W).real.max()), right_start), "largest real part"),
        ((scaled(lambda W: 1), right_start), "what about the one that W has"),
        ((lambda W, radius: W / rho(W), right_start), "makes the radius 1"),
        ((lambda W, radius: W / rho(W) / radius, right_start), "radius asked for instead of mul"),
        ((scaled(rho, inverse=True), right_start), "multiplies by the old radius"),
        ((scaled(np.linalg.norm), right_start), "the length of the whole matrix"),
        ((scaled(np.linalg.det), right_start), "the determinant"),
        ((scaled(lambda W: 2 * rho(W)), right_start), "but should be"),
        ((scaled(lambda W: abs(W).max()), right_start), "the largest entry"),
        ((scaled(lambda W: abs(np.linalg.eigvals(W)).min()), right_start), "smallest eigenvalue"),
        ((scaled(np.linalg.eigvals), right_start), "must be an array of numbers"),
        ((scaled(rho), start(lambda Q, R, radius: radius * R)), "the triangular matrix"),
        ((scaled(rho), start(lambda Q, R, radius: Q)), "where is the radius"),
        ((scaled(rho), start(lambda Q, R, radius: radius**2 * Q)), "the radius squared"),
        ((scaled(rho), start(lambda Q, R, radius: radius**0.5 * Q)), "the root of the radius"),
        ((scaled(rho), start(lambda Q, R, radius: Q / radius)), "divides by the radius"),
        ((scaled(rho), start(lambda Q, R, radius: scaled(rho)(Q @ R, radius))), "right angles"),
        ((scaled(rho), lambda n, radius, rng: rng.normal(size=(n, n))), "is not orthogonal"),
        ((scaled(rho), lambda n, radius, rng: radius * np.eye(n)), "the same matrix always"),
        ((scaled(rho), without_seed), "and nowhere else"),
        ((scaled(rho), start(lambda Q, R, radius: (Q, R))), "must have shape"),
    ],
    "04.2": [
        (lambda arrays, c: [clip(shorter)([g], c)[0] for g in arrays], "is clipped by itself"),
        (
            lambda arrays, c: [g * c / max(1e-9, np.linalg.norm(g)) for g in arrays],
            "to the limit by itself",
        ),
        (lambda arrays, c: [np.clip(g, -c, c) for g in arrays], "to another direction"),
        (clip(lambda norm, c: c / max(norm, 1e-9)), "yours grow"),
        (clip(shorter, size=lambda g: sum(np.sum(a**2) for a in g)), "you divide by the squared"),
        (clip(lambda norm, c: c / norm**2 if norm > c else 1), "you divide by the squared norm"),
        (clip(lambda norm, c: c / norm if norm**2 > c else 1), "yours grow"),
        (clip(lambda norm, c: 1 / norm if norm > c else 1), "get the length 1"),
        (clip(lambda norm, c: c if norm > c else 1), "but do not divide by the norm"),
        (clip(lambda norm, c: 1 / c if norm > c else 1), "but not by the norm"),
        (clip(shorter, size=add_norms), "the norms of the arrays are added up"),
        (clip(shorter, size=lambda g: max(map(np.linalg.norm, g))), "of the longest array"),
        (clip(shorter, size=lambda g: sum(np.abs(a).sum() for a in g)), "absolute values are"),
        (clip(shorter, size=lambda g: max(np.abs(a).max() for a in g)), "the largest entry"),
        (lambda arrays, limit: arrays, "must become as long as the limit"),
        (clip(lambda norm, c: np.minimum(1, c / norm * norm / norm)), "there is NaN"),
        (lambda arrays, limit: clip(shorter)(arrays, limit)[0], "3 results are asked for"),
    ],
    "04.3": [
        (follow(result=lambda norms: norms), "are not relative"),
        (follow(result=lambda norms: norms[1:] / norms[0]), "the first norm is missing"),
        (follow(result=lambda norms: norms[::-1] / norms[0]), "in the order of time"),
        (follow(step=lambda g, h, W: g * (1 - h**2) @ W), "W_hh is not transposed"),
        (follow(order=slice(None)), "begins at the first state"),
        (follow(step=lambda g, h, W: g @ W.T), "the derivative of tanh is missing"),
        (follow(step=lambda g, h, W: g * (1 - h**2)), "W_hh is missing"),
        (follow(step=lambda g, h, W: g @ W.T * (1 - h**2)), "yours come the other way round"),
        (follow(step=lambda g, h, W: g * (1 - np.tanh(h) ** 2) @ W.T), "with no tanh"),
        (follow(step=lambda g, h, W: g * (1 - h) @ W.T), "not 1 - h"),
        (follow(step=lambda g, h, W: g * h * (1 - h) @ W.T), "the derivative of a sigmoid"),
        (last_left_out, "the last state is left out"),
        (follow(result=lambda norms: (norms / norms[0]) ** 2), "take the root"),
        (
            follow(result=lambda norms: np.append(1, norms[1:] / norms[:-1])),
            "ratios from step to step",
        ),
        (follow(result=lambda norms: norms[-1] / norms[0]), "not the last one only"),
    ],
    "04.4": [
        (changed(lambda guess, exact, raw: (guess, guess)), "is again that of the radius"),
        (lags(exact=by_radius_of_power), "is again that of the radius"),
        (changed(lambda guess, exact, raw: (exact, exact)), "is to be that of the radius"),
        (changed(lambda guess, exact, raw: (exact, guess)), "yours are swapped"),
        (changed(lambda guess, exact, raw: (guess - 1, exact - 1)), "both are one too small"),
        (changed(lambda guess, exact, raw: (guess + 1, exact + 1)), "both are one too large"),
        (changed(lambda guess, exact, raw: (raw, exact)), "round up"),
        (changed(lambda guess, exact, raw: (int(raw), exact)), "rounded down"),
        (lags(exact=lambda k, W: np.linalg.norm(W, 2) ** k), "is only a bound"),
        (lags(exact=lambda k, W: np.linalg.norm(power(k, W))), "the length of the matrix"),
        (lags(exact=lambda k, W: np.linalg.norm(W**k, 2)), "the power of each entry"),
        (changed(lambda guess, exact, raw: exact), "2 results are asked for"),
    ],
    "04.5": [
        (unit(np.arctanh), "goes into tanh as well"),
        (unit(lambda level: level / np.arctanh(level)), "upside down"),
        (unit(lambda level: np.tanh(level) / level), "np.tanh is not the way back"),
        (unit(lambda level: np.arctan(level) / level), "np.arctan is the way back from tan"),
        (unit(left=lambda w, h, k: w**k), "leaves out the derivative of tanh"),
        (unit(left=lambda w, h, k: (1 - h**2) ** k), "leaves out the weight"),
        (unit(left=lambda w, h, k: w * (1 - h**2)), "of one step, not of k"),
        (unit(left=lambda w, h, k: k * w * (1 - h**2)), "they do not add up"),
        (unit(left=lambda w, h, k: w**k * (1 - h**2)), "has a factor 1 - h^2"),
        (unit(left=lambda w, h, k: w * (1 - h**2) ** k), "has a factor w"),
        (unit(left=lambda w, h, k: (w * (1 - np.tanh(h) ** 2)) ** k), "of tanh already"),
        (unit(left=lambda w, h, k: (w * (1 - w**2)) ** k), "not 1 - w^2"),
        (unit(left=lambda w, h, k: (w * (1 - h)) ** k), "not 1 - h"),
        (lambda level, k: unit()(level, k)[::-1], "the other way round"),
        (lambda level, k: unit()(level, k)[0], "2 results are asked for"),
    ],
    "04.6": [
        ("my report", "must be a dict"),
        ({**REPORT, "flow": [0.1, 0.2, 0.3]}, "'flow' must be a dict of at least 2 lists"),
        ({**REPORT, "success": {"identity": [1] * 3}}, "'success' must be a dict of at least 2"),
        (
            {**REPORT, "flow": {"identity": [0.5, 0.4, 0.6], "other": [0.1] * 3}},
            "must have the same starts",
        ),
        (
            {**REPORT, "flow": {**REPORT["flow"], "random": [0.1, 0.2]}},
            "'flow' of 'random' must be a list of at least 3",
        ),
        ({**REPORT, "flow": {**REPORT["flow"], "random": [-0.1, 0.2, 0.1]}}, "must be 0 or more"),
        ({**REPORT, "flow": dict.fromkeys(REPORT["flow"], [0.5, 0.4, 0.6])}, "the same flow"),
        (
            {**REPORT, "success": {**REPORT["success"], "random": [25, 30, 90]}},
            "must be from 0 to 1",
        ),
        ({**REPORT, "bet": "something else"}, "the bet must be one of identity, random"),
        ({**REPORT, "winner": "relu"}, "the winner must be one of identity, random"),
        ({**REPORT, "winner": "random"}, "identity has a larger median than random"),
        ({**REPORT, "conclusion": "I won"}, "the conclusion is too short"),
    ],
}
