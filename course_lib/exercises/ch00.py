"""The exercises of chapter 00: functions, gradients, shared variables and scan."""

from functools import partial

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import Answer, NotYet, as_array, equal, has_nan
from course_lib.exercises.porting import outer_names, pytensor_modules
from course_lib.exercises.question import Question, normal, then, with_each, without
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, numbers


def distances(X, p, axis=1):
    """The distance of each row of X (n, features) to the point p (features,)."""
    return np.linalg.norm(X - p, axis=axis)


def points(rng):
    """X (n, features) and p (features,)."""
    return [normal(rng, (n, features), features) for n, features in [(5, 3), (2, 4), (3, 3)]]


mistakes = {
    "these are squared distances: the root is missing": then(distances, np.square),
    "your sum runs over the rows of X: each row must get a distance of its own": (
        partial(distances, axis=0)
    ),
    "this is one distance for the whole matrix: give T.sum an axis": partial(distances, axis=None),
    "the root is taken before the sum, so these are sums of absolute differences": (
        lambda X, p: np.abs(X - p).sum(axis=1)
    ),
    "nothing is summed: return one number for each row, not one for each feature": (
        lambda X, p: np.abs(X - p)
    ),
    "this is the root of the mean of the squares, not of their sum": (
        lambda X, p: distances(X, p) / np.sqrt(len(p))
    ),
    "p is not subtracted: these are the distances to zero": without(distances, 1),
    "p is added instead of subtracted": lambda X, p: distances(X, -p),
}

exercise(
    "00.1",
    Question(distances, points, mistakes),
    hints=[
        "Write the formula with X - p, T.sqr, T.sum and T.sqrt, from the inside to the outside.",
        "X - p subtracts p from every row. Along which axis of X do the features lie?",
        "`distances = function([X, p], T.sqrt(T.sum(..., axis=1)))`",
    ],
)


def tanh_mse(w, X, y, squash=np.tanh, back=lambda error, slope, w, X: (error * slope) @ X):
    """The MSE of tanh(X w) against y and its gradient; `squash` and `back` are for mistakes."""
    guess = squash(X @ w)
    error = guess - y
    return np.mean(error**2), 2 / len(y) * back(error, 1 - guess**2, w, X)


def regressions(rng):
    """w (features,), X (n, features) and targets y (n,)."""
    for n, features in [(6, 3), (4, 2), (3, 5)]:
        w, X, y = normal(rng, features, (n, features), n)
        yield w, X, y + 1


mistakes = {
    "first the loss, then the gradient: yours are swapped": (
        then(tanh_mse, lambda loss, g: (g, loss))
    ),
    "this is the sum of the squared errors, not their mean": (
        lambda w, X, y: tuple(len(y) * result for result in tanh_mse(w, X, y))
    ),
    "the tanh is missing: this is the loss of a linear model": (
        partial(tanh_mse, squash=lambda a: a, back=lambda error, slope, w, X: error @ X)
    ),
    "the loss is right, but the gradient has the wrong sign": (
        then(tanh_mse, lambda loss, g: (loss, -g))
    ),
    "the loss is right, but this is the gradient with respect to X, not to w": (
        partial(tanh_mse, back=lambda error, slope, w, X: np.outer(error * slope, w))
    ),
    "the loss is right, but this is the gradient with respect to y, not to w": (
        partial(tanh_mse, back=lambda error, slope, w, X: -error)
    ),
    "the loss is right, but the gradient leaves out the derivative of tanh": (
        partial(tanh_mse, back=lambda error, slope, w, X: error @ X)
    ),
    "the loss is right, but the gradient leaves out a factor of 2": (
        then(tanh_mse, lambda loss, g: (loss, g / 2))
    ),
    "the loss is right, but this is the gradient of the sum, not of the mean": (
        partial(tanh_mse, back=lambda error, slope, w, X: len(X) * (error * slope) @ X)
    ),
    "this is the root of the loss: leave the root out": (
        then(tanh_mse, lambda loss, g: (np.sqrt(loss), g / (2 * np.sqrt(loss))))
    ),
}

