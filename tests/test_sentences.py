"""Little English: its grammar, exact probabilities, entropy, words; and the figures of words."""

from collections import Counter, defaultdict
from functools import lru_cache

import numpy as np
import pytest

from course_lib import plots, tasks
from course_lib.baselines import NGram
from course_lib.tasks import Grammar, agreements, little_english, word_classes
from course_lib.text import Vocabulary


@lru_cache(maxsize=1)
def derivations():
    return little_english().derivations(20000, seed=5)


def grammar(**rules):
    """A grammar from lists of (probability, text): capitals are nonterminals, S the start."""
    ways = {(name,): ways for name, ways in rules.items()}

    def symbols(text):
        return [(s,) if s.isupper() else s for s in text.split()]

    return Grammar(("S",), lambda symbol: [(p, symbols(text)) for p, text in ways[symbol]])


BRACKETS = grammar(S=[(1.0, "X .")], X=[(0.7, "x"), (0.3, "( X X )")])


# --- grammars in general ------------------------------------------------------------------


def test_a_fair_coin_has_one_bit():
    coin = grammar(S=[(0.5, "heads ."), (0.5, "tails .")])
    assert coin.entropy == pytest.approx(1)
    assert coin.mean_length == pytest.approx(2)
    assert coin.rate == pytest.approx(0.5)
    assert coin.words == [".", "heads", "tails"]


def test_entropy_and_length_of_a_recursive_grammar():
    # h = H(0.3) + 2 * 0.3 h and l = 0.7 + 0.3 * (2 + 2 l), then the period.
    choice = -0.7 * np.log2(0.7) - 0.3 * np.log2(0.3)
    assert BRACKETS.entropy == pytest.approx(choice / 0.4)
    assert BRACKETS.mean_length == pytest.approx(1.3 / 0.4 + 1)


def test_probabilities_of_the_next_word_use_all_that_came_before():
    assert BRACKETS.next_words() == pytest.approx({"x": 0.7, "(": 0.3})
    assert BRACKETS.next_words("( x") == pytest.approx({"x": 0.7, "(": 0.3})
    assert BRACKETS.next_words("( x x") == {")": 1.0}
    assert BRACKETS.next_words("( x x )") == {".": 1.0}
    assert BRACKETS.next_words("( x x ) .") == {}


def test_a_prefix_with_several_derivations_adds_them_up():
    ambiguous = grammar(S=[(0.5, "a b ."), (0.25, "a c ."), (0.25, "A d .")], A=[(1.0, "a")])
    assert ambiguous.next_words() == {"a": 1.0}
    assert ambiguous.next_words(["a"]) == {"b": 0.5, "c": 0.25, "d": 0.25}


def test_a_part_that_may_be_missing():
    maybe = grammar(S=[(1.0, "A b .")], A=[(0.6, ""), (0.4, "a")])
    assert maybe.next_words() == pytest.approx({"b": 0.6, "a": 0.4})
    assert maybe.next_words(["a"]) == {"b": 1.0}


def test_a_word_that_cannot_follow_is_refused():
    with pytest.raises(ValueError, match=r"no sentence of the grammar has '\)' after '\( x'"):
        BRACKETS.bits("( x ) .")
    with pytest.raises(ValueError, match="has 'x' after 'x .'"):
        BRACKETS.bits("x . x")


def test_words_come_as_a_list_or_as_a_text():
    assert BRACKETS.next_words(["(", "x"]) == BRACKETS.next_words("( x")
    np.testing.assert_array_equal(BRACKETS.bits(["x", "."]), BRACKETS.bits("x ."))


def test_a_seed_decides_the_sample():
    assert BRACKETS.sample(50, seed=3) == BRACKETS.sample(50, seed=3)
    assert BRACKETS.sample(50, seed=3) != BRACKETS.sample(50, seed=4)
    with pytest.raises(ValueError, match="num_samples"):
        BRACKETS.sample(0)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"S": [(0.5, "a ."), (0.4, "b .")]}, "sum to 1, got 0.9"),
        ({"S": [(1.5, "a ."), (-0.5, "b .")]}, "positive"),
        ({"S": [(0.5, "S a"), (0.5, "b")]}, "begin with itself"),
        ({"S": [(0.5, "E T"), (0.5, "b")], "E": [(1, "")], "T": [(1, "S a")]}, "begin with itself"),
        ({"S": [(0.6, "( S S )"), (0.4, "x")]}, "do not end"),
    ],
)
def test_a_grammar_that_makes_no_sense_is_refused(rules, message):
    with pytest.raises(ValueError, match=message):
        grammar(**rules)


