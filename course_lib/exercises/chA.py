"""The exercises of the toolbox: cross-entropy, Adam, momentum, layer norm, a matrix that grows."""

import numpy as np

from course_lib.exercises.answer import NotYet, as_array
from course_lib.exercises.question import Question, normal, then, with_each
from course_lib.exercises.registry import exercise
from course_lib.gradients import largest_singular_value, spectral_radius


def log_softmax(logits, axis=-1):
    """log p of each class, without overflow."""
    z = logits - logits.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def true_class(table, y):
    """The entry of each row of `table` that belongs to its class in `y`."""
    return table[np.arange(len(y)), y]


def cross_entropy(logits, y, log_p=log_softmax, mean=np.mean):
    """The mean of -log p of the true class; another `log_p` or `mean` is a mistake."""
    return mean(-true_class(log_p(logits), y))


def logits_and_classes(rng):
    """Logits (batch, classes), the last ones far too large for exp, and one class per row."""
    for batch, classes, size in [(4, 3, 1), (2, 5, 2), (3, 3, 1), (3, 4, 1)]:
        yield size * rng.normal(size=(batch, classes)), rng.permutation(np.arange(batch) % classes)
    yield np.array([[1000.0, 1001.0], [-2000.0, -2002.0]]), np.array([0, 1])


def without_overflow(result, *arguments):
    """The result, but for one with infinity or NaN in it."""
    array = np.asarray(result)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise NotYet(
            "there is NaN or infinity in your result: subtract from each row its own largest "
            "logit, and take no logarithm of a probability that may be 0"
        )
    return result


log_ps = {
    "the logits are taken for log p: where is the log-sum-exp?": lambda z: z,
    "this is the mean of p, without a logarithm": lambda z: -np.exp(log_softmax(z)),
    "softmax runs down the columns: the classes are the last axis": (
        lambda z: log_softmax(z, axis=0)
    ),
    "these are bits: take the natural logarithm": lambda z: log_softmax(z) / np.log(2),
    "the sign is wrong: a loss is minus log p": lambda z: -log_softmax(z),
}
means = {
    "the losses of the samples are added up: take their mean": np.sum,
    "return one number, the mean over the samples": lambda losses: losses,
}
mistakes = {
    **with_each(cross_entropy, "log_p", log_ps),
    **with_each(cross_entropy, "mean", means),
    "all classes count in your loss: only log p of the true class does": (
        lambda z, y: -log_softmax(z).sum(axis=1).mean()
    ),
    "your loss is that of the most probable class: take the true one": (
        lambda z, y: -log_softmax(z).max(axis=1).mean()
    ),
}

exercise(
    "A.1",
    Question(cross_entropy, logits_and_classes, mistakes, look=without_overflow),
    hints=[
        "The loss of one sample is log-sum-exp of its logits minus the logit of its class.",
        "logits.max(axis=1, keepdims=True) is the largest logit of each row, ready to be "
        "subtracted from it.",
        "table[np.arange(len(y)), y] picks one entry of each row.",
    ],
)


def p_and_one_hot(logits, y):
    """The probabilities and the one-hot targets."""
    return np.exp(log_softmax(logits)), np.eye(logits.shape[1])[y]


def logit_gradient(logits, y, combine=lambda p, target: (p - target) / len(p)):
    """The gradient of the mean cross-entropy; another `combine` is a mistake."""
    return combine(*p_and_one_hot(logits, y))


combinations = {
    "the loss is a mean over the samples: divide by their number": lambda p, target: p - target,
    "the sign is wrong: it is p - y, not y - p": lambda p, target: (target - p) / len(p),
    "these are the probabilities: subtract the one-hot target": lambda p, target: p / len(p),
    "you divide by all numbers, the classes too: divide by the samples": (
        lambda p, target: (p - target) / p.size
    ),
    "p (1 - p) belongs to squared error: with cross-entropy it cancels": (
        lambda p, target: (p - target) * p * (1 - p) / len(p)
    ),
    "other classes have a gradient, too: p, where the target is 0": (
        lambda p, target: (p - target) * target / len(p)
    ),
    "the gradient is summed over the samples: each logit has its own": (
        lambda p, target: ((p - target) / len(p)).sum(axis=0)
    ),
}

