"""The steps of our example workflows, run as a runner does."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from tests.cli import program

if TYPE_CHECKING:
    from pathlib import Path


def step(job: Any, word: str) -> Any:
    return next(each for each in job["steps"] if word in each.get("run", ""))


def sh(script: str, cwd: Path, **environ: str) -> int:
    """Run a step as the runner does."""
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=cwd, env=program.environment(**environ), check=False, timeout=60
    ).returncode
