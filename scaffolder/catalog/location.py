"""
Locations: where entities are described, and reading them.

A location is a file, a directory, a glob, or `git:REPOSITORY@BRANCH:PATH` for one file of a repository's branch. It is
read file by file. A `Location` entity found in a file leads to more of them; each file is read once, so that locations
that name each other end.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.catalog.documents import Document, documents
from scaffolder.catalog.entity import KINDS, Entity, check
from scaffolder.catalog.reports import LocationProblem
from scaffolder.catalog.roots import GLOB, DirectoryRoot, GitRoot, Root, Unreadable, beside
from scaffolder.catalog.substitutions import Substitutions, needed
from scaffolder.errors import InvalidInput, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEEPEST = 10
"""Locations that lead to locations that lead to …"""
MOST_FILES = 100_000

_GIT = re.compile(r"git:(?P<repository>.+)@(?P<branch>[^@:]+):(?P<path>[^:]+)")
_YAML = (".yaml", ".yml")
_KINDS = {kind.lower() for kind in KINDS}


class BadLocation(InvalidInput):
    """A text names no place that can be read."""

    def __init__(self, target: str, reason: str, *, hint: str) -> None:
        super().__init__(f"{target} {reason}", hint=hint)


@dataclass(frozen=True, slots=True)
class Found:
    """An entity, and where it is described."""

    entity: Entity
    place: Place


@dataclass(frozen=True, slots=True)
class Pointer:
    """A target of a `Location` entity: where to read on."""

    target: str
    document: int
    line: int
    field: str
    optional: bool = False


class Input(NamedTuple):
    """A file that a descriptor was made from: itself, or one that it substitutes."""

    path: str
    stamp: str
    digest: str


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier reading knew of a file."""

    inputs: tuple[Input, ...]
    pointers: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One file, read. Of an unchanged one there are only the pointers, and the inputs if their stamps are new."""

    path: str
    inputs: tuple[Input, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    found: tuple[Found, ...] = ()
    problems: tuple[LocationProblem, ...] = ()
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Location:
    """
    A location, ready to be read.

    `target` is how it is remembered: absolute. `walked` tells that its files were not named by anybody, so that what
    is no entity in them is not an error.
    """

    target: str
    root: Root
    paths: tuple[str, ...]
    walked: bool = False


def normalised(target: str) -> str:
    """
    Return a target as it is remembered: absolute, whether or not anything is there.

    Raises:
        BadLocation: It is on another machine.
    """
    if found := _GIT.fullmatch(target):
        return f"git:{_absolute(found['repository'])}@{found['branch']}:{found['path']}"
    return _absolute(target.removeprefix("file://").removeprefix("file:"))


def opened(target: str) -> Location:
    """
    Find the files of a location.

    Raises:
        BadLocation: It is on another machine, or there is nothing there.
        Unreadable: Its repository cannot be read.
    """
    remembered = normalised(target)
    if found := _GIT.fullmatch(remembered):
        root = GitRoot(Path(found["repository"]), found["branch"])
        root.stamp(found["path"])  # there is such a branch
        return Location(remembered, root, (found["path"],))
    place = Path(remembered)
    if place.is_dir():
        return _directory(remembered, place.resolve())
    if place.exists():
        real = place.resolve()
        return _in_repository(remembered, real.parent, real.name)
    if GLOB.intersection(remembered):
        return _glob(remembered)
    raise BadLocation(remembered, "does not exist", hint="give a catalog file, a directory, or a pattern in quotes")


def read(target: str) -> Iterator[Found | LocationProblem]:
    """
    Iterate over the entities of a location and over what is wrong in it.

    Raises:
        BadLocation: There is nothing there.
    """
    for reading in readings(opened(target)):
        if isinstance(reading, LocationProblem):
            yield reading
        else:
            yield from reading.found
            yield from reading.problems


def readings(location: Location, known: Mapping[str, Known] | None = None) -> Iterator[Reading | LocationProblem]:
    """
    Read the files of a location and those its `Location` entities lead to, each once.

    A file that is as it was when `known` was written is not parsed. A problem that stands alone is about a target,
    and lasts until the target is found.
    """
    seen = set(location.paths)
    queue = deque((path, 0) for path in location.paths)
    while queue:
        path, depth = queue.popleft()
        reading = _read(location, path, (known or {}).get(path))
        yield reading
        for pointer in reading.pointers:
            ahead, problem = _followed(location.root, path, pointer, depth)
            if problem:
                place = Place(location.root.label(path), pointer.line, pointer.document, pointer.field)
                yield LocationProblem(place, problem)
            new = [each for each in ahead if each not in seen][: MOST_FILES - len(seen)]
            seen.update(new)
            queue.extend((each, depth + 1) for each in new)


def _absolute(path: str) -> str:
    if "://" in path or path.startswith("git@"):
        raise BadLocation(path, "is on another machine", hint="clone it, then: scaffolder catalog add DIRECTORY")
    return os.path.abspath(Path(path).expanduser())  # noqa: PTH100  # Path.absolute keeps "..", and resolve follows links


def _in_repository(target: str, directory: Path, *names: str, walked: bool = False) -> Location:
    """Return the location of files in a directory; its root is the repository they are in, or the directory."""
    home = next((parent for parent in (directory, *directory.parents) if (parent / ".git").exists()), directory)
    prefix = directory.relative_to(home).as_posix() + "/" if directory != home else ""
    return Location(target, DirectoryRoot(home), tuple(prefix + name for name in names), walked)


def _directory(target: str, directory: Path) -> Location:
    """
    Find the descriptors under a directory: `catalog-info*.yaml` and templates, else every YAML file.

    Below a template lies its skeleton, whose descriptors are not entities yet.
    """
    files = [path for path in DirectoryRoot(directory).walk("") if path.endswith(_YAML)]
    templates = {posixpath.dirname(path) for path in files if _is_template(directory, path)}
    files = [path for path in files if not _below(path, templates)]
    named = [path for path in files if path.rpartition("/")[2].startswith("catalog-info")]
    if not named:
        return _in_repository(target, directory, *files, walked=True)
    golden = [path for path in files if Path(path).stem == "template" and posixpath.dirname(path) in templates]
    return _in_repository(target, directory, *sorted({*named, *golden}))


def _is_template(directory: Path, path: str) -> bool:
    if path.rpartition("/")[2].rpartition(".")[0] != "template":
        return False
    try:
        with (directory / path).open("rb") as file:
            return re.search(rb"^kind:\s*Template\b", file.read(1 << 16), re.MULTILINE) is not None
    except OSError:
        return False


def _below(path: str, templates: set[str]) -> bool:
    """Tell whether a file is in a directory under a template's; beside `template.yaml` it is not."""
    if not templates:
        return False
    parents = [parent.as_posix() for parent in Path(path).parents][1:]
    return any(("" if parent == "." else parent) in templates for parent in parents)


