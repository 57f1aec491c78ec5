"""What `course.py bench` times."""

import sys

import pytest

from course_lib import bench
from course_lib.backend.choice import ROOM


@pytest.fixture
def no_processes(monkeypatch):
    """Workers that are not started: pairs of the Python and its library."""
    monkeypatch.setattr(bench, "Worker", lambda python, library: (python, library))


def python_with(folder, *libraries):
    """A program that answers as a Python which has only these libraries."""
    path = folder / "-".join(libraries)
    path.write_text(f"#!/bin/sh\necho {' '.join(libraries)}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.usefixtures("no_processes")
def test_the_backend_of_this_python_is_timed():
    assert (sys.executable, ROOM) in bench.workers([sys.executable])


@pytest.mark.usefixtures("no_processes")
def test_each_library_is_timed_once_in_the_first_python_that_has_it(tmp_path):
    both = python_with(tmp_path, "theano", "pytensor")
    torch = python_with(tmp_path, "pytensor", "torch")
    expected = [(both, "theano"), (both, "pytensor"), (torch, "torch")]
    assert bench.workers([both, torch]) == expected


def test_a_worker_computes_on_the_backend_it_is_named_after():
    worker = bench.Worker(sys.executable, ROOM)
    assert worker.environment()["COURSE_BACKEND"] == ROOM
    with worker.process:
        assert worker.time("SimpleRNN", 2, 3, 1, 2) > 0
    assert worker.process.returncode == 0
