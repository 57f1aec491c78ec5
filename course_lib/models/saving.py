"""Models on disk: numpy's .npz with the weights, and the plan of the model as JSON."""

import json
from zipfile import BadZipFile

import numpy as np

from course_lib import layers, losses, optimizers
from course_lib.files import replacing

FORMAT = 2  # 1 had no optimizer state
# What reading a file that is no model, or is damaged, ends in.
DAMAGE = (OSError, EOFError, BadZipFile, AttributeError, LookupError, TypeError, ValueError)


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


def restore(model, plan, weights, state):
    """Give the empty `model` what the plan, the weights and the optimizer's state of another one
    say; returns it."""
    for values in plan["layers"]:
        model.add(layer_from(values))
    model.build(plan["input_shape"])
    model.set_weights(weights)
    if plan["compile"] is not None:
        optimizer = optimizer_from(*plan["compile"]["optimizer"])
        loss = made(losses, losses.Loss, *plan["compile"]["loss"])
        model.compile(optimizer, loss, plan["compile"]["metrics"])
    if state:
        model.optimizer.set_state(model.trainable_weights, state)
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
    """The empty `model` with what `write` wrote to `path`. Nothing in the file is executed.

    Raises ValueError that names the file if it is of another format, is damaged, or holds
    something else.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            plan = json.loads(str(arrays["plan"]))
            kept = sum(name.startswith("optimizer_") for name in arrays.files)
            state = [arrays[f"optimizer_{i}"] for i in range(kept)]
            weights = [arrays[f"weight_{i}"] for i in range(len(arrays.files) - 1 - kept)]
        if plan["format"] in range(1, FORMAT + 1):
            return restore(model, plan, weights, state)
    except FileNotFoundError:
        raise
    except DAMAGE as error:
        raise ValueError(
            f"{path} is not a model saved by Sequential.save, or it is damaged ({error})"
        ) from None
    raise ValueError(
        f"{path} has format {plan['format']}; this course_lib reads formats up to {FORMAT}: "
        "update the course, or save the model again"
    )
