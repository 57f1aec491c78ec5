"""Inputs of checks, drawn so that each mistake can be told from the others."""

import numpy as np


def drawn_apart(draw):
    """What `draw()` returns, drawn again until no two of its results are nearly the same number.

    `draw` returns (arguments, right result, wrong results by what is wrong). Wrong results that
    are arrays differ in shape and are not looked at.
    """
    while True:
        arguments, right, mistakes = draw()
        results = np.sort([right, *(wrong for wrong in mistakes.values() if np.ndim(wrong) == 0)])
        if np.diff(results).min() > 1e-3 * abs(right):
            return arguments, right, mistakes
