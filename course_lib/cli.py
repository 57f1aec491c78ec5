"""What course.py hands over to: the commands that need the course's packages."""

import argparse
import shlex
import signal
import sys

# Where only Theano or PyTensor fails, the cache of compiled code or the environment is damaged.
START_ANEW = "rm -rf ~/.theano .home .venv; python3 course.py lab"
if sys.platform == "win32":
    START_ANEW = "delete the folder .venv, then run `py course.py lab`"


def blas_link():
    """Is there a BLAS for matrix products?"""
    import numpy

    from course_lib.backend import blas_library

    if blas_library():
        return True, f"BLAS link: {blas_library()}", ""
    # numpy's wheel brings an OpenBLAS with it; other builds of numpy may not.
    pip = [sys.executable, "-m", "pip", "install", "--force-reinstall", "--no-deps"]
    return False, "BLAS link", shlex.join([*pip, f"numpy=={numpy.__version__}"])


def compiled_code():
    """Where is it kept?"""
    from course_lib.backend import theano

    if not theano.config.cxx:
        return True, "nothing is compiled: functions run in numpy", ""
    return True, f"compiled code is kept in {theano.config.compiledir}", ""


def theano_scan():
    """Compile a running sum with scan and compare it with the sums done by hand."""
    from course_lib.backend import T, function, scan, theano

    name = {"theano": "Theano", "pytensor": "PyTensor"}[theano.__name__]

    x = T.vector("x")
    totals = scan(lambda x_t, total: total + x_t, sequences=x, outputs_info=T.zeros(()))
    result = function([x], totals)([1, 2, 3]).tolist()
    if result != [1, 3, 6]:
        return False, f"{name} runs a scan (the running sum of 1, 2, 3 is {result})", START_ANEW
    return True, f"{name} runs a scan", ""


def doctor():
    """Print one line per requirement, as the rest of `course.py doctor` does; 0 if all is well."""
    status = 0
    for requirement in (blas_link, compiled_code, theano_scan):
        try:
            ok, what, remedy = requirement()
        except Exception as error:  # whatever is wrong, the doctor says so and goes on
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            ok, what, remedy = False, f"{requirement.__name__} ({reason})", START_ANEW
        print(f"[ok] {what}" if ok else f"[missing] {what}: {remedy}")
        status = status if ok else 1
    return status


def main(argv=None):
    """Run the command that the arguments name; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    commands.add_parser("doctor", help="check that there is a BLAS, and that a scan runs")
    commands.add_parser("bench", help="time the models on this machine", add_help=False)
    checking = commands.add_parser("check", help="check the exercises in my_work/")
    checking.add_argument("chapter", nargs="?", help="such as 03 or 3; all if not given")
    options, extra = parser.parse_known_args(argv)
    if options.command == "doctor":
        return doctor()
    if options.command == "check":
        from course_lib.exercises import grade

        return grade.main(options.chapter)
    from course_lib import bench

    return bench.main(extra)


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # as in course.py
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
