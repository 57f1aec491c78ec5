"""The exercises of chapter 10: frames, the mel scale, padding, masks, noise, and an experiment."""

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet
from course_lib.exercises.draws import drawn_apart
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, winner, words


def cut(sound, length, step):
    """Whole frames, a new one every `step` samples: (frames, length)."""
    starts = range(0, len(sound) - length + 1, step)
    return np.array([sound[s : s + length] for s in starts])


@exercise(
    "10.1",
    "The frame i starts at sample i * step. The last one that fits starts at len(sound) - length "
    "or before it.",
    "`starts = range(0, len(sound) - length + 1, step)`",
    "The power of a frame is the mean of the squares of its samples: (frames**2).mean(axis=1). "
    "In decibels that is 10 * np.log10(power).",
)
def frames_and_loudness(frames, loudness, rng):
    """Overlapping frames of a sound, and the power of each in decibels."""
    for samples, length, step in [(24, 5, 3), (22, 6, 4), (13, 4, 4), (7, 5, 3)]:
        sound = rng.normal(size=samples)
        right, rest = cut(sound, length, step), (samples - length) % step
        frames.gives(
            right,
            *(sound, length, step),
            names=["the frames"],
            mistakes={
                "your frames do not overlap: a new one begins every `step` samples": (
                    cut(sound, length, length)
                ),
                "a new frame begins at every sample: it must be every `step` samples": (
                    cut(sound, length, 1)
                ),
                "length and step are swapped": cut(sound, step, length),
                "the last frame is filled up with zeros: what does not fit is dropped": (
                    cut(np.pad(sound, (0, step - rest)), length, step)
                ),
                "the last frame is missing: it still fits": right[:-1],
                "the first frame is missing": right[1:],
                "your frames end at the end of the sound: the first one starts at sample 0": (
                    cut(sound[rest:], length, step)
                ),
                "your frames overlap by `step` samples: a new one begins every `step` samples": (
                    cut(sound, length, max(length - step, 1))
                ),
                "the samples of each frame run backward": right[:, ::-1],
                "the frames stand side by side: (frames, length) is asked for": right.T,
            },
        )
    for n, length in [(4, 6), (3, 5)]:
        frames = rng.normal(size=(n, length)) * rng.uniform(0.2, 3, size=(n, 1)) + 0.5
        squares = frames**2
        power = squares.mean(axis=1)
        loudness.gives(
            10 * np.log10(power),
            frames,
            names=["the loudness"],
            mistakes={
                "power has the factor 10, not 20: 20 is for amplitudes": 20 * np.log10(power),
                "this is in bels: a decibel is a tenth of one": np.log10(power),
                "this is the natural logarithm: decibels take the one to base 10": (
                    10 * np.log(power)
                ),
                "the logarithm is missing": power,
                "this is the energy: power is the mean of the squares, not their sum": (
                    10 * np.log10(squares.sum(axis=1))
                ),
                "the samples are not squared": 10 * np.log10(np.abs(frames).mean(axis=1)),
                "you take the root of the mean square: its square is the power": (
                    10 * np.log10(np.sqrt(power))
                ),
                "this is the mean of the logarithms: the mean comes first": (
                    10 * np.log10(squares).mean(axis=1)
                ),
                "this is the variance: power is the mean of the squares, with the mean in it": (
                    10 * np.log10(frames.var(axis=1))
                ),
                "this is the loudest sample, not the mean over the frame": (
                    10 * np.log10(squares.max(axis=1))
                ),
                "you average over the frames: one number for each frame is asked for": (
                    10 * np.log10(squares.mean(axis=0))
                ),
                "this is the loudness of all frames together: one for each is asked for": (
                    10 * np.log10(squares.mean())
                ),
            },
        )


def to_mel(frequency):
    """Hertz to mel."""
    return 2595 * np.log10(1 + frequency / 700)


def to_hz(mel):
    """Mel to hertz."""
    return 700 * (10 ** (mel / 2595) - 1)


def corners_of(count, low, high):
    """The corners of `count` triangles, evenly on the mel scale, in hertz."""
    return to_hz(np.linspace(to_mel(low), to_mel(high), count + 2))


def sides(frequency, corners):
    """The rising and the falling side of every triangle: two arrays (count, frequencies)."""
    left, middle, right = (c[:, None] for c in (corners[:-2], corners[1:-1], corners[2:]))
    return (frequency - left) / (middle - left), (right - frequency) / (right - middle)


def triangles(frequency, corners):
    """Triangles of height 1: (count, frequencies)."""
    return np.clip(np.minimum(*sides(frequency, corners)), 0, None)


