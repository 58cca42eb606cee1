"""How long answers take, and how much memory, in generated catalogs of 6,500, 10,000 and 100,000 entities."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.catalog_files import seconds
from tests.benchmarks.similar import generated, quick_encoder
from tests.benchmarks.similar.entities import entities_of
from tests.benchmarks.similar.program import NAME, PLUGINS, Home, environment_of
from tests.benchmarks.similar.tables import Goal, Table

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tests.benchmarks.similar.program import Homes

ASKED = 300
TIMES = 9
PURPOSE = "Tells the tenants of a house when the heating will be repaired"
COLD = ("-m", NAME, "catalog", "similar", "--name", "heating-news", "--purpose", PURPOSE, "--json")
MEGABYTE = 1_000_000
CHANGING = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: changing, description: Counts the lanterns on the lake up to NUMBER}
spec: {type: service, lifecycle: production, owner: everyone}
"""


@dataclass(frozen=True, slots=True)
class Warm:
    """What a process measured of itself; all in milliseconds and megabytes."""

    p50: float
    p99: float
    changed: float
    peak: float


def part(options: argparse.Namespace, homes: Homes) -> tuple[list[Goal], list[Table]]:
    """Return what is to be reached; there is no more to show."""
    taken = vectors(homes.place / "speed-6500", 6_500)
    goals = [
        Goal("6,500 entities taken in, vectors and all", taken, 40, is_most=True, unit="s"),
        *_at_ten_thousand(homes.place / "speed-10000"),
        *_at_hundred_thousand(homes.place / "speed-100000", real=options.real_vectors),
    ]
    return goals, []


def vectors(place: Path, number: int) -> float:
    """Return the seconds from nothing to a catalog of so many entities that is ready to be compared."""
    shutil.rmtree(place, ignore_errors=True)
    files = _write(place, number)
    start = time.perf_counter()
    Home(place, {}).take_in(files)
    return time.perf_counter() - start


def warm(place: Path) -> Warm:
    """Ask many queries in one process."""
    asked = place / "asked.jsonl"
    rows = generated.rows(ASKED, seed=generated.SEED + 1)
    asked.write_text(
        "".join(f"{json.dumps({'name': it['name'], 'purpose': it['description']})}\n" for it in rows), encoding="utf-8"
    )
    words = ("-m", "tests.benchmarks.similar.warm", str(asked), "--changing", str(_changing(place)))
    done = subprocess.run(
        [sys.executable, *words], env=environment_of(place), cwd=place, stdout=subprocess.PIPE, check=True
    )
    said = json.loads(done.stdout)
    times = statistics.quantiles(said["seconds"], n=100, method="inclusive")
    usual = times[49]
    return Warm(
        usual * 1000, times[98] * 1000, (statistics.median(said["changed"]) - usual) * 1000, said["peak"] / MEGABYTE
    )


def _at_ten_thousand(place: Path) -> list[Goal]:
    _take_in(place, 10_000)
    bare = seconds("-c", "pass", home=place, times=TIMES)
    cold = seconds(*COLD, home=place, times=TIMES)
    found = warm(place)
    return [
        Goal("`catalog similar` at 10,000, over bare Python", cold / bare, 20, is_most=True, unit="times"),
        Goal("warm query at 10,000, p50", found.p50, 40, is_most=True, unit="ms"),
        Goal("warm query at 10,000, p99", found.p99, 60, is_most=True, unit="ms"),
        Goal("one entity changed, taken in before the next query", found.changed, 60, is_most=True, unit="ms"),
    ]


def _at_hundred_thousand(place: Path, *, real: bool) -> list[Goal]:
    _take_in(place, 100_000, real=real)
    found = warm(place)
    return [
        Goal("warm query at 100,000, p50", found.p50, 60, is_most=True, unit="ms"),
        Goal("warm query at 100,000, p99", found.p99, 120, is_most=True, unit="ms"),
        Goal("memory of a process that asks at 100,000", found.peak, 350, is_most=True, unit="MB"),
    ]


def _take_in(place: Path, number: int, *, real: bool = True) -> None:
    """Make a home of so many entities, unless an earlier run left it; their vectors are real or quick."""
    home = Home(place, {})
    if not home.is_ready:
        shutil.rmtree(place, ignore_errors=True)
        files = _write(place, number)
        if not real:
            quick_encoder.install(place / PLUGINS)
        home.take_in(files, _changing(place))


def _write(place: Path, number: int) -> Path:
    """Write so many entities: rows, and an API for every fifth."""
    every = generated.EVERY_API
    rows = generated.rows(number * every // (every + 1))
    return entities_of(rows).write(place / "catalog")


def _changing(place: Path) -> Path:
    file = place / "changing.yaml"
    if not file.exists():
        file.write_text(CHANGING, encoding="utf-8")
    return file
