"""Python's manual as the experiments and trained models read it: symbols, in two parts."""

from functools import lru_cache

from course_lib.datasets import python_manual
from course_lib.text import Vocabulary

SHARE = 0.87  # of the text is for training, the rest for testing


def in_two(sequence):
    """The first 87 % of a text or of its numbers, and the rest."""
    cut = int(SHARE * len(sequence))
    return sequence[:cut], sequence[cut:]


@lru_cache(maxsize=1)
def manual_in_two():
    """The vocabulary, and the numbers of the characters for training and for testing."""
    text = python_manual()
    vocabulary = Vocabulary(sorted(set(text)))
    return vocabulary, *in_two(vocabulary.encode(text))
