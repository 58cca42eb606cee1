"""The program itself, asked as anybody would ask it: a process for each catalog, in a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.benchmarks.catalog_files import environment
from tests.benchmarks.similar.entities import entities_of
from tests.benchmarks.similar.measures import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tests.benchmarks.similar.data import Query

LIMIT = 50
NAME = "scaffolder"
PLUGINS = "plugins"
READY = "ready"
"""A file that says that all was taken in, and nothing stopped it halfway."""


class ProgramError(Exception):
    """The program ended with an error; it says which."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home whose catalog holds the entities of some rows."""

    path: Path
    ids: Mapping[str, str]

    @classmethod
    def of(cls, path: Path, rows: Iterable[Mapping[str, Any]]) -> Home:
        """Return a home that has taken in the entities of rows; one of an earlier run stays as it is."""
        entities = entities_of(rows)
        home = cls(path, entities.ids)
        if not home.is_ready:
            shutil.rmtree(path, ignore_errors=True)
            home.take_in(entities.write(path / "catalog"))
        return home

    @property
    def is_ready(self) -> bool:
        """Tell whether all was taken in."""
        return (self.path / READY).exists()

    def take_in(self, *locations: Path) -> None:
        """Take locations in, and ask once: whatever is made of entities only when it is needed is made then."""
        for location in locations:
            run(self.path, "catalog", "add", str(location))
        run(self.path, "catalog", "similar", "--name", "nothing", "--json")
        (self.path / READY).touch()

    def answers(self, queries: Sequence[Query]) -> dict[str, list[Answer]]:
        """Return what is found for each query, as ids of rows."""
        file = self.path / "queries.jsonl"
        file.write_text("".join(f"{query.line}\n" for query in queries), encoding="utf-8")
        lines = run(self.path, "catalog", "similar", "--from", str(file), "--limit", str(LIMIT), "--json")
        return {line["id"]: self._answers(line["matches"]) for line in lines}

    def groups(self) -> list[list[str]]:
        """Return the groups of near-duplicates, as ids of rows."""
        lines = run(self.path, "catalog", "groups", "--json")
        return [list(dict.fromkeys(self._ids(line["members"]))) for line in lines]

    def _answers(self, matches: Iterable[Mapping[str, Any]]) -> list[Answer]:
        known = ((self._ids([match["entityRef"]]), match) for match in matches)
        return [Answer(it, match["score"], match["verdict"]) for ids, match in known for it in ids]

    def _ids(self, refs: Iterable[str]) -> list[str]:
        return [self.ids[ref.lower()] for ref in refs if ref.lower() in self.ids]


@dataclass(frozen=True, slots=True)
class Homes:
    """Homes below a directory, one for each catalog, made when it is first asked for."""

    place: Path
    made: dict[str, Home] = field(default_factory=dict)

    def of(self, name: str, rows: Iterable[Mapping[str, Any]]) -> Home:
        """Return the home that holds these rows under this name."""
        if name not in self.made:
            self.made[name] = Home.of(self.place / name, rows)
        return self.made[name]


def run(home: Path, *words: str) -> list[dict[str, Any]]:
    """Return the objects that the program prints with `--json`, one a line."""
    command = [sys.executable, "-m", NAME, *words]
    done = subprocess.run(command, env=environment_of(home), cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [*done.stderr.strip().splitlines(), f"exit code {done.returncode}"]
        raise ProgramError(f"{NAME} {' '.join(words[:2])}: {said[0]}")
    return [json.loads(line) for line in done.stdout.splitlines()] if "--json" in words else []


def environment_of(home: Path) -> dict[str, str]:
    """Return the environment of a process that has this home, with the plugins that are installed in it."""
    known = environment(home)
    return {**known, "PYTHONPATH": os.pathsep.join([str(home / PLUGINS), known["PYTHONPATH"]])}