# --- little English -----------------------------------------------------------------------


def test_entropy_per_word_agrees_with_monte_carlo():
    bits = np.array([bits for _, bits in derivations()])
    lengths = np.array([len(words) for words, _ in derivations()])
    exact = little_english()
    assert bits.mean() == pytest.approx(exact.entropy, abs=4 * bits.std() / len(bits) ** 0.5)
    assert lengths.mean() == pytest.approx(
        exact.mean_length, abs=4 * lengths.std() / len(bits) ** 0.5
    )
    assert bits.sum() / lengths.sum() == pytest.approx(exact.rate, abs=0.01)


def test_the_entropy_is_what_the_chapter_says():
    assert little_english().rate == pytest.approx(2.4766, abs=1e-4)
    assert len(little_english().words) == 204
    assert len(little_english().rules) == 51


def test_every_sentence_has_one_derivation():
    # The oracle adds all derivations up; the sample knows the one it was drawn by.
    for words, bits in derivations()[:3000]:
        assert little_english().bits(words).sum() == pytest.approx(bits, abs=1e-9)


def test_probabilities_of_next_words_sum_to_1():
    for words, _ in derivations()[:100]:
        for i in range(len(words)):
            following = little_english().next_words(words[:i])
            assert sum(following.values()) == pytest.approx(1)
            assert min(following.values()) > 0
            assert words[i] in following


def test_the_bits_of_a_word_are_those_of_its_probability():
    sentence = ["yesterday", "i", "ate", "some", "soup", "."]
    bits = little_english().bits(sentence)
    for i, word in enumerate(sentence):
        following = little_english().next_words(sentence[:i])
        assert bits[i] == pytest.approx(-np.log2(following[word]))


def test_next_words_agree_with_how_often_they_follow():
    first = Counter(words[0] for words, _ in derivations())
    for word, p in little_english().next_words().items():
        assert first[word] / 20000 == pytest.approx(p, abs=4 * (p / 20000) ** 0.5)


def test_after_i_ate_comes_food():
    food = {*word_classes()["food"]}
    following = little_english().next_words("i ate")
    assert {*following} == {"some", "the", "two", "a"} | {w for w in food if w in following}
    for before in "some", "the", "two", "a fresh":
        after = {*little_english().next_words(f"i ate {before}")}
        assert after <= food | {*word_classes()["food quality"]}


def test_only_the_first_word_tells_the_tense():
    def verbs(prefix):
        words = little_english().next_words(prefix.split())
        return {form for form in ("eat", "eats", "ate", "will") if form in words}

    long = "the queen who saw the horses near the boys"
    assert verbs(f"yesterday {long}") == {"ate"}
    assert verbs(f"today {long}") == {"eats"}
    assert verbs(f"tomorrow {long}") == {"will"}
    assert verbs(long) == {"eats", "ate", "will"}


@pytest.mark.parametrize(
    ("subject", "reflexives"),
    [
        ("i", {"myself"}),
        ("the king near the girls", {"himself"}),
        ("the women who saw the king", {"themselves"}),
        ("the teacher", {"himself", "herself"}),
    ],
)
def test_a_reflexive_looks_back_at_the_subject(subject, reflexives):
    following = little_english().next_words(f"yesterday {subject} helped")
    assert {*following} == reflexives | {"the"}
    assert sum(p for word, p in following.items() if word != "the") == pytest.approx(0.6)


def test_no_article_comes_before_the_wrong_sound():
    starts = defaultdict(set)
    for words, _ in derivations():
        for word, after in zip(words, words[1:]):
            starts[word].add(after[0])
    assert not starts["a"] & set("aeiou")


