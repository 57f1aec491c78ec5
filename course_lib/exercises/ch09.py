"""The exercises of chapter 09: perplexity, embeddings, a bigram, neighbors, agreement."""

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_array, compare, equal
from course_lib.exercises.draws import all_differ
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, winner, words


@exercise(
    "09.1",
    "perplexity: the sentences do not matter for it: np.concatenate makes one array of all words.",
    "perplexity: the mean of -log p over all words, then exp of that.",
    "perplexity_of_batch: the losses are natural logarithms already, -log p. Sum those that count "
    "and divide by how many they are.",
)
def perplexities(perplexity, perplexity_of_batch, rng):
    """Perplexity over all words, from probabilities and from losses in a padded batch."""
    for lengths in [(2, 7, 4), (9, 1), (3, 3, 12, 5)]:
        different = False
        while not different:  # no mistake may look like another one
            sentences = [rng.uniform(0.05, 0.4, n) * rng.uniform(0.2, 2) for n in lengths]
            p, count = np.concatenate(sentences), sum(lengths)
            nats = -np.log(p).mean()
            means = np.array([-np.log(s).mean() for s in sentences])
            mistakes = {
                "this is the mean of the sentences' perplexities: take the mean over all words": (
                    np.exp(means).mean()
                ),
                "a word in a short sentence counts for more: take the mean over all words": (
                    np.exp(means.mean())
                ),
                "these are nats per word: the perplexity is their exponential": nats,
                "these are bits per word: the perplexity is 2 to their power": nats / np.log(2),
                "natural logarithms go with exp, not with a power of 2": 2**nats,
                "logarithms to base 2 go with a power of 2, not with exp": (
                    np.exp(nats / np.log(2))
                ),
                "the sign is wrong: a perplexity is at least 1": np.exp(-nats),
                "this is 1 / p on average: take the mean of the logarithms": (1 / p).mean(),
                "you take the mean of the probabilities: take that of their logarithms": (
                    1 / p.mean()
                ),
                "divide by the number of words, not by that of the sentences": (
                    np.exp(nats * count / len(lengths))
                ),
                "the mean over words is missing: yours is for all of them together": (
                    np.exp(nats * count)
                ),
                "only the first sentence counts in yours": np.exp(means[0]),
                "only the last sentence counts in yours": np.exp(means[-1]),
            }
            different = all_differ([np.exp(nats), *mistakes.values()])
        perplexity.gives(np.exp(nats), sentences, names=["perplexity"], mistakes=mistakes)

    for batch, time in [(3, 7), (4, 5), (2, 9)]:
        different = False
        while not different:  # no mistake may look like another one
            losses = rng.uniform(0.5, 4, size=(batch, time)) + rng.uniform(0, 2, size=(batch, 1))
            lengths = rng.permutation(np.arange(batch) % 3 * 2 + 1)
            mask = np.arange(time) < lengths[:, None]
            kept = losses * mask
            nats = kept.sum() / mask.sum()
            means = kept.sum(axis=1) / lengths
            mistakes = {
                "the padding counts in yours: use the mask": np.exp(losses.mean()),
                "the padding counts as words with a loss of 0: divide by the number of words": (
                    np.exp(kept.mean())
                ),
                "the padding is not left out, and you divide by the number of words": (
                    np.exp(losses.sum() / mask.sum())
                ),
                "the mask is turned round: it is 1 where there is a word": (
                    np.exp((losses * ~mask).sum() / (~mask).sum())
                ),
                "this is the mean of the sentences' perplexities: take the mean over all "
                "words": np.exp(means).mean(),
                "a word in a short sentence counts for more: take the mean over all words": (
                    np.exp(means.mean())
                ),
                "these are nats per word: the perplexity is their exponential": nats,
                "the losses are natural logarithms: they go with exp": 2**nats,
                "the losses are natural logarithms already: no other base is needed": (
                    np.exp(nats / np.log(2))
                ),
                "the losses are -log p: they are positive, and so is what exp gets": (
                    np.exp(-nats)
                ),
                "divide by the number of words, not by that of the sentences": (
                    np.exp(kept.sum() / batch)
                ),
                "this is the mean of exp(loss): take the mean of the losses first, then exp": (
                    np.exp(losses)[mask].mean()
                ),
            }
            different = all_differ([np.exp(nats), *mistakes.values()])
        perplexity_of_batch.gives(
            np.exp(nats), floatX(losses), mask, names=["perplexity_of_batch"], mistakes=mistakes
        )


