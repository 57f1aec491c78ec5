"""Run chapters and store their outputs: ``python -m course_lib.notebooks chapters/*.ipynb``.

For authors. A committed notebook has been run from top to bottom, in a fresh kernel, and
keeps nothing that changes without reason: of a progress bar only the last state, and no
times, versions of the machine's Python, or warnings. Its metadata names the backend. The
sentence below a figure becomes its text alternative, where nbconvert and others look for it.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from course_lib.backend.choice import ROOM

CELL_SECONDS = 600


def last_state(text):
    """`text` as a terminal shows it in the end: carriage returns go back to the line's start."""
    lines = text.split("\n")
    return "\n".join(li.rstrip("\r ").split("\r")[-1] if "\r" in li else li for li in lines)


def merge_streams(outputs):
    """Neighboring pieces of standard output as one, as they appear to a reader."""
    merged = []
    for output in outputs:
        if merged and output.output_type == "stream" and merged[-1].get("name") == output.name:
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


SENTENCE_BELOW = re.compile(r"\*(?!\*)(.+?)(?<!\*)\*(?!\*)", re.DOTALL)


def describe_figures(cells):
    """Give each figure a text alternative: the slanted sentence that the cell below begins with.

    It stands in the output's metadata, under "alt". A figure without such a sentence has none.
    """
    for cell, below in zip(cells, [*cells[1:], None]):
        if cell.cell_type != "code" or below is None or below.cell_type != "markdown":
            continue
        sentence = SENTENCE_BELOW.match(below.source)
        for output in cell.outputs:
            for kind in output.get("data", {}):
                if kind.startswith("image/") and sentence:
                    words = " ".join(sentence[1].replace("`", "").replace("$", "").split())
                    output.metadata[kind] = {"alt": words}


def run(path):
    """Execute the notebook at `path` in place. Raises if a cell fails or writes to stderr."""
    path = Path(path)
    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
        record_timing=False,
    ).execute()
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = merge_streams(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "stream":
                if output.name == "stderr":
                    raise ValueError(f"{path}: a cell wrote to stderr: {output.text[-500:]}")
                output.text = last_state(output.text)
    describe_figures(book.cells)
    book.metadata = {
        "backend": ROOM,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(book, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run(name)
        print(f"ran {name}", flush=True)
