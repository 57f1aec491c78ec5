"""A GRU that has read Python's manual: the next character from all before."""

import numpy as np

from course_lib.backend import set_random_seed
from course_lib.experiments.manual import manual_in_two
from course_lib.layers import GRU, Dense, Dropout, Embedding
from course_lib.losses import SparseCategoricalCrossentropy
from course_lib.models import Sequential
from course_lib.optimizers import Adam
from course_lib.text import ResetStates, bits_per_symbol, streams
from course_lib.training import Callback

UNITS, DROPOUT, STREAMS, TIME, EPOCHS, RATE, SEED = 256, 0.4, 32, 64, 30, 0.003, 0


class CosineDecay(Callback):
    """Lets the learning rate fall, epoch by epoch, along a half cosine towards 0
    (Loshchilov & Hutter, 2017, arXiv:1608.03983, without their restarts)."""

    def __init__(self, rate, epochs):
        self.rate = rate
        self.epochs = epochs

    def on_train_begin(self):
        self.model.optimizer.learning_rate = self.rate

    def on_epoch_end(self, epoch, logs):
        done = min(epoch + 1, self.epochs - 1) / self.epochs  # 0 would be no learning rate
        self.model.optimizer.learning_rate = self.rate * (1 + np.cos(np.pi * done)) / 2


def train(verbose=1):
    """The trained model; 15 to 25 minutes on one core."""
    vocabulary, numbers, _ = manual_in_two()
    set_random_seed(SEED)
    model = Sequential(
        [
            Embedding(len(vocabulary), 32),
            GRU(UNITS, return_sequences=True, stateful=True),
            Dropout(DROPOUT),
            Dense(len(vocabulary)),
        ]
    )
    model.compile(
        Adam(learning_rate=RATE, global_clipnorm=1.0),
        loss=SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(
        *streams(numbers, STREAMS, TIME),
        batch_size=STREAMS,
        epochs=EPOCHS,
        shuffle=False,
        callbacks=[ResetStates(), CosineDecay(RATE, EPOCHS)],
        verbose=verbose,
    )
    return model


def measure(model):
    """Bits per character on the held-out text, read after the text for training."""
    _, before, after = manual_in_two()
    return {
        "units": UNITS,
        "epochs": EPOCHS,
        "seed": SEED,
        "parameters": model.count_params(),
        "bits_per_character": round(bits_per_symbol(model, after, before[-2000:]), 4),
    }
