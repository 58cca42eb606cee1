"""
The private directory in which a task renders.

A step that writes there gets a fresh copy of what stood before, so that a step cut short is run again from the same
state. After a power cut the files of a finished step may be gone although its row is there: the digest kept with the
row tells.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from scaffolder.tree import NotReadable, NotWritable, Tree

if TYPE_CHECKING:
    from pathlib import Path


class Workspace:
    """The states of a workspace, one directory after each step that wrote: `0` is the empty beginning."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._state(0).mkdir(mode=0o700, parents=True, exist_ok=True)

    def current(self, state: int) -> Path:
        """Return the directory after `state` steps have written."""
        return self._state(state)

    def begin(self, state: int) -> Path:
        """Return the directory for the next state, beginning as a copy of `state`."""
        place = self._state(state + 1)
        try:
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(self._state(state), place, symlinks=True)
        except OSError as error:
            raise NotWritable(place, error) from error
        return place

    def discard(self) -> None:
        """Delete every state; the steps that made them can run again."""
        shutil.rmtree(self._root, ignore_errors=True)

    def digest(self, state: int) -> str:
        """Return the digest of what stands after `state` steps, '' when it is gone or cannot be read."""
        try:
            return Tree.read(self._state(state)).digest()
        except NotReadable:
            return ""

    def _state(self, state: int) -> Path:
        return self._root / str(state)
