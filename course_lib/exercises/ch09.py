"""The exercises of chapter 09: perplexity, embeddings, a bigram, neighbors, agreement."""

from functools import partial

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_array, equal, has_nan
from course_lib.exercises.question import Question, normal, then
from course_lib.exercises.registry import exercise
from course_lib.exercises.report import entries, lists, winner

# --- 09.1: perplexity --------------------------------------------------------------------------


def perplexity(sentences, of=lambda p: np.exp(-np.log(p).mean())):
    """The perplexity `of` the probabilities of all words."""
    return of(np.concatenate(sentences))


def by_sentence(mean):
    """The mean of the sentences' own perplexities; each counts once, whatever its length."""
    return lambda sentences: mean(np.array([perplexity([s]) for s in sentences]))


def in_batch(function):
    """`function` of sentences for losses in a padded batch."""
    return lambda losses, mask: function([np.exp(-row[m]) for row, m in zip(losses, mask)])


def perplexity_of_batch(losses, mask):
    """The perplexity from losses in a padded batch."""
    return np.exp(losses[mask].mean())


def sentences_of_words(rng):
    """Probabilities; some sentences are easier than others."""
    for lengths in [(2, 7, 4), (9, 1), (3, 3, 12, 5)]:
        yield ([rng.uniform(0.05, 0.4, n) * rng.uniform(0.2, 2) for n in lengths],)


def padded_losses(rng):
    """Losses (batch, time), also in the padding, and the mask."""
    for batch, time in [(3, 7), (4, 5), (2, 9)]:
        losses = rng.uniform(0.5, 4, size=(batch, time)) + rng.uniform(0, 2, size=(batch, 1))
        lengths = rng.permutation(np.arange(batch) % 3 * 2 + 1)
        yield floatX(losses), np.arange(time) < lengths[:, None]


exercise(
    "09.1",
    Question(
        perplexity,
        sentences_of_words,
        {
            "this is the mean of the sentences' perplexities: take the mean over all words": (
                by_sentence(np.mean)
            ),
            "a word in a short sentence counts for more: take the mean over all words": (
                by_sentence(lambda each: np.exp(np.log(each).mean()))
            ),
            "these are nats per word: the perplexity is their exponential": (
                then(perplexity, np.log)
            ),
            "these are bits per word: the perplexity is 2 to their power": (
                then(perplexity, np.log2)
            ),
            "natural logarithms go with exp, not with a power of 2": (
                partial(perplexity, of=lambda p: 2 ** -np.log(p).mean())
            ),
            "logarithms to base 2 go with a power of 2, not with exp": (
                partial(perplexity, of=lambda p: np.exp(-np.log2(p).mean()))
            ),
            "the sign is wrong: a perplexity is at least 1": then(perplexity, np.reciprocal),
            "this is 1 / p on average: take the mean of the logarithms": (
                partial(perplexity, of=lambda p: (1 / p).mean())
            ),
            "you take the mean of the probabilities: take that of their logarithms": (
                partial(perplexity, of=lambda p: 1 / p.mean())
            ),
            "divide by the number of words, not by that of the sentences": (
                lambda sentences: perplexity(sentences) ** np.mean([len(s) for s in sentences])
            ),
            "the mean over words is missing: yours is for all of them together": (
                partial(perplexity, of=lambda p: np.exp(-np.log(p).sum()))
            ),
            "only the first sentence counts in yours": lambda sentences: perplexity(sentences[:1]),
            "only the last sentence counts in yours": lambda sentences: perplexity(sentences[-1:]),
        },
        names=["perplexity"],
    ),
    Question(
        perplexity_of_batch,
        padded_losses,
        {
            "the padding counts in yours: use the mask": lambda losses, mask: np.exp(losses.mean()),
            "the padding counts as words with a loss of 0: divide by the number of words": (
                lambda losses, mask: np.exp((losses * mask).mean())
            ),
            "the padding is not left out, and you divide by the number of words": (
                lambda losses, mask: np.exp(losses.sum() / mask.sum())
            ),
            "the mask is the wrong way round: it is 1 where there is a word": (
                lambda losses, mask: perplexity_of_batch(losses, ~mask)
            ),
            "this is the mean of the sentences' perplexities: take the mean over all words": (
                in_batch(by_sentence(np.mean))
            ),
            "a word in a short sentence counts for more: take the mean over all words": (
                in_batch(by_sentence(lambda each: np.exp(np.log(each).mean())))
            ),
            "these are nats per word: the perplexity is their exponential": (
                then(perplexity_of_batch, np.log)
            ),
            "the losses are natural logarithms: they go with exp": (
                lambda losses, mask: 2 ** losses[mask].mean()
            ),
            "the losses are natural logarithms already: no other base is needed": (
                lambda losses, mask: np.exp(losses[mask].mean() / np.log(2))
            ),
            "the losses are -log p: they are positive, and so is what exp gets": (
                then(perplexity_of_batch, np.reciprocal)
            ),
            "divide by the number of words, not by that of the sentences": (
                lambda losses, mask: np.exp(losses[mask].sum() / len(mask))
            ),
            "this is the mean of exp(loss): take the mean of the losses first, then exp": (
                lambda losses, mask: np.exp(losses[mask]).mean()
            ),
        },
        names=["perplexity_of_batch"],
    ),
    hints=[
        "perplexity: where a sentence ends does not matter: np.concatenate makes one array of "
        "all words.",
        "perplexity: the mean of -log p over all words, then exp of that.",
        "perplexity_of_batch: the losses are natural logarithms already, -log p. Sum those that "
        "count and divide by how many there are.",
    ],
)

