"""The exercises of chapter 10: frames, the mel scale, padding, masks, noise, and an experiment."""

from functools import partial

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet
from course_lib.exercises.question import Question, then
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, winner
from course_lib.speech import frames, hz_to_mel, mel_to_hz

# --- 10.1: frames and their loudness -----------------------------------------------------------


def short_sounds(rng):
    """Sounds that frames fill and sounds with a rest."""
    for samples, length, step in [(24, 5, 3), (22, 6, 4), (13, 4, 4), (7, 5, 3)]:
        yield rng.normal(size=samples), length, step


def power_of(samples):
    """The mean of the squares, along the last axis."""
    return np.mean(samples**2, axis=-1)


def loudness(frames, power=power_of, factor=10, log=np.log10):
    """Decibels of each frame; every option is for a mistake."""
    return factor * log(power(frames))


def frames_not_centered(rng):
    """Frames of other loudness, with a mean that is not 0."""
    for n, length in [(4, 6), (3, 5)]:
        yield (rng.normal(size=(n, length)) * rng.uniform(0.2, 3, size=(n, 1)) + 0.5,)


exercise(
    "10.1",
    Question(
        frames,
        short_sounds,
        {
            "your frames do not overlap: a new one begins every `step` samples": (
                lambda sound, length, step: frames(sound, length, length)
            ),
            "a new frame begins at every sample: it must be every `step` samples": (
                lambda sound, length, step: frames(sound, length, 1)
            ),
            "length and step are swapped": lambda sound, length, step: frames(sound, step, length),
            "the last frame is filled up with zeros: what does not fit is dropped": (
                lambda sound, length, step: frames(
                    np.pad(sound, (0, (length - len(sound)) % step)), length, step
                )
            ),
            "the last frame is missing: it still fits": then(frames, lambda f: f[:-1]),
            "the first frame is missing": then(frames, lambda f: f[1:]),
            "your frames end at the end of the sound: the first one starts at sample 0": (
                lambda sound, length, step: frames(
                    sound[(len(sound) - length) % step :], length, step
                )
            ),
            "your frames overlap by `step` samples: a new one begins every `step` samples": (
                lambda sound, length, step: frames(sound, length, max(length - step, 1))
            ),
            "the samples of each frame run backward": then(frames, np.fliplr),
            "the frames are side by side: return (frames, length)": (then(frames, np.transpose)),
        },
        names=["the frames"],
    ),
    Question(
        loudness,
        frames_not_centered,
        {
            "power has the factor 10, not 20: 20 is for amplitudes": partial(loudness, factor=20),
            "this is in bels: a decibel is a tenth of one": partial(loudness, factor=1),
            "this is the natural logarithm: decibels take the one to base 10": (
                partial(loudness, log=np.log)
            ),
            "the logarithm is missing": power_of,
            "this is the energy: power is the mean of the squares, not their sum": (
                partial(loudness, power=lambda frames: np.sum(frames**2, axis=1))
            ),
            "the samples are not squared": (
                partial(loudness, power=lambda frames: np.abs(frames).mean(axis=1))
            ),
            "you take the root of the mean square: its square is the power": (
                partial(loudness, power=lambda frames: np.sqrt(power_of(frames)))
            ),
            "this is the mean of the logarithms: the mean comes first": (
                lambda frames: np.mean(10 * np.log10(frames**2), axis=1)
            ),
            "this is the variance: power is the mean of the squares, with the mean in it": (
                partial(loudness, power=lambda frames: frames.var(axis=1))
            ),
            "this is the loudest sample, not the mean over the frame": (
                partial(loudness, power=lambda frames: np.max(frames**2, axis=1))
            ),
            "you average over the frames: return one number for each frame": (
                lambda frames: loudness(frames.T)
            ),
            "this is the loudness of all frames together: return one for each": (
                lambda frames: loudness(frames.ravel())
            ),
        },
        names=["the loudness"],
    ),
    hints=[
        "The frame i starts at sample i * step. The last one that fits starts at len(sound) - "
        "length or before it.",
        "`starts = range(0, len(sound) - length + 1, step)`",
        "The power of a frame is the mean of the squares of its samples: (frames**2).mean(axis=1). "
        "In decibels that is 10 * np.log10(power).",
    ],
)

