"""Train a model and write it to data/: ``python -m course_lib.pretrained character_model``."""

import argparse
import sys

from course_lib.pretrained.store import MODELS, paths_of, train


def main(argv=None):
    """Train the model named on the command line; 0 when it is written."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.pretrained", description=__doc__)
    parser.add_argument("name", metavar="NAME", choices=MODELS, help=", ".join(MODELS))
    name = parser.parse_args(argv).name
    for key, value in train(name).items():
        print(f"{key}: {value}")
    print(f"wrote data/{paths_of(name)[0].name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
