"""Runs the matrix and prints its counts; `--only TEXT` tries the cells whose names hold it."""

from __future__ import annotations

import sys
import time

from tests.matrix.table import counts, run


def main() -> int:
    only = sys.argv[2] if sys.argv[1:2] == ["--only"] else ""
    begin = time.perf_counter()
    matrix = run(lambda cell: only in cell.name, tell=_tell)
    lines = [request.name for request in matrix.requests]
    lines += ["", counts(matrix.found), f"{len(matrix.found)} cells in {time.perf_counter() - begin:.0f} s"]
    slowest = sorted(matrix.found, key=lambda one: -one.seconds)[:5]
    lines += [f"{one.seconds:.1f} s: {one.cell.name}" for one in slowest]
    sys.stdout.write("\n".join([*lines, *matrix.wrong, ""]))
    return bool(matrix.wrong)


def _tell(done: int, of: int) -> None:
    sys.stderr.write(f"\r{done} of {of}")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
