"""
A process that stands between us and a program of somebody else, and ends all that the program has started.

It does so when the program ends, when it is told to, and when we are no more, even by `kill -9`. On Linux the system
hands it whatever has lost its parent, a daemon in a session of its own too (see PR_SET_CHILD_SUBREAPER in prctl(2)).
Elsewhere it ends what has stayed in the program's process group.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.gateways.forked import fall_silent, forked, heard, hold_only, stay_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADOPTS: Final = 36
"""PR_SET_CHILD_SUBREAPER."""
PATIENCE: Final = 10.0
"""Seconds in which what is killed has to be gone: a program that starts others without end may never be."""
AGAIN: Final = 0.002


class Kept:
    """
    A program below a keeper; it can be waited for like an open file.

    `begin` starts it, in the keeper, as the leader of a process group, and returns its process id. The program writes
    to `output`, which is all that it is given of our open files.
    """

    def __init__(self, begin: Callable[[], int], *, output: int) -> None:
        self._report, said = os.pipe()
        adopt = _adoption()
        self._keeper = forked(lambda line: _keep(begin, adopt, pipes=_Pipes(line, said, output)))
        os.close(said)
        os.close(output)

    def fileno(self) -> int:
        """Return what can be read from when the program has ended, and all that it started."""
        return self._report

    def status(self) -> int:
        """
        Wait for its end, and return its exit status, negative for a signal.

        Raises:
            OSError: It could not be started.
        """
        kind, _, number = os.read(self._report, 64).partition(b" ")
        if kind == b"refused":
            raise OSError(int(number), os.strerror(int(number)))
        return int(number) if kind else -signal.SIGKILL  # the keeper itself was killed

    def kill(self) -> None:
        """End it and everything it has started."""
        self._keeper.let_go()
        os.close(self._report)


class _Pipes(NamedTuple):
    """What the keeper holds: its line to us, on which it reports, and where the program writes."""

    line: int
    report: int
    output: int


def _keep(begin: Callable[[], int], adopt: Callable[[], object], *, pipes: _Pipes) -> None:
    stay_apart()
    adopt()
    hold_only(pipes)
    woken = _woken_by_children()
    try:
        program = begin()
    except OSError as error:
        os.write(pipes.report, b"refused %d" % (error.errno or 0))
        return
    os.close(pipes.output)
    fall_silent()
    status = _status(program, pipes.line, woken)
    _end_all(program)
    if status is not None:
        os.write(pipes.report, b"ended %d" % status)


def _adoption() -> Callable[[], object]:
    """Return what lets a process have the orphans below it; to look it up takes long, in each keeper anew."""
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes

            return partial(ctypes.CDLL(None).prctl, ADOPTS, 1, 0, 0, 0)
    return heard


def _woken_by_children() -> int:
    """Return what can be read from when a child has ended."""
    woken, waking = os.pipe()
    os.set_blocking(waking, False)
    signal.signal(signal.SIGCHLD, heard)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    return woken


def _status(program: int, line: int, woken: int) -> int | None:
    """Wait for the program's end, and return its exit status; None when our parent has let go first."""
    while True:
        ready, _, _ = select.select([line, woken], [], [])
        if line in ready:
            return None
        os.read(woken, 4096)
        ended, _ = _reap()
        if program in ended:
            return ended[program]


def _reap() -> tuple[dict[int, int], bool]:
    """Return the exit statuses of children that have ended, and whether there are others."""
    ended: dict[int, int] = {}
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = os.waitstatus_to_exitcode(found[1])
    except ChildProcessError:
        return ended, False
    return ended, True


def _end_all(program: int) -> None:
    """Kill the program's group, then our children until there are none: those of each become ours with its end."""
    deadline = time.monotonic() + PATIENCE
    _kill(os.killpg, program)
    while _reap()[1] and time.monotonic() < deadline:
        for pid in _children():
            _kill(os.kill, pid)
        time.sleep(AGAIN)


def _kill(how: Callable[[int, int], None], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        how(number, signal.SIGKILL)


def _children() -> Iterator[int]:
    """Yield our children, where the system shows them (see proc(5))."""
    us = str(os.getpid())
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            _, parent, *_ = place.read_text(errors="replace").rpartition(")")[2].split()
            if parent == us:
                yield int(place.parent.name)
