"""Run an experiment and write its table: ``python -m course_lib.experiments memory_frontier``.

It takes a while and says how far it is. Interrupt it with Ctrl-C at any time; the same
command goes on from there.
"""

import argparse
import sys

from course_lib.experiments.table import EXPERIMENTS, run


def main(argv=None):
    """Run the experiment named on the command line; 0 when its table is complete."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.experiments", description=__doc__)
    parser.add_argument("name", help=f"one of {', '.join(EXPERIMENTS)}")
    name = parser.parse_args(argv).name
    try:
        print(f"wrote {run(name)}")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\ninterrupted; go on with: python -m course_lib.experiments {name}")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
