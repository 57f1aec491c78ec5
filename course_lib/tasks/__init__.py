"""Synthetic sequence tasks: as many examples as one likes, and a known best answer.

`sine_wave`, `parity`, `pendulums`, `swing` and `mackey_glass` are functions; the others are
classes, described in `Task`:

    task = Latch(lag=50)
    X, y = task.sample(1000)
    task.solved(X, y, model.predict(X))

`little_english()` is a grammar of sentences, whose words `word_classes` and `agreements` explain.
"""

from course_lib.tasks.base import Task
from course_lib.tasks.dates import dates
from course_lib.tasks.grammars import AnBn, ContinualReber, EmbeddedReber, Reber
from course_lib.tasks.lexicon import agreements, word_classes
from course_lib.tasks.memory import Adding, CopyMemory, Latch, TemporalOrder
from course_lib.tasks.pcfg import Grammar
from course_lib.tasks.sentences import little_english
from course_lib.tasks.series import mackey_glass, parity, pendulums, sine_wave, swing

__all__ = [
    "Adding",
    "AnBn",
    "ContinualReber",
    "CopyMemory",
    "EmbeddedReber",
    "Grammar",
    "Latch",
    "Reber",
    "Task",
    "TemporalOrder",
    "agreements",
    "dates",
    "little_english",
    "mackey_glass",
    "parity",
    "pendulums",
    "sine_wave",
    "swing",
    "word_classes",
]
