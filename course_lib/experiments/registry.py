"""The experiments by name: making what each of them makes, and reading it.

An experiment is a module of this folder with SETTINGS, a list of dicts. It also has either

    run(**setting)               the results of one setting, a dict: a row of a table
or, with a single setting,
    train(**setting, verbose)    a model
    measure(model)               what is to be known about that model, a dict
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from course_lib.arguments import one_of
from course_lib.experiments import table, trained
from course_lib.files import DATA


def modules():
    """The names of the modules in this folder, and the modules; none is the command itself."""
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name != "__main__":
            yield module.name, import_module(f"{__package__}.{module.name}")


EXPERIMENTS = {name: module for name, module in modules() if hasattr(module, "SETTINGS")}


def form_of(experiment):
    """How an experiment's results are kept: the module `table`, or `trained` for a model."""
    return table if hasattr(experiment, "run") else trained


def run(name, folder=DATA, verbose=1):
    """Do what is missing of the experiment `name`, and write it to `folder`; returns the path.

    A table gets every row as soon as it is there. Interrupt it at any time; the next call goes
    on where this one stopped. A model is trained anew. Raises ValueError for an unknown
    experiment, and if its table was made with other settings.
    """
    experiment = one_of("experiment", name, EXPERIMENTS)
    return form_of(experiment).make(experiment, Path(folder) / name, verbose)


def results(name, folder=DATA):
    """What the experiment `name` found, with its settings and its seconds.

    A list of dicts, one for every row that the table has: rows may be missing. For a trained
    model one dict, with what was measured on it. Raises ValueError for an unknown experiment,
    if its file is missing, cannot be read, or was made with other settings.
    """
    experiment = one_of("experiment", name, EXPERIMENTS)
    return form_of(experiment).results(experiment, Path(folder) / name)


def load(name, folder=DATA):
    """The trained model `name`, ready to predict.

    Raises ValueError for an unknown name, if a file of it is missing or was changed, or if it
    was trained with other settings.
    """
    models = {key: value for key, value in EXPERIMENTS.items() if form_of(value) is trained}
    return trained.load(one_of("model", name, models), Path(folder) / name)
