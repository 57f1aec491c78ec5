"""Series of numbers: a sine wave, the parity of bits, a pendulum, and a chaotic series."""

import numpy as np

from course_lib.arguments import positive_int, whole_number_from


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


def swing(angle, velocity, steps):
    """Angles (rad) and velocities of pendulums from a given start, every 0.4 s.

    `angle` and `velocity` are the start, (samples,); returns two arrays (samples, steps), the
    start first. The acceleration is -sin(angle), by the semi-implicit Euler scheme with eight
    steps of 0.05 s. Raises ValueError unless `steps` is a whole number of at least 1.
    """
    angles, velocities = [], []
    for _ in range(positive_int("steps", steps)):
        angles.append(angle)
        velocities.append(velocity)
        for _ in range(8):
            velocity = velocity - 0.05 * np.sin(angle)
            angle = angle + 0.05 * velocity
    return np.stack(angles, axis=1), np.stack(velocities, axis=1)


def pendulums(num_samples, steps, seed=0):
    """`swing` from random starts: angles uniform in [-2.2, 2.2], velocities in [-0.8, 0.8].

    Returns angles and velocities, (num_samples, steps) each. Large swings are slower than small
    ones, so no linear rule predicts them all.
    """
    rng = np.random.default_rng(seed)
    samples = positive_int("num_samples", num_samples)
    return swing(rng.uniform(-2.2, 2.2, samples), rng.uniform(-0.8, 0.8, samples), steps)


def mackey_glass(length, tau=17, seed=0, washout=1000):
    """A chaotic series (for `tau` from 17 on), one value per unit of time: shape (length,).

    The delay differential equation of Mackey & Glass (1977),

        dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t),

    by Euler's scheme with a step of 0.1, of which every tenth value is kept, as in Jaeger (2001).
    `seed` decides the values up to time 0, uniform in [1, 1.4]; the first `washout` units of
    time are dropped. Raises ValueError unless length and tau are whole numbers of at least 1
    and washout is one of at least 0.
    """
    length, tau = positive_int("length", length), positive_int("tau", tau)
    steps = 10 * (whole_number_from(0, "washout", washout) + length)
    x = np.random.default_rng(seed).uniform(1, 1.4, 10 * tau + 1).tolist()
    for _ in range(steps):
        late, now = x[-1 - 10 * tau], x[-1]
        x.append(now + 0.1 * (0.2 * late / (1 + late**10) - 0.1 * now))
    return np.array(x[-steps:][9::10][washout:])
