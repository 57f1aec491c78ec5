"""Whether the dates of a series go on step by step."""

import numpy as np

from course_lib.datasets.cells import shown
from course_lib.datasets.days import FORMS, as_date

HOLIDAYS = 5  # weekdays in a row without a stock exchange: a week of holidays


def check_dates(name, what, cells):
    """ValueError unless the dates in cells (line number, text) go on by one step.

    The step is the median of all steps, and a date may be off by less than half of it. In a
    series of weekdays only, up to five of them in a row may be missing: no calendar of holidays
    is right for every country. Dates such as 01/02/2020, which do not say which part is the
    month, are read in the way in which they go on step by step.

    name, what: of the file and of the column, for messages.
    """
    faults = {
        disorder(name, cells, times) or unevenness(name, cells, times)
        for times in readings(name, what, cells)
    }
    if None in faults:
        return
    if len(faults) > 1:
        raise ValueError(
            f"the dates in {what} of {name}, such as {shown(cells[0][1])}, can be read in several "
            "ways (day or month first), and in none do they go on step by step: write them like "
            "2020-01-31"
        )
    raise ValueError(faults.pop())


def readings(name, what, cells):
    """The dates in cells, as datetime64 (time,) for each form that all of them have.

    Raises ValueError if there is no such form.
    """
    read = {form: [] for form in FORMS}
    for number, cell in cells:
        for form in list(read):
            read[form].append(as_date(cell, form))
            if read[form][-1] is None:
                del read[form]
        if not read:
            line, first = cells[0]
            usual = f"written like {shown(first)} in line {line}"
            if number == line:
                usual = "such as 2020-01-31, 2020-01, 2020Q1 or 31.12.2020"
            raise ValueError(
                f"line {number} of {name} has {shown(cell)} in {what}, which is no date {usual}"
            )
    return [np.array(dates, "datetime64[us]") for dates in read.values()]


def disorder(name, cells, times):
    """What to say of the first time that is not later than the one before, or None."""
    places = np.flatnonzero(times[1:] <= times[:-1])
    if not len(places):
        return None
    (line, before), (number, cell) = cells[places[0] : places[0] + 2]
    if times[places[0]] == times[places[0] + 1]:
        return (
            f"line {number} of {name} has the date {shown(cell)} of line {line} again: each date "
            "may stand in one line only; if the file holds several series, make a file of each"
        )
    return (
        f"{name} runs backwards from line {number} on, {shown(cell)} after {shown(before)}: sort "
        "its lines by date, the oldest first; if it holds several series, make a file of each"
    )


def unevenness(name, cells, times):
    """What to say of the first step between rising times that is none of the usual, or None."""
    if len(times) < 3:
        return None  # whatever lies between two dates is the step
    times = in_their_unit(times)
    step = median(np.diff(times))
    missing = np.rint(np.diff(times) / step).astype(int) - 1
    after = times[:-1] + step
    if of_weekdays(times, step):
        missing = np.busday_count(times[:-1], times[1:]) - 1
        missing[missing <= HOLIDAYS] = 0
        after = np.busday_offset(times[:-1], 1)
    places = np.flatnonzero(missing)
    if not len(places):
        return None
    (line, before), (number, cell) = cells[places[0] : places[0] + 2]
    pair = f"{shown(before)} in line {line} and {shown(cell)} in line {number}"
    usual = f"most dates of {name} are {spoken(step)} apart"
    if missing[places[0]] < 0:
        return f"{usual}, but {pair} less than half of that: take out what is too much"
    return (
        f"{usual}, and {missing[missing > 0].sum()} date(s) are missing; the first is "
        f"{after[places[0]]}, between {pair}. Add what is missing, or cut the file to a stretch "
        "without gaps"
    )


def in_their_unit(times):
    """Times in the longest unit that tells them apart: datetime64 of years, months, days, ...

    Dates a month or more apart count in months, whichever day of the month each has; dates
    whole days apart in days, whichever time of the day each has.
    """
    months, days = times.astype("datetime64[M]"), times.astype("datetime64[D]")
    apart, day = median(np.diff(times)), np.timedelta64(1, "D")
    if apart >= 28 * day and rising(months):
        times = months
    elif apart % day == 0 * day and rising(days):
        times = days
    units = [times.astype(f"datetime64[{unit}]") for unit in ("Y", "M", "D", "m", "s", "us")]
    return next(same for same in units if (same == times).all())


def rising(times):
    """Whether each of some times is later than the one before."""
    return (times[1:] > times[:-1]).all()


def median(steps):
    """The median of steps, the lower one of two."""
    return np.sort(steps)[(len(steps) - 1) // 2]


def of_weekdays(times, step):
    """Whether times a day apart leave out every Saturday and Sunday."""
    daily = times.dtype == "datetime64[D]" and step == np.timedelta64(1, "D")
    return daily and np.is_busday(times).all() and times[-1] - times[0] > np.timedelta64(5, "D")


def spoken(step):
    """A timedelta64 in words: 1 day, 3 months."""
    return str(step)[:-1] if step.astype(int) == 1 else str(step)