exercise(
    "00.2",
    Question(tanh_mse, regressions, mistakes, names=["loss", "gradient"]),
    hints=[
        "First the loss as a symbol, one number; then theano.grad(loss, w) is a symbol as well.",
        "The prediction is T.tanh(T.dot(X, w)), the loss T.mean(T.sqr(...)).",
        "`loss_and_gradient = function([w, X, y], [loss, theano.grad(loss, w)])`",
    ],
)

VALUES = floatX([2.3, -0.9, 3.1, 0.4, 1.6])
COUNTS = np.arange(1, 6)


def running_mean(rule=lambda total, n, x: total / n):
    """A new function f(x) that returns the mean of all x so far; `rule` is for mistakes."""
    seen = []
    return lambda x: seen.append(x) or rule(sum(seen), len(seen), x)


rules = {
    "this is the sum of all numbers so far: divide it by their count": lambda total, n, x: total,
    "your function remembers nothing: it returns the number just given": lambda total, n, x: x,
    "the count is one too large": lambda total, n, x: total / (n + 1),
    "only the last number is divided by the count: where is the sum?": lambda total, n, x: x / n,
    "the count does not grow: each result is divided by the same number": lambda s, n, x: s / 5,
    "the sum counts the last number twice": lambda total, n, x: (total + x) / n,
}


def run_mean(mean):
    """What the function of a learner returns for VALUES, one after the other."""
    if not callable(mean):
        raise NotYet(f"running_mean() must return a function, got {type(mean).__name__}")
    mean, got = Answer(mean), []
    for i, value in enumerate(VALUES, start=1):
        result = mean(value)
        if has_nan(result):
            raise NotYet(f"call number {i} returns NaN: is a 0 divided by a 0 that is too old?")
        got.append(as_array(result, "the mean"))
        if got[-1].shape != ():
            raise NotYet(f"the mean must be one number, got shape {got[-1].shape}")
    return np.array(got)


def late_or_not_new(got):
    """A sentence for means of older values, whose number and sum are guessed from two means."""
    (got,), sums = got, np.cumsum(VALUES)
    if equal(got[1:], (sums / COUNTS)[:-1]):
        return (
            "each result is one call late: outputs are computed with the old values of the "
            "shared variables, before the updates"
        )
    step = got[1] - got[0]
    older = np.round((VALUES[1] - got[1] - step) / step) if step else 0
    total = got[0] * (older + 1) - VALUES[0]
    if older > 0 and equal(got, (total + sums) / (older + COUNTS)):
        return (
            "a new function must begin with an empty memory: make the shared variables inside "
            "running_mean"
        )
    return None


exercise(
    "00.3",
    Question(
        running_mean,
        lambda rng: [(), ()],  # two functions, since the second must begin anew
        with_each(running_mean, "rule", rules),
        look=run_mean,
        otherwise=late_or_not_new,
    ),
    hints=[
        "Two things must live on between the calls: the sum of the numbers and their count.",
        "Outputs are computed with the old values. So what must the output add to the old sum?",
        "The output is (total + x) / (count + 1); two updates carry total and count on.",
    ],
)

largest_so_far = np.maximum.accumulate


def rows_in_time(rng):
    """X (time, features), most of it negative."""
    for time, features in [(7, 3), (4, 5), (1, 2)]:
        X = floatX(rng.normal(size=(time, features)) - 1)
        X[:, 0] = -np.abs(X[:, 0]) - 0.1  # a start value of zero shows
        if time > 1:
            X[1] = X[0] + [0.5, -0.5, *np.full(features - 2, 0.3)]
        yield (X,)