exercise(
    "A.2",
    Question(
        logit_gradient,
        logits_and_classes,
        with_each(logit_gradient, "combine", combinations),
        look=without_overflow,
    ),
    hints=[
        "For one sample it is p - y, with y one-hot.",
        "np.eye(classes)[y] gives one-hot rows; or copy p and subtract 1 at "
        "[np.arange(len(y)), y].",
        "The loss is a mean: what does each sample's gradient have to be divided by?",
    ],
)


def adam_step(
    w,
    g,
    m,
    v,
    t,
    rate,
    beta_1,
    beta_2,
    epsilon,
    change=lambda m, v, epsilon: m / (v**0.5 + epsilon),
):
    """New w, m, v; another `change`, of the corrected means, is a mistake."""
    m, v = beta_1 * m + (1 - beta_1) * g, beta_2 * v + (1 - beta_2) * g**2
    return w - rate * change(m / (1 - beta_1**t), v / (1 - beta_2**t), epsilon), m, v


def without_correction(w, g, m, v, t, rate, beta_1, beta_2, epsilon):
    """As if the number of the step were infinite."""
    return adam_step(w, g, m, v, np.inf, rate, beta_1, beta_2, epsilon)


def corrected_means(w, g, m, v, t, rate, beta_1, beta_2, epsilon):
    """Keeps the corrected means in place of the running ones."""
    w, m, v = adam_step(w, g, m, v, t, rate, beta_1, beta_2, epsilon)
    return w, m / (1 - beta_1**t), v / (1 - beta_2**t)


def adam_arguments(rng):
    """w, g, m, v of some shape, v not negative; t; and the four settings."""
    for t, shape in [(1, (3,)), (2, (2, 3)), (5, (4,)), (3, (2, 2))]:
        w, g, m, v = (rng.normal(size=shape) for _ in range(4))
        start = 0 if t == 1 else 1  # both means begin at 0
        yield w, g, start * m, start * v**2, t, 0.1, 0.8, 0.9, 0.2


changes = {
    "epsilon is missing": lambda m, v, epsilon: m / v**0.5,
    "epsilon stands under the root: add it to the root": (
        lambda m, v, epsilon: m / (v + epsilon) ** 0.5
    ),
    "the root is missing: v is a mean of squares": lambda m, v, epsilon: m / (v + epsilon),
    "the step goes uphill: subtract it": lambda m, v, epsilon: -m / (v**0.5 + epsilon),
    "the step is not divided by the root of v": lambda m, v, epsilon: m,
}
mistakes = {
    **with_each(adam_step, "change", changes),
    "the correction by 1 - beta**t is missing": without_correction,
    "m and v are kept uncorrected: divide a copy of them": corrected_means,
    "t counts from 1 already: no t + 1": lambda w, g, m, v, t, *o: adam_step(w, g, m, v, t + 1, *o),
    "beta_1 and beta_2 are swapped": (
        lambda w, g, m, v, t, rate, b1, b2, epsilon: adam_step(w, g, m, v, t, rate, b2, b1, epsilon)
    ),
    "the learning rate is missing": (
        lambda w, g, m, v, t, rate, *o: adam_step(w, g, m, v, t, 1.0, *o)
    ),
    "v averages the gradient: it is its square": (
        lambda w, g, m, v, t, rate, b1, b2, epsilon: (
            *adam_step(w, g, m, v, t, rate, b1, b2, epsilon)[:2],
            b2 * v + (1 - b2) * g,
        )
    ),
}

exercise(
    "A.3",
    Question(adam_step, adam_arguments, mistakes, names=["the new w", "the new m", "the new v"]),
    hints=[
        "First the two running means: beta times the old one plus 1 - beta times the new number.",
        "The corrected means are other variables: the running ones are returned as they are.",
        "w - rate * m_corrected / (np.sqrt(v_corrected) + epsilon) is the new w.",
    ],
)


