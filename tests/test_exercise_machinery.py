"""The machinery of the exercises: it survives any answer and says what is wrong with it."""

import contextlib
import re
import signal
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.backend import T
from course_lib.exercises import answer, check, hint, make, registry
from course_lib.exercises.question import Question
from course_lib.exercises.registry import exercise, former
from course_lib.exercises.report import quotes, reason
from course_lib.exercises.verdict import MIME, NOT_ATTEMPTED, NOT_YET, RIGHT


@pytest.fixture
def double(monkeypatch):
    """Exercise "t.1": a function that returns two times its argument."""
    monkeypatch.setattr(registry, "EXERCISES", {})
    monkeypatch.setattr(registry, "FORMER", {})
    monkeypatch.setattr(registry, "hints_given", {})
    mistakes = {
        "this is the square of x": np.square,
        "only numbers below 1 are doubled": lambda x: np.where(x < 1, 2 * x, x),
        "only numbers below 2 are doubled": lambda x: np.where(x < 2, 2 * x, x),
        "this is an error": lambda x: x.no_such_thing,
    }
    cases = np.array([0.3, -1.5, 1.5]), np.array([[2.5, 1.0, 1.5], [0.2, 0.4, 1.1]])
    exercise(
        "t.1",
        Question(lambda x: 2 * x, lambda rng: [(x + 0.1 * rng.random(),) for x in cases], mistakes),
        hints=["Think of addition.", "x + x"],
    )
    return "t.1"


# --- answers of all kinds --------------------------------------------------------------------


def in_place(x):
    x *= 2
    return x


def chatty(x):
    for _ in range(10_000):
        print(x)
    return 2 * x


def exits(x):
    raise SystemExit


RIGHT_ANSWERS = {
    "lambda": lambda x: 2 * x,
    "float32": lambda x: (2 * x).astype("float32"),
    "list": lambda x: (2 * x).tolist(),
    "Theano": lambda x: 2 * T.as_tensor_variable(x),
    "ufunc": lambda x: np.add(x, x),
    "prints a little": lambda x: print("ok") or 2 * x,
}

WRONG_ANSWERS = {
    "known mistake": (lambda x: x**2, "this is the square of x"),
    "unknown mistake": (lambda x: 2 * x + 1, "but should be"),
    "raises": (lambda x: x.no_such_thing, "stops with AttributeError.*no_such_thing"),
    "raises a long message": (lambda x: 1 / 0 if x is None else int("9" * 999 + "a"), r"\.\.\."),
    "wrong signature": (lambda: 1, "takes 0 positional arguments but 1 was given"),
    "None": (lambda x: None, "returns None"),
    "text": (lambda x: "twice", "must be an array of numbers, got str"),
    "object": (lambda x: object(), "must be an array of numbers, got object"),
    "ragged list": (lambda x: [1, [2, 3]], "must be an array of numbers"),
    "complex": (lambda x: 2j * x, "must be an array of numbers"),
    "shape": (lambda x: np.zeros(7), r"must have shape \(3,\), got \(7,\)"),
    "NaN": (lambda x: x * np.nan, "contains NaN"),
    "infinity": (lambda x: x / 0, "contains NaN or infinity"),
    "changes its input": (in_place, "changes its argument number 1"),
    "prints a lot": (chatty, "prints a lot"),
    "exits": (exits, "stops with SystemExit"),
    "a value": (3.0, "hand in a function, got float"),
    "constant": (lambda x: np.zeros_like(x), "but should be"),
    "a Theano input": (lambda x: 2 * T.matrix("m"), "cannot be computed"),
}


@pytest.mark.parametrize("name", RIGHT_ANSWERS)
def test_right_however_it_is_written(name, double):
    verdict = check(double, RIGHT_ANSWERS[name])
    assert (verdict.state, verdict.message) == (RIGHT, "")


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_not_yet_with_one_sentence(name, double, capsys):
    given, sentence = WRONG_ANSWERS[name]
    verdict = check(double, given)
    assert verdict.state == NOT_YET
    assert re.search(sentence, verdict.message), verdict.message
    assert "\n" not in verdict.message and len(verdict.message) < 400
    assert not capsys.readouterr().out


