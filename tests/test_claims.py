"""The table of claims, as it is read from the outputs of chapters."""

import json
from pathlib import Path

import pytest

from course_lib.claims import __main__ as command
from course_lib.claims import claim
from course_lib.claims.truth_table import as_markdown, as_text, claims_of
from course_lib.evaluation import Interval

CHAPTERS = Path(__file__).parent.parent / "chapters"


@pytest.fixture
def chapter(tmp_path, capsys):
    """A notebook with two sections; in each of them one cell that claims."""

    def cell(sentence, values, **bounds):
        claim(sentence, values, **bounds)
        output = {
            "output_type": "stream",
            "name": "stdout",
            "text": ["a\n", capsys.readouterr().out],
        }
        return {"cell_type": "code", "source": "claim(...)", "outputs": [output]}

    def prose(*lines):
        return {"cell_type": "markdown", "source": [line + "\n" for line in lines]}

    cells = [
        prose("# 01 Memory", "Text"),
        prose("## 1. Sums"),
        cell("by hand (0.5 | 1): error", 1e-7, at_most=1e-06),
        prose("text", "", "## 2. Bits", "text"),
        cell("A minus B", [0.2, 0.3], at_least=0.1, interval=Interval(0.25, 0.05, 0.4, 0.9)),
    ]
    path = tmp_path / "01.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {"backend": "pytensor"}}))
    return path


def test_a_claim_is_read_as_it_was_printed(chapter):
    assert claims_of(chapter) == [
        (
            "01 Memory",
            "1. Sums",
            "by hand (0.5 | 1): error",
            "1e-07",
            "at most 1e-06",
            1,
            "",
            "pytensor",
        ),
        (
            "01 Memory",
            "2. Bits",
            "A minus B",
            "0.2",
            "at least 0.1",
            2,
            "90% interval 0.05 to 0.4",
            "pytensor",
        ),
    ]


def test_the_table_for_a_terminal(chapter):
    assert as_text(claims_of(chapter)).splitlines() == [
        "",
        "01 Memory (pytensor)",
        "  1. Sums",
        "         1e-07  at most 1e-06                by hand (0.5 | 1): error",
        "  2. Bits",
        "           0.2  at least 0.1         2 runs  A minus B [90% interval 0.05 to 0.4]",
        "",
        "2 claims, 1 of two models with an interval for their difference",
    ]


def test_the_page_in_markdown(chapter):
    page = as_markdown(claims_of(chapter))
    assert "## 01 Memory\n\nMeasured on pytensor." in page
    assert r"| 1. Sums | by hand (0.5 \| 1): error | 1e-07 | at most 1e-06 | 1 |  |" in page
    assert "| A minus B | 0.2 | at least 0.1 | 2 | 90% interval 0.05 to 0.4 |" in page


def test_every_claim_of_the_chapters_is_found():
    for path in CHAPTERS.glob("*.ipynb"):
        printed = path.read_text(encoding="utf-8").count('"holds: ')
        assert len(claims_of(path)) == printed


def test_the_page_of_the_course_shows_the_claims_as_they_are():
    paths = sorted(CHAPTERS.glob("*.ipynb"))
    page = as_markdown([claim for path in paths for claim in claims_of(path)])
    assert (CHAPTERS / "claims.md").read_text(encoding="utf-8") == page + "\n"


def test_the_command_lists_all_chapters_or_those_named(chapter, capsys):
    assert command.main([]) == 0
    listed = capsys.readouterr().out
    for path in CHAPTERS.glob("*.ipynb"):
        assert f"\n{path.name[:2]} " in listed
    assert command.main([str(chapter), "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("# What the course claims\n\n2 claims, 1 of")


@pytest.mark.parametrize("content", [None, "no json", "{}"])
def test_a_file_that_is_no_notebook_is_named(content, tmp_path, capsys):
    path = tmp_path / "x.ipynb"
    if content is not None:
        path.write_text(content)
    assert command.main([str(path)]) == 2
    assert f"{path} is not a notebook that can be read" in capsys.readouterr().err