# --- 10.2: triangles on the mel scale ----------------------------------------------------------


def frequencies(rng):
    """Frequencies in Hz."""
    for n in (5, 3):
        yield (rng.uniform(50, 4000, size=n),)


def in_mel(rng):
    """The same in mel."""
    return [(hz_to_mel(frequency),) for (frequency,) in frequencies(rng)]


def evenly(count, low, high):
    """The corners of `count` triangles."""
    return np.linspace(low, high, count + 2)


def evenly_in_mel(count, low, high):
    """The corners of `count` triangles that are equally wide in mel."""
    return mel_to_hz(evenly(count, hz_to_mel(low), hz_to_mel(high)))


def smaller_side(rising, falling):
    """Triangles from their two sides."""
    return np.maximum(np.minimum(rising, falling), 0)


def triangles(frequency, count, low, high, corners=evenly_in_mel, join=smaller_side):
    """(count, frequencies); other corners, and other ways to join the sides, are mistakes."""
    corners = corners(count, low, high)[:, None]
    left, middle, right = corners[:-2], corners[1:-1], corners[2:]
    return join((frequency - left) / (middle - left), (right - frequency) / (right - middle))


def of_area_1(frequency, count, low, high):
    """Narrow triangles are higher than wide ones."""
    corners = evenly_in_mel(count, low, high)
    return 2 * triangles(frequency, count, low, high) / (corners[2:] - corners[:-2])[:, None]


def ranges(rng):
    """Frequencies, and how many triangles lie between which limits."""
    for count, size, low, high in [(4, 30, 100, 3800), (3, 21, 0, 2000), (6, 41, 300, 4000)]:
        yield np.linspace(0, 4000, size) + rng.uniform(1, 20, size=size), count, low, high


exercise(
    "10.2",
    Question(
        hz_to_mel,
        frequencies,
        {
            "this is the natural logarithm: with 2595 goes the one to base 10": (
                lambda frequency: 2595 * np.log(1 + frequency / 700)
            ),
            "the 1 is missing: 0 Hz is 0 mel": lambda frequency: 2595 * np.log10(frequency / 700),
            "the 1 belongs to f / 700, not to f": (
                lambda frequency: 2595 * np.log10((1 + frequency) / 700)
            ),
            "the factor 2595 is missing": lambda frequency: np.log10(1 + frequency / 700),
            "this is mel to hertz": mel_to_hz,
        },
        names=["hz_to_mel"],
    ),
    Question(
        mel_to_hz,
        in_mel,
        {
            "1 must be subtracted: 0 mel is 0 Hz": lambda mel: 700 * 10 ** (mel / 2595),
            "the 1 is subtracted too late: before the factor 700": (
                lambda mel: 700 * 10 ** (mel / 2595) - 1
            ),
            "this is e to the power: it must be 10": lambda mel: 700 * (np.exp(mel / 2595) - 1),
            "this is hertz to mel": hz_to_mel,
            "the factor 700 is missing": lambda mel: 10 ** (mel / 2595) - 1,
            "1 must be subtracted, not added": lambda mel: 700 * (10 ** (mel / 2595) + 1),
        },
        names=["mel_to_hz"],
    ),
    Question(
        triangles,
        ranges,
        {
            "the corners lie evenly in hertz: space them evenly in mel": (
                partial(triangles, corners=evenly)
            ),
            "the sides are straight in mel: only the corners are, between them count in hertz": (
                lambda frequency, count, low, high: triangles(
                    *(hz_to_mel(frequency), count, hz_to_mel(low), hz_to_mel(high)), corners=evenly
                )
            ),
            "the corners are in mel: turn them back into hertz": (
                partial(triangles, corners=lambda *given: hz_to_mel(evenly_in_mel(*given)))
            ),
            "two triangles are missing: `count` of them have count + 2 corners": (
                lambda frequency, count, *low_high: triangles(frequency, count - 2, *low_high)
            ),
            "one triangle is missing: `count` of them have count + 2 corners": (
                lambda frequency, count, *low_high: triangles(frequency, count - 1, *low_high)
            ),
            "there is one triangle too many: `count` of them have count + 2 corners": (
                lambda frequency, count, *low_high: triangles(frequency, count + 1, *low_high)
            ),
            "beyond its corners a triangle is 0: yours goes on below it": (
                partial(triangles, join=np.minimum)
            ),
            "only the rising side is there": (
                partial(triangles, join=lambda rising, falling: np.clip(rising, 0, 1))
            ),
            "only the falling side is there": (
                partial(triangles, join=lambda rising, falling: np.clip(falling, 0, 1))
            ),
            "you take the larger of the two sides: the smaller one is the triangle": partial(
                triangles, join=lambda rising, falling: np.maximum(np.maximum(rising, falling), 0)
            ),
            "your triangles have the area 1: make their height 1": of_area_1,
            "each triangle is divided by its sum: make its height 1": (
                then(triangles, lambda t: t / np.maximum(t.sum(axis=1, keepdims=True), 1e-9))
            ),
            "the triangles are in the columns: return (count, frequencies)": (
                then(triangles, np.transpose)
            ),
            "the triangles come in the opposite order: begin with the lowest": (
                then(triangles, np.flipud)
            ),
        },
        names=["the filters"],
    ),
    hints=[
        "Solve m = 2595 log10(1 + f / 700) for f: divide, take 10 to the power, subtract 1, "
        "multiply.",
        "The corners are np.linspace from low to high, both in mel, with count + 2 values, and "
        "then mel_to_hz of them.",
        "The rising side is (f - left) / (middle - left), the falling side (right - f) / (right - "
        "middle). Where both are positive, the smaller of the two counts; else 0.",
    ],
)

