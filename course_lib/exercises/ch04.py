"""The exercises of chapter 04: starts, clipping, the flow of gradients, lags and a latch."""

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_array, compare, equal
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, words


def radius_of(W):
    """The spectral radius of a matrix."""
    return np.abs(np.linalg.eigvals(W)).max()


@exercise(
    "04.1",
    "Twice a matrix has twice its eigenvalues. So what must W be multiplied by?",
    "Eigenvalues may be complex: np.abs(np.linalg.eigvals(W)).max() is the spectral radius.",
    "np.linalg.qr(A) returns two matrices. The first one is orthogonal, and all its eigenvalues "
    "have the absolute value 1.",
)
def starts(of_radius, orthogonal_start, rng):
    """A matrix scaled to a spectral radius, and a random orthogonal one times a radius."""
    for units in (5, 4, 3):
        W, radius = rng.normal(size=(units, units)), rng.uniform(0.7, 0.8)
        # A rotation in the first two units, so that the largest eigenvalues are complex.
        W[:2, :2], W[2:, :2], rho = [[2, 4], [-4, 2]], 0, 20**0.5
        W[2:, 2:] *= rng.uniform(1, 2) / radius_of(W[2:, 2:])
        values = np.linalg.eigvals(W)
        of_radius.gives(
            radius * W / rho,
            *(W, radius),
            names=["of_radius(W, radius)"],
            mistakes={
                "of_radius divides by the largest singular value: that is another number": (
                    radius * W / np.linalg.norm(W, 2)
                ),
                "of_radius takes the largest real part: eigenvalues are complex, and their "
                "absolute value counts": radius * W / values.real.max(),
                "of_radius multiplies by the radius: what about the one that W has?": radius * W,
                "of_radius makes the radius 1: where is the one asked for?": W / rho,
                "of_radius divides by the radius asked for instead of multiplying": (
                    W / rho / radius
                ),
                "of_radius multiplies by the old radius instead of dividing": radius * W * rho,
                "of_radius divides by the length of the whole matrix, the root of the sum of all "
                "squares": radius * W / np.linalg.norm(W),
                "of_radius divides by the determinant": radius * W / np.linalg.det(W),
                "of_radius divides by the largest entry": radius * W / np.abs(W).max(),
                "of_radius divides by the smallest eigenvalue": radius * W / np.abs(values).min(),
            },
        )
        seeds = (units, units, units + 1)
        made = [orthogonal_start(units, radius, np.random.default_rng(seed)) for seed in seeds]
        Q, again, other = (as_array(one, "orthogonal_start(...)") for one in made)
        if Q.shape != (units, units):
            raise NotYet(f"orthogonal_start(...) must have shape {(units, units)}, got {Q.shape}")
        is_scaled(Q, radius)
        if equal(Q, other):
            raise NotYet("orthogonal_start must draw from rng: it returns the same matrix always")
        if not equal(Q, again):
            raise NotYet(
                "orthogonal_start must draw from rng and nowhere else: the same seed must give "
                "the same matrix"
            )


def is_scaled(Q, radius):
    """Raise NotYet unless Q is an orthogonal matrix times the radius."""
    squares = Q.T @ Q
    if equal(squares, radius**2 * np.eye(len(Q))):
        return
    if equal(np.tril(Q, -1), 0 * Q):
        raise NotYet("orthogonal_start gives the triangular matrix: QR has another part")
    mistakes = {
        "orthogonal_start gives an orthogonal matrix: where is the radius?": 1,
        "orthogonal_start takes the radius squared": radius**4,
        "orthogonal_start takes the root of the radius": radius,
        "orthogonal_start divides by the radius": radius**-2,
    }
    for sentence, square in mistakes.items():
        if equal(squares, square * np.eye(len(Q))):
            raise NotYet(sentence)
    if equal(radius_of(Q), radius):
        raise NotYet(
            "orthogonal_start has the right radius, but its columns are not at right angles"
        )
    raise NotYet(
        "orthogonal_start is not orthogonal: Q.T @ Q must be the radius squared times the identity"
    )