def scattered(numbers, dy, size):
    """The gradient of the embeddings."""
    dE = np.zeros((size, dy.shape[-1]))
    np.add.at(dE, numbers, dy)
    return dE


def overwritten(numbers, dy, size, step=1):
    """The same if the last occurrence of a symbol is all that counts (the first with step -1)."""
    dE = np.zeros((size, dy.shape[-1]))
    for number, row in list(zip(numbers.ravel(), dy.reshape(-1, dy.shape[-1])))[::step]:
        dE[number] = row
    return dE


@exercise(
    "09.2",
    "lookup: an array of numbers can stand in the brackets, whatever its shape.",
    "gradient: row i gets the sum of dy over all places where number i stands; a row that is "
    "never used gets 0.",
    "gradient: a loop over samples and time steps with += on one row will do. "
    "`dE[numbers] += dy` is no such loop: numpy adds only once per row.",
    "gradient: np.add.at(dE, numbers, dy) is the loop.",
)
def embedding(lookup, gradient, rng):
    """Rows of E for numbers, and the gradient of E, in which rows used twice add up."""
    for size, dim, batch, time in [(6, 3, 2, 5), (9, 2, 3, 4), (5, 4, 4, 3)]:
        E = floatX(rng.normal(size=(size, dim)))
        numbers = rng.integers(1, size - 1, size=(batch, time)).astype("int32")
        numbers[0, :2], numbers[-1, -1] = 2, 2  # three times, twice in one sample
        dy = floatX(rng.normal(size=(batch, time, dim)))
        y = E[numbers]
        lookup.gives(
            y,
            *(E, numbers),
            names=["lookup"],
            mistakes={
                "numbers begin at 0: row 0 is the first one": E[numbers - 1],
                "numbers begin at 0, yours are one too large": E[numbers + 1],
                "time comes before the batch in your result": y.swapaxes(0, 1),
                "the axes for time and for the vector are swapped": y.swapaxes(1, 2),
                "your result has one axis for batch and time together": y.reshape(-1, dim),
                "your result is the sum over time: a vector for each symbol is asked for": (
                    y.sum(axis=1)
                ),
                "your result is the mean over time: a vector for each symbol is asked for": (
                    y.mean(axis=1)
                ),
                "these are one-hot vectors: multiply them by E": np.eye(size)[numbers],
                "only the last symbol of each sample is looked up": y[:, -1],
            },
        )
        right = scattered(numbers, dy, size)
        often = np.bincount(numbers.ravel(), minlength=size)[:, None]
        gradient.gives(
            right,
            *(numbers, dy, size),
            names=["gradient"],
            mistakes={
                "a row that is used more than once must add up: yours keeps only the last one": (
                    overwritten(numbers, dy, size)
                ),
                "a row that is used more than once must add up: yours keeps only the first one": (
                    overwritten(numbers, dy, size, step=-1)
                ),
                "you divide by how often a row is used: the gradient is the sum": (
                    right / np.maximum(often, 1)
                ),
                "yours grows once more with how often a row is used: the sum is enough": (
                    right * often
                ),
                "numbers begin at 0: row 0 is the first one": np.roll(right, -1, axis=0),
                "numbers begin at 0, your rows are one too low": np.roll(right, 1, axis=0),
                "the sign is wrong: this is a gradient, not a step down": -right,
                "the gradient belongs to E, not to what was looked up: shape (size, dim)": dy,
                "only the first sample counts in yours: sum over the batch, too": (
                    scattered(numbers[:1], dy[:1], size)
                ),
                "only the last sample counts in yours: sum over the batch, too": (
                    scattered(numbers[-1:], dy[-1:], size)
                ),
                "only the last time step counts in yours: sum over time, too": (
                    scattered(numbers[:, -1], dy[:, -1], size)
                ),
                "only the first time step counts in yours: sum over time, too": (
                    scattered(numbers[:, 0], dy[:, 0], size)
                ),
                "you divide by the size of the batch: dy is the whole gradient already": (
                    right / batch
                ),
                "all rows get the same: only those that are used get a gradient": (
                    np.broadcast_to(dy.sum(axis=(0, 1)), (size, dim))
                ),
            },
        )