def triangle_mistakes(frequency, count, low, high):
    """The right triangles, and what a function with a typical mistake returns."""
    corners = corners_of(count, low, high)
    rising, falling = sides(frequency, corners)
    right = triangles(frequency, corners)
    width = (corners[2:] - corners[:-2])[:, None]
    mel = triangles(to_mel(frequency), np.linspace(to_mel(low), to_mel(high), count + 2))
    return right, {
        "the corners lie evenly in hertz: space them evenly in mel": (
            triangles(frequency, np.linspace(low, high, count + 2))
        ),
        "the sides are straight in mel: only the corners are, between them count in hertz": mel,
        "the corners are in mel: turn them back into hertz": (
            triangles(frequency, np.linspace(to_mel(low), to_mel(high), count + 2))
        ),
        "two triangles are missing: `count` of them have count + 2 corners": (
            triangles(frequency, corners_of(count - 2, low, high))
        ),
        "one triangle is missing: `count` of them have count + 2 corners": (
            triangles(frequency, corners_of(count - 1, low, high))
        ),
        "there is one triangle too many: `count` of them have count + 2 corners": (
            triangles(frequency, corners_of(count + 1, low, high))
        ),
        "beyond its corners a triangle is 0: yours goes on below it": (np.minimum(rising, falling)),
        "only the rising side is there": np.clip(rising, 0, 1),
        "only the falling side is there": np.clip(falling, 0, 1),
        "you take the larger of the two sides: the smaller one is the triangle": (
            np.clip(np.maximum(rising, falling), 0, None)
        ),
        "your triangles have the area 1: the height 1 is asked for": 2 * right / width,
        "each triangle is divided by its sum: the height 1 is asked for": (
            right / np.maximum(right.sum(axis=1, keepdims=True), 1e-9)
        ),
        "the triangles stand in the columns: (count, frequencies) is asked for": right.T,
        "the triangles come in the opposite order: begin with the lowest": right[::-1],
    }


@exercise(
    "10.2",
    "Solve m = 2595 log10(1 + f / 700) for f: divide, take 10 to the power, subtract 1, multiply.",
    "The corners are np.linspace from low to high, both in mel, with count + 2 values, and then "
    "mel_to_hz of them.",
    "The rising side is (f - left) / (middle - left), the falling side (right - f) / (right - "
    "middle). Where both are positive, the smaller of the two counts; else 0.",
)
def mel_triangles(hz_to_mel, mel_to_hz, filters, rng):
    """Hertz to mel and back, and triangles with corners evenly on the mel scale."""
    for n in (5, 3):
        frequency = rng.uniform(50, 4000, size=n)
        mel = to_mel(frequency)
        hz_to_mel.gives(
            mel,
            frequency,
            names=["hz_to_mel"],
            mistakes={
                "this is the natural logarithm: with 2595 goes the one to base 10": (
                    2595 * np.log(1 + frequency / 700)
                ),
                "the 1 is missing: 0 Hz is 0 mel": 2595 * np.log10(frequency / 700),
                "the 1 belongs to f / 700, not to f": 2595 * np.log10((1 + frequency) / 700),
                "the factor 2595 is missing": np.log10(1 + frequency / 700),
                "this is mel to hertz": to_hz(frequency),
            },
        )
        mel_to_hz.gives(
            frequency,
            mel,
            names=["mel_to_hz"],
            mistakes={
                "1 must be subtracted: 0 mel is 0 Hz": 700 * 10 ** (mel / 2595),
                "the 1 is subtracted too late: before the factor 700": (
                    700 * 10 ** (mel / 2595) - 1
                ),
                "this is e to the power: it must be 10": 700 * (np.exp(mel / 2595) - 1),
                "this is hertz to mel": to_mel(mel),
                "the factor 700 is missing": 10 ** (mel / 2595) - 1,
                "1 must be subtracted, not added": 700 * (10 ** (mel / 2595) + 1),
            },
        )
    for count, size, low, high in [(4, 30, 100, 3800), (3, 21, 0, 2000), (6, 41, 300, 4000)]:
        frequency = np.linspace(0, 4000, size) + rng.uniform(1, 20, size=size)
        right, mistakes = triangle_mistakes(frequency, count, low, high)
        filters.gives(
            right, *(frequency, count, low, high), names=["the filters"], mistakes=mistakes
        )