def test_every_word_has_one_class():
    classes = word_classes()
    listed = [word for members in classes.values() for word in members]
    assert sorted(listed) == little_english().words


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("today the boy near the dogs eats soup .", ("verb", 6, 3, ("eats",), ("eat",), True)),
        ("usually we drink tea .", ("verb", 2, 0, ("drink",), ("drinks",), False)),
        ("the girls who saw the boys wear hats .", ("verb", 6, 4, ("wear",), ("wears",), False)),
    ],
)
def test_where_a_verb_must_agree(sentence, expected):
    (found,) = agreements(sentence)
    assert (*vars(found).values(),) == expected


def test_where_a_reflexive_must_agree():
    (found,) = agreements("soon the teacher with the cat will see himself .")
    assert (found.kind, found.position, found.distance) == ("reflexive", 8, 5)
    assert found.right == ("himself", "herself")
    assert found.wrong == ("myself", "ourselves", "themselves")


def test_verb_and_reflexive_are_both_found():
    kinds = [a.kind for a in agreements("today the queens like themselves .")]
    assert kinds == ["verb", "reflexive"]


def test_the_past_and_the_future_agree_with_everybody():
    assert agreements("the king ate rice .") == []
    assert agreements("the king will eat rice .") == []
    with pytest.raises(ValueError, match="no subject in 'near the'"):
        agreements(["near", "the"])


def test_a_right_form_is_possible_and_a_wrong_one_is_not():
    for words, _ in derivations()[:1000]:
        for place in agreements(words):
            possible = little_english().next_words(words[: place.position])
            assert words[place.position] in place.right
            assert all(form in possible for form in place.right)
            assert not any(form in possible for form in place.wrong)


def test_ngrams_stay_above_the_oracle():
    vocabulary = Vocabulary(little_english().words)
    words = [words for words, _ in derivations()]
    train = [vocabulary.encode(sentence) for sentence in words[:6000]]
    test = words[-500:]
    oracle = np.concatenate([little_english().bits(sentence) for sentence in test]).mean()
    bits = []
    for n in (1, 2, 3):
        ngram = NGram(n, len(vocabulary)).fit(train)
        bits.append(np.concatenate([ngram.bits(vocabulary.encode(s)) for s in test]).mean())
    assert bits[0] > bits[1] > bits[2] > oracle + 0.05


def test_the_grammar_is_built_once():
    assert tasks.little_english() is little_english()


# --- figures ------------------------------------------------------------------------------


def test_a_word_map_writes_only_words_that_have_room():
    words = ["soup", "bread", "tea"]
    places = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    classes = {"food": ["soup", "bread"], "drinks": ["tea", "gin"]}
    (ax,) = plots.word_map({"input": places}, words, classes).axes
    written = {text.get_text() for text in ax.texts}
    assert "tea" in written
    with pytest.raises(ValueError, match=r"input: places must be \(3, 2\)"):
        plots.word_map({"input": places[:2]}, words, classes)


def test_next_words_are_those_of_the_first_distribution():
    figure = plots.next_words({"truth": {"a": 0.2, "b": 0.8}, "GRU": {"c": 1.0}})
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["b", "a"]
    assert [bar.get_height() for bar in ax.patches] == [0.8, 0.2, 0, 0]


def test_a_line_over_distance_goes_through_the_medians():
    figure = plots.over_distance({"GRU": {3: [0.7, 0.9, 1.0], 0: [1.0]}}, "distance", "accuracy")
    line, *_ = figure.axes[0].lines
    np.testing.assert_array_equal(line.get_xdata(), [0, 3])
    np.testing.assert_array_equal(line.get_ydata(), [1.0, 0.9])


def test_a_dashed_line_over_distance_is_level_or_has_a_height_for_each():
    for height, expected in ((0.5, [0.5, 0.5]), ({3: 0.4, 0: 0.2}, [0.2, 0.4])):
        figure = plots.over_distance({"GRU": {0: 1, 3: 1}}, "d", "accuracy", ("dull", height))
        *_, dashed = figure.axes[0].lines
        assert dashed.get_label() == "dull"
        np.testing.assert_array_equal(dashed.get_ydata(), expected)
