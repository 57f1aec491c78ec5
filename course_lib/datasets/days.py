"""Dates in the cells of a table."""

from datetime import datetime

FORMS = (
    *("%Y-%m-%d", "%Y-%m", "%Y", "%Y/%m/%d", "%Y/%m", "%d.%m.%Y", "%m.%Y", "%d.%m.%y"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y%m%d", "%Y%m"),
    *("%b %Y", "%B %Y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y"),
    *("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"),
    *("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"),
)


def times(cells, form):
    """The cells as times if all of them have this form, else None."""
    try:
        return [datetime.strptime(cell, form) for cell in cells]
    except ValueError:
        return None


def is_date(cell):
    """Whether a cell holds a date in one of the usual forms."""
    return any(times([cell], form) for form in FORMS)
