"""The exercises of chapter 00: functions, gradients, shared variables and scan."""

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import Answer, NotYet, as_array, compare, equal
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, numbers, words


@exercise(
    "00.1",
    "Write the formula with X - p, T.sqr, T.sum and T.sqrt, from the inside to the outside.",
    "X - p subtracts p from every row. Along which axis of X do the features lie?",
    "`distances = function([X, p], T.sqrt(T.sum(..., axis=1)))`",
)
def distances(answer, rng):
    """The distance of each row of X (n, features) to the point p (features,)."""
    for n, features in [(5, 3), (2, 4), (3, 3)]:
        X, p = floatX(rng.normal(size=(n, features))), floatX(rng.normal(size=features))
        squares = (X - p) ** 2
        answer.gives(
            np.sqrt(squares.sum(axis=1)),
            *(X, p),
            mistakes={
                "these are squared distances: the root is missing": squares.sum(axis=1),
                "your sum runs over the rows of X: each row must get a distance of its own": (
                    np.sqrt(squares.sum(axis=0))
                ),
                "this is one distance for the whole matrix: give T.sum an axis": (
                    np.sqrt(squares.sum())
                ),
                "the root is taken before the sum, so these are sums of absolute differences": (
                    np.abs(X - p).sum(axis=1)
                ),
                "nothing is summed: one number is asked for each row, not one for each feature": (
                    np.abs(X - p)
                ),
                "this is the root of the mean of the squares, not of their sum": (
                    np.sqrt(squares.mean(axis=1))
                ),
                "p is not subtracted: these are the distances to zero": (
                    np.sqrt((X**2).sum(axis=1))
                ),
                "p is added instead of subtracted": np.sqrt(((X + p) ** 2).sum(axis=1)),
            },
        )


@exercise(
    "00.2",
    "First the loss as a symbol, one number; then theano.grad(loss, w) is a symbol as well.",
    "The prediction is T.tanh(T.dot(X, w)), the loss T.mean(T.sqr(...)).",
    "`loss_and_gradient = function([w, X, y], [loss, theano.grad(loss, w)])`",
)
def loss_and_gradient(answer, rng):
    """The MSE of tanh(X w) against y and its gradient with respect to w."""
    for n, features in [(6, 3), (4, 2), (3, 5)]:
        w, y = floatX(rng.normal(size=features)), floatX(rng.normal(size=n) + 1)
        X = floatX(rng.normal(size=(n, features)))
        guess = np.tanh(X @ w)
        error, inner = guess - y, 1 - guess**2
        loss, gradient = np.mean(error**2), 2 / n * (error * inner) @ X
        linear = X @ w - y
        answer.gives(
            (loss, gradient),
            *(w, X, y),
            names=["loss", "gradient"],
            mistakes={
                "first the loss, then the gradient: yours come the other way round": (
                    (gradient, loss)
                ),
                "this is the sum of the squared errors, not their mean": (n * loss, n * gradient),
                "the tanh is missing: this is the loss of a linear model": (
                    (np.mean(linear**2), 2 / n * linear @ X)
                ),
                "the loss is right, but the gradient has the wrong sign": (loss, -gradient),
                "the loss is right, but this is the gradient with respect to X, not to w": (
                    (loss, 2 / n * np.outer(error * inner, w))
                ),
                "the loss is right, but this is the gradient with respect to y, not to w": (
                    (loss, -2 / n * error)
                ),
                "the loss is right, but the gradient leaves out the derivative of tanh": (
                    (loss, 2 / n * error @ X)
                ),
                "the loss is right, but the gradient leaves out a factor of 2": (
                    (loss, gradient / 2)
                ),
                "the loss is right, but this is the gradient of the sum, not of the mean": (
                    (loss, n * gradient)
                ),
                "this is the root of the loss: no root is asked for": (
                    (np.sqrt(loss), gradient / (2 * np.sqrt(loss)))
                ),
            },
        )


def run_meter(meter, values):
    """What a function returns when it is called with one value after the other."""
    if not callable(meter):
        raise NotYet(f"running_mean() must return a function, got {type(meter).__name__}")
    meter, got = Answer(meter), []
    for i, value in enumerate(values, start=1):
        result = meter(value)
        if isinstance(result, (float, np.generic, np.ndarray)) and np.isnan(result).any():
            raise NotYet(f"call number {i} returns NaN: is a 0 divided by a 0 that is too old?")
        result = as_array(result, "the mean")
        if result.shape != ():
            raise NotYet(f"the mean must be one number, got shape {result.shape}")
        got.append(float(result))
    return np.array(got)


def continued_mean(got, values):
    """What a mean returns for `values` if it has seen others before, guessed from what it `got`."""
    change = got[1] - got[0]
    seen = np.round((values[1] - 2 * got[1] + got[0]) / change) if change else 0
    if seen < 1:
        return np.nan
    total = got[0] * (seen + 1) - values[0]
    return (total + np.cumsum(values)) / (seen + np.arange(1, len(values) + 1))