def stub(x):
    raise NotImplementedError


@pytest.mark.parametrize(
    "given", [..., None, stub, lambda x: ...], ids=["...", "None", "stub", "f"]
)
def test_not_attempted(given, double):
    assert check(double, given).state == NOT_ATTEMPTED


@pytest.mark.parametrize("given, state", [(np.ones(3, bool), RIGHT), (np.eye(3)[0] > 0, NOT_YET)])
def test_answers_of_yes_and_no_are_compared(given, state, monkeypatch):
    monkeypatch.setattr(registry, "EXERCISES", {})
    exercise("t.3", Question(lambda: np.ones(3, bool), lambda rng: [()]), hints=["none"])
    verdict = check("t.3", lambda: given)
    assert verdict.state == state and "cannot be checked" not in verdict.message


@pytest.mark.parametrize("system", ["this one", "without timers"])
def test_an_endless_loop_is_stopped(double, monkeypatch, system):
    monkeypatch.setattr(registry, "TIME_LIMIT", 0.2)
    if system == "without timers":  # Windows
        if sys.version_info < (3, 10):
            pytest.skip("the course does not run on such a system with this Python")
        monkeypatch.delattr(signal, "setitimer", raising=False)

    def endless(x):
        while True:
            with contextlib.suppress(Exception):
                x = np.add(x, 1)

    verdict = check(double, endless)
    assert verdict.state == NOT_YET and "more than 0.2 seconds" in verdict.message


def test_waiting_for_another_process_is_no_endless_loop(double, monkeypatch):
    monkeypatch.setattr(registry, "TIME_LIMIT", 0.2)

    def waits(x):
        subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)
        return 2 * x

    assert check(double, waits).state == RIGHT


def test_a_check_that_stumbles_over_an_answer_says_so(monkeypatch):
    monkeypatch.setattr(registry, "EXERCISES", {})
    exercise("t.2", hints=["none"], test=lambda given, rng: given.given.no_such_thing())
    verdict = check("t.2", 3)
    assert verdict.state == NOT_YET and "cannot be checked (AttributeError" in verdict.message


def test_an_unknown_exercise_is_answered_with_the_known_ones(double):
    with pytest.raises(ValueError, match="unknown exercise 't.9'; choose one of t.1"):
        check("t.9", 1)
    with pytest.raises(ValueError, match="unknown exercise 't.9'; choose one of t.1"):
        hint("t.9")


def test_each_check_draws_new_inputs(double):
    seen = []
    for _ in range(2):
        check(double, lambda x: seen.append(x) or 2 * x)
    assert not np.array_equal(seen[0], seen[2])


# --- mistakes --------------------------------------------------------------------------------


def test_a_mistake_that_shows_in_a_later_case_alone_is_named(double):
    verdict = check(double, lambda x: np.where(x < 2, 2 * x, x))
    assert verdict.message == "only numbers below 2 are doubled"


def test_two_mistakes_that_agree_at_first_are_told_apart_by_later_cases(monkeypatch):
    monkeypatch.setattr(registry, "EXERCISES", {})
    mistakes = {"times 3": lambda x: 3 * x, "plus 2": lambda x: x + 2}
    called = {"names": lambda x: [f"f({x})"]}  # the later cases have names of their own
    question = Question(lambda x: 2 * x, lambda rng: [(1,), (5,)], mistakes, **called)
    exercise("t.4", question, hints=["none"])
    assert check("t.4", mistakes["plus 2"]).message == "plus 2"
    assert check("t.4", lambda x: x).message == "f(1) is 1, but should be 2"
    assert check("t.4", lambda x: 3 if x == 1 else 1 / 0).message == "times 3"
    assert check("t.4", lambda x: 3 if x == 1 else 0).message == "times 3"