mistakes = {
    "the loop starts at zero, which is larger than negative values: choose another start value": (
        lambda X: largest_so_far(np.maximum(X, 0))
    ),
    "the first time step is missing: is it a start value only?": (lambda X: largest_so_far(X)[1:]),
    "the start value comes out as well: there must be as many rows as in X": (
        lambda X: largest_so_far(np.concatenate([X[:1], X]))
    ),
    "these are maxima of single rows: each column needs a maximum of its own": (
        lambda X: X.max(axis=1)
    ),
    "your loop runs along the features: time is the first axis": partial(largest_so_far, axis=1),
    "this is only the last time step: return all of them": lambda X: X.max(axis=0),
    "this is the maximum over all time at every step: the future is not known yet": (
        lambda X: np.broadcast_to(X.max(axis=0), X.shape)
    ),
    "this is the smallest value so far": np.minimum.accumulate,
    "each row is compared with the one before it only: feed the result back": (
        lambda X: np.maximum(X, np.concatenate([X[:1], X[:-1]]))
    ),
    "this is X itself: is the maximum of the past fed back?": lambda X: X,
}

exercise(
    "00.4",
    Question(largest_so_far, rows_in_time, mistakes),
    hints=[
        "The step gets x_t, a row, and m, the largest values so far; T.maximum compares "
        "elementwise.",
        "Which start value can never be larger than the first row? Zero can.",
        "`scan(lambda x_t, m: T.maximum(x_t, m), sequences=X, outputs_info=X[0])`",
    ],
)


def swing(pushes, k, c, old=False, swapped=False):
    """Positions and velocities of a swing; with `old` the old velocity moves it, and with
    `swapped` each state is taken for the other one at the start of a step."""
    p = v = 0.0
    path = []
    for x_t in pushes:
        p, v = (v, p) if swapped else (p, v)
        faster = c * v - k * p + x_t
        p, v = p + (v if old else faster), faster
        path.append((p, v))
    return tuple(np.array(path).T)


def swings(rng):
    """Pushes (time,), the spring k and the friction c."""
    for time in (6, 3, 9):
        pushes = floatX(rng.normal(size=time) + 1)
        yield pushes, floatX(rng.uniform(0.2, 0.4)), floatX(rng.uniform(0.6, 0.8))


mistakes = {
    "positions come first, then velocities: yours are swapped": then(swing, lambda p, v: (v, p)),
    "the position moves by the old velocity: it must move by the new one": partial(swing, old=True),
    "the friction c is missing": lambda pushes, k, c: swing(pushes, k, 1),
    "the spring k pulls in the wrong direction": lambda pushes, k, c: swing(pushes, -k, c),
    "the spring k is missing": without(swing, 1),
    "the pushes are missing": without(swing, 0),
    "k and c are swapped": lambda pushes, k, c: swing(pushes, c, k),
    "your step takes the velocity for the position: the states arrive in the order in which the "
    "step returns them": partial(swing, swapped=True),
    "these are only the last position and velocity: return all time steps": (
        then(swing, lambda p, v: (p[-1], v[-1]))
    ),
}

exercise(
    "00.5",
    Question(swing, swings, mistakes, names=["positions", "velocities"]),
    hints=[
        "The step takes x_t, then both states, then k and c: def step(x_t, p, v, k, c).",
        "Compute the new velocity first, and use it for the new position. Return both, p first.",
        "`scan(step, sequences=pushes, outputs_info=[floatX(0), floatX(0)], non_sequences=[k, c])`",
    ],
)


def own_loop(loop, report, rng):
    """A loop of the learner's own and what it does for at least four settings."""
    keys = ("prediction", "settings", "results", "conclusion")
    settings, results = entries(report, *keys)
    settings = numbers(settings, "the list of settings", 4)
    if len(np.unique(settings)) < len(settings):
        raise NotYet("some of the settings are equal: each one must be new")
    results = numbers(results, "the list of results", 4)
    if len(results) != len(settings):
        raise NotYet(f"there are {len(settings)} settings, but {len(results)} results")
    if equal(results, np.full_like(results, results[0])):
        raise NotYet("all results are equal: choose settings that make a difference")
    for i in rng.permutation(len(settings)):
        again = as_array(loop(settings[i].item()), "the result of my_loop")
        if again.shape != ():
            raise NotYet(f"my_loop must return one number, got shape {again.shape}")
        if not np.isclose(again, results[i], rtol=1e-3, atol=1e-6):
            raise NotYet(
                f"for the setting {settings[i]:.4g} my_loop returns {again:.4g}, but your report "
                f"says {results[i]:.4g}"
            )


