"""Dates from free writing into ISO form: what does attention add to an encoder-decoder?

With attention, a GRU reads the source from both ends, and the decoder looks back at every
character. Without, a GRU with twice as many units reads it from the front, and the decoder gets
its last state, as in Cho et al. (2014); this network has more parameters.
"""

import numpy as np

from course_lib.decoding import greedy
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import AttentionDecoder, Bidirectional, Embedding, recurrent_layer
from course_lib.models import Sequential
from course_lib.tasks import dates
from course_lib.tasks.dates import CHARACTERS, ISO_CHARACTERS, LONGEST
from course_lib.text import Vocabulary

ISO_LENGTH = 10
STAGES = 20  # the learning rate falls in the last four, along a straight line

# Number 0 is nothing: the filling, and what stands before the first character.
SOURCE = Vocabulary(["", *CHARACTERS])
TARGET = Vocabulary(["", *ISO_CHARACTERS])

SETTINGS = [
    {
        "architecture": "GRU",
        "attention": attention,
        "seed": seed,
        "units": 64,
        "steps": steps,
        "batch_size": 64,
        "learning_rate": 0.004,
        "clipnorm": 1.0,
    }
    for attention, steps in ((True, 700), (False, 700), (False, 1400))
    for seed in range(3)
]


def encode(sources):
    """Numbers of the characters of some dates, (len(sources), 40), filled up with 0.

    Raises ValueError for a source that is no text, is empty or too long, or has a character
    that no date in training has.
    """
    if isinstance(sources, str):
        raise ValueError(f"sources must be a list of texts, got one text, {sources!r}")
    X = np.zeros((len(sources), LONGEST), dtype="int32")
    for row, source in zip(X, sources):
        if not isinstance(source, str) or not 1 <= len(source) <= LONGEST:
            raise ValueError(f"a date must be a text of 1 to {LONGEST} characters, got {source!r}")
        try:
            row[: len(source)] = SOURCE.encode(source)
        except ValueError as error:
            raise ValueError(f"{source!r} cannot be read: {error}") from None
    return X


def decode(numbers):
    """The text of a target."""
    return "".join(TARGET.decode(numbers))


def translate(model, sources):
    """For each date in free writing what the model makes of it, a list of texts."""
    return [decode(target) for target in greedy(model, encode(sources))[0]]


def network(architecture, attention, units, learning_rate=0.004, clipnorm=1.0):
    """The compiled network, with an encoder of this architecture."""
    encoder = recurrent_layer(
        architecture, units if attention else 2 * units, return_sequences=True
    )
    model = Sequential(
        [
            Embedding(len(SOURCE), 32, mask_zero=True, input_shape=(LONGEST,)),
            Bidirectional(encoder) if attention else encoder,
            AttentionDecoder(len(TARGET), ISO_LENGTH, units, attention=attention),
        ]
    )
    return compiled(model, learning_rate, clipnorm)


model_for = compile_once(network)


def train(
    architecture, attention, seed, units, steps, batch_size, learning_rate, clipnorm, verbose=0
):
    """A model trained on `steps` batches; no source is drawn twice but by chance."""
    model = model_for(architecture, attention, units, learning_rate, clipnorm)
    start_anew(model, seed)
    per_stage = round(steps / STAGES)
    for stage in range(STAGES):
        model.optimizer.learning_rate = learning_rate * min(1, (STAGES - stage) / 5)
        sources, targets = dates(per_stage * batch_size, seed=[seed, stage])
        y = np.array([TARGET.encode(target) for target in targets])
        model.fit(encode(sources), y, batch_size, verbose=verbose)
    return model


def exact(model, sources, targets):
    """Which sources are translated without a mistake: an array of truth values."""
    return np.array([a == b for a, b in zip(translate(model, sources), targets)])


def run(**setting):
    """Train once. The share of 2000 unheard dates whose ten characters are all right."""
    model = train(**setting)
    sources, targets = dates(2000, "test")
    right = exact(model, sources, targets)
    length = np.array([len(source) for source in sources])
    bands = {"short": length < 15, "middle": (length >= 15) & (length < 25), "long": length >= 25}
    return {
        "parameters": model.count_params(),
        "exact": round(right.mean(), 4),
        **{f"exact_{name}": round(right[chosen].mean(), 4) for name, chosen in bands.items()},
    }
