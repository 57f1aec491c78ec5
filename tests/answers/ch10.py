"""Answers to the exercises of chapter 10: right ones, written otherwise, and wrong ones."""

import numpy as np

from course_lib import speech
from course_lib.backend import T

# --- 10.1 ------------------------------------------------------------------------------------


def frames(sound, length, step):
    count = (len(sound) - length) // step + 1
    return sound[np.arange(length) + step * np.arange(count)[:, None]]


def off_by_one(sound, length, step):
    return np.array([sound[s : s + length] for s in range(0, len(sound) - length, step)])


def loudness(pieces):
    return [10 * np.log10(sum(x**2 for x in piece) / len(piece)) for piece in pieces]


def loudness_in_place(pieces):
    pieces *= pieces
    return 10 * np.log10(pieces.mean(axis=1))


# --- 10.2 ------------------------------------------------------------------------------------


def to_mel(f):
    return 1127.01048 * np.log1p(f / 700)


def to_hz(m):
    return 700 * np.expm1(m / 2595 * np.log(10))


def corners(count, low, high):
    return speech.mel_to_hz(np.linspace(*speech.hz_to_mel([low, high]), count + 2))


def filters(frequency, count, low, high):
    c = corners(count, low, high)
    return np.array([np.interp(frequency, c[i : i + 3], [0, 1, 0]) for i in range(count)])


def filters_in_theano(frequency, count, low, high):
    c = corners(count, low, high)[:, None]
    rising = (frequency - c[:-2]) / (c[1:-1] - c[:-2])
    return T.maximum(T.minimum(rising, (c[2:] - frequency) / (c[2:] - c[1:-1])), 0)


# --- 10.3 ------------------------------------------------------------------------------------


def pad(sequences):
    return speech.pad(sequences), [len(s) for s in sequences]


def pad_by_concatenation(sequences):
    longest = max(len(s) for s in sequences)
    rows = [np.concatenate([s, 0 * s[:1].repeat(longest - len(s), 0)]) for s in sequences]
    return np.stack(rows), np.array([float(s.shape[0]) for s in sequences])


def mask(lengths, time):
    return np.array([[1.0] * n + [0.0] * (time - n) for n in lengths])


def mask_in_theano(lengths, time):
    return T.lt(T.arange(time), T.shape_padright(T.as_tensor_variable(lengths)))


# --- 10.4 ------------------------------------------------------------------------------------


def mean_by_sample(states, mask):
    return [s[m].mean(axis=0) for s, m in zip(states, mask)]


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


# --- 10.5 ------------------------------------------------------------------------------------


def noisy(sound, noise, snr):
    wanted = sum(x * x for x in sound) / 10 ** (snr / 10)
    factor = (wanted / sum(x * x for x in noise)) ** 0.5
    return [s + factor * n for s, n in zip(sound, noise)]


def snr(clean, with_noise):
    powers = [float(np.mean(np.square(x))) for x in (clean, clean - with_noise)]
    return 10 * (np.log10(powers[0]) - np.log10(powers[1]))


# --- 10.6 ------------------------------------------------------------------------------------

REPORT = {
    "question": "how many voices does it need?",
    "prediction": "ten voices will do, as digits are few",
    "errors": {"10 voices": [0.2, 0.25, 0.1], "30 voices": [0.1, 0.1, 0.05]},
    "winner": "30 voices",
    "conclusion": "I was wrong: with three times as many voices there are half as many errors",
}


def report(**changes):
    return {**REPORT, **changes}


def errors(**lists):
    return report(errors=lists)


RIGHT = {
    "10.1": [
        (frames, loudness),
        (frames, lambda pieces: 10 * T.log10(T.mean(T.sqr(pieces), axis=1))),
    ],
    "10.2": [(to_mel, to_hz, filters), (lambda f: list(to_mel(f)), to_hz, filters_in_theano)],
    "10.3": [(pad, mask), (pad_by_concatenation, mask_in_theano)],
    "10.4": [(mean_by_sample, last_by_carrying), (mean_in_theano, last_by_sample)],
    "10.5": [(noisy, snr)],
    "10.6": [REPORT, report(errors={"a": np.zeros(3), "b": [0.5] * 4}, winner="a")],
}

MISTAKES = {
    "10.1": [
        ((off_by_one, loudness), "the last frame is missing"),
        (
            (lambda s, n, step: [s[i : i + n] for i in range(0, len(s), step)], loudness),
            "must be an array of numbers",
        ),
        (
            (frames, lambda pieces: 20 * np.log10(np.linalg.norm(pieces, axis=1))),
            "this is the energy",
        ),
        ((frames, loudness_in_place), "changes its argument number 1"),
        ((frames,), "answers asked for: 2, got 1"),
    ],
    "10.2": [
        ((np.log, to_hz, filters), "hz_to_mel is"),
        ((to_mel, lambda m: 700 * np.expm1(m / 2595), filters), "this is e to the power"),
        (
            (to_mel, to_hz, lambda f, *a: [np.interp(f, p, [0, 1, 0]) for p in [corners(*a)]]),
            "stops with ValueError",
        ),
        ((to_mel, to_hz, lambda *a: filters(*a)[:1]), "the filters must have shape"),
    ],
    "10.3": [
        ((lambda all: pad(all)[0], mask), "return 2 results (X, lengths)"),
        ((lambda all: (pad(all)[0], np.count_nonzero(all[0])), mask), "lengths must have shape"),
        ((lambda all: pad(sorted(all, key=len)), mask), "sorted by length"),
        ((pad, lambda n, time: np.eye(time)[n - 1]), "only at the last real step"),
        ((pad, lambda n, time: np.arange(time) < n), "stops with ValueError"),
    ],
    "10.4": [
        ((lambda s, m: [x[k][:-1].mean(0) for x, k in zip(s, m)], last_by_sample), "leaves out"),
        ((lambda s, m: s[m].mean(axis=0), last_by_sample), "the real steps of all samples"),
        ((lambda s, m: mean_by_sample(s, ~m)[0], last_by_sample), "masked_mean must have shape"),
        ((mean_by_sample, lambda s, m: s[np.arange(len(s)), m.sum(1)]), "one step too late"),
        ((mean_by_sample, lambda s, m: [x[k] for x, k in zip(s, m)]), "must be an array of"),
    ],
    "10.5": [
        (
            (lambda s, n, snr: s + n * s.std() / n.std() / 10 ** (snr / 20), snr),
            "you take the standard deviations",
        ),
        ((lambda s, n, snr: noisy(s, n / 2, snr)[1:], snr), "the noisy sound must have shape"),
        ((noisy, lambda c, n: snr(n - c, n)), "turn the quotient round"),
        ((noisy, lambda c, n: 10 * np.log10(c**2 / (n - c) ** 2)), "must have shape ()"),
    ],
    "10.6": [
        (list(REPORT), "must be a dict"),
        (errors(one=[0.1, 0.2, 0.3]), "a dict of at least 2 lists"),
        (errors(one=[0.1, 0.2, 0.3], two=[10, 20, 30]), "from 0 to 1"),
        (errors(one=[0.1, 0.1, 0.1], two=[0.1, 0.1, 0.1]), "all errors are equal"),
        (report(winner="10 voices"), "30 voices has a smaller median"),
        (report(conclusion="30 is better"), "the conclusion is too short"),
    ],
}
