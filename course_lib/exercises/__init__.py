"""Exercises that say what is wrong: ``check("02.1", my_function)`` and ``hint("02.1")``.

The exercises are notebooks in `chapters/exercises/`, made from `chapters/solutions/` by
``python -m course_lib.exercises.make``. The tests of the answers are here, one file per chapter.
"""

from course_lib.exercises import (  # noqa: F401
    ch00,
    ch01,
    ch02,
    ch03,
    ch04,
    ch05,
    ch06,
    ch07,
    ch08,
    ch09,
    ch10,
    ch11,
)
from course_lib.exercises.registry import EXERCISES, check, hint

__all__ = ["EXERCISES", "check", "hint"]
