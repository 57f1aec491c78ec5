"""An encoder-decoder with attention that turns dates in free writing into ISO form.

It is the first network of the experiment `date_translation`.
"""

from course_lib.experiments import date_translation
from course_lib.experiments.date_translation import train
from course_lib.tasks import dates

__all__ = ["SETTINGS", "measure", "train"]

SETTINGS = date_translation.SETTINGS[:1]


def measure(model):
    """The share of 2000 unheard dates that come out right in all ten characters."""
    right = date_translation.exact(model, *dates(2000, "test"))
    return {"parameters": model.count_params(), "exact": round(float(right.mean()), 4)}