def counts_of(text, size, circle=False):
    """How often each symbol comes, and how often each pair, as N(w) and N(v, w)."""
    pairs = np.zeros((size, size))
    np.add.at(pairs, (text[:-1], text[1:]), 1)
    if circle:
        pairs[text[-1], text[0]] += 1
    return np.bincount(text, minlength=size).astype(float), pairs


def mixed(counts, kinds, base, total=None):
    """(N(w) + K base(w)) / (N + K), along the last axis; 0 / 0 becomes 0."""
    total = counts.sum(axis=-1, keepdims=True) if total is None else total
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num((counts + kinds * base) / (total + kinds), posinf=0.0)


def kinds_of(counts):
    """K: how many different symbols were counted, along the last axis."""
    return (counts > 0).sum(axis=-1, keepdims=True)


def mixed_in_circle(text, size, one):
    """A bigram that counts the last and the first word as a pair, a mistake."""
    _, pairs = counts_of(text, size, circle=True)
    return np.where(pairs.sum(axis=1, keepdims=True) > 0, mixed(pairs, kinds_of(pairs), one), one)


@exercise(
    "09.3",
    "N(w) is `np.bincount(text, minlength=size)`; K is the number of its entries above 0.",
    "For the pairs make a table of zeros (size, size) and go through zip(text[:-1], text[1:]). "
    "A word that comes twice in a row is a pair like any other.",
    "Each row of the table is counted and mixed like the unigram, with the unigram in the place "
    "of 1 / size.",
    "A row without any counts has N = K = 0: put the unigram there instead of 0 / 0.",
)
def witten_bell(unigram, bigram, rng):
    """Unigram and bigram, smoothed by Witten and Bell."""
    for size, length in [(6, 14), (7, 30), (5, 9)]:
        text = rng.integers(0, size - 2, length)  # nothing comes after the last two words
        text[[0, 1, 3]] = 0
        if length < 20:  # one of them ends the text, the word before it stands nowhere else
            text = np.append(text[:-2] % (size - 3), [size - 3, size - 2])
        N, pairs = counts_of(text, size)
        uniform = np.full(size, 1 / size)
        one = mixed(N, kinds_of(N), uniform)
        unigram.gives(
            one,
            *(text, size),
            names=["unigram"],
            mistakes={
                "these are the shares in the text: a word that is not in it needs some, too": (
                    N / N.sum()
                ),
                "this is add-one smoothing, with the size of the vocabulary for K: K is the number "
                "of different words in the text": mixed(N, size, uniform),
                "K is the number of different words in the text, not its length": (
                    mixed(N, len(text), uniform)
                ),
                "K counts words that come once in yours: all different ones count": (
                    mixed(N, (N == 1).sum(), uniform)
                ),
                "K must be multiplied by 1 / size": (N + kinds_of(N)) / (N.sum() + kinds_of(N)),
                "the probabilities do not sum to 1: divide by N + K": (
                    mixed(N, kinds_of(N), uniform, total=N.sum() - kinds_of(N))
                ),
                "the probabilities do not sum to 1: N is the length of the text": (
                    mixed(N, kinds_of(N), uniform, total=len(text) - 1)
                ),
                "these are counts: divide them by N + K": N + kinds_of(N) * uniform,
            },
        )
        K, total = kinds_of(pairs), pairs.sum(axis=1, keepdims=True)
        two = np.where(total > 0, mixed(pairs, K, one), one)
        result = bigram(text, size)
        try:
            got = as_array(result, "bigram")
        except NotYet as error:
            if "NaN" not in str(error):
                raise
            raise NotYet(
                f"bigram gives NaN: no word comes after {size - 1}, and after {size - 2} neither, "
                "so their rows are the unigram"
            ) from None
        unseen = np.where(total > 0, two, 0)
        mistakes = {
            "a row without counts is 0 in yours: there the unigram says it all": unseen,
            "a row without counts is uniform in yours: there the unigram says it all": (
                np.where(total > 0, two, 1 / size)
            ),
            "the rows belong to the word before, the columns to the word after": two.T,
            "you mix with 1 / size: mix with the unigram": (
                np.where(total > 0, mixed(pairs, K, uniform), uniform)
            ),
            "you mix with 1 / size where there are counts: mix with the unigram": (
                np.where(total > 0, mixed(pairs, K, uniform), one)
            ),
            "you mix with the shares in the text: mix with the smoothed unigram": (
                np.where(total > 0, mixed(pairs, K, N / N.sum()), N / N.sum())
            ),
            "K is the number of different words after v, not in the whole text": (
                mixed(pairs, kinds_of(N), one)
            ),
            "K is the number of different words after v, not the size of the vocabulary": (
                mixed(pairs, size, one)
            ),
            "K is how many different words come after v, not how many words": (
                np.where(total > 0, mixed(pairs, total, one), one)
            ),
            "K counts what comes before a word in yours: count what comes after v": (
                np.where(total > 0, mixed(pairs, kinds_of(pairs.T), one), one)
            ),
            "the unigram is not multiplied by K in yours": (
                np.where(total > 0, (pairs + one) / np.maximum(total + K, 1), one)
            ),
            "these are the shares of the pairs: mix them with the unigram": (
                np.where(total > 0, mixed(pairs, 0, one), one)
            ),
            "these are the shares of the pairs: mix them with the unigram, and give rows without "
            "counts the unigram": mixed(pairs, 0, one),
            "this is add-one smoothing: follow the formula": (
                (pairs + 1) / (pairs.sum(axis=1, keepdims=True) + size)
            ),
            "N(v) counts the last word of the text, after which nothing comes: each row must sum "
            "to 1": np.where(N[:, None] + K > 0, mixed(pairs, K, one, total=N[:, None]), one),
            "all rows are the unigram: where are the pairs?": np.tile(one, (size, 1)),
            "the end and the beginning of the text are no pair": mixed_in_circle(text, size, one),
            "each pair counts once in yours: count how often it comes": (
                np.where(total > 0, mixed((pairs > 0).astype(float), K, one), one)
            ),
        }
        compare(got, two, mistakes, ["bigram"])


