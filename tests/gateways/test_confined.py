from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import InvalidInput, Place
from scaffolder.gateways.confined import Bounds, Ended, confined
from scaffolder.tree import PathEscapes
from tests.gateways.test_script import alive

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.gateways.confined import Note


def run(work: Callable[[Note], Any], *, step: float = 20.0, whole: float = 20.0, memory: int = 100_000_000) -> Any:
    return confined(work, Bounds(step, whole, memory))


def test_what_the_work_returns_comes_back() -> None:
    value = {"a": [b"x" * 3_000_000, None, 1.5], "b": ("c", True)}
    assert run(lambda _note: value) == value


def test_the_error_it_meets_is_the_same_here() -> None:
    def work(_note: Note) -> None:
        raise InvalidInput("wrong", hint="do this", place=Place("file", 3), details=("more",))

    with pytest.raises(InvalidInput) as raised:
        run(work)
    assert (raised.value.message, raised.value.hint, raised.value.details) == ("file:3: wrong", "do this", ("more",))


def test_an_error_that_is_made_of_one_word_says_the_same_here() -> None:
    def work(_note: Note) -> None:
        raise PathEscapes("../x")

    with pytest.raises(PathEscapes) as raised:
        run(work)
    assert str(raised.value) == str(PathEscapes("../x"))


def test_what_never_ends_is_ended_and_its_note_read() -> None:
    def work(note: Note) -> None:
        note.write("first")
        note.write("path/of/file")
        while True:
            time.sleep(1)

    with pytest.raises(Ended, match=r"path/of/file: it takes longer than 0\.2 s"):
        run(work, step=0.2)


def test_each_note_gives_new_time_but_all_of_it_has_an_end() -> None:
    def work(note: Note) -> None:
        while True:
            note.write("again")
            time.sleep(0.01)

    with pytest.raises(Ended, match=r"again: all of it takes longer than 0\.5 s"):
        run(work, step=0.4, whole=0.5)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux keeps to a bound on memory")
def test_memory_has_a_bound() -> None:
    with pytest.raises(Ended, match="memory"):
        run(lambda _note: len(b"x" * 3_000_000_000))


NARROW = """
import resource
from scaffolder.gateways.confined import Bounds, confined
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
print(confined(lambda _note: resource.getrlimit(resource.RLIMIT_CPU), Bounds(20.0, 300.0, 100_000_000)))
"""


def test_a_narrower_bound_of_the_machine_is_left_as_it_is() -> None:
    done = subprocess.run((sys.executable, "-c", NARROW), capture_output=True, text=True, check=True)
    assert done.stdout == "(60, 60)\n"


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(Ended, match="brought its process down"):
        run(lambda _note: os.kill(os.getpid(), signal.SIGKILL))


def test_what_it_returns_can_run_nothing_here() -> None:
    with pytest.raises(Ended):
        run(lambda _note: os.system)


def test_it_can_write_no_file(tmp_path: Path) -> None:
    def work(_note: Note) -> str:
        try:
            (tmp_path / "file").write_text("x")
        except OSError:
            return "refused"
        return "written"

    assert run(work) == "refused"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it has a bound on its time only")
def test_it_is_ended_with_us_in_the_midst_of_one_operation() -> None:
    def work(_note: Note) -> None:
        told.write(b"%d\n" % os.getpid())
        told.flush()
        10 ** (10**10)

    reading, writing = os.pipe()
    us = os.fork()
    if not us:
        try:
            with os.fdopen(writing, "wb") as told:
                run(work, step=600.0, whole=600.0, memory=10**10)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as heard:
        worker = int(heard.readline())
    os.kill(us, signal.SIGKILL)
    os.waitpid(us, 0)
    ended = not alive(worker)
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
    assert ended


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to whom one asks")
def test_a_daemon_that_it_starts_is_ended_with_it() -> None:
    def work(_note: Note) -> int:
        if daemon := os.fork():
            while os.getpgid(daemon) != daemon:
                time.sleep(0.01)
            return daemon
        os.setsid()
        while True:
            time.sleep(1)

    daemon = confined(work, Bounds(20.0, 20.0, 100_000_000), starts_others=True)
    assert not alive(daemon)
