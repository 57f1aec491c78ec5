"""The honest rivals: what a model must beat before it is worth its parameters."""

from course_lib.baselines.classification import (
    LogisticRegression,
    mean_and_std,
    segment_means,
)
from course_lib.baselines.kernel import KernelRidge
from course_lib.baselines.ngram import KneserNey, NGram
from course_lib.baselines.series import (
    AR,
    HAR,
    AirlineModel,
    Mean,
    Persistence,
    SeasonalNaive,
    SeasonalRatio,
)
from course_lib.baselines.smoothing import HoltWinters, Theta

__all__ = [
    "AR",
    "HAR",
    "HoltWinters",
    "AirlineModel",
    "KernelRidge",
    "KneserNey",
    "LogisticRegression",
    "Mean",
    "NGram",
    "Persistence",
    "SeasonalNaive",
    "SeasonalRatio",
    "Theta",
    "mean_and_std",
    "segment_means",
]
