"""A bidirectional LSTM that has heard strings of digits, and was never told when each was said.

It is the first network of the experiment `connected_digits`.
"""

from course_lib.experiments import connected_digits
from course_lib.experiments.connected_digits import train

__all__ = ["SETTINGS", "measure", "train"]

SETTINGS = connected_digits.SETTINGS[:1]


def measure(model):
    """Label error rates on strings of unheard voices, and the share of those without error."""
    return {"parameters": model.count_params(), **connected_digits.scores(model, 400)}
