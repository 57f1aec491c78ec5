"""Time series: data, windows, a learner's own files, rivals, quantiles."""

import numpy as np
import pytest

from course_lib.backend import T, floatX, function
from course_lib.baselines import AR, HAR, AirlineModel, Persistence, SeasonalNaive, SeasonalRatio
from course_lib.datasets import DATA, airline, el_nino, load_series, price_moves, stocks, windows
from course_lib.evaluation import r_squared
from course_lib.layers import Dense
from course_lib.losses import QuantileLoss
from course_lib.models import Sequential, load_model


def rmse(error):
    return float(np.sqrt(np.mean(np.square(error))))


# --- data ---------------------------------------------------------------------------------


def test_airline_has_144_months_of_passengers():
    months, passengers = airline()
    assert months[0] == np.datetime64("1949-01") and months[-1] == np.datetime64("1960-12")
    assert months.shape == passengers.shape == (144,)
    assert passengers[0] == 112 and passengers.max() == passengers[-6] == 622


def test_el_nino_has_61_years_of_12_months():
    months, temperature = el_nino()
    assert months[0] == np.datetime64("1950-01") and months[-1] == np.datetime64("2010-12")
    assert months.shape == temperature.shape == (732,)
    assert temperature[0] == 23.11 and 18 < temperature.min() < temperature.max() < 30


def test_stocks_have_the_same_days_and_sensible_prices():
    days, prices = stocks()
    assert list(prices) == ["AAPL", "IBM", "MSFT"]
    assert days[0] == np.datetime64("2000-03-01") and days[-1] == np.datetime64("2013-03-01")
    for table in prices.values():
        assert all(column.shape == days.shape == (3270,) for column in table.values())
        assert (table["high"] > table["low"]).all() and (table["low"] > 0).all()
        assert (table["close"] > 0).all() and (table["volume"] > 0).all()


def test_moves_of_a_price_start_on_the_second_day():
    table = {
        "high": np.array([11.0, 12.0, 13.0]),
        "low": np.array([10.0, 10.0, 10.0]),
        "close": np.array([10.0, 12.0, 11.0]),
        "volume": np.array([100.0, 400.0, 100.0]),
    }
    series, returns = price_moves(table)
    assert returns == pytest.approx(np.log([12 / 10, 11 / 12]))
    assert series.shape == (2, 4)
    assert series[:, 0] == pytest.approx(np.log(np.log([1.2, 1.3]) + 1e-4))
    assert series[:, 1] == pytest.approx(np.log(np.abs(returns) + 0.002))
    assert series[:, 2] == pytest.approx([0, np.log(11 / 12)])
    assert series[0, 3] == pytest.approx(np.log(4) / 2)  # above the mean of the two days


# --- windows ------------------------------------------------------------------------------


def test_windows_with_a_horizon_come_with_the_values_after_each():
    X, y = windows(np.arange(10.0), length=3, horizon=2)
    assert X.shape == (6, 3, 1) and y.shape == (6, 2)
    assert X[0, :, 0].tolist() == [0, 1, 2] and y[0].tolist() == [3, 4]
    assert X[-1, :, 0].tolist() == [5, 6, 7] and y[-1].tolist() == [8, 9]


def test_windows_of_one_step_are_what_they_always_were():
    X, y = windows(np.arange(6.0), 2)
    assert X.shape == (4, 2, 1) and y.shape == (4, 1)
    assert y[:, 0].tolist() == [2, 3, 4, 5]


def test_windows_of_several_features_predict_the_target():
    features = np.arange(20.0).reshape(10, 2)
    X, y = windows(features, length=4, target=-np.arange(10.0))
    assert X.shape == (6, 4, 2) and y[:, 0].tolist() == [-4, -5, -6, -7, -8, -9]
    assert np.array_equal(X[1], features[1:5])


def test_changing_a_window_does_not_change_the_series():
    series = np.arange(6.0)
    X, y = windows(series, 2, horizon=2)
    X[:], y[:] = 9, 9
    assert np.array_equal(series, np.arange(6.0))


@pytest.mark.parametrize(
    "arguments, words",
    [
        ((np.arange(5.0), 4, 2), "4 values and the 2 after each.*more than 5 values.*(5,)"),
        ((np.ones((9, 2)), 3), "2 features.*target="),
        ((np.arange(9.0), 3, 0), "horizon must be a whole number of at least 1, got 0"),
        ((np.ones((9, 2)), 3, 1, np.ones(8)), r"shape \(9,\), got \(8,\)"),
    ],
)
def test_windows_that_cannot_be_cut_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        windows(*arguments)


