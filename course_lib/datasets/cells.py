"""What stands in a cell of a table: a number, a gap, or something else."""

import re

import numpy as np

# What stands in empty cells, in lower case: of spreadsheets, of statistics programs, of offices.
GAPS = {
    *("", "-", "--", ".", "..", "...", "?", "n/a", "na", "nan", "-nan", "none", "null", "nil"),
    *("missing", "nat", "<na>", "#n/a", "#na", "#n/a n/a"),
}
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:([.,' \u00a0\u202f\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")


def is_gap(cell):
    """Whether a cell says that there is no value."""
    return cell.lower() in GAPS


def as_number(cell, decimal):
    """The finite number in a cell, or None."""
    cell = cell.strip()
    if decimal == ",":
        if "." in cell:
            return None
        cell = cell.replace(",", ".")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if np.isfinite(value) and "_" not in cell else None


def looks_like_a_number(cell):
    """Whether a cell holds a number in any way of writing."""
    return bool(THOUSANDS.fullmatch(cell)) or any(
        as_number(cell, mark) is not None for mark in ".,"
    )


def how_to_mend(cell, decimal):
    """What helps with a cell that is no number when `decimal` stands before the fraction."""
    other, kind = (",", "comma") if decimal == "." else (".", "point")
    advice = []
    grouped = THOUSANDS.fullmatch(cell)
    if grouped:
        plain = cell.replace(grouped[1], "")
        advice.append(f"if {grouped[1]!r} separates thousands, write {plain} in the file")
    if as_number(cell, other) is not None:
        advice.append(f"if that is a decimal {kind}, pass decimal={other!r}")
    return "; ".join(advice) or "only numbers can be used"


def shown(cell):
    """A cell for a message, in quotes and not too long."""
    return repr(cell if len(cell) <= 60 else cell[:57] + "...")
