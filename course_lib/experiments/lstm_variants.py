"""Which part of the LSTM matters? The eight variants of Greff et al. (2015), each with one change.

Like their speech task: say for every moment of a sound what is being said, with a bidirectional
network. Here it is the digits that voices say one after the other, and the voices of the test
are not those of the training.
"""

from functools import lru_cache

import numpy as np

from course_lib import initializers
from course_lib.backend import T, new_rng, split
from course_lib.cells import PeepholeLSTMCell
from course_lib.datasets import connected_digits
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import LSTM, Bidirectional, Dense, Masking, PeepholeLSTM
from course_lib.models import Sequential
from course_lib.speech import pad, stack

STACKED = 3  # frames per time step


class VariantCell(PeepholeLSTMCell):
    """The LSTM with peepholes, which Greff et al. call vanilla, with one change:

    NIG, NFG, NOG   no input, forget, output gate: it is always open
    NIAF, NOAF      no tanh for the candidate, no tanh for the cell state
    CIFG            coupled gates: the input gate is 1 - the forget gate
    """

    kept = ()

    def __init__(self, units, change, **options):
        super().__init__(units, **options)
        self.change = change

    def gate(self, x, removed_by):
        return T.ones_like(x) if self.change == removed_by else self.recurrent_activation(x)

    def step(self, xp_t, h, c, W_hh, p_i, p_f, p_o):
        i, f, g, o = split(xp_t + T.dot(h, W_hh), 4, self.units)
        f = self.gate(f + p_f * c, "NFG")
        i = 1 - f if self.change == "CIFG" else self.gate(i + p_i * c, "NIG")
        g = g if self.change == "NIAF" else self.activation(g)
        c = f * c + i * g
        o = self.gate(o + p_o * c, "NOG")
        squashed = c if self.change == "NOAF" else self.activation(c)
        return [o * squashed, c], []


class VariantLSTM(LSTM):
    """A layer of `VariantCell`."""

    cell_class = VariantCell


class FullGateRecurrenceCell(PeepholeLSTMCell):
    """FGR: all gates see the gates of the step before, through W_gates (3*units, 3*units)."""

    state_names = ("hidden state", "cell state", "input gate", "forget gate", "output gate")
    kept = ()

    def build(self, features):
        super().build(features)
        shape = (3 * self.units, 3 * self.units)
        self.W_gates = initializers.weight("W_gates", shape, initializers.orthogonal, new_rng())

    @property
    def weights(self):
        return [*super().weights, self.W_gates]

    @property
    def recurrent_weights(self):
        return [*super().recurrent_weights, self.W_gates]

    def step(self, xp_t, h, c, i, f, o, W_hh, p_i, p_f, p_o, W_gates):
        from_gates = split(T.dot(T.concatenate([i, f, o], axis=1), W_gates), 3, self.units)
        x_i, x_f, g, x_o = split(xp_t + T.dot(h, W_hh), 4, self.units)
        i = self.recurrent_activation(x_i + from_gates[0] + p_i * c)
        f = self.recurrent_activation(x_f + from_gates[1] + p_f * c)
        c = f * c + i * self.activation(g)
        o = self.recurrent_activation(x_o + from_gates[2] + p_o * c)
        return [o * self.activation(c), c, i, f, o], []


class FullGateRecurrenceLSTM(LSTM):
    """A layer of `FullGateRecurrenceCell`."""

    cell_class = FullGateRecurrenceCell


# NP has no peepholes: it is the LSTM of chapter 05.
OTHERS = {"vanilla": PeepholeLSTM, "NP": LSTM, "FGR": FullGateRecurrenceLSTM}
VARIANTS = ["vanilla", "NIG", "NFG", "NOG", "NIAF", "NOAF", "NP", "CIFG", "FGR"]

SETTINGS = [
    {
        "variant": variant,
        "seed": seed,
        "units": 32,
        "strings": 1200,
        "epochs": 8,
        "batch_size": 32,
        "learning_rate": 0.003,
        "clipnorm": 1.0,
    }
    for variant in VARIANTS
    for seed in range(5)
]


def layer_of(variant, units):
    """The layer of a variant, with an output at every step."""
    if variant in OTHERS:
        return OTHERS[variant](units, return_sequences=True)
    return VariantLSTM(units, change=variant, return_sequences=True)


@lru_cache(maxsize=1)
def data(strings):
    """X, the digit of every time step, and where there is one, for training and for testing."""
    parts = []
    for part, count in (("train", strings), ("test", strings // 4)):
        X, _, frames, _ = connected_digits(part, count, digits=(3, 3), noise=True)
        if part == "train":
            mean, scale = np.concatenate(X).mean(axis=0), np.concatenate(X).std(axis=0)
        X = [stack((x - mean) / scale, STACKED) for x in X]
        digits = [f[STACKED // 2 :: STACKED][: len(x)] for f, x in zip(frames, X)]
        parts.append((X, digits))
    steps = max(len(x) for X, _ in parts for x in X)
    return [(pad(X, steps), *with_mask(digits, steps)) for X, digits in parts]


def with_mask(digits, steps):
    """Sequences of digits as one array (n, steps), 0 where they have ended, and True before."""
    real = np.arange(steps) < np.array([len(d) for d in digits])[:, None]
    filled = np.zeros(real.shape, dtype=int)
    filled[real] = np.concatenate(digits)
    return filled, real


@compile_once
def model_for(variant, units, steps, learning_rate, clipnorm):
    """The compiled network: at every step, which digit is being said?"""
    masking = Masking(input_shape=(steps, 13 * STACKED))
    model = Sequential([masking, Bidirectional(layer_of(variant, units)), Dense(10)])
    return compiled(model, learning_rate, clipnorm)


def run(variant, seed, units, strings, epochs, batch_size, learning_rate, clipnorm):
    """Train once. The share of wrong time steps on test voices, and the last training loss."""
    (X, y, _), (X_test, y_test, real) = data(strings)
    model = model_for(variant, units, X.shape[1], learning_rate, clipnorm)
    start_anew(model, seed)
    history = model.fit(X, y, batch_size, epochs=epochs, verbose=0)
    wrong = model.predict(X_test).argmax(axis=-1) != y_test
    return {
        "error": round(float(wrong[real].mean()), 4),
        "loss": round(history.history["loss"][-1], 4),
    }
