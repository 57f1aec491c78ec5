"""Files: written in full or not at all, known by their checksums, and how to mend one; a
learner's own files."""

import hashlib
import os
from contextlib import contextmanager
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
LARGEST = 10**9  # bytes of a learner's file: read and taken apart, it needs several times as many


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


def digest(path):
    """The sha256 of a file, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def remedy(maker, *paths):
    """How to mend files of `data/` that ``python -m maker NAME`` makes; NAME is their stem."""
    names = " ".join(f"data/{path.name}" for path in paths)
    return (
        f"`git checkout {names}` restores it, and "
        f"`python -m {maker} {paths[0].stem}` makes it again"
    )


def verify(path, sha256, mend):
    """Raises ValueError, with the remedy `mend`, if a file is missing or has another checksum."""
    if not path.exists():
        raise ValueError(f"{path} is missing: {mend}")
    if digest(path) != sha256:
        raise ValueError(f"{path} is damaged: {mend}")


def own_file(path, suffix):
    """The path and the content, as bytes, of a learner's file; "~" stands for the home folder.

    Raises ValueError with the true reason if it cannot be read; for a missing one, with the
    files there that have this suffix.
    """
    path = Path(os.path.expanduser(path))
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise ValueError(
                f"{path} has {path.stat().st_size / 1e9:.3g} GB, and {LARGEST / 1e9:g} GB is the "
                "most that is read: cut out a part"
            )
        if path.is_file():
            return path, path.read_bytes()
        if path.is_dir():
            raise ValueError(f"{path} is a folder: give the path of a file in it")
        if path.exists():
            raise ValueError(f"{path} is a device or a pipe: give the path of a file")
        near = sorted(other.name for other in path.parent.glob(f"*{suffix}"))[:8]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    hint = f"; the {suffix} files there: {', '.join(near)}" if near else ""
    raise ValueError(f"there is no file {path}{hint}")