# --- 10.3: padding and the mask ----------------------------------------------------------------


def pad(sequences, length=max, front=False, mode="constant"):
    """Sequences as one array, filled up with zeros, and their lengths; options are mistakes."""
    lengths, rows = [len(s) for s in sequences], []
    for s in sequences:
        missing = max(length(lengths) - len(s), 0)
        widths = (missing, 0) if front else (0, missing)
        rows.append(np.pad(s[: length(lengths)], (widths, (0, 0)), mode))
    return np.array(rows), np.array(lengths)


def sequences_with_zeros(rng):
    """A frame in the middle and a last one are zeros, and real."""
    for lengths, features in [([3, 7, 2, 5], 3), ([6, 4], 2), ([3, 2, 4], 4)]:
        sequences = [floatX(rng.normal(size=(length, features))) for length in lengths]
        sequences[0][1], sequences[1][-1] = 0, 0
        yield (sequences,)


def mask_of(lengths, time, more=0):
    """True where a step is real."""
    return np.arange(time) < lengths[:, None] + more


def shuffled_lengths(rng):
    """Lengths, the longest of them not always all there is room for."""
    for lengths, time in [([3, 6, 2, 5], 6), ([4, 1, 3], 7)]:
        yield rng.permutation(lengths), time


exercise(
    "10.3",
    Question(
        pad,
        sequences_with_zeros,
        {
            "the zeros stand in front: they belong after the sequence": partial(pad, front=True),
            "the last frame is repeated: fill up with zeros": partial(pad, mode="edge"),
            "all sequences are cut to the shortest: fill them up to the longest": (
                partial(pad, length=min)
            ),
            "all sequences are cut, and so are their lengths: fill them up to the longest": (
                then(partial(pad, length=min), lambda X, n: (X, np.full_like(n, n.min())))
            ),
            "X has one step too many: the longest sequence needs no padding": (
                partial(pad, length=lambda lengths: max(lengths) + 1)
            ),
            "X is time-major: return (n, longest, features)": (
                then(pad, lambda X, n: (X.swapaxes(0, 1), n))
            ),
            "these are the lengths with padding: return those without": (
                then(pad, lambda X, n: (X, np.full_like(n, n.max())))
            ),
            "these are the numbers of padded steps: return those of real ones": (
                then(pad, lambda X, n: (X, n.max() - n))
            ),
            "your lengths count the frames that are not zero: a real frame may be all zeros": (
                then(pad, lambda X, n: (X, X.any(axis=2).sum(axis=1)))
            ),
            "your lengths end at the last frame that is not zero: a real one may be all zeros": (
                then(pad, lambda X, n: (X, n.max() - X.any(axis=2)[:, ::-1].argmax(axis=1)))
            ),
            "the sequences are sorted by length: keep their order": (
                lambda sequences: pad(sorted(sequences, key=len))
            ),
        },
        names=["X", "lengths"],
    ),
    Question(
        mask_of,
        shuffled_lengths,
        {
            "your mask is True where the padding is: invert it": then(mask_of, np.logical_not),
            "your mask has one step too many: steps count from 0": partial(mask_of, more=1),
            "your mask has one step too few: steps count from 0": partial(mask_of, more=-1),
            "your mask leaves out the first step: steps count from 0": (
                lambda lengths, time: mask_of(lengths, time) & (np.arange(time) > 0)
            ),
            "your mask is True at the end: the sequence comes first, then the padding": (
                then(mask_of, np.fliplr)
            ),
            "your mask is True only at the last real step": (
                lambda lengths, time: np.eye(time)[lengths - 1]
            ),
            "your mask is as long as the longest sequence: give it `time` steps": (
                lambda lengths, time: mask_of(lengths, lengths.max())
            ),
            "your mask is time-major: return (n, time)": then(mask_of, np.transpose),
        },
        names=["the mask"],
    ),
    hints=[
        "Begin with np.zeros((n, longest, features)) and write each sequence into its row: "
        "X[i, : len(sequence)] = sequence.",
        "The lengths are those of the sequences. The numbers in X do not tell: a real frame may be "
        "all zeros.",
        "Time step t is real if t < length. Compare np.arange(time), a row, with lengths[:, None], "
        "a column.",
    ],
)