def quadratics(rng):
    """The gradient of a quadratic loss, a start, and how to walk."""
    for n, steps in [(3, 4), (2, 3), (4, 5)]:
        center, curvature = rng.normal(size=n), rng.uniform(1, 3, size=n)

        def gradient(w, center=center, curvature=curvature):
            return curvature * (w - center)

        yield gradient, rng.normal(size=n), 0.2, 0.7, steps


def slide(gradient, w, rate, momentum, steps, step=None):
    """All points of a walk with momentum; another `step` is a mistake."""
    path, velocity = [w], 0 * w
    for _ in range(steps):
        if step is None:
            velocity = momentum * velocity - rate * gradient(w)
            w = w + velocity
        else:
            w, velocity = step(gradient, w, velocity, rate, momentum)
        path.append(w)
    return np.array(path)


def nesterov(gradient, w, velocity, rate, momentum):
    """Takes the gradient ahead."""
    velocity = momentum * velocity - rate * gradient(w + momentum * velocity)
    return w + velocity, velocity


def averaged(gradient, w, velocity, rate, momentum):
    """Weighs the gradient by what momentum leaves."""
    velocity = momentum * velocity - (1 - momentum) * rate * gradient(w)
    return w + velocity, velocity


def late(gradient, w, velocity, rate, momentum):
    """Moves before the velocity is new."""
    return w + velocity, momentum * velocity - rate * gradient(w)


def forgetful(gradient, w, velocity, rate, momentum):
    """Has no velocity."""
    return w - rate * gradient(w), velocity


def uphill(gradient, w, velocity, rate, momentum):
    """Adds the gradient."""
    velocity = momentum * velocity + rate * gradient(w)
    return w + velocity, velocity


steps = {
    "this is plain gradient descent: each step keeps a part of the one before": forgetful,
    "the gradient is taken at a point ahead (Nesterov): take it at w": nesterov,
    "the gradient counts in full, not times 1 - momentum": averaged,
    "w moves by the old velocity: first the velocity, then w": late,
    "your walk goes uphill: subtract the gradient": uphill,
}
mistakes = {
    **with_each(slide, "step", steps),
    "the start is missing, the first row": then(slide, lambda path: path[1:]),
    "return all points, not just the last one": then(slide, lambda path: path[-1]),
    "all rows are the last point: w += changes the arrays in your list, too": (
        then(slide, lambda path: 0 * path + path[-1])
    ),
    "the last step is missing: after the start there are `steps` more rows": (
        then(slide, lambda path: path[:-1])
    ),
}

exercise(
    "A.4",
    Question(slide, quadratics, mistakes),
    hints=[
        "The velocity starts at 0, as an array like w.",
        "In each step: velocity = momentum * velocity - rate * gradient(w), and w moves by it.",
        "Write w = w + velocity. With w += velocity the list holds the same array many times.",
    ],
)


def layer_norm(h, gain, bias, epsilon, axis=-1, scale=lambda var, epsilon: np.sqrt(var + epsilon)):
    """Normalized over the last axis; other options are mistakes."""
    centered = h - h.mean(axis=axis, keepdims=True)
    variance = (centered**2).mean(axis=axis, keepdims=True)
    return gain * centered / scale(variance, epsilon) + bias


def uncentered(h, gain, bias, epsilon):
    """Divides by the deviation, but subtracts no mean."""
    return gain * h / np.sqrt(h.var(axis=-1, keepdims=True) + epsilon) + bias


def layers(rng):
    """h, gain, bias and epsilon; in the last case rows that are all alike."""
    for shape in [(4, 3), (3, 5), (2, 3, 4)]:
        yield (*normal(rng, shape, shape[-1], shape[-1]), 0.3)
    yield np.full((2, 3), 5.0), *normal(rng, 3, 3), 0.1


