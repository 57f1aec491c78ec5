"""The exercises of chapter 04: starts, clipping, the flow of gradients, lags and a latch."""

from functools import partial

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_array, equal, has_nan
from course_lib.exercises.question import Question, normal, then, with_each
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists
from course_lib.gradients import spectral_radius
from course_lib.initializers import orthogonal


def of_radius(W, radius, size=spectral_radius):
    """W scaled to a spectral radius; another `size` in its place is a mistake."""
    return radius * W / size(W)


def matrices(rng):
    """W (units, units) and the radius that it is to get."""
    for units in (5, 4, 3):
        W, radius = rng.normal(size=(units, units)), rng.uniform(0.7, 0.8)
        # A rotation in the first two units, so that the largest eigenvalues are complex.
        W[:2, :2], W[2:, :2] = [[2, 4], [-4, 2]], 0
        W[2:, 2:] *= rng.uniform(1, 2) / spectral_radius(W[2:, 2:])
        yield W, radius


sizes = {
    "of_radius divides by the largest singular value, which is a different number": (
        lambda W: np.linalg.norm(W, 2)
    ),
    "of_radius takes the largest real part: eigenvalues may be complex, so take their "
    "absolute values": lambda W: np.linalg.eigvals(W).real.max(),
    "of_radius multiplies by the radius: what about the radius that W already has?": lambda W: 1,
    "of_radius multiplies by the old radius instead of dividing by it": (
        lambda W: 1 / spectral_radius(W)
    ),
    "of_radius divides by the norm of the whole matrix, the root of the sum of all squares": (
        np.linalg.norm
    ),
    "of_radius divides by the determinant": np.linalg.det,
    "of_radius divides by the largest entry": lambda W: np.abs(W).max(),
    "of_radius divides by the smallest eigenvalue": lambda W: np.abs(np.linalg.eigvals(W)).min(),
}
mistakes = {
    "of_radius makes the radius 1: use the one that is given": lambda W, radius: of_radius(W, 1),
    "of_radius divides by the given radius instead of multiplying by it": (
        lambda W, radius: of_radius(W, 1 / radius)
    ),
    **with_each(of_radius, "size", sizes),
}


def orthogonal_start(units, radius, rng, power=1):
    """A random orthogonal matrix times the radius; another `power` of it is a mistake."""
    return radius**power * orthogonal((units, units), rng)


def seeds(rng):
    """How many units, a radius, and a seeded generator."""
    for units in (5, 4, 3):
        yield units, rng.uniform(0.7, 0.8), np.random.default_rng(units)


def squares(Q, units, radius, rng):
    """Q.T @ Q, if it is a multiple of the identity."""
    Q = as_array(Q, "orthogonal_start(...)")
    if Q.shape != (units, units):
        raise NotYet(f"orthogonal_start(...) must have shape {(units, units)}, got {Q.shape}")
    result = Q.T @ Q
    if equal(result, result[0, 0] * np.eye(units)):
        return result
    if equal(np.tril(Q, -1), 0 * Q):
        raise NotYet("orthogonal_start returns the triangular matrix of QR: take the other one")
    if equal(spectral_radius(Q), radius):
        raise NotYet(
            "the matrix of orthogonal_start has the right radius, but its columns are not "
            "at right angles"
        )
    raise NotYet(
        "the matrix of orthogonal_start is not orthogonal: Q.T @ Q must be the radius squared "
        "times the identity"
    )


powers = {
    "orthogonal_start returns an orthogonal matrix, but where is the radius?": 0,
    "orthogonal_start multiplies by the radius squared": 2,
    "orthogonal_start multiplies by the root of the radius": 0.5,
    "orthogonal_start divides by the radius": -1,
}
starts = with_each(orthogonal_start, "power", powers)


