"""Trained models in `data/`: weights of 16 bits, and beside them what was measured, as JSON."""

import json
import time

from course_lib.files import digest, remedy, replacing, verify
from course_lib.models import load_model, saving


def paths_of(stem):
    """Where a model is, and where what was measured on it."""
    return stem.with_suffix(".npz"), stem.with_suffix(".json")


def make(experiment, stem, verbose):
    """Train the model, measure it, and write both; returns the path of the model.

    Weights are rounded to 16 bits, which halves the file, before the model is measured.
    """
    path, notes = paths_of(stem)
    (setting,) = experiment.SETTINGS
    start = time.perf_counter()
    model = experiment.train(**setting, verbose=verbose)
    seconds = round(time.perf_counter() - start)
    weights = [w.astype("float16") for w in model.get_weights()]
    model.set_weights(weights)
    measured = {**setting, **experiment.measure(model), "seconds": seconds}
    saving.write(path, model, weights)
    with replacing(notes, "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps({**measured, "sha256": digest(path)}, indent=2) + "\n")
    if verbose:
        print("\n".join(f"{key}: {value}" for key, value in measured.items()))
    return path


def results(experiment, stem):
    """The settings of a model, what was measured on it, and its checksum, as a dict.

    Raises ValueError if the file is missing, is not JSON, or was made with other settings.
    """
    path, notes = paths_of(stem)
    mend = remedy(__package__, path, notes)
    try:
        measured = json.loads(notes.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{notes} cannot be read ({error}): {mend}") from None
    (setting,) = experiment.SETTINGS
    if {key: measured.get(key) for key in setting} != setting:
        raise ValueError(f"{notes} was made with other settings than {setting}: {mend}")
    return measured


def load(experiment, stem):
    """The model, ready to predict.

    Raises ValueError as `results` does, and if the model is missing or was changed.
    """
    path, notes = paths_of(stem)
    verify(path, results(experiment, stem).get("sha256"), remedy(__package__, path, notes))
    return load_model(path)
