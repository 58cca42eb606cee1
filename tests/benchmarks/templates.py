"""
How long a template takes to render: `template dry-run`, over cookiecutter and copier.

    python -m tests.benchmarks.templates [--rounds N] [--copier PROGRAM] [--real DIRECTORY...]

Whole processes, in memory, each round one after the other; the median of the rounds' ratios is printed. What all of
them make is compared to the byte. copier is no dependency: it is left out unless it is named or on the PATH. A
DIRECTORY holds a real template; of those the second run counts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import scaffolder

if TYPE_CHECKING:
    import resource
    from collections.abc import Mapping, Sequence

ROUNDS = 9
FEW = 5
"""Rounds with the largest template."""
SIZES = {20: 2.5, 200: 5.0, 2_000: 12.0}
"""How many files, and how many times faster than cookiecutter."""
OVER_COPIER = 35.0
REAL = 2.2
LONGEST = 20_000
PROSE = "x = 'a line of source text in which there is nothing to render, number %d of the file'\n"
BODY = "# {{ cookiecutter.title }} of {{ cookiecutter.author }}\n%sVERSION = '{{ cookiecutter.version }}'\n"
VALUES = {"slug": "boat", "title": "Boat", "author": "Ann", "version": "1.0"}
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one


@dataclass
class Measured:
    """Seconds, those of the processor, and peak memory (kB) of one program, a number for each round."""

    seconds: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)


def main() -> int:
    """Print the table; 1 when a figure is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--copier", default=shutil.which("copier") or "")
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        bench = Bench(Path(name), given.copier, given.rounds)
        rows = [*bench.sizes(), *bench.real(given.real)]
    lines = ["| what | measured | to reach |", "|---|---|---|"]
    lines += [f"| {what} | {measured} | {goal} |" for what, measured, goal, _ in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(not all(reached for *_, reached in rows))


Row = tuple[str, str, str, bool]


@dataclass
class Bench:
    """Runs the programs in one directory."""

    directory: Path
    copier: str
    rounds: int

    def sizes(self) -> list[Row]:
        rows: list[Row] = []
        alone: dict[int, float] = {}
        for count, goal in SIZES.items():
            made = self.compared(self.template(count), copier=self.copier if count == max(SIZES) else "")
            rows.append(_faster(f"{count:,} files", made, "cookiecutter", goal))
            alone[count] = statistics.median(made["ours"].worked)
            if "copier" in made:
                rows.append(_faster(f"{count:,} files", made, "copier", OVER_COPIER))
            if count == max(SIZES):
                rows.append(_smaller(f"{count:,} files, peak memory", made))
        longest = statistics.median(self.alone(self.template(LONGEST), rounds=FEW).worked)
        start = alone[min(SIZES)]
        growth = (longest - start) / (alone[max(SIZES)] - start)
        most = LONGEST / max(SIZES) * 1.2
        rows.append(
            (
                f"{LONGEST:,} files over {max(SIZES):,}, time of the processor",
                f"{growth:.1f} times ({longest:.2f} s)",
                f"≤ {most:.0f} times",
                growth <= most,
            )
        )
        return rows

    def real(self, places: Sequence[Path]) -> list[Row]:
        rows = []
        for place in places:
            made = self.compared(self.plain(place), copier="", exact=False)
            rows.append(_faster(f"{place.name}, {_count(place)} files, second run", made, "cookiecutter", REAL))
        return rows

    def template(self, count: int) -> Path:
        """Write a template of that many files of 1.5 KB for cookiecutter, and the same for copier beside it."""
        place = self.directory / f"template-{count}"
        if place.exists():
            return place
        body = BODY % "".join(PROSE % number for number in range(17))
        for number in range(count):
            path = Path(f"part_{number // 50}", f"module_{number}.py")
            _write(place / "{{cookiecutter.slug}}" / path, body)
            _write(_of_copier(place) / f"{path}.jinja", body.replace("cookiecutter.", ""))
        (place / "cookiecutter.json").write_text(json.dumps(VALUES))
        questions = {name: {"type": "str", "default": value} for name, value in VALUES.items()}
        (_of_copier(place) / "copier.yml").write_text(json.dumps(questions))
        return place

    def plain(self, place: Path) -> Path:
        """Copy a real template without its history, so that both read a directory."""
        target = self.directory / f"real-{place.name}"
        shutil.copytree(place, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        return target

    def commands(self, place: Path, out: Path, copier: str) -> dict[str, list[str]]:
        """Return the command of each program, which writes below a directory of its name."""
        python = [sys.executable, "-m"]
        theirs = ["cookiecutter", str(place), "--no-input", "--accept-hooks", "no", "-o", str(out / "cookiecutter")]
        found = {
            "ours": [
                *python,
                "scaffolder",
                "template",
                "dry-run",
                str(place),
                "--no-hooks",
                "--output",
                str(out / "ours"),
            ],
            "cookiecutter": [*python, *theirs],
        }
        if copier:
            found["copier"] = [copier, "copy", "--defaults", "--quiet", str(_of_copier(place)), str(out / "copier")]
        return found

    def compared(self, place: Path, *, copier: str, exact: bool = True) -> dict[str, Measured]:
        """Run each program in turn, and look whether they have made the same."""
        found: dict[str, Measured] = {}
        for number in range((self.rounds if _count(place) < max(SIZES) else min(self.rounds, FEW)) + 1):
            with tempfile.TemporaryDirectory(dir=self.directory) as name:
                for program, command in self.commands(place, Path(name), copier).items():
                    self.run(command, found.setdefault(program, Measured()) if number else Measured())
                if not number:
                    _same(Path(name), exact=exact)
        return found

    def alone(self, place: Path, *, rounds: int) -> Measured:
        found = Measured()
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(dir=self.directory) as name:
                self.run(self.commands(place, Path(name), "")["ours"], found)
        return found

    def run(self, command: Sequence[str], measured: Measured) -> None:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=self.directory, env=self.environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        measured.seconds.append(time.perf_counter() - began)
        measured.worked.append(used.ru_utime + used.ru_stime)
        measured.memory.append(_kilobytes(used))
        if process.returncode:
            raise SystemExit(f"failed: {' '.join(command)}")

    def environ(self) -> Mapping[str, str]:
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, "HOME": str(home), "PYTHONPATH": str(Path(scaffolder.__file__).parents[1])}


def _of_copier(place: Path) -> Path:
    return place.with_name(f"{place.name}-copier")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _kilobytes(used: resource.struct_rusage) -> int:
    return used.ru_maxrss // (1 if sys.platform == "linux" else 1024)


def _same(out: Path, *, exact: bool) -> None:
    """Compare what was made; of a real template times and random numbers may differ, so only the paths count."""
    project = next((out / "cookiecutter").iterdir())
    trees = {"ours": _tree(out / "ours", exact), "cookiecutter": _tree(project, exact)}
    if (out / "copier").is_dir():
        trees["copier"] = _tree(out / "copier", exact)
    for name, tree in trees.items():
        if tree != trees["ours"]:
            raise SystemExit(f"{name} has made something else: {sorted(tree.keys() ^ trees['ours'].keys())[:5]}")


def _tree(top: Path, exact: bool) -> dict[str, tuple[int, bytes]]:  # noqa: FBT001 - named where it is called
    files = (path for path in top.rglob("*") if path.is_file())
    return {str(path.relative_to(top)): (path.stat().st_mode, path.read_bytes() if exact else b"") for path in files}


def _faster(what: str, made: Mapping[str, Measured], other: str, goal: float) -> Row:
    ratios = [theirs / ours for ours, theirs in zip(made["ours"].seconds, made[other].seconds, strict=True)]
    ratio = statistics.median(ratios)
    ours, theirs = (statistics.median(made[name].seconds) for name in ("ours", other))
    return (
        f"{what}, over {other}",
        f"{ratio:.1f} times faster ({ours * 1000:.0f} ms to {theirs * 1000:.0f} ms)",
        f"≥ {goal:g} times",
        ratio >= goal,
    )


def _smaller(what: str, made: Mapping[str, Measured]) -> Row:
    ours, theirs = (statistics.median(made[name].memory) / 1000 for name in ("ours", "cookiecutter"))
    return what, f"{ours:.0f} MB, cookiecutter {theirs:.0f} MB", "≤ cookiecutter", ours <= theirs


def _count(place: Path) -> int:
    return sum(path.is_file() for directory in place.glob("*cookiecutter*") for path in directory.rglob("*"))


if __name__ == "__main__":
    sys.exit(main())