def nearest(similarity, number, k, sign=-1):
    """The numbers of the k most similar rows without `number` (None: with all of them)."""
    order = np.argsort(sign * similarity, kind="stable")
    return order[order != number][:k]


def many_embeddings(rng, size, dim):
    """Vectors of different lengths, a word among them, and how similar the others are.

    Drawn until no two are nearly equally similar, and all typical mistakes show.
    """
    while True:
        E = rng.normal(size=(size, dim)) * rng.uniform(0.3, 3, size=(size, 1))
        number = int(rng.integers(2, size))
        # One word points the other way; one the same way, at a different length.
        E[0], E[1] = -1.7 * E[number], 0.6 * E[number]
        E[0] += 0.1 * rng.normal(size=dim)
        length = np.linalg.norm(E, axis=1)
        similarity = E @ E[number] / length / length[number]
        gap = np.diff(np.sort(np.delete(similarity, number))).min()
        others = [E @ E[number], -np.linalg.norm(E - E[number], axis=1), abs(similarity)]
        first = nearest(similarity, number, 2)
        if gap > 0.01 and not any((nearest(o, number, 2) == first).all() for o in others):
            return E, number, similarity


@exercise(
    "09.4",
    "The cosine of two vectors is their product divided by both lengths: `np.linalg.norm(E, "
    "axis=1)` are the lengths of all rows.",
    "np.argsort(-cosines) are the numbers of the words, the most similar first.",
    "Leave out the word itself by its number, not by its place: another word can point in just "
    "the same direction and come first.",
)
def neighbors(answer, rng):
    """The most similar words by the cosine, and their cosines."""
    for size, dim, k in [(9, 4, 3), (12, 3, 5), (7, 5, 2)]:
        E, number, similarity = many_embeddings(rng, size, dim)
        length = np.linalg.norm(E, axis=1)
        product = E @ E[number]
        distance = np.linalg.norm(E - E[number], axis=1)
        right = nearest(similarity, number, k)

        def pair(order, values=similarity):
            return order, values[order]

        wrong = {
            "the word itself is among its neighbors: leave it out": (
                pair(nearest(similarity, None, k))
            ),
            "the word itself is among its neighbors: leave it out, and find one more": (
                pair(nearest(similarity, None, k + 1)[:k])
            ),
            "this is the product without the lengths: divide by both of them": (
                pair(nearest(product, number, k), product)
            ),
            "the cosine is divided by both lengths, yours only by that of the other word": (
                pair(right, product / length)
            ),
            "the cosine is divided by both lengths, yours only by that of the word itself": (
                pair(nearest(product, number, k), product / length[number])
            ),
            "a length is the root of the sum of the squares": (
                pair(
                    nearest(product / length**2, number, k),
                    product / length**2 / length[number] ** 2,
                )
            ),
            "these are distances: the cosine of the angle is asked for": (
                pair(nearest(distance, number, k, sign=1), distance)
            ),
            "the least similar words are first: turn the order round": (
                pair(nearest(similarity, number, k, sign=1))
            ),
            "the opposite direction is not similar: leave the sign of the cosine": (
                pair(nearest(abs(similarity), number, k), abs(similarity))
            ),
            "the opposite direction is not similar: its cosine is the smallest": (
                pair(nearest(abs(similarity), number, k))
            ),
            "the most similar word must be first, and yours is last": pair(right[::-1]),
            "you find one word too few": pair(right[:-1]),
            "you find one word too many": pair(nearest(similarity, number, k + 1)),
            "these are the words nearest to the mean, not to the word given": (
                pair(nearest(E @ E.mean(axis=0) / length, number, k))
            ),
        }
        result = answer(E, number, k)
        try:
            compare(result, pair(right), wrong, ["the numbers", "the cosines"])
        except NotYet as error:
            raise by_itself(result, number, error) from None

    # A word with just the same vector: sorting does not tell which one is which.
    E = rng.normal(size=(6, 3))
    for twin, number in [(1, 4), (4, 1)]:
        E[twin] = E[number]
        result = answer(E, number, 1)
        got = as_array(result[0] if isinstance(result, (tuple, list)) else result, "the numbers")
        if number in got:
            raise NotYet(
                f"words {min(twin, number)} and {max(twin, number)} have the same vector, and "
                f"{number} is its own neighbor in yours: leave it out by its number"
            )
        if not equal(got, [twin]):
            raise NotYet(f"the nearest word has the same vector: it is {twin}, yours is {got}")


