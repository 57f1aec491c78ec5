"""Models that take too long to train in a chapter, trained already: `load("character_model")`.

``python -m course_lib.pretrained NAME`` trains one anew.
"""

from course_lib.pretrained.store import MODELS, load, results, train

__all__ = ["MODELS", "load", "results", "train"]
