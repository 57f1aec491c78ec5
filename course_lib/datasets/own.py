"""A learner's own series, out of a table of comma-separated values."""

import csv

import numpy as np

from course_lib.arguments import positive_int
from course_lib.files import own_file

GAPS = {"", "-", "?", "n/a", "na", "nan", "none", "null"}  # what stands in empty cells


def load_series(path, column=None, length=None, decimal="."):
    """One column of numbers from a text file of comma-separated values, as an array (time,).

    Semicolons and tabs as separators are recognized, and whether the first line holds names.

    column: a name from the first line, or a position from 0 on; may be left out if there is
        only one column. Other columns, such as dates, are not looked at.
    length: of the windows you are going to cut; more values than that are asked for.
    decimal: "," if the file writes 1,5 for 1.5.

    Raises ValueError that says what is wrong, in which line, and what to do.
    """
    if decimal not in (".", ","):
        raise ValueError(f"decimal must be '.' or ',', got {decimal!r}")
    path, content = own_file(path, ".csv")
    lines = rows_of(path, content, decimal)
    first = lines[0][1]
    names, place = find_column(path, first, column, decimal)
    body = lines if names is None else lines[1:]
    if not body:
        raise ValueError(f"{path.name} has a line of names and no values below it")
    what = f"column {column!r}" if len(first) > 1 else "its column"
    cells = [(number, cell_of(path, number, row, place, len(first))) for number, row in body]
    gaps = [number for number, cell in cells if cell.lower() in GAPS]
    if gaps:
        shown = ", ".join(str(number) for number in gaps[:5]) + (", ..." if len(gaps) > 5 else "")
        raise ValueError(
            f"{path.name} has {len(gaps)} gap(s) in {what}, in line(s) {shown}: windows need a "
            "value at every time step. Fill the gaps, or cut the file to a stretch without any"
        )
    values = np.array([number_in_cell(path, what, *cell, decimal) for cell in cells])
    if length is not None and len(values) <= positive_int("length", length):
        raise ValueError(
            f"{path.name} has {len(values)} values; windows of {length} need at least "
            f"{length + 1}, and many more to learn from"
        )
    return values


def rows_of(path, content, decimal):
    """The lines of a file as (line number, cells), without empty ones at the end."""
    if b"\0" in content:
        raise ValueError(
            f"{path.name} is not a text file: save it as CSV (comma-separated values) in the "
            "program it comes from"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.rstrip()
    if not text:
        raise ValueError(f"{path.name} is empty")
    first = text.splitlines()[0]
    choices = ";\t" if decimal == "," else ";\t,"
    separator = next((mark for mark in choices if mark in first), choices[-1])
    reader = csv.reader(text.splitlines(), delimiter=separator)
    return [(reader.line_num, row) for row in reader]


def cell_of(path, number, row, place, width):
    """The text in one cell of a line, "" if the line ends before it."""
    if len(row) > width:
        raise ValueError(
            f"line {number} of {path.name} has {len(row)} cells, the first line {width}; if its "
            "commas are decimal commas, pass decimal=','"
        )
    return row[place].strip() if place < len(row) else ""


def find_column(path, first, column, decimal):
    """The names in the first line (None if it holds numbers already), and the column's place."""
    headless = all(as_number(cell, decimal) is not None for cell in first)
    names = None if headless else [name.strip() for name in first]
    found = f"{path.name} has the columns " + (
        f"0 to {len(first) - 1}, without names" if headless else ", ".join(map(repr, names))
    )
    if column is None and len(first) == 1:
        return names, 0
    if column is None:
        last = len(first) - 1 if headless else names[-1]
        raise ValueError(f"{found}: choose one, as in column={last!r}")
    if isinstance(column, str) and names is not None and column.strip() in names:
        return names, names.index(column.strip())
    if isinstance(column, int) and not isinstance(column, bool) and 0 <= column < len(first):
        return names, column
    raise ValueError(f"there is no column {column!r}: {found}")


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


def number_in_cell(path, what, number, cell, decimal):
    """The number in a cell of line `number`, or ValueError with the text that stands there."""
    value = as_number(cell, decimal)
    if value is not None:
        return value
    other = "," if decimal == "." else "."
    hint = "only numbers can be used"
    if as_number(cell, other) is not None:
        hint = (
            f"if that is a decimal {'comma' if other == ',' else 'point'}, pass decimal={other!r}"
        )
    raise ValueError(f"line {number} of {path.name} has {cell!r} in {what}: {hint}")
