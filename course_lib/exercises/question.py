"""What an exercise asks for: a function of the learner's, tried beside the right one.

A typical mistake is a function as well. What a wrong answer returns is compared with what all of
them return, and the one that agrees has the sentence for the learner.
"""

import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Callable

import numpy as np

from course_lib.backend import floatX
from course_lib.exercises.answer import NotYet, as_arrays, difference, equal


@dataclass(frozen=True)
class Question:
    """One function that an exercise asks for.

    right     the function itself; it returns a tuple if there are several results
    cases     ``cases(rng)`` draws the arguments to try it on, tuple by tuple
    mistakes  a sentence for the learner, and the wrong function that it is about
    names     what the results are called, or a function of the arguments that says it
    look      ``look(result, *arguments)`` is compared, instead of the result itself
    otherwise ``otherwise(got, *arguments)``: a better sentence than where the arrays `got` differ
              from the right ones, if no mistake explains them; None if there is none
    """

    right: Callable
    cases: Callable
    mistakes: dict = field(default_factory=dict)
    names: object = ("your result",)
    look: Callable = lambda result, *arguments: result
    otherwise: Callable = lambda got, *arguments: None

    def judge(self, answer, rng):
        """Raise NotYet with the best sentence there is unless `answer` is right in all cases."""
        cases = list(self.cases(rng))
        for i, case in enumerate(cases):
            got, expected = self.results(answer, case)
            unnamed = difference(got, expected, self.names_for(case))
            if unnamed:
                named = self.mistake_that_gives(got, cases[i:], answer)
                raise NotYet(named or self.otherwise(got, *case) or unnamed)

    def names_for(self, case):
        return self.names(*case) if callable(self.names) else self.names

    def results(self, answer, case):
        """What the answer gives, as arrays, and what is expected."""
        expected = self.outcome(self.right, case)
        result = self.look(answer(*case), *case)
        return as_arrays(result, expected, self.names_for(case)), expected

    def outcome(self, function, case):
        """What is compared, of a function of our own."""
        with np.errstate(all="ignore"):
            return self.look(function(*copy.deepcopy(case)), *case)

    def mistake_that_gives(self, got, cases, answer):
        """The sentence of the mistake that gives `got` in the first of `cases`; None if none does.

        Where several do, the answer's results in the later cases tell them apart.
        """
        suspects = [s for s in self.mistakes if self.agrees(s, got, cases[0])]
        for case in cases[1:]:
            if len(suspects) < 2:
                break
            try:
                got, _ = self.results(answer, case)
            except NotYet:
                break
            suspects = [s for s in suspects if self.agrees(s, got, case)] or suspects[:1]
        return suspects[0] if suspects else None

    def agrees(self, sentence, got, case):
        """Whether the function with this mistake gives `got`."""
        try:
            wrong = self.outcome(self.mistakes[sentence], case)
        except Exception:  # a mistake need not make sense in every case
            return False
        wrong = wrong if isinstance(wrong, tuple) else (wrong,)
        return len(wrong) == len(got) and all(map(equal, got, wrong))


def then(function, change):
    """`function` with its last step changed: ``change(*its results)``. For many a mistake."""

    def changed(*arguments):
        result = function(*arguments)
        return change(*result) if isinstance(result, tuple) else change(result)

    return changed


def without(function, k):
    """`function` with zeros for its argument number `k`, from 0. For what is forgotten."""
    return lambda *given: function(*given[:k], 0 * given[k], *given[k + 1 :])


def with_each(function, option, values):
    """`function` with each of the values, a dict by sentence, of one of its options."""
    return {sentence: partial(function, **{option: value}) for sentence, value in values.items()}


def normal(rng, *shapes):
    """Arrays of these shapes, drawn from the normal distribution. For cases."""
    return tuple(floatX(rng.normal(size=shape)) for shape in shapes)
