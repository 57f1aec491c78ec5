"""The order of the house: the linters' rules (see pyproject.toml) and the form of chapters."""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbformat
import pytest

from course_lib.notebooks import describe_figures

ROOT = Path(__file__).parent.parent


def name_of(path):
    return path.relative_to(ROOT).as_posix()


# The learner's own files are not the course's.
NOTEBOOKS = {
    name_of(path): path
    for path in sorted((ROOT / "chapters").rglob("*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
}
CHAPTERS = [name for name in NOTEBOOKS if re.fullmatch(r"chapters/[^/]+", name)]
every_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS)
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


def read_notebook(name):
    return nbformat.read(NOTEBOOKS[name], as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# --- imports, explanations and style ------------------------------------------------------


def assert_passes(*command):
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("command", ["check", "format --check"])
def test_ruff_passes(command):
    assert_passes(sys.executable, "-m", "ruff", *command.split(), "--output-format=concise", ".")


def test_imports_point_only_downwards():
    assert_passes(Path(sysconfig.get_path("scripts")) / "lint-imports", "--no-cache")


# --- the form of notebooks ----------------------------------------------------------------


@every_notebook
def test_a_notebook_is_valid(notebook):
    nbformat.validate(read_notebook(notebook))


@every_notebook
def test_a_notebook_runs_on_any_python_3(notebook):
    assert read_notebook(notebook).metadata.kernelspec.name == "python3"


@every_chapter
def test_a_chapter_names_the_backend_that_its_outputs_come_from(chapter):
    assert read_notebook(chapter).metadata.backend in ("theano", "pytensor")


@every_notebook
def test_a_notebook_is_below_one_megabyte(notebook):
    assert NOTEBOOKS[notebook].stat().st_size < 1_000_000


@every_chapter
def test_a_chapter_was_run_from_top_to_bottom(chapter):
    cells = [cell for cell in code_cells(read_notebook(chapter)) if cell.source.strip()]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@every_notebook
def test_outputs_hold_no_errors_and_no_warnings(notebook):
    for cell in code_cells(read_notebook(notebook)):
        for output in cell.outputs:
            assert output.get("name") != "stderr", cell.source
            if output.output_type == "error":
                assert "raises-exception" in cell.metadata.get("tags", []), cell.source


MACHINE_PATH = re.compile(r"(?<![\w.~])/(root|home|tmp|Users)/|[A-Z]:\\\\?Users")


def output_texts(cell):
    for output in cell.outputs:
        yield output.get("text", "")
        yield "\n".join(output.get("traceback", []))
        for kind, content in output.get("data", {}).items():
            if kind.startswith("text/") or kind == "image/svg+xml":
                yield content


@every_notebook
def test_outputs_name_no_path_of_a_machine(notebook):
    for cell in code_cells(read_notebook(notebook)):
        for text in output_texts(cell):
            found = MACHINE_PATH.search(text)
            assert not found, text[found.start() : found.start() + 80]


@every_chapter
def test_a_code_cell_has_about_15_lines_at_most(chapter):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(read_notebook(chapter))]
    assert max(lengths) <= 20
    # "About": a few cells may need a line or two more.
    assert sum(length > 15 for length in lengths) <= len(lengths) // 10


def has_picture(cell):
    outputs = cell.get("outputs", [])
    return any(kind.startswith("image/") for output in outputs for kind in output.get("data", {}))


@every_chapter
def test_prose_or_a_picture_stands_between_any_two_code_cells(chapter):
    cells = read_notebook(chapter).cells
    for first, second in zip(cells, cells[1:]):
        if first.cell_type == second.cell_type == "code":
            assert has_picture(first), second.source


@every_chapter
def test_every_figure_has_the_sentence_below_it_as_text_alternative(chapter):
    book = read_notebook(chapter)
    described = nbformat.from_dict(book)
    describe_figures(described.cells)
    for cell, again in zip(code_cells(book), code_cells(described)):
        for output, expected in zip(cell.outputs, again.outputs):
            pictures = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
            assert all(output.metadata.get(kind, {}).get("alt") for kind in pictures), cell.source
            assert output.get("metadata") == expected.get("metadata"), cell.source


@every_chapter
def test_no_cell_is_empty(chapter):
    assert all(cell.source.strip() for cell in read_notebook(chapter).cells)


@every_chapter
def test_a_chapter_begins_with_its_title_and_what_to_expect(chapter):
    first = read_notebook(chapter).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert re.search(r"You will be able to\b.*\bYou need\b.*\bTime\b", first.source, re.DOTALL)


@every_chapter
def test_a_chapter_ends_with_what_we_saw_and_further_reading(chapter):
    cells = read_notebook(chapter).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#+ *(.+?) *$", prose, flags=re.MULTILINE)
    assert "What we saw" in headings
    assert headings[-1] == "Further reading"
    assert headings.index("What we saw") < headings.index("Further reading")