# --- 09.2: an embedding and its gradient -------------------------------------------------------


def gradient(numbers, dy, size):
    """The gradient of E."""
    dE = np.zeros((size, dy.shape[-1]))
    np.add.at(dE, numbers, dy)
    return dE


def overwritten(numbers, dy, size, step=1):
    """The same if the last occurrence of a word is all that counts (the first with step -1)."""
    dE = np.zeros((size, dy.shape[-1]))
    for number, row in [*zip(numbers.ravel(), dy.reshape(-1, dy.shape[-1]))][::step]:
        dE[number] = row
    return dE


def words_to_look_up(rng):
    """An embedding, numbers with one of them three times, and dy."""
    for size, dim, batch, time in [(6, 3, 2, 5), (9, 2, 3, 4), (5, 4, 4, 3)]:
        numbers = rng.integers(1, size - 1, size=(batch, time)).astype("int32")
        numbers[0, :2], numbers[-1, -1] = 2, 2
        E, dy = normal(rng, (size, dim), (batch, time, dim))
        yield E, numbers, dy


exercise(
    "09.2",
    Question(
        lambda E, numbers: E[numbers],
        lambda rng: ((E, numbers) for E, numbers, dy in words_to_look_up(rng)),
        {
            "numbers begin at 0: row 0 is the first one": lambda E, numbers: E[numbers - 1],
            "numbers begin at 0: yours are one too large": lambda E, numbers: E[numbers + 1],
            "time comes before the batch in your result": lambda E, numbers: E[numbers.T],
            "the axes for time and for the vector are swapped": (
                lambda E, numbers: E[numbers].swapaxes(1, 2)
            ),
            "your result has one axis for batch and time together": (
                lambda E, numbers: E[numbers.ravel()]
            ),
            "your result is the sum over time: return a vector for each symbol": (
                lambda E, numbers: E[numbers].sum(axis=1)
            ),
            "your result is the mean over time: return a vector for each symbol": (
                lambda E, numbers: E[numbers].mean(axis=1)
            ),
            "these are one-hot vectors: multiply them by E": (
                lambda E, numbers: np.eye(len(E))[numbers]
            ),
            "only the last symbol of each sample is looked up": lambda E, numbers: E[
                numbers[:, -1]
            ],
        },
        names=["lookup"],
    ),
    Question(
        gradient,
        lambda rng: ((numbers, dy, len(E)) for E, numbers, dy in words_to_look_up(rng)),
        {
            "a row that is used more than once must add up: yours keeps only the last one": (
                overwritten
            ),
            "a row that is used more than once must add up: yours keeps only the first one": (
                partial(overwritten, step=-1)
            ),
            "you divide by how often a row is used: the gradient is the sum": (
                lambda numbers, dy, size: (
                    gradient(numbers, dy, size)
                    / np.maximum(gradient(numbers, np.ones_like(dy), size), 1)
                )
            ),
            "yours grows once more with how often a row is used: the sum is enough": (
                lambda numbers, dy, size: (
                    gradient(numbers, dy, size) * gradient(numbers, np.ones_like(dy), size)
                )
            ),
            "numbers begin at 0: row 0 is the first one": (
                lambda numbers, dy, size: gradient(numbers - 1, dy, size)
            ),
            "numbers begin at 0: your rows are one too low": (
                lambda numbers, dy, size: gradient(numbers + 1, dy, size)
            ),
            "the sign is wrong: this is a gradient, not a step down": then(gradient, np.negative),
            "the gradient belongs to E, not to what was looked up: shape (size, dim)": (
                lambda numbers, dy, size: dy
            ),
            "only the first sample counts in yours: sum over the batch, too": (
                lambda numbers, dy, size: gradient(numbers[:1], dy[:1], size)
            ),
            "only the last sample counts in yours: sum over the batch, too": (
                lambda numbers, dy, size: gradient(numbers[-1:], dy[-1:], size)
            ),
            "only the last time step counts in yours: sum over time, too": (
                lambda numbers, dy, size: gradient(numbers[:, -1], dy[:, -1], size)
            ),
            "only the first time step counts in yours: sum over time, too": (
                lambda numbers, dy, size: gradient(numbers[:, 0], dy[:, 0], size)
            ),
            "you divide by the size of the batch: dy is the whole gradient already": (
                lambda numbers, dy, size: gradient(numbers, dy, size) / len(numbers)
            ),
            "all rows get the same: only those that are used get a gradient": (
                lambda numbers, dy, size: np.tile(dy.sum(axis=(0, 1)), (size, 1))
            ),
        },
        names=["gradient"],
    ),
    hints=[
        "lookup: the index in the brackets can be an array of numbers, whatever its shape.",
        "gradient: row i gets the sum of dy over all places where number i occurs; a row that "
        "is never used gets 0.",
        "gradient: a loop over samples and time steps with += on one row will do. "
        "`dE[numbers] += dy` is not such a loop: numpy adds only once per row.",
        "gradient: np.add.at(dE, numbers, dy) does the whole loop.",
    ],
)

