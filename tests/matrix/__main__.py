"""Runs the matrix and prints its counts: `--only TEXT` tries cells whose names hold it, `--write` keeps the table."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tests.matrix.page import PAGE, with_table
from tests.matrix.table import counts, run

if TYPE_CHECKING:
    from tests.matrix.cells import Found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="try the cells whose names hold this")
    parser.add_argument("--write", action="store_true", help="put the table into the documentation")
    asked = parser.parse_args()
    begin = time.perf_counter()
    matrix = run(lambda cell: asked.only in cell.name, tell=_tell)
    table = counts(matrix.found)
    slowest = sorted(matrix.found, key=lambda one: -one.seconds)[:5]
    lines = [
        *(request.name for request in matrix.requests),
        *("", table, f"{len(matrix.found)} cells in {time.perf_counter() - begin:.0f} s; the slowest:"),
        *(f"{one.seconds:.1f} s: {one.cell.name}" for one in slowest),
        *matrix.wrong,
    ]
    sys.stdout.write("\n".join([*lines, ""]))
    if asked.write:
        PAGE.write_text(with_table(PAGE.read_text(), table))
    return bool(matrix.wrong)


def _tell(found: Found) -> None:
    sys.stderr.write("\n".join(["." if not found.wrong else "", *_complaints(found)]))
    sys.stderr.flush()


def _complaints(found: Found) -> list[str]:
    return [f"{found.cell.name}: {words}" for words in found.wrong]


if __name__ == "__main__":
    raise SystemExit(main())
