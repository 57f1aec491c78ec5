"""Answers to the exercises of chapter 09: right ones, and typical mistakes with their names."""

import numpy as np

from course_lib.backend import T
from course_lib.baselines import NGram

# --- 09.1 ------------------------------------------------------------------------------------


def joined(of_p):
    return lambda sentences: of_p(np.concatenate(sentences))


def by_sentence(of_means):
    return lambda sentences: of_means(np.array([-np.log(s).mean() for s in sentences]))


def word_by_word(sentences):
    product, count = 1.0, 0
    for sentence in sentences:
        for p in sentence:
            product, count = product * p, count + 1
    return product ** (-1 / count)


def in_bits(sentences):
    bits = sum(-np.log2(s).sum() for s in sentences)
    return 2 ** (bits / sum(map(len, sentences)))


perplexity = joined(lambda p: np.exp(-np.log(p).mean()))


def of_batch(losses, mask):
    return np.exp(np.sum(losses * mask) / mask.sum())


def batch(of_losses):
    return (perplexity, of_losses)


def means_of(losses, mask):
    return (losses * mask).sum(axis=1) / mask.sum(axis=1)


# --- 09.2 ------------------------------------------------------------------------------------


def lookup(E, numbers):
    return E[numbers]


def gradient(numbers, dy, size, part=slice(None), steps=slice(None)):
    """The gradient of a part of the batch and of the time steps."""
    dE = np.zeros((size, dy.shape[2]))
    np.add.at(dE, numbers[part, steps], dy[part, steps])
    return dE


def only(part=slice(None), steps=slice(None)):
    return (lookup, lambda *a: gradient(*a, part, steps))


def by_one_hot(numbers, dy, size):
    one_hot = np.eye(size)[numbers]
    return np.einsum("bts,btd->sd", one_hot, dy)


def by_theano(numbers, dy, size):
    E = T.as_tensor_variable(np.ones((size, dy.shape[2]), dtype=dy.dtype))
    return T.grad(T.sum(E[numbers] * dy), E)


def assigned(numbers, dy, size):
    dE = np.zeros((size, dy.shape[-1]))
    dE[numbers] += dy
    return dE


def backward_loop(numbers, dy, size):
    dE = np.zeros((size, dy.shape[-1]))
    for number, row in zip(numbers.ravel()[::-1], dy.reshape(-1, dy.shape[2])[::-1]):
        dE[number] = row
    return dE


def often(numbers, size):
    return np.bincount(numbers.ravel(), minlength=size)[:, None]


def look_up_one_by_one(E, numbers):
    return [[E[i].tolist() for i in row] for row in numbers]


# --- 09.3 ------------------------------------------------------------------------------------


def unigram(text, size, K=lambda N: (N > 0).sum(), base=lambda size: 1 / size, plus=0):
    N = np.bincount(text, minlength=size)
    return (N + K(N) * base(size)) / (N.sum() + K(N) + plus)


def one(**changes):
    return (lambda text, size: unigram(text, size, **changes), bigram())


def pairs_of(text, size):
    pairs = np.zeros((size, size))
    for v, w in zip(text[:-1], text[1:]):
        pairs[v, w] += 1
    return pairs


def bigram(
    count=pairs_of,
    K=lambda pairs, text: (pairs > 0).sum(axis=1, keepdims=True),
    base=unigram,
    total=lambda pairs, text: pairs.sum(axis=1, keepdims=True),
    times=lambda K, p: K * p,
    empty=unigram,
):
    """A bigram; `empty` is what stands in a row without counts."""

    def make(text, size):
        pairs = count(text, size)
        kinds, all_pairs = K(pairs, text), total(pairs, text)
        mixed = pairs + times(kinds, base(text, size))
        if empty is None:
            return mixed / (all_pairs + kinds)
        return np.where(
            pairs.sum(axis=1, keepdims=True) > 0,
            mixed / np.maximum(all_pairs + kinds, 1e-9),
            empty(text, size),
        )

    return make


def uniform(text, size):
    return np.full(size, 1 / size)


def shares(text, size):
    return np.bincount(text, minlength=size) / len(text)


def nothing(text, size):
    return np.zeros(size)


def two(**changes):
    return (unigram, bigram(**changes))


def library_unigram(text, size):
    return NGram(1, size).fit([text]).predict(())


def library_bigram(text, size):
    model = NGram(2, size).fit([text])
    return [model.predict((v,)) for v in range(size)]


