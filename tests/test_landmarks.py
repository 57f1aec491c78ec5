"""The table of published results, and the verdicts on them."""

from pathlib import Path

import pytest

from course_lib import experiments, landmarks
from course_lib.landmarks import DIFFERS, LANDMARKS, REFUTED, REPRODUCED, apart, values, verdict

README = Path(__file__).parent.parent / "README.md"


def test_there_are_a_dozen_landmarks_and_more():
    assert len(LANDMARKS) >= 12
    assert all(each.experiment in experiments.EXPERIMENTS for each in LANDMARKS)


def test_readme_shows_the_table_as_it_is():
    assert "\n".join(landmarks.table()) in README.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("shown", "opposite", "expected"),
    [(True, False, REPRODUCED), (False, True, REFUTED), (False, False, DIFFERS)],
)
def test_what_is_neither_shown_nor_its_opposite_differs(shown, opposite, expected):
    assert verdict(shown, opposite) == expected


def test_seeds_that_overlap_are_not_apart():
    assert apart([1, 2], [3, 4])
    assert not apart([1, 3], [2, 4])


def test_a_landmark_whose_rows_are_missing_says_which():
    rows = [{"architecture": "GRU", "length": 20, "solved": True}]
    with pytest.raises(ValueError, match="no row with .*'LSTM'"):
        values(rows, "solved", architecture="LSTM")


@pytest.mark.parametrize("each", LANDMARKS, ids=lambda each: each.measure.__name__)
def test_each_landmark_has_figures_and_a_verdict(each):
    here, outcome = each.measure(experiments.results(each.experiment))
    assert any(character.isdigit() for character in here)
    assert outcome in (REPRODUCED, DIFFERS, REFUTED)


def test_a_forget_gate_that_is_not_missed_refutes_its_landmark():
    rows = [
        {"variant": variant, "error": error}
        for variant, error in [("vanilla", 0.2), ("vanilla", 0.3), ("NFG", 0.1), ("NFG", 0.15)]
    ]
    assert landmarks.forget_gate(rows)[1] == REFUTED
