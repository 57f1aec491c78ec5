"""Models on disk: numpy's .npz with the weights, and the plan of the model as JSON."""

import json
import zipfile

import numpy as np

from course_lib.files import replacing

FORMAT = 1


def write(path, plan, weights):
    """Write `plan` and `weights` to `path`, atomically: an interrupted write changes nothing.

    Raises ValueError if the plan holds something other than plain values.
    """
    try:
        text = json.dumps({"format": FORMAT, **plan})
    except TypeError as error:
        raise ValueError(
            "a model with functions of your own in it cannot be saved, only named ones "
            f"({error}); keep get_weights() instead"
        ) from None
    with replacing(path) as file:
        np.savez(file, plan=np.array(text), **{f"weight_{i}": w for i, w in enumerate(weights)})


def read(path, make):
    """``make(plan, weights)`` with what `write` wrote to `path`.

    Raises ValueError that names the file if it is of another format, or if reading it or
    `make` fails.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            plan = json.loads(str(arrays["plan"]))
            weights = [arrays[f"weight_{i}"] for i in range(len(arrays.files) - 1)]
        if plan["format"] == FORMAT:
            return make(plan, weights)
    except FileNotFoundError:
        raise
    except (
        *(OSError, EOFError, zipfile.BadZipFile),
        *(AttributeError, LookupError, TypeError, ValueError),
    ) as error:
        raise ValueError(
            f"{path} is not a model saved by Sequential.save, or it is damaged ({error})"
        ) from None
    raise ValueError(
        f"{path} has format {plan['format']}; this course_lib reads format {FORMAT}: "
        "update the course, or save the model again"
    )