# --- a learner's own file -----------------------------------------------------------------

GOOD = {
    "comma": "date,price\n2024-01-01,1.5\n2024-01-02,-2\n",
    "semicolon": "date;price\n2024-01-01;1.5\n2024-01-02;-2\n",
    "tab": "date\tprice\n2024-01-01\t1.5\n2024-01-02\t-2\n",
    "quoted": '"day, date","price"\n"Mon, 1","1.5"\n"Tue, 2","-2"\n',
    "windows line ends, empty lines at the end": "date,price\r\na,1.5\r\nb,-2\r\n\r\n",
    "byte order mark": "\ufeffprice,x\n1.5,\n-2,y\n",
    "spaces": "date, price\na, 1.5\nb, -2\n",
}


# The column, or what is asked for, and the values.
READ = {
    "separator in a quoted name": (
        '"Month","a; b"\n2020-01,3\n2020-02,4\n',
        {"column": "a; b"},
        [3, 4],
    ),
    "separator in a name": ("date,a; b\n2020-01,3\n2020-02,4\n", {"column": "a; b"}, [3, 4]),
    "separator in a quoted cell": ('date,"a;b"\nq,3\nr,4\n', {"column": "a;b"}, [3, 4]),
    "line break in a cell": ('v,note\n5,"a\nb"\n6,c\n', {"column": "v"}, [5, 6]),
    "control characters in cells": ("v;note\n5;a\x1cb\x0bc\u2028d\n6;e\n", {"column": "v"}, [5, 6]),
    "dots of Windows": ("v;note\n5;see\u2026 7\n6;e\n".encode("cp1252"), {"column": "v"}, [5, 6]),
    "line ends of old": ("v;w\r5;a\r6;b\r", {"column": "v"}, [5, 6]),
    "sep=": ("sep=;\r\nmonth;value\r\na;3\r\nb;4\r\n", {"column": "value"}, [3, 4]),
    "sep=|": ("sep=|\nmonth|value\na|3\nb|4\n", {"column": "value"}, [3, 4]),
    "quoted decimal commas": (
        '"Datum","Kurs"\n"03.01.2020","1,5"\n"04.01.2020","2,5"\n',
        {"column": "Kurs", "decimal": ","},
        [1.5, 2.5],
    ),
    "one column of decimal commas": ("1,5\n2,5\n", {"decimal": ","}, [1.5, 2.5]),
    "dates without names": ("2020-01-01,3.5\n2020-01-02,4.5\n", {"column": 1}, [3.5, 4.5]),
    "a name that is a number": ("month,2020\na,3\nb,4\n", {"column": "2020"}, [3, 4]),
    "numpy position": ("a,b\n1,2\n3,4\n", {"column": np.int64(1)}, [2, 4]),
    "empty lines first": ("\n\na,b\n1,2\n", {"column": "b"}, [2]),
    "lines of empty cells last": ("a,b\n1,2\n,\n,\n", {"column": "b"}, [2]),
}


@pytest.mark.parametrize("form", READ)
def test_load_series_reads_what_spreadsheets_write(form, write):
    content, options, values = READ[form]
    assert load_series(write(content), **options).tolist() == values


