"""Synthetic sequence tasks: as many examples as one likes, and a known best answer.

`sine_wave` and `parity` are functions; the others are classes, described in `Task`:

    task = Latch(lag=50)
    X, y = task.sample(1000)
    task.solved(X, y, model.predict(X))
"""

from course_lib.tasks.base import Task
from course_lib.tasks.grammars import AnBn, ContinualReber, EmbeddedReber, Reber
from course_lib.tasks.memory import Adding, CopyMemory, Latch, TemporalOrder
from course_lib.tasks.series import parity, sine_wave

__all__ = [
    "Adding",
    "AnBn",
    "ContinualReber",
    "CopyMemory",
    "EmbeddedReber",
    "Latch",
    "Reber",
    "Task",
    "TemporalOrder",
    "parity",
    "sine_wave",
]
