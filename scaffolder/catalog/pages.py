"""
What has come of a long reading, a line of a file each, so that one that is cut short goes on where it was.

A line that was not written to its end does not count, nor what was read for another state of the catalog, or long ago.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from scaffolder.gateways.home import private_directory

if TYPE_CHECKING:
    from pathlib import Path

LASTS: Final = 24 * 60 * 60
"""Seconds after which what was read is read anew."""
_FORMAT = 1


@dataclass
class Pages:
    """
    What was read of the location `target`, under `directory`, by keys.

    `began` is when the reading began by the other side's clock; 0 while nothing was read.
    """

    directory: Path
    target: str
    began: float = 0.0
    _since: str = field(default="", init=False)
    _known: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def begin(self, since: str) -> None:
        """Go on with a reading that was begun when the catalog knew the state `since`, or begin one."""
        self._since, self._known, self.began = since, {}, 0.0
        head, *pages = self._lines() or [None]
        match head:
            case [self.target, kept, float(began), int(form)] if (kept, form) == (since, _FORMAT):
                fresh = began + LASTS > time.time()
            case _:
                fresh = False
        if not fresh:
            self.forget()
            return
        self.began = began
        for page in pages:
            self._known.update(page)

    def get(self, key: str) -> Any:
        """Return what was read, None when that was not read yet."""
        return self._known.get(key)

    def put(self, pages: dict[str, Any], *, at: float) -> None:
        """Keep what was read; `at` is when the reading began."""
        self._known.update(pages)
        private_directory(self.directory)
        if not self.began:
            self.began = at
            self._write([[self.target, self._since, float(at), _FORMAT]], os.O_TRUNC)
        self._write([pages], os.O_APPEND)

    def forget(self) -> None:
        """Let go of it: it has been taken in."""
        self._known, self.began = {}, 0.0
        self._file.unlink(missing_ok=True)

    @property
    def _file(self) -> Path:
        return self.directory / f"{hashlib.sha256(self.target.encode()).hexdigest()[:32]}.jsonl"

    def _lines(self) -> list[Any]:
        try:
            *whole, _cut = self._file.read_bytes().split(b"\n")
        except OSError:
            return []
        try:
            return [json.loads(line) for line in whole]
        except ValueError:
            return []

    def _write(self, values: list[Any], how: int) -> None:
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.writelines(json.dumps(value).encode() + b"\n" for value in values)
