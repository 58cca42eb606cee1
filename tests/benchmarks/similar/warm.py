"""
Queries in one process, as a portal or a wizard asks them: their times and the memory they take, as JSON.

    python -m tests.benchmarks.similar.warm QUERIES [--changing FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder import settings
from scaffolder.app import Scaffolder
from scaffolder.gateways.home import Home
from scaffolder.similar import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

UNTIMED = 3
CHANGES = 9


def main() -> int:
    """Ask every query once, then one again after each change of a file of the catalog."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--changing", type=Path, help="a location of the catalog, of one file with the word NUMBER")
    options = parser.parse_args()
    app = Scaffolder(settings.load(Path.cwd(), environ=os.environ), Home.of_user())
    lines = options.queries.read_text(encoding="utf-8").splitlines()
    asked = [Query(row["name"], row["purpose"]) for row in map(json.loads, lines)]
    seconds = [_seconds(app, query) for query in asked]
    at_most = peak()  # before anything is taken in again: that needs YAML and the rules of entities
    changed = _changed(app, options.changing, asked) if options.changing else []
    sys.stdout.write(json.dumps({"seconds": seconds[UNTIMED:], "changed": changed, "peak": at_most}))
    return 0


def peak() -> int:
    """Return the most bytes of memory this process ever had at once."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins, on Linux, with what the parent had
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _seconds(app: Scaffolder, query: Query) -> float:
    start = time.perf_counter()
    app.similar(query)
    return time.perf_counter() - start


def _changed(app: Scaffolder, file: Path, asked: Sequence[Query]) -> list[float]:
    """Return how long it takes, each time, to take in a changed file and answer the next query."""
    text = file.read_text(encoding="utf-8")
    found = []
    for number, query in enumerate(asked[: CHANGES + 1]):
        file.write_text(text.replace("NUMBER", f"number {number}"), encoding="utf-8")
        start = time.perf_counter()
        app.catalog.refresh(str(file))
        app.similar(query)
        found.append(time.perf_counter() - start)
    file.write_text(text, encoding="utf-8")
    return found[1:]


if __name__ == "__main__":
    sys.exit(main())
