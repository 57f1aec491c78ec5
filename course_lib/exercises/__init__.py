"""Exercises that say what is wrong: ``check("02.1", my_function)`` and ``hint("02.1")``.

The exercises are notebooks in `chapters/exercises/`, made from `chapters/solutions/` by
``python -m course_lib.exercises.make``. What is asked for is here, one module per chapter.
"""

import importlib
import pkgutil

from course_lib.exercises.registry import EXERCISES, check, hint

__all__ = ["EXERCISES", "check", "hint"]

# A chapter's module adds its exercises to the others when it is imported.
for _module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("ch")):
    importlib.import_module(f"{__name__}.{_module}")
