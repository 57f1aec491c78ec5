"""Inputs of checks, drawn so that each mistake can be told from the others."""

import numpy as np


def all_differ(numbers):
    """Whether no two of the numbers can be taken for each other."""
    ordered = np.sort(numbers)
    return bool((np.diff(ordered) > 1e-3 * np.abs(ordered[1:])).all())


def drawn_apart(draw):
    """What `draw()` returns, drawn again until no two of its results are nearly the same number.

    `draw` returns (arguments, right result, wrong results by what is wrong). Wrong results that
    are arrays differ in shape and are not looked at.
    """
    while True:
        arguments, right, mistakes = draw()
        if all_differ([right, *(wrong for wrong in mistakes.values() if np.ndim(wrong) == 0)]):
            return arguments, right, mistakes
