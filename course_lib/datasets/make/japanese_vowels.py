"""JapaneseVowels, real speech: nine men, 640 utterances."""

import numpy as np

from course_lib.datasets.make.wheels import AEON, unpacked

FOLDER = "aeon/datasets/data/JapaneseVowels"
UNIT = 1e-4  # values have up to six decimals; the fifth is far below what speakers vary by


def read(path):
    """The utterances of a .ts file, a list of (time, 12), and their speakers, 1 to 9.

    A line is one utterance: coefficients separated by colons, their values over time by
    commas, and at the end the speaker.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.split("@data\n")[1].splitlines()
    rows = [line.split(":") for line in lines]
    X = [np.array([np.fromstring(c, sep=",") for c in row[:-1]]).T for row in rows]
    return X, [int(row[-1]) for row in rows]


def japanese_vowels(path):
    """All utterances one after the other, as whole numbers of ten thousandths."""
    with unpacked(*AEON) as wheel:
        X_train, y_train = read(wheel / FOLDER / "JapaneseVowels_TRAIN.ts")
        X_test, y_test = read(wheel / FOLDER / "JapaneseVowels_TEST.ts")
    X = X_train + X_test
    np.savez_compressed(
        path,
        cepstra=np.round(np.concatenate(X) / UNIT).astype("int16"),
        unit=UNIT,
        lengths=np.array([len(x) for x in X], dtype="uint8"),
        speaker=np.array(y_train + y_test, dtype="uint8") - 1,
        train=len(X_train),
    )
