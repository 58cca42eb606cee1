"""A lock between processes, which the kernel takes back when its holder dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING

from scaffolder.errors import TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Busy(TryAgain):
    """Another process has held the lock for longer than we wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another scaffolder is working in {path.parent}", hint="wait for it to finish, then try again"
        )


@contextlib.contextmanager
def locked(path: Path, *, patience: float) -> Iterator[None]:
    """
    Hold the lock file `path`, made if need be, while the block runs; wait for it up to `patience` seconds.

    The file stays: removing it would let two processes hold locks on two files of one name.

    Raises:
        Busy: Somebody else holds it.
        OSError: The file cannot be made.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        _wait_for(descriptor, path, patience)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise Busy(path) from error
            time.sleep(0.01)
        else:
            return
