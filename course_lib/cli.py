"""What course.py hands over to: commands that need the course's packages."""

import argparse
import sys

BLAS_REMEDY = "python -m pip install --force-reinstall --no-deps numpy==1.21.6"
THEANO_REMEDY = "theano-cache purge; if that does not help, delete .venv: python3 course.py lab"


def report(ok, what, remedy):
    """Print one line the way `course.py doctor` does, and return whether all is well."""
    print(f"[ok] {what}" if ok else f"[missing] {what}: {remedy}")
    return ok


def check_blas():
    from course_lib.backend import blas_library

    library = blas_library()
    return report(library is not None, f"BLAS link ({library or 'none found'})", BLAS_REMEDY)


def check_scan():
    """Compile a running sum with scan and compare it with the sums done by hand."""
    from course_lib.backend import T, function, scan

    x = T.vector("x")
    totals, updates = scan(lambda x_t, total: total + x_t, sequences=x, outputs_info=T.zeros(()))
    result = function([x], totals, updates=updates)([1.0, 2.0, 3.0])
    return report(list(result) == [1.0, 3.0, 6.0], "Theano compiles and runs a scan", THEANO_REMEDY)


def doctor():
    fine = True
    for check, what, remedy in (
        (check_blas, "BLAS link", BLAS_REMEDY),
        (check_scan, "Theano compiles and runs a scan", THEANO_REMEDY),
    ):
        try:
            fine &= check()
        except Exception as error:  # whatever is wrong, the doctor says so and goes on
            reason = f"{what} ({type(error).__name__}: {error})".splitlines()[0]
            fine = report(False, reason, remedy)
    return 0 if fine else 1


def main(argv=None):
    parser = argparse.ArgumentParser(prog="course_lib.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    commands.add_parser("doctor", help="check that Theano finds BLAS and runs a scan")
    commands.add_parser("bench", help="time the models on this machine", add_help=False)
    options, extra = parser.parse_known_args(argv)
    if options.command == "doctor":
        return doctor()
    from course_lib import bench

    return bench.main(extra)


if __name__ == "__main__":
    sys.exit(main())