@exercise(
    "04.2",
    "First one number: the root of the sum of the squares of all entries of all arrays.",
    "All arrays are multiplied by the same factor, so that the direction stays what it was.",
    "The factor is limit / norm if the norm is above the limit, and else 1. With `if` you never "
    "divide by a norm of 0.",
)
def clipped(answer, rng):
    """A list of gradients, clipped by their global norm."""
    for factor in (0.2, 2.5, 0.7, 0):
        arrays = []
        for shape, length in [((2, 3), 3), ((3, 3), 9), ((4,), 0.5)]:
            g = rng.normal(size=shape)
            arrays.append(floatX(length * g / np.linalg.norm(g)))
        norm = np.sqrt(sum(np.sum(g**2) for g in arrays))
        limit = factor * norm
        if factor == 0:  # gradients of zero
            arrays, norm, limit = [0 * g for g in arrays], 1.0, 1.0
        lengths = [max(np.linalg.norm(g), 1e-9) for g in arrays]
        limit = float(limit)
        result = answer(arrays, limit)
        if isinstance(result, (list, tuple)) and any(has_nan(part) for part in result):
            raise NotYet("there is NaN in your result: are gradients of zero divided by 0?")

        def times(*scales, arrays=arrays):
            scales = scales if len(scales) > 1 else scales * len(arrays)
            return tuple(scale * g for scale, g in zip(scales, arrays))

        largest = max(np.abs(g).max() for g in arrays) or 1.0
        compare(
            result,
            times(min(1.0, limit / norm)),
            names=[f"array number {i} of your result" for i in (1, 2, 3)],
            mistakes={
                "each array is clipped by itself: the norm is that of all of them together": (
                    times(*(min(1.0, limit / length) for length in lengths))
                ),
                "each array is brought to the limit by itself: the norm is that of all of them "
                "together": times(*(limit / length for length in lengths)),
                "single entries are clipped, which turns the gradient to another direction": (
                    tuple(np.clip(g, -limit, limit) for g in arrays)
                ),
                "gradients shorter than the limit must stay as they are, yours grow": (
                    times(limit / norm)
                ),
                "you divide by the squared norm: take its root": times(
                    limit / norm**2 if norm > limit else 1
                ),
                "long gradients get the length 1: they should be as long as the limit": times(
                    1 / norm if norm > limit else 1
                ),
                "you multiply by the limit, but do not divide by the norm": times(
                    limit if norm > limit else 1
                ),
                "you divide by the limit, but not by the norm": times(
                    1 / limit if norm > limit else 1
                ),
                "the norms of the arrays are added up: add up the squares, then take the root": (
                    times(min(1.0, limit / sum(lengths)))
                ),
                "this is the norm of the longest array: all of them count": (
                    times(min(1.0, limit / max(lengths)))
                ),
                "the absolute values are added up: add up the squares, then take the root": (
                    times(min(1.0, limit / max(1e-9, sum(np.abs(g).sum() for g in arrays))))
                ),
                "you divide by the largest entry: divide by the norm": (
                    times(min(1.0, limit / largest))
                ),
                "gradients longer than the limit must become as long as the limit, yours stay as "
                "they are": times(1),
            },
        )


def has_nan(part):
    """Whether a numpy array contains NaN."""
    return isinstance(part, np.ndarray) and part.dtype.kind == "f" and np.isnan(part).any()


def norms_on_the_way(steps, W, g):
    """The norm of g, and after each step back: first times a slope, then times W transposed."""
    norms = [np.linalg.norm(g)]
    for slope in steps:
        g = (g * slope) @ W.T
        norms.append(np.linalg.norm(g))
    return np.array(norms)


def norms_matrix_first(steps, W, g):
    """The same with the two factors of a step in the wrong order."""
    norms = [np.linalg.norm(g)]
    for slope in steps:
        g = (g @ W.T) * slope
        norms.append(np.linalg.norm(g))
    return np.array(norms)


