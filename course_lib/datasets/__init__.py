"""Real data from the folder `data/`, and loaders for a learner's own files."""

from course_lib.datasets.connected import connected_digits
from course_lib.datasets.own import load_series
from course_lib.datasets.series import (
    airline,
    el_nino,
    price_moves,
    stocks,
    sunspots,
    windows,
)
from course_lib.datasets.speech import digit_sounds, japanese_vowels, load_wav, spoken_digits
from course_lib.datasets.text import load_text, python_manual, shakespeare
from course_lib.files import DATA

__all__ = [
    "DATA",
    "airline",
    "connected_digits",
    "digit_sounds",
    "el_nino",
    "japanese_vowels",
    "load_series",
    "load_text",
    "load_wav",
    "price_moves",
    "python_manual",
    "shakespeare",
    "spoken_digits",
    "stocks",
    "sunspots",
    "windows",
]
