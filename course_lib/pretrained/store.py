"""The trained models in `data/`: for each its weights and what was measured on it."""

import json
import time
from pathlib import Path

from course_lib.atomic import replacing
from course_lib.checks import one_of
from course_lib.datasets.files import DATA, digest
from course_lib.models import load_model, saving
from course_lib.pretrained import character_model, connected_digits, date_translator

# Each has train(verbose), which returns a model, and measure(model), which returns a dict.
MODELS = {
    "character_model": character_model,
    "connected_digits": connected_digits,
    "date_translator": date_translator,
}


def paths_of(name, folder=DATA):
    """Where the model `name` and what was measured on it are."""
    one_of("model", name, MODELS)
    return Path(folder) / f"{name}.npz", Path(folder) / f"{name}.json"


def train(name, folder=DATA, verbose=1):
    """Train the model `name`, measure it, write both to `folder`; returns what was measured.

    Weights are rounded to 16 bits, which halves the file, before the model is measured.
    Raises ValueError for an unknown name.
    """
    path, notes = paths_of(name, folder)
    start = time.perf_counter()
    model = MODELS[name].train(verbose)
    seconds = time.perf_counter() - start
    weights = [w.astype("float16") for w in model.get_weights()]
    model.set_weights(weights)
    measured = {**MODELS[name].measure(model), "seconds": round(seconds)}
    saving.write(path, model, weights)
    with replacing(notes, "w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps({**measured, "sha256": digest(path)}, indent=2) + "\n")
    return measured


def results(name, folder=DATA):
    """What was measured on the model `name` when it was trained, as a dict.

    Raises ValueError for an unknown name, and if the file is missing or is not JSON.
    """
    notes = paths_of(name, folder)[1]
    try:
        return json.loads(notes.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{notes} cannot be read ({error}): {mend(name)}") from None


def load(name, folder=DATA):
    """The trained model `name`, ready to predict.

    Raises ValueError for an unknown name, and if its file is missing or was changed.
    """
    path = paths_of(name, folder)[0]
    expected = results(name, folder).get("sha256")
    if not path.exists():
        raise ValueError(f"{path} is missing: {mend(name)}")
    if digest(path) != expected:
        raise ValueError(f"{path} is damaged: {mend(name)}")
    return load_model(path)


def mend(name):
    """What to do about a file of the model `name`."""
    return (
        f"restore both with `git checkout data/{name}.npz data/{name}.json`, or train the model "
        f"again with `python -m course_lib.pretrained {name}`"
    )
