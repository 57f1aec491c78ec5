"""The honest rivals: what a model must beat before it is worth its parameters."""

from course_lib.baselines.ngram import NGram
from course_lib.baselines.series import AR, Mean, Persistence

__all__ = ["AR", "Mean", "NGram", "Persistence"]
