"""Dates as people write them, and the same dates in the form of ISO 8601.

All days of the hundred years from 1930 to 2029, in words, numbers and mixtures of both:

    the third of May, nineteen ninety-seven        1997-05-03
    SAT 3 MAY '97                                  1997-05-03

What a reader could take in two ways is settled by rules, and only what keeps them is drawn:

- Between numbers the mark tells the order: 1997-5-3 and 1997/5/3 start with the year,
  3.5.1997 is day and month, as in much of Europe, 5/3/1997 month and day, as in the United States.
- Years of two digits lie between 1930 and 2029, so that '29 is 2029 and '30 is 1930.
- A day of the week, where there is one, is the right one.
"""

from datetime import date

import numpy as np

from course_lib.arguments import one_of, positive_int

FIRST, LAST = date(1930, 1, 1), date(2029, 12, 31)
LONGEST = 40  # characters; what would be longer is not written
TEST_DAY = 10  # every tenth day is for the test alone

MONTHS = [
    *["January", "February", "March", "April", "May", "June"],
    *["July", "August", "September", "October", "November", "December"],
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
SHORT_MONTHS = {8: ["Sep", "Sept"]}  # the others: their first three letters

ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = [
    *["ten", "eleven", "twelve", "thirteen", "fourteen"],
    *["fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
    "twenty": "twentieth",
    "thirty": "thirtieth",
}


def in_words(number):
    """A whole number from 1 to 99: *ninety-seven*."""
    if number < 10:
        return ONES[number - 1]
    if number < 20:
        return TEENS[number - 10]
    tens = TENS[number // 10 - 2]
    return f"{tens}-{ONES[number % 10 - 1]}" if number % 10 else tens


def ordinal_in_words(number):
    """*third*, *twenty-second*: a day of a month."""
    *tens, last = in_words(number).split("-")
    return "-".join([*tens, ORDINALS.get(last, last + "th")])


def ordinal(number):
    """*3rd*, *22nd*: a day of a month."""
    ends = {} if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{ends.get(number % 10, 'th')}"


def year_in_words(year, joined):
    """*nineteen ninety-seven*, *two thousand and one*, without *and* unless `joined`."""
    century, rest = divmod(year, 100)
    if year < 2000 or rest >= 10:
        return f"{in_words(century)} {in_words(rest)}"
    return "two thousand" + (f"{' and' if joined else ''} {in_words(rest)}" if rest else "")


# --- ways to write a date: each takes the date and a numpy generator ---------------------------


def pick(rng, options):
    """One of some options, each as likely as the others."""
    return options[rng.integers(len(options))]


def any_month(day, rng):
    """*September*, *Sep*, *Sept.*"""
    name = MONTHS[day.month - 1]
    if rng.random() < 0.5 or name == "May":
        return name
    return pick(rng, SHORT_MONTHS.get(day.month - 1, [name[:3]])) + pick(rng, ["", "."])


def any_year(day, rng):
    """*1997*, *'97*, *nineteen ninety-seven*."""
    form = rng.random()
    if form < 0.6:
        return str(day.year)
    return f"'{day.year % 100:02}" if form < 0.8 else year_in_words(day.year, rng.random() < 0.5)


def any_weekday(day, rng):
    """*Saturday, *, *Sat *, and in one of two cases nothing."""
    if rng.random() < 0.5:
        return ""
    name = WEEKDAYS[day.weekday()]
    return pick(rng, [name, name[:3]]) + pick(rng, [", ", " "])


def day_first(day, rng):
    """*3 May 1997*, *Sat, the 3rd of May, 1997*, *the third of May '97*."""
    number = pick(rng, [str(day.day), ordinal(day.day), ordinal_in_words(day.day)])
    the = "the " if not number.isdigit() and rng.random() < 0.6 else ""
    of = " of " if the or not number.isdigit() else " "
    comma = pick(rng, [" ", " ", ", "])
    return (
        f"{any_weekday(day, rng)}{the}{number}{of}{any_month(day, rng)}{comma}{any_year(day, rng)}"
    )


def month_first(day, rng):
    """*May 3, 1997*, *Sat May the third, 1997*."""
    number = pick(rng, [str(day.day), ordinal(day.day), ordinal_in_words(day.day)])
    the = "the " if not number.isdigit() and rng.random() < 0.3 else ""
    return f"{any_weekday(day, rng)}{any_month(day, rng)} {the}{number}, {any_year(day, rng)}"


def year_first(day, rng):
    """*1997, May 3*, *1997 May 3rd*."""
    number = pick(rng, [str(day.day), ordinal(day.day)])
    return f"{day.year}{pick(rng, [' ', ', '])}{any_month(day, rng)} {number}"


def hyphens(day, rng):
    """*3-May-1997*, *03-Sep-97*."""
    number, year = pick(rng, [f"{day.day}", f"{day.day:02}"]), pick(rng, [4, 2])
    return f"{number}-{MONTHS[day.month - 1][:3]}-{str(day.year)[-year:]}"


def numbers(day, rng):
    """*1997-5-3*, *1997/05/03*, *3.5.1997*, *05/03/97*: the mark tells the order."""
    width = pick(rng, [1, 2])
    d, m, y = f"{day.day:0{width}}", f"{day.month:0{width}}", str(day.year)
    short = pick(rng, [y, y[2:]])
    return pick(rng, [f"{y}-{m}-{d}", f"{y}/{m}/{d}", f"{d}.{m}.{short}", f"{m}/{d}/{short}"])


WAYS = {
    "day first": (day_first, 0.4),
    "month first": (month_first, 0.25),
    "year first": (year_first, 0.07),
    "hyphens": (hyphens, 0.08),
    "numbers": (numbers, 0.2),
}


def careless(text, rng):
    """`text` in small or capital letters now and then, or with a blank too many."""
    case, blank = rng.random(2)
    text = text.lower() if case < 0.15 else text.upper() if case > 0.85 else text
    places = [i for i, symbol in enumerate(text) if symbol == " "]
    if places and blank < 0.15:
        i = pick(rng, places)
        text = text[:i] + " " + text[i:]
    return text


def written(day, rng, way=None):
    """A way to write the date `day`, at most 40 characters, from the random numbers of `rng`."""
    text = None
    while text is None or len(text) > LONGEST:
        name = way or rng.choice(list(WAYS), p=[p for _, p in WAYS.values()])
        text = careless(WAYS[name][0](day, rng), rng)
    return text


# --- what is drawn ----------------------------------------------------------------------------

PARTS = {"train": lambda n: n % TEST_DAY != 0, "test": lambda n: n % TEST_DAY == 0}
CHARACTERS = " ',-./0123456789" + "ABCDEFGHIJLMNOPRSTUVWXY" + "abcdefghijlmnoprstuvwxy"
ISO_CHARACTERS = "-0123456789"


def dates(num_samples, part="train", seed=0, way=None):
    """Dates in free writing and in ISO form: two lists of `num_samples` strings.

    `part` is "train" or "test": every tenth day of the hundred years is for the test alone, so
    that no date of the one part occurs in the other, however it is written. `way` is one of
    "day first", "month first", "year first", "hyphens" and "numbers", by default a mixture.
    Sources are of 6 to 40 characters, all of them from `CHARACTERS`, targets of ten from
    `ISO_CHARACTERS`. Raises ValueError for other parts, ways and numbers of samples.
    """
    belongs = one_of("part", part, PARTS)
    if way is not None:
        one_of("way", way, WAYS)
    rng = np.random.default_rng(seed)
    days = np.arange(FIRST.toordinal(), LAST.toordinal() + 1)
    drawn = rng.choice(days[belongs(days)], positive_int("num_samples", num_samples))
    drawn = [date.fromordinal(int(n)) for n in drawn]
    return [written(day, rng, way) for day in drawn], [day.isoformat() for day in drawn]