# --- 09.3: a bigram ----------------------------------------------------------------------------


def kinds_of(counts):
    """K: how many different words were counted, along the last axis."""
    return (counts > 0).sum(axis=-1, keepdims=True)


def total_of(counts):
    """N: how many words were counted, along the last axis."""
    return counts.sum(axis=-1, keepdims=True)


def mixed(counts, base, kinds=kinds_of, total=total_of):
    """(N(w) + K base(w)) / (N + K), along the last axis."""
    K = kinds(counts)
    return (counts + K * base) / (total(counts) + K)


def uniform(text, size):
    """The same probability for all words."""
    return np.full(size, 1 / size)


def shares(text, size):
    """How often each word comes in the text, of all words."""
    return np.bincount(text, minlength=size) / len(text)


def unigram(text, size, base=uniform, **formula):
    """p(w); every option is for a mistake."""
    return mixed(np.bincount(text, minlength=size), base(text, size), **formula)


def pairs_of(text, size):
    """N(v w), (size, size)."""
    pairs = np.zeros((size, size))
    np.add.at(pairs, (text[:-1], text[1:]), 1)
    return pairs


def bigram(text, size, count=pairs_of, base=unigram, empty=unigram, **formula):
    """p(w | v), with `empty` where no word comes after v; every option is for a mistake."""
    pairs = count(text, size)
    p = mixed(pairs, base(text, size), **formula)
    return np.where(total_of(pairs) > 0, p, empty(text, size))


