"""Starts the program as a person does: a process of its own, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import scaffolder

COMMAND = (sys.executable, "-m", "scaffolder")


def environment(**extra: str) -> dict[str, str]:
    """Return an environment in which the package is found from any directory."""
    return {**os.environ, "PYTHONPATH": str(Path(scaffolder.__file__).parents[1]), **extra}


def run(*arguments: str, cwd: Path, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run to the end and compare the exit code."""
    result = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, f"{result.returncode}\n{result.stdout}\n{result.stderr}"
    return result


def run_into(stream: int, *arguments: str, cwd: Path, conversation: bool = False) -> tuple[int, bytes]:
    """Run with stdout (or stderr) going to a file descriptor; return the exit code and what stderr got."""
    result = subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if conversation else stream,
        stderr=stream if conversation else subprocess.PIPE,
        check=False,
    )
    return result.returncode, result.stderr or b""
