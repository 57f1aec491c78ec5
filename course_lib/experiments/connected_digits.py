"""Connected digits of voices never heard in training, learned without the times of the words.

A bidirectional LSTM and connectionist temporal classification. Beside it two linear rivals that
are told more: how many digits there are, or even where each word begins and ends.
"""

from functools import lru_cache

import numpy as np
from scipy.fft import dct
from scipy.special import log_softmax

from course_lib import ctc
from course_lib.baselines import LogisticRegression, segment_means
from course_lib.datasets import connected_digits, spoken_digits
from course_lib.datasets.connected import separate_words
from course_lib.experiments.prepare import compile_once, compiled, start_anew
from course_lib.layers import Bidirectional, Dense, Dropout, Masking, recurrent_layer
from course_lib.losses import CTC
from course_lib.models import Sequential
from course_lib.speech import hz_to_mel, mel_to_hz, pad, stack
from course_lib.training import progress_bar

SEEDS = range(3)
STACKED = 4  # frames per time step: 40 ms
STEPS = 92  # for up to five digits; the very few strings that are longer are left out
SHORT_STEPS, FULL_STEPS, LONG_STEPS = 46, 115, 184  # 2, 5 and 8 words of at most 92 frames
LINEAR_MEANS = 5  # of every word, for the linear rivals
TESTS = {"": (1, 5), "_long": (6, 8)}  # numbers of digits in the strings for testing

SETTINGS = [
    {
        "architecture": "LSTM",
        "stretch": 0.2,
        "seed": seed,
        "units": 64,
        "dropout": 0.4,
        "short_epochs": 8,
        "epochs": 14,
        "strings": 3072,
        "batch_size": 64,
        "learning_rate": 0.004,
        "clipnorm": 1.0,
    }
    for seed in SEEDS
]


@lru_cache(maxsize=1)
def scale():
    """Mean and standard deviation of the features of all words for training, (13,) each."""
    words = [x for noise in (False, True) for x in spoken_digits("train", noise)[0]]
    frames = np.concatenate(words)
    return frames.mean(axis=0), frames.std(axis=0)


def prepared(X, steps=STEPS):
    """What the network reads: scaled, four frames per step, padded; (n, steps, 52)."""
    mean, sd = scale()
    return pad([stack((x - mean) / sd, STACKED) for x in X], steps)


def targets(labels, most=5):
    """Digits as labels for CTC: one more than the digit, filled up with 0; (n, most)."""
    y = np.zeros((len(labels), most), dtype=int)
    for row, digits in zip(y, labels):
        row[: len(digits)] = np.array(digits) + 1
    return y


def stretched(factor, bands=20, count=13, low=100, high=3800):
    """A matrix (13, 13) that turns MFCC x into those of a vocal tract of another length, x @ it.

    What was at `factor` times a frequency is at the frequency itself afterwards: vocal tract
    length perturbation (Jaitly & Hinton, 2013), here from cepstrum to cepstrum.
    """
    cosines = dct(np.eye(bands), norm="ortho", axis=0)[:count]
    mel = np.linspace(hz_to_mel(low), hz_to_mel(high), bands + 2)[1:-1]
    source = (hz_to_mel(factor * mel_to_hz(mel)) - mel[0]) / (mel[1] - mel[0])
    weights = np.maximum(0, 1 - np.abs(source.clip(0, bands - 1)[:, None] - np.arange(bands)))
    return cosines @ weights.T @ cosines.T