# --- 10.4: summaries with a mask ---------------------------------------------------------------


def real_sum(states, mask):
    """The sum over real steps."""
    return (states * mask[:, :, None]).sum(axis=1)


def lengths_of(mask):
    """How many steps are real."""
    return mask.sum(axis=1, keepdims=True)


def masked_mean(states, mask, over=lengths_of):
    """The mean over real steps; another divisor is a mistake."""
    return real_sum(states, mask) / over(mask)


def last_valid(states, mask, step=lambda lengths: lengths - 1):
    """The state after the last real step; another step is a mistake."""
    return states[np.arange(len(states)), step(mask.sum(axis=1))]


def masked_states(rng):
    """States, padding included, that is not 0, and a mask."""
    for time, units, lengths in [(7, 3, [4, 2, 6]), (5, 4, [3, 5]), (6, 2, [2, 5, 3, 4])]:
        states = floatX(rng.normal(size=(len(lengths), time, units)) + 1)
        yield states, mask_of(np.array(lengths), time)


exercise(
    "10.4",
    Question(
        masked_mean,
        masked_states,
        {
            "this is the mean over all steps: the padding must not count": (
                lambda states, mask: states.mean(axis=1)
            ),
            "you divide by all steps: divide by the real ones": (
                partial(masked_mean, over=lambda mask: mask.shape[1])
            ),
            "this is the sum over the real steps: divide by their number": real_sum,
            "you divide by the number of all real steps of the batch: each sample has its own": (
                partial(masked_mean, over=np.sum)
            ),
            "you divide by the mean length: each sample has its own": (
                partial(masked_mean, over=lambda mask: lengths_of(mask).mean())
            ),
            "you divide by the longest length: each sample has its own": (
                partial(masked_mean, over=lambda mask: lengths_of(mask).max())
            ),
            "the padding counts, and only the divisor leaves it out": (
                lambda states, mask: states.sum(axis=1) / lengths_of(mask)
            ),
            "this is the mean over the padding: the mask is True where steps are real": (
                lambda states, mask: masked_mean(states, ~mask)
            ),
            "this is the mean over the real steps of all samples: each sample has its own": (
                lambda states, mask: states[mask].mean(axis=0)
            ),
            "your mean leaves out the last real step": (
                lambda states, mask: masked_mean(states, mask & (mask.cumsum(1) < lengths_of(mask)))
            ),
            "the mean keeps an axis for time": then(masked_mean, lambda mean: mean[:, None]),
            "this is the last valid state": last_valid,
        },
        names=["masked_mean"],
    ),
    Question(
        last_valid,
        masked_states,
        {
            "this is the state after the last step, padding included": (
                lambda states, mask: states[:, -1]
            ),
            "this is one step too late: steps count from 0": (
                partial(last_valid, step=lambda lengths: lengths)
            ),
            "this is one step too early": partial(last_valid, step=lambda lengths: lengths - 2),
            "this is the first state": partial(last_valid, step=lambda lengths: 0),
            "all samples get the last step of the longest: each has its own": (
                partial(last_valid, step=lambda lengths: lengths.max() - 1)
            ),
            "all samples get the last step of the shortest: each has its own": (
                partial(last_valid, step=lambda lengths: lengths.min() - 1)
            ),
            "your lengths belong to other samples": (
                partial(last_valid, step=lambda lengths: np.roll(lengths, 1) - 1)
            ),
            "every sample appears with every length: pick pairs with np.arange(batch)": (
                lambda states, mask: states[:, mask.sum(axis=1) - 1]
            ),
            "this is the last state times the mask: zeros where a sequence is shorter": (
                lambda states, mask: states[:, -1] * mask[:, -1:]
            ),
            "your result keeps an axis for time": then(last_valid, lambda last: last[:, None]),
            "this is the masked mean": masked_mean,
        },
        names=["last_valid"],
    ),
    hints=[
        "mask[:, :, None] * states has zeros at the padding, and mask.sum(axis=1) are the lengths.",
        "Divide the sum over time by the length of each sequence: lengths[:, None].",
        "The last real step is lengths - 1. A pair of index arrays picks one step for each sample: "
        "states[np.arange(batch), steps].",
    ],
)

