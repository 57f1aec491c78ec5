"""A text file of comma-separated values, as lines of cells."""

import csv
import io
import re

from course_lib.datasets.cells import as_number

# Excel's own first line, which says what separates the cells.
DECLARED = re.compile(r'"?sep=([^"\w\s]|\t)"?[;,\t ]*(?=[\r\n])', re.IGNORECASE)
REASONS = {
    "field larger": f'a cell of more than {csv.field_size_limit()} characters: is a quote (") '
    "in it or before it never closed?",
    "unexpected end": 'a quote (") that is never closed',
    "expected after": 'text behind a closing quote ("): a quote inside a cell is written twice',
}


def read_table(name, content, decimal):
    """The lines of a table as (line number, cells), without empty ones at both ends.

    Semicolons, tabs and commas as separators are recognized. Raises ValueError if there is
    nothing in it, if it is no text, or if it breaks the rules for quotes.
    """
    text = decoded(name, content)
    declared = DECLARED.match(text)
    if declared:
        lines, fault = split(text[declared.end() :], declared[1])
    else:
        lines, fault = split_by_what_fits(name, text, decimal)
    if fault:
        number, said = fault
        reason = next((why for words, why in REASONS.items() if words in said), said)
        raise ValueError(f"line {number} of {name} has {reason}")
    while lines and not any(lines[-1][1]):
        lines.pop()
    start = next((i for i, (_, row) in enumerate(lines) if row), 0)
    if not lines:
        raise ValueError(f"{name} is empty")
    return lines[start:]


def decoded(name, content):
    """The text of a file in UTF-8, or as Windows wrote it in Western Europe."""
    if b"\0" in content:
        raise ValueError(
            f"{name} is not a text file: save it as CSV (comma-separated values) in the "
            "program it comes from"
        )
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")  # which has a character for every byte


def split(text, separator):
    """Lines as (number of the line, cells), and (number, reason) of a fault that ends them, or
    None."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    lines, number = [], 1
    try:
        for row in reader:
            lines.append((number, [cell.strip() for cell in row]))
            number = reader.line_num + 1  # a cell in quotes may go over several lines
    except csv.Error as error:
        return lines, (number, str(error))
    return lines, None


def split_by_what_fits(name, text, decimal):
    """`split` by the separator that fits the lines best; at a draw by ; then tab then comma."""
    tables = {separator: split(text, separator) for separator in ";\t,"}
    best = max(tables, key=lambda separator: fit(tables[separator][0]))
    if decimal == "." and fit(tables[best][0])[0] == 0:
        return tables[","]  # lines longer than the first one are then noticed
    if decimal == "." or best != ",":
        return tables[best]
    rows = [row for _, row in tables[","][0] if row]
    if fit(tables[","][0])[0] == 0 or all(as_number(cell, ".") is not None for cell in rows[0]):
        return tables["\t"]  # one column, and all commas in it are decimal commas
    if not any("," in cell for row in rows for cell in row):
        raise ValueError(
            f"in {name} commas separate the cells, so they cannot be decimal commas: leave out "
            'decimal, or put numbers such as "1,5" in quotes'
        )
    return tables[","]


def fit(lines):
    """How well a separator fits, to be compared: (0,) if the first line has one cell only, else
    1, whether its quotes come in pairs, and the share of lines with as many cells."""
    rows = [row for _, row in lines if row]
    if not rows or len(rows[0]) < 2:
        return (0,)
    paired = all(cell.count('"') % 2 == 0 for cell in rows[0])
    return 1, paired, sum(len(row) == len(rows[0]) for row in rows) / len(rows)
