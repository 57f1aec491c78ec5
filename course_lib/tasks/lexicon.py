"""The words of little English (`sentences`): their forms, their classes, and what must agree."""

from dataclasses import dataclass
from itertools import chain

from course_lib.tasks.pcfg import split_words

# In each row the most frequent words come first.

ADVERBS = {
    "past": ("yesterday", "once", "earlier"),
    "present": ("today", "usually", "often"),
    "future": ("tomorrow", "soon", "later"),
}
PRONOUNS = {"i": 0.08, "we": 0.05, "they": 0.05, "he": 0.06, "she": 0.06}  # probabilities
NAMES = {"anna": "she", "tom": "he", "maria": "she", "paul": "he", "emma": "she", "omar": "he"}
PEOPLE = (  # one, several, and who one of them is
    ("boy", "boys", "he"),
    ("girl", "girls", "she"),
    ("teacher", "teachers", "he or she"),
    ("farmer", "farmers", "he or she"),
    ("man", "men", "he"),
    ("woman", "women", "she"),
    ("king", "kings", "he"),
    ("queen", "queens", "she"),
    ("baker", "bakers", "he or she"),
    ("child", "children", "he or she"),
)
ANIMALS = (("dog", "dogs"), ("cat", "cats"), ("horse", "horses"), ("bird", "birds"))
LOOKS = ("old", "young", "tall", "happy", "quiet")  # how people can be
PLACES = ("kitchen", "garden", "school", "market", "park", "station")
COMPANY = ("friend", "brother", "sister", "friends")
NEAR = ("near", "with", "behind")


@dataclass(frozen=True)
class Theme:
    """Verbs and what they can be done to. `mass` nouns have no plural; `count` is (one, two)."""

    verbs: tuple  # (plain, third person, past)
    mass: tuple
    count: tuple
    qualities: tuple  # adjectives that begin with a consonant, to follow "a"


THEMES = {
    "food": Theme(
        (("eat", "eats", "ate"), ("cook", "cooks", "cooked"), ("taste", "tastes", "tasted")),
        ("soup", "bread", "rice", "fish", "cheese", "cake"),
        (("apple", "apples"), ("egg", "eggs"), ("pear", "pears"), ("potato", "potatoes")),
        ("fresh", "good", "cheap"),
    ),
    "drinks": Theme(
        (("drink", "drinks", "drank"), ("sip", "sips", "sipped"), ("pour", "pours", "poured")),
        ("water", "tea", "milk", "coffee", "juice", "cocoa"),
        (),
        ("cold", "hot", "sweet"),
    ),
    "reading": Theme(
        (
            ("write", "writes", "wrote"),
            ("study", "studies", "studied"),
            ("copy", "copies", "copied"),
        ),
        ("poetry", "news"),
        (("book", "books"), ("letter", "letters"), ("story", "stories"), ("poem", "poems")),
        ("long", "short", "funny"),
    ),
    "clothes": Theme(
        (("wear", "wears", "wore"), ("wash", "washes", "washed"), ("mend", "mends", "mended")),
        (),
        (("coat", "coats"), ("hat", "hats"), ("shirt", "shirts"), ("scarf", "scarves")),
        ("warm", "red", "blue"),
    ),
    "music": Theme(
        (
            ("play", "plays", "played"),
            ("hear", "hears", "heard"),
            ("record", "records", "recorded"),
        ),
        ("music", "jazz"),
        (("song", "songs"), ("tune", "tunes"), ("melody", "melodies"), ("waltz", "waltzes")),
        ("slow", "loud", "gentle"),
    ),
}
THEME_WEIGHTS = {"food": 0.34, "drinks": 0.22, "reading": 0.16, "clothes": 0.14, "music": 0.14}
ENCOUNTERS = (  # verbs for animals and oneself
    ("see", "sees", "saw"),
    ("like", "likes", "liked"),
    ("help", "helps", "helped"),
    ("trust", "trusts", "trusted"),
)

