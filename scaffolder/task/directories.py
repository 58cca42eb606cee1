"""
The private directory of each task that is not over.

Whoever holds its lock works on the task; the kernel takes the lock back when that process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.errors import Conflict
from scaffolder.gateways.home import private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class TaskBusy(Conflict):
    """Another process works on the task."""

    def __init__(self, task_id: str) -> None:
        super().__init__(
            f"task {task_id} is running in another process", hint="wait for it, or stop that process first"
        )


@dataclass(frozen=True, slots=True)
class Directories:
    """The directories below `root`. `is_over` tells that a task has ended or never came into the journal."""

    root: Path
    is_over: Callable[[str], bool]

    @contextmanager
    def held(self, task_id: str) -> Iterator[Path]:
        """
        Hold the task's directory; the kernel lets go when the process ends, however it ends.

        The directory of a task that is over, or that never came into the journal, is removed in the end.
        """
        directory = private_directory(self.root) / task_id
        with ExitStack() as kept:
            with self._alone():  # nobody may sweep it before it is locked
                directory.mkdir(mode=0o700, exist_ok=True)
                handle = kept.enter_context((directory / "lock").open("w"))
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise TaskBusy(task_id) from None
            try:
                yield directory
            finally:
                if self.is_over(task_id):
                    shutil.rmtree(directory, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else take a task meanwhile: the directory of all tasks is itself the lock."""
        descriptor = os.open(self.root, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def sweep(self) -> None:
        """Remove the directories that processes killed at a task's very beginning or end have left."""
        found = [place.name for place in self.root.iterdir() if place.is_dir()] if self.root.is_dir() else []
        for task_id in found:
            if self.is_over(task_id):
                with suppress(TaskBusy), self.held(task_id):
                    pass

    def busy(self, task_id: str) -> bool:
        """Tell whether a process works on the task right now."""
        if not (self.root / task_id).is_dir():
            return False
        try:
            with self.held(task_id):
                return False
        except TaskBusy:
            return True
