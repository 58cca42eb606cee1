"""
How fast a catalog is taken in: `catalog add` of thousands of one-entity files, cold, and `refresh` with one changed.

    python -m tests.benchmarks.catalog_ingest --data DIR
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.catalog_files import arguments, seconds, write_files

LEAST_PER_SECOND = 2_000
LEAST_FASTER = 10
TIMES = 5


def main() -> int:
    """Measure, print a table, and tell by the exit code whether the figures are reached."""
    data = arguments(__doc__).data
    with tempfile.TemporaryDirectory() as place:
        files = Path(place) / "files"
        number = write_files(data, files)
        cold = min(_cold(Path(place) / f"home-{turn}", files) for turn in range(TIMES))
        home = Path(place) / "home-0"
        warm = min(_warm(home, files, turn) for turn in range(TIMES))
        start = seconds("-m", "scaffolder", "catalog", "list", "--locations", home=home, times=TIMES)
    whole, faster = cold / warm, (cold - start) / (warm - start)
    rows = [
        f"| `catalog add`, {number:,} files, cold | {cold:.2f} s, {number / cold:,.0f}/s | ≥ {LEAST_PER_SECOND:,}/s |",
        f"| `catalog refresh`, one file changed | {warm:.2f} s, {whole:.1f} times faster | ≥ {LEAST_FASTER} times |",
        f"| without the {start:.2f} s of starting the program | {faster:.1f} times faster | |",
    ]
    sys.stdout.write("\n".join(["| what | measured | to reach |", "|---|---|---|", *rows, ""]))
    return 0 if number / cold >= LEAST_PER_SECOND and whole >= LEAST_FASTER else 1


def _cold(home: Path, files: Path) -> float:
    home.mkdir()
    return seconds("-m", "scaffolder", "catalog", "add", str(files), home=home)


def _warm(home: Path, files: Path, turn: int) -> float:
    changed = next(files.iterdir())
    text = re.sub(r"lifecycle: \S+", f"lifecycle: stage-{turn}", changed.read_text(encoding="utf-8"))
    changed.write_text(text, encoding="utf-8")
    return seconds("-m", "scaffolder", "catalog", "refresh", home=home)


if __name__ == "__main__":
    sys.exit(main())
