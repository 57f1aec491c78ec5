"""How does a SimpleRNN that learned the parity of 12 bits answer for 500?

It is trained on strings of 12 bits, either with the answer after every bit or with the final one
alone. Whether it found the rule shows only on longer strings, and differs from seed to seed.
"""

import numpy as np

from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Dense, SimpleRNN
from course_lib.models import Sequential
from course_lib.tasks import parity

# Which answers are given, how many seeds, and how many passes over the strings.
ANSWERS = {"after every bit": (40, 60), "final": (5, 600)}

SETTINGS = [
    {
        "answers": answers,
        "seed": seed,
        "units": 16,
        "strings": 1000,
        "epochs": epochs,
        "learning_rate": 0.01,
    }
    for answers, (seeds, epochs) in ANSWERS.items()
    for seed in range(seeds)
]


@compile_once
def model_for(answers, units, learning_rate):
    """The compiled model of one setting."""
    layer = SimpleRNN(units, return_sequences=answers != "final", input_shape=(None, 1))
    model = Sequential([layer, Dense(1, activation="sigmoid")])
    return compiled(model, learning_rate, loss="binary_crossentropy", metrics=["accuracy"])


def unseen(X):
    """All strings of bits that X (strings, length, 1) lacks, and their running answers."""
    length = X.shape[1]
    numbers = X[:, :, 0].astype(int) @ 2 ** np.arange(length)
    others = np.setdiff1d(np.arange(2**length), numbers)
    bits = (others[:, None] >> np.arange(length)) & 1
    return bits[:, :, None].astype(float), np.cumsum(bits, axis=1)[:, :, None] % 2


def run(answers, seed, units, strings, epochs, learning_rate):
    """Train once. Accuracies of the answers asked for in training:

    trained     on the strings it was trained on
    unseen      on all other strings of 12 bits
    long        on 200 strings of 500 bits
    """
    model = model_for(answers, units, learning_rate)
    X, y = parity(12, strings, seed=1, every_step=True)
    parts = {"trained": (X, y), "unseen": unseen(X), "long": parity(500, 200, 2, every_step=True)}
    if answers == "final":
        parts = {name: (inputs, running[:, -1]) for name, (inputs, running) in parts.items()}
    start_anew(model, seed)
    model.fit(*parts["trained"], epochs=epochs, verbose=0)
    return {name: round(model.evaluate(*part)[1], 4) for name, part in parts.items()}
