"""All exercises by number, and the three functions of an exercise notebook."""

from dataclasses import dataclass
from typing import Callable

import numpy as np

from course_lib.arguments import one_of
from course_lib.exercises.answer import (
    TIME_LIMIT,
    Answer,
    NotAttempted,
    NotYet,
    TimeUp,
    one_line,
    time_limit,
)
from course_lib.exercises.verdict import NOT_ATTEMPTED, NOT_YET, RIGHT, Verdict


@dataclass(frozen=True)
class Exercise:
    """Its number; a `Question` for each function that it asks for; hints; and, for what no
    question can ask, ``test(*answers, rng)``, which raises NotYet for an answer not yet right."""

    number: str
    questions: tuple
    hints: tuple
    test: Callable

    def judge(self, given, rng):
        """Raise NotYet unless all answers in `given` are right, NotAttempted if one is missing."""
        answers = [Answer(g) for g in given]
        if self.questions and len(answers) != len(self.questions):
            raise NotYet(f"answers asked for: {len(self.questions)}, got {len(answers)}")
        for question, answer in zip(self.questions, answers):
            question.judge(answer, rng)
        if self.test is not None:
            self.test(*answers, rng)


EXERCISES = {}
FORMER = {}
hints_given = {}


def exercise(number, *questions, hints, test=None):
    """Add exercise `number` to the others; see `Exercise`."""
    EXERCISES[number] = Exercise(number, questions, tuple(hints), test)


def former(number, function, now=None):
    """Remember that exercise `number` asked for the function of this name in an earlier edition.

    `now` is the exercise that asks for it today, if one does. A learner's old copy is told so.
    """
    FORMER[number, function] = now


def refuse_former(number, given):
    """Raise NotYet if one of the functions in `given` answers an earlier edition's exercise."""
    names = [getattr(each, "__name__", None) for each in given]
    for name in names:
        now = FORMER.get((number, name), number)
        if now is None:
            raise NotYet(
                f"an earlier edition of this exercise asked for {name}: rename your notebook, and "
                f"`python3 course.py start {number.split('.')[0]}` makes a copy of the new one"
            )
        if now != number:
            raise NotYet(f"exercise {now} asks for {name} now: copy it to your notebook of {now}")


def check(number, *given):
    """Check an answer; returns a `Verdict`: right, not yet (and why), or not attempted.

    Most exercises ask for one function or value, some for several. The inputs of the check
    are drawn anew each time. It takes at most 20 seconds. Raises ValueError for a number
    that is no exercise.
    """
    chosen = one_of("exercise", number, EXERCISES)
    try:
        refuse_former(number, given)
        with time_limit(TIME_LIMIT):
            chosen.judge(given, np.random.default_rng())
    except NotAttempted:
        return Verdict(number, NOT_ATTEMPTED)
    except NotYet as error:
        return Verdict(number, NOT_YET, str(error))
    except TimeUp:
        reason = f"your code ran for more than {TIME_LIMIT} seconds: does a loop never end?"
        return Verdict(number, NOT_YET, reason)
    except Exception as error:  # the answer is so strange that the check itself stumbles
        reason = f"this answer cannot be checked ({type(error).__name__}: {one_line(error)})"
        return Verdict(number, NOT_YET, reason)
    return Verdict(number, RIGHT)


def hint(number):
    """Print the next hint for an exercise; the last one again when there are no more."""
    hints = one_of("exercise", number, EXERCISES).hints
    given = min(hints_given.get(number, 0), len(hints) - 1)
    hints_given[number] = given + 1
    print(f"Hint {given + 1} of {len(hints)} for {number}: {hints[given]}")
