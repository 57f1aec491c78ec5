"""The experiments on stacked and on bidirectional layers."""

import numpy as np
import pytest

from course_lib.experiments import both_ends, depth
from course_lib.experiments.manual import in_two
from course_lib.layers import Bidirectional
from course_lib.text import Vocabulary

# --- deeper or wider --------------------------------------------------------------------------


@pytest.mark.parametrize("layers", depth.UNITS)
def test_stacks_have_as_many_units_as_the_budget_allows(layers):
    budget = depth.network("GRU", 1, depth.UNITS[1], 95).count_params()
    units = depth.UNITS[layers]
    assert depth.network("GRU", layers, units, 95).count_params() <= budget
    assert depth.network("GRU", layers, units + 1, 95).count_params() > budget


def test_a_stack_is_measured_after_every_epoch(monkeypatch):
    text = "to be or not to be, that is the question. " * 12
    vocabulary = Vocabulary(sorted(set(text)))
    parts = in_two(vocabulary.encode(text))
    monkeypatch.setattr(depth, "manual_in_two", lambda: (vocabulary, *parts))
    setting = {**depth.SETTINGS[0], "units": 4, "epochs": 2, "batch_size": 2}
    result = depth.run(**setting)
    assert list(result) == ["parameters", "bits_1", "bits_2"]
    assert 0 < result["bits_2"] < result["bits_1"] < np.log2(len(set(text))) + 1


# --- both ends --------------------------------------------------------------------------------


def test_letters_are_words_of_small_letters_between_single_blanks():
    letters = both_ends.letters()
    assert set(letters) == set("abcdefghijklmnopqrstuvwxyz ")
    assert "  " not in letters


def test_vowels_become_gaps():
    assert both_ends.without_vowels("the statement") == "th_ st_t_m_nt"


def test_lines_hold_symbols_and_what_is_missing():
    X, y = both_ends.lines("a bee is", 4)  # two lines of four characters
    assert ["".join(both_ends.VOCABULARY.decode(row)) for row in X] == ["_ b_", "_ _s"]
    np.testing.assert_array_equal(y, [[0, 5, 5, 1], [1, 5, 2, 5]])
    assert both_ends.lines("a bee is i", 4)[0].shape == (2, 4)


def test_accuracy_counts_gaps_only():
    y = np.array([[0, 5, 1], [5, 2, 3]])
    guess = np.array([[0, 0, 1], [0, 2, 4]])
    assert both_ends.accuracy(guess, y) == 0.75


@pytest.mark.parametrize("directions", ["backward", "both"])
def test_a_step_sees_what_its_directions_allow(directions):
    model = both_ends.network(both_ends.layer("GRU", directions, 3))
    model.build((None,))
    X, backward = np.array([[0, 3, 7, 1, 5, 1]]), directions == "backward"
    changed = np.where(np.arange(6) == 3, 4, X)

    def logits(numbers):
        outputs = model.predict(numbers)
        return outputs[:, ::-1] if backward else outputs

    differs = np.abs(logits(X) - logits(changed)).max(axis=(0, 2)) > 1e-7
    expected = [True] * 4 + [not backward] * 2  # the last two have read no step before them
    np.testing.assert_array_equal(differs, expected)
    guess = both_ends.restored(model, X, backward)
    np.testing.assert_array_equal(guess, logits(X)[..., :5].argmax(axis=-1))


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="choose one of backward, both, forward"):
        both_ends.layer("GRU", "sideways", 3)


def test_networks_of_all_directions_and_outputs_have_about_the_same_size():
    sizes = []
    for setting in both_ends.SETTINGS:
        layer = both_ends.layer("GRU", setting["directions"], setting["units"])
        model = both_ends.network(layer, setting["hidden"])
        model.build((None,))
        sizes.append(model.count_params())
        assert isinstance(layer, Bidirectional) == (setting["directions"] == "both")
    assert min(sizes) > 0.95 * max(sizes)


def test_vowels_of_a_repeated_sentence_are_learned(monkeypatch):
    monkeypatch.setattr(both_ends, "python_manual", lambda: "sing a song of six pence. " * 90)
    setting = {**both_ends.SETTINGS[-1], "units": 8, "time": 6, "batch_size": 8}
    result = both_ends.run(**setting)
    assert set(result) == {"parameters", "accuracy", "right"}
    assert result["accuracy"] > 0.6


def test_right_answers_are_counted_in_whole_stretches():
    right = np.zeros(2 * both_ends.STRETCH + 100, dtype=int)
    right[[0, both_ends.STRETCH - 1, both_ends.STRETCH, -1]] = 1
    assert both_ends.per_stretch(right).tolist() == [2, 1]
