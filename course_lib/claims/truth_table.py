"""Every claim of the chapters in one table, read from the outputs they were committed with."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from course_lib.claims.check import LINE

HEADING = re.compile(r"^(#+) +(.+?) *$", re.MULTILINE)


class Claim(NamedTuple):
    """A claim that held, with its figures as they were printed."""

    chapter: str
    section: str
    sentence: str
    value: str
    bound: str
    runs: int  # of which the worst counts
    interval: str  # over test examples, if the claim compares two models
    backend: str


def claims_of(path):
    """The claims of the chapter at `path`, in order. Raises ValueError if it is no notebook."""
    try:
        book = json.loads(Path(path).read_text(encoding="utf-8"))
        return list(_claims(book))
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{path} is not a notebook that can be read: {error}") from None


def _claims(book):
    chapter = section = ""
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            for level, title in HEADING.findall("".join(cell["source"])):
                if level == "#":
                    chapter = title
                section = title
        for output in cell.get("outputs", []):
            for found in LINE.finditer("".join(output.get("text", []))):
                yield Claim(
                    chapter,
                    section,
                    found["sentence"],
                    found["value"],
                    found["bound"],
                    int(found["runs"] or 1),
                    found["interval"] or "",
                    book["metadata"].get("backend", "unknown"),
                )


def summary(claims):
    """How many claims there are, and how many of them compare two models."""
    intervals = sum(bool(claim.interval) for claim in claims)
    return f"{len(claims)} claims, {intervals} of two models with an interval for their difference"


def as_text(claims):
    """The table for a terminal: a line per claim, below its chapter and section."""
    lines = []
    for before, claim in zip([None, *claims], claims):
        if before is None or claim.chapter != before.chapter:
            lines += ["", f"{claim.chapter} ({claim.backend})"]
        if before is None or (claim.chapter, claim.section) != (before.chapter, before.section):
            lines.append(f"  {claim.section}")
        runs = f"{claim.runs} runs" if claim.runs > 1 else ""
        interval = f" [{claim.interval}]" if claim.interval else ""
        lines.append(
            f"    {claim.value:>10}  {claim.bound:<18} {runs:>8}  {claim.sentence}{interval}"
        )
    return "\n".join([*lines, "", summary(claims)])


INTRODUCTION = """\
# What the course claims

{summary}.

The computer checks each claim whenever anyone runs its chapter. *Measured* is the value in the
edition that you are reading, the worst one if there were several runs with different seeds. The
*bound* of a measured outcome lies about half way between what the chapter says and what would
refute it. Where a claim compares two models, the *interval* says how their difference varies
when the test examples are drawn again.

`python -m course_lib.claims --markdown` makes this page."""


def as_markdown(claims):
    """The table as a page in Markdown, with a table per chapter."""
    lines = [INTRODUCTION.format(summary=summary(claims))]
    for before, claim in zip([None, *claims], claims):
        if before is None or claim.chapter != before.chapter:
            lines += ["", f"## {claim.chapter}", "", f"Measured on {claim.backend}.", ""]
            lines += ["| section | claim | measured | bound | runs | interval |"]
            lines += ["|---|---|---|---|---|---|"]
        cells = [claim.section, claim.sentence, claim.value, claim.bound, claim.runs]
        row = [str(cell).replace("|", "\\|") for cell in (*cells, claim.interval)]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)
