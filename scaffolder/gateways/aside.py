"""A private directory for what nobody else may see, and which is taken away whatever happens to us."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.gateways.forked import fall_silent, forked, hold_only, stay_apart

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def aside(prefix: str, *, within: Path | None = None) -> Iterator[Path]:
    """
    Make a directory, for its owner only, and take it away afterwards with all that is in it.

    That is done by a process of its own: also when this one is killed.
    """
    place = Path(os.path.realpath(tempfile.mkdtemp(prefix=prefix, dir=within)))
    cleaner = forked(lambda line: _take_away(place, line))
    try:
        yield place
    finally:
        cleaner.let_go()


def _take_away(place: Path, line: int) -> None:
    stay_apart()
    os.chdir(place.parent)
    hold_only({line})
    fall_silent()
    os.read(line, 1)  # until we, and the keepers that were made since, are gone
    shutil.rmtree(place, ignore_errors=True)
    if place.exists():
        _unlock(place)
        shutil.rmtree(place, ignore_errors=True)


def _unlock(place: Path) -> None:
    """Allow what somebody has forbidden himself: a directory that cannot be written to keeps its files."""
    place.chmod(0o700)
    for root, directories, _ in os.walk(place):
        for path in (Path(root, name) for name in directories):
            if not path.is_symlink():
                path.chmod(0o700)