def by_itself(result, number, error):
    """A better sentence than `error` if the word itself is among the numbers found."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        return error
    found = as_array(result[0], "the numbers")
    if number in found and "itself" not in str(error):
        return NotYet(f"the word itself, {number}, is among its neighbors: leave it out")
    return error


@exercise(
    "09.5",
    "prefers: p[i, t] comes after word t of sentence i, so what the model says about the verb "
    "comes after the word before it.",
    "prefers: with rows = np.arange(len(verb)), p[rows, verb - 1] has a row of probabilities per "
    "sentence. Pick one more number from it: that of a form.",
    "accuracy_by: for each number of nouns take the mean of the hits where nouns has that value.",
)
def agreement(prefers, accuracy_by, rng):
    """Whether a model prefers the right form of the verb, and how often per number of nouns."""
    for n, time, size in [(40, 6, 5), (60, 5, 8), (50, 9, 4)]:
        p = rng.uniform(size=(n, time, size)) ** 2
        p /= p.sum(axis=-1, keepdims=True)
        sentences = rng.integers(0, size, size=(n, time))
        verb = rng.integers(1, time, size=n)
        rows = np.arange(n)
        right = sentences[rows, verb]
        other = (right + rng.integers(1, size, size=n)) % size
        before, after = p[rows, verb - 1], p[rows, verb]
        p_right, p_other = before[rows, right], before[rows, other]
        result = prefers(p, sentences, verb, other)
        mistakes = {
            "p after the verb is about the word after it: which p is about the verb?": (
                after[rows, right] > after[rows, other]
            ),
            "this is turned round: True means that the right form is more probable": (
                p_right < p_other
            ),
            "the right form need not be the most probable word of all: compare the two forms": (
                before.argmax(axis=1) == right
            ),
            "the right form need not have more than half: compare the two forms": (p_right > 0.5),
            "you compare with the word before the verb: compare the two forms": (
                p_right > before[rows, sentences[rows, verb - 1]]
            ),
            "your right form is the word before the verb: it is the verb itself": (
                before[rows, sentences[rows, verb - 1]] > p_other
            ),
            "this is the difference of the two: say whether it is above 0": p_right - p_other,
            "these are the probabilities of the right form: compare them with the other": (p_right),
            "you use p after the last word: the verb stands elsewhere": (
                p[rows, -1, right] > p[rows, -1, other]
            ),
            "this is the share of hits: one answer per sentence is asked for": (
                (p_right > p_other).mean()
            ),
            "this is the number of hits: one answer per sentence is asked for": (
                (p_right > p_other).sum()
            ),
        }
        compare(
            as_array(result, "prefers").astype(float),
            (p_right > p_other).astype(float),
            {sentence: wrong.astype(float) for sentence, wrong in mistakes.items()},
            ["prefers"],
        )

    for n, most in [(30, 2), (50, 4), (20, 1)]:
        nouns = rng.permutation(np.concatenate([np.arange(most + 1), rng.integers(0, most + 1, n)]))
        nouns = np.append(nouns, [0, 0, most])  # not the same number of each
        hits = rng.uniform(size=len(nouns)) < 0.7
        hits[nouns == most], hits[-1] = False, True
        often, hit = np.bincount(nouns), np.bincount(nouns, weights=hits)
        seen = np.array([hits[nouns <= k].mean() for k in range(most + 1)])
        accuracy_by.gives(
            hit / often,
            *(hits, nouns),
            names=["accuracy_by"],
            mistakes={
                "these are numbers of hits: divide each by the number of its sentences": hit,
                "you divide by the number of all sentences: divide each by its own": (
                    hit / len(hits)
                ),
                "these are the shares of all hits: divide by the number of sentences": (
                    hit / hit.sum()
                ),
                "these are the shares of what went wrong: hits are asked for": 1 - hit / often,
                "these are the shares of the sentences: where do the hits come in?": (
                    often / len(hits)
                ),
                "the sentences without any noun in between are missing: begin at 0": (
                    (hit / often)[1:]
                ),
                "the sentences with the most nouns are missing": (hit / often)[:-1],
                "yours counts up to this number of nouns: exactly this number is asked for": seen,
                "the most nouns are first: begin at 0": (hit / often)[::-1],
                "this is the accuracy of all sentences together: one per number of nouns": (
                    hits.mean()
                ),
            },
        )


@exercise(
    "09.6",
    "Choose one thing to change: the number of sentences, the size of the network, the n of the "
    "n-gram, or the grammar.",
    "`network_bits` and `ngram_bits` give a number per seed: collect the lists under the names of "
    "your models.",
    "All entries of 'bits' are lists of at least 3 numbers; the winner has the smallest median.",
)
def own_language_models(report, rng):
    """Bits per word of at least two models on held-out sentences."""
    keys = ("prediction", "question", "bits", "winner", "conclusion")
    prediction, question, bits, best, conclusion = entries(report, *keys)
    words(prediction, "the prediction", 5)
    words(question, "the question", 5)
    bits = lists(bits, "bits", 2)
    if len(np.unique(np.concatenate(list(bits.values())))) < 3:
        raise NotYet("nearly all numbers are equal: was everything drawn anew for each seed?")
    winner(best, bits)
    words(conclusion, "the conclusion", 10)
