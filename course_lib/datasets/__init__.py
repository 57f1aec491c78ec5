"""Real data from the folder `data/`, and loaders for a learner's own files."""

from course_lib.datasets.files import DATA
from course_lib.datasets.series import sunspots, windows

__all__ = ["DATA", "sunspots", "windows"]
