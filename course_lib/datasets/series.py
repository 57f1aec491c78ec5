"""Time series from the folder `data/`, and how a series becomes training examples."""

import numpy as np

from course_lib.checks import finite_array, positive_int
from course_lib.datasets.files import checked_path


def sunspots():
    """Yearly mean sunspot numbers: years 1700 .. 2008 and their values, two arrays of 309."""
    table = np.loadtxt(checked_path("sunspots.csv"), delimiter=",", skiprows=1)
    return table[:, 0].astype(int), table[:, 1]


def windows(series, length):
    """All stretches of `length` values and the value after each.

    Returns X of shape (n, length, 1) and y of shape (n, 1) with n = len(series) - length.
    """
    series = finite_array("series", series)
    length = positive_int("length", length)
    if series.ndim != 1 or len(series) <= length:
        raise ValueError(
            f"windows of {length} values need a series (one axis) of more than "
            f"{length} values, got shape {series.shape}"
        )
    X = np.lib.stride_tricks.sliding_window_view(series[:-1], length)
    return X[..., None].copy(), series[length:, None]
