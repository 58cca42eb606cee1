"""
Cases whose results the real engines of Backstage have produced.

A corpus is a directory with `expressions.jsonl` and `more-expressions.jsonl` (a line a case), `skeletons/` (a directory
a case: what goes in, what comes out, and the input of `fetch:template`) and `workflows/` (a directory a case: a
template, its parameters, and what became of its steps). What has modes, links and empty directories is kept as
archives.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

OURS = [
    Path(__file__).with_name(f"{name}-conformance.tar.{kind}")
    for name, kind in (("backstage", "gz"), ("more", "gz"), ("steps", "xz"))
]
"""The others hold what the first does not try, and what the engines made of it; the last, each action's odd inputs."""
MORE_EXPRESSIONS = Path(__file__).with_name("more-expressions.jsonl")
LEAKS = "js-internals"
"""Behaviour that lets JavaScript's inside be seen, and is not to be imitated."""


@dataclass(frozen=True)
class Case:
    """What all cases have; `facts` is the description that comes with it."""

    id: str
    facts: dict[str, Any]

    @property
    def counts(self) -> bool:
        """Tell whether there is one right result: both engines have the same, or the case says what ours is to be."""
        return "deviation" in self.facts or (self.facts["engines_agree"] and LEAKS not in self.facts["covers"])

    @property
    def behaviours(self) -> list[str]:
        covers: list[str] = self.facts["covers"]
        return covers


@dataclass(frozen=True)
class Skeleton(Case):
    """A case of `fetch:template`."""

    directory: Path

    @cached_property
    def input(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.directory / "input.json").read_text())
        return read

    @property
    def expected(self) -> list[dict[str, str]]:
        read: list[dict[str, str]] = json.loads((self.directory / "expected.tree.json").read_text())
        return read

    @property
    def fails(self) -> bool:
        return (self.directory / "error.txt").exists()


@dataclass(frozen=True)
class Workflow(Case):
    """A case of a whole template."""

    directory: Path

    @cached_property
    def given(self) -> dict[str, Any]:
        return read_json(self.directory / "parameters.json")

    def template(self, place: Path) -> Path:
        """Copy the template to a place of its own, without what the corpus says of it."""
        shutil.copytree(self.directory, place, symlinks=True, ignore=_without_results)
        return place / "template.yaml"

    @property
    def results(self) -> list[dict[str, Any]]:
        """What either engine has made of it: they do not always agree, and one is to be followed."""
        names = ("expected.json", "engineB.json")
        return [read_json(self.directory / name) for name in names if (self.directory / name).exists()]


def _without_results(directory: str, names: list[str]) -> set[str]:
    top = "case.json" in names and Path(directory).parent.name == "workflows"
    return {"case.json", "parameters.json", "expected.json", "engineB.json", "expected"} & {*names} if top else set()


@dataclass
class Tally:
    """How many cases of each behaviour have passed, and what is wrong with the others."""

    passed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    cases: list[bool] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, case: Case, *, found: Any, expected: Any) -> None:
        good = identical(found, expected)
        self.cases.append(good)
        for behaviour in case.behaviours:
            (self.passed if good else self.failed)[behaviour] += 1
        if not good:
            self.wrong.append(f"{case.id} ({', '.join(case.behaviours)}): {expected!r} is wanted, {found!r} was made")

    @property
    def share(self) -> float:
        return sum(self.cases) / max(len(self.cases), 1)

    def lines(self) -> list[str]:
        behaviours = sorted({*self.passed, *self.failed})
        rows = [f"  {name:32} {self.passed[name]:5} {self.failed[name]:6}" for name in behaviours]
        return [*rows, f"  {'all':32} {sum(self.cases):5} {len(self.cases) - sum(self.cases):6}", *self.wrong]


def identical(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are the same: 1 is not true, and the order of keys does not matter."""
    match left, right:
        case (dict(), dict()):
            return left.keys() == right.keys() and all(identical(left[key], right[key]) for key in left)
        case (list(), list()):
            return len(left) == len(right) and all(map(identical, left, right))
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def unpacked(directory: Path) -> Path:
    """Unpack our corpus, with modes and links as they are."""
    for one in OURS:
        with tarfile.open(one) as archive:
            archive.extractall(directory, filter="fully_trusted")  # noqa: S202 - it is ours
    shutil.copy(MORE_EXPRESSIONS, directory)
    return directory


def expressions(corpus: Path) -> list[Case]:
    """Read the expressions; a line may hold a line separator of Unicode, so that `splitlines` will not do."""
    files = sorted(corpus.glob("*expressions.jsonl"))
    lines = [line for file in files for line in file.read_bytes().decode().split("\n")]
    read = [json.loads(line) for line in lines if line]
    return [case for facts in read if (case := Case(facts["id"], facts)).counts]


def workflows(corpus: Path) -> list[Workflow]:
    """Read the workflows."""
    directories = sorted((corpus / "workflows").iterdir())
    return [Workflow(one.name, read_json(one / "case.json"), one) for one in directories]


def read_json(path: Path) -> dict[str, Any]:
    """Read one object."""
    read: dict[str, Any] = json.loads(path.read_bytes())
    return read


def skeletons(corpus: Path) -> list[Skeleton]:
    """Read the skeletons."""
    directories = sorted((corpus / "skeletons").iterdir())
    read = [Skeleton(one.name, json.loads((one / "case.json").read_text()), one) for one in directories]
    return [case for case in read if case.counts]
