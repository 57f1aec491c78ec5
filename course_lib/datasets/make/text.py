"""The texts."""

import hashlib
import pydoc_data.topics
import sys

# The help of CPython 3.10.13: it is rewritten a little in every release.
MANUAL = "b1882a33e8512d28c4e983e7376fdeac986c374348734197b7ac5dfcb93d6542"

# Typographic characters, and what stands for them on a keyboard.
KEYBOARD = {
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{DEGREE SIGN}": " degrees",
    "\N{LATIN SMALL LETTER SHARP S}": "ss",
}

SHORT = 40  # characters: a paragraph as short as this may stand in the text twice


def python_manual(path):
    """Python's own manual of the language: what ``help()`` shows about 79 topics, in one text.

    Many topics repeat parts of others. A paragraph that came before is left out, or else a
    model would be tested on what it was trained on; so is a topic of which nothing remains.
    Raises ValueError on a Python whose help is another one.
    """
    topics = pydoc_data.topics.topics
    if hashlib.sha256("\n".join(topics.values()).encode()).hexdigest() != MANUAL:
        raise ValueError(
            "the text was taken from the help of CPython 3.10.13, and this Python, "
            f"{sys.version.split()[0]}, has another one: run this command with 3.10.13"
        )
    text = "\n\n\n".join(filter(None, without_repetitions(topics.values()))) + "\n"
    path.write_bytes(text.encode("ascii"))


def without_repetitions(pages):
    """Each page in ASCII, without the paragraphs that stood in it or an earlier one before."""
    seen = set()
    for page in pages:
        kept = []
        for paragraph in page.translate(str.maketrans(KEYBOARD)).strip("\n").split("\n\n"):
            if len(paragraph.strip()) < SHORT or paragraph.strip() not in seen:
                kept.append(paragraph)
            seen.add(paragraph.strip())
        has_more = any(len(paragraph) >= SHORT for paragraph in kept)
        yield "\n\n".join(kept) if has_more else ""
