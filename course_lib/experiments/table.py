"""Tables in `data/`: a row for every setting of an experiment, its results, and its seconds."""

import csv
import time

from course_lib.files import remedy, replacing
from course_lib.training import progress_bar


def make(experiment, stem, verbose):
    """Run the settings that have no row yet, and write each row as soon as it is there.

    Returns the path of the table. Raises ValueError as `read` does.
    """
    path = stem.with_suffix(".csv")
    rows = read(experiment, path)
    order = [as_text(setting) for setting in experiment.SETTINGS]
    done = [setting_of(row, experiment) for row in rows]
    bar = progress_bar(len(order), initial=len(done), disable=not verbose)
    for setting in experiment.SETTINGS:
        if as_text(setting) in done:
            continue
        bar.set_description(" ".join(as_text(setting).values()))
        start = time.perf_counter()
        result = experiment.run(**setting)
        seconds = round(time.perf_counter() - start, 1)
        rows.append(as_text({**setting, **result, "seconds": seconds}))
        write(path, sorted(rows, key=lambda row: order.index(setting_of(row, experiment))))
        bar.update()
    bar.close()
    return path


def results(experiment, stem):
    """The rows there are, as dicts with numbers and truth values as such.

    Raises ValueError if there is none, and as `read` does.
    """
    path = stem.with_suffix(".csv")
    rows = read(experiment, path)
    if not rows:
        raise ValueError(f"{path} is missing or empty: {remedy(__package__, path)}")
    return [{key: value_of(text) for key, text in row.items()} for row in rows]


def read(experiment, path):
    """The rows of a table as dicts of texts; none if there is no such file.

    Raises ValueError if it is no table, and for a row that is cut off, is there twice, or has
    other settings than the experiment.
    """
    mend = remedy(__package__, path)
    if not path.exists():
        return []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no table ({error}). Remove the file: {mend}") from None
    expected = [as_text(setting) for setting in experiment.SETTINGS]
    for row in rows:
        setting = setting_of(row, experiment)
        if setting not in expected or None in row or None in row.values():
            raise ValueError(
                f"{path} has a row that is damaged, there twice, or with none of this "
                f"experiment's settings: {setting}. Remove the file: {mend}"
            )
        expected.remove(setting)
    return rows


def write(path, rows):
    """Replace the table at `path`, atomically: an interrupted write leaves the old one."""
    with replacing(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def setting_of(row, experiment):
    """The part of a row that says what was run."""
    return {key: row.get(key) for key in experiment.SETTINGS[0]}


def as_text(values):
    """A setting or a row as it is read from a table: all values are strings."""
    return {key: str(value) for key, value in values.items()}


def value_of(text):
    """A number or a truth value if `text` is one, else the text."""
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
