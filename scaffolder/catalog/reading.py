"""
Reading the files of a location: entities, what is wrong, and where to read on.

A `Location` entity found in a file leads to more files; each is read once, so that locations that name each other end.
A file that is as it was when it was last read is not parsed again.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.catalog.documents import Document, documents
from scaffolder.catalog.entity import KINDS, SOURCE_LOCATION, Entity, check
from scaffolder.catalog.reports import LocationProblem
from scaffolder.catalog.roots import GLOB, Root, Unreadable, beside
from scaffolder.catalog.substitutions import Substitutions, needed
from scaffolder.errors import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DEEPEST = 10
"""Locations that lead to locations that lead to …"""
MOST_FILES = 100_000

_KINDS = {kind.lower() for kind in KINDS}
NOWHERE = "[]"
"""The `pointers` of a file that leads nowhere, as they are stored."""


class Found(NamedTuple):
    """An entity, and where it is described."""

    entity: Entity
    place: Place


class Pointer(NamedTuple):
    """A target of a `Location` entity: where to read on."""

    target: str
    document: int
    line: int
    field: str
    optional: bool


class Input(NamedTuple):
    """A file that a descriptor was made from: itself, or one that it substitutes."""

    path: str
    stamp: str
    digest: str


class Known(NamedTuple):
    """
    What is remembered of a file, as it is stored.

    `stamp` is the file's own where it was made of nothing else, else ''; `inputs` and `pointers` are JSON.
    """

    stamp: str
    inputs: str
    pointers: str

    @classmethod
    def of(cls, inputs: Sequence[Input], pointers: Sequence[Pointer]) -> Known:
        """Return what to remember."""
        return cls(inputs[0].stamp if len(inputs) == 1 else "", json.dumps(inputs), json.dumps(pointers))

    def files(self) -> list[Input]:
        """Return the files it was made from."""
        return [Input(*each) for each in json.loads(self.inputs)]

    def leads_to(self) -> list[Pointer]:
        """Return where its `Location` entities lead."""
        return [] if self.pointers == NOWHERE else [Pointer(*each) for each in json.loads(self.pointers)]


NOTHING = Known("", "[]", NOWHERE)
"""What is known of a file that was never read: it was made of nothing."""


class Remembered(Mapping[str, Known]):
    """
    What is remembered of the files of a location, by their paths.

    `settled` has the stamp of each file that was made of nothing else and leads nowhere, and '' for the others: while
    it stays, nothing more need be known. The rest is looked up file by file, since of thousands hardly any changes.
    """

    def __init__(self, settled: Mapping[str, str], look_up: Callable[[str], Known]) -> None:
        self.settled = settled
        self._look_up = look_up

    def __getitem__(self, path: str) -> Known:
        if path not in self.settled:
            raise KeyError(path)
        return self._look_up(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self.settled)

    def __len__(self) -> int:
        return len(self.settled)


@dataclass(slots=True)
class FileRead:
    """One file that was parsed."""

    path: str
    inputs: list[Input] = field(default_factory=list)
    pointers: list[Pointer] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    problems: list[LocationProblem] = field(default_factory=list)


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


def read_files(root: Root, paths: Sequence[str], *, walked: bool, known: Mapping[str, Known]) -> Read:
    """
    Read files of a root and those their `Location` entities lead to, each once.

    `walked` tells that nobody named the files, so that what is no entity in them is not an error.
    """
    read, seen = Read(), set(paths)
    settled = known.settled if isinstance(known, Remembered) else {}
    queue = deque((path, 0) for path in paths)
    while queue:
        path, depth = queue.popleft()
        if (stamp := settled.get(path)) and root.stamp(path) == stamp:
            read.unchanged.append(path)
            continue
        if unnamed := _not_utf8(root.label(path)):
            read.lost.append(unnamed)
            continue
        before = known.get(path)
        if before and _is_unchanged(root, path, before, read):
            read.unchanged.append(path)
            pointers = before.leads_to()
        else:
            read.files.append(_File(root, path, walked=walked).parse())
            pointers = read.files[-1].pointers
        for pointer in pointers:
            ahead, problem = _followed(root, path, pointer, depth)
            if problem:
                place = Place(root.label(path), pointer.line, pointer.document, pointer.field)
                read.lost.append(LocationProblem(place, problem))
            new = [each for each in ahead if each not in seen][: MOST_FILES - len(seen)]
            seen.update(new)
            queue.extend((each, depth + 1) for each in new)
    return read


def _not_utf8(label: str) -> LocationProblem | None:
    """Return the problem of a file whose name cannot be written down: disks keep bytes that are no text."""
    shown = label.encode(errors="replace").decode()
    return None if shown == label else LocationProblem(Place(shown), "has a name that is not UTF-8: rename it")


def _is_unchanged(root: Root, path: str, before: Known, read: Read) -> bool:
    """Tell whether a file is as it was: by the stamps, and where one differs by the contents."""
    if before.stamp and root.stamp(path) == before.stamp:
        return True
    inputs = before.files()
    now = [each._replace(stamp=root.stamp(each.path)) for each in inputs]
    if not inputs or (now != inputs and not all(_same_content(root, each) for each in now)):
        return False
    if now != inputs:
        read.touched[path] = Known.of(now, before.leads_to())
    return True


def _same_content(root: Root, each: Input) -> bool:
    try:
        return hashlib.sha256(root.read(each.path)).hexdigest() == each.digest
    except Unreadable:
        return False


def _followed(root: Root, path: str, pointer: Pointer, depth: int) -> tuple[list[str], str]:
    """Return the files a pointer leads to, and what is wrong with it."""
    if depth >= DEEPEST:
        return [], f"{pointer.target} is not followed: locations lead to locations more than {DEEPEST} times"
    try:
        target = beside(path, pointer.target)
        files = root.matches(target) if GLOB.intersection(target) else [target] if root.stamp(target) else []
    except Unreadable as error:
        return [], error.message
    missing = "" if files or pointer.optional else f"there is no file {pointer.target}"
    return files, missing


class _File:
    """Parses one file, and notes which files that took."""

    def __init__(self, root: Root, path: str, *, walked: bool) -> None:
        self.root = root
        self.walked = walked
        self.label = root.label(path)
        self.result = FileRead(path)

    def parse(self) -> FileRead:
        """Read every document; one that is wrong does not stop the others."""
        path = self.result.path
        try:
            data = self._content(path)
            substitutions = Substitutions(path, self._content) if needed(data) else None
            for document in documents(data):
                if not self.walked or _means_an_entity(document):
                    self._take(document, substitutions)
        except Unreadable as error:
            self.result.problems.append(LocationProblem(Place(self.label), error.message))
        return self.result

    def _content(self, path: str) -> bytes:
        stamp = self.root.stamp(path)
        try:
            data = self.root.read(path)
        except Unreadable:
            self.result.inputs.append(Input(path, stamp, ""))  # it is worth another look once that file changes
            raise
        self.result.inputs.append(Input(path, stamp, hashlib.sha256(data).hexdigest()))
        return data

    def _take(self, document: Document, substitutions: Substitutions | None) -> None:
        if document.error:
            self._complain(document.error, Place(self.label, document.line, document.number))
            return
        value, wrong = substitutions.made(document.value) if substitutions else (document.value, [])
        wrong = wrong or check(value)
        for problem in wrong:
            place = Place(self.label, document.line_of(problem.field), document.number, problem.field)
            self._complain(problem.message, place)
        if not wrong:
            entity = Entity(_with_source(value, self.root.source))
            self.result.found.append(Found(entity, Place(self.label, document.line, document.number)))
            if entity.kind == "Location":
                self.result.pointers.extend(_pointers(document, entity))

    def _complain(self, message: str, place: Place) -> None:
        self.result.problems.append(LocationProblem(place, message))


def _with_source(document: dict[str, Any], source: str) -> dict[str, Any]:
    """Note which repository an entity is from, as Backstage does, where its author noted nothing."""
    metadata = document["metadata"]
    annotations = metadata.get("annotations") or {}
    if not source or SOURCE_LOCATION in annotations:
        return document
    return {**document, "metadata": {**metadata, "annotations": {**annotations, SOURCE_LOCATION: source}}}


def _means_an_entity(document: Document) -> bool:
    """Tell whether a document of a file that nobody named was meant as an entity: clusters and CI have YAML too."""
    value = document.value
    if document.error:
        return True
    if not isinstance(value, dict) or "metadata" not in value or not ("kind" in value or "apiVersion" in value):
        return False
    return "backstage.io/" in str(value.get("apiVersion")) or str(value.get("kind")).lower() in _KINDS


def _pointers(document: Document, entity: Entity) -> Iterator[Pointer]:
    spec: Mapping[str, Any] = entity.spec
    named = [("spec.target", spec["target"])] if "target" in spec else []
    named += [(f"spec.targets.{index}", target) for index, target in enumerate(spec.get("targets", []))]
    optional = spec.get("presence") == "optional"
    for where, target in named:
        yield Pointer(target, document.number, document.line_of(where), where, optional)