def test_load_series_finds_the_home_folder(write, tmp_path, monkeypatch):
    write("1\n2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_series("~/my.csv").tolist() == [1, 2]


@pytest.fixture
def write(tmp_path):
    """A function that writes a text to my.csv and returns its path."""

    def write(content, name="my.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize("form", GOOD)
def test_load_series_reads_a_named_column(form, write):
    assert load_series(write(GOOD[form]), column="price").tolist() == [1.5, -2]


def test_load_series_reads_a_single_column_without_being_told(write):
    assert load_series(write("1\n2\n3e2\n")).tolist() == [1, 2, 300]
    assert load_series(str(write("price\n1\n2\n"))).tolist() == [1, 2]


def test_load_series_takes_a_position(write):
    assert load_series(write("1,2\n3,4\n"), column=1).tolist() == [2, 4]
    assert load_series(write("a,b\n3,4\n"), column=0).tolist() == [3]


def test_load_series_reads_decimal_commas_when_told(write):
    path = write("date;price\na;1,5\nb;-2\n")
    assert load_series(path, "price", decimal=",").tolist() == [1.5, -2]
    assert load_series(write("price\n1,5\n-2\n"), decimal=",").tolist() == [1.5, -2]


def test_load_series_reads_names_in_an_old_encoding(write):
    assert load_series(write("größe\n1\n2\n".encode("latin-1")), "größe").tolist() == [1, 2]


BAD = {
    "empty": ("", {}, "my.csv is empty"),
    "only names": ("date,price\n", {"column": "price"}, "names and no values"),
    "no such column": (GOOD["comma"], {"column": "prize"}, "'prize': my.csv has .*'date', 'price'"),
    "no column chosen": (GOOD["comma"], {}, "'date', 'price': choose one.*column='price'"),
    "position too high": ("1,2\n3,4\n", {"column": 2}, "no column 2.*0 to 1, without names"),
    "a gap": (
        "date,price\na,1\nb,\nc,NaN\nd,4\n",
        {"column": "price"},
        r"2 gap\(s\).*line\(s\) 3, 4",
    ),
    "an empty line": ("price\n1\n\n3\n", {}, r"1 gap\(s\).*line\(s\) 3"),
    "a short row": ("date,price\na,1\nb\nc,3\n", {"column": "price"}, r"gap\(s\).*line\(s\) 3"),
    "a long row": ("date,price\na,1\nb,2,3\n", {"column": "price"}, "line 3 of my.csv has 3 cells"),
    "text": ("date,price\na,1\nb,closed\n", {"column": "price"}, "line 3.*'closed'.*'price'"),
    "a number with a unit": ("price\n$1\n", {}, r"line 2.*'\$1'"),
    "infinity": ("price\n1\ninf\n", {}, "line 3.*'inf'"),
    "decimal comma, one column": ("price\n1,5\n", {}, "line 2 .*2 cells.*decimal=','"),
    "no column chosen, no names": ("1,2\n3,4\n", {}, "0 to 1.*choose one, as in column=1"),
    "decimal comma": ("d;price\na;1,5\n", {"column": "price"}, "line 2.*'1,5'.*decimal=','"),
    "decimal point": ("price\n1.5\n", {"column": 0, "decimal": ","}, r"'1\.5'.*decimal='\.'"),
    "too short": ("price\n1\n2\n3\n", {"length": 3}, "has 3 values; windows of 3 need at least 4"),
    "a strange decimal": ("1\n", {"decimal": ";"}, "decimal must be"),
    "thousands": (
        'm,v\na,"1,234"\nb,987\n',
        {"column": "v"},
        "thousands, write 1234 .*decimal=','",
    ),
    "millions": (
        'm,v\na,"1,234,567.5"\n',
        {"column": "v"},
        "thousands, write 1234567.5 in the file$",
    ),
    "thousands by points": (
        "v\n1.234\n",
        {"decimal": ","},
        r"thousands, write 1234 .*decimal='\.'",
    ),
    "a name twice": ("d,v,v\n1,5,9\n", {"column": "v"}, "2 columns 'v'.* 1, 2: .*column=1"),
    "a name or a value": (
        "A,3.5\nB,4.5\n",
        {"column": 1},
        "'3.5' in column 1, which may be a name",
    ),
    "a gap or a name": ("2020-01,\n2020-02,4\n", {"column": 1}, "'' in column 1, which may be"),
    "a number as name of another": (",0\n0,5\n", {"column": 1}, "'0' in column 1, which may be"),
    "decimal commas between commas": (
        "m,v\na,1\n",
        {"column": "v", "decimal": ","},
        "cannot be decimal",
    ),
    "gap marks": ("v\n1\n.\n#N/A\n3\n", {}, r"2 gap\(s\).*line\(s\) 3, 4"),
    "a footer": (
        "m,v\na,1\n\nSource: office\n",
        {"column": "v"},
        "'Source: office' in line 4.*footer",
    ),
    "a footer with a number": ("m,v\na,1\nTotal,1\n", {"column": "v"}, "'Total' in line 3.*footer"),
    "a footer with a comma": (
        "m,v\na,1\nSource: b, 2020\n",
        {"column": "v"},
        "'Source: b' .*footer",
    ),
    "an open quote": (
        'a,b\n1,"2\n3,4\n',
        {"column": "a"},
        "line 2 of my.csv has a quote .*never closed",
    ),
    "text behind a quote": ('a,b\n1,"2"3\n', {"column": "a"}, "line 2 .*behind a closing quote"),
    "a huge cell": ("v\n" + "a" * 200_000, {}, "line 2 .*more than 131072 characters"),
    "a truth value as position": ("a,b\n1,2\n", {"column": True}, "no column True"),
    "a spreadsheet": (b"PK\x03\x04\0\0", {}, "not a text file.*CSV"),
}


@pytest.mark.parametrize("fault", BAD)
def test_load_series_says_what_is_wrong(fault, write):
    content, options, words = BAD[fault]
    with pytest.raises(ValueError, match=words):
        load_series(write(content), **options)


def test_load_series_lists_the_files_there_are(write):
    path = write("1\n")
    with pytest.raises(ValueError, match=r"no file .*mine\.csv; the \.csv files there: my\.csv"):
        load_series(path.with_name("mine.csv"))


def dated(*dates):
    """A table of dates and values."""
    return "".join(f"{line}\n" for line in ("date,v", *(f"{date},1" for date in dates)))


WEEKDAYS = [str(day) for day in np.arange("2020-01-01", "2020-03-01", dtype="M8[D]")]
WEEKDAYS = [day for day in WEEKDAYS if np.is_busday(day)]
HOURS = [f"2020-01-0{1 + hour // 24} {hour % 24:02}:30" for hour in range(72)]
REGULAR = {
    "years": range(1700, 1800),
    "months": ("2020-11", "2020-12", "2021-01"),
    "months with a slash": ("2020/11", "2020/12", "2021/01"),
    "months in words": ("Nov 2020", "Dec 2020", "Jan 2021"),
    "months of spreadsheets": ("Nov-20", "Dec-20", "Jan-21"),
    "months of the last century": ("Nov-68", "Dec-68", "Jan-69"),
    "months of offices": ("2020M11", "2020M12", "2021M01"),
    "quarters": ("2020Q3", "2020Q4", "2021Q1"),
    "quarters with a sign": ("2020-Q3", "2020-Q4", "2021-Q1"),
    "ends of months": ("2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"),
    "the first days of trading": ("2020-01-02", "2020-02-03", "2020-03-02", "2020-04-01"),
    "ends of years": ("31.12.2019", "31.12.2020", "31.12.2021", "31.12.2022"),
    "weeks": ("2020-01-06", "2020-01-13", "2020-01-20", "2020-01-27"),
    "weeks by number": ("2020-W52", "2020-W53", "2021-W01", "2021-W02"),
    "a week moved by a holiday": ("2020-01-06", "2020-01-13", "2020-01-21", "2020-01-27"),
    "days": ("2020/02/28", "2020/02/29", "2020/03/01"),
    "weekdays": WEEKDAYS,
    "weekdays without a week of holidays": [
        day for day in WEEKDAYS if not "2020-01-20" <= day < "2020-01-27"
    ],
    "weekdays at the close of trading": [f"{day} 16:00:00" for day in WEEKDAYS],
    "midnights of local time": (
        "2020-03-27T23:00:00Z",
        "2020-03-28T23:00:00Z",
        "2020-03-29T22:00:00Z",
    ),
    "every 36 hours": (
        "2020-01-01T00:00",
        "2020-01-02T12:00",
        "2020-01-04T00:00",
        "2020-01-05T12:00",
    ),
    "hours": HOURS,
    "seconds that are not exact": (
        "2020-01-01T00:00:00.0",
        "2020-01-01T00:00:01.1",
        "2020-01-01T00:00:02.0",
    ),
    "hours over the change to summer time": (
        "2020-03-29T00:00:00+01:00",
        "2020-03-29T01:00:00+01:00",
        "2020-03-29T03:00:00+02:00",
    ),
    "the month first, as the others say": ("12/30/2020", "12/31/2020", "01/01/2021"),
    "the day first, as the others say": ("01/11/2020", "01/12/2020", "01/01/2021", "01/02/2021"),
    "either way": ("01/01/2020", "01/02/2020", "01/03/2020"),
    "one date": ("2020-01-01",),
    "two dates": ("2020-01-01", "2021-07-19"),
}


@pytest.mark.parametrize("form", REGULAR)
def test_dates_that_go_on_step_by_step_are_passed(form, write):
    series = load_series(write(dated(*REGULAR[form])), "v", dates="date")
    assert series.tolist() == [1] * len(REGULAR[form])


IRREGULAR = {
    "repeated": (
        ("2020-01", "2020-02", "2020-02"),
        "line 4 of my.csv has the date '2020-02' of line 3 again",
    ),
    "backwards": (
        ("2020-03", "2020-02", "2020-01"),
        "backwards from line 3 on, '2020-02' after '2020-03': sort its lines",
    ),
    "a month missing": (
        ("Jan 2020", "Feb 2020", "Apr 2020", "May 2020"),
        r"1 month apart, and 1 date\(s\) are missing; the first is 2020-03, between 'Feb 2020' in "
        "line 3 and 'Apr 2020' in line 4",
    ),
    "the end of a month missing": (
        ("31.12.2019", "31.01.2020", "31.03.2020", "30.04.2020"),
        "1 month apart.*the first is 2020-02, between '31.01.2020' in line 3",
    ),
    "quarters missing": (("2020Q1", "2020Q2", "2021Q1"), r"2 date\(s\).*first is 2020-07"),
    "a year missing": ((1999, 2000, 2002), "1 year apart.*first is 2001, between '2000'"),
    "two gaps": (
        ("2020-01-01", "2020-01-02", "2020-01-04", "2020-01-05", "2020-01-08"),
        r"1 day apart, and 3 date\(s\) are missing; the first is 2020-01-03",
    ),
    "a week missing": (
        ("2020-01-06", "2020-01-13", "2020-01-27"),
        "7 days apart.*first is 2020-01-20",
    ),
    "more than a week of weekdays missing": (
        [day for day in WEEKDAYS if not "2020-01-20" <= day < "2020-01-28"],
        r"1 day apart, and 6 date\(s\) are missing; the first is 2020-01-20",
    ),
    "an hour missing": (
        HOURS[:5] + HOURS[6:],
        "60 minutes apart.*first is 2020-01-01T05:30, between '2020-01-01 04:30' in line 6",
    ),
    "one too many": (
        ("2020-01-06", "2020-01-13", "2020-01-14", "2020-01-20", "2020-01-27", "2020-02-03"),
        "7 days apart, but '2020-01-13' in line 3 and '2020-01-14' in line 4 less than half",
    ),
    "no date": (("2020-01", "soon"), "line 3 of my.csv has 'soon' in column 'date'.*'2020-01'"),
    "no date at all": (("first", "second"), "line 2 .* 'first' .* no date such as 2020-01-31"),
    "day numbers of spreadsheets": (("43831", "43832"), "line 2 .* '43831' .* no date such as"),
    "an empty cell": (("2020-01", "", "2020-03"), "line 3 of my.csv has ''"),
    "no day of the calendar": (("2021-02-28", "2021-02-29"), "line 3 .* '2021-02-29'"),
    "two forms": (
        ("13/01/2020", "01/14/2020"),
        "line 3.*'01/14/2020'.*like '13/01/2020' in line 2",
    ),
    "a gap, and the day or the month first": (
        ("01/02/2020", "02/02/2020", "05/02/2020"),
        "such as '01/02/2020', can be read in several ways",
    ),
    "repeated, and the day or the month first": (
        ("01/02/2020", "01/02/2020"),
        "line 3 .* '01/02/2020' of line 2 again",
    ),
}


@pytest.mark.parametrize("fault", IRREGULAR)
def test_dates_that_do_not_go_on_step_by_step_are_named(fault, write):
    dates, words = IRREGULAR[fault]
    with pytest.raises(ValueError, match=words):
        load_series(write(dated(*dates)), "v", dates="date")


def test_dates_are_not_looked_at_unasked(write):
    assert load_series(write(dated("2020-03", "2020-01")), "v").tolist() == [1, 1]


def test_dates_are_found_by_position(write):
    path = write("2020-01,1\n2020-02,2\n2020-04,3\n")
    with pytest.raises(ValueError, match="first is 2020-03"):
        load_series(path, 1, dates=0)
    with pytest.raises(
        ValueError, match="there is no column 'day': my.csv has the columns 'date', 'v'"
    ):
        load_series(write(dated("2020-01")), "v", dates="day")


@pytest.mark.parametrize(
    "name, column, dates", [("airline", "Passengers", "Date"), ("sunspots", "SUNACTIVITY", "YEAR")]
)
def test_the_dates_of_data_files_go_on_step_by_step(name, column, dates):
    assert len(load_series(DATA / f"{name}.csv", column, dates=dates)) > 100


def test_several_series_in_one_file_are_recognized():
    with pytest.raises(
        ValueError, match="line 3272 on, '2000-03-01' after '2013-03-01'.*a file of each"
    ):
        load_series(DATA / "stocks.csv", "close", dates="date")


def test_prices_of_stocks_are_passed_with_their_holidays(write):
    head, *rows = (DATA / "stocks.csv").read_text().splitlines()
    path = write("\n".join([head, *(row for row in rows if row.startswith("IBM"))]))
    assert len(load_series(path, "close", dates="date")) == 3270


# --- rivals -------------------------------------------------------------------------------


def airline_errors(model, length):
    """Errors of the last 48 months, in thousands, of a model that takes windows."""
    X, y = windows(airline()[1], length)
    n = 96 - length
    return model.fit(X[:n], y[:n]).predict(X[n:]) - y[n:]


@pytest.mark.parametrize(
    "model, expected",
    [(Persistence(), 48.04), (SeasonalNaive(12), 41.85), (SeasonalRatio(12), 15.62)],
)
def test_rivals_on_the_airline_have_the_known_errors(model, expected):
    errors = airline_errors(model, length=13)
    assert errors.shape == (48, 1)
    assert rmse(errors) == pytest.approx(expected, abs=0.01)


def test_the_airline_model_has_the_known_error():
    series = airline()[1]
    model = AirlineModel().fit(series[:96])
    assert 0.3 < model.theta < 0.45 and 0.5 < model.seasonal < 0.7
    forecasts = [model.forecast(series[:t])[0] for t in range(96, 144)]
    assert rmse(forecasts - series[96:]) == pytest.approx(13.9, abs=0.3)


def test_the_airline_model_finds_the_numbers_a_series_was_made_with():
    shocks = np.random.default_rng(0).normal(0, 0.02, 2000)
    model = AirlineModel(4)
    w = np.convolve(shocks, model.polynomial(0.5, 0.3))[: len(shocks)]
    logs = [0.0] * 5
    for change in w:
        logs.append(change + logs[-1] + logs[-4] - logs[-5])
    model.fit(np.exp(logs))
    assert model.theta == pytest.approx(0.5, abs=0.06)
    assert model.seasonal == pytest.approx(0.3, abs=0.06)


def test_the_airline_model_continues_growth_and_season_exactly():
    month = np.arange(60)
    series = np.exp(0.01 * month + 0.3 * np.sin(2 * np.pi * month / 12))
    assert AirlineModel().fit(series[:48]).forecast(series[:48], 12) == pytest.approx(series[48:])


def test_the_airline_model_refuses_what_has_no_logarithm():
    with pytest.raises(ValueError, match="at least 26 positive values.*smallest value of 0"):
        AirlineModel().fit(np.arange(30.0))
    with pytest.raises(ValueError, match=r"at least 26 positive values, got shape \(20,\)"):
        AirlineModel().fit(np.ones(20))


def test_seasonal_naive_repeats_the_last_period():
    X = np.arange(10.0).reshape(1, 10, 1)
    assert SeasonalNaive(3, horizon=5).fit(X, None).predict(X).tolist() == [[7, 8, 9, 7, 8]]


@pytest.mark.parametrize("model", [SeasonalNaive(12), SeasonalRatio(12), HAR(), AR(12)])
def test_rivals_refuse_windows_that_are_too_short(model):
    with pytest.raises(ValueError, match=r"needs windows of shape \(samples, at least \d+, 1\)"):
        model.fit(np.ones((5, 11, 1)), np.ones((5, 1))).predict(np.ones((5, 11, 1)))


@pytest.mark.parametrize("ticker, expected", [("AAPL", 0.22), ("IBM", 0.28), ("MSFT", 0.13)])
def test_har_on_the_range_of_stocks_has_the_known_r2(ticker, expected):
    table = stocks()[1][ticker]
    log_range = np.log(np.log(table["high"] / table["low"])[1:] + 1e-4)
    X, y = windows(log_range, 22)
    n = int(0.8 * len(log_range)) - 22
    forecast = HAR().fit(X[:n], y[:n]).predict(X[n:])
    assert r_squared(y[n:], forecast) == pytest.approx(expected, abs=0.005)


def test_har_takes_the_means_of_a_day_a_week_and_a_month():
    X = np.arange(30.0).reshape(1, 30, 1)
    assert HAR().inputs(X).tolist() == [[29, 27, 18.5]]


def test_a_linear_rival_has_a_function_per_step_of_the_horizon():
    X, y = windows(np.sin(np.arange(50.0)), 4, horizon=3)
    model = AR(2).fit(X, y)
    assert model.coefficients.shape == (2, 3)
    assert model.predict(X) == pytest.approx(y)
    one = AR(2).fit(X, y[:, 2:])
    assert one.coefficients == pytest.approx(model.coefficients[:, 2])


# --- the quantile loss --------------------------------------------------------------------


def pinball(quantiles, y, output):
    """The loss of every sample, computed by Theano."""
    loss = QuantileLoss(quantiles)
    y = loss.check(y, output.shape)
    a, b = (T.TensorType(y.dtype, [False] * y.ndim)() for _ in range(2))
    return function([a, b], loss(a, b))(y, floatX(output))


def test_an_outcome_above_costs_q_and_one_below_costs_1_minus_q():
    y, output = np.array([[3.0], [-2.0]]), np.zeros((2, 1))
    assert pinball([0.9], y, output) == pytest.approx([2.7, 0.2])


def test_the_loss_is_the_mean_over_targets_and_quantiles():
    rng = np.random.default_rng(0)
    y, output, q = rng.normal(size=(4, 3)), rng.normal(size=(4, 6)), np.array([0.2, 0.7])
    error = y[:, :, None] - output.reshape(4, 3, 2)
    expected = np.maximum(q * error, (q - 1) * error).mean(axis=(1, 2))
    assert pinball(q, y, output) == pytest.approx(expected, rel=1e-5)


def test_the_loss_takes_outputs_at_every_time_step():
    y = np.random.default_rng(0).normal(size=(2, 5, 1))
    losses = pinball([0.5], y, np.zeros((2, 5, 1)))
    assert losses == pytest.approx(np.abs(y[..., 0]) / 2, rel=1e-5)


def test_one_target_may_come_without_its_axis():
    y = np.array([1.0, 2.0])
    assert QuantileLoss([0.1, 0.9]).check(y, (2, 2)).tolist() == [[1, 1], [2, 2]]


def test_training_finds_the_quantiles():
    y = np.random.default_rng(0).permutation(np.linspace(0, 1, 501))
    model = Sequential([Dense(3, input_shape=(1,))])
    model.compile("adam", QuantileLoss((0.1, 0.5, 0.9)))
    model.optimizer.learning_rate = 0.01
    model.fit(np.zeros((501, 1)), y, batch_size=501, epochs=600, verbose=0)
    assert model.predict(np.zeros((1, 1)))[0] == pytest.approx([0.1, 0.5, 0.9], abs=0.03)


@pytest.mark.parametrize(
    "quantiles", [(), (0, 0.5), (0.5, 1), (0.9, 0.1), (0.5, 0.5), 0.5, "median", (0.5, np.nan)]
)
def test_quantiles_that_make_no_sense_are_refused(quantiles):
    with pytest.raises(ValueError, match="quantiles"):
        QuantileLoss(quantiles)


@pytest.mark.parametrize(
    "outputs, y, words",
    [
        (4, np.ones((5, 1)), r"3 quantiles need 3 outputs per target, as from Dense\(6\), got 4"),
        (6, np.ones((5, 1)), r"one value per target, shape \(5, 2\), got \(5, 1\)"),
        (3, np.full((5, 1), np.nan), "NaN"),
    ],
)
def test_targets_that_do_not_fit_the_quantiles_are_refused(outputs, y, words):
    model = Sequential([Dense(outputs, input_shape=(1,))])
    model.compile("adam", QuantileLoss())
    with pytest.raises(ValueError, match=words):
        model.fit(np.ones((5, 1)), y, verbose=0)


def test_the_quantile_loss_is_saved_with_its_model(tmp_path):
    model = Sequential([Dense(2, input_shape=(1,))])
    model.compile("adam", QuantileLoss((0.05, 0.95)), metrics=["mae"])
    model.save(tmp_path / "model.npz")
    loss = load_model(tmp_path / "model.npz").loss
    assert isinstance(loss, QuantileLoss) and loss.quantiles == [0.05, 0.95]