@exercise(
    "00.3",
    "Two things must live on between the calls: the sum of the numbers and their count.",
    "Outputs are computed with the old values. So what must the output add to the old sum?",
    "The output is (total + x) / (count + 1); two updates carry total and count on.",
)
def running_mean(answer, rng):
    """A maker of functions f(x) that return the mean of all the x they have been given."""
    meters = [answer(), answer()]
    for meter, shift in zip(meters, (2, -3)):
        values, calls = floatX(rng.normal(size=5) + shift), np.arange(1, 6)
        got, sums = run_meter(meter, values), np.cumsum(values)
        if equal(got[1:], (sums / calls)[:-1]):
            raise NotYet(
                "each result is one call late: outputs are computed with the old values of the "
                "shared variables, before the updates"
            )
        compare(
            got,
            sums / calls,
            {
                "this is the sum of all numbers so far: divide it by their count": sums,
                "your function remembers nothing: it returns the number just given": values,
                "the count is one too large": sums / (calls + 1),
                "only the last number is divided by the count: where is the sum?": values / calls,
                "the count does not grow: each result is divided by the same number": sums / 5,
                "the sum counts the last number twice": (sums + values) / calls,
                "a new function must begin with an empty memory: make the shared variables inside "
                "running_mean": continued_mean(got, values),
            },
        )


@exercise(
    "00.4",
    "The step gets x_t, a row, and m, the largest values so far; T.maximum compares elementwise.",
    "Which start value can never be larger than the first row? Zero can.",
    "`scan(lambda x_t, m: T.maximum(x_t, m), sequences=X, outputs_info=X[0])`",
)
def running_maximum(answer, rng):
    """The largest value so far in each column of X (time, features), at every time step."""
    for time, features in [(7, 3), (4, 5), (1, 2)]:
        X = floatX(rng.normal(size=(time, features)) - 1)
        X[:, 0] = -np.abs(X[:, 0]) - 0.1  # a start value of zero shows
        if time > 1:
            X[1] = X[0] + [0.5, -0.5, *np.full(features - 2, 0.3)]
        largest = np.maximum.accumulate(X)
        answer.gives(
            largest,
            X,
            mistakes={
                "the loop starts at zero, which is larger than negative values: choose another "
                "start value": np.maximum(largest, 0),
                "the first time step is missing: is it a start value only?": largest[1:],
                "the start value comes out as well: there must be as many rows as in X": (
                    np.concatenate([X[:1], largest])
                ),
                "these are maxima of single rows: each column needs a maximum of its own": (
                    X.max(axis=1)
                ),
                "your loop runs along the features: time is the first axis": (
                    np.maximum.accumulate(X, axis=1)
                ),
                "this is only the last time step: all of them are asked for": largest[-1],
                "this is the maximum over all time at every step: the future is not known yet": (
                    np.broadcast_to(largest[-1], X.shape)
                ),
                "this is the smallest value so far": np.minimum.accumulate(X),
                "each row is compared with the one before it only: feed the result back": (
                    np.maximum(X, np.concatenate([X[:1], X[:-1]]))
                ),
                "this is X itself: is the maximum of the past fed back?": X,
            },
        )


def swing_path(pushes, k, c, old=False, pushed=True):
    """Positions and velocities of exercise 00.5; with `old`, the old velocity moves it."""
    p = v = 0.0
    path = []
    for x_t in pushes:
        faster = c * v - k * p + pushed * x_t
        p, v = p + (v if old else faster), faster
        path.append((p, v))
    return tuple(np.array(path).T)


def swapped_path(pushes, k, c):
    """The same with the two states taken for one another at the start of each step."""
    p = v = 0.0
    path = []
    for x_t in pushes:
        p, v = v, p
        v = c * v - k * p + x_t
        p = p + v
        path.append((p, v))
    return tuple(np.array(path).T)


@exercise(
    "00.5",
    "The step takes x_t, then both states, then k and c: def step(x_t, p, v, k, c).",
    "Compute the new velocity first, and use it for the new position. Return both, p first.",
    "`scan(step, sequences=pushes, outputs_info=[floatX(0), floatX(0)], non_sequences=[k, c])`",
)
def swing(answer, rng):
    """A loop with two states, position and velocity, pushed by a sequence."""
    for time in (6, 3, 9):
        pushes = floatX(rng.normal(size=time) + 1)
        k, c = floatX(rng.uniform(0.2, 0.4)), floatX(rng.uniform(0.6, 0.8))
        positions, velocities = swing_path(pushes, k, c)
        answer.gives(
            (positions, velocities),
            *(pushes, k, c),
            names=["positions", "velocities"],
            mistakes={
                "positions come first, then velocities: yours are swapped": (
                    (velocities, positions)
                ),
                "the position moves by the old velocity: it must move by the new one": (
                    swing_path(pushes, k, c, old=True)
                ),
                "the friction c is missing": swing_path(pushes, k, 1),
                "the spring k pulls in the wrong direction": swing_path(pushes, -k, c),
                "the spring k is missing": swing_path(pushes, 0, c),
                "the pushes are missing": swing_path(pushes, k, c, pushed=False),
                "k and c are swapped": swing_path(pushes, c, k),
                "your step takes the velocity for the position: the states arrive in the order "
                "in which the step returns them": swapped_path(pushes, k, c),
                "these are only the last position and velocity: all time steps are asked for": (
                    (positions[-1], velocities[-1])
                ),
            },
        )


@exercise(
    "00.6",
    "Choose a step with one number in it, such as h -> tanh(w h), and look at the last state.",
    "Run it for settings that differ a lot, and write the prediction before the results.",
    "`report = dict(prediction=..., settings=[...], results=[my_loop(s) for s in settings], "
    "conclusion=...)`",
)
def own_loop(loop, report, rng):
    """A loop of the learner's own and what it does for at least four settings."""
    keys = ("prediction", "settings", "results", "conclusion")
    prediction, settings, results, conclusion = entries(report, *keys)
    words(prediction, "the prediction", 5)
    words(conclusion, "the conclusion", 10)
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
