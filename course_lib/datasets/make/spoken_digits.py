"""Spoken digits, synthetic: ten words, forty voices, six takes, as MFCC, clean and in noise.

Every voice joins one of eight English accents of espeak-ng with one of forty speakers.
"""

import wave

import numpy as np

from course_lib.datasets.make.espeak import ESPEAK, speak
from course_lib.datasets.make.espeak import RATE as SYNTHESIZER_RATE
from course_lib.datasets.make.wheels import unpacked
from course_lib.speech import add_noise, mfcc, resample, trim

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TAKES = 6
SNR = 10  # decibels
MARGINS = [200, 801]  # samples of noise alone before and after a word: 25 to 100 ms
LEVELS = 8  # features are rounded to this part of their standard deviation
HEARD = [7, 34]  # the voices whose first take of every digit is kept as sound

ACCENTS = [
    *["en-us", "gmw/en", "en-gb-scotland", "en-gb-x-rp"],
    *["en-029", "en-us-nyc", "en-gb-x-gbclan", "en-gb-x-gbcwmd"],
]
# From low to high formants (the mean factor of the first two in espeak-ng's files): from a long
# vocal tract to the short one of a child.
SPEAKERS = [
    *["travis", "Lee", "david", "marcelo", "m5", "Michael", "Gene", "m3"],
    *["Mike", "pablo", "m8", "m1", "Denis", "anika", "m2", "m6"],
    *["m7", "Andy", "john", "grandpa", "klatt2", "klatt4", "adam", "ed"],
    *["boris", "grandma", "m4", "Alex", "steph", "f1", "f2", "f5"],
    *["Annie", "f4", "aunty", "f3", "belinda", "linda", "Alicia", "zac"],
]
TEST_VOICES = slice(2, None, 4)  # every fourth, so that both parts range from low to high


def make_voices(rng):
    """Forty names for espeak-ng, accent+speaker: every speaker once, every accent five times."""
    accents = rng.permutation(np.repeat(ACCENTS, len(SPEAKERS) // len(ACCENTS)))
    return [f"{accent}+{speaker}" for accent, speaker in zip(accents, SPEAKERS)]


def make_requests(voices, rng):
    """What `speak` is asked for: every voice says every digit six times, each time with another
    speed (130 to 230 words a minute), pitch and range of pitch (espeak-ng's percent)."""
    return [
        (word, voice, *(int(n) for n in rng.integers([130, 25, 20], [231, 76, 81])))
        for voice in voices
        for word in WORDS
        for _ in range(TAKES)
    ]


def packed(name, sequences):
    """Arrays for the file, from features (time, 13) per utterance: whole numbers, one row per
    coefficient, in units of an eighth of its standard deviation; and the lengths."""
    features = np.concatenate(sequences)
    unit = (features.std(axis=0) / LEVELS).astype("float32")
    return {
        name: np.ascontiguousarray(np.round(features / unit).astype("int8").T),
        f"{name}_unit": unit,
        f"{name}_lengths": np.array([len(s) for s in sequences], dtype="uint8"),
    }


def spoken_digits(path):
    """MFCC of 2400 utterances without noise and with it, and the sounds of twenty."""
    rng = np.random.default_rng(0)
    voices = make_voices(rng)
    with unpacked(*ESPEAK) as wheel:
        spoken = speak(wheel, make_requests(voices, rng))
    sounds = [trim(resample(sound, SYNTHESIZER_RATE)) for sound in spoken]
    margins = rng.integers(*MARGINS, size=(len(sounds), 2))
    noisy = [add_noise(s, SNR, rng, *around) for s, around in zip(sounds, margins)]
    per_voice = len(WORDS) * TAKES
    is_test = np.zeros(len(voices), dtype=bool)
    is_test[TEST_VOICES] = True
    heard = [v * per_voice + d * TAKES for v in HEARD for d in range(len(WORDS))]
    np.savez_compressed(
        path,
        voices=np.array(voices),
        voice=np.repeat(np.arange(len(voices), dtype="uint8"), per_voice),
        digit=np.tile(np.repeat(np.arange(len(WORDS), dtype="uint8"), TAKES), len(voices)),
        is_test=np.repeat(is_test, per_voice),
        **packed("clean", [mfcc(sound) for sound in sounds]),
        **packed("noisy", [mfcc(sound) for sound in noisy]),
        heard=np.array(heard, dtype="uint16"),
        sounds=np.round(32767 * np.concatenate([sounds[i] for i in heard])).astype("int16"),
        sound_lengths=np.array([len(sounds[i]) for i in heard], dtype="uint16"),
    )


def recording(path):
    """A recording as a learner might make one: a voice that is in no other file says "seven",
    with half a second of a quiet room around it, as wav of 22050 samples per second."""
    with unpacked(*ESPEAK) as wheel:
        (sound,) = speak(wheel, [("seven", "en-us+Andrea", 160, 50, 50)])
    around = SYNTHESIZER_RATE // 4
    sound = add_noise(trim(sound), 25, np.random.default_rng(0), around, around)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SYNTHESIZER_RATE, 0, "NONE", None))
        file.writeframes(np.round(16000 * sound).astype("<i2").tobytes())
