"""The command that runs chapters and stores their outputs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib import notebooks


def test_of_a_progress_bar_only_the_last_state_is_kept():
    assert notebooks.last_state("a\n10%\r 50%\r100%\nb\n") == "a\n100%\nb\n"


def test_a_carriage_return_before_the_end_of_a_line_erases_nothing():
    assert notebooks.last_state("100%\r\nb") == "100%\nb"


def test_lines_without_carriage_returns_stay_as_they_are():
    assert notebooks.last_state("trailing blanks  \n") == "trailing blanks  \n"


@pytest.fixture
def notebook(tmp_path):
    def write(*sources):
        path = tmp_path / "chapter.ipynb"
        nbformat.write(new_notebook(cells=[new_code_cell(s) for s in sources]), path)
        return path

    return write


def test_a_run_stores_outputs_and_the_order_of_the_cells(notebook):
    path = notebook("print(1)", "x = 2", "x")
    notebooks.run(path)
    cells = nbformat.read(path, as_version=4).cells
    assert [cell.execution_count for cell in cells] == [1, 2, 3]
    assert cells[0].outputs[0].text == "1\n"


def test_a_run_stores_which_backend_it_ran_on(notebook):
    path = notebook("from course_lib.backend import theano; theano.__name__")
    notebooks.run(path)
    book = nbformat.read(path, as_version=4)
    assert book.cells[0].outputs[0].data["text/plain"] == f"'{book.metadata.backend}'"


def test_a_cell_that_writes_to_stderr_is_refused_and_the_file_kept(notebook):
    path = notebook("import sys; print('warning', file=sys.stderr)")
    before = path.read_text()
    with pytest.raises(ValueError, match="stderr: warning"):
        notebooks.run(path)
    assert path.read_text() == before


@pytest.fixture
def figure():
    picture = new_output("display_data", {"image/png": "", "text/plain": "<Figure>"})
    return new_code_cell("plots.it()", outputs=[picture])


def alt_text(figure, *below):
    notebooks.describe_figures([figure, *map(new_markdown_cell, below)])
    return figure.outputs[0].metadata.get("image/png", {}).get("alt")


def test_the_sentence_below_a_figure_is_its_text_alternative(figure):
    assert alt_text(figure, "*The loss\nfalls to `0`.* Why?") == "The loss falls to 0."


@pytest.mark.parametrize("below", [(), ("Why *does* it fall?",), ("**Bold** words",)])
def test_a_figure_without_a_sentence_below_it_has_no_text_alternative(figure, below):
    assert alt_text(figure, *below) is None
