"""Little English: a grammar of short sentences whose every probability is known.

It was made for this course, to ask what a language model has understood:

- the adverb at the start sets the tense (*tomorrow* ... *will eat*);
- the verb agrees with its subject, however many other nouns stand in between
  (*the girl near the dogs eats*);
- the verb decides what its object can be (*drank* some *tea*);
- a reflexive pronoun looks back at the subject (*the queen* ... *saw herself*).

No word has two meanings, and no sentence two derivations.
"""

from functools import lru_cache

from course_lib.tasks.lexicon import (
    ADVERBS,
    ANIMALS,
    COMPANY,
    ENCOUNTERS,
    LOOKS,
    NAMES,
    NEAR,
    PEOPLE,
    PLACES,
    POSSESSIVES,
    PRONOUNS,
    REFLEXIVES,
    SINGULAR,
    SUBJECTS,
    THEME_WEIGHTS,
    THEMES,
)
from course_lib.tasks.pcfg import Grammar


def weighted(options, exponent, total=1.0):
    """`options` with probabilities as 1 / rank^exponent that sum to `total` (Zipf's law)."""
    weights = [1 / rank**exponent for rank in range(1, len(options) + 1)]
    return [(total * w / sum(weights), option) for w, option in zip(weights, options)]


def words(options, exponent, total=1.0):
    """One of some words."""
    return [(p, [word]) for p, word in weighted(options, exponent, total)]


def sentence():
    """An adverb of time, or none, then who does what."""
    ways = []
    for tense, p in (("past", 0.35), ("present", 0.4), ("future", 0.25)):
        ways += [(q, [a, ("SUBJECT", tense)]) for q, a in weighted(ADVERBS[tense], 1, 0.8 * p)]
        ways.append((0.2 * p, [("SUBJECT", tense)]))
    return ways


def subject(tense):
    """A pronoun, a name, or people, whom more can be said of."""
    ways = [(p, [who, ("DOES", tense, SUBJECTS[who])]) for who, p in PRONOUNS.items()]
    for p, name in weighted(list(NAMES), 0.7, 0.2):
        ways.append((p, [name, ("DOES", tense, SUBJECTS[name])]))
    for p, both in weighted([person[:2] for person in PEOPLE], 0.7, 0.5):
        for noun in both:
            rest = [noun, ("MORE",), ("DOES", tense, SUBJECTS[noun])]
            ways.append((p / 2, ["the", ("LOOKS",), *rest]))
    return ways


def looks():
    """*old*, or nothing."""
    return [(0.6, []), *words(LOOKS, 1, 0.4)]


def more():
    """What can stand between a subject and its verb."""
    return [(0.45, []), (0.3, [("NEAR",), ("OTHERS",)]), (0.25, ["who", ("DID",), ("OTHERS",)])]


def did():
    """*saw*: always in the past, so that only the adverb tells the tense of the sentence."""
    return words([past for _, _, past in ENCOUNTERS], 0.7)


def near():
    """A preposition of place."""
    return words(NEAR, 0.5)


def others():
    """*the dogs*, or *the dogs behind the queen*, and so on without end."""
    return [(0.75, ["the", ("OTHER",)]), (0.25, ["the", ("OTHER",), ("NEAR",), ("OTHERS",)])]


def other():
    """A noun for an animal or a person."""
    beings = [*weighted(ANIMALS, 0.7, 0.5), *weighted([p[:2] for p in PEOPLE], 0.7, 0.5)]
    return [(p / 2, [noun]) for p, both in beings for noun in both]


def animal():
    """A noun for an animal."""
    return [(p / 2, [noun]) for p, both in weighted(ANIMALS, 0.7) for noun in both]


def does(tense, person):
    """The verb and all that follows."""
    ways = []
    for theme, weight in THEME_WEIGHTS.items():
        for p, verb in weighted(THEMES[theme].verbs, 0.8, 0.76 * weight):
            ways.append((p, [*conjugated(verb, tense, person), ("OBJECT", theme), ("END", person)]))
    for p, verb in weighted(ENCOUNTERS, 0.7, 0.24):
        form = conjugated(verb, tense, person)
        ways.append((p * 0.4, [*form, "the", ("ANIMAL",), ("END", person)]))
        ways.append((p * 0.6, [*form, ("SELF", person), "."]))
    return ways


def conjugated(verb, tense, person):
    """The words of a verb: *eats*, *ate* or *will eat*."""
    plain, third, past = verb
    if tense == "future":
        return ["will", plain]
    if tense == "past":
        return [past]
    return [third if person in SINGULAR else plain]


def reflexive(person):
    """*herself*; for a teacher one of two."""
    return words(REFLEXIVES[person], 0)


def thing(theme):
    """What a verb of this theme takes: *some cold milk*, *a red hat*, *two songs*."""
    mass, count = THEMES[theme].mass, THEMES[theme].count
    share = len(mass) / (len(mass) + len(count))
    ways = []
    for p, noun in weighted(mass, 0.8, share):
        for q, before in ((0.5, []), (0.3, ["some"]), (0.2, ["some", ("QUALITY", theme)])):
            ways.append((p * q, [*before, noun]))
    for p, (one, several) in weighted(count, 0.8, 1 - share):
        ways += [(p * 0.4, ["the", one]), (p * 0.2, ["a", ("QUALITY", theme), one])]
        ways += [(p * 0.25, ["two", several]), (p * 0.15, ["some", several])]
    return ways


def quality(theme):
    """An adjective for such a thing."""
    return words(THEMES[theme].qualities, 1)


def end(person):
    """Where or with whom, or nothing; and the period."""
    ways = [(0.45, ["."])]
    ways += [(p, ["in", "the", place, "."]) for p, place in weighted(PLACES, 1, 0.3)]
    for p, companion in weighted(COMPANY, 0.7, 0.25):
        for q, own in weighted(POSSESSIVES[person], 0):
            ways.append((p * q, ["with", own, companion, "."]))
    return ways


RULES = {
    "SENTENCE": sentence,
    "SUBJECT": subject,
    "LOOKS": looks,
    "MORE": more,
    "DID": did,
    "NEAR": near,
    "OTHERS": others,
    "OTHER": other,
    "ANIMAL": animal,
    "DOES": does,
    "SELF": reflexive,
    "OBJECT": thing,
    "QUALITY": quality,
    "END": end,
}


@lru_cache(maxsize=1)
def little_english():
    """The grammar of this module, a `Grammar`: ``sample``, ``rate``, ``next_words``, ``bits``."""
    return Grammar(("SENTENCE",), lambda symbol: RULES[symbol[0]](*symbol[1:]))
