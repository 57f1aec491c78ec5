"""Experiments: does a network learn a task within a budget?

`network` and `solve` answer it for one task while a chapter runs. What takes too long for a
chapter is done once, by ``python -m course_lib.experiments NAME``, and kept in `data/`: as a
table, which `results(NAME)` reads, or as a trained model, which `load(NAME)` returns.
"""

from course_lib.experiments.registry import EXPERIMENTS, load, results, run
from course_lib.experiments.solve import Attempt, network, solve

__all__ = ["EXPERIMENTS", "Attempt", "load", "network", "results", "run", "solve"]
