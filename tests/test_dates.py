"""Dates in free writing: they are what they say, and a trained network reads them."""

import re
from datetime import date, datetime
from functools import cache

import numpy as np
import pytest

from course_lib import experiments, plots
from course_lib.experiments import date_translation
from course_lib.experiments.date_translation import TARGET, decode, encode, translate
from course_lib.tasks import dates
from course_lib.tasks.dates import (
    CHARACTERS,
    FIRST,
    LAST,
    LONGEST,
    WEEKDAYS,
    in_words,
    ordinal,
    ordinal_in_words,
    written,
    year_in_words,
)


@cache
def pairs(way=None, part="train"):
    """Dates in free writing with the day they name."""
    sources, targets = dates(2000, part, seed=3, way=way)
    return [(s, date.fromisoformat(t)) for s, t in zip(sources, targets)]


# --- the task -----------------------------------------------------------------------------


def test_all_dates_lie_in_the_hundred_years():
    days = [day for _, day in pairs()]
    assert min(days) >= FIRST and max(days) <= LAST
    assert len({day.year for day in days}) == 100


def test_no_date_of_the_test_is_in_training():
    train, test = ({day.toordinal() for _, day in pairs(None, p)} for p in ("train", "test"))
    assert all(n % 10 for n in train)
    assert not any(n % 10 for n in test)


def test_a_day_of_the_week_is_the_right_one():
    found = [
        (WEEKDAYS[day.weekday()], match[0])
        for source, day in pairs()
        if (match := re.match(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*", source, re.I))
    ]
    assert len(found) > 300
    assert all(right.lower().startswith(said.lower()) for right, said in found)


ORDERS = {"-": "%Y-%m-%d", "/": "%m/%d/%Y", ".": "%d.%m.%Y"}


def test_between_numbers_the_mark_tells_the_order():
    for source, day in pairs("numbers"):
        mark = re.search(r"\D", source)[0]
        order = "%Y/%m/%d" if re.match(r"\d{4}/", source) else ORDERS[mark]
        if re.search(r"\D\d\d$", source) and not re.match(r"\d{4}", source):
            source = f"{source[:-2]}{day.year // 100}{source[-2:]}"
        assert datetime.strptime(source, order).date() == day


def test_two_digits_name_a_year_between_1930_and_2029():
    for source, day in pairs("hyphens"):
        year = int(source.split("-")[2])
        assert day.year in (year, 1900 + year if year >= 30 else 2000 + year)


def test_a_date_of_words_and_numbers_can_be_read_back():
    read = 0
    for source, day in pairs("day first"):
        if match := re.fullmatch(r"(\d+) ([a-z]+) (\d{4})", source, re.I):
            form = "%d %B %Y" if len(match[2]) > 4 or match[2].lower() in ("june", "july") else ""
            if form:
                read += 1
                assert datetime.strptime(source, form).date() == day
    assert read > 20


@pytest.mark.parametrize(
    "number, words, ordered",
    [
        (1, "one", "first"),
        (2, "two", "second"),
        (3, "three", "third"),
        (5, "five", "fifth"),
        (9, "nine", "ninth"),
        (12, "twelve", "twelfth"),
        (14, "fourteen", "fourteenth"),
        (20, "twenty", "twentieth"),
        (28, "twenty-eight", "twenty-eighth"),
        (30, "thirty", "thirtieth"),
    ],
)
def test_numbers_in_words(number, words, ordered):
    assert in_words(number) == words
    assert ordinal_in_words(number) == ordered


def test_ordinals_have_their_endings():
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th"]
    )


@pytest.mark.parametrize(
    "year, joined, words",
    [
        (1930, False, "nineteen thirty"),
        (1997, True, "nineteen ninety-seven"),
        (2000, True, "two thousand"),
        (2001, True, "two thousand and one"),
        (2009, False, "two thousand nine"),
        (2010, True, "twenty ten"),
        (2029, False, "twenty twenty-nine"),
    ],
)
def test_years_in_words(year, joined, words):
    assert year_in_words(year, joined) == words


def test_the_leap_day_of_2000_can_be_written():
    rng = np.random.default_rng(0)
    for _ in range(50):
        text = written(date(2000, 2, 29), rng).lower()
        assert "29" in text or "twenty-ninth" in text


def test_a_source_fits_the_network():
    sources = [source for source, _ in pairs()]
    assert max(map(len, sources)) <= LONGEST
    assert set("".join(sources)) == set(CHARACTERS)


def test_the_seed_decides_the_dates():
    assert dates(5, seed=1) == dates(5, seed=1)
    assert dates(5, seed=1) != dates(5, seed=2)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"num_samples": 0}, "num_samples must be a whole number of at least 1, got 0"),
        ({"num_samples": 1, "part": "dev"}, "unknown part 'dev'; choose one of test, train"),
        ({"num_samples": 1, "way": "runes"}, "unknown way 'runes'; choose one of day first"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        dates(**options)


# --- into numbers and back ----------------------------------------------------------------


def test_sources_are_filled_up_with_nothing():
    X = encode(["3.5.97", "May 3, 1997"])
    assert X.shape == (2, LONGEST)
    assert ((X != 0).sum(axis=1) == [6, 11]).all()


def test_a_target_comes_back_from_its_numbers():
    assert decode(TARGET.encode("1997-05-03")) == "1997-05-03"


@pytest.mark.parametrize(
    "sources, message",
    [
        ("3 May 1997", "a list of texts, got one text, '3 May 1997'"),
        ([""], "a text of 1 to 40 characters, got ''"),
        (["x" * 41], "a text of 1 to 40 characters"),
        ([19970503], "a text of 1 to 40 characters, got 19970503"),
        (["3 Mai 1997", "3 März 1997"], "'3 März 1997' cannot be read: 'ä', at position 3"),
    ],
)
def test_what_the_network_cannot_read_is_refused(sources, message):
    with pytest.raises(ValueError, match=message):
        encode(sources)


# --- the network --------------------------------------------------------------------------


def test_without_attention_there_are_more_parameters():
    counts = [
        date_translation.network("GRU", attention, 64).count_params() for attention in (True, False)
    ]
    assert counts[0] < counts[1]


def test_the_trained_model_translates_unheard_dates():
    sources, targets = dates(200, "test", seed=9)
    found = translate(experiments.load("date_translator"), sources)
    assert np.mean([a == b for a, b in zip(found, targets)]) >= 0.97


def test_an_alignment_needs_a_weight_for_every_symbol():
    with pytest.raises(ValueError, match=r"at least \(10, 6\), target by source symbols"):
        plots.alignment(np.ones((10, 5)), "3.5.97", "1997-05-03")