def bigram_by_dicts(text, size):
    rows = []
    for v in range(size):
        after = [int(w) for u, w in zip(text, text[1:]) if u == v]
        K = len(set(after))
        p = unigram(text, size).tolist()
        if after:
            p = [(after.count(w) + K * p[w]) / (len(after) + K) for w in range(size)]
        rows.append(p)
    return rows


def in_circle(text, size):
    return pairs_of(np.append(text, text[0]), size)


def add_one(text, size):
    pairs = pairs_of(text, size) + 1
    return pairs / pairs.sum(axis=1, keepdims=True)


def with_last_word(text, size):
    """N(v) counts the last word of the text, too."""
    N, pairs = np.bincount(text, minlength=size)[:, None], pairs_of(text, size)
    K = (pairs > 0).sum(axis=1, keepdims=True)
    p = unigram(text, size)
    return np.where(N > 0, (pairs + K * p) / np.maximum(N + K, 1), p)


# --- 09.4 ------------------------------------------------------------------------------------


def cosines_of(E, number):
    length = np.linalg.norm(E, axis=1)
    return E @ E[number] / length / length[number]


def neighbors(
    similarity=cosines_of,
    values=None,
    sort=lambda a: np.argsort(-a),
    pick=lambda order, number, k: order[order != number][:k],
):
    def make(E, number, k):
        found = similarity(E, number)
        order = pick(sort(found), number, k)
        return order, (values or similarity)(E, number)[order]

    return make


def by_unit_vectors(E, number, k):
    unit = E / np.sqrt((E * E).sum(axis=1, keepdims=True))
    found = sorted((-float(u @ unit[number]), i) for i, u in enumerate(unit) if i != number)
    return [i for _, i in found[:k]], [-minus for minus, _ in found[:k]]


def with_infinity(E, number, k):
    cosines = cosines_of(E, number)
    cosines[number] = -np.inf
    order = cosines.argsort()[::-1][:k]
    return [order, cosines[order].astype("float32")]


def product(E, number):
    return E @ E[number]


def distances(E, number):
    return np.linalg.norm(E - E[number], axis=1)


def itself_first(order, number, k):
    return order[1 : k + 1]


def unrooted(E, number):
    squares = (E**2).sum(axis=1)
    return E @ E[number] / squares / squares[number]


def nearest_distance(E, number, k):
    order = np.argsort(distances(E, number))
    order = order[order != number][:k]
    return order, distances(E, number)[order]


def leaves_out_the_best(E, number, k):
    """The word itself is left out where it is not the best one, by taking away the best."""
    cosines = cosines_of(E, number)
    cosines[number] += 1e-6  # it should be the largest, but for rounding
    order = np.argsort(-np.round(cosines, 5), kind="stable")[1 : k + 1]
    return order, cosines[order]


# --- 09.5 ------------------------------------------------------------------------------------


def prefers(says=lambda good, bad, row: good > bad, at=lambda verb: verb - 1):
    """`says` gets the probabilities of both forms, and of all words."""

    def make(p, sentences, verb, other):
        n = np.arange(len(p))
        row = p[n, at(verb)]
        return says(row[n, sentences[n, verb]], row[n, other], row)

    return make


def one_by_one(p, sentences, verb, other):
    found = []
    for i, t in enumerate(verb):
        right = sentences[i, t]
        found.append(1 if p[i, t - 1, right] > p[i, t - 1, other[i]] else 0)
    return found


def is_most_probable(p, sentences, verb, other):
    n = np.arange(len(p))
    return p[n, verb - 1].argmax(axis=1) == sentences[n, verb]


def word_before(p, sentences, verb, other):
    n = np.arange(len(p))
    row = p[n, verb - 1]
    return row[n, sentences[n, verb]] > row[n, sentences[n, verb - 1]]


def verb_one_early(p, sentences, verb, other):
    n = np.arange(len(p))
    row = p[n, verb - 1]
    return row[n, sentences[n, verb - 1]] > row[n, other]


def accuracy_by(hits, nouns):
    return np.bincount(nouns, weights=hits) / np.bincount(nouns)


def accuracy_by_loop(hits, nouns):
    result = []
    for count in sorted(set(nouns.tolist())):
        chosen = [bool(h) for h, n in zip(hits, nouns) if n == count]
        result.append(sum(chosen) / len(chosen))
    return result


