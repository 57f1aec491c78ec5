"""Vowels that were taken out of a text: which letters say what they were, those before or after?

GRU networks of about the same number of parameters read Python's manual without vowels, forwards,
backwards, or from both ends, and fill them in. What they have read goes straight to the answer,
or through a hidden layer first.
"""

import re

import numpy as np

from course_lib.arguments import one_of
from course_lib.datasets import python_manual
from course_lib.experiments.manual import in_two
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Bidirectional, Dense, Embedding, recurrent_layer
from course_lib.models import Sequential
from course_lib.text import Vocabulary

VOWELS, GAP = "aeiou", "_"
NO_VOWEL = len(VOWELS)  # the class of all other characters
VOCABULARY = Vocabulary(" _bcdfghjklmnpqrstvwxyz")
RATES = [0.01] * 4 + [0.003] + [0.001]  # learning rate of each epoch

SETTINGS = [
    {
        "architecture": "GRU",
        "directions": directions,
        "seed": seed,
        "units": units,
        "hidden": hidden,
        "time": 64,
        "epochs": len(RATES),
        "batch_size": 32,
    }
    for directions, units, hidden in (
        *(("forward", 64, 0), ("backward", 64, 0), ("both", 42, 0)),
        *(("both", 36, 48), ("backward", 56, 48)),
    )
    for seed in range(3)
]
STRETCH = 1024  # characters of the test text, over which right answers are counted


def letters():
    """The manual in lower-case letters; whatever stands between two words is one blank."""
    return re.sub("[^a-z]+", " ", python_manual().lower())


def without_vowels(text):
    """The text with a gap for every vowel."""
    return re.sub(f"[{VOWELS}]", GAP, text)


def lines(text, time):
    """X and y of shape (lines, time): symbols of the text without vowels, and what is missing.

    y is the number of the vowel in `VOWELS`, and `NO_VOWEL` where nothing is missing. What is
    left over at the end, fewer than `time` characters, is not used.
    """
    count = len(text) // time
    vowel = {symbol: number for number, symbol in enumerate(VOWELS)}
    X = VOCABULARY.encode(without_vowels(text))
    y = np.array([vowel.get(symbol, NO_VOWEL) for symbol in text])
    return [part[: count * time].reshape(count, time) for part in (X, y)]


def layer(architecture, directions, units):
    """A recurrent layer that answers at every step, in the order in which it reads."""

    def one_way(**options):
        return recurrent_layer(architecture, units, return_sequences=True, **options)

    layers = {
        "forward": one_way,
        "backward": lambda: one_way(go_backwards=True),
        "both": lambda: Bidirectional(one_way()),
    }
    return one_of("direction", directions, layers)()


def network(recurrent, hidden=0):
    """Symbols, a recurrent layer, and logits for five vowels and `NO_VOWEL`.

    With `hidden` units between the two, what came before and what comes after are weighed
    together; without, their evidence for each vowel is just added.
    """
    between = [Dense(hidden, activation="relu")] if hidden else []
    layers = [Embedding(len(VOCABULARY), 16), recurrent, *between, Dense(NO_VOWEL + 1)]
    return compiled(Sequential(layers), RATES[0])


def restored(model, X, backward=False):
    """The most probable vowel at every step, as its number; `backward` for a backward network."""
    logits = model.predict(X)
    return (logits[:, ::-1] if backward else logits)[..., :NO_VOWEL].argmax(axis=-1)


def accuracy(guess, y):
    """The share of right vowels, of those that are missing."""
    missing = y != NO_VOWEL
    return float((guess == y)[missing].mean())


def per_stretch(right):
    """How many are right in each whole stretch of `STRETCH` characters, of (characters,)."""
    count = len(right) // STRETCH
    return right[: count * STRETCH].reshape(count, STRETCH).sum(axis=1)


@compile_once
def model_for(architecture, directions, units, hidden):
    """The compiled network of one setting."""
    return network(layer(architecture, directions, units), hidden)


def run(architecture, directions, seed, units, hidden, time, epochs, batch_size):
    """Train once. The number of parameters, the share of vowels that are right in the test, and
    how many are right in each stretch of it."""
    (X, y), (X_test, y_test) = (lines(part, time) for part in in_two(letters()))
    model, backward = model_for(architecture, directions, units, hidden), directions == "backward"
    start_anew(model, seed)
    for rate in RATES[:epochs]:
        model.optimizer.learning_rate = rate
        model.fit(X, y[:, ::-1] if backward else y, batch_size=batch_size, verbose=0)
    guess = restored(model, X_test, backward)
    right = ((guess == y_test) & (y_test != NO_VOWEL)).ravel()
    return {
        "parameters": model.count_params(),
        "accuracy": round(accuracy(guess, y_test), 4),
        "right": " ".join(map(str, per_stretch(right))),
    }
