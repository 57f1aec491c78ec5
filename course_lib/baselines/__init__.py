"""The honest rivals: what a model must beat before it is worth its parameters."""

from course_lib.baselines.classification import (
    LogisticRegression,
    mean_and_std,
    segment_means,
)
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

__all__ = [
    "AR",
    "HAR",
    "AirlineModel",
    "KneserNey",
    "LogisticRegression",
    "Mean",
    "NGram",
    "Persistence",
    "SeasonalNaive",
    "SeasonalRatio",
    "mean_and_std",
    "segment_means",
]
