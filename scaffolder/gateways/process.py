"""Starts other programs: never through a shell, never with the terminal as their input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.errors import Failed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

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

    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, and the callers' arguments are never options by accident
            argv, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except OSError as error:
        raise ProgramMissing(argv[0], error) from error
    with process:
        try:
            stdout, stderr = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired as error:
            _stop(process)
            raise ProgramStalled(argv[0], timeout or 0) from error
        except BaseException:
            _stop(process)
            raise
    return Completed(process.returncode, stdout, stderr)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the program kindly first: git then ends its own children and removes its lock files."""
    import subprocess

    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
