"""
What a checkout makes of the files of a commit: other line ends and encodings, where its `.gitattributes` ask for them.

Whoever clones a template has its files like that, and cookiecutter renders those. Nothing of it runs a program.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.gateways.git_command import git
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scaffolder.gateways.git_directory import GitDirectory
    from scaffolder.tree import Tree

ATTRIBUTES: Final = ("eol", "text", "working-tree-encoding")

_ASKS = re.compile(rb"\beol=crlf\b|\bworking-tree-encoding=")
_NOT_PRINTED = bytes({*range(0x20), 0x7F} - {*b"\b\t\n\f\r\x1b"})
"""What speaks against text for git; it minds neither backspaces, form feeds nor escapes."""
_OF_PYTHON = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape"})
"""Encodings that git does not know; the time of the first two grows with the square of the length."""


def as_checked_out(repository: GitDirectory, commit: str, tree: Tree) -> Tree:
    """Return the files of a commit as a clone on Linux has them."""
    asking = [path for path, file in tree.files() if path.rpartition("/")[2] == ".gitattributes" and _asks(file)]
    if not asking:
        return tree
    files = dict(tree.files())
    asked = _attributes(repository, commit, files)
    return tree.overlaid({path: File(_worked(file.data, asked[path]), file.mode) for path, file in files.items()})


def _asks(file: File) -> bool:
    return _ASKS.search(file.data) is not None


def _attributes(repository: GitDirectory, commit: str, paths: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the attributes of each path, as git reads them from the commit."""
    import tempfile

    names = "".join(f"{path}\0" for path in paths)
    with tempfile.TemporaryDirectory(prefix="index-") as place:
        extra = {"GIT_INDEX_FILE": str(Path(place, "index"))}
        git("read-tree", commit, directory=repository.path, extra=extra)
        asking = ("check-attr", "--cached", "--stdin", "-z", *ATTRIBUTES)
        printed = git(*asking, directory=repository.path, stdin=os.fsencode(names), extra=extra)
    found: dict[str, dict[str, str]] = {}
    words = iter(printed.split(b"\0")[:-1])
    for path, name, value in zip(words, words, words, strict=True):
        found.setdefault(os.fsdecode(path), {})[name.decode()] = os.fsdecode(value)
    return found


def _worked(data: bytes, attributes: Mapping[str, str]) -> bytes:
    text, encoding = attributes["text"], attributes["working-tree-encoding"]
    if attributes["eol"] == "crlf" and text != "unset" and not (text == "auto" and _is_left_alone(data)):
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return data if encoding in {"set", "unset", "unspecified"} else _encoded(data, encoding)


def _is_left_alone(data: bytes) -> bool:
    """Tell whether git, which has to find out itself, does not take it for text that it has written the ends of."""
    body = data.removesuffix(b"\x1a")
    strange = len(body) - len(body.translate(None, _NOT_PRINTED))
    ends = data.count(b"\n")
    return b"\r" in data or b"\0" in data or strange > (len(data) - strange - ends) >> 7


def _encoded(data: bytes, encoding: str) -> bytes:
    """Return UTF-8 in another encoding; what cannot be stays, as with git."""
    mark = encoding.upper().endswith("-BOM")
    plain = encoding[:-4] if mark else encoding
    try:
        if codecs.lookup(plain).name in _OF_PYTHON:
            return data
        encoded = data.decode().encode(plain)
    except (UnicodeError, LookupError):
        return data
    return "\ufeff".encode(plain) + encoded if mark else encoded