def fill(sequences, length=None, front=False, last=False):
    """Sequences as one array, filled up with zeros at the end; else that is a mistake."""
    length = max(map(len, sequences)) if length is None else length
    rows = []
    for s in sequences:
        s = s[:length]
        filling = np.repeat(s[-1:] if last else 0 * s[-1:], length - len(s), axis=0)
        rows.append(np.concatenate([filling, s] if front else [s, filling]))
    return np.array(rows)


@exercise(
    "10.3",
    "Begin with np.zeros((n, longest, features)) and write each sequence into its row: "
    "X[i, : len(sequence)] = sequence.",
    "The lengths are those of the sequences. The numbers in X do not tell: a real frame may be "
    "all zeros.",
    "Time step t is real if t < length. Compare np.arange(time), a row, with lengths[:, None], a "
    "column.",
)
def padding_and_mask(pad, mask_of, rng):
    """Sequences of several lengths as one array, and the mask that says what is real."""
    for lengths, features in [([3, 7, 2, 5], 3), ([6, 4], 2), ([3, 2, 4], 4)]:
        lengths = np.array(lengths)
        sequences = [floatX(rng.normal(size=(t, features))) for t in lengths]
        sequences[0][1], sequences[1][-1] = 0, 0  # real frames of zeros
        X = fill(sequences)
        nonzero = X.any(axis=2)
        pad.gives(
            (X, lengths),
            sequences,
            names=["X", "lengths"],
            mistakes={
                "the zeros stand in front: they belong after the sequence": (
                    (fill(sequences, front=True), lengths)
                ),
                "the last frame is repeated: fill up with zeros": (
                    (fill(sequences, last=True), lengths)
                ),
                "all sequences are cut to the shortest: fill them up to the longest": (
                    (fill(sequences, lengths.min()), lengths)
                ),
                "all sequences are cut, and so are their lengths: fill them up to the longest": (
                    (fill(sequences, lengths.min()), np.minimum(lengths, lengths.min()))
                ),
                "X has one step too many: the longest sequence needs no padding": (
                    (fill(sequences, lengths.max() + 1), lengths)
                ),
                "X is time-major: (n, longest, features) is asked for": (
                    (X.swapaxes(0, 1), lengths)
                ),
                "these are the lengths with padding: those without are asked for": (
                    (X, np.full_like(lengths, lengths.max()))
                ),
                "these are the numbers of padded steps: those of real ones are asked for": (
                    (X, lengths.max() - lengths)
                ),
                "your lengths count the frames that are not zero: a real frame may be all zeros": (
                    (X, nonzero.sum(axis=1))
                ),
                "your lengths end at the last frame that is not zero: a real one may be all "
                "zeros": (X, X.shape[1] - nonzero[:, ::-1].argmax(axis=1)),
                "the sequences are sorted by length: keep their order": (
                    (X[np.argsort(lengths)], np.sort(lengths))
                ),
            },
        )
    for lengths, time in [([3, 6, 2, 5], 6), ([4, 1, 3], 7)]:
        lengths = rng.permutation(lengths)
        real = np.arange(time) < lengths[:, None]
        mask_of.gives(
            floatX(real),
            *(lengths, time),
            names=["the mask"],
            mistakes={
                "your mask is True where the padding is: turn it round": floatX(~real),
                "your mask has one step too many: steps count from 0": (
                    floatX(np.arange(time) <= lengths[:, None])
                ),
                "your mask has one step too few: steps count from 0": (
                    floatX(np.arange(time) < lengths[:, None] - 1)
                ),
                "your mask leaves out the first step: steps count from 0": (
                    floatX(real & (np.arange(time) > 0))
                ),
                "your mask is True at the end: the sequence comes first, then the padding": (
                    floatX(real[:, ::-1])
                ),
                "your mask is True only at the last real step": (
                    floatX(np.arange(time) == lengths[:, None] - 1)
                ),
                "your mask is as long as the longest sequence: `time` steps are asked for": (
                    floatX(real[:, : lengths.max()])
                ),
                "your mask is time-major: (n, time) is asked for": floatX(real.T),
            },
        )


