"""Run the learner's notebooks and say how far each exercise is; behind ``course.py check``."""

import io
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from traitlets import default

from course_lib.exercises import EXERCISES
from course_lib.exercises.answer import one_line
from course_lib.exercises.make import verdicts
from course_lib.exercises.verdict import LOOKS, NOT_ATTEMPTED, NOT_YET, RIGHT, Verdict

MY_WORK = Path(__file__).resolve().parents[2] / "my_work"
CELL_SECONDS = 300
CHECK = re.compile(r"""^check\(\s*["']([\w.]+)["']""", flags=re.MULTILINE)


def read(path):
    """The notebook at `path`, without its outputs; if it is none, some Exception."""
    text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a BOM
    book = nbformat.reads(text, as_version=4)
    nbformat.validate(book)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = []  # a cell that is not run, an empty one, would keep them
    return book


class OwnPython(AsyncKernelManager):
    """Starts the Python that runs this, whatever Jupyter calls python3 on this machine."""

    @default("kernel_spec_manager")
    def _without_folders_to_look_into(self):
        return KernelSpecManager(kernel_dirs=[])


def execute(book, folder):
    """Run all cells in `folder`."""
    client = NotebookClient(
        book,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        kernel_manager_class=OwnPython,
        allow_errors=True,
        resources={"metadata": {"path": folder}},
    )
    # What the kernel itself has to say is nothing about the exercises.
    client.execute(stderr=subprocess.DEVNULL)


def unreadable(cells):
    """What Python could not read, as {exercise: its error}, of cells that were executed.

    An exercise has the cells after the check before it, and its own check. If one of them is
    no Python, the check looked at what an earlier cell had defined.
    """
    found, error = {}, None
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.get("ename") in ("SyntaxError", "IndentationError", "TabError"):
                error = f"{output['ename']}: {output['evalue']}"
        checked = CHECK.findall(cell.source) if cell.cell_type == "code" else []
        if checked:
            found.update(dict.fromkeys(checked, error) if error else {})
            error = None
    return found


def grade(path):
    """The verdicts on all exercises of the notebook at `path`, in order; nothing is saved.

    They are what its checks show when all cells are run now; outputs stored in the notebook do
    not count. Yet the checks run among the learner's own code, which can make them say anything:
    a help for learning, not an exam. A notebook that cannot be read or run gives one verdict
    about it, in the place of its exercises.
    """
    chapter = path.name.split("_")[0]
    try:
        book = read(path)
    except Exception as error:
        reason = f"{path.name} is no notebook any more ({type(error).__name__}): move it away, "
        return [Verdict(chapter, NOT_YET, f"{reason}then `python3 course.py start {chapter}`")]
    try:
        execute(book, path.parent)
    except Exception as error:
        reason = f"{path.name} does not run to its end: {one_line(error)}"
        return [Verdict(chapter, NOT_YET, reason)]
    try:
        found = {v.exercise: v for cell in book.cells for v in verdicts(cell)}
    except ValueError as error:
        reason = f"{path.name} shows a verdict that is none of a check: {one_line(error)}"
        return [Verdict(chapter, NOT_YET, reason)]
    for number, error in unreadable(book.cells).items():
        reason = f"a cell of it is no Python, so that your answer was not checked ({error})"
        found[number] = Verdict(number, NOT_YET, reason)
    missing = "its check cell is missing from the notebook, or stops with an error"
    return [
        found.get(number, Verdict(number, NOT_ATTEMPTED, missing))
        for number in EXERCISES
        if number.startswith(f"{chapter}.")
    ]


def spellings(number):
    """What a reader may write for a chapter: "03" or "3", "A" or "a"."""
    return number, str(int(number)) if number.isdigit() else number.lower()


def main(chapter=None, folder=MY_WORK):
    """Print one line per exercise; 0 if all are right, 1 if not, 2 if there is nothing to check.

    `chapter` such as "03", "3" or "a" picks one notebook.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal has the symbols
    chapters = sorted({number.split(".")[0] for number in EXERCISES})
    chosen = [number for number in chapters if chapter in (None, *spellings(number))]
    if not chosen:
        print(f"there are no exercises for chapter {chapter}; choose one of {', '.join(chapters)}")
        return 2
    paths = [path for number in chosen for path in sorted(Path(folder).glob(f"{number}_*.ipynb"))]
    if not paths:
        command = f"python3 course.py start {chapter or ''}".strip()
        print(f"nothing to check in {folder.name}/: make your copies with `{command}`")
        return 2
    all_right = True
    for path in paths:
        for verdict in grade(path):
            symbol, _ = LOOKS[verdict.state]
            print(f"{symbol} {verdict.exercise:<6}{verdict.state:<15}{verdict.message}", flush=True)
            all_right = all_right and verdict.state == RIGHT
    return 0 if all_right else 1
