"""
The catalog: what exists, who owns it, and which names are about to be taken.

Everything that writes is one transaction. Locations are read before it begins, so that nobody waits for a slow disk.
Looking creates nothing: a catalog that has no file yet is empty.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffolder.catalog import claims, entries, registry, reservations
from scaffolder.catalog.database import MIGRATIONS
from scaffolder.catalog.entity import BadRef, EntityRef
from scaffolder.catalog.ingest import (
    EntityInvalid,
    EntityNotFound,
    Ingest,
    LocationShared,
    LocationUnknown,
    NothingFound,
    entities_in,
    problems_in,
    vanished,
)
from scaffolder.catalog.location import BadLocation, normalised, opened, readings
from scaffolder.catalog.reservations import Reservation
from scaffolder.catalog.roots import Unreadable
from scaffolder.errors import did_you_mean
from scaffolder.gateways.sqlite import connect, in_our_words, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from scaffolder.catalog.claims import Changes, Read
    from scaffolder.catalog.entity import Entity
    from scaffolder.catalog.entries import CatalogFacts, Summary
    from scaffolder.catalog.location import LocationProblem
    from scaffolder.catalog.registry import Claim, LocationState
    from scaffolder.catalog.relations import Relation


class Catalog:
    """The catalog in the database at `path`, which is opened, and made, when it is needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the database; it is opened again when it is needed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # locations

    def add(self, target: str) -> Ingest:
        """
        Remember a location and take in its entities; of one that is known, what changed.

        Raises:
            BadLocation: There is nothing there.
            NothingFound: It describes no valid entity; nothing is remembered.
        """
        location = opened(target)
        read = tuple(readings(location))
        if not entities_in(read):
            raise NothingFound(location.target, problems_in(read))
        with self._writing() as connection:
            location_id = registry.remember(connection, location.target)
            changes = claims.write(connection, location_id, read, read_at=_now())
            return _ingest(connection, location_id, location.target, changes)

    def refresh(self, target: str | None = None) -> list[Ingest]:
        """
        Read a location again, or all; files that did not change are not parsed.

        Raises:
            LocationUnknown: `target` was never added.
        """
        with self._reading() as connection:
            known = registry.targets(connection)
        if target is not None:
            remembered = self._known(target)
            known = {remembered: known[remembered]}
        return [self._refresh(location_id, each) for each, location_id in known.items()]

    def remove(self, target: str) -> int:
        """
        Forget a location, or the location of an entity that has one to itself; return how many entities that were.

        Raises:
            LocationUnknown: It is neither.
            LocationShared: The entity shares its location with others.
        """
        remembered = self._known(target)
        with self._writing() as connection:
            location_id = registry.find(connection, remembered)
            number = registry.size(connection, location_id) if location_id is not None else 0
            if location_id is not None:
                registry.forget(connection, location_id)
        return number

    def locations(self) -> list[LocationState]:
        """Return every location, in the order they were added."""
        with self._reading() as connection:
            return registry.states(connection)

    def problems(self) -> list[LocationProblem]:
        """Return what is wrong in all locations."""
        return [problem for state in self.locations() for problem in state.problems]

    def conflicts(self) -> list[Claim]:
        """Return the names that several places claim."""
        with self._reading() as connection:
            return registry.conflicts(connection)

    def claim(self, ref: EntityRef) -> Claim | None:
        """Return the places that claim a name, the one that holds it first; None when there is none."""
        with self._reading() as connection:
            return registry.claim_of(connection, ref.key)

    # entities

    def get(self, ref: EntityRef) -> Entity | None:
        """Return an entity, whatever the case of the letters in `ref`."""
        with self._reading() as connection:
            return entries.get(connection, ref)

    def require(self, ref: EntityRef, *, what: str = "") -> Entity:
        """
        Return an entity that must be there; `what` says what it is to the person, such as "the owner".

        Raises:
            EntityNotFound: It is not; the hint names the nearest.
        """
        entity = self.get(ref)
        if entity is None:
            raise EntityNotFound(ref, what=what, nearest=self._nearest(ref))
        return entity

    def entities(
        self,
        *,
        kind: str | None = None,
        type: str | None = None,  # noqa: A002  # the field's own word
        owner: EntityRef | None = None,
        lifecycle: str | None = None,
    ) -> list[Summary]:
        """Return the entities and reserved names that fit, by kind and name."""
        wanted = {"kind": kind, "type": type, "owner": str(owner) if owner else None, "lifecycle": lifecycle}
        with self._reading() as connection:
            return entries.by_fields(connection, {name: value for name, value in wanted.items() if value is not None})

    def named(self, name: str) -> list[Summary]:
        """Return what has this bare name, the kind that is most likely meant first."""
        with self._reading() as connection:
            return entries.named(connection, name)

    def search(self, text: str, *, kind: str | None = None, limit: int = 20) -> list[Summary]:
        """Return what has all the words of `text`, else what has any, best first; an equal name before everything."""
        with self._reading() as connection:
            return entries.found(connection, text, kind=kind, limit=limit)

    def candidates(self, terms: Sequence[str], *, limit: int) -> list[tuple[Entity, float]]:
        """Return entities and reservations that have any of `terms`, with a score: the higher the better."""
        with self._reading() as connection:
            return entries.candidates(connection, terms, limit=limit)

    def relations(self, ref: EntityRef) -> list[Relation]:
        """Return what an entity is to others, as either side states it."""
        with self._reading() as connection:
            return entries.relations(connection, ref)

    def people(self, ref: EntityRef) -> list[Entity]:
        """Return who is behind an owner: a group's members and those of the groups below it, or the one person."""
        with self._reading() as connection:
            return entries.people(connection, ref)

    def user_by_email(self, email: str) -> Entity | None:
        """Return the person with this e-mail address, in any letter case."""
        with self._reading() as connection:
            return entries.user_by_email(connection, email)

    def templates(self) -> dict[str, str]:
        """Return the file of each Template entity, by its name."""
        with self._reading() as connection:
            return entries.templates(connection)

    def facts(self) -> CatalogFacts:
        """Return how much there is, and how old it is."""
        with self._reading() as connection:
            return entries.facts(connection)

    # names

    def reserve(  # noqa: PLR0913  # a reservation is these facts
        self, refs: Sequence[EntityRef], *, task_id: str, owner: str, purpose: str, who: str, at: datetime
    ) -> None:
        """
        Reserve all of a task's names, or none; the same task may do so again.

        Raises:
            NameTaken: An entity or another task has one of them.
        """
        with self._writing() as connection:
            reservations.reserve(connection, [Reservation(ref, task_id, owner, purpose, who, at) for ref in refs])

    def require_free(self, refs: Sequence[EntityRef]) -> None:
        """
        Check that nobody has any of these names.

        Raises:
            NameTaken: An entity or a task has one of them.
        """
        with self._reading() as connection:
            for ref in refs:
                reservations.refuse_taken(connection, ref, task_id="")

    def release(self, task_id: str) -> None:
        """Give back the names a task has reserved."""
        with self._writing() as connection:
            reservations.release(connection, task_id)

    def reservation(self, ref: EntityRef) -> Reservation | None:
        """Return who has reserved a name."""
        with self._reading() as connection:
            return reservations.find(connection, ref)

    def register(self, target: str, *, task_id: str) -> list[EntityRef]:
        """
        Take in what a task made, and end its reservations; the same task may do so again.

        Raises:
            EntityInvalid: Something in it is wrong; nothing is taken in.
            NameTaken: An entity's name belongs to somebody else.
            LocationTaken: The location was added by somebody else.
        """
        location = opened(target)
        read = tuple(readings(location))
        refs = [entity.ref for entity in entities_in(read)]
        if not refs or problems_in(read):
            raise EntityInvalid(location.target, problems_in(read))
        with self._writing() as connection:
            for ref in refs:
                reservations.refuse_taken(connection, ref, task_id=task_id)
            location_id = registry.remember_for_task(connection, location.target, task_id)
            claims.write(connection, location_id, read, read_at=_now())
            reservations.release(connection, task_id)
        return refs

    def unregister(self, target: str, *, task_id: str) -> None:
        """Forget what a task registered; what somebody else added stays."""
        with self._writing() as connection:
            location_id = registry.find_of_task(connection, normalised(target), task_id)
            if location_id is not None:
                registry.forget(connection, location_id)

    # events

    def record(self, event: Mapping[str, Any]) -> None:
        """Note what somebody chose about similar services; nothing changes or removes it later."""
        with self._writing() as connection:
            connection.execute("INSERT INTO event (at, body) VALUES (?, ?)", (_now(), json.dumps(dict(event))))

    def events(self) -> list[dict[str, Any]]:
        """Return the events, oldest first, each with the time `at` which it was noted."""
        with self._reading() as connection:
            rows = connection.execute("SELECT at, body FROM event ORDER BY id").fetchall()
        return [{"at": at, **json.loads(body)} for at, body in rows]

    # the database

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with transaction(self._open()) as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = self._open() if self._connection or self.path.exists() else _empty()
        with in_our_words(connection):
            yield connection

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            # a name that was given to somebody must still be theirs after a power cut
            self._connection = connect(self.path, MIGRATIONS, durable=True)
        return self._connection

    def _known(self, text: str) -> str:
        """Return the target of the location that a person means: by its path, or by the one entity in it."""
        target = normalised(text)
        with self._reading() as connection:
            if registry.find(connection, target) is not None:
                return target
            try:
                ref = EntityRef.parse(text, default_kind="component")
                held = registry.holding(connection, ref)
            except BadRef:
                held = None
            if held is None:
                raise LocationUnknown(target, did_you_mean(target, registry.targets(connection)))
            if others := registry.size(connection, held[0]) - 1:
                raise LocationShared(ref, held[1], others)
        return held[1]

    def _refresh(self, location_id: int, target: str) -> Ingest:
        with self._reading() as connection:
            files = claims.known_files(connection, location_id)
        gone = None
        read: Read = ()
        try:
            read = tuple(readings(opened(target), files))
        except (BadLocation, Unreadable) as error:
            gone = vanished(target, error.message)
        with self._writing() as connection:
            if registry.find(connection, target) != location_id:
                return Ingest(target)  # somebody removed it in the meantime
            if gone is None:
                changes = claims.write(connection, location_id, read, read_at=_now())
            else:
                changes = claims.keep(connection, location_id, gone)
            return _ingest(connection, location_id, target, changes)

    def _nearest(self, ref: EntityRef) -> str:
        """Return the ref of the entity that was probably meant, or ''."""
        of_kind = [each.ref for each in self.entities(kind=ref.kind) if not each.reserved]
        meant = did_you_mean(ref.name, (each.name for each in of_kind))
        near = [each for each in of_kind if meant == f"did you mean {each.name}?"]
        near += [each.ref for each in self.search(ref.name, kind=ref.kind, limit=1) if not each.reserved]
        return str(near[0]) if near else ""


def _ingest(connection: sqlite3.Connection, location_id: int, target: str, changes: Changes) -> Ingest:
    return Ingest(
        target,
        added=changes.added,
        changed=changes.changed,
        removed=changes.removed,
        unchanged=changes.unchanged,
        problems=registry.problems_of(connection, location_id),
        conflicts=registry.conflicts_of(connection, location_id),
    )


def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migration in MIGRATIONS:
        migration(connection)
    return connection


def _now() -> str:
    return datetime.now(UTC).isoformat()
