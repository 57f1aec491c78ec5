"""Dates in the cells of a table."""

import re
from datetime import datetime

WEEK = "%G-W%V-%u"
FORMS = (
    *("%Y-%m-%d", "%Y-%m", "%Y", "%Y/%m/%d", "%Y/%m", "%d.%m.%Y", "%m.%Y", "%d.%m.%y"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y%m%d", "%Y%m", "%YM%m", WEEK),
    *("%b %Y", "%B %Y", "%b-%Y", "%b-%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y"),
    *("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f"),
    *("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"),
    *("%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"),
    *("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M"),
    *("%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
)
DIGITS = {"%Y%m": 6, "%Y%m%d": 8}  # else 202011 would be the 1st of January, too
QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])")


def as_date(cell, form):
    """The date in a cell that is written in this form, as a datetime, or None.

    A week is its Monday, a quarter its first month, a time with a zone is in UTC, and a year of
    two digits lies between 1930 and 2029, as in spreadsheets.
    """
    if len(cell) != DIGITS.get(form, len(cell)):
        return None
    if form == WEEK:
        cell = f"{cell}-1"
    cell = QUARTER.sub(lambda found: f"{found[1]}-{3 * int(found[2]) - 2}", cell)
    try:
        date = datetime.strptime(cell, form)
        if "%y" in form and date.year > 2029:
            date = date.replace(year=date.year - 100)
        return date.replace(tzinfo=None) - date.utcoffset() if date.tzinfo else date
    except (ValueError, OverflowError):  # the latter: a time zone at the end of the calendar
        return None


def is_date(cell):
    """Whether a cell holds a date in one of the usual forms."""
    return any(as_date(cell, form) for form in FORMS)
