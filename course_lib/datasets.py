"""Real data from the folder `data/`, and how a series becomes training examples."""

import hashlib
from pathlib import Path

import numpy as np

from course_lib.checks import finite_array, positive_int

DATA = Path(__file__).resolve().parent.parent / "data"
SHA256 = {"sunspots.csv": "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b"}


def checked_path(name):
    """The path of a data file, after a look at its checksum; ValueError if it was changed."""
    path = DATA / name
    if not path.exists():
        raise ValueError(f"{path} is missing: restore it with `git checkout data/{name}`")
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256[name]:
        raise ValueError(f"{path} is damaged: restore it with `git checkout data/{name}`")
    return path


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
