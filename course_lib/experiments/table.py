"""Runs that take too long for a chapter, and the tables in `data/` that keep their results."""

import csv
import time
from pathlib import Path

from course_lib.atomic import replacing
from course_lib.checks import one_of
from course_lib.datasets import DATA
from course_lib.experiments import (
    both_ends,
    carried_state,
    cheaper_gates,
    connected_digits,
    date_translation,
    depth,
    gate_ablation,
    lstm_variants,
    memory_frontier,
    more_frontiers,
    spoken_digits,
    step_cost,
)
from course_lib.training import progress_bar

# Each has SETTINGS, a list of dicts, and run(**one of them), which returns a dict of results.
EXPERIMENTS = {
    "both_ends": both_ends,
    "carried_state": carried_state,
    "cheaper_gates": cheaper_gates,
    "connected_digits": connected_digits,
    "date_translation": date_translation,
    "depth": depth,
    "gate_ablation": gate_ablation,
    "lstm_variants": lstm_variants,
    "memory_frontier": memory_frontier,
    "more_frontiers": more_frontiers,
    "spoken_digits": spoken_digits,
    "step_cost": step_cost,
}


def path_of(name, folder=DATA):
    """Where the table of experiment `name` is."""
    return Path(folder) / f"{name}.csv"


def read(path):
    """The rows of a table as dicts of strings; none if there is no such file."""
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    """Replace the table at `path`, atomically: an interrupted write leaves the old one."""
    with replacing(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def as_text(setting):
    """A setting as it is read from a table: all values are strings."""
    return {key: str(value) for key, value in setting.items()}


def run(name, folder=DATA, verbose=1):
    """Do what is missing of the experiment `name`, and write each result as soon as it is there.

    The table has one row per run: its settings (seed included), its results, and its seconds.
    Interrupt it at any time; the next call goes on where this one stopped. Raises ValueError
    for an unknown experiment, and if the table was made with other settings.
    """
    experiment = one_of("experiment", name, EXPERIMENTS)
    path = path_of(name, folder)
    settings, wanted = experiment.SETTINGS, [as_text(s) for s in experiment.SETTINGS]
    rows = read(path)
    done = [{key: row.get(key) for key in settings[0]} for row in rows]
    strange = [row for row in done if row not in wanted]
    if strange:
        raise ValueError(
            f"{path} has a row that is none of this experiment's settings: {strange[0]}; "
            "remove the file to start anew"
        )

    def place(row):
        return wanted.index({key: row[key] for key in settings[0]})

    missing = [setting for setting in settings if as_text(setting) not in done]
    bar = progress_bar(len(settings), initial=len(done), disable=not verbose)
    for setting in missing:
        bar.set_description(" ".join(as_text(setting).values()))
        start = time.perf_counter()
        result = experiment.run(**setting)
        seconds = round(time.perf_counter() - start, 1)
        rows.append({**as_text(setting), **as_text(result), "seconds": str(seconds)})
        write(path, sorted(rows, key=place))
        bar.update()
    bar.close()
    return path


def results(name, folder=DATA):
    """The table of experiment `name` as a list of dicts, numbers and truth values as such.

    Raises ValueError for an unknown experiment, or if the table is missing or not complete.
    """
    experiment = one_of("experiment", name, EXPERIMENTS)
    rows = read(path_of(name, folder))
    if len(rows) != len(experiment.SETTINGS):
        raise ValueError(
            f"{path_of(name, folder)} has {len(rows)} of {len(experiment.SETTINGS)} rows: run "
            f"python -m course_lib.experiments {name}"
        )
    return [{key: value_of(text) for key, text in row.items()} for row in rows]


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
