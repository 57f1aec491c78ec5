"""List every claim of the chapters: ``python -m course_lib.claims``.

Each line has the value that was measured (the worst, if there were several runs), its bound, the
number of runs, and the sentence; where two models are compared, also the interval in which their
difference lies over test examples. Figures come from the outputs that are stored in the chapters.
"""

import argparse
import sys

from course_lib.claims.truth_table import as_markdown, as_text, claims_of
from course_lib.files import DATA


def main(argv=None):
    """Print the table; 0 when that is done."""
    parser = argparse.ArgumentParser(prog="python -m course_lib.claims", description=__doc__)
    parser.add_argument("chapter", nargs="*", help="a notebook; without any, all chapters")
    parser.add_argument("--markdown", action="store_true", help="print a page in Markdown")
    options = parser.parse_args(argv)
    paths = options.chapter or sorted((DATA.parent / "chapters").glob("*.ipynb"))
    try:
        claims = [claim for path in paths for claim in claims_of(path)]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print((as_markdown if options.markdown else as_text)(claims))
    return 0


if __name__ == "__main__":
    sys.exit(main())