def _glob(target: str) -> Location:
    parts = Path(target).parts
    wild = next(index for index, part in enumerate(parts) if GLOB.intersection(part))
    fixed = Path(*parts[:wild]).resolve()
    paths = DirectoryRoot(fixed).matches("/".join(parts[wild:]))
    if not paths:
        raise BadLocation(target, "fits no file", hint="put the pattern in quotes; ** stands for any directories")
    return _in_repository(target, fixed, *paths)


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


def _read(location: Location, path: str, known: Known | None) -> Reading:
    if known and (inputs := _unchanged(location.root, known.inputs)):
        return Reading(path, () if inputs == known.inputs else inputs, known.pointers, unchanged=True)
    file = _File(location.root, path)
    try:
        data = file.read(path)
        substitutions = Substitutions(path, file.read) if needed(data) else None
        for document in documents(data):
            if not location.walked or _means_an_entity(document):
                file.take(document, substitutions)
    except Unreadable as error:
        file.problems.append(LocationProblem(Place(location.root.label(path)), error.message))
    return Reading(path, tuple(file.inputs), tuple(file.pointers), tuple(file.found), tuple(file.problems))


@dataclass(slots=True)
class _File:
    """Collects what one file says, and which files that took."""

    root: Root
    path: str
    inputs: list[Input] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    pointers: list[Pointer] = field(default_factory=list)
    problems: list[LocationProblem] = field(default_factory=list)

    def read(self, path: str) -> bytes:
        """Read a file of the root, and remember what it was."""
        stamp = self.root.stamp(path)
        try:
            data = self.root.read(path)
        except Unreadable:
            self.inputs.append(Input(path, stamp, ""))  # it is worth another look once that file changes
            raise
        self.inputs.append(Input(path, stamp, hashlib.sha256(data).hexdigest()))
        return data

    def take(self, document: Document, substitutions: Substitutions | None) -> None:
        """Take in one document: an entity, or what is wrong with it."""
        label = self.root.label(self.path)
        if document.error:
            place = Place(label, document.line, document.number)
            self.problems.append(LocationProblem(place, document.error))
            return
        value, wrong = substitutions.made(document.value) if substitutions else (document.value, [])
        wrong = wrong or check(value)
        for problem in wrong:
            place = Place(label, document.line_of(problem.field), document.number, problem.field)
            self.problems.append(LocationProblem(place, problem.message))
        if not wrong:
            entity = Entity(value)
            self.found.append(Found(entity, Place(label, document.line, document.number)))
            if entity.kind == "Location":
                self.pointers.extend(_pointers(document, entity))


def _unchanged(root: Root, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """Return the inputs with their new stamps when all are as they were, else nothing."""
    if all(root.stamp(each.path) == each.stamp for each in inputs):
        return inputs
    now = tuple(each._replace(stamp=root.stamp(each.path)) for each in inputs)
    return now if all(_same_content(root, each) for each in inputs) else ()


def _same_content(root: Root, each: Input) -> bool:
    try:
        return hashlib.sha256(root.read(each.path)).hexdigest() == each.digest
    except Unreadable:
        return False


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