scales = {
    "epsilon is missing": lambda var, epsilon: np.sqrt(var),
    "epsilon stands outside the root": lambda var, epsilon: np.sqrt(var) + epsilon,
    "you divide by the variance: take its root": lambda var, epsilon: var + epsilon,
    "nothing is divided by the standard deviation": lambda var, epsilon: 1,
}
mistakes = {
    **with_each(layer_norm, "scale", scales),
    "this is batch normalization: the mean is over the units, the last axis": (
        lambda *given: layer_norm(*given, axis=0)
    ),
    "mean and variance are those of the whole array: each row has its own": (
        lambda *given: layer_norm(*given, axis=None)
    ),
    "the variance is divided by n - 1: here it is the plain mean of the squares": (
        lambda h, gain, bias, epsilon: layer_norm(
            h,
            gain,
            bias,
            epsilon,
            scale=lambda var, e: np.sqrt(var * h.shape[-1] / (h.shape[-1] - 1) + e),
        )
    ),
    "the mean is not subtracted": uncentered,
    "the gain is missing": lambda h, gain, bias, e: layer_norm(h, 1, bias, e),
    "the bias is missing": lambda h, gain, bias, e: layer_norm(h, gain, 0, e),
    "gain and bias are swapped": lambda h, gain, bias, e: layer_norm(h, bias, gain, e),
    "the bias is added before the gain": (
        lambda h, gain, bias, e: gain * layer_norm(h, 1, bias, e)
    ),
}

exercise(
    "A.5",
    Question(layer_norm, layers, mistakes),
    hints=[
        "axis=-1 is the last axis, whatever their number; keepdims=True keeps the result ready "
        "to be subtracted.",
        "h.var(axis=-1, keepdims=True) is the variance; epsilon is added before the root.",
        "gain and bias have an entry per unit: numpy lines them up with the last axis.",
    ],
)

MOST_UNITS, MOST_STEPS = 100, 500


def late_bloomer(peak):
    """A chain of units: each keeps a part of its own and gets something from the next."""
    for units in range(1, MOST_UNITS):
        W = 0.5 * np.eye(units) + np.eye(units, k=1)
        if largest_stretch(W) >= peak:
            return W
    raise ValueError(f"no chain of {MOST_UNITS} units reaches {peak}")


def largest_stretch(W):
    """The largest singular value of all powers of W."""
    power, largest = np.eye(len(W)), 1.0
    for _ in range(MOST_STEPS):
        power = power @ W
        largest = max(largest, largest_singular_value(power))
    return largest


def grows_and_vanishes(W, peak):
    """1, if W has all that is asked for."""
    W = as_array(W, "your matrix")
    if W.ndim != 2 or W.shape[0] != W.shape[1] or not 1 <= len(W) <= MOST_UNITS:
        raise NotYet(
            f"your matrix must be square, with {MOST_UNITS} rows at most, got shape {W.shape}"
        )
    radius, sigma = spectral_radius(W), largest_singular_value(W)
    if radius > 0.9 + 1e-6:
        raise NotYet(f"the spectral radius must be 0.9 at most, yours is {radius:.3f}")
    if sigma > 2 + 1e-6:
        raise NotYet(
            f"one step must not do more than double a vector: your largest singular value is "
            f"{sigma:.3f}"
        )
    reached = largest_stretch(W)
    if reached < peak * (1 - 1e-6):
        raise NotYet(
            f"the powers of your matrix stretch a vector {reached:.3g} times at most; "
            f"{peak:.3g} are asked for"
        )
    return 1.0


def peaks(rng):
    """How far it is to grow."""
    for peak in (10.0, 1.5, 100.0, 1000.0):
        yield (peak,)


exercise(
    "A.6",
    Question(late_bloomer, peaks, look=grows_and_vanishes),
    hints=[
        "The eigenvalues of a triangular matrix are its diagonal. What stands above the diagonal "
        "does not change them.",
        "With two units one large entry makes it grow, but at once, and one step may only double. "
        "Let a signal pass through several units, each a little stronger than the one before.",
        "a * np.eye(n) + b * np.eye(n, k=1) is such a chain. Its largest singular value is below "
        "a + b; more units let it grow for longer.",
    ],
)