# --- 10.5: noise and its decibels --------------------------------------------------------------


def factor_of(sound, noise, snr):
    """What the noise must be multiplied by, of the powers."""
    return np.sqrt(sound / noise / 10 ** (snr / 10))


def add_noise(sound, noise, snr, power=power_of, factor=factor_of):
    """A sound with noise; every option is for a mistake."""
    return sound + factor(power(sound), power(noise), snr) * noise


def measured_snr(clean, noisy, power=power_of, ratio=lambda clean, noise, noisy: clean / noise):
    """Decibels of a ratio of powers; every option is for a mistake."""
    return 10 * np.log10(ratio(power(clean), power(noisy - clean), power(noisy)))


def squared_mean(sound):
    """The square of the mean amplitude, which is no power."""
    return np.abs(sound).mean() ** 2


def sounds_and_noise(rng):
    """A sound, noise and a ratio in dB."""
    for samples, snr in [(30, 6), (17, -4), (23, 13)]:
        sound = rng.uniform(0.5, 2) * (rng.normal(size=samples) + 0.5)
        yield sound, rng.uniform(0.5, 1.5) * (rng.normal(size=samples) - 0.6), snr


def clean_and_noisy(rng):
    """A sound, and the same with noise."""
    return [(sound, sound + 0.4 * noise) for sound, noise, _ in sounds_and_noise(rng)]


