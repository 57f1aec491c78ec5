"""A sentence that the computer checks, and the line that says how it came out."""

import re

import numpy as np

# What `claim` prints. `truth_table` reads it in the outputs of chapters.
LINE = re.compile(
    r"^holds: (?P<sentence>.*): (?P<value>\S+) \((?P<bound>at (?:least|most) [^\s,;]+)"
    r"(?:, worst of (?P<runs>\d+) runs)?(?:; (?P<interval>.*))?\)$",
    re.MULTILINE,
)


class ClaimFailed(AssertionError):
    """A sentence of the course turned out not to hold."""


def claim(sentence, values, at_least=None, at_most=None, interval=None):
    """Check that every one of `values` is within its bound, and print one line that says so.

    `values` is a number, or a list with one number per seed; the worst one decides.

    For a sentence such as "A beats B", `values` are differences between the two, and `interval`
    says how their mean would vary with other test examples: an `evaluation.Interval`, such as
    `evaluation.paired_bootstrap` gives. The sentence then holds only if, besides, the whole
    interval lies on one side of 0: above it for `at_least`, below it for `at_most`. What another
    test set of the same size might turn around is not claimed. (An interval that includes 0
    does not show that A and B are equal, either.)

    Raises ClaimFailed if the sentence does not hold. Raises ValueError without exactly one
    bound, and for an interval with a bound on the other side of 0.
    """
    if (at_least is None) == (at_most is None):
        raise ValueError("claim needs either at_least or at_most")
    values = np.atleast_1d(np.asarray(values, dtype=float))
    worst = values.min() if at_most is None else values.max()
    holds = worst >= at_least if at_most is None else worst <= at_most
    bound = f"at least {at_least:g}" if at_most is None else f"at most {at_most:g}"
    runs = f", worst of {len(values)} runs" if len(values) > 1 else ""
    between = ""
    if interval is not None:
        holds = holds and excludes_zero(interval, at_least, at_most)
        between = f"; {interval.level:.0%} interval {interval.low:.3g} to {interval.high:.3g}"
    line = f"{sentence}: {worst:.4g} ({bound}{runs}{between})"
    if not holds:  # NaN is not within any bound
        raise ClaimFailed(f"does not hold: {line}")
    print(f"holds: {line}")


def excludes_zero(interval, at_least, at_most):
    """Does the whole interval lie above 0 (for `at_least`), or below it (for `at_most`)?"""
    if (at_most or 0) > 0 or (at_least or 0) < 0:
        raise ValueError("with an interval, values are differences: at_least >= 0 or at_most <= 0")
    return interval.low > 0 if at_most is None else interval.high < 0
