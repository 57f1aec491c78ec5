"""Folders for what Theano compiles and links: with no odd names, and safe to write to."""

import configparser
import contextlib
import hashlib
import os
import shlex
import stat
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]


def _private():
    """A folder in the temp folder, made if need be, that is this user's alone, or None.

    Everyone can write to the temp folder, so somebody else may have made it, or a link.
    """
    folder = Path(tempfile.gettempdir()) / f"rnn-course-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(found.st_mode) and (found.st_mode & 0o777) == 0o700
    return folder if private and found.st_uid == os.getuid() else None


def _has_odd_name(folder):
    """Whether linker flags cannot name it."""
    return bool(set(" ,") & set(str(folder)))


def linkable(library):
    """A folder without spaces or commas that holds `library`: linker flags allow neither.

    If its own is no such folder, one of this user's alone that holds a link to it. None if there
    can be none, or if that link leads elsewhere.
    """
    if not _has_odd_name(library.parent):
        return library.parent
    private = _private()
    if private is None or _has_odd_name(private):
        return None
    key = hashlib.sha256(str(library).encode()).hexdigest()[:16]
    link = private / f"blas-{key}" / library.name
    link.parent.mkdir(exist_ok=True)
    with contextlib.suppress(FileExistsError):
        link.symlink_to(library)
    return link.parent if link.is_symlink() and os.readlink(link) == str(library) else None


def _user_names_one():
    """Whether the user's own settings say where compiled code is kept."""
    flags = shlex.shlex(os.environ.get("THEANO_FLAGS", ""), posix=True)
    flags.whitespace, flags.whitespace_split = ",", True
    names = {flag.partition("=")[0].strip() for flag in flags}
    own = configparser.ConfigParser(interpolation=None)
    files = os.environ.get("THEANORC", "~/.theanorc").split(os.pathsep)
    own.read([os.path.expanduser(file) for file in files])
    names.update(own["global"] if own.has_section("global") else ())
    return bool(names & {"base_compiledir", "compiledir"})


def _is_writable(folder, names):
    """Whether `folder`, made if need be, and what is in it by such names can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # What a command run as root has left there belongs to root.
        for place in (folder, *folder.glob(names)):
            tempfile.TemporaryFile(dir=place).close()
    except OSError:
        return False
    return True


def for_compiled_code(names):
    """The folder for compiled code if it cannot be Theano's usual one, ~/.theano; else None.

    Theano makes folders in it, by `names` such as "compiledir_*". It is None, too, where the
    user's THEANO_FLAGS or .theanorc name a folder. Raises PermissionError if there is none that
    can be written to.
    """
    usual = Path(os.environ.get("HOME") or os.path.expanduser("~")) / ".theano"
    if sys.platform == "win32" or _user_names_one() or _is_writable(usual, names):
        return None
    private = _private()
    own = [PROJECT / ".home" / ".theano", *([private / "theano"] if private else [])]
    folder = next((place for place in own if _is_writable(place, names)), None)
    if folder is None:
        places = ", ".join(map(str, [usual, *own]))
        raise PermissionError(
            f"Theano has to keep compiled code, but cannot write to {places}: "
            "make one of them writable, or name another folder: "
            "export THEANO_FLAGS=base_compiledir=/path/to/folder"
        )
    print(
        f"Compiled code is kept in {folder}, because {usual} cannot be written to.",
        file=sys.stderr,
    )
    return folder