def test_what_is_compared_can_be_another_thing_than_the_result(monkeypatch):
    """Here the function that is returned: it is called."""
    monkeypatch.setattr(registry, "EXERCISES", {})
    question = Question(
        lambda n: lambda x: x**n,
        lambda rng: [(2,), (3,)],
        {"n is a factor, not a power": lambda n: lambda x: n * x},
        look=lambda made, n: made(np.arange(4)),
    )
    exercise("t.5", question, hints=["none"])
    assert check("t.5", lambda n: lambda x: np.power(x, n)).state == RIGHT
    assert check("t.5", lambda n: lambda x: x * n).message == "n is a factor, not a power"


def test_a_text_is_compared_character_by_character(monkeypatch):
    monkeypatch.setattr(registry, "EXERCISES", {})
    question = Question(
        lambda text: np.array(list(text.upper())),
        lambda rng: [("ab",)],
        {"the text runs backward": lambda text: np.array(list(text.upper()[::-1]))},
    )
    exercise("t.6", question, hints=["none"])
    assert check("t.6", lambda text: list(text.upper())).state == RIGHT
    assert check("t.6", lambda text: list("BA")).message == "the text runs backward"
    assert check("t.6", list).message == "your result is 'ab', but should be 'AB'"
    assert "must be an array of numbers" in check("t.6", lambda text: {1: 2}).message


def test_every_answer_that_is_asked_for_must_be_given(double):
    for given in [(), (np.square, np.square)]:
        verdict = check(double, *given)
        assert verdict.message == f"answers asked for: 1, got {len(given)}"


# --- comparing -------------------------------------------------------------------------------


def verdict_on(result, expected, **options):
    try:
        answer.compare(result, expected, **options)
    except answer.NotYet as error:
        return str(error)
    return "right"


def test_several_results_are_compared_by_name():
    expected = (np.ones(2), np.zeros(3))
    names = ["h", "c"]
    assert verdict_on([np.ones(2), np.zeros(3)], expected, names=names) == "right"
    assert "c is 1 at index (0,)" in verdict_on((np.ones(2), np.ones(3)), expected, names=names)
    assert "return 2 results (h, c), got ndarray" in verdict_on(np.ones(2), expected, names=names)


def test_a_transposed_result_is_called_so():
    assert "transposed" in verdict_on(np.ones((2, 3)), np.ones((3, 2)))


def test_float32_is_exact_enough_and_a_part_in_a_thousand_is_not():
    x = np.random.default_rng(0).normal(size=100)
    assert verdict_on(x.astype("float32"), x) == "right"
    assert "but should be" in verdict_on(x * 1.001, x)


# --- hints and looks -------------------------------------------------------------------------


def test_hints_come_one_after_the_other_and_the_last_one_stays(double, capsys):
    for _ in range(3):
        hint(double)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Hint 1 of 2 for t.1: Think of addition."
    assert lines[1] == lines[2] == "Hint 2 of 2 for t.1: x + x"


def test_a_verdict_has_words_everywhere_and_colors_in_jupyter(double):
    looks = [
        check(double, given)._repr_mimebundle_() for given in (RIGHT_ANSWERS["lambda"], 3, ...)
    ]
    for bundle, state in zip(looks, (RIGHT, NOT_YET, NOT_ATTEMPTED)):
        assert state in bundle["text/plain"] and state in bundle["text/html"]
        assert bundle[MIME]["state"] == state
    assert len({bundle["text/html"].split(";")[0] for bundle in looks}) == 3


def test_a_message_cannot_break_the_page(double):
    def f(x):
        raise ValueError("<script>")

    assert "<script>" not in check(double, f)._repr_mimebundle_()["text/html"]


# --- from solutions to exercises -------------------------------------------------------------


