"""Speech from the folder `data/`, and the learner's own recordings."""

import io
import re
import shlex
import wave

import numpy as np

from course_lib.datasets.checksums import checked_path
from course_lib.files import own_file

SHORTEST = 0.1  # seconds
SLOWEST, FASTEST = 1000, 384_000  # samples per second of recordings

# The head of a wav file in the extensible form: in place of the number of the format there is a
# mark, and the number comes later. The module `wave` reads this form only from Python 3.12 on.
EXTENSIBLE = re.compile(
    rb"(fmt .{4})\xfe\xff(.{22})(..)"
    rb"(\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71)",
    re.DOTALL,
)
KINDS = {3: "floating point numbers", 6: "A-law", 7: "mu-law", 85: "MP3"}


def japanese_vowels():
    """Nine men say /ae/ (Kudo, Toyama & Shimbo, 1999): who was it? Real speech.

    Returns X_train, y_train, X_test, y_test. X are lists of 270 and 370 arrays (time, 12), 7 to
    29 frames of LPC cepstra, one every 6.4 ms; y are the speakers, 0 to 8. The speakers of both
    parts are the same.
    """
    with np.load(checked_path("japanese_vowels.npz")) as file:
        cepstra = (file["cepstra"] * file["unit"]).astype("float32")
        X, y = cut(cepstra, file["lengths"]), file["speaker"].astype(int)
        train = int(file["train"])
    return X[:train], y[:train], X[train:], y[train:]


def spoken_digits(part="train", noise=False):
    """The digits zero to nine, said by the synthesizer espeak-ng: synthetic speech.

    `part` is "train" (1800 utterances of 30 voices) or "test" (600 of 10 other voices). With
    `noise`, white noise at a signal-to-noise ratio of 10 dB, also for 25 to 100 ms before and
    after the word; without, the bare word. Returns

        X       list of arrays (time, 13): MFCC, a frame every 10 ms
        y       the digits, 0 to 9
        voice   the names of the voices, "accent+speaker"

    Raises ValueError for another part.
    """
    if part not in ("train", "test"):
        raise ValueError(f"part must be 'train' or 'test', got {part!r}")
    kind = "noisy" if noise else "clean"
    with np.load(checked_path("spoken_digits.npz")) as file:
        mfcc = file[kind].T * file[f"{kind}_unit"]
        chosen = np.flatnonzero(file["is_test"] == (part == "test"))
        X = cut(mfcc, file[f"{kind}_lengths"])
        y, voice = file["digit"].astype(int), file["voices"][file["voice"]]
    return [X[i] for i in chosen], y[chosen], voice[chosen]


def digit_sounds():
    """Twenty of the utterances of `spoken_digits` to listen to, without noise, 8000 samples per
    second: each digit by a voice of the training part and by one of the test part.

    Returns X, a list of sounds (time,) between -1 and 1, and y and voice as `spoken_digits`.
    """
    with np.load(checked_path("spoken_digits.npz")) as file:
        heard = file["heard"]
        X = cut(file["sounds"] / 32767, file["sound_lengths"])
        return X, file["digit"][heard].astype(int), file["voices"][file["voice"][heard]]


def cut(rows, lengths):
    """Consecutive pieces of `rows` of these lengths, a list."""
    return np.split(rows, np.cumsum(lengths.astype(int))[:-1])


def load_wav(path):
    """A recording: (sound, rate), the sound (time,) between -1 and 1, `rate` in samples per second.

    It must be a wav file, mono, of 16 bits per sample. Raises ValueError that says what is wrong
    and how to mend it: no such file, no wav, stereo, another number of bits, a rate that no
    recording has, cut off, no samples, shorter than a tenth of a second, or silence.
    """
    path, content = own_file(path, ".wav")
    mend = f"`ffmpeg -i {shlex.quote(str(path))} -ac 1 -sample_fmt s16 new.wav` makes one"
    try:
        with wave.open(io.BytesIO(EXTENSIBLE.sub(rb"\1\3\2\3\4", content, 1))) as file:
            channels, width, rate, count = file.getparams()[:4]
            samples = file.readframes(count)
    except (wave.Error, EOFError, RuntimeError) as error:  # the last: lengths that contradict
        raise ValueError(
            f"{path.name} is no wav file of whole numbers ({why(error)}): {mend}"
        ) from None
    if channels != 1:
        raise ValueError(f"{path.name} has {channels} channels, and one (mono) is needed: {mend}")
    if width != 2:
        raise ValueError(f"{path.name} has {8 * width} bits per sample, 16 are needed: {mend}")
    if not SLOWEST <= rate <= FASTEST:
        raise ValueError(
            f"{path.name} has a damaged head: it says {rate} samples per second, recordings have "
            f"{SLOWEST} to {FASTEST}. Record or export it again"
        )
    if len(samples) < 2 * count:
        raise ValueError(
            f"{path.name} is cut off: {count} samples are promised, {len(samples) // 2} are there. "
            f"Copy or record it again, or make do with what there is: {mend}"
        )
    sound = np.frombuffer(samples, dtype="<i2") / 32768
    if len(sound) < SHORTEST * rate:
        raise ValueError(
            f"{path.name} has {len(sound)} samples, {len(sound) / rate:.3f} s: a word takes at "
            f"least {SHORTEST} s"
        )
    if not sound.any():
        raise ValueError(f"{path.name} is silent: every sample is 0; was the microphone on?")
    return sound, rate


def why(error):
    """What the module `wave` says about a file, with the name of a format that it does not read."""
    said = str(error) or "it ends too early"
    number = re.fullmatch(r"unknown format: (\d+)", said)
    return KINDS.get(int(number[1]), said) if number else said
