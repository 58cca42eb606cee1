"""
A copy of this process that does one piece of work, and learns at once when this process is no more.

A pipe between the two tells it: the system closes our end of it, however we end.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING, Final

from scaffolder.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator


MOST_FILES: Final = 65_536
"""Numbers of open files that are looked at; systems that allow more seldom give out such."""


class ProcessRefused(Failed):
    """The system gives us no process."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"no process can be started: {error.strerror}", hint="free memory, or end other programs (ulimit -u)"
        )


_lines: set[int] = set()
"""Our ends of the pipes: copies that are made later hold them too, and so what began first learns of our end last."""


class Forked:
    """The copy, seen from here."""

    def __init__(self, pid: int, line: int) -> None:
        self._pid = pid
        self._line = line
        _lines.add(line)

    def let_go(self) -> None:
        """Say that it is over, and wait until the copy has ended because of it."""
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            os.write(self._line, b"\n")
        _lines.discard(self._line)
        os.close(self._line)
        with contextlib.suppress(ChildProcessError):  # who started us may have had SIGCHLD ignored: nothing is left
            os.waitpid(self._pid, 0)

    def kill(self) -> None:
        """End it, whatever it is at."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self.let_go()


def forked(work: Callable[[int], object]) -> Forked:
    """
    Let a copy of this process do the work, and end; it is given its end of the pipe, to be read when it is to end.

    Nothing of this process's is flushed, closed or run on its way out.

    Raises:
        ProcessRefused: There may be no more of them.
    """
    reading, writing = os.pipe()
    with _undisturbed() as before:
        pid = _fork()
        if not pid:
            try:
                os.close(writing)
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                work(reading)
            finally:
                os._exit(0)
    os.close(reading)
    return Forked(pid, writing)


@contextlib.contextmanager
def _undisturbed() -> Iterator[Collection[int]]:
    """Hold ctrl-c back: it would lead a copy that has not begun its work out of here, to go on as this process does."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fork() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that the copy does not have
        try:
            return os.fork()
        except OSError as error:
            raise ProcessRefused(error) from error


def stay_apart() -> None:
    """Let the copy outlive this process: no terminal's ctrl-c reaches it, and nobody's polite request."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, heard)  # a handler, as a program that is started then hears them again


def heard(*_signal: object) -> None:
    """Do nothing about a signal."""


def hold_only(files: Collection[int]) -> None:
    """Close in the copy all open files but these and the pipes: they are locks and databases of this process."""
    last = 3
    for number in (*sorted(_lines.union(files)), MOST_FILES):
        os.closerange(last, number)
        last = number + 1


def fall_silent() -> None:
    """Let go of the terminal, or of the pipe that somebody reads to its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    os.close(nothing)


def end_with(line: int) -> None:
    """Let the system end the copy when this process is no more, in the midst of anything. Only Linux can."""
    if sys.platform == "linux":
        import fcntl

        fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(line, fcntl.F_SETSIG, signal.SIGKILL)  # for whatever happens on it
        fcntl.fcntl(line, fcntl.F_SETFL, fcntl.fcntl(line, fcntl.F_GETFL) | os.O_ASYNC)
