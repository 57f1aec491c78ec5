"""Answers to the exercises of chapter 01: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, scan

# --- 01.1 ------------------------------------------------------------------------------------


def cut(n_of, X_of, y_of):
    """A loop over n_of(time, length, ahead) windows: X_of(i, length), y_of(i, length, ahead)."""

    def make(series, length, ahead):
        n = n_of(len(series), length, ahead)
        X = np.array([series[X_of(i, length)] for i in range(n)])
        y = np.array([series[y_of(i, length, ahead)] for i in range(n)])
        return X[..., None], y[:, None]

    return make


def n_windows(time, length, ahead):
    return time - length - ahead + 1


def here(i, length):
    return slice(i, i + length)


def target(i, length, ahead):
    return i + length + ahead - 1


def make_windows(change=lambda X, y: (X, y), n=n_windows, X_of=here, y_of=target):
    """The right windows, changed in some way."""
    return lambda *arguments: change(*cut(n, X_of, y_of)(*arguments))


def windows_as_lists(series, length, ahead):
    X, y = [], []
    while len(y) + length + ahead <= len(series):
        X.append([[value] for value in series[len(y) : len(y) + length]])
        y.append([series[len(y) + length + ahead - 1]])
    return [X, y]


def windows_by_view(s, k, a):
    view = np.lib.stride_tricks.sliding_window_view(s, k + a)
    return view[:, :k, None].astype("float32"), view[:, -1:].astype("float32")


# --- 01.2 ------------------------------------------------------------------------------------


def errors_by_loop(X_train, y_train, X_test, y_test):
    mean = sum(float(y[0]) for y in y_train) / len(y_train)
    pairs = [(float(x[-1, 0]), float(y[0])) for x, y in zip(X_test, y_test)]
    n = len(pairs)
    return [sum((mean - y) ** 2 for _, y in pairs) / n, sum((x - y) ** 2 for x, y in pairs) / n]


def mse(prediction, truth):
    return np.mean((prediction - truth) ** 2)


def errors(mean=lambda X, y, X2, y2: mse(y.mean(), y2), last=lambda X, y2: mse(X[:, -1], y2)):
    return lambda X, y, X2, y2: (mean(X, y, X2, y2), last(X2, y2))


def root_of_errors(*data):
    return np.sqrt(errors()(*data))[0], np.sqrt(errors()(*data))[1]


def sums_of_errors(*data):
    return [len(data[3]) * error for error in errors()(*data)]


def absolute_errors(X, y, X2, y2):
    return np.abs(y.mean() - y2).mean(), np.abs(X2[:, -1] - y2).mean()


# --- 01.3 ------------------------------------------------------------------------------------


def parity(step, start=0, late=False):
    """A loop over step(state, bit); with `late`, the state is noted before the step."""

    def loop(bits):
        state, answers = start, []
        for bit in bits:
            new = step(state, bit)
            answers.append(state if late else new)
            state = new
        return answers

    return loop


def flip(state, bit):
    return 1 - state if bit else state


# --- 01.4 ------------------------------------------------------------------------------------


def sine_by_height_and_phase(x0, x1, omega, steps):
    """Solve for the height of the sine and the cosine part instead of looping."""
    cosine, sine = x0, (x1 - x0 * np.cos(omega)) / np.sin(omega)
    t = omega * np.arange(2, steps + 2)
    return cosine * np.cos(t) + sine * np.sin(t)


def sine(weight=lambda omega: 2 * np.cos(omega), other=-1, swapped=False, part=lambda x: x[2:]):
    """A loop with two weights; `part` of all values, the given ones included."""

    def loop(before, last, omega, steps):
        values = [last, before] if swapped else [before, last]
        for _ in range(steps):
            values.append(weight(omega) * values[-1] + other * values[-2])
        return part(values)

    return loop


def weights_swapped(before, last, omega, steps):
    values = [before, last]
    for _ in range(steps):
        values.append(2 * np.cos(omega) * values[-2] - values[-1])
    return values[2:]


def not_fed_back(before, last, omega, steps):
    return [2 * np.cos(omega) * last - before for _ in range(steps)]


# --- 01.5 ------------------------------------------------------------------------------------


def split_by_feature(series, n_train):
    scaled = np.empty(series.shape, dtype="float32")
    for j in range(series.shape[1]):
        known = series[:n_train, j]
        scale = (sum((known - sum(known) / n_train) ** 2) / n_train) ** 0.5
        scaled[:, j] = (series[:, j] - sum(known) / n_train) / scale
    return scaled[:n_train], scaled[n_train:]


def split(mean=lambda a: a.mean(axis=0), std=lambda a: a.std(axis=0), peek=False, shift=0):
    def prepare(series, n):
        known = series if peek else series[: n + shift]
        scaled = (series - mean(known)) / std(known)
        return scaled[: n + shift], scaled[n + shift :]

    return prepare


def parts_alone(series, n):
    first, second = series[:n], series[n:]
    return tuple((part - part.mean(axis=0)) / part.std(axis=0) for part in (first, second))


def shuffled(series, n):
    return split()(np.random.default_rng().permutation(series), n)


def last_part(series, n):
    train, test = series[-n:], series[:-n]
    return (train - train.mean(0)) / train.std(0), (test - train.mean(0)) / train.std(0)


# --- 01.6 ------------------------------------------------------------------------------------


def walk(seed):
    return np.cumsum(np.random.default_rng(seed).normal(size=100))


ERRORS = {"persistence": [1.0, 1.1, 1.2], "mean": [9.0, 20.0, 13.0], "AR(2)": [1.1, 1.2, 1.3]}
REPORT = {
    "errors": ERRORS,
    "winner": "persistence",
    "conclusion": "nothing beats persistence on a random walk since the steps cannot be foreseen",
}


RIGHT = {
    "01.1": [make_windows(), windows_as_lists, windows_by_view],
    "01.2": [
        errors_by_loop,
        errors(),
        lambda a, b, c, d: (T.mean(T.sqr(b.mean() - d)), np.mean((c[:, -1, 0] - d[:, 0]) ** 2)),
    ],
    "01.3": [
        lambda bits: np.cumsum(bits) % 2,
        parity(flip),
        parity(flip, start=False),
        lambda bits: scan(T.xor, T.as_tensor_variable(bits), np.int64(0)),
        lambda bits: np.logical_xor.accumulate(bits),
    ],
    "01.4": [sine_by_height_and_phase, sine(), sine(lambda omega: np.float32(2 * np.cos(omega)))],
    "01.5": [split_by_feature, split()],
    "01.6": [
        (walk, REPORT),
        (
            lambda n: walk(n).astype("float32").tolist(),
            {**REPORT, "errors": {name: np.array(e) for name, e in ERRORS.items()}},
        ),
    ],
}

MISTAKES = {
    "01.1": [
        (make_windows(lambda X, y: (y, X)), "the other way round"),
        (make_windows(lambda X, y: X), "2 results are asked for"),
        (make_windows(n=lambda *a: n_windows(*a) - 1), "the last window is missing"),
        (make_windows(y_of=lambda *a: target(*a) - 1), "one step too early"),
        (
            make_windows(n=lambda *a: n_windows(*a) + 1, y_of=lambda *a: target(*a) - 1),
            "one step too early",
        ),
        (
            make_windows(n=lambda *a: n_windows(*a) - 1, y_of=lambda *a: target(*a) + 1),
            "one step too late",
        ),
        (make_windows(y_of=lambda *a: target(*a) + 1), "stops with IndexError"),
        (make_windows(lambda X, y: (X[:: X.shape[1]], y[:: X.shape[1]])), "do not overlap"),
        (make_windows(lambda X, y: (X[:, ::-1], y)), "run backward"),
        (make_windows(lambda X, y: (X[..., 0], y)), "X lacks the axis"),
        (make_windows(lambda X, y: (X, y[:, 0])), "y lacks the axis"),
        (make_windows(lambda X, y: (X[..., 0], y[:, 0])), "X and y lack the axis"),
        (make_windows(y_of=lambda i, length, ahead: i + length), "use ahead"),
        (lambda s, k, a: make_windows()(s, k, 1), "use ahead"),
    ],
    "01.2": [
        (lambda *data: errors()(*data)[::-1], "the other way round"),
        (lambda *data: errors()(*data)[0], "2 results are asked for"),
        (errors(lambda X, y, X2, y2: mse(y2.mean(), y2)), "knows the test targets"),
        (errors(lambda X, y, X2, y2: mse(X.mean(), y2)), "of the training inputs"),
        (errors(lambda X, y, X2, y2: mse(X2.mean(), y2)), "of the test inputs"),
        (errors(last=lambda X, y: mse(X[:, 0], y)), "yours says the first"),
        (errors(last=lambda X, y: mse(X.mean(axis=1), y)), "yours says the mean"),
        (errors(last=lambda X, y: mse(X[:, -1, 0], y)), "subtracts every target"),
        (lambda X, y, X2, y2: errors()(X, y, X, y), "on the training windows"),
        (sums_of_errors, "sums of squared errors"),
        (root_of_errors, "these are roots"),
        (absolute_errors, "mean absolute errors"),
    ],
    "01.3": [
        (lambda bits: sum(bits) % 2, "for the whole string"),
        (parity(flip, late=True), "one bit late"),
        (lambda bits: [0, *parity(flip)(bits)], "the start state comes out"),
        (parity(flip, start=1), "1 where the number of ones is even"),
        (parity(lambda state, bit: state + bit), "these are counts"),
        (parity(lambda state, bit: bit), "the bits themselves"),
        (parity(lambda state, bit: state | bit), "never goes back to 0"),
        (parity(lambda state, bit: flip(state, 1 - bit)), "flips at each 0"),
        (parity(lambda state, bit: 1 - state), "flips at every bit"),
        (lambda bits: parity(flip)(bits[::-1])[::-1], "reads the string backward"),
    ],
    "01.4": [
        (not_fed_back, "feed your own predictions back"),
        (sine(np.cos), "the factor 2"),
        (sine(other=1), "must be subtracted"),
        (sine(lambda omega: 2 * np.sin(omega)), "must be a cosine"),
        (lambda a, b, omega, n: sine(lambda _: -1, 2 * np.cos(omega))(a, b, omega, n), "swapped"),
        (weights_swapped, "weights are swapped"),
        (sine(swapped=True), "runs back in time"),
        (sine(part=lambda x: x), "the given values come out"),
        (sine(part=lambda x: x[1:-1]), "one step late"),
        (sine(part=lambda x: x[-1]), "only the last"),
        (sine(lambda omega: 2 * np.cos(1)), "a step of 1 radian"),
    ],
    "01.5": [
        (lambda *a: split()(*a)[::-1], "the other way round"),
        (split(lambda a: 0, lambda a: 1), "nothing is scaled"),
        (split(peek=True), "has seen the future"),
        (parts_alone, "its own mean and standard deviation"),
        (lambda series, n: (split()(series, n)[0], series[n:]), "the test part is not scaled"),
        (split(np.mean, np.std), "over all features together"),
        (split(std=lambda a: a.var(axis=0)), "divides by the variance"),
        (split(lambda a: 0), "the mean is not subtracted"),
        (split(std=lambda a: 1), "not divided by the standard deviation"),
        (split(std=lambda a: a.std(axis=0, ddof=1)), "divides by n - 1"),
        (split(shift=-1), "one step too early"),
        (split(shift=1), "one step too late"),
        (shuffled, "must be the first n_train time steps"),
        (last_part, "must be the first n_train time steps"),
    ],
    "01.6": [
        ((walk, {**REPORT, "errors": {"mean": [1, 2, 3]}}), "also for persistence"),
        ((walk, {**REPORT, "errors": {**ERRORS, "mean": [1, 2]}}), "at least 3 numbers"),
        ((walk, {**REPORT, "errors": {**ERRORS, "mean": [1, 2, -3]}}), "must be 0 or more"),
        ((walk, {**REPORT, "winner": "AR(2)"}), "persistence has a smaller median"),
        ((walk, {**REPORT, "winner": "me"}), "must be one of"),
        ((walk, {**REPORT, "conclusion": "as expected"}), "too short"),
        ((lambda seed: walk(None), REPORT), "two different series for the same seed"),
        ((lambda seed: walk(0), REPORT), "the same series for every seed"),
        ((lambda seed: walk(seed)[:50], REPORT), "at least 100 numbers"),
        ((REPORT, walk), "must be a dict"),
    ],
}
