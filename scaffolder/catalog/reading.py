"""
Reading the files of a location: entities, what is wrong, and where to read on.

A `Location` entity found in a file leads to more files, of its own repository or of others; each is read once, so that
locations that name each other end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from scaffolder.catalog.elsewhere import GIT, FileElsewhere, resolved
from scaffolder.catalog.files import (
    NOTHING,
    NOWHERE,
    FileRead,
    Found,
    Input,
    Known,
    Pointer,
    Remembered,
    as_now,
    lost,
    parsed,
)
from scaffolder.catalog.reports import LocationProblem
from scaffolder.catalog.roots import GLOB, ElsewhereRoot, Origin, Root, Unreadable, as_regex, beside
from scaffolder.errors import InvalidInput, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffolder.catalog.crawl import Batch
    from scaffolder.catalog.entity import Entity

__all__ = [
    "NOTHING",
    "NOWHERE",
    "Bounds",
    "FileRead",
    "Found",
    "Input",
    "Known",
    "Others",
    "Pointer",
    "Read",
    "Remembered",
    "TooMuch",
    "commit_read",
    "read_elsewhere",
    "read_files",
]

DEEPEST = 10
"""Locations that lead to locations that lead to …"""


class Bounds(NamedTuple):
    """How much of a location is read: `files` that its Location entities lead to, and `entities`."""

    files: int = 100_000
    entities: int = 1_000_000


BOUNDS = Bounds()


class Others(Protocol):
    """Opens other repositories."""

    def batches(self, wanted: Mapping[FileElsewhere, str | None]) -> Iterator[Batch]:
        """Open those of some files; `wanted` says of each at which commit it was read last, None when it never was."""


class TooMuch(InvalidInput):
    """A location describes more than any company has: it may be made to fill the disk."""

    def __init__(self, path: str, most: int) -> None:
        super().__init__(
            f"the location describes more than {most:,} entities, of which {path} has the last that were counted",
            hint="nothing of it is taken in",
        )


@dataclass(slots=True)
class Read:
    """
    A location, read.

    `files` were parsed; those `unchanged` were not. `touched` are unchanged ones whose stamp is new. `problems` are
    about targets, and last until these are found; those of a file are its own.
    """

    files: list[FileRead] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    touched: dict[str, Known] = field(default_factory=dict)
    lost: list[LocationProblem] = field(default_factory=list)

    def paths(self) -> set[str]:
        """The files that are there."""
        return {*self.unchanged, *(file.path for file in self.files)}

    def entities(self) -> list[Entity]:
        """Return the entities that were parsed."""
        return [found.entity for file in self.files for found in file.found]

    def problems(self) -> list[LocationProblem]:
        """Return everything that is wrong."""
        return [problem for file in self.files for problem in file.problems] + self.lost


def read_files(  # what a location is, what is known of it, and how far to go
    root: Root,
    paths: Sequence[str],
    *,
    walked: bool,
    known: Mapping[str, Known],
    others: Others | None = None,
    bounds: Bounds = BOUNDS,
) -> Read:
    """
    Read files of a root and those their `Location` entities lead to, each once.

    `walked` tells that nobody named the files, so that what is no entity in them is not an error. Files of other
    repositories are read through `others`; without it, they are not looked for.

    Raises:
        TooMuch: There are more entities than the bounds allow.
    """
    reading = _Reading(walked=walked, known=known, others=others, bounds=bounds)
    return reading.all([_Step(path, root) for path in dict.fromkeys(paths)])


def read_elsewhere(files: Sequence[FileElsewhere], *, known: Mapping[str, Known], others: Others, place: Place) -> Read:
    """
    Read files of many repositories, through `others`, and those they lead to; `place` is where they are named.

    Raises:
        TooMuch: There are more entities than the bounds allow.
    """
    reading = _Reading(walked=False, known=known, others=others, bounds=BOUNDS)
    return reading.all([_Step(str(file), elsewhere=file, place=place) for file in files])


def commit_read(known: Mapping[str, Known], path: str) -> str | None:
    """Return the commit at which a file of another repository was read last; None when it never was."""
    if path not in known:
        return None
    settled = known.settled.get(path) if isinstance(known, Remembered) else ""
    return settled or known[path].commit


NO_PLACE = Place("")


class _Step(NamedTuple):
    """
    A file to read: of `root`, or of another repository, which is not open yet.

    `place` is where a Location entity leads there.
    """

    path: str
    root: Root | _AsItWas | None = None
    elsewhere: FileElsewhere | None = None
    place: Place = NO_PLACE
    optional: bool = False


class _AsItWas:
    """A repository that is not looked into again: its files are those that are known."""

    def __init__(self, file: FileElsewhere, known: Mapping[str, Known]) -> None:
        self.repository = file.repository
        self.origin = Origin(file.address)
        self._known = known

    def label(self, path: str) -> str:
        """Return the path, which says everything."""
        return path

    def stamp(self, path: str) -> str:
        """Return something for a file that is known."""
        return "known" if path in self._known else ""

    def matches(self, pattern: str) -> list[str]:
        """Return the known files a glob stands for."""
        wanted = as_regex(pattern.removeprefix(self.repository))
        ours = (path for path in self._known if path.startswith(self.repository))
        return sorted(path for path in ours if wanted(path.removeprefix(self.repository)))


class _Reading:
    """Goes through files level by level: those that were named, those that these lead to, and so on."""

    def __init__(self, *, walked: bool, known: Mapping[str, Known], others: Others | None, bounds: Bounds) -> None:
        self.read = Read()
        self._walked = walked
        self._known = known
        self._settled = known.settled if isinstance(known, Remembered) else {}
        self._others = others
        self._bounds = bounds
        self._seen: set[str] = set()
        self._entities = self._followed = 0
        self._ahead: list[_Step] = []

    def all(self, steps: list[_Step]) -> Read:
        """Read files, those they lead to, and those these lead to."""
        self._seen.update(step.path for step in steps)
        for depth in range(DEEPEST + 1):
            self._ahead = []
            for step in steps:
                if step.root is not None:
                    self._take(step, step.root, depth)
            self._elsewhere({step.elsewhere: step for step in steps if step.elsewhere}, depth)
            steps = self._ahead
        return self.read

    def _elsewhere(self, steps: Mapping[FileElsewhere, _Step], depth: int) -> None:
        """Read files of other repositories, as these are opened."""
        if not steps or self._others is None:
            return
        for batch in self._others.batches({file: commit_read(self._known, step.path) for file, step in steps.items()}):
            for file in batch.files:
                self._from(batch, steps[file], file, depth)

    def _from(self, batch: Batch, step: _Step, file: FileElsewhere, depth: int) -> None:
        if batch.problem:
            self._leave(step, file, batch.problem, depth)
        elif batch.root is None:
            self._take(step, _AsItWas(file, self._known), depth)
        elif batch.root.stamp(step.path):
            self._take(step, batch.root, depth)
        elif not step.optional:
            self._lose(step.place, f"there is no file {step.path}")

    def _leave(self, step: _Step, file: FileElsewhere, problem: str, depth: int) -> None:
        """Leave a file that cannot be read as it was; the problem stands until it is read again."""
        before = self._known.get(step.path)
        if step.optional and before is None:
            return
        kept = before.is_kept if before else False
        told = LocationProblem(step.place, f"{problem}; what was read earlier is kept" if kept else problem)
        pointers = before.leads_to() if before else []
        self.read.files.append(FileRead(step.path, [lost(step.path, kept=kept)], pointers, problems=[told]))
        for pointer in pointers:
            self._follow(step, _AsItWas(file, self._known), pointer, depth)

    def _take(self, step: _Step, root: Root | _AsItWas, depth: int) -> None:
        """Read a file, unless it is as it was."""
        path = step.path
        if (stamp := self._settled.get(path)) and (isinstance(root, _AsItWas) or root.stamp(path) == stamp):
            self.read.unchanged.append(path)
        elif wrong := _bad_name(root, path):
            self.read.lost.append(wrong)
        else:
            for pointer in self._pointers(root, path):
                self._follow(step, root, pointer, depth)

    def _pointers(self, root: Root | _AsItWas, path: str) -> list[Pointer]:
        """Return where a file leads to."""
        before = self._known.get(path)
        if isinstance(root, _AsItWas):
            now = before
        else:
            now = as_now(root, path, before) if before else None
            if now is None:
                return self._parse(root, path)
        if now is None:
            return []
        if now is not before:
            self.read.touched[path] = now
        self.read.unchanged.append(path)
        return now.leads_to()

    def _parse(self, root: Root, path: str) -> list[Pointer]:
        file = parsed(root, path, walked=self._walked and not isinstance(root, ElsewhereRoot))
        self._entities += len(file.found)
        if self._entities > self._bounds.entities:
            raise TooMuch(root.label(path), self._bounds.entities)
        self.read.files.append(file)
        return file.pointers

    def _follow(self, step: _Step, root: Root | _AsItWas, pointer: Pointer, depth: int) -> None:
        """Note the files that a pointer leads to; what is wrong with it is a problem at its place."""
        place = Place(root.label(step.path), pointer.line, pointer.document, pointer.field)
        try:
            ahead = self._targets(step.path, root, pointer, place)
        except Unreadable as error:
            self._lose(place, error.message)
            return
        if depth >= DEEPEST:
            self._lose(
                place, f"{pointer.target} is not followed: locations lead to locations more than {DEEPEST} times"
            )
            return
        new = [each for each in ahead if each.path not in self._seen]
        room = max(0, self._bounds.files - self._followed)
        if len(new) > room:
            self._lose(
                place, f"{pointer.target} is not followed: locations lead to more than {self._bounds.files:,} files"
            )
        self._followed += len(new[:room])
        self._seen.update(each.path for each in new[:room])
        self._ahead += new[:room]

    def _targets(self, path: str, root: Root | _AsItWas, pointer: Pointer, place: Place) -> list[_Step]:
        """
        Return the files that a pointer leads to.

        Raises:
            Unreadable: It is no target, or one that may not be named there.
        """
        if file := _elsewhere(pointer.target):
            if self._others is None:
                return []
            there = resolved(file, root.origin)
            return [_Step(str(there), elsewhere=there, place=place, optional=pointer.optional)]
        repository = "" if not isinstance(root, ElsewhereRoot | _AsItWas) else root.repository
        target = beside(path, pointer.target, repository=repository)
        found = root.matches(target) if GLOB.intersection(target) else [target] if root.stamp(target) else []
        if not found and not pointer.optional:
            self._lose(place, f"there is no file {pointer.target}")
        return [_Step(each, root) for each in found]

    def _lose(self, place: Place, problem: str) -> None:
        self.read.lost.append(LocationProblem(place, problem))


def _elsewhere(target: str) -> FileElsewhere | None:
    file = FileElsewhere.parse(target)
    if file is None and target.startswith(GIT):
        raise Unreadable(target, "does not read git:ADDRESS@REF:PATH")
    if file is not None and GLOB.intersection(file.path):
        raise Unreadable(target, "names a pattern: files of other repositories are named one by one")
    return file


def _bad_name(root: Root | _AsItWas, path: str) -> LocationProblem | None:
    """Return the problem of a file whose name cannot be written down, or means something else."""
    label = root.label(path)
    shown = label.encode(errors="replace").decode()
    if shown != label:  # disks keep bytes that are no text
        return LocationProblem(Place(shown), "has a name that is not UTF-8: rename it")
    if path.startswith(GIT) and not isinstance(root, ElsewhereRoot | _AsItWas):
        return LocationProblem(Place(shown), f"has a name that begins with {GIT}, as those of other repositories do")
    return None
