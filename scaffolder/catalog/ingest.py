"""What came of reading a location: the report of it, and the ways in which it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.catalog.location import LocationProblem, Reading
from scaffolder.errors import InvalidInput, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.catalog.claims import Read
    from scaffolder.catalog.entity import Entity, EntityRef
    from scaffolder.catalog.registry import Claim


class EntityNotFound(InvalidInput):
    """A ref names nothing in the catalog."""

    def __init__(self, ref: EntityRef, *, what: str = "", nearest: str = "") -> None:
        near = f"did you mean {nearest}? Or add it" if nearest else "add it"
        super().__init__(
            f"{f'{what} ' if what else ''}{ref} does not exist in the catalog",
            hint=f"{near}: scaffolder catalog add FILE",
        )


class NothingFound(InvalidInput):
    """A location describes no valid entity."""

    def __init__(self, target: str, problems: Sequence[LocationProblem]) -> None:
        super().__init__(
            f"{target} describes no valid entity",
            hint="an entity has apiVersion, kind, metadata and spec; scaffolder catalog validate FILE checks one",
            details=tuple(map(str, problems)),
        )


class EntityInvalid(InvalidInput):
    """What a task wants to register is not valid."""

    def __init__(self, target: str, problems: Sequence[LocationProblem]) -> None:
        super().__init__(f"{target} holds no valid catalog entry", details=tuple(map(str, problems)))


class LocationUnknown(InvalidInput):
    """A location that the catalog does not know."""

    def __init__(self, target: str, near: str) -> None:
        super().__init__(f"{target} is no location of the catalog", hint=near or "scaffolder catalog list --locations")


class LocationShared(InvalidInput):
    """An entity that cannot be removed by itself."""

    def __init__(self, ref: EntityRef, target: str, others: int) -> None:
        super().__init__(
            f"{ref} comes from {target}, with {others} more",
            hint=f"to remove them all: scaffolder catalog remove {target}",
        )


@dataclass(frozen=True, slots=True)
class Ingest:
    """What reading a location changed, in entities, and what is wrong there."""

    target: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    problems: tuple[LocationProblem, ...] = ()
    conflicts: tuple[Claim, ...] = ()


def entities_in(read: Read) -> list[Entity]:
    """Return the entities of what was read."""
    return [found.entity for each in read if isinstance(each, Reading) for found in each.found]


def problems_in(read: Read) -> list[LocationProblem]:
    """Return what is wrong in what was read."""
    return [problem for each in read for problem in ([each] if isinstance(each, LocationProblem) else each.problems)]


def vanished(target: str, reason: str) -> LocationProblem:
    """Say that a location cannot be read any more, and what became of its entities."""
    kept = f"what was read earlier is kept; to forget it: scaffolder catalog remove {target}"
    return LocationProblem(Place(target), f"{reason}; {kept}")