@exercise(
    "04.3",
    "g belongs to the last state. One step back: times 1 - h^2 of that state, then times W_hh.T.",
    "The loop runs from states[-1] to states[0] and notes the norm after each step.",
    "Note the norm of g itself before the loop, and divide all norms by it at the end.",
)
def gradient_norms(answer, rng):
    """The norms of a gradient on its way back through the states of a tanh RNN."""
    for time, units in [(5, 3), (3, 4), (1, 2)]:
        W, g = floatX(rng.normal(size=(units, units))), floatX(2 * rng.normal(size=units))
        h = floatX(np.tanh(rng.normal(0, 0.8, size=(time, units))))
        steps = (1 - h**2)[::-1]
        norms = norms_on_the_way(steps, W, g)

        def relative(steps=steps, W=W, g=g, follow=norms_on_the_way):
            norms = follow(steps, W, g)
            return norms / norms[0]

        late = np.concatenate([np.ones((1, units)), steps[:-1]])
        answer.gives(
            relative(),
            *(h, W, g),
            mistakes={
                "these norms are not relative: divide them by the first one": norms,
                "the first norm is missing, that of g itself: after 0 steps it is 1": (
                    relative()[1:]
                ),
                "your norms come in the order of time: the first one is that of 0 steps back": (
                    relative()[::-1]
                ),
                "W_hh is not transposed": relative(W=W.T),
                "your way begins at the first state: the gradient begins at the last one": (
                    relative(steps[::-1])
                ),
                "the derivative of tanh is missing": relative(np.ones_like(steps)),
                "W_hh is missing": relative(W=np.eye(units)),
                "first the derivative of tanh, then the matrix: yours come the other way round": (
                    relative(follow=norms_matrix_first)
                ),
                "the states are outputs of tanh already: the derivative is 1 - h^2, with no tanh": (
                    relative((1 - np.tanh(h) ** 2)[::-1])
                ),
                "the derivative of tanh is 1 - h^2, not 1 - h": relative((1 - h)[::-1]),
                "h (1 - h) is the derivative of a sigmoid: here it is tanh": (
                    relative((h * (1 - h))[::-1])
                ),
                "the last state is left out: the way back begins with its 1 - h^2": relative(late),
                "these are squared norms: take the root": relative() ** 2,
                "these are ratios from step to step: divide by the first norm": (
                    np.concatenate([[1], norms[1:] / norms[:-1]])
                ),
                "one norm after each step is asked for, not the last one only": relative()[-1],
            },
        )


def left_after(W, steps=100):
    """What is left after 1, 2, ... steps: by the radius, exactly, and by three wrong ways."""
    k = np.arange(1, steps)
    powers = np.array([np.linalg.matrix_power(W, n) for n in k])
    return np.array(
        [
            radius_of(W) ** k,
            np.linalg.norm(powers, 2, axis=(1, 2)),
            np.linalg.norm(W, 2) ** k,
            np.linalg.norm(powers, axis=(1, 2)),
            np.linalg.norm(np.array([W**n for n in k]), 2, axis=(1, 2)),
        ]
    )


def lags_of(left, fraction):
    """The first lags at which less than the fraction is left, or 100."""
    below = np.column_stack([left < fraction, np.ones(len(left), dtype=bool)])
    return [int(lag) for lag in 1 + below.argmax(axis=1)]


def fraction_for(left, rng):
    """A fraction so far from what is left at any lag that rounding does not matter."""
    while True:
        fraction = float(10 ** rng.uniform(-2.3, -0.7))
        if np.abs(left[:2] / fraction - 1).min() > 1e-3:
            return fraction


def telling_case(rng):
    """A matrix that makes each step shorter, and a fraction, for which all ways differ."""
    while True:
        W = rng.normal(size=(6, 6))
        W *= 0.9 / np.linalg.norm(W, 2)
        left = left_after(W)
        for _ in range(20):
            fraction = fraction_for(left, rng)
            lags = lags_of(left, fraction)
            # Even lags: steps of two, from 1 on, would miss them.
            if len(set(lags)) == 5 and lags[0] % 2 == lags[1] % 2 == 0:
                return W, fraction


@exercise(
    "04.4",
    "By the radius: try k = 1, 2, 3, ... until radius ** k is below the fraction.",
    "The most that is left of any gradient is the largest singular value of a matrix: of W^k, and "
    "W^k is W @ W @ ... @ W.",
    "gradients.largest_singular_value(np.linalg.matrix_power(W, k)) is what is left after k "
    "steps in the worst case.",
)
def forgetting_lags(answer, rng):
    """The first lag at which less than a fraction is left: by the radius, and exactly."""
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    shear = turn @ [[0.8, 2, 0], [0, 0.8, 2], [0, 0, 0.7]] @ turn.T
    orthogonal = 0.9 * np.linalg.qr(rng.normal(size=(5, 5)))[0]
    others = (shear, orthogonal, 0.001 * orthogonal)
    more = [(W, fraction_for(left_after(W), rng)) for W in others]
    for W, fraction in [telling_case(rng), *more]:
        guess, exact, by_power, by_length, by_entry = lags_of(left_after(W), fraction)
        whole = np.log(fraction) / np.log(radius_of(W))
        answer.gives(
            (guess, exact),
            *(W, fraction),
            names=["the lag by the radius", "the exact lag"],
            mistakes={
                "the first lag is right, but the second one is again that of the radius": (
                    (guess, guess)
                ),
                "the second lag is right, but the first one is to be that of the radius": (
                    (exact, exact)
                ),
                "first the lag by the radius, then the exact one: yours are swapped": (
                    (exact, guess)
                ),
                "both are one too small: at the lag asked for less than the fraction is left": (
                    (guess - 1, exact - 1)
                ),
                "both are one too large: are your steps counted from 0?": (guess + 1, exact + 1),
                "a lag is a whole number: round up": (whole, exact),
                "the first lag is rounded down: there more than the fraction is left": (
                    (guess - 1, exact)
                ),
                "the singular value of W to the power of k is only a bound: take that of W^k": (
                    (guess, by_power)
                ),
                "the length of the matrix, the root of the sum of all squares, is not the most "
                "that it does to a vector": (guess, by_length),
                "W**k is the power of each entry: W^k is W @ W @ ... @ W": (guess, by_entry),
            },
        )


