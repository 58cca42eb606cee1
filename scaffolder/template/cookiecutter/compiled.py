"""
Compiled texts of a template, in memory and on disk: to parse and compile one takes far longer than to render it.

The files lie in the person's own cache. Their names are made from the texts, the way they are compiled and the versions
of what compiles them; a file that anybody else could have written is not read.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import stat
import sys
from types import CodeType
from typing import TYPE_CHECKING, Final

from scaffolder.gateways.home import Home, private_directory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Code = tuple[CodeType, bool]
"""The code, and whether it is straight."""
MOST_FILES: Final = 200
MOST_KEPT: Final = 20_000
ENOUGH: Final = 65_536
"""Bytes of a file that tell one template from another; a code is known by all of its own text."""
NOBODY_ELSE: Final = stat.S_IWGRP | stat.S_IWOTH

_known: dict[bytes, Code] = {}
"""What this process knows: a birth renders everything twice, for the plan and for real."""


class Compiled:
    """
    The compiled texts of one way to compile (`way` names the options that count for it).

    The code holds no environment: it is given one when it is run.
    """

    def __init__(self, way: str = "") -> None:
        self._way = way.encode()
        self._new: dict[bytes, Code] = {}
        self._place: Path | None = None

    def get(self, name: str | None, source: str) -> Code | None:
        """Return the code of a text; its name is part of it."""
        return _known.get(self._key(name, source))

    def put(self, name: str | None, source: str, code: Code) -> None:
        """Keep the code of a text."""
        if len(_known) >= MOST_KEPT:
            _known.clear()
        key = self._key(name, source)
        _known[key] = self._new[key] = code

    def _key(self, name: str | None, source: str) -> bytes:
        text = b"\0".join((self._way, (name or "").encode("utf-8", "replace"), source.encode("utf-8", "surrogatepass")))
        return hashlib.blake2b(text, digest_size=16).digest()

    def news(self) -> bytes:
        """Return what was compiled here, so that another process can take it over."""
        return marshal.dumps(self._new)

    def learn(self, news: bytes) -> None:
        """Take over what another process compiled."""
        found = marshal.loads(news)  # noqa: S302 - from a process that we started
        _known.update(found)
        self._new.update(found)

    def open(self, files: Iterable[bytes]) -> None:
        """Take over what an earlier run compiled for a template of these files."""
        if self._place is not None:
            return
        total = hashlib.blake2b(digest_size=20)
        for part in (*_versions(), self._way):
            total.update(part + b"\0")
        for data in files:
            total.update(len(data).to_bytes(8, "big"))
            total.update(data[:ENOUGH])
        self._place = Home.of_user().cache / "compiled" / f"{total.hexdigest()}.code"
        with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
            _known.update(marshal.loads(_read(self._place)))  # noqa: S302 - a file that is ours alone

    def keep(self) -> None:
        """Write down what is new; a cache that cannot be written is none."""
        if not self._new or self._place is None:
            return
        known = {}
        with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
            known = marshal.loads(_read(self._place))  # noqa: S302 - ours alone
        with contextlib.suppress(OSError):
            _write(self._place, marshal.dumps(known | self._new))
        self._new.clear()


def _versions() -> list[bytes]:
    """Tell which code this is: that of Python, of Jinja, and our own."""
    import jinja2.compiler

    from scaffolder.template.cookiecutter import sandbox, straight

    files = [os.stat(str(module.__file__)) for module in (jinja2.compiler, sandbox, straight)]  # noqa: PTH116 - quicker
    texts = [sys.version, *(f"{found.st_size} {found.st_mtime_ns}" for found in files)]
    return [text.encode() for text in texts]


def _read(place: Path) -> bytes:
    """Return the content of a file that nobody else can have written."""
    for path in (place.parent, place):
        found = path.lstat()
        if found.st_uid != os.getuid() or found.st_mode & NOBODY_ELSE or stat.S_ISLNK(found.st_mode):
            raise PermissionError(str(path))
    return place.read_bytes()


def _write(place: Path, data: bytes) -> None:
    private_directory(place.parent.parent)
    directory = private_directory(place.parent)
    aside = place.with_suffix(f".{os.getpid()}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        aside.replace(place)
    finally:
        aside.unlink(missing_ok=True)
    _forget_oldest(directory)


def _forget_oldest(directory: Path) -> None:
    files = sorted(directory.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-MOST_FILES]:
        path.unlink(missing_ok=True)
