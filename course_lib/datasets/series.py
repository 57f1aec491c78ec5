"""Time series from the folder `data/`, and how a series becomes training examples."""

import csv

import numpy as np

from course_lib.arguments import finite_array, positive_int
from course_lib.datasets.checksums import checked_path


def sunspots():
    """Yearly mean sunspot numbers: years 1700 .. 2008 and their values, two arrays of 309."""
    table = np.loadtxt(checked_path("sunspots.csv"), delimiter=",", skiprows=1)
    return table[:, 0].astype(int), table[:, 1]


def airline():
    """International airline passengers per month, January 1949 to December 1960.

    Returns the months (numpy dates) and the passengers in thousands, two arrays of 144.
    Series G of Box & Jenkins (1970).
    """
    table = np.loadtxt(checked_path("airline.csv"), delimiter=",", skiprows=1, dtype=str)
    return table[:, 0].astype("datetime64[M]"), table[:, 1].astype(float)


def el_nino():
    """Mean sea surface temperature per month off Peru (Nino 1+2), 1950 to 2010.

    Returns the months (numpy dates) and the temperature in degrees Celsius, two arrays of 732.
    """
    table = np.loadtxt(checked_path("el_nino.csv"), delimiter=",", skiprows=1)
    first = np.datetime64(f"{table[0, 0]:.0f}-01", "M")
    return first + np.arange(12 * len(table)), table[:, 1:].ravel()


def stocks():
    """Daily prices of AAPL, IBM and MSFT, 2000-03-01 to 2013-03-01.

    Returns the days (numpy dates, 3270) and a dict that maps each ticker to a dict of arrays:
    "high" and "low", the highest and lowest price of the day in dollars; "close", the closing
    price corrected for splits and dividends; "volume", thousands of shares traded.
    """
    with open(checked_path("stocks.csv"), encoding="ascii") as file:
        rows = list(csv.DictReader(file))
    names = ("high", "low", "close", "volume")
    table = {}
    for ticker in ("AAPL", "IBM", "MSFT"):
        own = [row for row in rows if row["ticker"] == ticker]
        table[ticker] = {name: np.array([float(row[name]) for row in own]) for name in names}
    return np.array([row["date"] for row in own], dtype="datetime64[D]"), table


def price_moves(table):
    """How the price of a stock moves, day by day, from a table that `stocks` gives.

    Returns four series, (days - 1, 4): the logarithm of the day's range, log(high / low); that of
    the size of the return; the negative part of the return; and the logarithm of the volume,
    compared with its mean over the last 22 days. And the returns themselves, (days - 1,): the
    change of the logarithm of the closing price since the day before.
    """
    returns, volume = np.diff(np.log(table["close"])), np.log(table["volume"])
    log_range = np.log(np.log(table["high"] / table["low"]) + 1e-4)
    usual = np.array([volume[max(0, t - 21) : t + 1].mean() for t in range(len(volume))])
    size, drop = np.log(np.abs(returns) + 0.002), np.minimum(returns, 0)
    return np.column_stack([log_range[1:], size, drop, (volume - usual)[1:]]), returns


def windows(series, length, horizon=1, target=None):
    """All stretches of `length` values and the `horizon` values after each.

    `series` is (time,) or (time, features). The values to predict come from the same series,
    or from `target` (time,), which a series of several features needs.

    Returns X of shape (n, length, features) and y of shape (n, horizon), with
    n = len(series) - length - horizon + 1; ``y[i, 0]`` belongs to time ``i + length``. Raises
    ValueError if the series is too short.
    """
    series = finite_array("series", series)
    length, horizon = positive_int("length", length), positive_int("horizon", horizon)
    if series.ndim not in (1, 2) or len(series) < length + horizon:
        after = "" if horizon == 1 else f" and the {horizon} after each"
        raise ValueError(
            f"windows of {length} values{after} need a series of more than "
            f"{length + horizon - 1} values, of shape (time,) or (time, features), "
            f"got shape {series.shape}"
        )
    if target is None and series.ndim == 2 and series.shape[1] > 1:
        raise ValueError(f"with {series.shape[1]} features, say what to predict: target=")
    target = series.reshape(len(series)) if target is None else finite_array("target", target)
    if target.shape != (len(series),):
        raise ValueError(
            f"target must have one value per time step, shape ({len(series)},), got {target.shape}"
        )
    columns = series.reshape(len(series), -1)
    X = np.lib.stride_tricks.sliding_window_view(columns[:-horizon], length, axis=0)
    y = np.lib.stride_tricks.sliding_window_view(target[length:], horizon)
    return X.swapaxes(1, 2).copy(), y.copy()
