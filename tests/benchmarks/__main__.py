"""
Every figure in one run, as one table in Markdown.

    python -m tests.benchmarks --data DIR

Tells by the exit code whether all are reached.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from itertools import dropwhile, takewhile
from pathlib import Path

from tests.benchmarks.catalog_files import ROWS

ON_DATA = ("catalog_show", "catalog_ingest", "similar")
ALONE = ("startup", "birth", "encoder", "company", "discovery", "templates", "backstage", "github")


def main() -> int:
    """Run each benchmark in a process of its own, and print their rows under one head."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("SCAFFOLDER_TEST_DATA")
    parser.add_argument("--data", type=Path, default=data, required=not data, help=f"a directory with {ROWS}")
    directory = parser.parse_args().data.absolute()
    runs = [run(name) for name in ALONE] + [run(name, "--data", str(directory)) for name in ON_DATA]
    lines = ["| what | measured | to reach |", "|---|---|---|", *(row for _, rows in runs for row in rows)]
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    sys.stdout.write("\n".join([*lines, "", f"{machine}.", ""]))
    return int(any(code for code, _ in runs))


def run(name: str, *arguments: str) -> tuple[int, list[str]]:
    """Return the exit code of one benchmark and the rows of the first table it prints."""
    words = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    from_table = dropwhile(lambda line: not line.startswith("|"), done.stdout.splitlines())
    _head, _rule, *rows = list(takewhile(lambda line: line.startswith("|"), from_table)) or ["", ""]
    return done.returncode, rows or [f"| {name} | failed | |"]


if __name__ == "__main__":
    sys.exit(main())