def test_a_stub_keeps_all_but_the_solution():
    source = "def f(x):\n    y = x\n    # BEGIN SOLUTION\n    return 2 * y\n    # END SOLUTION\n"
    expected = "def f(x):\n    y = x\n    raise NotImplementedError  # your code here"
    assert make.stub(source) == expected


def test_a_stub_asks_for_every_name_assigned():
    source = "# BEGIN SOLUTION\na, b = 1, 2\nc = a\nc = b\n# END SOLUTION\nprint(1)"
    wanted = ["a = ...  # your answer", "b = ...  # your answer", "c = ...  # your answer"]
    assert make.stub(source).splitlines() == [*wanted, "print(1)"]


@pytest.mark.parametrize(
    "source",
    [
        "# BEGIN SOLUTION\nx = 1",
        "x = 1\n# END SOLUTION",
        "# BEGIN SOLUTION\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION",
        "# BEGIN SOLUTION\nprint(1)\n# END SOLUTION",
    ],
)
def test_a_solution_that_cannot_become_a_stub_is_refused(source):
    with pytest.raises(ValueError, match="stands alone|must assign names"):
        make.stub(source)


def test_an_exercise_has_no_outputs_and_no_cells_for_teachers():
    cell = new_code_cell("# BEGIN SOLUTION\nx = 1\n# END SOLUTION", execution_count=3)
    cell.outputs = [nbformat.v4.new_output("stream", text="1")]
    teacher = new_markdown_cell("The answer is 1.", metadata={"tags": ["solution"]})
    solution = new_notebook(cells=[new_markdown_cell("Find x."), cell, teacher])
    book = make.exercise_of(solution)
    assert [c.source for c in book.cells] == ["Find x.", "x = ...  # your answer"]
    assert book.cells[1].outputs == [] and book.cells[1].execution_count is None
    assert solution.cells[1].execution_count == 3


# --- what a report concludes ------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["better by 0.31", "0.312 less", "a gap of 31%", "3.1e-1, I believe", "GRU(32): 0.3, at last"],
)
def test_a_conclusion_may_round_the_numbers_that_it_quotes(text):
    quotes(text, {"the gap": -0.3118})


@pytest.mark.parametrize(
    "text", ["much better", "by 0.36", "by 0.3125", "by 0", "RNN0.31", "1 in 3"]
)
def test_a_conclusion_that_quotes_no_such_number_is_refused(text):
    with pytest.raises(answer.NotYet, match="does not quote the gap"):
        quotes(text, {"the gap": 0.3118})


def test_a_conclusion_quotes_zero_as_zero():
    quotes("0 errors", {"the errors": 0})
    with pytest.raises(answer.NotYet, match="the errors"):
        quotes("0.1 errors", {"the errors": 0})


def test_a_reason_must_be_borne_out_by_the_numbers():
    reasons = {"it is wider": True, "it is deeper": False}
    reason("it is wider", reasons)
    with pytest.raises(answer.NotYet, match="do not bear out the reason 'it is deeper'"):
        reason("it is deeper", reasons)
    with pytest.raises(answer.NotYet, match="one of 'it is wider'; 'it is deeper', got 3"):
        reason(3, reasons)


# --- earlier editions -------------------------------------------------------------------------


def halve(x):
    return x / 2


def test_an_answer_to_an_exercise_that_moved_is_told_where_to(double):
    former(double, "halve", now="t.9")
    message = check(double, halve).message
    assert message == "exercise t.9 asks for halve now: copy it to your notebook of t.9"


def test_an_answer_to_an_exercise_that_is_gone_is_told_how_to_get_the_new_one(double):
    former(double, "halve")
    verdict = check(double, halve)
    assert verdict.state == NOT_YET
    assert "asked for halve" in verdict.message and "course.py start t`" in verdict.message


def test_other_answers_to_an_exercise_with_an_earlier_edition_are_judged(double):
    former(double, "halve")
    assert check(double, lambda x: 2 * x).state == RIGHT
