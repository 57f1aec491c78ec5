"""The time series."""

import csv
import gzip

from course_lib.datasets.make.wheels import AEON, unpacked

BOKEH_SAMPLEDATA = (
    "bokeh-sampledata==2026.1",
    "f40331a40ca30c64a1c1471835aad9006b61b0d9731a3f649ee8cbbf48d3822f",
)
STATSMODELS = (
    "statsmodels==0.15.0",
    "b67886b66d9c7ca118526accedb5c6de7ffd74c015dc0492ea0b1690192b65da",
)

TICKERS = ("AAPL", "IBM", "MSFT")


def airline(path):
    """Monthly airline passengers, as they are in aeon."""
    with unpacked(*AEON) as wheel:
        path.write_bytes((wheel / "aeon/datasets/data/Airline/Airline.csv").read_bytes())


def el_nino(path):
    """Monthly sea surface temperature, a row per year, as it is in statsmodels."""
    with unpacked(*STATSMODELS) as wheel:
        path.write_bytes((wheel / "statsmodels/datasets/elnino/elnino.csv").read_bytes())


def stocks(path):
    """Days of three of the five stocks in bokeh-sampledata; numbers to six digits.

    Kept are the day's highest and lowest price, the closing price corrected for splits and
    dividends, and the number of shares traded, in thousands.
    """
    with unpacked(*BOKEH_SAMPLEDATA) as wheel:
        packed = (wheel / "bokeh_sampledata/_data/stocks.csv.gz").read_bytes()
    lines = ["ticker,date,high,low,close,volume"]
    for row in csv.DictReader(gzip.decompress(packed).decode("utf-8").splitlines()):
        if row["Ticker"] in TICKERS:
            prices = (f"{float(row[name]):.6g}" for name in ("High", "Low", "Adj Close"))
            volume = round(int(row["Volume"]) / 1000)
            lines.append(",".join([row["Ticker"], row["Date"], *prices, str(volume)]))
    path.write_bytes(("\n".join(lines) + "\n").encode("ascii"))


def sunspots(path):
    """Yearly sunspot numbers, as they are in statsmodels."""
    with unpacked(*STATSMODELS) as wheel:
        path.write_bytes((wheel / "statsmodels/datasets/sunspots/sunspots.csv").read_bytes())
