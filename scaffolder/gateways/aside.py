"""A private directory for what nobody else may see, and which is taken away whatever happens to us."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.gateways.forked import Forked, ProcessRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELL: Final = "/bin/sh"
CLEAN: Final = """trap '' HUP INT TERM; read -r _; rm -rf -- "$1" || { chmod -R u+rwx -- "$1"; rm -rf -- "$1"; }"""
"""
Wait until we say so, or are gone with the keepers that were made since, and nobody has the other end of the pipe.

What was forbidden in the directory is allowed first: one that cannot be written to keeps its files.
"""


@contextmanager
def aside(prefix: str, *, within: Path | None = None) -> Iterator[Path]:
    """
    Make a directory, for its owner only, and take it away afterwards with all that is in it.

    That is done by a process of its own: also when this one is killed. It is a shell, which is much smaller than a copy
    of this process would be.

    Raises:
        ProcessRefused: The system does not start one.
    """
    place = Path(os.path.realpath(tempfile.mkdtemp(prefix=prefix, dir=within)))
    cleaner = _cleaner(place)
    try:
        yield place
    finally:
        cleaner.let_go()


def _cleaner(place: Path) -> Forked:
    reading, writing = os.pipe()
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    actions = [(os.POSIX_SPAWN_DUP2, reading, 0), *silent]
    argv = [SHELL, "-c", CLEAN, SHELL, str(place)]
    path = os.pathsep.join(filter(None, (os.defpath, os.environ.get("PATH"))))  # a system may have rm elsewhere
    try:
        pid = os.posix_spawn(SHELL, argv, {"PATH": path}, file_actions=actions, setpgroup=0)
    except OSError as error:
        place.rmdir()
        raise ProcessRefused(error) from error
    finally:
        os.close(reading)
    return Forked(pid, writing)
