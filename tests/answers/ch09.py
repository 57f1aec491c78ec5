"""Answers to the exercises of chapter 09: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T
from course_lib.baselines import NGram

# --- 09.1 ------------------------------------------------------------------------------------


def by_product(sentences):
    words = [p for sentence in sentences for p in sentence]
    return np.prod(words) ** (-1 / len(words))


def symbolic(losses, mask):
    return T.exp(T.sum(T.mul(losses, mask)) / mask.sum())


# --- 09.2 ------------------------------------------------------------------------------------


def look_up_one_by_one(E, numbers):
    return [[E[i].tolist() for i in row] for row in numbers]


def by_theano(numbers, dy, size):
    E = T.as_tensor_variable(np.ones((size, dy.shape[2]), dtype=dy.dtype))
    return T.grad(T.sum(E[numbers] * dy), E)


def assigned(numbers, dy, size):
    dE = np.zeros((size, dy.shape[-1]))
    dE[numbers] += dy
    return dE


# --- 09.3 ------------------------------------------------------------------------------------


def library_unigram(text, size):
    return NGram(1, size).fit([text]).predict(())


def bigram_by_lists(text, size, empty=library_unigram):
    one, rows = library_unigram(text, size), []
    for v in range(size):
        after = [int(w) for u, w in zip(text, text[1:]) if u == v]
        mixed = [after.count(w) + len(set(after)) * one[w] for w in range(size)]
        rows.append(np.array(mixed) / sum(mixed) if after else empty(text, size))
    return rows


# --- 09.4 ------------------------------------------------------------------------------------


def by_unit_vectors(E, number, k, others_only=True):
    unit = E / np.sqrt((E * E).sum(axis=1, keepdims=True))
    found = [(-float(u @ unit[number]), i) for i, u in enumerate(unit)]
    found = sorted(pair for pair in found if pair[1] != number or not others_only)
    return [i for _, i in found[:k]], [-minus for minus, _ in found[:k]]


def without_the_best(E, number, k):
    """Takes the first for the word itself."""
    order, cosines = by_unit_vectors(np.round(E, 6), number, k + 1, others_only=False)
    return order[1:], cosines[1:]


# --- 09.5 ------------------------------------------------------------------------------------


def one_by_one(p, sentences, verb, other, before=1):
    rows = [p[i, t - before] for i, t in enumerate(verb)]
    return [int(r[s[t]] > r[o]) for r, s, t, o in zip(rows, sentences, verb, other)]


def accuracy_by_lists(hits, nouns):
    lists = [[bool(h) for h, n in zip(hits, nouns) if n == count] for count in sorted({*nouns})]
    return [sum(found) / len(found) for found in lists]


# --- 09.6 ------------------------------------------------------------------------------------

REPORT = {
    "prediction": "a trigram is better with few sentences",
    "question": "who learns most from few sentences",
    "bits": {"trigram": [3.2, 3.3, 3.25], "network": [3.0, 3.4, 2.9]},
    "winner": "network",
    "conclusion": "no, the network was better, but for one of the three seeds",
}
NAMED = {2: np.array([3.4, 3.5, 3.6, 3.7]), 3: [3.1, 3.2, 3.3], 4: [4, 4, 4]}


RIGHT = {
    "09.1": [(by_product, symbolic)],
    "09.2": [(look_up_one_by_one, by_theano)],
    "09.3": [(library_unigram, bigram_by_lists)],
    "09.4": [by_unit_vectors],
    "09.5": [(one_by_one, accuracy_by_lists)],
    "09.6": [REPORT, {**REPORT, "bits": NAMED, "winner": 3}],
}

MISTAKES = {
    "09.1": [
        ((lambda s: np.mean([by_product([p]) for p in s]), symbolic), "mean of the sentences'"),
        ((lambda s: np.log2(by_product(s)), symbolic), "these are bits per word"),
        ((lambda s: by_product(s[0]), symbolic), "stops with TypeError"),
        ((by_product, lambda losses, mask: symbolic(losses, 1 - mask)), "the wrong way round"),
        ((by_product, lambda losses, mask: symbolic(losses, mask + 1)), "_of_batch is"),
    ],
    "09.2": [
        ((look_up_one_by_one, assigned), "keeps only the last one"),
        ((look_up_one_by_one, lambda *a: by_theano(*a) / len(a[0])), "the size of the batch"),
        ((look_up_one_by_one, lambda *a: by_theano(*a).T), "is it transposed"),
        ((lambda E, i: look_up_one_by_one(E, i + 9), by_theano), "stops with IndexError"),
    ],
    "09.3": [
        ((library_unigram, lambda *a: bigram_by_lists(*a, lambda t, n: n * [np.nan])), "gives NaN"),
        ((library_unigram, lambda *a: bigram_by_lists(*a, np.zeros)), "stops with TypeError"),
        ((library_unigram, lambda *a: bigram_by_lists(*a, lambda t, n: n * [0])), "counts is 0"),
        ((lambda *a: library_unigram(*a)[:-1], bigram_by_lists), "unigram must have shape"),
    ],
    "09.4": [
        (without_the_best, "leave it out by its number"),
        (lambda *a: by_unit_vectors(*a, others_only=False), "itself"),
        (lambda *a: [by_unit_vectors(*a)[0], np.arange(a[2]) - 1], "the cosines is"),
        (lambda *a: by_unit_vectors(*a)[0], "return 2 results"),
    ],
    "09.5": [
        ((lambda *a: one_by_one(*a, before=0), accuracy_by_lists), "which p is about the verb"),
        ((lambda p, *a: np.ones(len(p), bool), accuracy_by_lists), "prefers is 1 at index"),
        ((one_by_one, lambda *a: dict(enumerate(accuracy_by_lists(*a)))), "numbers, got dict"),
        ((one_by_one, lambda hits, nouns: accuracy_by_lists(1 - hits, nouns)), "went wrong"),
    ],
    "09.6": [
        ({**REPORT, "prediction": "the network wins"}, "the prediction is too short"),
        ({**REPORT, "question": "who wins?"}, "the question is too short"),
        ({**REPORT, "bits": {"network": [3.0, 3.4, 2.9]}}, "at least 2 lists"),
        ({**REPORT, "bits": {**NAMED, 3: [3.2, np.nan, 3.1]}}, "contains NaN"),
        ({**REPORT, "bits": {1: [3.2] * 3, 2: [3.1] * 3}}, "nearly all numbers are equal"),
        ({**REPORT, "winner": "trigram"}, "network has a smaller median"),
        ({**REPORT, "conclusion": "the network won"}, "the conclusion is too short"),
    ],
}
