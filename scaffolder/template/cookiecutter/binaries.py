"""
Which files cookiecutter copies without rendering them, because it takes them for binary.

It asks `binaryornot`: first the extension decides, then the first 512 bytes. What is plainly text is told here without
loading that; everything else is its decision. One answer is ours: a file with tags that is text from its first byte to
its last is rendered although it begins with the letters of some format (`BM`, `MZ`, `PACK` …).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

LOOKED_AT = 512
TAGS = re.compile(rb"\{[{%#]")
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MAGIC_LETTERS = re.compile(
    rb"!<arch>\n|070701|8BPS|ARROW1|BM|BZh|GIF8[79]a|ID3|II\*\x00|MM\x00\*|MThd|MZ|OTTO|Obj\x01|OggS|PACK|PAR1"
    rb"|PK\x03\x04|%PDF-1\.|RIFF|Rar!\x1a\x07|SQLite format 3\x00|bplist|dex\n|fLaC|wOF[F2]"
)
"""The signatures of `binaryornot` that begin with letters. The others cannot begin a text."""


def is_binary(path: str, data: bytes) -> bool:
    """Tell whether a file is copied as it is."""
    if extension(path) in _extensions():
        return True
    head = data[:LOOKED_AT]
    if MAGIC_LETTERS.match(head):
        return not (TAGS.search(data) and is_text(data))
    return not is_text(head) and _decided(head)


def is_text(data: bytes) -> bool:
    """Tell whether all of it is UTF-8 without control characters."""
    if CONTROL.search(data):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def extension(path: str) -> str:
    """Return what stands behind the last dot of the name, in lower case."""
    name = path.rpartition("/")[2]
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


@cache
def _extensions() -> frozenset[str]:
    """Return the extensions that decide, as they stand in the package; to import it would take 40 ms."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("binaryornot")
    (home,) = spec.submodule_search_locations or [""] if spec else [""]
    try:
        lines = Path(home, "data", "binary_extensions.csv").read_text().splitlines()
    except OSError:  # of a version that looks at no extensions
        return frozenset()
    return frozenset(line.partition(",")[0].strip().lower() for line in lines[1:])


def _decided(head: bytes) -> bool:
    from binaryornot.helpers import is_binary_string

    return bool(is_binary_string(head))
