"""Every check of every exercise is proven: on its solution, on other right answers, on mistakes."""

import importlib
import io
import json
import re
import sys
import warnings
from pathlib import Path
from unittest import mock

import hypothesis
import nbformat
import pytest
from hypothesis import strategies as st

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
    assert 4 <= len(numbers) <= 7


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
    """A learner's folder: a broken notebook, a solved one, one without checks, a fresh copy."""
    folder = tmp_path_factory.mktemp("my_work")
    broken, solved, unchecked, fresh, *_ = SOLUTIONS
    (folder / broken.name).write_text('{"cells": [')
    nbformat.write(read(solved), folder / solved.name)
    book = read(CHAPTERS / "exercises" / unchecked.name)
    book.cells = [c for c in book.cells if not checks_in(nbformat.v4.new_notebook(cells=[c]))]
    nbformat.write(book, folder / unchecked.name)
    nbformat.write(read(CHAPTERS / "exercises" / fresh.name), folder / fresh.name)
    return folder


def states(verdicts):
    return [verdict.state for verdict in verdicts]


def test_a_fresh_copy_is_not_attempted(my_work):
    verdicts = grade.grade(my_work / SOLUTIONS[3].name)
    assert set(states(verdicts)) == {NOT_ATTEMPTED}
    assert [v.exercise for v in verdicts] == [n for n in EXERCISES if n.startswith("03")]


def test_a_solved_copy_is_right(my_work):
    assert set(states(grade.grade(my_work / SOLUTIONS[1].name))) == {RIGHT}


def test_a_file_that_is_no_notebook_is_reported(my_work):
    (verdict,) = grade.grade(my_work / SOLUTIONS[0].name)
    assert verdict.state == NOT_YET and "is no notebook any more" in verdict.message


def test_deleted_checks_are_reported(my_work):
    verdicts = grade.grade(my_work / SOLUTIONS[2].name)
    assert set(states(verdicts)) == {NOT_ATTEMPTED}
    assert all("missing from the notebook" in v.message for v in verdicts)


def test_grading_goes_on_after_a_broken_notebook(my_work, capsys):
    assert grade.main(folder=my_work) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any("is no notebook any more" in line for line in lines)
    assert any(line.startswith("✔ 01.") for line in lines)


def test_only_what_is_right_is_a_success(my_work, capfd):
    assert grade.main("01", folder=my_work) == 0
    assert grade.main("02", folder=my_work) == 1
    assert not capfd.readouterr().err


def book_of(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])


def test_an_answer_that_is_no_python_is_not_graded_by_an_older_one(tmp_path):
    solution = read(SOLUTIONS[0])
    number, *others = [n for n in EXERCISES if n.startswith("00")]
    (i,) = [i for i, c in enumerate(solution.cells) if f'check("{number}"' in c.source]
    solution.cells.insert(i, nbformat.v4.new_code_cell("def answer(:"))
    nbformat.write(solution, tmp_path / "00_x.ipynb")
    first, *rest = grade.grade(tmp_path / "00_x.ipynb")
    assert (first.exercise, first.state) == (number, NOT_YET)
    assert "is no Python" in first.message and "SyntaxError" in first.message
    assert set(states(rest)) == {RIGHT}


def test_checks_run_in_the_courses_own_python_whatever_jupyter_calls_python3(tmp_path, monkeypatch):
    kernel = tmp_path / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text('{"argv": ["/bin/false"], "display_name": "x", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    book = book_of("import sys; print(sys.executable)")
    grade.execute(book, tmp_path)
    assert book.cells[0].outputs[0].text.strip() == sys.executable


def test_a_notebook_with_a_byte_order_mark_is_read(tmp_path):
    text = nbformat.writes(book_of("1"))
    (tmp_path / "00_x.ipynb").write_text(text, encoding="utf-8-sig")
    assert grade.read(tmp_path / "00_x.ipynb").cells[0].source == "1"


def test_an_output_that_has_not_the_symbols_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "02_x.ipynb").write_text("")
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert grade.main("02", tmp_path) == 1
    terminal.flush()
    assert terminal.buffer.getvalue().startswith(b"? 02")


