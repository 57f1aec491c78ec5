"""Run the learner's notebooks and say how far each exercise is; behind ``course.py check``."""

import subprocess
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from course_lib.exercises import EXERCISES
from course_lib.exercises.make import verdicts
from course_lib.exercises.verdict import LOOKS, NOT_ATTEMPTED, NOT_YET, RIGHT, Verdict

MY_WORK = Path(__file__).resolve().parents[2] / "my_work"
CELL_SECONDS = 300


def grade(path):
    """The verdicts on all exercises of the notebook at `path`, in order; nothing is saved.

    A notebook that cannot be read or run gives one verdict about it, in the place of its
    exercises.
    """
    chapter = path.name[:2]
    try:
        book = nbformat.read(path, as_version=4)
        nbformat.validate(book)
    except Exception as error:
        reason = f"{path.name} is no notebook any more ({type(error).__name__}): move it away, "
        return [Verdict(chapter, NOT_YET, f"{reason}then `python3 course.py start {chapter}`")]
    client = NotebookClient(
        book,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": path.parent}},
    )
    try:
        # What the kernel itself has to say is nothing about the exercises.
        client.execute(stderr=subprocess.DEVNULL)
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no message"
        return [Verdict(chapter, NOT_YET, f"{path.name} does not run to its end: {reason}")]
    found = {v.exercise: v for cell in book.cells for v in verdicts(cell)}
    missing = "its check cell is missing from the notebook, or stops with an error"
    return [
        found.get(number, Verdict(number, NOT_ATTEMPTED, missing))
        for number in EXERCISES
        if number.startswith(f"{chapter}.")
    ]


def main(chapter=None, folder=MY_WORK):
    """Print one line per exercise; 0 if all are right, 1 if not, 2 if there is nothing to check.

    `chapter` such as "03" picks one notebook.
    """
    paths = sorted(Path(folder).glob(f"{chapter or '[0-9][0-9]'}_*.ipynb"))
    if not paths:
        print(
            f"nothing to check in {folder.name}/: make your copies with `python3 course.py start`"
        )
        return 2
    all_right = True
    for path in paths:
        for verdict in grade(path):
            symbol, _ = LOOKS[verdict.state]
            print(f"{symbol} {verdict.exercise:<6}{verdict.state:<15}{verdict.message}", flush=True)
            all_right = all_right and verdict.state == RIGHT
    return 0 if all_right else 1
