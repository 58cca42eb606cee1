"""
How long the program takes to say hello, as a multiple of bare Python.

    python -m tests.benchmarks.startup [--rounds N]

Each round starts bare Python and then each command, so that a busy machine slows all alike; the median of the rounds'
ratios is printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import scaffolder

if TYPE_CHECKING:
    from collections.abc import Sequence

BARE = (sys.executable, "-c", "pass")
COMMANDS = {
    "--version": ("--version",),
    "--help": ("--help",),
    "doctor --help": ("doctor", "--help"),
}
MOST = {"--version": 5.0, "--help": 5.0}
ROUNDS = 40


def seconds(command: Sequence[str], directory: Path, environ: dict[str, str]) -> float:
    """Return how long a command takes, from start to end."""
    began = time.perf_counter()
    subprocess.run(command, cwd=directory, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def ratios(commands: dict[str, Sequence[str]], *, rounds: int = ROUNDS) -> dict[str, float]:
    """Return each command's median multiple of bare Python."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        environ = {**os.environ, "HOME": name, "PYTHONPATH": str(Path(scaffolder.__file__).parents[1])}
        found: dict[str, list[float]] = {command: [] for command in commands}
        for number in range(rounds + 1):
            bare = seconds(BARE, directory, environ)
            for label, arguments in commands.items():
                taken = seconds((sys.executable, "-m", "scaffolder", *arguments), directory, environ)
                if number:  # the first round compiles and fills the file cache
                    found[label].append(taken / bare)
    return {label: statistics.median(each) for label, each in found.items()}


def main() -> int:
    """Print the table; 1 when a figure is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    found = ratios(dict(COMMANDS), rounds=parser.parse_args().rounds)
    lines = ["| what | measured | to reach |", "|---|---|---|"]
    for label, ratio in found.items():
        most = f"≤ {MOST[label]:.0f} times" if label in MOST else ""
        lines.append(f"| `scaffolder {label}` | {ratio:.1f} times bare Python | {most} |")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(found[label] > most for label, most in MOST.items()))


if __name__ == "__main__":
    sys.exit(main())
