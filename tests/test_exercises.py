"""Every check of every exercise is proven: on its solution, on other right answers, on mistakes."""

import importlib
import re
from pathlib import Path

import nbformat
import pytest

from course_lib.exercises import EXERCISES, check, grade, make
from course_lib.exercises.registry import hint, hints_given
from course_lib.exercises.verdict import MIME, NOT_ATTEMPTED, NOT_YET, RIGHT

CHAPTERS = Path(__file__).parent.parent / "chapters"
SOLUTIONS = sorted((CHAPTERS / "solutions").glob("*.ipynb"))
NUMBERS = sorted({number[:2] for number in EXERCISES})
ANSWERS = {n: importlib.import_module(f"tests.answers.ch{n}") for n in NUMBERS}

every_solution = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


def given(answer):
    return answer if isinstance(answer, tuple) else (answer,)


def cases(kind):
    return [
        pytest.param(number, case, id=f"{number}-{i}")
        for number in EXERCISES
        for i, case in enumerate(getattr(ANSWERS[number[:2]], kind).get(number, []))
    ]


@pytest.mark.parametrize("number, answer", cases("RIGHT"))
def test_a_right_answer_is_right_however_it_is_written(number, answer):
    verdict = check(number, *given(answer))
    assert (verdict.state, verdict.message) == (RIGHT, "")


@pytest.mark.parametrize("number, case", cases("MISTAKES"))
def test_a_typical_mistake_is_named(number, case):
    answer, words = case
    verdict = check(number, *given(answer))
    assert verdict.state == NOT_YET
    assert words in verdict.message


NAMED = [
    pytest.param(number, i, sentence, id=f"{number}-{i}-{k}")
    for number, exercise in EXERCISES.items()
    for i, question in enumerate(exercise.questions)
    for k, sentence in enumerate(question.mistakes)
]


def verdict_with(number, i=None, function=None):
    """The verdict if one of the answers is `function`, and the others are our own right ones."""
    answers = [question.right for question in EXERCISES[number].questions]
    if i is not None:
        answers[i] = function
    return check(number, *answers)


@pytest.mark.parametrize("number, i, sentence", NAMED)
def test_each_mistake_has_its_own_sentence(number, i, sentence):
    wrong = EXERCISES[number].questions[i].mistakes[sentence]
    assert verdict_with(number, i, wrong).message == sentence


@pytest.mark.parametrize("number", [n for n, e in EXERCISES.items() if e.questions])
def test_our_own_answers_are_right(number):
    assert verdict_with(number).message == ""


@pytest.mark.parametrize("number", EXERCISES)
def test_every_exercise_has_three_mistakes_another_right_answer_and_hints(number):
    answers = ANSWERS[number[:2]]
    assert len({words for _, words in answers.MISTAKES[number]}) >= 3
    assert answers.RIGHT[number]
    assert EXERCISES[number].hints
    assert all(text.endswith((".", "?", "`")) for text in EXERCISES[number].hints)


@pytest.mark.parametrize("number", EXERCISES)
def test_every_hint_can_be_shown(number, capsys):
    for text in EXERCISES[number].hints:
        hint(number)
        assert text in capsys.readouterr().out
    hints_given.clear()


# --- notebooks ------------------------------------------------------------------------------


def read(path):
    return nbformat.read(path, as_version=4)


def checks_in(book):
    """The numbers of the exercises checked in a notebook, in order."""
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    return re.findall(r'^check\("([^"]+)"', code, flags=re.MULTILINE)


@every_solution
def test_the_committed_exercises_are_made_from_the_solutions(path):
    made, committed = make.exercise_of(read(path)), read(CHAPTERS / "exercises" / path.name)
    assert nbformat.writes(made) == nbformat.writes(committed)


def test_there_is_no_exercise_without_a_solution():
    exercises = sorted(path.name for path in (CHAPTERS / "exercises").glob("*.ipynb"))
    assert exercises == [path.name for path in SOLUTIONS]


@every_solution
def test_a_notebook_checks_each_exercise_of_its_chapter_once_and_in_order(path):
    numbers = [number for number in EXERCISES if number.startswith(path.name[:2])]
    assert checks_in(read(path)) == numbers
    assert 4 <= len(numbers) <= 6


@every_solution
def test_a_notebook_says_in_its_outputs_what_its_checks_said(path):
    """nbval compares these outputs with new ones: cells that check are tagged for it."""
    for folder, state in [("solutions", RIGHT), ("exercises", NOT_ATTEMPTED)]:
        book = read(CHAPTERS / folder / path.name)
        found = []
        for cell in book.cells:
            for output in cell.get("outputs", []):
                if MIME in output.get("data", {}):
                    assert "nbval-check-output" in cell.metadata.tags
                    found.append(output.data[MIME]["exercise"])
                    assert output.data[MIME]["state"] == state
        assert found == checks_in(book)


@every_solution
def test_no_solution_is_left_in_an_exercise(path):
    for cell in read(CHAPTERS / "exercises" / path.name).cells:
        assert "SOLUTION" not in cell.source


def test_every_chapter_with_exercises_links_to_them():
    for path in SOLUTIONS:
        prose = "\n".join(c.source for c in read(CHAPTERS / path.name).cells)
        assert f"exercises/{path.name}" in prose, path.name


# --- grading --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def my_work(tmp_path_factory):
    """A learner's folder: a fresh copy, a solved one, and broken ones."""
    folder = tmp_path_factory.mktemp("my_work")
    first, second, third, fourth, *_ = SOLUTIONS
    book = read(CHAPTERS / "exercises" / first.name)
    nbformat.write(book, folder / first.name)
    (folder / second.name).write_text('{"cells": [')
    book = read(CHAPTERS / "exercises" / third.name)
    book.cells = [c for c in book.cells if not checks_in(nbformat.v4.new_notebook(cells=[c]))]
    nbformat.write(book, folder / third.name)
    nbformat.write(read(fourth), folder / fourth.name)
    return folder


def states(verdicts):
    return [verdict.state for verdict in verdicts]


def test_a_fresh_copy_is_not_attempted(my_work):
    verdicts = grade.grade(my_work / SOLUTIONS[0].name)
    assert set(states(verdicts)) == {NOT_ATTEMPTED}
    assert [v.exercise for v in verdicts] == [n for n in EXERCISES if n.startswith("00")]


def test_a_solved_copy_is_right(my_work):
    assert set(states(grade.grade(my_work / SOLUTIONS[3].name))) == {RIGHT}


def test_a_file_that_is_no_notebook_is_reported(my_work):
    (verdict,) = grade.grade(my_work / SOLUTIONS[1].name)
    assert verdict.state == NOT_YET and "is no notebook any more" in verdict.message


def test_deleted_checks_are_reported(my_work):
    verdicts = grade.grade(my_work / SOLUTIONS[2].name)
    assert set(states(verdicts)) == {NOT_ATTEMPTED}
    assert all("missing from the notebook" in v.message for v in verdicts)


def test_grading_goes_on_after_a_broken_notebook(my_work, capsys):
    assert grade.main(folder=my_work) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any("is no notebook any more" in line for line in lines)
    assert any(line.startswith("✔ 03.") for line in lines)


def test_only_what_is_right_is_a_success(my_work, capfd):
    assert grade.main("03", folder=my_work) == 0
    assert grade.main("00", folder=my_work) == 1
    assert not capfd.readouterr().err


def test_nothing_to_grade_says_how_to_begin(tmp_path, capsys):
    assert grade.main(folder=tmp_path) == 2
    assert "course.py start" in capsys.readouterr().out
