"""From sound to what a network reads: frames, spectra on the mel scale, cepstra; noise, padding.

Sounds are arrays of numbers between -1 and 1 at 8000 samples per second (`RATE`), the rate of
the telephone. Frames are 25 ms long, and a new one starts every 10 ms.
"""

import numpy as np
from scipy.fft import dct
from scipy.signal import resample_poly

from course_lib.arguments import finite_array, positive_int

RATE = 8000  # samples per second
FRAME = 200  # samples: 25 ms
STEP = 80  # samples: 10 ms
FFT = 256  # the power of two above FRAME
FLOOR = 1e-6  # added to every energy before the logarithm: silence has one too


def as_sound(sound):
    """`sound` as an array of floats with one axis, else ValueError."""
    sound = finite_array("sound", sound)
    if sound.ndim != 1:
        raise ValueError(f"a sound has one axis, time; got shape {sound.shape}")
    return sound.astype(float)


def frames(sound, length=FRAME, step=STEP):
    """Overlapping pieces of a sound: (frames, length), a new one every `step` samples.

    What is left over at the end, too short for another step, is dropped. Raises ValueError if
    the sound is shorter than one frame.
    """
    sound = as_sound(sound)
    length, step = positive_int("length", length), positive_int("step", step)
    if len(sound) < length:
        raise ValueError(
            f"the sound has {len(sound)} samples, fewer than one frame of {length} samples"
        )
    return np.lib.stride_tricks.sliding_window_view(sound, length)[::step]


def pre_emphasis(sound, share=0.97):
    """Minus `share` of the sample before: it raises the high frequencies, weak in speech."""
    sound = as_sound(sound)
    return np.append(sound[0], sound[1:] - share * sound[:-1])


def power_spectra(sound):
    """The power at each of 129 frequencies from 0 to 4000 Hz, frame by frame: (frames, 129)."""
    pieces = frames(sound) * np.hamming(FRAME)
    return np.abs(np.fft.rfft(pieces, FFT)) ** 2 / FFT


def hz_to_mel(frequency):
    """Hertz to mel (O'Shaughnessy, 1987): about linear up to 700 Hz, logarithmic above."""
    return 2595 * np.log10(1 + np.asarray(frequency) / 700)


def mel_to_hz(mel):
    """Mel to hertz, the inverse of `hz_to_mel`."""
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def mel_filters(count=20, low=100, high=3800):
    """Triangles over the frequencies of `power_spectra`: (count, 129).

    Their corners lie evenly on the mel scale from `low` to `high` Hz, and each one begins in
    the middle of the one before. Raises ValueError if the range is not within 0 and 4000 Hz.
    """
    count = positive_int("count", count)
    if not 0 <= low < high <= RATE / 2:
        raise ValueError(f"low and high must be 0 <= low < high <= {RATE // 2}, got {low}, {high}")
    corners = mel_to_hz(np.linspace(hz_to_mel(low), hz_to_mel(high), count + 2))
    left, middle, right = (corners[i : i + count, None] for i in range(3))
    frequency = np.fft.rfftfreq(FFT, 1 / RATE)
    rising, falling = (frequency - left) / (middle - left), (right - frequency) / (right - middle)
    return np.clip(np.minimum(rising, falling), 0, None)


def log_mel(sound, count=20):
    """The logarithm of the energy in each of `count` mel bands: (frames, count)."""
    return np.log(power_spectra(pre_emphasis(sound)) @ mel_filters(count).T + FLOOR)


def mfcc(sound, count=13):
    """Mel frequency cepstral coefficients (Davis & Mermelstein, 1980): (frames, count).

    The cosine transform of each frame of `log_mel`, of which the first `count` are kept: the
    loudness, then the shape of the spectrum from coarse to fine. Raises ValueError for a sound
    shorter than one frame.
    """
    bands = log_mel(sound)
    count = positive_int("count", count)
    if count > bands.shape[1]:
        raise ValueError(f"there are {bands.shape[1]} bands, so count cannot be {count}")
    return dct(bands, norm="ortho")[:, :count]


def resample(sound, rate):
    """A sound recorded at `rate` samples per second, at the 8000 of this course."""
    sound, rate = as_sound(sound), positive_int("rate", rate)
    common = np.gcd(rate, RATE)
    return resample_poly(sound, RATE // common, rate // common)


def trim(sound, level=0.02, margin=0):
    """A sound without the silence around it, scaled so that its loudest sample is 1 or -1.

    Silence is what stays below `level` times the loudest sample; `margin` samples of it are kept
    before and after. Raises ValueError if all is 0.
    """
    sound = as_sound(sound)
    top = np.abs(sound).max()
    if top == 0:
        raise ValueError("the sound is silent: every sample is 0")
    loud = np.flatnonzero(np.abs(sound) > level * top)
    return sound[max(0, loud[0] - margin) : loud[-1] + 1 + margin] / top


def add_noise(sound, snr, rng, before=0, after=0):
    """A sound with white noise at a signal-to-noise ratio of `snr` decibels.

    The ratio is that of the mean power of the sound to that of the noise. `before` and `after`
    are numbers of samples of noise alone around the sound; `rng` is a numpy random generator.
    """
    sound = as_sound(sound)
    scale = np.sqrt(np.mean(sound**2) / 10 ** (snr / 10))
    padded = np.pad(sound, (before, after))
    return padded + rng.normal(0, scale, len(padded))


def pad(sequences, length=None):
    """Sequences of (time, features), each of its own time, as one array (n, length, features).

    They are filled up at the end with rows of zeros, which a `Masking` layer skips. `length` is
    that of the longest unless given. Raises ValueError if one is longer, or if its features are
    not as many as those of the others.
    """
    sequences = [finite_array("a sequence", sequence) for sequence in sequences]
    if not sequences:
        raise ValueError("there are no sequences to pad")
    shapes = {sequence.shape[1:] for sequence in sequences}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise ValueError(
            "every sequence needs the shape (time, features) with the same features, got "
            f"{sorted({sequence.shape for sequence in sequences})[:3]}"
        )
    longest = max(map(len, sequences))
    length = longest if length is None else positive_int("length", length)
    if longest > length:
        raise ValueError(f"a sequence has {longest} steps, more than length={length}")
    padded = np.zeros((len(sequences), length, *next(iter(shapes))), dtype=sequences[0].dtype)
    for row, sequence in zip(padded, sequences):
        row[: len(sequence)] = sequence
    return padded


def stack(sequence, count=2):
    """`count` frames side by side: (time, features) becomes (time // count, count * features).

    Half as many steps, twice as wide. Frames left over at the end are dropped. Raises
    ValueError if there are fewer than `count` frames.
    """
    sequence, count = finite_array("sequence", sequence), positive_int("count", count)
    steps = len(sequence) // count
    if steps == 0:
        raise ValueError(f"{len(sequence)} frames cannot be stacked by {count}")
    return sequence[: steps * count].reshape(steps, -1)
