"""The files in `data/`: where they are, and whether they are as they should be."""

import hashlib
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent.parent / "data"

# Every data file and its checksum. `python -m course_lib.datasets.make NAME` makes them again.
SHA256 = {
    "sunspots.csv": "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b",
}


def digest(path):
    """The sha256 of a file, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checked_path(name):
    """The path of a data file, after a look at its checksum.

    Raises ValueError if it is missing or was changed, and says how to make it again.
    """
    path = DATA / name
    mend = (
        f"restore it with `git checkout data/{name}`, or make it again with "
        f"`python -m course_lib.datasets.make {name.split('.')[0]}`"
    )
    if not path.exists():
        raise ValueError(f"{path} is missing: {mend}")
    if digest(path) != SHA256[name]:
        raise ValueError(f"{path} is damaged: {mend}")
    return path