exercise(
    "00.6",
    test=own_loop,
    hints=[
        "Choose a step with one number in it, such as h -> tanh(w h), and look at the last state.",
        "Run it for settings that differ a lot, and write the prediction before the results.",
        "`report = dict(prediction=..., settings=[...], results=[my_loop(s) for s in settings], "
        "conclusion=...)`",
    ],
)


def softmax(x, axis=1):
    """exp(x) / sum(exp(x)) along `axis`."""
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def shares(x, w, squash=lambda a: 1 / (1 + np.exp(-a)), normalize=softmax):
    """The shares (time, classes) of the program to port; the rest is for mistakes."""
    h, states = np.zeros(x.shape[1]), []
    for x_t in x:
        h = squash(w * h + x_t)
        states.append(h)
    return normalize(np.array(states))


def shares_and_slope(x, w, of=lambda shares: shares[-1, 0], **options):
    """The shares, and the slope in w of the last share of the first class."""
    x, w = x.astype(float), float(w)  # small steps need the digits
    up, down = (of(shares(x, w + step, **options)) for step in (1e-5, -1e-5))
    return shares(x, w, **options), (up - down) / 2e-5


def run_shares(program):
    """What the function that a learner's program makes returns for one sequence."""
    if not callable(program):
        raise NotYet(f"program() must return a compiled function, got {type(program).__name__}")
    x = floatX(np.sin(np.arange(12)).reshape(4, 3))
    return Answer(program)(x, floatX(0.7))


mistakes = {
    "your softmax takes the whole matrix for one distribution: in PyTensor it needs axis=-1": (
        {"normalize": partial(softmax, axis=None)}
    ),
    "your softmax runs along time: each row must sum to 1": {"normalize": partial(softmax, axis=0)},
    "there is no softmax: these are the states": {"normalize": lambda states: states},
    "there is no sigmoid in your step": {"squash": lambda a: a},
    "your step has a tanh in place of the sigmoid": {"squash": np.tanh},
    "the shares are right, but this is the slope of their mean, not of the last one of class 0": (
        {"of": np.mean}
    ),
}
ported = Question(
    lambda: shares_and_slope,
    lambda rng: [()],
    {
        sentence: lambda options=options: partial(shares_and_slope, **options)
        for sentence, options in mistakes.items()
    },
    names=["shares", "slope"],
    look=run_shares,
)


def speaks_pytensor(program, rng):
    """A program for Theano, ported to PyTensor."""
    code = getattr(program.given, "__code__", None)
    for name in outer_names(code) if code else []:
        library = name.partition(".")[0]
        if library == "theano":
            raise NotYet(f"your program still uses {name}: import everything from PyTensor")
        if library in ("T", "function", "scan", "shared", "floatX"):
            raise NotYet(f"your program uses the notebook's {name}: import all it needs inside it")
    with pytensor_modules():
        ported.judge(program, rng)


exercise(
    "00.7",
    test=speaks_pytensor,
    hints=[
        "Begin with the imports: pytensor for theano, and pytensor.tensor for theano.tensor. Run "
        "the check after each change; its message names the next thing that is missing.",
        "The module nnet is gone: sigmoid is in pytensor.tensor, softmax in "
        "pytensor.tensor.special. Along which axis must each row sum to 1?",
        "`states = pytensor.scan(step, x, start, non_sequences=w, return_updates=False)` gives the "
        "states alone, and `softmax(states, axis=-1)` the shares.",
    ],
)
