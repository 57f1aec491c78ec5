"""Connectionist temporal classification (Graves et al., 2006): labels without their times.

A network says at every time step how probable each label is, or *blank*, class 0. An
alignment is one class per step; it stands for the labels that are left when repeats are
merged and blanks dropped: 0 3 3 0 3 1 stands for 3 3 1. The probability of labels is the sum
over all their alignments, found step by step (`loss`). `best_path` and `beam_search` go the
other way, from probabilities to labels.
"""

from collections import defaultdict
from itertools import groupby

import numpy as np

from course_lib.arguments import finite_array, positive_int
from course_lib.backend import T, floatX, scan

BLANK = 0
LOG_ZERO = -1e30  # finite, so that no gradient becomes NaN


def log_add(*terms):
    """log(exp(a) + exp(b) + ...) without overflow, elementwise."""
    largest = terms[0]
    for term in terms[1:]:
        largest = T.maximum(largest, term)
    return largest + T.log(sum(T.exp(term - largest) for term in terms))


def loss(y, log_p, mask=None):
    """-log p(labels | inputs) in nats for every sequence: a symbolic vector (batch,).

    y       int (batch, labels): labels from 1 on, filled up with 0 at their end
    log_p   (batch, time, classes): log probabilities, class 0 is the blank
    mask    (batch, time): where it is 0 there is no time step

    Labels that need more steps than there are get a loss of about 1e30.
    """
    # Blanks between all labels, and at both ends: the states an alignment walks through.
    states = T.zeros((y.shape[0], 2 * y.shape[1] + 1), dtype=y.dtype)
    states = T.set_subtensor(states[:, 1::2], y)
    rows, steps = T.arange(y.shape[0]), T.arange(log_p.shape[1])
    emitted = log_p.dimshuffle(1, 0, 2)[steps[:, None, None], rows[:, None], states]
    # A step goes on by one state at most, or by two from a label to another one.
    skips = T.neq(states[:, 2:], BLANK) & T.neq(states[:, 2:], states[:, :-2])
    cannot_skip = T.switch(skips, floatX(0), floatX(LOG_ZERO))
    nothing = T.alloc(floatX(LOG_ZERO), y.shape[0], 2)

    def step(emitted_t, m, alpha, cannot_skip):
        one_back = T.concatenate([nothing[:, :1], alpha[:, :-1]], axis=1)
        two_back = T.concatenate([nothing, alpha[:, :-2] + cannot_skip], axis=1)
        return m * (log_add(alpha, one_back, two_back) + emitted_t) + (1 - m) * alpha

    # Before the first step, as if in the blank state 0 with nothing to emit yet.
    start = T.set_subtensor(T.alloc(floatX(LOG_ZERO), *states.shape)[:, 0], floatX(0))
    ones = T.ones(log_p.shape[:2], dtype=log_p.dtype)
    mask = ones if mask is None else mask.astype(log_p.dtype)
    sequences = [emitted, mask.dimshuffle(1, 0, "x")]
    alpha = scan(step, sequences, [start], [cannot_skip])[-1]
    end = 2 * T.neq(y, BLANK).sum(axis=1)
    return -log_add(alpha[rows, end], alpha[rows, T.maximum(end - 1, 0)])


def collapse(classes):
    """The labels of an alignment: repeats merged, then blanks dropped."""
    return [int(k) for k, _ in groupby(classes) if k != BLANK]


def checked_probabilities(log_p):
    """`log_p` as an array (time, classes), else ValueError."""
    log_p = finite_array("log_p", log_p)
    if log_p.ndim != 2 or log_p.shape[1] < 2:
        raise ValueError(
            f"log_p must have shape (time, classes) with at least 2 classes, the blank first, "
            f"got {log_p.shape}"
        )
    return log_p


def best_path(log_p):
    """The labels of the single most probable alignment: a list of class numbers.

    `log_p` (time, classes) are log probabilities, or anything with the same order. Fast; but
    labels with many alignments may be more probable than those with the best one.
    """
    return collapse(checked_probabilities(log_p).argmax(axis=1))


def beam_search(log_p, width=10):
    """The most probable labels that a search with `width` prefixes finds, and log p of them.

    For each prefix two numbers are kept: the probability of all its alignments that end in a
    blank, and of those that do not (Hannun et al., 2014). `log_p` are log probabilities of
    shape (time, classes). Exact if `width` is not smaller than the number of prefixes.
    """
    log_p, width = checked_probabilities(log_p), positive_int("width", width)
    beam = {(): (0.0, -np.inf)}
    for step in log_p:
        grown = defaultdict(lambda: (-np.inf, -np.inf))
        for prefix, (blank, label) in beam.items():
            total = np.logaddexp(blank, label)
            into_blank, into_label = grown[prefix]
            if prefix:  # the last label once more: merged
                into_label = np.logaddexp(into_label, label + step[prefix[-1]])
            grown[prefix] = (np.logaddexp(into_blank, total + step[BLANK]), into_label)
            for k in range(1, len(step)):
                # The same label twice is two labels only with a blank in between.
                before = blank if prefix and prefix[-1] == k else total
                into_blank, into_label = grown[(*prefix, k)]
                grown[(*prefix, k)] = (into_blank, np.logaddexp(into_label, before + step[k]))
        best = sorted(grown, key=lambda prefix: -np.logaddexp(*grown[prefix]))
        beam = {prefix: grown[prefix] for prefix in best[:width]}
    best = next(iter(beam))
    return list(best), float(np.logaddexp(*beam[best]))


def edit_distance(first, second):
    """The fewest insertions, deletions and substitutions between two lists (Levenshtein, 1966)."""
    row = np.arange(len(second) + 1)
    for i, a in enumerate(first, start=1):
        substituted = row[:-1] + [a != b for b in second]
        row[1:] = np.minimum(substituted, row[1:] + 1)
        row[0] = i
        for j in range(1, len(row)):  # an insertion builds on the entry just computed
            row[j] = min(row[j], row[j - 1] + 1)
    return int(row[-1])


def label_error_rate(predicted, expected):
    """Edit distances of all sequences over the number of labels expected.

    Raises ValueError if the lists differ in length, or if no label is expected.
    """
    if len(predicted) != len(expected):
        raise ValueError(f"{len(predicted)} predictions for {len(expected)} sequences")
    labels = sum(len(each) for each in expected)
    if not labels:
        raise ValueError("no label is expected in any sequence: there is no error rate")
    return sum(edit_distance(p, e) for p, e in zip(predicted, expected)) / labels
