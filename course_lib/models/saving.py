"""Models on disk: numpy's .npz with the weights, and the plan of the model as JSON."""

import json
import math
import os
from zipfile import ZipFile

import numpy as np

from course_lib import layers, losses, optimizers
from course_lib.files import replacing
from course_lib.initializers import undrawn

FORMAT = 2  # 1 had no optimizer state
LONGEST_PLAN = 100_000  # characters; about 300 are needed for each layer


def plan_of(model):
    """Plain values from which `restore` makes an equal model, together with the weights."""
    compiled = None
    if model.loss is not None:
        compiled = {
            "optimizer": [type(model.optimizer).__name__, model.optimizer.config()],
            "loss": [type(model.loss).__name__, model.loss.config()],
            "metrics": list(model.metrics),
        }
    return {
        "input_shape": model.layers[0].input_shape,
        "layers": [{"class": type(la).__name__, "config": la.config()} for la in model.layers],
        "compile": compiled,
    }


def restore(model, plan, archive):
    """Give the empty `model` what the plan, the weights and the optimizer's state of another one
    say, the last two in an open .npz; returns it."""
    with undrawn():
        for values in plan["layers"]:
            model.add(layer_from(values))
        model.build(plan["input_shape"])
    shapes = [w.get_value(borrow=True).shape for w in model.weights]
    model.set_weights(numbered(archive, "weight", shapes))
    if plan["compile"] is not None:
        optimizer = optimizer_from(*plan["compile"]["optimizer"])
        loss = made(losses, losses.Loss, *plan["compile"]["loss"])
        model.compile(optimizer, loss, plan["compile"]["metrics"])
    if count(archive, "optimizer"):
        trained = model.trainable_weights
        state = numbered(archive, "optimizer", model.optimizer.state_shapes(trained))
        model.optimizer.set_state(trained, state)
    return model


def optimizer_from(name, config):
    """The optimizer with this config; a schedule may have brought its learning rate to 0, with
    which none can be made."""
    others = {key: value for key, value in config.items() if key != "learning_rate"}
    optimizer = made(optimizers, optimizers.Optimizer, name, others)
    optimizer.learning_rate = config["learning_rate"]
    return optimizer


def layer_from(values):
    """The layer with this "class" and this "config", in which there may be a layer wrapped."""
    config = dict(values["config"])
    if "layer" in config:
        config["layer"] = layer_from(config["layer"])
    return made(layers, layers.Layer, values["class"], config)


def made(module, base, name, config):
    """What the subclass of `base` called `name` in `module` makes of a config.

    Raises ValueError for any other name: a file decides about nothing else that is called.
    """
    kind = getattr(module, name, None)
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise ValueError(f"there is no {base.__name__.lower()} {name!r}")
    return kind(**config)


def write(path, model, weights, state=()):
    """Write the plan of `model`, `weights`, and the state of its optimizer to `path`: in full, or
    not at all.

    Raises ValueError if the plan holds something other than plain values.
    """
    try:
        plan = json.dumps({"format": FORMAT, **plan_of(model)})
    except TypeError as error:
        raise ValueError(
            "a model with functions of your own in it cannot be saved, only named ones "
            f"({error}); keep get_weights() instead"
        ) from None
    arrays = {f"weight_{i}": w for i, w in enumerate(weights)}
    arrays |= {f"optimizer_{i}": s for i, s in enumerate(state)}
    with replacing(path) as file:
        np.savez(file, plan=np.array(plan), **arrays)


def read(path, model):
    """The empty `model` with what `write` wrote to `path`. Nothing in the file is executed, and
    no array is read before its size is known to fit the plan.

    Raises ValueError that names the file if it is of another format, is damaged, or holds
    something else.
    """
    try:
        with ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > os.path.getsize(path):
                raise ValueError("its arrays are compressed, or overlap")
            plan = json.loads(str(array(archive, "plan", (), LONGEST_PLAN)))
            if plan["format"] in range(1, FORMAT + 1):
                return restore(model, plan, archive)
    except FileNotFoundError:
        raise
    # There is no end to what a file that somebody else made can make reading fail with.
    except Exception as error:
        reason = str(error)[:300]  # some quote what they have read
        raise ValueError(
            f"{path} is not a model saved by Sequential.save, or it is damaged ({reason})"
        ) from None
    raise ValueError(
        f"{path} has format {plan['format']}; this course_lib reads formats up to {FORMAT}: "
        "update the course, or save the model again"
    )


def array(archive, name, shape, most=None):
    """The array `name` of an open .npz.

    Raises ValueError, before its content is read, if it has another shape, its size does not
    follow from the shape, or it is a text of more than `most` characters.
    """
    member = archive.getinfo(f"{name}.npy")
    with archive.open(member) as file:
        # This version of numpy's format has a header of at most 65,535 characters.
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{name} has a header that save does not write")
        given, _, dtype = np.lib.format.read_array_header_1_0(file)
        if given != shape:
            raise ValueError(f"{name} has shape {given}, and {shape} is expected")
        if file.tell() + math.prod(shape) * dtype.itemsize != member.file_size:
            raise ValueError(f"{name} does not have the size that its header says")
        if most is not None and dtype.itemsize > most * np.dtype("U1").itemsize:
            raise ValueError(f"{name} is longer than {most} characters")
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)


def count(archive, name):
    """How many arrays called `name`_0, `name`_1, ... an open .npz has."""
    return sum(each.startswith(f"{name}_") for each in archive.namelist())


def numbered(archive, name, shapes):
    """The arrays `name`_0, `name`_1, ... of an open .npz; ValueError unless these are their
    shapes."""
    if count(archive, name) != len(shapes):
        raise ValueError(f"{count(archive, name)} arrays {name}, and {len(shapes)} are expected")
    return [array(archive, f"{name}_{i}", shape) for i, shape in enumerate(shapes)]
