"""Why is a model worse on new text: has it memorized its own, or is the new text on other topics?

A GRU and a 9-gram read 87 % of Python's manual. The rest is either the last topics, or paragraphs
from all over the manual, so that the same topics are on both sides. What a model loses on new
paragraphs of known topics is memorization; what it loses beyond that is the change of topic.
"""

import numpy as np

from course_lib.baselines import KneserNey
from course_lib.datasets import python_manual
from course_lib.experiments.manual import SHARE, in_two
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import GRU, Dense, Dropout, Embedding
from course_lib.models import Sequential
from course_lib.text import ResetStates, Vocabulary, bits_per_symbol, streams

SETTINGS = [
    {
        "held_out": held_out,
        "seed": seed,
        "units": 128,
        "dropout": 0.3,
        "epochs": 8,
        "batch_size": 32,
        "time": 32,
        "learning_rate": 0.003,
        "n": 9,
    }
    for held_out in ("topics", "paragraphs")
    for seed in range(3)
]
LENGTH = 40_000  # characters of the training text that are scored, too


def split(text, held_out, seed):
    """The text for training, and the text held out: the last topics, or paragraphs at random."""
    if held_out == "topics":
        return in_two(text)
    paragraphs = text.split("\n\n")
    trained_on = np.random.default_rng(seed).random(len(paragraphs)) < SHARE
    return tuple(
        "\n\n".join(p for p, known in zip(paragraphs, trained_on) if known == part)
        for part in (True, False)
    )


@compile_once
def model_for(units, dropout, learning_rate):
    """The characters of the manual, and a network that predicts the next one."""
    vocabulary = Vocabulary(sorted(set(python_manual())))
    layers = [
        Embedding(len(vocabulary), 32),
        GRU(units, return_sequences=True, stateful=True),
        Dropout(dropout),
        Dense(len(vocabulary)),
    ]
    return vocabulary, compiled(Sequential(layers), learning_rate)


def run(held_out, seed, units, dropout, epochs, batch_size, time, learning_rate, n):
    """Bits per character of the network and the n-gram, on text they know and on text held out."""
    vocabulary, model = model_for(units, dropout, learning_rate)
    before, after = map(vocabulary.encode, split(python_manual(), held_out, seed))
    start_anew(model, seed)
    model.fit(
        *streams(before, batch_size, time),
        batch_size=batch_size,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[ResetStates()],
    )
    counted = KneserNey(n, len(vocabulary)).fit([before])
    return {
        "gru_known": round(bits_per_symbol(model, before[:LENGTH]), 4),
        "gru_new": round(bits_per_symbol(model, after), 4),
        "ngram_new": round(counted.bits(after).mean(), 4),
    }