def with_the_last_word(text, size):
    """N(v) counts the last word of the text, too."""
    N = np.bincount(text, minlength=size)[:, None]
    rows = bigram(text, size, total=lambda pairs: N, empty=lambda text, size: 0)
    return np.where(N > 0, rows, unigram(text, size))


def rows_of_words(rng):
    """Texts in which nothing comes after the last two words of the vocabulary."""
    for size, length in [(6, 14), (7, 30), (5, 9)]:
        text = rng.integers(0, size - 2, length)
        text[[0, 1, 3]] = 0
        if length < 20:  # one of them ends the text, the word before it stands nowhere else
            text = np.append(text[:-2] % (size - 3), [size - 3, size - 2])
        yield text, size


def without_nan(result, text, size):
    """The bigram; raises NotYet with a better sentence than others' if there is NaN in it."""
    if has_nan(result):
        raise NotYet(
            f"bigram gives NaN: no word comes after {size - 1} or after {size - 2}, "
            "so their rows are the unigram"
        )
    return result


exercise(
    "09.3",
    Question(
        unigram,
        rows_of_words,
        {
            "these are the shares in the text: a word that is not in it needs a share, too": shares,
            "this is add-one smoothing, with the size of the vocabulary for K: K is the number of "
            "different words in the text": partial(unigram, kinds=len),
            "K is the number of different words in the text, not its length": (
                partial(unigram, kinds=np.sum)
            ),
            "K counts words that come once in yours: all different ones count": (
                partial(unigram, kinds=lambda counts: (counts == 1).sum())
            ),
            "K must be multiplied by 1 / size": partial(unigram, base=lambda text, size: 1),
            "the probabilities do not sum to 1: divide by N + K": (
                partial(unigram, total=lambda counts: counts.sum() - kinds_of(counts))
            ),
            "the probabilities do not sum to 1: N is the length of the text": (
                partial(unigram, total=lambda counts: counts.sum() - 1)
            ),
            "these are counts: divide them by N + K": (
                partial(unigram, total=lambda counts: 1 - kinds_of(counts))
            ),
        },
        names=["unigram"],
    ),
    Question(
        bigram,
        rows_of_words,
        {
            "a row without counts is 0 in yours: use the unigram there": (
                partial(bigram, empty=lambda text, size: 0)
            ),
            "a row without counts is uniform in yours: use the unigram there": (
                partial(bigram, empty=uniform)
            ),
            "the rows belong to the word before, the columns to the word after": (
                then(bigram, np.transpose)
            ),
            "you mix with 1 / size: mix with the unigram": (
                partial(bigram, base=uniform, empty=uniform)
            ),
            "you mix with 1 / size where there are counts: mix with the unigram": (
                partial(bigram, base=uniform)
            ),
            "you mix with the shares in the text: mix with the smoothed unigram": (
                partial(bigram, base=shares, empty=shares)
            ),
            "K is the number of different words after v, not in the whole text": (
                lambda text, size: bigram(text, size, kinds=lambda pairs: len({*text}))
            ),
            "K is the number of different words after v, not the size of the vocabulary": (
                partial(bigram, kinds=len)
            ),
            "K is how many different words come after v, not how many words": (
                partial(bigram, kinds=total_of)
            ),
            "K counts what comes before a word in yours: count what comes after v": (
                partial(bigram, kinds=lambda pairs: kinds_of(pairs.T))
            ),
            "the unigram is not multiplied by K in yours": lambda text, size: bigram(
                text, size, base=lambda *a: unigram(*a) / kinds_of(pairs_of(*a))
            ),
            "these are the shares of the pairs: mix them with the unigram": (
                partial(bigram, kinds=lambda pairs: 0)
            ),
            "these are the shares of the pairs: mix them with the unigram, and give rows without "
            "counts the unigram": (
                partial(bigram, kinds=lambda pairs: 0, empty=lambda text, size: 0)
            ),
            "this is add-one smoothing: follow the formula": (
                partial(bigram, kinds=len, base=uniform, empty=uniform)
            ),
            "N(v) counts the last word of the text, after which nothing comes: each row must sum "
            "to 1": with_the_last_word,
            "all rows are the unigram: where are the pairs?": (
                lambda text, size: np.tile(unigram(text, size), (size, 1))
            ),
            "the end and the beginning of the text are not a pair": (
                partial(bigram, count=lambda text, size: pairs_of([*text, text[0]], size))
            ),
            "each pair counts once in yours: count how often it comes": (
                partial(bigram, count=lambda text, size: np.minimum(pairs_of(text, size), 1))
            ),
        },
        names=["bigram"],
        look=without_nan,
    ),
    hints=[
        "N(w) is `np.bincount(text, minlength=size)`; K is the number of its entries above 0.",
        "For the pairs, make a (size, size) table of zeros and loop over zip(text[:-1], text[1:]). "
        "A word that comes twice in a row is a pair like any other.",
        "Each row of the table is counted and mixed like the unigram, with the unigram in "
        "place of 1 / size.",
        "A row without any counts has N = K = 0: put the unigram there instead of 0 / 0.",
    ],
)

