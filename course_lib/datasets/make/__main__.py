"""Make a data file again from the package it was taken from.

It is written only if it comes out as the course knows it.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from course_lib.datasets.checksums import SHA256
from course_lib.datasets.make import japanese_vowels, series, spoken_digits, text
from course_lib.files import DATA, digest, replacing

# From the name of a file to what writes it to a path.
RECIPES = {
    "airline.csv": series.airline,
    "el_nino.csv": series.el_nino,
    "japanese_vowels.npz": japanese_vowels.japanese_vowels,
    "python_manual.txt": text.python_manual,
    "recording.wav": spoken_digits.recording,
    "spoken_digits.npz": spoken_digits.spoken_digits,
    "stocks.csv": series.stocks,
    "sunspots.csv": series.sunspots,
}


def make(name, folder=DATA):
    """Write the data file `name` into `folder`; ValueError if it comes out different."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / name
        RECIPES[name](path)
        found = digest(path)
        if found != SHA256[name]:
            raise ValueError(f"{name} came out different: its sha256 is {found}")
        with replacing(folder / name) as file:
            file.write(path.read_bytes())


def main(argv=None):
    """Make the files named on the command line; 0 when all came out right."""
    names = {name.split(".")[0]: name for name in RECIPES}
    parser = argparse.ArgumentParser(prog="python -m course_lib.datasets.make", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="+", choices=names, help=", ".join(names))
    for name in parser.parse_args(argv).names:
        try:
            make(names[name])
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        print(f"wrote data/{names[name]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
