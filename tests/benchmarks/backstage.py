"""
How long a Backstage template takes to try out: `template dry-run`, whole processes, in memory.

    python -m tests.benchmarks.backstage [--files N] [--rounds N] [--engine COMMAND]

A thousand files, each with some 1.7 KB of text, a loop, a condition and four expressions, and a name that is rendered,
too; then a template of five steps. COMMAND runs Backstage's own `fetch:template` in a process of its own: it is given
the skeleton, a file with the action's input as JSON, and where the files go. What both make is compared to the byte.
Without it the figure is held against what the engine took on a quiet machine, 4.3 seconds.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import scaffolder

Step = dict[str, Any]
Row = tuple[str, str, str, bool]

FILES = 1_000
ROUNDS = 5
ENGINE = 4.3
"""Seconds."""
FASTER = 5.0
FIVE_STEPS = 0.35
"""Seconds."""
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one
PART = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.\n" * 20
BODY = """\
# ${{{{ values.name }}}} {number}
{part}{{% for item in values.list %}}- ${{{{ item }}}}: ${{{{ values.name | upper }}}}
{{% endfor %}}{{% if values.flag %}}on{{% else %}}off{{% endif %}}
${{{{ values.n + 1 }}}}
"""
VALUES = {"name": "shop", "list": ["a", "b", "c"], "flag": True, "n": 3}
ENTITY = {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": {"name": "shop"}}
FETCH: Step = {"id": "fetch", "action": "fetch:template", "input": {"url": "./skeleton", "values": VALUES}}
OTHERS: tuple[Step, ...] = (
    {"id": "rename", "action": "fs:rename", "input": {"files": [{"from": "shop-0.txt", "to": "README.md"}]}},
    {"id": "delete", "action": "fs:delete", "input": {"files": ["shop-1.txt"]}},
    {
        "id": "entry",
        "action": "catalog:write",
        "input": {"entity": {"kind": "Component", "metadata": {"name": "shop"}}},
    },
    {"id": "log", "action": "debug:log", "input": {"message": "made ${{ steps.fetch.output }}"}},
)


def main() -> int:
    """Print the table; 1 when a figure is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--engine", type=shlex.split, default=[])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        rows = [skeleton(Path(name, "many"), given.files, given.rounds, given.engine), steps(Path(name), given.rounds)]
    lines = ["| what | measured | to reach |", "|---|---|---|"]
    lines += [f"| {what} | {measured} | {goal} |" for what, measured, goal, _ in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(not all(reached for *_, reached in rows))


def skeleton(directory: Path, files: int, rounds: int, engine: list[str]) -> Row:
    """Measure `fetch:template` of many files, beside the engine if there is one."""
    template = write_template(directory, files, [FETCH])
    inputs = directory / "input.json"
    inputs.write_text(json.dumps({"values": VALUES}))
    ours, theirs = [], []
    for number in range(rounds):
        made, beside = directory / f"ours-{number}", directory / f"theirs-{number}"
        ours.append(seconds(dry_run(template, made)))
        if engine:
            theirs.append(seconds([*engine, str(template.parent / "skeleton"), str(inputs), str(beside)]))
            require_same(made, beside)
    took = statistics.median(ours)
    other = f"{statistics.median(theirs):.2f} s" if theirs else f"{ENGINE} s, measured before"
    ratio = statistics.median(one / our for one, our in zip(theirs or [ENGINE] * rounds, ours, strict=True))
    measured = f"{ratio:.1f} times faster ({took:.2f} s to {other})"
    return f"`fetch:template`, {files:,} files, over the engine", measured, f"≥ {FASTER:.0f} times", ratio >= FASTER


def steps(directory: Path, rounds: int) -> Row:
    """Measure a template of five steps."""
    template = write_template(directory / "five", 3, [FETCH, *OTHERS])
    took = statistics.median(seconds(dry_run(template, directory / f"made-{number}")) for number in range(rounds))
    if not (directory / "made-0" / "catalog-info.yaml").is_file():
        raise SystemExit("the template of five steps fails")
    return "dry run of five steps", f"{took:.2f} s", f"≤ {FIVE_STEPS} s", took <= FIVE_STEPS


def write_template(directory: Path, files: int, steps: list[Step]) -> Path:
    """Write a template with a skeleton of that many files; up to fifty of them lie in one directory."""
    for number in range(files):
        place = directory / "skeleton" / (f"part-{number % 20}" if files > len(OTHERS) else "")
        place.mkdir(parents=True, exist_ok=True)
        (place / f"${{{{ values.name }}}}-{number}.txt").write_text(BODY.format(number=number, part=PART))
    template = directory / "template.yaml"
    head = {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "measured"}}
    template.write_text(json.dumps({**head, "spec": {"owner": "team", "type": "service", "steps": steps}}))
    return template


def dry_run(template: Path, output: Path) -> list[str]:
    """Return the command."""
    return [sys.executable, "-m", "scaffolder", "template", "dry-run", str(template), "--output", str(output)]


def seconds(command: list[str]) -> float:
    """Return how long a command takes."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ = {**kept, "PYTHONPATH": str(Path(scaffolder.__file__).parents[1]), "TMPDIR": tempfile.gettempdir()}
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environ)
    return time.perf_counter() - began


def require_same(ours: Path, theirs: Path) -> None:
    """Stop unless both directories hold the same files."""
    names = sorted(str(path.relative_to(ours)) for path in ours.rglob("*") if path.is_file())
    others = sorted(str(path.relative_to(theirs)) for path in theirs.rglob("*") if path.is_file())
    if names != others or filecmp.cmpfiles(ours, theirs, names, shallow=False)[0] != names:
        raise SystemExit(f"not the same: {ours} and {theirs}")


if __name__ == "__main__":
    sys.exit(main())
