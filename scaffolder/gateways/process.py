"""Starts other programs: never through a shell, never with the terminal as their input."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.errors import Failed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import IO

GRACE = 2.0
"""Seconds a program has to end by itself after it was asked to."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What a program left behind when it ended."""

    returncode: int
    stdout: bytes
    stderr: bytes


class ProgramMissing(Failed):
    """The program is not installed, not on the path, or cannot be started where it should run."""

    def __init__(self, program: str, error: OSError) -> None:
        where = f"{error.filename}: " if error.filename not in {None, program} else ""
        super().__init__(
            f"{program} cannot be started: {where}{error.strerror}", hint=f"is {program} installed, and on the PATH?"
        )


class ProgramStalled(Failed):
    """The program did not end in time and was stopped."""

    def __init__(self, program: str, seconds: float) -> None:
        super().__init__(
            f"{program} did not finish within {seconds:g} s and was stopped",
            hint="look whether the network or the disk hangs, then try again",
        )


class PrintedTooMuch(Failed):
    """The program printed more than we are ready to hold, and was stopped."""

    def __init__(self, program: str, most: int) -> None:
        super().__init__(f"{program} printed more than {most // 1_000_000} MB and was stopped")


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout: float | None = None,
) -> Completed:
    """
    Run a program to its end; its exit code is the caller's to judge.

    `env` is the whole environment; None hands down our own. The program stays in our process group, so that ctrl-c
    in the terminal reaches it and its children as well.

    Raises:
        ProgramMissing: There is no such program.
        ProgramStalled: It took longer than `timeout` seconds.
    """
    import subprocess

    with _started(argv, cwd=cwd, env=env, stderr=subprocess.PIPE) as process:
        try:
            stdout, stderr = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired as error:
            _stop(process)
            raise ProgramStalled(argv[0], timeout or 0) from error
        except BaseException:
            _stop(process)
            raise
    return Completed(process.returncode, stdout, stderr)


def run_bounded(argv: Sequence[str], *, env: Mapping[str, str] | None = None, most: int) -> Completed:
    """
    Run a program as `run` does, without input; it may print `most` bytes.

    Raises:
        ProgramMissing: There is no such program.
        PrintedTooMuch: It printed more.
    """
    import tempfile

    with tempfile.TemporaryFile() as complaints, _started(argv, env=env, stderr=complaints) as process:
        try:
            printed = process.stdout.read(most + 1) if process.stdout else b""
        except BaseException:
            _stop(process)
            raise
        if len(printed) > most:
            _stop(process)
            raise PrintedTooMuch(argv[0], most)
        process.wait()
        complaints.seek(0)
        return Completed(process.returncode, printed, complaints.read())


def _started(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stderr: IO[bytes] | int,
) -> subprocess.Popen[bytes]:
    import subprocess

    try:
        return subprocess.Popen(  # noqa: S603 - no shell, and the callers' arguments are never options by accident
            argv, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
        )
    except OSError as error:
        raise ProgramMissing(argv[0], error) from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the program kindly first: git then ends its own children and removes its lock files."""
    import subprocess

    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
