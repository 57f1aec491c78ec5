"""Probabilistic context-free grammars: sentences, and what can be said exactly about them."""

from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate

import numpy as np

from course_lib.arguments import whole_number_from


class Grammar:
    """A probabilistic context-free grammar (Booth & Thompson, 1973).

    start   a nonterminal
    rules   a function from a nonterminal to the ways to rewrite it, a list of
            (probability, symbols). A string among the symbols is a word and stays; a tuple,
            such as ("VERB", "past"), is a nonterminal. An empty list of symbols is allowed.

    No sentence may be the beginning of another one; a last word that stands nowhere else
    sees to that. `words` are all words, sorted. Where methods take words, they take a list, or
    a text with blanks between the words.

    Raises ValueError if probabilities do not sum to 1, if a nonterminal can begin with itself
    (left recursion), or if sentences do not end.
    """

    def __init__(self, start, rules):
        self.start, self.rules = start, {}
        to_do = [start]
        while to_do:
            symbol = to_do.pop()
            if symbol not in self.rules:
                self.rules[symbol] = [(p, tuple(symbols)) for p, symbols in rules(symbol)]
                to_do += [s for _, symbols in self.rules[symbol] for s in symbols if is_rule(s)]
        for symbol, ways in self.rules.items():
            total = sum(p for p, _ in ways)
            if abs(total - 1) > 1e-9 or min(p for p, _ in ways) <= 0:
                raise ValueError(
                    f"the probabilities of {symbol} must be positive and sum to 1, got {total:g}"
                )
        symbols = {s for ways in self.rules.values() for _, ws in ways for s in ws}
        self.words = sorted(s for s in symbols if not is_rule(s))
        self.cumulated = {
            symbol: list(accumulate(p for p, _ in ways)) for symbol, ways in self.rules.items()
        }
        self.successors = {}  # filled by `expand`
        self.refuse_left_recursion()
        self.entropy, self.mean_length = self.expectations()

    @property
    def rate(self):
        """Entropy in bits per word: the least that a model of long texts can reach."""
        return self.entropy / self.mean_length

    def expectations(self):
        """Entropy in bits and length in words of one sentence, on average.

        What rewriting A adds, plus what the nonterminals in its place add, is a system of
        linear equations, x = own + M x, with M[A, B] the average number of B's in the place
        of A (Grenander, 1967). The entropy is that of derivations; that of sentences is the
        same if each has only one.
        """
        number = {symbol: i for i, symbol in enumerate(self.rules)}
        M, own = np.zeros((len(number), len(number))), np.zeros((len(number), 2))
        for symbol, ways in self.rules.items():
            for p, symbols in ways:
                own[number[symbol], 0] -= p * np.log2(p)
                for s in symbols:
                    if is_rule(s):
                        M[number[symbol], number[s]] += p
                    else:
                        own[number[symbol], 1] += p
        if np.abs(np.linalg.eigvals(M)).max() >= 1:
            raise ValueError("sentences of this grammar do not end: too many nonterminals come in")
        return np.linalg.solve(np.eye(len(M)) - M, own)[number[self.start]].tolist()

    # --- drawing sentences ------------------------------------------------------------------

    def sample(self, num_samples, seed=0):
        """`num_samples` sentences, each a list of words; a seed decides them."""
        return [words for words, _ in self.derivations(num_samples, seed)]

    def derivations(self, num_samples, seed=0):
        """The same sentences with their information: (words, bits), bits = -log2 probability of
        the derivation. Raises ValueError if `num_samples` is not a whole number from 1."""
        whole_number_from(1, "num_samples", num_samples)
        draw = uniform(np.random.default_rng(seed))
        return [self.derive(draw) for _ in range(num_samples)]

    def derive(self, draw):
        words, probability, stack = [], 1.0, [self.start]
        while stack:
            symbol = stack.pop()
            if not is_rule(symbol):
                words.append(symbol)
                continue
            ways, cumulated = self.rules[symbol], self.cumulated[symbol]
            i = min(bisect_right(cumulated, next(draw)), len(ways) - 1)
            probability *= ways[i][0]
            stack += reversed(ways[i][1])
        return words, -np.log2(probability)

    # --- probabilities of given words -------------------------------------------------------

    def expand(self, stack):
        """What can follow when the symbols in `stack` must be written next: a dict from each
        possible next word to pairs (what must be written after it, probability)."""
        if stack not in self.successors:
            found, to_do = defaultdict(list), [(stack, 1.0)]
            while to_do:
                (first, *rest), p = to_do.pop()
                if is_rule(first):
                    to_do += [((*ss, *rest), p * q) for q, ss in self.rules[first]]
                else:
                    found[first].append((tuple(rest), p))
            self.successors[stack] = dict(found)
        return self.successors[stack]

    def follow(self, prefix):
        """The probability of each word of `prefix` given the ones before, as a list; and the
        stacks of symbols still to be written, with their probabilities.

        Raises ValueError where no sentence of the grammar goes on with the given word.
        """
        stacks, probabilities, prefix = {(self.start,): 1.0}, [], split_words(prefix)
        for i, word in enumerate(prefix):
            following = defaultdict(float)
            for stack, p in stacks.items():
                if stack:
                    for rest, q in self.expand(stack).get(word, ()):
                        following[rest] += p * q
            total = sum(following.values())
            if total == 0:
                raise ValueError(
                    f"no sentence of the grammar has {word!r} after {' '.join(prefix[:i])!r}"
                )
            stacks = {rest: p / total for rest, p in following.items()}
            probabilities.append(total)
        return probabilities, stacks

    def next_words(self, prefix=()):
        """The exact probability of every possible next word after `prefix`: a dict from words,
        the most probable first. After a whole sentence it is empty."""
        found = defaultdict(float)
        for stack, p in self.follow(prefix)[1].items():
            for word, ways in (self.expand(stack) if stack else {}).items():
                found[word] += p * sum(q for _, q in ways)
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def bits(self, sentence):
        """-log2 of the probability of every word of a sentence, given the words before it."""
        return np.maximum(-np.log2(self.follow(sentence)[0]), 0) + 0.0

    # --- checks -----------------------------------------------------------------------------

    def refuse_left_recursion(self):
        """`expand` would not end for a nonterminal that can begin with itself."""
        empty, known = set(), -1  # nonterminals that can become nothing
        while known != len(empty):
            known = len(empty)
            empty |= {a for a, ways in self.rules.items() if any(empty >= {*s} for _, s in ways)}
        for start in self.rules:
            reached, to_do = set(), [start]
            while to_do:
                for _, symbols in self.rules[to_do.pop()]:
                    for s in symbols:
                        if is_rule(s) and s not in reached:
                            reached.add(s)
                            to_do.append(s)
                        if s not in empty:
                            break
            if start in reached:
                raise ValueError(f"{start} can begin with itself: rewrite the rule to end with it")


def is_rule(symbol):
    """Is this a nonterminal?"""
    return not isinstance(symbol, str)


def split_words(text):
    """A list of words, from a text or from a list of words."""
    return text.split() if isinstance(text, str) else list(text)


def uniform(rng, block=4096):
    """An endless row of random numbers from 0 to 1."""
    while True:
        yield from rng.random(block).tolist()