def accuracy_up_to(hits, nouns):
    return [hits[nouns <= count].mean() for count in range(nouns.max() + 1)]


def by(change):
    return (prefers(), lambda hits, nouns: change(accuracy_by(hits, nouns)))


# --- 09.6 ------------------------------------------------------------------------------------

REPORT = {
    "prediction": "a trigram is better with few sentences",
    "question": "who learns most from few sentences",
    "bits": {"trigram": [3.2, 3.3, 3.25], "network": [3.0, 3.4, 2.9]},
    "winner": "network",
    "conclusion": "no, the network was better, but for one of the three seeds",
}


def own(**changes):
    return ({**REPORT, **changes},)


RIGHT = {
    "09.1": [
        (perplexity, of_batch),
        (word_by_word, lambda losses, mask: np.exp(losses[mask].astype("float64").mean())),
        (in_bits, lambda losses, mask: T.exp(T.sum(T.mul(losses, mask)) / mask.sum())),
    ],
    "09.2": [
        (lookup, gradient),
        (look_up_one_by_one, by_one_hot),
        (lambda E, i: np.eye(len(E))[i] @ E, by_theano),
        (lambda E, i: T.as_tensor_variable(E)[i], gradient),
    ],
    "09.3": [
        (unigram, bigram()),
        (library_unigram, library_bigram),
        (unigram, bigram_by_dicts),
        (lambda *a: unigram(*a).astype("float32"), lambda *a: bigram()(*a).astype("float32")),
    ],
    "09.4": [neighbors(), by_unit_vectors, with_infinity],
    "09.5": [
        (prefers(), accuracy_by),
        (one_by_one, accuracy_by_loop),
    ],
    "09.6": [
        own(),
        own(winner=3, bits={2: np.array([3.4, 3.5, 3.6, 3.7]), 3: [3.1, 3.2, 3.3], 4: [4, 4, 4]}),
    ],
}