# --- 09.4: nearest neighbors -------------------------------------------------------------------


def lengths(E):
    """The lengths of vectors, or of one."""
    return np.linalg.norm(E, axis=-1)


def cosines(E, v):
    """The cosines of the angles between the rows of E and v."""
    return E @ v / lengths(E) / lengths(v)


def neighbors(E, number, k, similarity=cosines, value=None, itself=False):
    """Numbers by `similarity`, and the `value` of each, the same; every option is for a mistake."""
    order = np.argsort(-similarity(E, E[number]))
    order = order[(order != number) | itself][:k]
    return order, (value or similarity)(E, E[number])[order]


def vectors(rng):
    """Words of different lengths; one points the other way, one the same way."""
    for size, dim, k in [(9, 4, 3), (12, 3, 5), (7, 5, 2)]:
        E = rng.normal(size=(size, dim)) * rng.uniform(0.3, 3, size=(size, 1))
        number = int(rng.integers(2, size))
        E[0], E[1] = -1.7 * E[number] + 0.1 * rng.normal(size=dim), 0.6 * E[number]
        yield E, number, k


def by_itself(got, E, number, k):
    """A sentence if the word itself is among its neighbors."""
    if number in got[0]:
        return f"the word itself, {number}, is among its neighbors: leave it out"
    return None


def twins(answer, rng):
    """A word with just the same vector: sorting does not tell which one is which."""
    E = rng.normal(size=(6, 3))
    for twin, number in [(1, 4), (4, 1)]:
        E[twin] = E[number]
        got = as_array(answer(E, number, 1)[0], "the numbers")
        if number in got:
            raise NotYet(
                f"words {min(twin, number)} and {max(twin, number)} have the same vector, and "
                f"{number} is its own neighbor in yours: leave it out by its number"
            )
        if not equal(got, [twin]):
            raise NotYet(f"the nearest word has the same vector: it is {twin}, yours is {got}")


