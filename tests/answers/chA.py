"""Answers to the exercises of the toolbox: right ones, and typical mistakes with their names."""

import math

import numpy as np
from scipy.special import logsumexp, softmax


def by_scipy(logits, y):
    return np.mean([logsumexp(row) - row[k] for row, k in zip(logits, y)])


def naive(logits, y):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(p[range(len(y)), y]).mean()


def by_one_maximum(logits, y):
    return naive(logits - logits.max(), y)


def gradient_by_copy(logits, y):
    p = softmax(logits, axis=1)
    for row, k in zip(p, y):
        row[k] -= 1
    return p / len(y)


def by_loops(w, g, m, v, t, rate, beta_1, beta_2, epsilon):
    w, m, v = w.copy(), m.copy(), v.copy()
    for i in np.ndindex(w.shape):
        m[i] += (1 - beta_1) * (g[i] - m[i])
        v[i] += (1 - beta_2) * (g[i] ** 2 - v[i])
        root = math.sqrt(v[i] / (1 - beta_2**t))
        w[i] -= rate * (m[i] / (1 - beta_1**t)) / (root + epsilon)
    return [w, m, v]


def by_last_step(gradient, w, rate, momentum, steps):
    """The velocity is the difference of the last two points."""
    path = [w, w]
    for _ in range(steps):
        path.append(path[-1] + momentum * (path[-1] - path[-2]) - rate * gradient(path[-1]))
    return path[1:]


def in_place(gradient, w, rate, momentum, steps):
    w, velocity = w.copy(), np.zeros_like(w)
    path = [w]
    for _ in range(steps):
        velocity = momentum * velocity - rate * gradient(w)
        w += velocity
        path.append(w)
    return path


def by_rows(h, gain, bias, epsilon):
    rows = h.reshape(-1, h.shape[-1])
    done = [(r - r.mean()) / math.sqrt(r.var() + epsilon) * gain + bias for r in rows]
    return np.reshape(done, h.shape)


def chain(units, keep=0.9, pass_on=1.0):
    return keep * np.eye(units) + pass_on * np.eye(units, k=-1)


RIGHT = {
    "A.1": [by_scipy],
    "A.2": [gradient_by_copy],
    "A.3": [by_loops],
    "A.4": [by_last_step],
    "A.5": [by_rows],
    "A.6": [lambda peak: chain(2 if peak < 10 else 9), lambda peak: 1.9 * np.eye(30, k=1)],
}

MISTAKES = {
    "A.1": [
        (naive, "there is NaN or infinity"),
        (by_one_maximum, "there is NaN or infinity"),
        (lambda logits, y: by_scipy(logits, y) / 2, "but should be"),
        (lambda logits, y: by_scipy(logits, y) * len(y), "take their mean"),
    ],
    "A.2": [
        (lambda logits, y: gradient_by_copy(logits, y) * len(y), "divide by their number"),
        (lambda logits, y: -gradient_by_copy(logits, y), "the sign is wrong"),
        (lambda logits, y: 3 * gradient_by_copy(logits, y), "but should be"),
        (lambda logits, y: gradient_by_copy(logits, y).T, "must have shape"),
    ],
    "A.3": [
        (lambda w, g, m, v, t, *o: by_loops(w, g, m, v, t + 1, *o), "no t + 1"),
        (lambda w, g, m, v, t, *o: by_loops(w, g, m, v, 10**6, *o), "correction"),
        (lambda *given: by_loops(*given)[0], "return 3 results"),
        (lambda w, g, m, v, *o: by_loops(w, g, 0 * m, v, *o), "but should be"),
    ],
    "A.4": [
        (in_place, "w += changes"),
        (lambda *given: by_last_step(*given)[1:], "the start is missing"),
        (lambda f, w, rate, momentum, n: by_last_step(f, w, rate, 0, n), "plain gradient descent"),
        (lambda f, w, rate, momentum, n: by_last_step(f, w, 2 * rate, momentum, n), "should be"),
    ],
    "A.5": [
        (lambda h, gain, bias, e: by_rows(h, gain, bias, 0.0), "epsilon"),
        (lambda h, gain, bias, e: by_rows(h, 1, bias, e), "the gain is missing"),
        (lambda h, gain, bias, e: by_rows(h.T, 1, 0, e).T * gain + bias, "batch normalization"),
        (lambda h, gain, bias, e: by_rows(h, gain, bias, e).ravel(), "must have shape"),
    ],
    "A.6": [
        (lambda peak: 1.2 * np.eye(3), "the spectral radius must be 0.9 at most"),
        (lambda peak: [[0.9, 5 * peak], [0.0, 0.9]], "must not do more than double"),
        (lambda peak: chain(2), "stretch a vector"),
        (lambda peak: np.ones((2, 3)), "must be square"),
    ],
}