MISTAKES = {
    "09.1": [
        ((by_sentence(lambda m: np.exp(m).mean()), of_batch), "mean of the sentences' perplex"),
        ((by_sentence(lambda m: np.exp(m.mean())), of_batch), "in a short sentence counts for"),
        ((joined(lambda p: -np.log(p).mean()), of_batch), "these are nats per word"),
        ((joined(lambda p: -np.log2(p).mean()), of_batch), "these are bits per word"),
        ((joined(lambda p: 2 ** -np.log(p).mean()), of_batch), "not with a power of 2"),
        ((joined(lambda p: np.exp(-np.log2(p).mean())), of_batch), "not with exp"),
        ((joined(lambda p: np.exp(np.log(p).mean())), of_batch), "the sign is wrong"),
        ((joined(lambda p: (1 / p).mean()), of_batch), "this is 1 / p on average"),
        ((joined(lambda p: 1 / p.mean()), of_batch), "take that of their logarithms"),
        (
            (lambda s: np.exp(-np.log(np.concatenate(s)).sum() / len(s)), of_batch),
            "not by that of the sentences",
        ),
        ((joined(lambda p: np.exp(-np.log(p).sum())), of_batch), "mean over words is missing"),
        ((lambda s: perplexity(s[:1]), of_batch), "only the first sentence"),
        ((lambda s: perplexity(s[-1:]), of_batch), "only the last sentence"),
        (batch(lambda losses, mask: np.exp(losses.mean())), "the padding counts in yours"),
        (batch(lambda losses, mask: np.exp((losses * mask).mean())), "with a loss of 0"),
        (
            batch(lambda losses, mask: np.exp(losses.sum() / mask.sum())),
            "the padding is not left out",
        ),
        (batch(lambda losses, mask: of_batch(losses, ~mask)), "the mask is turned round"),
        (batch(lambda *a: np.exp(means_of(*a)).mean()), "mean of the sentences' perplexities"),
        (batch(lambda *a: np.exp(means_of(*a).mean())), "in a short sentence counts for more"),
        (batch(lambda losses, mask: losses[mask].mean()), "these are nats per word"),
        (batch(lambda losses, mask: 2 ** losses[mask].mean()), "they go with exp"),
        (
            batch(lambda losses, mask: np.exp(losses[mask].mean() / np.log(2))),
            "no other base is needed",
        ),
        (batch(lambda losses, mask: np.exp(-losses[mask].mean())), "they are positive"),
        (
            batch(lambda losses, mask: np.exp(losses[mask].sum() / len(mask))),
            "not by that of the sentences",
        ),
        (batch(lambda losses, mask: np.exp(losses)[mask].mean()), "the mean of exp(loss)"),
    ],
    "09.2": [
        ((lambda E, i: E[i - 1], gradient), "row 0 is the first one"),
        ((lambda E, i: E[i + 1], gradient), "one too large"),
        ((lambda E, i: E[i.T], gradient), "time comes before the batch"),
        ((lambda E, i: E[i].swapaxes(1, 2), gradient), "time and for the vector are swapped"),
        ((lambda E, i: E[i.ravel()], gradient), "one axis for batch and time"),
        ((lambda E, i: E[i].sum(axis=1), gradient), "the sum over time"),
        ((lambda E, i: E[i].mean(axis=1), gradient), "the mean over time"),
        ((lambda E, i: np.eye(len(E))[i], gradient), "these are one-hot vectors"),
        ((lambda E, i: E[i[:, -1]], gradient), "only the last symbol"),
        ((lookup, assigned), "keeps only the last one"),
        ((lookup, backward_loop), "keeps only the first one"),
        ((lookup, lambda i, *a: gradient(i, *a) / np.maximum(often(i, a[1]), 1)), "you divide by"),
        ((lookup, lambda i, *a: gradient(i, *a) * often(i, a[1])), "yours grows once more"),
        ((lookup, lambda i, *a: gradient(i - 1, *a)), "row 0 is the first one"),
        ((lookup, lambda i, *a: gradient(i + 1, *a)), "your rows are one too low"),
        ((lookup, lambda *a: -gradient(*a)), "the sign is wrong"),
        ((lookup, lambda i, dy, size: dy), "belongs to E, not to what was looked up"),
        (only(slice(1)), "only the first sample"),
        (only(slice(-1, None)), "only the last sample"),
        (only(steps=slice(-1, None)), "only the last time step"),
        (only(steps=slice(1)), "only the first time step"),
        ((lookup, lambda i, *a: gradient(i, *a) / len(i)), "you divide by the size of the batch"),
        ((lookup, lambda i, dy, n: np.tile(dy.sum((0, 1)), (n, 1))), "all rows get the same"),
        ((lookup, lambda *a: gradient(*a).T), "is it transposed"),
    ],
    "09.3": [
        ((shares, bigram()), "a word that is not in it needs some"),
        (one(K=len), "this is add-one smoothing, with the size"),
        (one(K=lambda N: N.sum()), "not its length"),
        (one(K=lambda N: (N == 1).sum()), "that come once"),
        (one(base=lambda size: 1), "K must be multiplied by 1 / size"),
        (
            (lambda t, n: unigram(t, n) * (len(t) + len(set(t))) / len(t), bigram()),
            "divide by N + K",
        ),
        (one(plus=-1), "N is the length of the text"),
        ((lambda t, n: unigram(t, n) * (len(t) + len(set(t))), bigram()), "these are counts"),
        (two(empty=None), "bigram gives NaN"),
        (two(empty=nothing), "a row without counts is 0"),
        (two(empty=uniform), "a row without counts is uniform"),
        ((unigram, lambda *a: bigram()(*a).T), "the rows belong to the word before"),
        (two(base=uniform, empty=uniform), "you mix with 1 / size: mix"),
        (two(base=uniform), "you mix with 1 / size where there are counts"),
        (two(base=shares, empty=shares), "mix with the smoothed unigram"),
        (two(K=lambda pairs, text: len(set(text))), "not in the whole text"),
        (two(K=lambda pairs, text: len(pairs)), "not the size of the vocabulary"),
        (two(K=lambda pairs, text: pairs.sum(axis=1, keepdims=True)), "not how many words"),
        (two(K=lambda pairs, text: (pairs > 0).sum(axis=0)[:, None]), "comes before a word"),
        (two(times=lambda K, p: p), "is not multiplied by K"),
        (two(K=lambda pairs, text: 0), "these are the shares of the pairs"),
        ((unigram, add_one), "this is add-one smoothing"),
        ((unigram, with_last_word), "counts the last word of the text"),
        ((unigram, lambda t, n: np.tile(unigram(t, n), (n, 1))), "where are the pairs"),
        (two(count=in_circle), "the end and the beginning"),
        (two(count=lambda *a: (pairs_of(*a) > 0).astype(float)), "each pair counts once"),
    ],
    "09.4": [
        (neighbors(pick=lambda order, number, k: order[:k]), "itself"),
        (neighbors(product), "this is the product without the lengths"),
        (
            neighbors(values=lambda E, i: E @ E[i] / np.linalg.norm(E, axis=1)),
            "yours only by that of the other word",
        ),
        (
            neighbors(lambda E, i: E @ E[i] / np.linalg.norm(E[i])),
            "yours only by that of the word itself",
        ),
        (neighbors(unrooted), "a length is the root"),
        (nearest_distance, "these are distances"),
        (neighbors(sort=np.argsort), "the least similar words are first"),
        (neighbors(lambda E, i: abs(cosines_of(E, i))), "leave the sign of the cosine"),
        (neighbors(sort=lambda a: np.argsort(-abs(a))), "its cosine is the smallest"),
        (neighbors(pick=lambda o, i, k: o[o != i][:k][::-1]), "and yours is last"),
        (neighbors(pick=lambda o, i, k: o[o != i][: k - 1]), "one word too few"),
        (neighbors(pick=lambda o, i, k: o[o != i][: k + 1]), "one word too many"),
        (neighbors(lambda E, i: cosines_of(E, i) + 1), "the cosines is"),
        (leaves_out_the_best, "leave it out"),
        (lambda *a: neighbors()(*a)[0], "2 results are asked for"),
    ],
    "09.5": [
        ((prefers(at=lambda verb: verb), accuracy_by), "which p is about the verb"),
        ((prefers(lambda good, bad, row: good < bad), accuracy_by), "this is turned round"),
        ((is_most_probable, accuracy_by), "need not be the most probable word"),
        ((prefers(lambda good, bad, row: good > 0.5), accuracy_by), "more than half"),
        ((word_before, accuracy_by), "you compare with the word before the verb"),
        ((verb_one_early, accuracy_by), "your right form is the word before the verb"),
        ((prefers(lambda good, bad, row: good - bad), accuracy_by), "the difference of the two"),
        ((prefers(lambda good, bad, row: good), accuracy_by), "probabilities of the right form"),
        ((prefers(at=lambda verb: -1), accuracy_by), "p after the last word"),
        ((lambda *a: prefers()(*a).mean(), accuracy_by), "the share of hits"),
        ((lambda *a: prefers()(*a).sum(), accuracy_by), "the number of hits"),
        ((lambda *a: np.ones(len(a[0]), bool), accuracy_by), "prefers is 1 at index"),
        ((prefers(), lambda hits, nouns: np.bincount(nouns, weights=hits)), "numbers of hits"),
        (
            (prefers(), lambda hits, nouns: np.bincount(nouns, weights=hits) / len(hits)),
            "the number of all sentences",
        ),
        (
            (prefers(), lambda hits, nouns: np.bincount(nouns, weights=hits) / hits.sum()),
            "shares of all hits",
        ),
        (by(lambda a: 1 - a), "what went wrong"),
        ((prefers(), lambda hits, nouns: np.bincount(nouns) / len(hits)), "where do the hits"),
        (by(lambda a: a[1:]), "begin at 0"),
        (by(lambda a: a[:-1]), "with the most nouns are missing"),
        ((prefers(), accuracy_up_to), "exactly this number is asked for"),
        (by(lambda a: a[::-1]), "the most nouns are first"),
        ((prefers(), lambda hits, nouns: hits.mean()), "of all sentences together"),
        (by(lambda a: dict(enumerate(a))), "must be an array of numbers, got dict"),
    ],
    "09.6": [
        (("my report",), "must be a dict"),
        (own(prediction="the network wins"), "the prediction is too short"),
        (own(question="who wins?"), "the question is too short"),
        (own(bits={"network": [3.0, 3.4, 2.9]}), "at least 2 lists"),
        (own(bits={**REPORT["bits"], "trigram": 3.2}), "at least 3 numbers"),
        (own(bits={**REPORT["bits"], "trigram": [3.2, np.nan, 3.1]}), "contains NaN"),
        (own(bits={**REPORT["bits"], "trigram": [3.2, -3.1, 3.1]}), "0 or more"),
        (own(bits={"trigram": [3.2] * 3, "network": [3.1] * 3}), "nearly all numbers are equal"),
        (own(winner="trigram"), "network has a smaller median"),
        (own(winner="bigram"), "must be one of trigram, network"),
        (own(conclusion="the network won"), "the conclusion is too short"),
    ],
}
