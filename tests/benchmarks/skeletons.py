"""
How long `fetch:template` takes for a thousand files, in a process of its own.

    python -m tests.benchmarks.skeletons [--files N] [--rounds N]

Each file has some 1.7 KB of text, a loop, a condition and four expressions; its name is rendered, too. The same with
Backstage's engines, on a quiet machine, took 4.3 to 5.1 seconds. What counts on a busy machine is processor time.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

FILES = 1_000
ROUNDS = 5
PART = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.\n" * 20
BODY = """\
# ${{{{ values.name }}}} {number}
{part}{{% for item in values.list %}}- ${{{{ item }}}}: ${{{{ values.name | upper }}}}
{{% endfor %}}{{% if values.flag %}}on{{% else %}}off{{% endif %}}
${{{{ values.n + 1 }}}}
"""
RUN = """\
import sys
from pathlib import Path
from scaffolder.actions.placing import place
from scaffolder.template import skeleton
from scaffolder.tree import Tree
values = {"name": "shop", "list": ["a", "b", "c"], "flag": True, "n": 3}
made = skeleton.pressed(Tree.read(Path(sys.argv[1])), values)
place(((path, node) for _, path, node in made), Path(sys.argv[2]), replace=False)
"""


class Cost(NamedTuple):
    """Seconds of a run: by the clock, and of the processor."""

    wall: float
    processor: float


def write_skeleton(directory: Path, files: int) -> Path:
    """Write that many files."""
    for number in range(files):
        place = directory / f"part-{number % 20}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"${{{{ values.name }}}}-{number}.txt").write_text(BODY.format(number=number, part=PART))
    return directory


def measured(files: int = FILES, rounds: int = ROUNDS) -> Cost:
    """Return the medians of some runs."""
    with tempfile.TemporaryDirectory() as scratch:
        skeleton = write_skeleton(Path(scratch, "skeleton"), files)
        costs = [_cost(skeleton, Path(scratch, f"made-{number}")) for number in range(rounds)]
    return Cost(statistics.median(cost.wall for cost in costs), statistics.median(cost.processor for cost in costs))


def _cost(skeleton: Path, workspace: Path) -> Cost:
    workspace.mkdir()
    before, began = _processor(), time.perf_counter()
    subprocess.run([sys.executable, "-c", RUN, str(skeleton), str(workspace)], check=True)
    return Cost(time.perf_counter() - began, _processor() - before)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    cost = measured(given.files, given.rounds)
    sys.stdout.write(f"{given.files} files: {cost.wall:.2f} s, of the processor {cost.processor:.2f} s\n")


if __name__ == "__main__":
    main()