# Who the subject is decides the form of its verb, its reflexive pronouns and its possessives.
SINGULAR = ("he", "she", "he or she")
REFLEXIVES = {
    "i": ("myself",),
    "we": ("ourselves",),
    "they": ("themselves",),
    "he": ("himself",),
    "she": ("herself",),
    "he or she": ("himself", "herself"),
}
POSSESSIVES = {
    "i": ("my",),
    "we": ("our",),
    "they": ("their",),
    "he": ("his",),
    "she": ("her",),
    "he or she": ("his", "her"),
}
SUBJECTS = {
    **{pronoun: pronoun for pronoun in PRONOUNS},
    **NAMES,
    **{one: who for one, _, who in PEOPLE},
    **{several: "they" for _, several, _ in PEOPLE},
}


# --- what kind of word, and which form is right -----------------------------------------------


def word_classes():
    """All words in classes, the words of one class being used alike: {class: list of words}.

    Verbs are "food verb" and so on, nouns that they take "food"; verbs of encounters "encounter".
    """
    classes = {
        "adverb": chain(*ADVERBS.values()),
        "pronoun": PRONOUNS,
        "name": NAMES,
        "person": chain(*(both for *both, _ in PEOPLE)),
        "animal": chain(*ANIMALS),
        "looks": LOOKS,
        "place": PLACES,
        "company": COMPANY,
        "near": NEAR,
        "encounter": chain(*ENCOUNTERS),
        "reflexive": sorted({word for group in REFLEXIVES.values() for word in group}),
        "possessive": sorted({word for group in POSSESSIVES.values() for word in group}),
        "other": ("the", "a", "some", "two", "who", "will", "in", "."),
    }
    for name, theme in THEMES.items():
        classes[f"{name} verb"] = chain(*theme.verbs)
        classes[name] = chain(theme.mass, *theme.count)
        classes[f"{name} quality"] = theme.qualities
    return {name: list(members) for name, members in classes.items()}


@dataclass(frozen=True)
class Agreement:
    """A place where grammar decides between forms: is the verb singular, who is the reflexive?

    kind       "verb" or "reflexive"
    position   the place of the word in the sentence, from 0
    distance   how many words stand between it and the subject
    right      the words that grammar allows; two for *the teacher* ... *himself*, *herself*
    wrong      the other forms
    misleading whether the last noun before it has another number than the subject
    """

    kind: str
    position: int
    distance: int
    right: tuple
    wrong: tuple
    misleading: bool


VERBS = [*ENCOUNTERS, *(verb for theme in THEMES.values() for verb in theme.verbs)]
OTHER_FORM = {form: other for a, b, _ in VERBS for form, other in ((a, b), (b, a))}
ALL_REFLEXIVES = sorted({word for group in REFLEXIVES.values() for word in group})
SINGULAR_NOUN = {
    **{word: who in SINGULAR for word, who in SUBJECTS.items()},
    **{word: word == one for one, several in ANIMALS for word in (one, several)},
}


def agreements(sentence):
    """The places in a sentence, a text or a list of words, where agreement matters: a list of
    `Agreement`.

    A verb in the past or after *will* has one form for all subjects and is none. Raises
    ValueError for a sentence without a subject.
    """
    sentence = split_words(sentence)
    start = next((i for i, word in enumerate(sentence) if word in SUBJECTS), None)
    if start is None:
        raise ValueError(f"no subject in {' '.join(sentence)!r}")
    person, found, last = SUBJECTS[sentence[start]], [], start
    for i, word in enumerate(sentence):
        if word in SINGULAR_NOUN:
            last = i
        if word in OTHER_FORM and sentence[i - 1] != "will":
            kind, right, wrong = "verb", (word,), (OTHER_FORM[word],)
        elif word in ALL_REFLEXIVES:
            kind, right = "reflexive", REFLEXIVES[person]
            wrong = tuple(other for other in ALL_REFLEXIVES if other not in right)
        else:
            continue
        misleading = SINGULAR_NOUN[sentence[last]] != SINGULAR_NOUN[sentence[start]]
        found.append(Agreement(kind, i, i - start - 1, right, wrong, misleading))
    return found
