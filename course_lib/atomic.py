"""Files that are either written in full or not at all."""

import os
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path, mode="wb", **options):
    """An open file for a `with` block; it becomes `path` when the block ends well.

    An error or an interrupt in the block leaves whatever was at `path`. Options go to `open`.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(part, mode, **options) as file:
            yield file
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