@exercise(
    "04.5",
    "At rest the state stays what it is: level = tanh(w * level). Solve for w.",
    "np.arctanh undoes tanh: arctanh(level) = w * level.",
    "One step has the derivative w * (1 - h**2), and at rest all k steps have the same one.",
)
def latch(answer, rng):
    """The weight for a resting state, and what is left of its gradient after k steps."""
    for k, sign in [(2, 1), (3, -1), (1, 1)]:
        level = float(sign * rng.uniform(0.75, 0.81))
        w = np.arctanh(level) / level
        slope = 1 - level**2
        left = (w * slope) ** k
        inverse = 1 / w
        answer.gives(
            (w, left),
            *(level, k),
            names=["the weight", "what is left of the gradient"],
            mistakes={
                "with this w, tanh(w) is the level: but the state goes into tanh as well": (
                    (np.arctanh(level), (np.arctanh(level) * slope) ** k)
                ),
                "the weight is upside down: solve level = tanh(w * level) again": (
                    (inverse, (inverse * slope) ** k)
                ),
                "np.tanh is not the way back: np.arctanh undoes tanh": (
                    (np.tanh(level) / level, (np.tanh(level) / level * slope) ** k)
                ),
                "np.arctan is the way back from tan, np.arctanh from tanh": (
                    (np.arctan(level) / level, (np.arctan(level) / level * slope) ** k)
                ),
                "the weight is right, but the gradient leaves out the derivative of tanh": (
                    (w, w**k)
                ),
                "the weight is right, but the gradient leaves out the weight": (w, slope**k),
                "the weight is right, but this is the gradient of one step, not of k": (
                    (w, w * slope)
                ),
                "the weight is right, but k steps multiply, they do not add up": (
                    (w, k * w * slope)
                ),
                "the weight is right, but each of the k steps has a factor 1 - h^2": (
                    (w, w**k * slope)
                ),
                "the weight is right, but each of the k steps has a factor w": (w, w * slope**k),
                "the weight is right, but the state is the output of tanh already: the derivative "
                "is 1 - level^2": (w, (w * (1 - np.tanh(level) ** 2)) ** k),
                "the weight is right, but the derivative is 1 - h^2, not 1 - w^2": (
                    (w, (w * (1 - w**2)) ** k)
                ),
                "the weight is right, but the derivative is 1 - h^2, not 1 - h": (
                    (w, (w * (1 - level)) ** k)
                ),
                "first the weight, then the gradient: yours come the other way round": (left, w),
            },
        )


@exercise(
    "04.6",
    "A start is a few options of SimpleRNN: activation, recurrent_initializer, "
    "kernel_initializer. An initializer is a function of a shape and rng.",
    "`starts = {'mine': dict(recurrent_initializer=lambda shape, rng: 0.7 * np.eye(shape[0])), "
    "'default': {}}`",
    "The winner is the name with the largest median success, whatever you bet on.",
)
def own_start(report, rng):
    """Flow before and success after training for at least two starts and three seeds, and a bet."""
    keys = ("flow", "bet", "success", "winner", "conclusion")
    flow, bet, success, best, conclusion = entries(report, *keys)
    flow, success = lists(flow, "flow", 2), lists(success, "success", 2, highest=1)
    if set(flow) != set(success):
        raise NotYet("'flow' and 'success' must have the same starts")
    if len({tuple(values) for values in flow.values()}) == 1:
        raise NotYet("all starts have the same flow: are they different starts?")
    for key, name in {"bet": bet, "winner": best}.items():
        if name not in list(success):
            raise NotYet(f"the {key} must be one of {', '.join(map(str, success))}, got {name!r}")
    medians = {name: np.median(values) for name, values in success.items()}
    if medians[best] < max(medians.values()):
        better = max(medians, key=medians.get)
        raise NotYet(f"your numbers do not say so: {better} has a larger median than {best}")
    words(conclusion, "the conclusion", 10)
