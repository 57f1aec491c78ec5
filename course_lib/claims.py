"""Sentences of the course that the computer checks."""

import numpy as np


class ClaimFailed(AssertionError):
    """A sentence of the course turned out not to hold."""


def claim(sentence, values, at_least=None, at_most=None):
    """Check that every one of `values` is within its bound, and print one line that says so.

    `values` is a number, or a list with one number per seed; the worst one decides. Raises
    ClaimFailed if it is out of bounds, and ValueError without exactly one bound.
    """
    if (at_least is None) == (at_most is None):
        raise ValueError("claim needs either at_least or at_most")
    values = np.atleast_1d(np.asarray(values, dtype=float))
    worst = values.min() if at_most is None else values.max()
    holds = worst >= at_least if at_most is None else worst <= at_most
    bound = f"at least {at_least:g}" if at_most is None else f"at most {at_most:g}"
    runs = f", worst of {len(values)} runs" if len(values) > 1 else ""
    line = f"{sentence}: {worst:.4g} ({bound}{runs})"
    if not holds:  # NaN is not within any bound
        raise ClaimFailed(f"does not hold: {line}")
    print(f"holds: {line}")
