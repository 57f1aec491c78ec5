"""Series of numbers: the next value of a sine wave, the parity of bits."""

import numpy as np

from course_lib.checks import positive_int


def sine_wave(seq_length, num_samples, seed=0):
    """Next-value prediction on sine waves with random starts.

    Each wave starts at a phase uniform in [0, 4 pi] and is sampled at steps of 1 radian.
    Returns X of shape (num_samples, seq_length, 1) and the value that follows, y of shape
    (num_samples, 1).
    """
    positive_int("seq_length", seq_length)
    start = np.random.default_rng(seed).uniform(
        0, 4 * np.pi, (positive_int("num_samples", num_samples), 1)
    )
    waves = np.sin(start + np.arange(seq_length + 1))
    return waves[:, :-1, None], waves[:, -1:]


def parity(length, num_samples, seed=0, every_step=False):
    """Is the number of ones so far odd? (Minsky & Papert, 1969)

    Returns bits X of shape (num_samples, length, 1) and y: 1.0 for odd, 0.0 for even, of
    shape (num_samples, 1), or with `every_step` the running answers
    (num_samples, length, 1). Guessing is right half of the time.
    """
    shape = (positive_int("num_samples", num_samples), positive_int("length", length), 1)
    bits = np.random.default_rng(seed).integers(0, 2, shape)
    running = np.cumsum(bits, axis=1) % 2
    return bits.astype(float), (running if every_step else running[:, -1]).astype(float)
