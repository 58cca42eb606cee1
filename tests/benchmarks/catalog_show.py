"""
How long a look takes: `catalog show` and `catalog search` on thousands of entities, over a bare Python.

    python -m tests.benchmarks.catalog_show --data DIR
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.catalog_files import arguments, seconds, write_files

MOST = 10
TIMES = 7


def main() -> int:
    """Measure, print a table, and tell by the exit code whether the figures are reached."""
    data = arguments(__doc__).data
    with tempfile.TemporaryDirectory() as place:
        home, files = Path(place) / "home", Path(place) / "files"
        home.mkdir()
        number = write_files(data, files)
        seconds("-m", "scaffolder", "catalog", "add", str(files), home=home)
        bare = seconds("-c", "pass", home=home, times=TIMES)
        looks = {
            "catalog show absence-tally-0": seconds(
                "-m", "scaffolder", "catalog", "show", "absence-tally-0", home=home, times=TIMES
            ),
            "catalog search numbers for finance": seconds(
                "-m", "scaffolder", "catalog", "search", "numbers for finance", home=home, times=TIMES
            ),
        }
    rows = [
        f"| `{what}`, {number:,} entities | {taken * 1000:.0f} ms, {taken / bare:.1f} times Python | ≤ {MOST} times |"
        for what, taken in looks.items()
    ]
    sys.stdout.write("\n".join(["| what | measured | to reach |", "|---|---|---|", *rows, ""]))
    return 0 if all(taken / bare <= MOST for taken in looks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