def test_a_chapter_may_have_one_digit(tmp_path, capsys):
    (tmp_path / "03_x.ipynb").write_text("")
    assert grade.main("3", tmp_path) == 1
    assert "03_x.ipynb is no notebook" in capsys.readouterr().out


@pytest.mark.parametrize("chapter", ["12", "*", "x/../"])
def test_a_chapter_without_exercises_gives_the_choices(tmp_path, capsys, chapter):
    assert grade.main(chapter, tmp_path) == 2
    assert f"no exercises for chapter {chapter}; choose one of 00, 01" in capsys.readouterr().out


VERDICT = {"exercise": "00.1", "state": RIGHT, "message": ""}


def book_that_shows(values):
    """A notebook with a cell that is not run, and in its outputs a verdict."""
    output = nbformat.v4.new_output("execute_result", {MIME: values})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])


def test_outputs_stored_in_a_notebook_do_not_count(tmp_path):
    nbformat.write(book_that_shows(VERDICT), tmp_path / "00_x.ipynb")
    with mock.patch.object(grade, "execute"):
        assert set(states(grade.grade(tmp_path / "00_x.ipynb"))) == {NOT_ATTEMPTED}


DAMAGED = {
    "no dict": ([], r"dict of texts, exercise, state, message, got \[\]"),
    "a key missing": ({"exercise": "00.1", "state": RIGHT}, "a verdict is a dict of texts"),
    "a key too many": ({**VERDICT, "points": "5"}, "a verdict is a dict of texts"),
    "no text": ({**VERDICT, "exercise": ["00.1"]}, "a verdict is a dict of texts"),
    "no state": ({**VERDICT, "state": "best"}, "one of right, not yet, not attempted, got 'best'"),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_verdict_is_told_in_the_place_of_the_exercises(fault, tmp_path):
    values, words = DAMAGED[fault]
    nbformat.write(book_of(""), tmp_path / "00_x.ipynb")

    def execute(book, folder):
        book.cells = book_that_shows(values).cells

    with mock.patch.object(grade, "execute", execute):
        (verdict,) = grade.grade(tmp_path / "00_x.ipynb")
    assert verdict.state == NOT_YET
    assert re.search(f"00_x.ipynb shows a verdict that is none of a check: .*{words}", str(verdict))


KEYS = ["cells", "metadata", "nbformat", "nbformat_minor", "cell_type", "source", "outputs", "id"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("code"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
)


def containers(value):
    """All lists and dicts in some JSON that have something in them."""
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)) or not inner:
        return []
    return [value] + [found for each in inner for found in containers(each)]


@st.composite
def changed_notebooks(draw):
    """A notebook with a cell of each kind, in which some values are others or gone."""
    cells = [nbformat.v4.new_markdown_cell("a"), nbformat.v4.new_raw_cell("b")]
    book = book_that_shows(VERDICT)
    book.cells += [*cells, *book_of('check("00.1", f)').cells]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(containers(book)))
        key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if draw(st.booleans()):
            del place[key]
        else:
            place[key] = draw(JSON)
    return json.dumps(book).encode()


@hypothesis.settings(deadline=None, max_examples=200)
@hypothesis.given(
    st.binary()
    | changed_notebooks()
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(JSON).map(
        lambda cells: json.dumps({**nbformat.v4.new_notebook(), "cells": cells}).encode()
    )
)
@hypothesis.example(b"[" * 100_000)
def test_any_bytes_give_verdicts(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "00_any.ipynb"
    path.write_bytes(content)
    with warnings.catch_warnings(), mock.patch.object(grade, "execute"):
        warnings.simplefilter("ignore")  # nbformat has some to say about repaired notebooks
        assert NOT_YET in states(grade.grade(path)) or grade.read(path).nbformat == 4


def test_nothing_to_grade_says_how_to_begin(tmp_path, capsys):
    (tmp_path / "99_notes.ipynb").write_text("")  # of no chapter
    assert grade.main(folder=tmp_path) == 2
    assert "course.py start" in capsys.readouterr().out
