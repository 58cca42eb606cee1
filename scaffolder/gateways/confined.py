"""
Work that may never end, or never have enough: it runs in a process of its own, which can be ended.

The process has a bound on its memory and cannot write files. It gives back plain values, or the error it met. A note
that it keeps up to date tells what it was at when it had to be ended.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import pickle
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.errors import Failed, Place, ScaffolderError
from scaffolder.gateways.forked import Forked, end_with, forked

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.gateways.keeper import Kept

NOTE = 4_096
"""Bytes of the note that both processes see."""
LOOK_EVERY = 0.25
"""Seconds between two looks at the note."""
OVERHEAD = 64_000_000
"""Bytes of address space that the process may need beyond what its work is allowed."""


class Ended(Failed):
    """The work was ended from outside."""

    def __init__(self, reason: str, at: str) -> None:
        super().__init__(reason, place=Place(at) if at else None, hint="correct the template, or tell its owner")


class Note:
    """What the work is at, as both processes see it."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, NOTE)

    def write(self, text: str) -> None:
        """Tell what is begun now."""
        data = text.encode("utf-8", "replace")[: NOTE - 9]
        self._shared.seek(0)
        self._shared.write(time.monotonic_ns().to_bytes(8, "big") + data + b"\0")

    def read(self) -> tuple[float, str]:
        """Return when the last note was written, in monotonic seconds (0 if never), and what it says."""
        data = bytes(self._shared[:NOTE])
        return int.from_bytes(data[:8], "big") / 1e9, data[8:].partition(b"\0")[0].decode("utf-8", "replace")


class Bounds(NamedTuple):
    """The most seconds between two notes, the most for all, and bytes of memory."""

    step: float
    whole: float
    memory: int


def confined(work: Callable[[Note], Any], bounds: Bounds, *, starts_others: bool = False) -> Any:
    """
    Return what `work` returns; it is given a note to keep.

    What `starts_others`, programs or daemons, has a keeper, which ends these with it.

    Raises:
        ScaffolderError: What it raised.
        Ended: It took too long, too much memory, or brought its process down.
    """
    note = Note()
    reading, writing = os.pipe()

    def begun() -> None:
        _work(work, note, writing, bounds)

    process = _below_a_keeper(begun, writing) if starts_others else _alone(begun, reading, writing)
    try:
        answer = _answer(reading, note, bounds)
    finally:
        os.close(reading)
        process.kill()  # it has answered, or is not to go on
    return _understood(answer, note)


def _alone(work: Callable[[], None], reading: int, writing: int) -> Forked:
    def child(line: int) -> None:
        os.close(reading)  # else it is its own reader, and waits at a full pipe for ever when we are no more
        end_with(line)
        work()

    process = forked(child)
    os.close(writing)
    return process


def _below_a_keeper(work: Callable[[], None], writing: int) -> Kept:
    from scaffolder.gateways.keeper import Kept

    def begin() -> int:
        pid = os.fork()
        if not pid:
            try:
                os.setpgid(0, 0)
                work()
            finally:
                os._exit(0)
        with contextlib.suppress(OSError):  # it has done so itself, or ended
            os.setpgid(pid, pid)
        return pid

    return Kept(begin, output=writing)


def _work(work: Callable[[Note], Any], note: Note, writing: int, bounds: Bounds) -> None:
    """Do the work, in the child, and write its answer."""
    _bind(bounds)
    with open(writing, "wb") as pipe:
        try:
            answer = pickle.dumps((True, work(note)))
        except ScaffolderError as error:
            answer = pickle.dumps((False, (type(error), vars(error))))
        except MemoryError:
            ended = Ended("it needs more memory than it may have", note.read()[1])
            answer = pickle.dumps((False, (Ended, vars(ended))))
        pipe.write(answer)


def _bind(bounds: Bounds) -> None:
    """Take from this process what the work has no need of."""
    import resource

    sys.dont_write_bytecode = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what ctrl-c means
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CPU, int(bounds.whole) + 1)  # where the parent's end is not noticed
    if sys.platform == "linux":  # elsewhere the system does not keep to it
        _limit(resource.RLIMIT_AS, _address_space() + bounds.memory + OVERHEAD)


def _limit(kind: int, most: int) -> None:
    """Set a bound; a narrower one that this process has already cannot be widened, and stays."""
    import resource

    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _address_space() -> int:
    with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - of Linux, and no file
        return int(file.read().split()[0]) * mmap.PAGESIZE


def _answer(reading: int, note: Note, bounds: Bounds) -> bytes:
    """Read until the child has said all, or has had its time."""
    began, parts = time.monotonic(), list[bytes]()
    waiting = select.poll()
    waiting.register(reading, select.POLLIN | select.POLLHUP)
    while True:
        if waiting.poll(LOOK_EVERY * 1000):
            data = os.read(reading, 1 << 20)
            if not data:
                return b"".join(parts)
            parts.append(data)
        now, (written, at) = time.monotonic(), note.read()
        if now - max(began, written) > bounds.step:
            raise Ended(f"it takes longer than {bounds.step:g} s, and was stopped", at)
        if now - began > bounds.whole:
            raise Ended(f"all of it takes longer than {bounds.whole:g} s, and was stopped", at)


class _Known(pickle.Unpickler):
    """Reads plain values and our own errors, nothing that could run."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith("scaffolder.") else None
        if isinstance(found, type) and (found is Place or issubclass(found, ScaffolderError)):
            return found
        msg = f"{module}.{name} is not expected"
        raise pickle.UnpicklingError(msg)


def _understood(answer: bytes, note: Note) -> Any:
    try:
        fine, value = _Known(io.BytesIO(answer)).load()
    except (pickle.UnpicklingError, EOFError, ValueError) as error:
        raise Ended("it brought its process down, and was stopped", note.read()[1]) from error
    if fine:
        return value
    kind, facts = value
    raised = kind.__new__(kind, facts["message"])
    vars(raised).update(facts)
    raise raised
