"""Reports of experiments of the learner's own choice: a dict.

What it concludes is checked against the numbers beside it: the conclusion quotes them, and the
reason is one that they bear out.
"""

import re

import numpy as np

from course_lib.exercises.answer import NotYet, as_array

# What a report says in words before there are numbers, and how many different ones it needs.
WORDS = {"question": 5, "prediction": 5, "conclusion": 10}


def entries(answer, *keys):
    """The values that a report has under `keys`, in their order.

    Those in `WORDS` are looked at here and left out.
    """
    report = answer.given
    if not isinstance(report, dict):
        raise NotYet(f"your report must be a dict, got {type(report).__name__}")
    for key in keys:
        if key not in report or report[key] is None or report[key] is ...:
            raise NotYet(f"your report says nothing under {key!r}")
    for key, at_least in WORDS.items():
        if key in keys:
            words(report[key], f"the {key}", at_least)
    return [report[key] for key in keys if key not in WORDS]


def numbers(value, what, at_least):
    """`value` as a one-dimensional array of finite numbers, `at_least` of them."""
    array = as_array(value, what)
    if array.ndim != 1 or len(array) < at_least:
        got = "one number" if array.ndim == 0 else f"shape {array.shape}"
        raise NotYet(f"{what} must be a list of at least {at_least} numbers, got {got}")
    return array


def lists(value, key, at_least, including=(), highest=np.inf):
    """What a report has under `key`, a dict of lists with a number per seed, as arrays.

    Raises NotYet unless there are `at_least` lists, also for the names in `including`, each
    with three numbers or more from 0 to `highest`.
    """
    if not isinstance(value, dict) or len(value) < at_least or not {*including} <= {*value}:
        also = f", also for {', '.join(including)}" if including else ""
        raise NotYet(f"{key!r} must be a dict of at least {at_least} lists of numbers{also}")
    arrays = {name: numbers(each, f"{key!r} of {name!r}", 3) for name, each in value.items()}
    for name, array in arrays.items():
        if (array < 0).any() or (array > highest).any():
            limits = "0 or more" if np.isinf(highest) else f"from 0 to {highest}"
            raise NotYet(f"the numbers under {key!r} must be {limits}, but one of {name!r} is not")
    return arrays


def fair_sizes(parameters, advice):
    """Raise NotYet with `advice` unless the numbers of parameters, by name, are about the same."""
    sizes = numbers(list(parameters.values()), "the list of parameters", 2)
    if (sizes < 1).any() or (sizes % 1).any():
        raise NotYet("a number of parameters is a whole number above 0")
    if sizes.max() > 1.25 * sizes.min():
        raise NotYet(
            f"between {sizes.min():.0f} and {sizes.max():.0f} parameters: that is no fair contest, "
            f"{advice}"
        )


def words(value, what, at_least):
    """Raise NotYet unless `value` is a text of `at_least` different words."""
    if not isinstance(value, str):
        raise NotYet(f"{what} must be a text, got {type(value).__name__}")
    if len(set(value.lower().split())) < at_least:
        raise NotYet(f"{what} is too short: say it in at least {at_least} words")


def winner(name, errors):
    """Raise NotYet unless `name` has the smallest median among `errors`, lists by name."""
    medians = {key: np.median(values) for key, values in errors.items()}
    if name not in list(medians):
        raise NotYet(f"the winner must be one of {', '.join(medians)}, got {name!r}")
    if medians[name] > min(medians.values()):
        best = min(medians, key=medians.get)
        raise NotYet(f"your numbers do not say so: {best} has a smaller median error than {name}")


NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.(\d+))?(?:e([+-]?\d+))?)( ?%)?")


def quoted(text):
    """The numbers in `text`, each with half a unit of its last digit: "12%" is (0.12, 0.005)."""
    for number, decimals, exponent, percent in NUMBER.findall(text):
        scale = 0.01 if percent else 1
        yield float(number) * scale, 0.5 * 10.0 ** (int(exponent or 0) - len(decimals)) * scale


def quotes(text, facts):
    """Raise NotYet unless `text`, the conclusion, quotes each of `facts`: numbers, by their names.

    Signs are left to the words ("smaller by 0.3"), and so is the rounding, within 6%.
    """
    if not isinstance(text, str):
        raise NotYet(f"the conclusion must be a text, got {type(text).__name__}")
    said = list(quoted(text))
    for name, fact in facts.items():
        size = abs(float(fact))
        if not any(abs(value - size) <= 1.001 * min(half, 0.06 * size) for value, half in said):
            raise NotYet(f"your conclusion does not quote {name}, as your own numbers give it")


def reason(given, reasons):
    """Raise NotYet unless `given` is one of `reasons`, and its numbers bear it out.

    `reasons` says of each sentence whether the numbers in the report do.
    """
    if not isinstance(given, str) or given not in reasons:
        raise NotYet(f"the reason must be one of {'; '.join(map(repr, reasons))}, got {given!r}")
    if not reasons[given]:
        raise NotYet(f"your numbers do not bear out the reason {given!r}")