exercise(
    "09.4",
    Question(
        neighbors,
        vectors,
        {
            "the word itself is among its neighbors: leave it out": partial(neighbors, itself=True),
            "this is the product without the lengths: divide by both of them": (
                partial(neighbors, similarity=np.matmul)
            ),
            "the cosine is divided by both lengths: yours only by that of the other word": (
                partial(neighbors, value=lambda E, v: E @ v / lengths(E))
            ),
            "the cosine is divided by both lengths: yours only by that of the word itself": (
                partial(neighbors, similarity=lambda E, v: E @ v / lengths(v))
            ),
            "a length is the root of the sum of the squares": (
                partial(neighbors, similarity=lambda E, v: cosines(E, v) / lengths(E) / lengths(v))
            ),
            "these are distances: return the cosine of the angle": partial(
                neighbors,
                similarity=lambda E, v: -lengths(E - v),
                value=lambda E, v: lengths(E - v),
            ),
            "the least similar words are first: reverse the order": (
                partial(neighbors, similarity=lambda E, v: -cosines(E, v), value=cosines)
            ),
            "the opposite direction is not similar: keep the sign of the cosine": (
                partial(neighbors, similarity=lambda E, v: abs(cosines(E, v)))
            ),
            "the opposite direction is not similar: its cosine is the smallest": (
                partial(neighbors, similarity=lambda E, v: abs(cosines(E, v)), value=cosines)
            ),
            "the most similar word must be first, and yours is last": (
                then(neighbors, lambda order, values: (order[::-1], values[::-1]))
            ),
            "you find one word too few": lambda E, number, k: neighbors(E, number, k - 1),
            "you find one word too many": lambda E, number, k: neighbors(E, number, k + 1),
            "these are the words nearest to the mean, not to the word given": (
                partial(
                    neighbors, similarity=lambda E, v: cosines(E, E.mean(axis=0)), value=cosines
                )
            ),
        },
        names=["the numbers", "the cosines"],
        otherwise=by_itself,
    ),
    test=twins,
    hints=[
        "The cosine of two vectors is their product divided by both lengths: `np.linalg.norm(E, "
        "axis=1)` gives the lengths of all rows.",
        "np.argsort(-cosines) gives the numbers of the words, the most similar first.",
        "Leave out the word itself by its number, not by its place: another word can point in the "
        "very same direction and come first.",
    ],
)

# --- 09.5: agreement ---------------------------------------------------------------------------


def prefers(
    *given, after=lambda verb: verb - 1, form=lambda verb: verb, say=lambda p, q, row: p > q
):
    """What to `say` about the probabilities of both forms, and those of all words.

    `after` which word they come, and where the right `form` stands, are options for mistakes.
    """
    p, sentences, verb, other = given
    n = np.arange(len(p))
    row = p[n, after(verb)]
    return say(row[n, sentences[n, form(verb)]], row[n, other], row)


def accuracy_by(hits, nouns):
    """The share of hits for each number of nouns."""
    return np.bincount(nouns, weights=hits) / np.bincount(nouns)


def sentences_with_verbs(rng):
    """Probabilities of the next word, sentences, places of the verbs, and other words."""
    for n, time, size in [(40, 6, 5), (60, 5, 8), (50, 9, 4)]:
        p = rng.uniform(size=(n, time, size)) ** 2
        sentences, verb = rng.integers(0, size, size=(n, time)), rng.integers(1, time, size=n)
        other = (sentences[np.arange(n), verb] + rng.integers(1, size, size=n)) % size
        yield p / p.sum(axis=-1, keepdims=True), sentences, verb, other


def hits_and_nouns(rng):
    """Not the same number of sentences for each number of nouns; the most nouns have one hit."""
    for n, most in [(30, 2), (50, 4), (20, 1)]:
        nouns = rng.permutation(np.concatenate([np.arange(most + 1), rng.integers(0, most + 1, n)]))
        nouns = np.append(nouns, [0, 0, most])
        hits = rng.uniform(size=len(nouns)) < 0.7
        hits[nouns == most], hits[-1] = False, True
        yield hits, nouns


