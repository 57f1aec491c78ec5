"""Run an experiment and write what it makes: ``python -m course_lib.experiments depth``.

It takes a while and says how far it is. Interrupt it with Ctrl-C at any time: the same command
goes on with a table where it stopped, and trains a model from the beginning.
"""

import argparse
import sys

from course_lib.experiments.registry import EXPERIMENTS, run


def main(argv=None):
    """Run the experiment named on the command line; 0 when its file is written."""
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
