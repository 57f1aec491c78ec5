"""A learner's own series, out of a table of comma-separated values."""

import re

import numpy as np

from course_lib.arguments import positive_int
from course_lib.datasets.cells import as_number, how_to_mend, is_gap, looks_like_a_number, shown
from course_lib.datasets.days import is_date
from course_lib.datasets.table import read_table
from course_lib.datasets.timeline import check_dates
from course_lib.files import own_file

FOOTER = re.compile(r"(grand total|total|sum|average|mean|median|sources?|notes?)\b", re.I)


def load_series(path, column=None, length=None, decimal=".", dates=None):
    """One column of numbers from a text file of comma-separated values, as an array (time,).

    Semicolons and tabs as separators are recognized, and whether the first line holds names.

    column: a name from the first line, or a position from 0 on; may be left out if there is
        only one column. Other columns are not looked at.
    length: of the windows you are going to cut; more values than that are asked for.
    decimal: "," if the file writes 1,5 for 1.5.
    dates: the column of their dates, by name or position, if these are to be checked: none may
        be repeated, go back in time, or be missing. How far one is from the next (a year, a
        month, a day, an hour, ...) is told from the dates. Without Saturdays and Sundays, as
        prices of stocks are, up to five weekdays in a row may be missing: holidays. Hours with
        summer time miss one and repeat one each year: have them in UTC.

    Raises ValueError that says what is wrong, in which line, and what to do.
    """
    if decimal not in (".", ","):
        raise ValueError(f"decimal must be '.' or ',', got {decimal!r}")
    path, content = own_file(path, ".csv")
    name = path.name
    lines = read_table(name, content, decimal)
    first = lines[0][1]
    place = find_column(name, first, column)
    by_name = isinstance(column, str) or isinstance(dates, str)
    body = lines[1:] if by_name or holds_names(name, first, place) else lines
    if not body:
        raise ValueError(f"{name} has a line of names and no values below it")
    what = f"column {column!r}" if len(first) > 1 else "its column"
    refuse_footer(name, body, place)
    cells = cells_of(name, body, place, len(first), decimal)
    refuse_gaps(name, what, cells)
    values = np.array([number_in_cell(name, what, *cell, decimal) for cell in cells])
    if dates is not None:
        days = cells_of(name, body, find_column(name, first, dates), len(first), decimal)
        check_dates(name, f"column {dates!r}", days)
    if length is not None and len(values) <= positive_int("length", length):
        raise ValueError(
            f"{name} has {len(values)} values; windows of {length} need at least "
            f"{length + 1}, and many more to learn from"
        )
    return values


def find_column(name, first, column):
    """The place of a column, given by its name in the first line, its position, or None."""
    headless = all(map(looks_like_a_value, first))
    some = ", ".join(map(shown, first[:20])) + (", ..." if len(first) > 20 else "")
    found = f"{name} has the columns " + (
        f"0 to {len(first) - 1}, without names" if headless else some
    )
    if column is None and len(first) == 1:
        return 0
    if column is None:
        last = len(first) - 1 if headless or first.count(first[-1]) > 1 else first[-1]
        raise ValueError(f"{found}: choose one, as in column={last!r}")
    if isinstance(column, str):
        places = [i for i, cell in enumerate(first) if cell == column.strip()]
        if len(places) > 1:
            raise ValueError(
                f"{name} has {len(places)} columns {column!r}, in the positions "
                f"{', '.join(map(str, places))}: choose by position, as in column={places[0]}"
            )
        if places:
            return places[0]
    whole = isinstance(column, (int, np.integer)) and not isinstance(column, bool)
    if whole and 0 <= column < len(first):
        return int(column)
    raise ValueError(f"there is no column {column!r}: {found}")


def looks_like_a_value(cell):
    """Whether a cell of the first line is a number or a date rather than a name."""
    return looks_like_a_number(cell) or is_date(cell)


def holds_names(name, first, place):
    """Whether the first line holds names; ValueError if that cannot be told.

    A number among words may be a value below no name, or a year that is a name.
    """
    number = looks_like_a_number(first[place])
    others = [looks_like_a_value(cell) for i, cell in enumerate(first) if i != place]
    if number and all(others):
        return False
    if not number and (is_date(first[place]) or not any(others)):
        return True
    raise ValueError(
        f"the first line of {name} has {shown(first[place])} in column {place}, which may be a "
        f"name or a value: if a name, pass column={shown(first[place])}; if a value, put a line "
        "of names above it"
    )


def refuse_footer(name, body, place):
    """ValueError if the lines at the end are a footer rather than values."""
    labels = [(number, next(filter(None, row), "")) for number, row in body]
    if FOOTER.match(labels[0][1]):
        return
    footer = None
    for (number, label), (_, row) in zip(reversed(labels), reversed(body)):
        if label and not FOOTER.match(label) and len(row) > place:
            break
        footer = (number, label) if label else footer
    if footer:
        raise ValueError(
            f"{name} ends with {shown(footer[1])} in line {footer[0]}, which looks like a footer: "
            "take it out of the file; if it is a gap, fill it"
        )


def cells_of(name, body, place, width, decimal):
    """A column as (line number, text in the cell), "" where a line ends before it."""
    for number, row in body:
        if len(row) > width:
            hint = "pass decimal=','" if decimal == "." else "put those numbers in quotes"
            raise ValueError(
                f"line {number} of {name} has {len(row)} cells, the first line {width}; if its "
                f"commas are decimal commas, {hint}"
            )
    return [(number, row[place] if place < len(row) else "") for number, row in body]


def refuse_gaps(name, what, cells):
    """ValueError if some of the cells (line number, text) have no value."""
    gaps = [number for number, cell in cells if is_gap(cell)]
    if gaps:
        listed = ", ".join(str(number) for number in gaps[:5]) + (", ..." if len(gaps) > 5 else "")
        raise ValueError(
            f"{name} has {len(gaps)} gap(s) in {what}, in line(s) {listed}: windows need a "
            "value at every time step. Fill the gaps, or cut the file to a stretch without any"
        )


def number_in_cell(name, what, number, cell, decimal):
    """The number in a cell of line `number`, or ValueError with the text that stands there."""
    value = as_number(cell, decimal)
    if value is None:
        mend = how_to_mend(cell, decimal)
        raise ValueError(f"line {number} of {name} has {shown(cell)} in {what}: {mend}")
    return value