def training_strings(count, seed, digits, steps, stretch):
    """Half of the `count` strings without noise, half with it; voices stretched at random.

    Returns X, what the network reads, and y, labels for CTC. Strings of more than `steps` time
    steps are left out.
    """
    strings = []
    for noise in (False, True):
        part = connected_digits("train", count // 2, 2 * seed + noise, digits, noise)
        strings += [(x, said) for x, said in zip(*part[:2]) if len(x) // STACKED <= steps]
    rng = np.random.default_rng(seed)
    factors = np.exp(rng.uniform(-stretch, stretch, size=len(strings)))
    X = [x @ stretched(factor) for (x, _), factor in zip(strings, factors)]
    return prepared(X, steps), targets([said for _, said in strings], digits[1])


@compile_once
def model_for(architecture, units, dropout, learning_rate, clipnorm):
    """Reads from both ends, and says at every step: blank, or which digit."""
    layers = [
        Masking(input_shape=(None, 13 * STACKED)),
        Bidirectional(recurrent_layer(architecture, units, return_sequences=True)),
        Dropout(dropout),
        Dense(11),
    ]
    return compiled(Sequential(layers), learning_rate, clipnorm, CTC(from_logits=True))


def fit(model, seed, stretch, short_epochs, epochs, strings, batch_size, learning_rate, verbose=0):
    """Train with new strings in every epoch: first of 1 or 2 digits, then of 1 to 5.

    The steps get smaller and smaller in the last third.
    """
    start_anew(model, seed)
    total = short_epochs + epochs
    bar = progress_bar(total, disable=not verbose)
    for epoch in range(total):
        digits, steps = ((1, 2), SHORT_STEPS) if epoch < short_epochs else ((1, 5), STEPS)
        model.optimizer.learning_rate = learning_rate * min(1.0, 3 * (1 - epoch / total))
        X, y = training_strings(strings, 1000 * seed + epoch, digits, steps, stretch)
        history = model.fit(X, y, batch_size, verbose=0).history
        bar.set_description(f"epoch {epoch + 1}", refresh=False)
        bar.set_postfix_str(f"loss {history['loss'][-1]:.3g}", refresh=False)
        bar.update()
    bar.close()


def log_probabilities(model, X, steps=FULL_STEPS):
    """The network's log p for every string of X: a list of arrays (its own steps, 11)."""
    log_p = log_softmax(model.predict(prepared(X, steps), batch_size=32).astype(float), axis=-1)
    return [rows[: len(x) // STACKED] for rows, x in zip(log_p, X)]


def digits_of(labels):
    """Digits from labels of CTC, which are one more."""
    return [k - 1 for k in labels]


def heard(log_p, beam=None):
    """The digits in each of `log_p`, by the best path, or by a beam search of that width."""
    if beam is None:
        return [digits_of(ctc.best_path(rows)) for rows in log_p]
    return [digits_of(ctc.beam_search(rows, beam)[0]) for rows in log_p]


def scores(model, count, width=10):
    """How many labels of the test voices are wrong, without noise and with it: a dict.

    The label error rate by the best path, that by beam search, and the share of the strings in
    which nothing is wrong (beam search), for 1 to 5 digits as in training, and 6 to 8 (best path).
    """
    results = {}
    for kind in ("clean", "noisy"):
        for name, digits in TESTS.items():
            X, labels, *_ = connected_digits("test", count, 0, digits, noise=kind == "noisy")
            log_p = log_probabilities(model, X, LONG_STEPS)
            found = heard(log_p)
            results[f"{kind}{name}"] = ctc.label_error_rate(found, labels)
            if not name:
                found = heard(log_p, width)
                results[f"{kind}_beam"] = ctc.label_error_rate(found, labels)
                exact = [a == b for a, b in zip(found, labels)]
                results[f"{kind}_exact"] = np.mean(exact)
    return {name: round(float(value), 4) for name, value in results.items()}


def pieces(words, cuts):
    """A string of words, cut for a rival that cannot find them: at the "true" ends of the words,
    or into "equal" parts, as many as there are words."""
    return words if cuts == "true" else np.array_split(np.concatenate(words), len(words))


@lru_cache(maxsize=2)
def linear_rival(cuts, count=3000, stretch=0.2):
    """Five means and a linear model, trained on what the network hears.

    Strings of the same voices, `count` without noise and `count` with it, their voices
    stretched at random, and cut as they will be in the test. Of three to six means, with
    stretching or without, this did best on eight voices of the training part set aside.
    """
    rng, X, y = np.random.default_rng(0), [], []
    for noise in (False, True):
        strings, labels, _ = separate_words("train", count, noise, noise=noise)
        for words, said in zip(strings, labels):
            means = segment_means(pieces(words, cuts), LINEAR_MEANS)
            by_frame = means.reshape(-1, 13) @ stretched(np.exp(rng.uniform(-stretch, stretch)))
            X.append(by_frame.reshape(means.shape))  # the means of the stretched frames
            y += said
    return LogisticRegression().fit(np.concatenate(X), np.array(y))


def linear_answers(count, cuts, noise):
    """What the linear rival hears in `count` strings of the test voices, each cut for it."""
    strings = separate_words("test", count, 0, noise=noise)[0]
    return [
        linear_rival(cuts).predict(segment_means(pieces(words, cuts), LINEAR_MEANS)).tolist()
        for words in strings
    ]


def train(
    architecture,
    stretch,
    seed,
    units,
    dropout,
    short_epochs,
    epochs,
    strings,
    batch_size,
    learning_rate,
    clipnorm,
    verbose=0,
):
    """A trained model."""
    model = model_for(architecture, units, dropout, learning_rate, clipnorm)
    fit(model, seed, stretch, short_epochs, epochs, strings, batch_size, learning_rate, verbose)
    return model


def run(**setting):
    """Train once, and test on 400 strings of unheard voices without noise and 400 with it."""
    return scores(train(**setting), 400)
