"""Answers to the exercises of chapter 10: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib import speech
from course_lib.backend import T

# --- 10.1 ------------------------------------------------------------------------------------


def frames(sound, length, step):
    count = (len(sound) - length) // step + 1
    return sound[np.arange(length) + step * np.arange(count)[:, None]]


def frames_in_a_loop(sound, length, step):
    result, start = [], 0
    while start + length <= len(sound):
        result.append(list(sound[start : start + length]))
        start += step
    return result


def frames_by_view(sound, length, step):
    return np.lib.stride_tricks.sliding_window_view(sound, length)[::step].astype("float32")


def frames_with_rest(sound, length, step):
    rest = (len(sound) - length) % step
    return frames(np.pad(sound, (0, step - rest if rest else 0)), length, step)


def off_by_one(sound, length, step):
    return np.array([sound[s : s + length] for s in range(0, len(sound) - length, step)])


def loudness(pieces):
    return [10 * np.log10(sum(x**2 for x in piece) / len(piece)) for piece in pieces]


def decibels(power, factor=10, log=np.log10):
    """Another power of the frames (n, length), another factor or logarithm."""
    return lambda pieces: factor * log(power(pieces))


def power(pieces):
    return np.mean(pieces**2, axis=1)


# --- 10.2 ------------------------------------------------------------------------------------


def to_mel(f):
    return 1127.01048 * np.log1p(f / 700)


def to_hz(m):
    return 700 * np.expm1(m / 2595 * np.log(10))


def corners(count, low, high):
    return speech.mel_to_hz(np.linspace(speech.hz_to_mel(low), speech.hz_to_mel(high), count + 2))


def filters(frequency, count, low, high):
    c = corners(count, low, high)
    return np.array([np.interp(frequency, c[i : i + 3], [0, 1, 0]) for i in range(count)])


def filters_in_loops(frequency, count, low, high):
    c, result = corners(count, low, high), []
    for left, middle, right in zip(c, c[1:], c[2:]):
        row = []
        for f in frequency:
            if left < f <= middle:
                row.append((f - left) / (middle - left))
            elif middle < f < right:
                row.append((right - f) / (right - middle))
            else:
                row.append(0.0)
        result.append(row)
    return result


def filters_in_theano(frequency, count, low, high):
    c = corners(count, low, high)[:, None]
    rising = (frequency - c[:-2]) / (c[1:-1] - c[:-2])
    return T.maximum(T.minimum(rising, (c[2:] - frequency) / (c[2:] - c[1:-1])), 0)


def with_corners(make):
    """Triangles over other corners, make(count, low, high)."""

    def function(frequency, count, low, high):
        c = make(count, low, high)
        return np.array([np.interp(frequency, p, [0, 1, 0]) for p in zip(c, c[1:], c[2:])])

    return function


def with_sides(join):
    """Another function of the rising and the falling side."""

    def function(frequency, count, low, high):
        c = corners(count, low, high)[:, None]
        rising = (frequency - c[:-2]) / (c[1:-1] - c[:-2])
        return join(rising, (c[2:] - frequency) / (c[2:] - c[1:-1]))

    return function


def straight_in_mel(frequency, count, low, high):
    c = speech.hz_to_mel(corners(count, low, high))
    mel = speech.hz_to_mel(frequency)
    return [np.interp(mel, p, [0, 1, 0]) for p in zip(c, c[1:], c[2:])]


def of_area_1(*arguments):
    c = corners(*arguments[1:])
    return filters(*arguments) * 2 / (c[2:] - c[:-2])[:, None]


def of_sum_1(*arguments):
    rows = filters(*arguments)
    return rows / np.maximum(rows.sum(axis=1, keepdims=True), 1e-9)


MEL = (speech.hz_to_mel, speech.mel_to_hz)

# --- 10.3 ------------------------------------------------------------------------------------


def pad(sequences):
    return speech.pad(sequences), [len(s) for s in sequences]


def pad_by_concatenation(sequences):
    longest = max(len(s) for s in sequences)
    rows = [np.pad(s, ((0, longest - len(s)), (0, 0))) for s in sequences]
    return np.stack(rows), np.array([float(s.shape[0]) for s in sequences])


def padded(row, lengths=lambda sequences: [len(s) for s in sequences], change=lambda X: X):
    """row(sequence, missing, sequences) for each; other lengths."""

    def function(sequences):
        longest = max(map(len, sequences))
        X = np.array([row(s, longest - len(s), sequences) for s in sequences])
        return change(X), lengths(sequences)

    return function


def behind(s, missing, sequences):
    return np.pad(s, ((0, missing), (0, 0)))


def shortest(s, missing, sequences):
    return s[: min(map(len, sequences))]


def not_zero(sequences):
    return [int(s.any(axis=1).sum()) for s in sequences]


def last_not_zero(sequences):
    return [int(np.flatnonzero(s.any(axis=1))[-1]) + 1 for s in sequences]


def mask(lengths, time):
    return np.array([[1.0] * n + [0.0] * (time - n) for n in lengths])


def mask_in_theano(lengths, time):
    return T.lt(T.arange(time), T.shape_padright(T.as_tensor_variable(lengths)))


# --- 10.4 ------------------------------------------------------------------------------------


def mean_by_sample(states, mask):
    return [s[m].mean(axis=0) for s, m in zip(states, mask)]


def mean_by_weights(states, mask):
    return np.einsum("btu,bt->bu", states, mask / mask.sum(axis=1, keepdims=True))


def mean_in_theano(states, mask):
    weights = T.shape_padright(T.as_tensor_variable(mask.astype(states.dtype)))
    return (states * weights).sum(axis=1) / weights.sum(axis=1)


def last_by_sample(states, mask):
    return [s[m][-1] for s, m in zip(states, mask)]


def last_by_carrying(states, mask):
    """As a masked loop does it: padding leaves the old state as it is."""
    h = np.zeros_like(states[:, 0])
    for t in range(states.shape[1]):
        h = np.where(mask[:, t, None], states[:, t], h)
    return h


def last_by_argmax(states, mask):
    last = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)
    return np.take_along_axis(states, last[:, None, None], axis=1)[:, 0]


def lengths(mask):
    return mask.sum(axis=1)


def total(states, mask):
    return (states * mask[:, :, None]).sum(axis=1)


def at(step):
    """The state at step(lengths)."""
    return lambda states, mask: states[np.arange(len(states)), step(lengths(mask))]


# --- 10.5 ------------------------------------------------------------------------------------


def rms(x):
    return np.sqrt(np.mean(x**2))


def noisy(sound, noise, snr):
    return sound + noise / rms(noise) * rms(sound) * 10 ** (-snr / 20)


def noisy_by_sums(sound, noise, snr):
    wanted = sum(x * x for x in sound) / 10 ** (snr / 10)
    factor = (wanted / sum(x * x for x in noise)) ** 0.5
    return [s + factor * n for s, n in zip(sound, noise)]


def with_factor(factor):
    """factor(power of the sound, power of the noise, snr) times the noise."""
    return lambda s, n, snr: s + n * factor(np.mean(s**2), np.mean(n**2), snr)


def snr(clean, with_noise):
    return 20 * np.log10(rms(clean) / rms(with_noise - clean))


def snr_of_logs(clean, with_noise):
    powers = [float(np.mean(np.square(x))) for x in (clean, clean - with_noise)]
    return 10 * (np.log10(powers[0]) - np.log10(powers[1]))


def snr_in_theano(clean, with_noise):
    clean = T.as_tensor_variable(clean)
    return 10 * T.log10(T.sqr(clean).sum() / T.sqr(with_noise - clean).sum())


def quotient(formula):
    """10 log10 of formula(clean, noisy)."""
    return lambda clean, with_noise: 10 * np.log10(formula(clean, with_noise))


# --- 10.6 ------------------------------------------------------------------------------------

REPORT = {
    "question": "how many voices does it need?",
    "prediction": "ten voices will do, as digits are few",
    "errors": {"10 voices": [0.2, 0.25, 0.1], "30 voices": [0.1, 0.1, 0.05]},
    "winner": "30 voices",
    "conclusion": "I was wrong: with three times as many voices there are half as many errors",
}


def errors(**lists):
    return ({**REPORT, "errors": lists},)


RIGHT = {
    "10.1": [
        (frames, loudness),
        (frames_in_a_loop, lambda p: 20 * np.log10(np.linalg.norm(p, axis=1) / p.shape[1] ** 0.5)),
        (frames_by_view, decibels(power, 10 / np.log(10), np.log)),
        (speech.frames, lambda p: 10 * T.log10(T.mean(T.sqr(p), axis=1))),
    ],
    "10.2": [
        (to_mel, to_hz, filters),
        (*MEL, filters_in_loops),
        (*MEL, filters_in_theano),
        (lambda f: [2595 * np.log10(1 + x / 700) for x in f], to_hz, filters),
    ],
    "10.3": [
        (pad, mask),
        (pad_by_concatenation, mask_in_theano),
        (padded(behind), lambda n, time: np.arange(time)[None] - n[:, None] < 0),
    ],
    "10.4": [
        (mean_by_sample, last_by_sample),
        (mean_by_weights, last_by_carrying),
        (mean_in_theano, last_by_argmax),
    ],
    "10.5": [(noisy, snr), (noisy_by_sums, snr_of_logs), (noisy, snr_in_theano)],
    "10.6": [
        (REPORT,),
        ({**REPORT, "errors": {"a": np.zeros(3), "b": [0.5] * 4, "c": [1, 1, 1]}, "winner": "a"},),
    ],
}

MISTAKES = {
    "10.1": [
        ((lambda s, n, step: frames(s, n, n), loudness), "your frames do not overlap"),
        ((lambda s, n, step: frames(s, n, 1), loudness), "begins at every sample"),
        ((lambda s, n, step: frames(s, step, n), loudness), "length and step are swapped"),
        ((frames_with_rest, loudness), "filled up with zeros"),
        ((off_by_one, loudness), "the last frame is missing"),
        ((lambda *a: frames(*a)[1:], loudness), "the first frame is missing"),
        (
            (lambda s, n, step: frames(s[(len(s) - n) % step :], n, step), loudness),
            "the first one starts at sample 0",
        ),
        ((lambda s, n, step: frames(s, n, max(n - step, 1)), loudness), "overlap by `step`"),
        ((lambda *a: frames(*a)[:, ::-1], loudness), "run backward"),
        ((lambda *a: frames(*a).T, loudness), "the frames stand side by side"),
        (
            (lambda s, n, step: [s[i : i + n] for i in range(0, len(s), step)], loudness),
            "must be an array of numbers",
        ),
        ((frames, decibels(power, 20)), "the factor 10, not 20"),
        ((frames, decibels(power, 1)), "this is in bels"),
        ((frames, decibels(power, 10, np.log)), "this is the natural logarithm"),
        ((frames, power), "the logarithm is missing"),
        ((frames, decibels(lambda p: (p**2).sum(axis=1))), "this is the energy"),
        ((frames, decibels(lambda p: abs(p).mean(axis=1))), "the samples are not squared"),
        ((frames, decibels(lambda p: power(p) ** 0.5)), "you take the root"),
        ((frames, lambda p: np.mean(10 * np.log10(p**2), axis=1)), "the mean comes first"),
        ((frames, decibels(lambda p: p.var(axis=1))), "this is the variance"),
        ((frames, decibels(lambda p: (p**2).max(axis=1))), "this is the loudest sample"),
        ((frames, decibels(lambda p: (p**2).mean(axis=0))), "you average over the frames"),
        ((frames, decibels(lambda p: (p**2).mean())), "of all frames together"),
    ],
    "10.2": [
        ((lambda f: 2595 * np.log(1 + f / 700), to_hz, filters), "this is the natural logarithm"),
        ((lambda f: 2595 * np.log10(f / 700), to_hz, filters), "the 1 is missing"),
        ((lambda f: 2595 * np.log10((1 + f) / 700), to_hz, filters), "belongs to f / 700"),
        ((lambda f: np.log10(1 + f / 700), to_hz, filters), "the factor 2595 is missing"),
        ((to_hz, to_hz, filters), "this is mel to hertz"),
        ((to_mel, lambda m: 700 * 10 ** (m / 2595), filters), "1 must be subtracted: 0 mel"),
        ((to_mel, lambda m: 700 * 10 ** (m / 2595) - 1, filters), "subtracted too late"),
        ((to_mel, lambda m: 700 * np.expm1(m / 2595), filters), "this is e to the power"),
        ((to_mel, to_mel, filters), "this is hertz to mel"),
        ((to_mel, lambda m: 10 ** (m / 2595) - 1, filters), "the factor 700 is missing"),
        ((to_mel, lambda m: 700 * (10 ** (m / 2595) + 1), filters), "not added"),
        (
            (*MEL, with_corners(lambda count, low, high: np.linspace(low, high, count + 2))),
            "the corners lie evenly in hertz",
        ),
        ((*MEL, straight_in_mel), "the sides are straight in mel"),
        (
            (*MEL, with_corners(lambda *a: speech.hz_to_mel(corners(*a)))),
            "the corners are in mel",
        ),
        ((*MEL, with_corners(lambda count, *a: corners(count - 2, *a))), "two triangles are"),
        ((*MEL, with_corners(lambda count, *a: corners(count - 1, *a))), "one triangle is missing"),
        ((*MEL, with_corners(lambda count, *a: corners(count + 1, *a))), "one triangle too many"),
        ((*MEL, with_sides(np.minimum)), "yours goes on below it"),
        ((*MEL, with_sides(lambda up, down: np.clip(up, 0, 1))), "only the rising side"),
        ((*MEL, with_sides(lambda up, down: np.clip(down, 0, 1))), "only the falling side"),
        (
            (*MEL, with_sides(lambda up, down: np.maximum(np.maximum(up, down), 0))),
            "you take the larger",
        ),
        ((*MEL, of_area_1), "have the area 1"),
        ((*MEL, of_sum_1), "divided by its sum"),
        ((*MEL, lambda *a: filters(*a).T), "stand in the columns"),
        ((*MEL, lambda *a: filters(*a)[::-1]), "the opposite order"),
    ],
    "10.3": [
        (
            (padded(lambda s, missing, all: np.pad(s, ((missing, 0), (0, 0)))), mask),
            "the zeros stand in front",
        ),
        (
            (padded(lambda s, missing, all: np.pad(s, ((0, missing), (0, 0)), "edge")), mask),
            "the last frame is repeated",
        ),
        ((padded(shortest), mask), "all sequences are cut to the shortest"),
        (
            (padded(shortest, lambda all: [min(map(len, all))] * len(all)), mask),
            "and so are their lengths",
        ),
        (
            (padded(lambda s, missing, all: behind(s, missing + 1, all)), mask),
            "X has one step too many",
        ),
        ((padded(behind, change=lambda X: X.swapaxes(0, 1)), mask), "X is time-major"),
        (
            (padded(behind, lambda all: [max(map(len, all))] * len(all)), mask),
            "these are the lengths with padding",
        ),
        (
            (padded(behind, lambda all: [max(map(len, all)) - len(s) for s in all]), mask),
            "the numbers of padded steps",
        ),
        ((padded(behind, not_zero), mask), "count the frames that are not zero"),
        ((padded(behind, last_not_zero), mask), "end at the last frame that is not zero"),
        ((lambda all: pad(sorted(all, key=len)), mask), "sorted by length"),
        ((lambda all: speech.pad(all), mask), "2 results are asked for (X, lengths)"),
        ((pad, lambda n, time: 1 - mask(n, time)), "turn it round"),
        ((pad, lambda n, time: np.arange(time) <= n[:, None]), "one step too many"),
        ((pad, lambda n, time: np.arange(time) < n[:, None] - 1), "one step too few"),
        (
            (pad, lambda n, time: (np.arange(time) > 0) & (np.arange(time) < n[:, None])),
            "leaves out the first step",
        ),
        ((pad, lambda n, time: mask(n, time)[:, ::-1]), "your mask is True at the end"),
        ((pad, lambda n, time: np.eye(time)[n - 1]), "only at the last real step"),
        ((pad, lambda n, time: mask(n, max(n))), "`time` steps are asked for"),
        ((pad, lambda n, time: mask(n, time).T), "your mask is time-major"),
        ((pad, lambda n, time: np.arange(time) < n), "stops with ValueError"),
    ],
    "10.4": [
        ((lambda s, m: s.mean(axis=1), last_by_sample), "this is the mean over all steps"),
        (
            (lambda s, m: (s * m[..., None]).mean(axis=1), last_by_sample),
            "you divide by all steps",
        ),
        ((total, last_by_sample), "this is the sum over the real steps"),
        ((lambda s, m: total(s, m) / m.sum(), last_by_sample), "of all real steps of the batch"),
        ((lambda s, m: total(s, m) / lengths(m).mean(), last_by_sample), "by the mean length"),
        ((lambda s, m: total(s, m) / lengths(m).max(), last_by_sample), "by the longest length"),
        (
            (lambda s, m: s.sum(axis=1) / lengths(m)[:, None], last_by_sample),
            "only the divisor leaves it out",
        ),
        ((lambda s, m: mean_by_sample(s, ~m), last_by_sample), "the mean over the padding"),
        ((lambda s, m: s[m].mean(axis=0), last_by_sample), "the real steps of all samples"),
        (
            (lambda s, m: [x[k][:-1].mean(axis=0) for x, k in zip(s, m)], last_by_sample),
            "leaves out the last real step",
        ),
        ((lambda s, m: mean_by_weights(s, m)[:, None], last_by_sample), "the mean keeps an axis"),
        ((last_by_argmax, last_by_sample), "this is the last valid state"),
        ((mean_by_weights, lambda s, m: s[:, -1]), "padding included"),
        ((mean_by_weights, at(lambda n: n)), "this is one step too late"),
        ((mean_by_weights, at(lambda n: n - 2)), "this is one step too early"),
        ((mean_by_weights, lambda s, m: s[:, 0]), "this is the first state"),
        ((mean_by_weights, at(lambda n: n.max() - 1)), "the last step of the longest"),
        ((mean_by_weights, at(lambda n: n.min() - 1)), "the last step of the shortest"),
        ((mean_by_weights, at(lambda n: np.roll(n, 1) - 1)), "belong to other samples"),
        ((mean_by_weights, lambda s, m: s[:, lengths(m) - 1]), "pick pairs with np.arange"),
        ((mean_by_weights, lambda s, m: (s * m[..., None])[:, -1]), "times the mask"),
        ((mean_by_weights, lambda s, m: last_by_argmax(s, m)[:, None]), "keeps an axis for time"),
        ((mean_by_weights, mean_by_weights), "this is the masked mean"),
    ],
    "10.5": [
        ((lambda s, n, snr: s + n, snr), "the noise is added as it is"),
        ((with_factor(lambda s, n, snr: s / n / 10 ** (snr / 10)), snr), "is its root"),
        ((lambda s, n, snr: noisy(s, n, -snr), snr), "the snr has the wrong sign"),
        ((lambda s, n, snr: noisy(s, n, snr / 2), snr), "divided by 10, not by 20"),
        ((lambda s, n, snr: noisy(s, n, 2 * snr), snr), "goes with snr / 20"),
        ((with_factor(lambda s, n, snr: (s / n / abs(snr)) ** 0.5), snr), "used as a ratio"),
        (
            (with_factor(lambda s, n, snr: (s / n / np.exp(snr / 10)) ** 0.5), snr),
            "this is e to the power",
        ),
        (
            (with_factor(lambda s, n, snr: (s / 10 ** (snr / 10)) ** 0.5), snr),
            "the power of the noise is taken for 1",
        ),
        (
            (with_factor(lambda s, n, snr: (1 / n / 10 ** (snr / 10)) ** 0.5), snr),
            "the power of the sound is taken for 1",
        ),
        (
            (with_factor(lambda s, n, snr: (n / s / 10 ** (snr / 10)) ** 0.5), snr),
            "the two powers are swapped",
        ),
        (
            (lambda s, n, snr: s + n * s.std() / n.std() / 10 ** (snr / 20), snr),
            "you take the standard deviations",
        ),
        (
            (lambda s, n, snr: s + n * abs(s).mean() / abs(n).mean() / 10 ** (snr / 20), snr),
            "you take mean absolute values",
        ),
        (
            (lambda s, n, snr: s + n * abs(s).max() / abs(n).max() / 10 ** (snr / 20), snr),
            "you take the loudest samples",
        ),
        (
            (lambda s, n, snr: s * rms(n) / rms(s) * 10 ** (snr / 20) + n, snr),
            "the sound is scaled and the noise is left",
        ),
        ((lambda s, n, snr: noisy(s, n, snr) - s, snr), "this is the noise alone"),
        ((lambda s, n, snr: 2 * s - noisy(s, n, snr), snr), "the noise is subtracted"),
        ((noisy, lambda c, n: -snr(c, n)), "turn the quotient round"),
        ((noisy, quotient(lambda c, n: np.mean(c**2) / np.mean(n**2))), "by the power of the"),
        (
            (noisy, quotient(lambda c, n: np.mean(n**2) / np.mean((n - c) ** 2))),
            "compare the noisy sound with the noise",
        ),
        (
            (noisy, quotient(lambda c, n: np.mean(n**2) / np.mean(c**2))),
            "compare the noisy sound with the clean one",
        ),
        (
            (noisy, quotient(lambda c, n: np.mean(c**2) / abs(np.mean(n**2) - np.mean(c**2)))),
            "you subtract the powers",
        ),
        ((noisy, lambda c, n: 2 * snr(c, n)), "the factor 10, not 20"),
        ((noisy, lambda c, n: snr(c, n) / 2), "the root of the powers"),
        ((noisy, lambda c, n: snr(c, n) / 10), "this is in bels"),
        ((noisy, lambda c, n: snr(c, n) * np.log(10)), "this is the natural logarithm"),
        ((noisy, lambda c, n: 10 ** (snr(c, n) / 10)), "the logarithm is missing"),
        ((noisy, quotient(lambda c, n: c.var() / (n - c).var())), "you take variances"),
        (
            (noisy, lambda c, n: 20 * np.log10(abs(c).mean() / abs(n - c).mean())),
            "you take mean absolute values",
        ),
        ((noisy, quotient(lambda c, n: np.mean((c / (n - c)) ** 2))), "the mean of quotients"),
    ],
    "10.6": [
        ((list(REPORT),), "must be a dict"),
        (({**REPORT, "question": "voices?"},), "the question is too short"),
        (({**REPORT, "prediction": ""},), "the prediction is too short"),
        (errors(one=[0.1, 0.2, 0.3]), "a dict of at least 2 lists"),
        (errors(one=[0.1, 0.2, 0.3], two=[0.1, 0.2]), "at least 3 numbers"),
        (errors(one=[0.1, 0.2, 0.3], two=[10, 20, 30]), "from 0 to 1"),
        (errors(one=[0.1, 0.2, 0.3], two=[0.1, np.nan, 0.3]), "'errors' of 'two' contains NaN"),
        (errors(one=[0.1, 0.1, 0.1], two=[0.1, 0.1, 0.1]), "all errors are equal"),
        (({**REPORT, "winner": "10 voices"},), "30 voices has a smaller median"),
        (({**REPORT, "winner": "GRU"},), "must be one of 10 voices, 30 voices"),
        (({**REPORT, "conclusion": "30 is better"},), "the conclusion is too short"),
        (({"question": REPORT["question"]},), "says nothing under 'prediction'"),
    ],
}
