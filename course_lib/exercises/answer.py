"""A learner's answer, which may do anything: it is run with care and compared with patience.

Whatever goes wrong becomes one sentence for the learner, a `NotYet`; nothing else comes out.
"""

import _thread
import contextlib
import copy
import io
import signal
import threading
import time
import warnings

import numpy as np

TIME_LIMIT = 20  # seconds of computing for one check
PRINT_LIMIT = 10_000  # characters
TOLERANCE = 1e-4  # relative to the largest number expected; float32 is exact enough


class NotYet(Exception):
    """The answer is not right; the text says why, in one sentence."""


class NotAttempted(Exception):
    """The answer is still the one that the exercise came with."""


class TimeUp(BaseException):
    """The time limit is over. No Exception, so that a learner's `except Exception` lets it pass."""


ALARM = getattr(signal, "SIGPROF", signal.SIGTERM)


@contextlib.contextmanager
def alarms(seconds):
    """Send `ALARM` to the main thread after `seconds` of computing, and again each second."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds, 1)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        return
    ended, start = threading.Event(), time.process_time()

    def watch(sent=0):  # on Windows, which has no such timer
        while not ended.wait(0.1):
            if time.process_time() - start >= seconds + sent:
                _thread.interrupt_main(ALARM)
                sent += 1

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def time_limit(seconds):
    """Raise `TimeUp` in the block after `seconds` of computing, and again each second until it
    ends. Waiting for the C++ compiler, or for another process, does not count.

    In another thread than the main one there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number, frame):
        raise TimeUp

    old = signal.signal(ALARM, stop)
    try:
        with alarms(seconds):
            yield
    finally:
        signal.signal(ALARM, old)


class Quiet(io.TextIOBase):
    """Takes what is printed and keeps none of it; too much is a mistake."""

    def __init__(self):
        self.written = 0

    def write(self, text):
        self.written += len(text)
        if self.written > PRINT_LIMIT:
            raise NotYet("your code prints a lot: take the print calls out of its loops")
        return len(text)


def one_line(error):
    """The first line of an error's message, shortened."""
    text = (str(error).strip() or "no message").splitlines()[0]
    return text if len(text) <= 160 else f"{text[:160]} ..."


def as_array(value, what="your answer", text=False):
    """`value` as an array of finite numbers, or with `text` of characters; Theano variables are
    computed first."""
    if hasattr(value, "eval") and hasattr(value, "owner"):
        try:
            value = value.eval()
        except Exception as error:
            raise NotYet(
                f"{what} is a Theano variable that cannot be computed from the given "
                f"inputs: {one_line(error)}"
            ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # rows of different lengths are none of numpy's errors
            array = np.asarray(value)
    except Exception:
        array = np.array(None)
    if text and array.dtype.kind == "U":
        return array
    if array.dtype.kind not in "biuf":
        raise NotYet(f"{what} must be an array of numbers, got {type(value).__name__}")
    if not np.isfinite(array).all():
        raise NotYet(f"{what} contains NaN or infinity")
    # Numpy does not subtract yes from no.
    return array.astype(float) if array.dtype == bool else array


def has_nan(value):
    """Whether there is NaN in a number, an array, or one of several."""
    if isinstance(value, (tuple, list)):
        return any(map(has_nan, value))
    array = np.asarray(value if isinstance(value, (float, np.generic, np.ndarray)) else 0)
    return array.dtype.kind == "f" and bool(np.isnan(array).any())


def equal(got, expected):
    """Whether both have one shape and nearly the same numbers, all of them finite, or one text."""
    got, expected = np.asarray(got), np.asarray(expected)
    if "U" in (got.dtype.kind, expected.dtype.kind):
        return np.array_equal(got, expected)
    if got.shape != expected.shape or not np.isfinite(expected).all():
        return False
    scale = max(1e-3, np.abs(expected).max(initial=0.0))
    return bool(np.abs(got - expected).max(initial=0.0) <= TOLERANCE * scale)


class Answer:
    """What the learner gave: a function to call, or a value."""

    def __init__(self, given):
        self.given = given
        if given is ... or given is None:
            raise NotAttempted

    def __call__(self, *arguments):
        """The result of the learner's function for copies of `arguments`."""
        if not callable(self.given):
            raise NotYet(f"hand in a function, got {type(self.given).__name__}")
        copies = copy.deepcopy(arguments)
        try:
            with contextlib.redirect_stdout(Quiet()), np.errstate(all="ignore"):
                result = self.given(*copies)
        except NotImplementedError:
            raise NotAttempted from None
        except (NotYet, NotAttempted, TimeUp):
            raise
        except (Exception, SystemExit) as error:
            shapes = ", ".join(str(np.shape(a)) for a in arguments if isinstance(a, np.ndarray))
            where = f" for arguments of shapes {shapes}" if shapes else ""
            raise NotYet(
                f"your function stops with {type(error).__name__}: {one_line(error)}{where}"
            ) from None
        if result is ... or result is NotImplemented:
            raise NotAttempted
        if result is None:
            raise NotYet("your function returns None: is there a return at its end?")
        for i, (before, after) in enumerate(zip(arguments, copies), start=1):
            if isinstance(before, np.ndarray) and not np.array_equal(before, after):
                raise NotYet(f"your function changes its argument number {i}: work on a copy")
        return result

    def value(self, shape=None, what="your answer"):
        """The value given, as an array, of `shape` if that is given."""
        array = as_array(self.given, what)
        if shape is not None and array.shape != tuple(shape):
            raise NotYet(f"{what} must have shape {tuple(shape)}, got {array.shape}")
        return array


def as_arrays(result, expected, names):
    """A learner's result as a tuple of arrays: one, or as many as `expected` has, if a tuple."""
    if not isinstance(expected, tuple):
        return (as_array(result, names[0], np.asarray(expected).dtype.kind == "U"),)
    if not isinstance(result, (tuple, list)) or len(result) != len(expected):
        got = f"{len(result)}" if isinstance(result, (tuple, list)) else type(result).__name__
        raise NotYet(f"return {len(expected)} results ({', '.join(names)}), got {got}")
    return tuple(as_array(r, name) for r, name in zip(result, names))


def difference(got, expected, names):
    """One sentence about where the arrays `got` differ from what is expected; None if nowhere."""
    expected = expected if isinstance(expected, tuple) else (expected,)
    for name, g, e in zip(names, got, map(np.asarray, expected)):
        if equal(g, e):
            continue
        if e.dtype.kind == "U":
            return f"{name} is {''.join(g)!r}, but should be {''.join(e)!r}"
        if g.shape != e.shape:
            hint = " (is it transposed?)" if g.T.shape == e.shape else ""
            return f"{name} must have shape {e.shape}, got {g.shape}{hint}"
        at = np.unravel_index(np.abs(g - e).argmax(), g.shape)
        where = f" at index {tuple(map(int, at))}" if g.ndim else ""
        return f"{name} is {g[at]:.4g}{where}, but should be {float(e[at]):.4g}"
    return None


def compare(result, expected, names=("your result",)):
    """Raise NotYet, with one sentence about the difference, unless `result` is as expected."""
    unequal = difference(as_arrays(result, expected, names), expected, names)
    if unequal:
        raise NotYet(unequal)
