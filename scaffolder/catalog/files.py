"""
One file of a location: what is in it, and what is remembered of it.

A file that is as it was when it was last read is not parsed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.catalog.documents import Document, documents
from scaffolder.catalog.entity import KINDS, SOURCE_LOCATION, Entity, check
from scaffolder.catalog.reports import LocationProblem
from scaffolder.catalog.roots import ElsewhereRoot, Root, Unreadable
from scaffolder.catalog.substitutions import Substitutions, needed
from scaffolder.errors import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_KINDS = {kind.lower() for kind in KINDS}
_KEPT = "kept"
"""Stands for the digest of a file that cannot be read now, and was read before."""
NOWHERE = "[]"
"""The `pointers` of a file that leads nowhere, as they are stored."""


class Found(NamedTuple):
    """An entity, and where it is described; `body` is its document as it is stored, where that is known already."""

    entity: Entity
    place: Place
    body: str = ""


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
        leads_to = json.dumps(pointers) if pointers else NOWHERE
        return cls(inputs[0].stamp if len(inputs) == 1 else "", json.dumps(inputs), leads_to)

    @property
    def commit(self) -> str:
        """The file's own stamp, a commit where it is in another repository; '' when it could not be read."""
        return self.stamp or next((each.stamp for each in self.files()), "")

    @property
    def is_kept(self) -> bool:
        """Whether something of the file is known, from now or from before it could not be read any more."""
        return bool(self.stamp) or any(each.stamp or each.digest == _KEPT for each in self.files())

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

    def __contains__(self, path: object) -> bool:
        return path in self.settled

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


def parsed(root: Root, path: str, *, walked: bool) -> FileRead:
    """
    Read every document of a file; one that is wrong does not stop the others.

    `walked` tells that nobody named the file, so that what is no entity in it is not an error.
    """
    return _File(root, path, walked=walked).parse()


def lost(path: str, *, kept: bool) -> Input:
    """Return what is remembered of a file that cannot be read now: it is parsed as soon as it can."""
    return Input(path, "", _KEPT if kept else "")


def as_now(root: Root, path: str, before: Known) -> Known | None:
    """Return what is to be remembered of a file that is as it was, by the stamps or by the contents; else None."""
    if before.stamp and root.stamp(path) == before.stamp:
        return before
    inputs = before.files()
    now = [each._replace(stamp=root.stamp(each.path)) for each in inputs]
    if not inputs or (now != inputs and not all(_same_content(root, each) for each in now)):
        return None
    return before if now == inputs else Known.of(now, before.leads_to())


def _same_content(root: Root, each: Input) -> bool:
    try:
        return hashlib.sha256(root.read(each.path)).hexdigest() == each.digest
    except Unreadable:
        return False


class _File:
    """Parses one file, and notes which files that took."""

    def __init__(self, root: Root, path: str, *, walked: bool) -> None:
        self.root = root
        self.walked = walked
        self.label = root.label(path)
        self.result = FileRead(path)

    def parse(self) -> FileRead:
        path = self.result.path
        try:
            data = self._content(path)
            substitutions = (
                Substitutions(path, self._content, repository=_repository(self.root)) if needed(data) else None
            )
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


def _repository(root: Root) -> str:
    """Return what all paths of a root begin with."""
    return root.repository if isinstance(root, ElsewhereRoot) else ""


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