exercise(
    "09.5",
    Question(
        prefers,
        sentences_with_verbs,
        {
            "p after the verb is about the word after it: which p is about the verb?": (
                partial(prefers, after=lambda verb: verb)
            ),
            "this is the wrong way round: True means that the right form is more probable": (
                partial(prefers, say=lambda p, q, row: p < q)
            ),
            "the right form need not be the most probable word of all: compare the two forms": (
                partial(prefers, say=lambda p, q, row: p == row.max(axis=1))
            ),
            "the right form need not have more than half: compare the two forms": (
                partial(prefers, say=lambda p, q, row: p > 0.5)
            ),
            "you compare with the word before the verb: compare the two forms": (
                lambda p, s, verb, other: prefers(p, s, verb, s[np.arange(len(s)), verb - 1])
            ),
            "your right form is the word before the verb: it is the verb itself": (
                partial(prefers, form=lambda verb: verb - 1)
            ),
            "this is the difference of the two: say whether it is above 0": (
                partial(prefers, say=lambda p, q, row: p - q)
            ),
            "these are the probabilities of the right form: compare them with the other": (
                partial(prefers, say=lambda p, q, row: p)
            ),
            "you use p after the last word: the verb stands elsewhere": (
                partial(prefers, after=lambda verb: -1)
            ),
            "this is the share of hits: return one answer per sentence": (then(prefers, np.mean)),
            "this is the number of hits: return one answer per sentence": (then(prefers, np.sum)),
        },
        names=["prefers"],
    ),
    Question(
        accuracy_by,
        hits_and_nouns,
        {
            "these are numbers of hits: divide each by the number of its sentences": (
                lambda hits, nouns: np.bincount(nouns, weights=hits)
            ),
            "you divide by the number of all sentences: divide each by its own": (
                lambda hits, nouns: np.bincount(nouns, weights=hits) / len(hits)
            ),
            "these are the shares of all hits: divide by the number of sentences": (
                lambda hits, nouns: np.bincount(nouns, weights=hits) / hits.sum()
            ),
            "these are the shares of what went wrong: return those of the hits": (
                lambda hits, nouns: accuracy_by(~hits, nouns)
            ),
            "these are the shares of the sentences: where do the hits come in?": (
                lambda hits, nouns: np.bincount(nouns) / len(hits)
            ),
            "the sentences without any noun in between are missing: begin at 0": (
                then(accuracy_by, lambda shares: shares[1:])
            ),
            "the sentences with the most nouns are missing": (
                then(accuracy_by, lambda shares: shares[:-1])
            ),
            "yours counts up to this number of nouns: count exactly this number": (
                lambda hits, nouns: [hits[nouns <= n].mean() for n in range(nouns.max() + 1)]
            ),
            "the most nouns are first: begin at 0": then(accuracy_by, np.flip),
            "this is the accuracy of all sentences together: return one per number of nouns": (
                lambda hits, nouns: hits.mean()
            ),
        },
        names=["accuracy_by"],
    ),
    hints=[
        "prefers: p[i, t] comes after word t of sentence i, so what the model says about the verb "
        "comes after the word before it.",
        "prefers: with rows = np.arange(len(verb)), p[rows, verb - 1] has a row of probabilities "
        "per sentence. From it, pick the number of a form.",
        "accuracy_by: for each number of nouns take the mean of the hits where nouns has that "
        "value.",
    ],
)

# --- 09.6: an experiment of one's own ----------------------------------------------------------


def own_language_models(report, rng):
    """Bits per word of at least two models on held-out sentences."""
    keys = ("prediction", "question", "bits", "winner", "conclusion")
    bits, best = entries(report, *keys)
    bits = lists(bits, "bits", 2)
    if len(np.unique(np.concatenate(list(bits.values())))) < 3:
        raise NotYet("nearly all numbers are equal: was everything drawn anew for each seed?")
    winner(best, bits)


exercise(
    "09.6",
    test=own_language_models,
    hints=[
        "Choose one thing to change: the number of sentences, the size of the network, the n of "
        "the n-gram, or the grammar.",
        "`network_bits` and `ngram_bits` give a number per seed: collect the lists under the names "
        "of your models.",
        "All entries of 'bits' are lists of at least 3 numbers; the winner has the smallest "
        "median.",
    ],
)
