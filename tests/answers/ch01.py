"""Answers to the exercises of chapter 01: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T, scan


def windows_as_lists(series, length, ahead):
    X, y = [], []
    while len(y) + length + ahead <= len(series):
        X.append([[value] for value in series[len(y) : len(y) + length]])
        y.append([series[len(y) + length + ahead - 1]])
    return [X, y]


def windows_by_view(s, k, a):
    view = np.lib.stride_tricks.sliding_window_view(s, k + a)
    return view[:, :k, None].astype("float32"), view[:, -1:].astype("float32")


def late_windows(n, shift):
    """Targets that come too late or too early by `shift`, `n` windows more or less."""

    def make(series, length, ahead):
        starts = range(len(series) - length - ahead + 1 + n)
        X = [series[i : i + length, None] for i in starts]
        return X, [series[i + length + ahead - 1 + shift, None] for i in starts]

    return make


def errors_by_loop(X_train, y_train, X_test, y_test):
    mean = sum(float(y[0]) for y in y_train) / len(y_train)
    pairs = [(float(x[-1, 0]), float(y[0])) for x, y in zip(X_test, y_test)]
    n = len(pairs)
    return [sum((mean - y) ** 2 for _, y in pairs) / n, sum((x - y) ** 2 for x, y in pairs) / n]


def parity(step):
    """A loop over step(state, bit)."""

    def loop(bits):
        state, answers = 0, []
        for bit in bits:
            state = step(state, bit)
            answers.append(state)
        return answers

    return loop


def sine_by_height_and_phase(x0, x1, omega, steps):
    """Solve for the height of the sine and the cosine part instead of looping."""
    cosine, sine = x0, (x1 - x0 * np.cos(omega)) / np.sin(omega)
    t = omega * np.arange(2, steps + 2)
    return cosine * np.cos(t) + sine * np.sin(t)


def split_by_feature(series, n_train):
    scaled = np.empty(series.shape, dtype="float32")
    for j in range(series.shape[1]):
        known = series[:n_train, j]
        scale = (sum((known - sum(known) / n_train) ** 2) / n_train) ** 0.5
        scaled[:, j] = (series[:, j] - sum(known) / n_train) / scale
    return scaled[:n_train], scaled[n_train:]


def parts_alone(series, n):
    return tuple((part - part.mean(axis=0)) / part.std(axis=0) for part in np.split(series, [n]))


def walk(seed):
    return np.cumsum(np.random.default_rng(seed).normal(size=100))


ERRORS = {"persistence": [1.0, 1.1, 1.2], "mean": [9.0, 20.0, 13.0], "AR(2)": [1.1, 1.2, 1.3]}
REPORT = {
    "errors": ERRORS,
    "winner": "persistence",
    "conclusion": "nothing beats persistence on a random walk since the steps cannot be foreseen",
}

RIGHT = {
    "01.1": [windows_as_lists, windows_by_view],
    "01.2": [
        errors_by_loop,
        lambda a, b, c, d: (T.mean(T.sqr(b.mean() - d)), np.mean((c[:, -1, 0] - d[:, 0]) ** 2)),
    ],
    "01.3": [
        parity(lambda state, bit: 1 - state if bit else state),
        lambda bits: scan(T.xor, T.as_tensor_variable(bits), np.int64(0)),
        lambda bits: np.logical_xor.accumulate(bits),
    ],
    "01.4": [sine_by_height_and_phase],
    "01.5": [split_by_feature],
    "01.6": [(lambda seed: walk(seed).astype("float32").tolist(), REPORT)],
}

MISTAKES = {
    "01.1": [
        (late_windows(0, -1), "leaks into the input"),
        (late_windows(1, -1), "one window too many"),
        (late_windows(-1, 1), "one step too late"),
        (late_windows(0, 1), "stops with IndexError"),
        (lambda *a: windows_as_lists(*a)[0], "return 2 results"),
    ],
    "01.2": [
        (lambda *data: errors_by_loop(*data)[0], "return 2 results"),
        (lambda X, y, X2, y2: errors_by_loop(X, y2, X2, y2), "knows the test targets"),
        (lambda *data: np.sqrt(errors_by_loop(*data)).tolist(), "these are roots"),
    ],
    "01.3": [
        (lambda bits: sum(bits) % 2, "for the whole string"),
        (lambda bits: [0, *np.cumsum(bits) % 2], "the start state comes out"),
        (parity(lambda state, bit: state | bit), "never goes back to 0"),
        (parity(lambda state, bit: state & bit), "but should be"),
    ],
    "01.4": [
        (lambda a, b, omega, n: [2 * np.cos(omega) * b - a] * n, "your own predictions back"),
        (lambda a, b, *rest: sine_by_height_and_phase(b, a, *rest), "runs back in time"),
        (lambda *a: sine_by_height_and_phase(*a)[:, None], "must have shape"),
    ],
    "01.5": [
        (parts_alone, "its own mean and standard deviation"),
        (lambda s, n: parts_alone(np.random.default_rng().permutation(s), n), "in their order"),
        (lambda series, n: parts_alone(series, -n)[::-1], "must be the first n_train time steps"),
    ],
    "01.6": [
        ((walk, {**REPORT, "errors": {"mean": [1, 2, 3]}}), "also for persistence"),
        ((walk, {**REPORT, "errors": {**ERRORS, "mean": [1, 2, -3]}}), "must be 0 or more"),
        ((walk, {**REPORT, "winner": "AR(2)"}), "persistence has a smaller median"),
        ((lambda seed: walk(None), REPORT), "two different series for the same seed"),
        ((lambda seed: walk(0), REPORT), "the same series for every seed"),
        ((lambda seed: walk(seed)[:50], REPORT), "at least 100 numbers"),
    ],
}
