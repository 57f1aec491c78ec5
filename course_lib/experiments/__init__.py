"""Experiments: does a network learn a task within a budget?

`network` and `solve` answer it for one task while a chapter runs. What takes too long for a
chapter is run once, by ``python -m course_lib.experiments NAME``, and kept in `data/` as a
table that `results(NAME)` reads.
"""

from course_lib.experiments.solve import Attempt, network, solve
from course_lib.experiments.table import EXPERIMENTS, results, run

__all__ = ["EXPERIMENTS", "Attempt", "network", "results", "run", "solve"]
