"""The order of the house: who imports whom, what is explained, and the form of chapters."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "course_lib"

# Lowest floor first; an import only ever points down this list.
FLOORS = [
    "atomic",
    "checks",
    "backend",
    "activations",
    "ctc",
    "initializers",
    "cells",
    "parallel",
    "recurrence",
    "layers",
    "interop",
    "losses",
    "optimizers",
    "metrics",
    "training",
    "models",
    "readout",
    "decoding",
    "tasks",
    "speech",
    "datasets",
    "text",
    "baselines",
    "gradients",
    "experiments",
    "pretrained",
    "claims",
    "plots",
    "exercises",
    "notebooks",
    "bench",
    "cli",
]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TESTS = {name_of(path): path for path in sorted((ROOT / "tests").rglob("*.py"))}
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


def python_of(cell):
    """The source of a cell without IPython's own commands."""
    lines = cell.source.splitlines()
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)


def imports(source):
    """Dotted names of all that is imported, also inside functions: `a.b` for `from a import b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which floor they point to"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_theano(source):
    return any(name.split(".")[0] == "theano" for name in imports(source))


# --- imports ------------------------------------------------------------------------------


THEANO_ROOM = "course_lib/backend/theano/"


@pytest.mark.parametrize(
    "name", sorted(name for name in {*MODULES, *TESTS} if not name.startswith(THEANO_ROOM))
)
def test_only_its_room_in_backend_imports_theano(name):
    assert not imports_theano((ROOT / name).read_text(encoding="utf-8"))


def test_that_room_does_import_theano():
    assert imports_theano(MODULES[f"{THEANO_ROOM}__init__.py"].read_text(encoding="utf-8"))


@every_notebook
def test_notebooks_take_theano_from_backend(notebook):
    for cell in code_cells(read_notebook(notebook)):
        # A cell that shows an error may hold one.
        if "raises-exception" not in cell.metadata.get("tags", []):
            assert not imports_theano(python_of(cell)), cell.source


def floor_of(name):
    """The floor of a dotted name inside the package; None for the package itself."""
    module = name.split(".")[1] if "." in name else None
    return FLOORS.index(module) if module in FLOORS else None


def test_every_module_has_its_floor():
    modules = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py"}
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert (modules | folders) - {"__init__"} <= set(FLOORS)


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_only_downwards(name):
    path = MODULES[name]
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    own_floor = FLOORS.index(own) if own != "__init__" else len(FLOORS)
    for imported in imports(path.read_text(encoding="utf-8")):
        if imported.split(".")[0] != "course_lib":
            continue
        floor = floor_of(imported)
        assert floor is not None, f"{name} imports {imported}, which has no floor"
        # The files of one folder may import each other.
        inside = path.parent != PACKAGE and floor == own_floor
        assert floor < own_floor or inside, f"{name} imports {imported}"


# --- explanations and style ---------------------------------------------------------------


def public_definitions():
    """Modules, and their public functions and classes, as (name, node)."""
    for name, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield name, tree
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_":
                yield f"{name}: {node.name}", node


def test_everything_public_has_a_docstring():
    if_main = {"course_lib/cli.py: main"}  # its help text is the module's
    silent = [name for name, node in public_definitions() if not ast.get_docstring(node)]
    assert not set(silent) - if_main


@pytest.mark.parametrize("command", ["check", "format --check"])
def test_ruff_passes(command):
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--output-format=concise", "."]
    result = subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


# --- the form of notebooks ----------------------------------------------------------------


@every_notebook
def test_a_notebook_is_valid(notebook):
    nbformat.validate(read_notebook(notebook))


@every_notebook
def test_a_notebook_runs_on_any_python_3(notebook):
    assert read_notebook(notebook).metadata.kernelspec.name == "python3"


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
