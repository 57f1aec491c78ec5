"""Spoken digits from voices never heard in training: what does each ingredient do?

One network is changed in one place at a time: its directions, the order of its input, what it
is trained on, and which voices are left for the test.
"""

from functools import lru_cache

import numpy as np

from course_lib.datasets import spoken_digits
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Bidirectional, Dense, Masking, recurrent_layer
from course_lib.models import Sequential
from course_lib.speech import pad, stack

SEEDS = range(3)
STACKED = 2  # frames per time step
STEPS = 46  # the longest utterance has 92 frames

# The ten speakers with the highest formants: women and a child.
HIGHEST = {"f2", "f5", "Annie", "f4", "aunty", "f3", "belinda", "linda", "Alicia", "zac"}

USUAL = {
    "architecture": "GRU",
    "directions": 2,
    "frames": "in order",
    "training": "both",
    "test_voices": "every fourth",
}
VARIANTS = [
    {},
    {"directions": 1},
    {"frames": "shuffled"},
    {"training": "clean"},
    {"test_voices": "highest ten"},
]

SETTINGS = [
    {
        **USUAL,
        **variant,
        "seed": seed,
        "units": 64,
        "steps": 340,
        "batch_size": 64,
        "learning_rate": 0.003,
        "clipnorm": 1.0,
    }
    for variant in VARIANTS
    for seed in SEEDS
]


@lru_cache(maxsize=2)
def utterances(noise):
    """Features (a list), digits and speakers of all forty voices, and which are every fourth."""
    train, test = (spoken_digits(part, noise) for part in ("train", "test"))
    X, y = train[0] + test[0], np.concatenate([train[1], test[1]])
    speaker = [name.split("+")[1] for name in np.concatenate([train[2], test[2]])]
    return X, y, np.array(speaker), np.arange(len(X)) >= len(train[0])


def data(frames, training, test_voices, seed):
    """(X, y) to train on, and (X, y, speaker) of the test voices without noise and with it.

    Features are scaled by the training part. Shuffled frames are in a new random order in every
    utterance, in training and test alike.
    """
    rng = np.random.default_rng(seed)
    parts = [utterances(noise) for noise in (False, True)]
    is_test = np.isin(parts[0][2], list(HIGHEST)) if test_voices == "highest ten" else parts[0][3]
    used = parts[:1] if training == "clean" else parts
    heard = np.concatenate([X[i] for X, *_ in used for i in np.flatnonzero(~is_test)])
    mean, scale = heard.mean(axis=0), heard.std(axis=0)

    def prepared(part, chosen):
        X, y, speaker, _ = part
        scaled = [(X[i] - mean) / scale for i in np.flatnonzero(chosen)]
        if frames == "shuffled":
            scaled = [rng.permutation(x) for x in scaled]
        return pad([stack(x, STACKED) for x in scaled], STEPS), y[chosen], speaker[chosen]

    train = [prepared(part, ~is_test) for part in used]
    X_train, y_train, _ = (np.concatenate(arrays) for arrays in zip(*train))
    return X_train, y_train, [prepared(part, is_test) for part in parts]


@compile_once
def model_for(architecture, directions, units, learning_rate, clipnorm):
    """The compiled network: it reads to the end, or from both ends, and then answers."""
    layer = recurrent_layer(architecture, units)
    layer = layer if directions == 1 else Bidirectional(layer)
    masking = Masking(input_shape=(STEPS, 13 * STACKED))
    model = Sequential([masking, layer, Dense(10)])
    return compiled(model, learning_rate, clipnorm)


def by_voice(right, speaker):
    """The share of right answers for each speaker, in alphabetical order: a text of numbers."""
    shares = [right[speaker == name].mean() for name in sorted(set(speaker))]
    return " ".join(f"{share:.4f}" for share in shares)


def run(
    architecture,
    directions,
    frames,
    training,
    test_voices,
    seed,
    units,
    steps,
    batch_size,
    learning_rate,
    clipnorm,
):
    """Train once. The accuracy on the test voices, clean and noisy (10 dB), and on each of them."""
    model = model_for(architecture, directions, units, learning_rate, clipnorm)
    start_anew(model, seed)
    X, y, tests = data(frames, training, test_voices, seed)
    epochs = round(steps / np.ceil(len(X) / batch_size))
    model.fit(X, y, batch_size, epochs=epochs, verbose=0)
    results = {}
    for kind, (X_test, y_test, speaker) in zip(("clean", "noisy"), tests):
        right = model.predict(X_test, batch_size=batch_size).argmax(axis=-1) == y_test
        results[kind] = round(float(right.mean()), 4)
        results[f"{kind}_voices"] = by_voice(right, speaker)
    return results