@exercise(
    "10.4",
    "mask[:, :, None] * states has zeros at the padding, and mask.sum(axis=1) are the lengths.",
    "Divide the sum over time by the length of each sequence: lengths[:, None].",
    "The last real step is lengths - 1. A pair of index arrays picks one step for each sample: "
    "states[np.arange(batch), steps].",
)
def masked_summaries(masked_mean, last_valid, rng):
    """The mean over the real steps, and the state after the last of them."""
    for time, units, lengths in [(7, 3, [4, 2, 6]), (5, 4, [3, 5]), (6, 2, [2, 5, 3, 4])]:
        batch, lengths = len(lengths), np.array(lengths)
        states = floatX(rng.normal(size=(batch, time, units)) + 1)
        mask = np.arange(time) < lengths[:, None]
        real, each = states * mask[:, :, None], np.arange(batch)
        mean, last = real.sum(axis=1) / lengths[:, None], states[each, lengths - 1]
        neighbor = np.roll(lengths, 1)
        masked_mean.gives(
            mean,
            *(states, mask),
            names=["masked_mean"],
            mistakes={
                "this is the mean over all steps: the padding must not count": (
                    states.mean(axis=1)
                ),
                "you divide by all steps: divide by the real ones": real.mean(axis=1),
                "this is the sum over the real steps: divide by their number": real.sum(axis=1),
                "you divide by the number of all real steps of the batch: each sample has its "
                "own": real.sum(axis=1) / mask.sum(),
                "you divide by the mean length: each sample has its own": (
                    real.sum(axis=1) / lengths.mean()
                ),
                "you divide by the longest length: each sample has its own": (
                    real.sum(axis=1) / lengths.max()
                ),
                "the padding counts, and only the divisor leaves it out": (
                    states.sum(axis=1) / lengths[:, None]
                ),
                "this is the mean over the padding: the mask is True where steps are real": (
                    (states - real).sum(axis=1) / np.maximum(time - lengths, 1)[:, None]
                ),
                "this is the mean over the real steps of all samples: each sample has its own": (
                    states[mask].mean(axis=0)
                ),
                "your mean leaves out the last real step": (
                    (real.sum(axis=1) - last) / (lengths - 1)[:, None]
                ),
                "the mean keeps an axis for time": mean[:, None],
                "this is the last valid state": last,
            },
        )
        last_valid.gives(
            last,
            *(states, mask),
            names=["last_valid"],
            mistakes={
                "this is the state after the last step, padding included": states[:, -1],
                "this is one step too late: steps count from 0": (
                    states[each, np.minimum(lengths, time - 1)]
                ),
                "this is one step too early": states[each, lengths - 2],
                "this is the first state": states[:, 0],
                "all samples get the last step of the longest: each has its own": (
                    states[:, lengths.max() - 1]
                ),
                "all samples get the last step of the shortest: each has its own": (
                    states[:, lengths.min() - 1]
                ),
                "your lengths belong to other samples": states[each, neighbor - 1],
                "every sample appears with every length: pick pairs with np.arange(batch)": (
                    states[:, lengths - 1]
                ),
                "this is the last state times the mask: zeros where a sequence is shorter": (
                    real[:, -1]
                ),
                "your result keeps an axis for time": last[:, None],
                "this is the masked mean": mean,
            },
        )


def power_of(sound):
    """The mean of the squares."""
    return np.mean(sound**2)


def noise_factor(sound, noise, snr):
    """What the noise must be multiplied by."""
    return np.sqrt(power_of(sound) / power_of(noise) / 10 ** (snr / 10))


def noise_mistakes(sound, noise, snr):
    """What add_noise returns with a typical mistake."""
    factor, ratio = noise_factor(sound, noise, snr), power_of(sound) / power_of(noise)

    def mixed(factor):
        return sound + factor * noise

    return {
        "the noise is added as it is: bring it to the right power first": mixed(1),
        "the factor is one of power: what multiplies samples is its root": mixed(factor**2),
        "the snr has the wrong sign: a high one means little noise": (
            mixed(np.sqrt(ratio * 10 ** (snr / 10)))
        ),
        "decibels of power are divided by 10, not by 20": mixed(np.sqrt(ratio / 10 ** (snr / 20))),
        "a quotient of amplitudes goes with snr / 20, one of powers with snr / 10": (
            mixed(np.sqrt(ratio) / 10 ** (snr / 10))
        ),
        "the snr is used as a ratio: it is in decibels": mixed(np.sqrt(ratio / np.abs(snr))),
        "this is e to the power: decibels take 10": mixed(np.sqrt(ratio / np.exp(snr / 10))),
        "the power of the noise is taken for 1: divide by it": (
            mixed(factor * np.sqrt(power_of(noise)))
        ),
        "the power of the sound is taken for 1": mixed(factor / np.sqrt(power_of(sound))),
        "the two powers are swapped": mixed(factor / ratio),
        "you take the standard deviations: power has the mean in it": (
            mixed(sound.std() / noise.std() / 10 ** (snr / 20))
        ),
        "you take mean absolute values: power is the mean of the squares": (
            mixed(np.abs(sound).mean() / np.abs(noise).mean() / 10 ** (snr / 20))
        ),
        "you take the loudest samples: power is the mean of the squares": (
            mixed(np.abs(sound).max() / np.abs(noise).max() / 10 ** (snr / 20))
        ),
        "the sound is scaled and the noise is left: the sound must stay as it is": (
            sound / factor + noise
        ),
        "this is the noise alone: add it to the sound": factor * noise,
        "the noise is subtracted": mixed(-factor),
    }


