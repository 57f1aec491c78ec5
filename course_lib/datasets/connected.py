"""Connected digits: several words one after the other, and nobody says where each begins."""

import numpy as np

from course_lib.arguments import positive_int
from course_lib.datasets.speech import spoken_digits

MOST_DIGITS = 20


def checked_digits(digits):
    """`digits` as (lowest, highest) number of digits in a string, else ValueError."""
    try:
        low, high = (positive_int("digits", n) for n in digits)
    except (TypeError, ValueError):
        low, high = 1, 0
    if not low <= high <= MOST_DIGITS:
        raise ValueError(
            f"digits must be the fewest and the most digits in a string, two whole numbers "
            f"with 1 <= fewest <= most <= {MOST_DIGITS}, got {digits!r}"
        )
    return low, high


def separate_words(part, count, seed=0, digits=(1, 5), noise=False):
    """The strings of `connected_digits` before their words are joined; same arguments.

    Returns words, for every string a list of arrays (time, 13); labels, for every string a list
    of digits; and the name of its voice.
    """
    low, high = checked_digits(digits)
    count = positive_int("count", count)
    words, said, voices = spoken_digits(part, noise)
    of_voice = {name: np.flatnonzero(voices == name) for name in sorted(set(voices))}
    rng = np.random.default_rng(seed)
    chosen_voices = rng.choice(list(of_voice), size=count)
    lengths = rng.integers(low, high + 1, size=count)
    chosen = [rng.choice(of_voice[v], size=n) for v, n in zip(chosen_voices, lengths)]
    labels = [said[rows].tolist() for rows in chosen]
    return [[words[i] for i in rows] for rows in chosen], labels, chosen_voices


def connected_digits(part, count, seed=0, digits=(1, 5), noise=False):
    """Strings of digits, each said by one voice, joined from the words of `spoken_digits`.

    The words follow each other without a pause, each drawn at random from those of the voice.
    `part` is "train" or "test": test voices are never heard in training. `count` strings have
    ``digits[0]`` to ``digits[1]`` digits, every number equally often. With `noise` each word
    has white noise in it (10 dB) and 25 to 100 ms of noise alone before and after. Returns

        X         list of arrays (time, 13): MFCC, a frame every 10 ms
        labels    list of lists of digits, 0 to 9
        frames    list of arrays (time,): the digit whose word each frame belongs to, the noise
                  around it included
        voices    the name of the voice of every string, "accent+speaker"

    One seed gives the same strings every time, and the same words with noise and without.
    Raises ValueError for another part, for a count below 1, and for `digits` that are not
    two numbers from 1 to 20, the lower one first.
    """
    strings, labels, voices = separate_words(part, count, seed, digits, noise)
    X = [np.concatenate(words) for words in strings]
    frames = [
        np.repeat(said, [len(word) for word in words]) for said, words in zip(labels, strings)
    ]
    return X, labels, frames, voices
