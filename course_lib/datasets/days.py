"""Dates in the cells of a table."""

from datetime import datetime

FORMS = (
    *("%Y-%m-%d", "%Y-%m", "%Y", "%Y/%m/%d", "%Y/%m", "%d.%m.%Y", "%m.%Y", "%d.%m.%y"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y%m%d", "%Y%m"),
    *("%b %Y", "%B %Y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y"),
    *("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"),
    *("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"),
)


def has_form(cell, form):
    """Whether a cell holds a date in this form."""
    try:
        datetime.strptime(cell, form)
    except ValueError:
        return False
    return True


def is_date(cell):
    """Whether a cell holds a date in one of the usual forms."""
    return any(has_form(cell, form) for form in FORMS)