def drawn_from_rng(of_radius, orthogonal_start, rng):
    """Raise NotYet unless a start is drawn from the generator given, and from no other."""
    made = [orthogonal_start(4, 0.7, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    Q, again, other = (as_array(one, "orthogonal_start(...)") for one in made)
    if equal(Q, other):
        raise NotYet("orthogonal_start must draw from rng: it always returns the same matrix")
    if not equal(Q, again):
        raise NotYet(
            "orthogonal_start must draw from rng and nowhere else: the same seed must give "
            "the same matrix"
        )


exercise(
    "04.1",
    Question(of_radius, matrices, mistakes, names=["of_radius(W, radius)"]),
    Question(orthogonal_start, seeds, starts, ["Q.T @ Q of your orthogonal_start"], look=squares),
    test=drawn_from_rng,
    hints=[
        "Doubling a matrix doubles its eigenvalues. So what must W be multiplied by?",
        "Eigenvalues may be complex: np.abs(np.linalg.eigvals(W)).max() is the spectral radius.",
        "np.linalg.qr(A) returns two matrices. The first one is orthogonal, and all its "
        "eigenvalues have the absolute value 1.",
    ],
)


def global_norm(arrays):
    """The root of the sum of the squares of all entries of all arrays."""
    return np.sqrt(sum(np.sum(g**2) for g in arrays))


def clipped(arrays, limit, norm=global_norm, scale=lambda norm, limit: limit / norm, always=False):
    """Gradients, clipped by their global norm; every option is for a mistake."""
    length = norm(arrays)
    factor = scale(length, limit) if length > limit or always else 1
    return tuple(factor * g for g in arrays)


def gradients(rng):
    """Three arrays and a limit: above it, below it, and all zero."""
    for factor in (0.2, 2.5, 0.7, 0):
        arrays = rng.normal(size=(2, 3)), rng.normal(size=(3, 3)), rng.normal(size=4)
        lengths = 3, 9, 0.5
        arrays = [floatX(n * g / np.linalg.norm(g)) for n, g in zip(lengths, arrays)]
        limit = factor * global_norm(arrays)
        yield (arrays, float(limit)) if factor else ([0 * g for g in arrays], 1.0)


def without_nan(result, *arguments):
    """The result, but for one with NaN in it."""
    if has_nan(result):
        raise NotYet("there is NaN in your result: do you divide zero gradients by 0?")
    return result


scales = {
    "you divide by the squared norm: take its root": lambda norm, limit: limit / norm**2,
    "long gradients end up with a norm of 1: it should be the limit": (
        lambda norm, limit: 1 / norm
    ),
    "you multiply by the limit, but do not divide by the norm": lambda norm, limit: limit,
    "you divide by the limit, but not by the norm": lambda norm, limit: 1 / limit,
}
norms = {
    "you add up the norms of the arrays: add up the squares, then take the root": (
        lambda arrays: sum(map(np.linalg.norm, arrays))
    ),
    "you take the norm of the longest array only: all of them count": (
        lambda arrays: max(map(np.linalg.norm, arrays))
    ),
    "you add up the absolute values: add up the squares, then take the root": (
        lambda arrays: sum(np.abs(g).sum() for g in arrays)
    ),
    "you divide by the largest entry: divide by the norm": (
        lambda arrays: max(np.abs(g).max() for g in arrays)
    ),
}
mistakes = {
    "each array is clipped by its own norm: take the norm of all of them together": (
        lambda arrays, limit: tuple(clipped([g], limit)[0] for g in arrays)
    ),
    "each array is scaled to the limit by its own norm: take the norm of all of them together": (
        lambda arrays, limit: tuple(clipped([g], limit, always=True)[0] for g in arrays)
    ),
    "you clip single entries, which changes the direction of the gradient": (
        lambda arrays, limit: tuple(np.clip(g, -limit, limit) for g in arrays)
    ),
    "gradients shorter than the limit must stay as they are: yours grow": (
        partial(clipped, always=True)
    ),
    **with_each(clipped, "scale", scales),
    **with_each(clipped, "norm", norms),
    "gradients longer than the limit must be scaled down to it: yours stay as they are": (
        lambda arrays, limit: tuple(arrays)
    ),
}

parts = [f"array number {i} of your result" for i in (1, 2, 3)]

exercise(
    "04.2",
    Question(clipped, gradients, mistakes, names=parts, look=without_nan),
    hints=[
        "Start with one number: the root of the sum of the squares of all entries of all arrays.",
        "All arrays are multiplied by the same factor, so the direction stays the same.",
        "The factor is limit / norm if the norm is above the limit, and 1 otherwise. With an "
        "`if` you never divide by a norm of 0.",
    ],
)


def norms_on_the_way(states, W, g, step=lambda g, h, W: (g * (1 - h**2)) @ W.T):
    """The norm of g after each step back through a tanh RNN; another `step` is a mistake."""
    norms = [np.linalg.norm(g)]
    for h in states[::-1]:
        g = step(g, h, W)
        norms.append(np.linalg.norm(g))
    return np.array(norms)


def relative_norms(*given, **options):
    """The same, divided by the norm of g itself."""
    norms = norms_on_the_way(*given, **options)
    return norms / norms[0]


def ways_back(rng):
    """States (time, units), W_hh (units, units) and g (units,) at the last state."""
    for time, units in [(5, 3), (3, 4), (1, 2)]:
        h, W, g = normal(rng, (time, units), (units, units), units)
        yield np.tanh(floatX(0.8) * h), W, 2 * g


steps = {
    "W_hh is not transposed": lambda g, h, W: (g * (1 - h**2)) @ W,
    "the derivative of tanh is missing": lambda g, h, W: g @ W.T,
    "W_hh is missing": lambda g, h, W: g * (1 - h**2),
    "multiply by the derivative of tanh first, then by the matrix: you swap the two": (
        lambda g, h, W: (g @ W.T) * (1 - h**2)
    ),
    "the states are already outputs of tanh: the derivative is 1 - h^2, without a tanh": (
        lambda g, h, W: (g * (1 - np.tanh(h) ** 2)) @ W.T
    ),
    "the derivative of tanh is 1 - h^2, not 1 - h": lambda g, h, W: (g * (1 - h)) @ W.T,
    "h (1 - h) is the derivative of a sigmoid: here the activation is tanh": (
        lambda g, h, W: (g * h * (1 - h)) @ W.T
    ),
}
mistakes = {
    "these norms are not relative: divide them by the first one": norms_on_the_way,
    "the first norm is missing: it is that of g itself, 1 after 0 steps": (
        then(relative_norms, lambda norms: norms[1:])
    ),
    "your norms are in the order of time: the first one should be that of 0 steps back": (
        then(relative_norms, np.flip)
    ),
    "you start at the first state: the gradient starts at the last one": (
        lambda states, W, g: relative_norms(states[::-1], W, g)
    ),
    **with_each(relative_norms, "step", steps),
    "the last state is left out: start with its 1 - h^2": (
        lambda states, W, g: relative_norms(np.append(states[1:], 0 * states[:1], axis=0), W, g)
    ),
    "these are squared norms: take the root": then(relative_norms, np.square),
    "these are the ratios from one step to the next: divide by the first norm": (
        then(relative_norms, lambda norms: np.append(1, norms[1:] / norms[:-1]))
    ),
    "return the norm after each step, not only the last one": (
        then(relative_norms, lambda norms: norms[-1])
    ),
}

exercise(
    "04.3",
    Question(relative_norms, ways_back, mistakes),
    hints=[
        "g belongs to the last state. To go one step back, multiply by 1 - h^2 of that state, "
        "then by W_hh.T.",
        "The loop runs from states[-1] to states[0] and records the norm after each step.",
        "Record the norm of g itself before the loop, and divide all norms by it at the end.",
    ],
)


def by_radius(W, k):
    """How much of a gradient is left after k steps, by the spectral radius of W."""
    return spectral_radius(W) ** k


def by_power(W, k):
    """How much of a gradient is left after k steps at most."""
    return np.linalg.norm(np.linalg.matrix_power(W, k), 2)


def lags(W, fraction, exact=by_power):
    """The first lag with less than the fraction left, by the radius and exactly; others instead of
    `exact` are mistakes."""
    return tuple(
        next((k for k in range(1, 100) if left(W, k) < fraction), 100)
        for left in (by_radius, exact)
    )


def forgetful_matrices(rng):
    """Fractions lie between what is left after two steps, so that rounding does not matter."""
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    shear = turn @ [[0.8, 2, 0], [0, 0.8, 2], [0, 0, 0.7]] @ turn.T
    rotation = 0.9 * np.linalg.qr(rng.normal(size=(5, 5)))[0]
    first, second = (0.9 * W / np.linalg.norm(W, 2) for W in rng.normal(size=(2, 6, 6)))
    # Even lags first: steps of two, from 1 on, would miss them. With the shear wrong ways may
    # never end, so it comes when all of them have been told apart.
    cases = [(first, by_radius, 4), (second, by_power, 6), (rotation, by_radius, 27)]
    cases += [(0.001 * rotation, by_power, 1), (shear, by_power, 40)]
    for W, left, lag in cases:
        yield W, float(np.sqrt(left(W, lag - 1) * left(W, lag)))


exacts = {
    "the largest singular value of W to the power of k is only a bound: take that of W^k": (
        lambda W, k: np.linalg.norm(W, 2) ** k
    ),
    "the root of the sum of all squares is not the most by which a matrix can stretch a "
    "vector": lambda W, k: np.linalg.norm(np.linalg.matrix_power(W, k)),
    "W**k raises each entry to the power of k: W^k is W @ W @ ... @ W": (
        lambda W, k: np.linalg.norm(W**k, 2)
    ),
}
mistakes = {
    "the first lag is right, but the second one is the lag by the radius again": (
        then(lags, lambda guess, exact: (guess, guess))
    ),
    "the second lag is right, but the first one should be the lag by the radius": (
        then(lags, lambda guess, exact: (exact, exact))
    ),
    "return the lag by the radius first, then the exact one: yours are swapped": (
        then(lags, lambda guess, exact: (exact, guess))
    ),
    "both are one too small: less than the fraction must be left at your lags": (
        then(lags, lambda guess, exact: (guess - 1, exact - 1))
    ),
    "both are one too large: are your steps counted from 0?": (
        then(lags, lambda guess, exact: (guess + 1, exact + 1))
    ),
    "a lag is a whole number: round up": (
        lambda W, fraction: (np.log(fraction) / np.log(spectral_radius(W)), lags(W, fraction)[1])
    ),
    "the first lag is rounded down: more than the fraction is left there": (
        then(lags, lambda guess, exact: (guess - 1, exact))
    ),
    **with_each(lags, "exact", exacts),
}

exercise(
    "04.4",
    Question(lags, forgetful_matrices, mistakes, names=["the lag by the radius", "the exact lag"]),
    hints=[
        "By the radius: try k = 1, 2, 3, ... until radius ** k is below the fraction.",
        "The most that can be left of any gradient is the largest singular value of W^k, and "
        "W^k is W @ W @ ... @ W.",
        "gradients.largest_singular_value(np.linalg.matrix_power(W, k)) is what is left after k "
        "steps in the worst case.",
    ],
)


def left_after(w, level, k):
    """What is left of the gradient of a unit at rest after k steps."""
    return (w * (1 - level**2)) ** k


def latch(level, k, weight=lambda h: np.arctanh(h) / h, left=left_after):
    """The weight for a resting state, and what is left of its gradient; options make mistakes."""
    w = weight(level)
    return w, left(w, level, k)


def levels(rng):
    """A level to rest at, and a number of steps."""
    for k, sign in [(2, 1), (3, -1), (1, 1)]:
        yield float(sign * rng.uniform(0.75, 0.81)), k


latch_weights = {
    "with this w, tanh(w) is the level: but the state is inside the tanh, too": np.arctanh,
    "the weight is upside down: solve level = tanh(w * level) again": lambda h: h / np.arctanh(h),
    "np.tanh does not undo tanh: np.arctanh does": lambda h: np.tanh(h) / h,
    "np.arctan undoes tan: np.arctanh undoes tanh": lambda h: np.arctan(h) / h,
}
lefts = {
    "the weight is right, but the gradient leaves out the derivative of tanh": (
        lambda w, h, k: w**k
    ),
    "the weight is right, but the gradient leaves out the weight": lambda w, h, k: (1 - h**2) ** k,
    "the weight is right, but this is the gradient of one step, not of k": (
        lambda w, h, k: w * (1 - h**2)
    ),
    "the weight is right, but the derivatives of k steps multiply: you add them up": (
        lambda w, h, k: k * w * (1 - h**2)
    ),
    "the weight is right, but each of the k steps has a factor of 1 - h^2": (
        lambda w, h, k: w**k * (1 - h**2)
    ),
    "the weight is right, but each of the k steps has a factor of w": (
        lambda w, h, k: w * (1 - h**2) ** k
    ),
    "the weight is right, but the state is already the output of tanh: the derivative is "
    "1 - level^2": lambda w, h, k: (w * (1 - np.tanh(h) ** 2)) ** k,
    "the weight is right, but the derivative is 1 - h^2, not 1 - w^2": (
        lambda w, h, k: (w * (1 - w**2)) ** k
    ),
    "the weight is right, but the derivative is 1 - h^2, not 1 - h": (
        lambda w, h, k: (w * (1 - h)) ** k
    ),
}
mistakes = {
    **with_each(latch, "weight", latch_weights),
    **with_each(latch, "left", lefts),
    "return the weight first, then the gradient: yours are swapped": (
        then(latch, lambda w, left: (left, w))
    ),
}

exercise(
    "04.5",
    Question(latch, levels, mistakes, names=["the weight", "what is left of the gradient"]),
    hints=[
        "At rest the state doesn't change: level = tanh(w * level). Solve for w.",
        "np.arctanh undoes tanh: arctanh(level) = w * level.",
        "One step has the derivative w * (1 - h**2), and at rest it is the same for all k steps.",
    ],
)


def own_start(report, rng):
    """Flow before and success after training for at least two starts and three seeds, and a bet."""
    keys = ("flow", "bet", "success", "winner", "conclusion")
    flow, bet, success, best = entries(report, *keys)
    flow, success = lists(flow, "flow", 2), lists(success, "success", 2, highest=1)
    if set(flow) != set(success):
        raise NotYet("'flow' and 'success' must have the same starts")
    if len({tuple(values) for values in flow.values()}) == 1:
        raise NotYet("all starts have the same flow: are they really different?")
    for key, name in {"bet": bet, "winner": best}.items():
        if name not in list(success):
            raise NotYet(f"the {key} must be one of {', '.join(map(str, success))}, got {name!r}")
    medians = {name: np.median(values) for name, values in success.items()}
    if medians[best] < max(medians.values()):
        better = max(medians, key=medians.get)
        raise NotYet(f"your numbers do not say so: {better} has a larger median than {best}")


exercise(
    "04.6",
    test=own_start,
    hints=[
        "A start is a set of options of SimpleRNN: activation, recurrent_initializer, "
        "kernel_initializer. An initializer is a function of a shape and rng.",
        "`starts = {'mine': dict(recurrent_initializer=lambda shape, rng: 0.7 * "
        "np.eye(shape[0])), 'default': {}}`",
        "The winner is the name with the largest median success, no matter which one you bet on.",
    ],
)