def ratios(samples, rng):
    """A sound without and with noise; the ratio in decibels; and what it is with a mistake."""
    sound = rng.uniform(0.5, 2) * (rng.normal(size=samples) + 0.5)
    noise = rng.uniform(0.2, 0.6) * (rng.normal(size=samples) - 0.6)
    noisy, powers = sound + noise, power_of(sound) / power_of(noise)
    right = 10 * np.log10(powers)
    mistakes = {
        "this is noise to signal: turn the quotient round": -right,
        "you divide by the power of the noisy sound: the noise is noisy - clean": (
            10 * np.log10(power_of(sound) / power_of(noisy))
        ),
        "you compare the noisy sound with the noise: the signal is the clean one": (
            10 * np.log10(power_of(noisy) / power_of(noise))
        ),
        "you compare the noisy sound with the clean one: the noise is their difference": (
            10 * np.log10(power_of(noisy) / power_of(sound))
        ),
        "you subtract the powers: subtract the sounds, sample by sample": (
            10 * np.log10(power_of(sound) / np.abs(power_of(noisy) - power_of(sound)))
        ),
        "power has the factor 10, not 20: 20 is for amplitudes": 2 * right,
        "you take the root of the powers: decibels of power take the powers": right / 2,
        "this is in bels: a decibel is a tenth of one": right / 10,
        "this is the natural logarithm: decibels take the one to base 10": (10 * np.log(powers)),
        "the logarithm is missing": powers,
        "you take variances: power has the mean in it": (10 * np.log10(sound.var() / noise.var())),
        "you take mean absolute values: power is the mean of the squares": (
            20 * np.log10(np.abs(sound).mean() / np.abs(noise).mean())
        ),
        "this is the mean of quotients, sample by sample: take the means first": (
            10 * np.log10(np.mean(sound**2 / noise**2))
        ),
    }
    return (sound, noisy), right, mistakes


@exercise(
    "10.5",
    "Power is the mean of the squares. The noise must have the power of the sound divided by "
    "10 ** (snr / 10).",
    "A factor on the samples acts on the power as its square, so take a root.",
    "The other way round: the noise is noisy - clean, and the ratio in decibels is 10 * np.log10 "
    "of the quotient of the powers.",
)
def noise_and_ratio(add_noise, measured_snr, rng):
    """Noise at a signal-to-noise ratio in decibels, and the ratio of a noisy sound."""
    for samples, snr in [(30, 6), (17, -4), (23, 13)]:
        sound = rng.uniform(0.5, 2) * (rng.normal(size=samples) + 0.5)
        given = rng.uniform(0.5, 1.5) * (rng.normal(size=samples) - 0.6)
        noisy = sound + noise_factor(sound, given, snr) * given
        add_noise.gives(
            noisy,
            *(sound, given, snr),
            names=["the noisy sound"],
            mistakes=noise_mistakes(sound, given, snr),
        )
        given, right, mistakes = drawn_apart(lambda samples=samples: ratios(samples, rng))
        measured_snr.gives(right, *given, names=["the measured SNR"], mistakes=mistakes)


@exercise(
    "10.6",
    "Choose something that should matter, or should not: the order of the frames, noise, fewer "
    "voices, the read-out, the number of units.",
    "Each call of test_error gives one number. A comprehension over the seeds makes the list of "
    "one condition.",
    "`{'as they are': [...], 'shuffled': [...]}` with one error per seed; the winner has the "
    "smaller median.",
)
def own_experiment(report, rng):
    """Errors of at least two conditions, three seeds each."""
    keys = ("question", "prediction", "errors", "winner", "conclusion")
    question, prediction, errors, best, conclusion = entries(report, *keys)
    words(question, "the question", 5)
    words(prediction, "the prediction", 5)
    errors = lists(errors, "errors", 2, highest=1)
    if len(np.unique(np.concatenate(list(errors.values())))) < 2:
        raise NotYet("all errors are equal: choose conditions that could make a difference")
    winner(best, errors)
    words(conclusion, "the conclusion", 10)
