"""Arguments that a learner passes in, checked; errors say what was given and what is allowed."""

import difflib
import inspect

import numpy as np


class Configurable:
    """A class that refuses an unknown option in its own name, whichever class it would get to.

    A constructor with ``**options`` hands them on to that of the next class, whose options are
    options of this one, too. Raises TypeError, as Python does for an unknown keyword.
    """

    def __new__(cls, *values, **options):
        require_known(cls.__name__, options, cls.known_options())
        return super().__new__(cls)

    @classmethod
    def known_options(cls):
        """The names of all arguments of the constructor."""
        names = set()
        for kind in cls.__mro__:
            if "__init__" in vars(kind):
                own, hands_on = arguments_of(kind.__init__)
                names |= own - {"self"}
                if not hands_on:
                    break
        return names


def arguments_of(function):
    """The names of the arguments of `function`, and whether it takes any others by name, too."""
    parameters = inspect.signature(function).parameters.values()
    names = {p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}
    return names, any(p.kind == p.VAR_KEYWORD for p in parameters)


def require_known(owner, options, known):
    """Raise TypeError if there is a name in `options` that is not `known`, which `owner` has."""
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
            guess = f"; did you mean {near[0]!r}?" if near else "."
            choices = ", ".join(sorted(known)) or "none"
            raise TypeError(f"{owner} has no option {name!r}{guess} Its options are {choices}.")


def one_of(kind, name, table):
    """The entry of `table` called `name`; a callable `name` is returned as it is.

    Raises ValueError that lists the choices.
    """
    if callable(name):
        return name
    if isinstance(name, str) and name in table:
        return table[name]
    raise ValueError(f"unknown {kind} {name!r}; choose one of {', '.join(sorted(table))}")


def whole_number_from(least, name, value):
    """`value` as an int of at least `least`, else ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return int(value)


def positive_int(name, value):
    """`value` as an int of at least 1, else ValueError."""
    return whole_number_from(1, name, value)


def number_in(name, value, low, high):
    """`value` as a float with low <= value < high, else ValueError."""
    if not isinstance(value, (int, float, np.number)) or not low <= value < high:
        raise ValueError(
            f"{name} must be a number from {low} up to (not including) {high}, got {value!r}"
        )
    return float(value)


def positive_number(name, value, most=np.inf):
    """`value` as a float above 0 and at most `most`, else ValueError."""
    if not isinstance(value, (int, float, np.number)) or not 0 < value <= most or value == np.inf:
        bound = "" if most == np.inf else f" and at most {most}"
        raise ValueError(f"{name} must be a number above 0{bound}, got {value!r}")
    return float(value)


def whole_numbers(name, array, count, meaning):
    """`array` if it holds only whole numbers from 0 to count - 1, else ValueError."""
    if (np.floor(array) != array).any() or array.min() < 0 or array.max() >= count:
        raise ValueError(
            f"{name} must hold {meaning}, whole numbers from 0 to {count - 1}, got values from "
            f"{array.min():g} to {array.max():g}"
        )
    return array


def as_float(name, array, dtype):
    """The finite `array` as floating point numbers, else ValueError if some are too large."""
    largest = np.abs(array).max()
    if largest > np.finfo(dtype).max:
        raise ValueError(
            f"{name} holds numbers as large as {largest:g}, too large for {dtype}: scale it down"
        )
    return np.asarray(array, dtype=dtype)


def finite_array(name, values):
    """`values` as a numeric numpy array without NaN or infinity, else ValueError."""
    try:
        array = np.asarray(values)
        if array.dtype == object or array.dtype.kind not in "biuf":
            raise TypeError
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must be an array of numbers in which all rows have the same shape, "
            f"got {type(values).__name__} of {getattr(values, 'dtype', 'mixed contents')}"
        ) from None
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}")
    if array.dtype.kind == "f":
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            where = tuple(int(i) for i in bad[0])
            raise ValueError(
                f"{name} contains {len(bad)} value(s) that are NaN or infinite, "
                f"the first at index {where}"
            )
    return array


def check_arrays(owner, name, arrays, shapes):
    """Raise ValueError unless `arrays` have these `shapes` and finite numbers.

    The message calls each of them `name`, and what they are for `owner`.
    """
    given = [np.shape(array) for array in arrays]
    if given != shapes:
        raise ValueError(
            f"{owner} expects {len(shapes)} arrays of shapes {shapes}, "
            f"got {len(given)} of shapes {given}"
        )
    for i, array in enumerate(arrays):
        finite_array(f"{name} {i} of {owner}", array)