exercise(
    "10.5",
    Question(
        add_noise,
        sounds_and_noise,
        {
            "the noise is added as it is: bring it to the right power first": (
                lambda sound, noise, snr: sound + noise
            ),
            "the factor is one of power: what multiplies samples is its root": (
                partial(add_noise, factor=lambda s, n, snr: s / n / 10 ** (snr / 10))
            ),
            "the snr has the wrong sign: a high one means little noise": (
                lambda sound, noise, snr: add_noise(sound, noise, -snr)
            ),
            "decibels of power are divided by 10, not by 20": (
                lambda sound, noise, snr: add_noise(sound, noise, snr / 2)
            ),
            "a quotient of amplitudes goes with snr / 20, one of powers with snr / 10": (
                lambda sound, noise, snr: add_noise(sound, noise, snr * 2)
            ),
            "the snr is used as a ratio: it is in decibels": (
                partial(add_noise, factor=lambda s, n, snr: np.sqrt(s / n / np.abs(snr)))
            ),
            "this is e to the power: decibels take 10": (
                partial(add_noise, factor=lambda s, n, snr: np.sqrt(s / n / np.exp(snr / 10)))
            ),
            "the power of the noise is taken for 1: divide by it": (
                partial(add_noise, factor=lambda s, n, snr: np.sqrt(s / 10 ** (snr / 10)))
            ),
            "the power of the sound is taken for 1": (
                partial(add_noise, factor=lambda s, n, snr: np.sqrt(1 / n / 10 ** (snr / 10)))
            ),
            "the two powers are swapped": (
                partial(add_noise, factor=lambda s, n, snr: np.sqrt(n / s / 10 ** (snr / 10)))
            ),
            "you take the standard deviations: power has the mean in it": (
                partial(add_noise, power=np.var)
            ),
            "you take mean absolute values: power is the mean of the squares": (
                partial(add_noise, power=squared_mean)
            ),
            "you take the loudest samples: power is the mean of the squares": (
                partial(add_noise, power=lambda sound: np.max(sound**2))
            ),
            "the sound is scaled and the noise is left: the sound must stay as it is": (
                lambda sound, noise, snr: add_noise(noise, sound, -snr)
            ),
            "this is the noise alone: add it to the sound": (
                lambda sound, noise, snr: add_noise(sound, noise, snr) - sound
            ),
            "the noise is subtracted": lambda sound, noise, snr: add_noise(sound, -noise, snr),
        },
        names=["the noisy sound"],
    ),
    Question(
        measured_snr,
        clean_and_noisy,
        {
            "this is noise to signal: turn the quotient round": then(measured_snr, np.negative),
            "you divide by the power of the noisy sound: the noise is noisy - clean": (
                partial(measured_snr, ratio=lambda clean, noise, noisy: clean / noisy)
            ),
            "you compare the noisy sound with the noise: the signal is the clean one": (
                partial(measured_snr, ratio=lambda clean, noise, noisy: noisy / noise)
            ),
            "you compare the noisy sound with the clean one: the noise is their difference": (
                partial(measured_snr, ratio=lambda clean, noise, noisy: noisy / clean)
            ),
            "you subtract the powers: subtract the sounds, sample by sample": (
                partial(measured_snr, ratio=lambda clean, noise, noisy: clean / abs(noisy - clean))
            ),
            "power has the factor 10, not 20: 20 is for amplitudes": (
                then(measured_snr, lambda decibels: 2 * decibels)
            ),
            "you take the root of the powers: decibels of power take the powers": (
                then(measured_snr, lambda decibels: decibels / 2)
            ),
            "this is in bels: a decibel is a tenth of one": (
                then(measured_snr, lambda decibels: decibels / 10)
            ),
            "this is the natural logarithm: decibels take the one to base 10": (
                then(measured_snr, lambda decibels: decibels * np.log(10))
            ),
            "the logarithm is missing": then(measured_snr, lambda decibels: 10 ** (decibels / 10)),
            "you take variances: power has the mean in it": partial(measured_snr, power=np.var),
            "you take mean absolute values: power is the mean of the squares": (
                partial(measured_snr, power=squared_mean)
            ),
            "this is the mean of quotients, sample by sample: take the means first": (
                lambda clean, noisy: 10 * np.log10(power_of(clean / (noisy - clean)))
            ),
        },
        names=["the measured SNR"],
    ),
    hints=[
        "Power is the mean of the squares. The noise must have the power of the sound divided by "
        "10 ** (snr / 10).",
        "A factor on the samples acts on the power as its square, so take a root.",
        "The other way round: the noise is noisy - clean, and the ratio in decibels is 10 * "
        "np.log10 of the quotient of the powers.",
    ],
)

# --- 10.6: an experiment of one's own ----------------------------------------------------------


def own_experiment(report, rng):
    """Errors of at least two conditions, three seeds each."""
    keys = ("question", "prediction", "errors", "winner", "conclusion")
    errors, best = entries(report, *keys)
    errors = lists(errors, "errors", 2, highest=1)
    if len(np.unique(np.concatenate(list(errors.values())))) < 2:
        raise NotYet("all errors are equal: choose conditions that could make a difference")
    winner(best, errors)


exercise(
    "10.6",
    test=own_experiment,
    hints=[
        "Choose something that should matter, or should not: the order of the frames, noise, fewer "
        "voices, the read-out, the number of units.",
        "Each call of test_error gives one number. A comprehension over the seeds makes the list "
        "of one condition.",
        "`{'as they are': [...], 'shuffled': [...]}` with one error per seed; the winner has the "
        "smaller median.",
    ],
)
