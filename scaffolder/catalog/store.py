"""
The catalog: what exists, who owns it, and which names are about to be taken.

Everything that writes is one transaction. Locations are read before it begins, so that nobody waits for a slow disk.
Looking creates nothing: a catalog that has no file yet is empty.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scaffolder.catalog import claims, reservations, search
from scaffolder.catalog.claims import Changes, Claim, Read
from scaffolder.catalog.database import MIGRATIONS
from scaffolder.catalog.entity import KINDS, BadRef, Entity, EntityRef
from scaffolder.catalog.location import BadLocation, LocationProblem, Reading, normalised, opened, readings
from scaffolder.catalog.relations import WORDS, Relation
from scaffolder.catalog.reservations import NameTaken, Reservation
from scaffolder.catalog.roots import Unreadable
from scaffolder.errors import Conflict, InvalidInput, Place, did_you_mean
from scaffolder.gateways.sqlite import connect, in_our_words, transaction

_SUMMARY = "key, kind, namespace, name, title, description, type, lifecycle, owner, reserved"
_ORDER = {kind.lower(): number for number, kind in enumerate(KINDS)}
_WIDEST_TEAM = 1_000
"""Groups below a group that are looked through for its people."""


class EntityNotFound(InvalidInput):
    """A ref names nothing in the catalog."""


class NothingFound(InvalidInput):
    """A location describes no valid entity."""


class EntityInvalid(InvalidInput):
    """What a task wants to register is not valid."""


class LocationUnknown(InvalidInput):
    """A location that the catalog does not know."""


class LocationTaken(Conflict):
    """A location that somebody else has added."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """What reading a location changed, in entities, and what is wrong there."""

    target: str
    added: int
    changed: int
    removed: int
    unchanged: int
    problems: tuple[LocationProblem, ...]
    conflicts: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """An entity, or a reserved name, in one line."""

    ref: EntityRef
    title: str
    description: str
    type: str
    lifecycle: str
    owner: str
    reserved: bool


@dataclass(frozen=True, slots=True)
class LocationState:
    """A location as it was last read; `task_id` is the task that registered it, '' for a person."""

    target: str
    read_at: datetime | None
    entities: int
    problems: tuple[LocationProblem, ...]
    task_id: str = ""


@dataclass(frozen=True, slots=True)
class CatalogFacts:
    """How much there is, and how old it is: `read_at` is when the location read longest ago was read."""

    components: int
    teams: int
    entities: int
    read_at: datetime | None
    problems: int


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
        if not any(isinstance(each, Reading) and each.found for each in read):
            problems = _problems(read)
            raise NothingFound(
                f"{location.target} describes no valid entity",
                hint="scaffolder catalog validate FILE checks a file without adding it",
                details=tuple(map(str, problems)),
            )
        with self._writing() as connection:
            location_id = _remember(connection, location.target)
            changes = claims.write(connection, location_id, read, read_at=_now())
        return self._ingest(location.target, changes)

    def refresh(self, target: str | None = None) -> list[Ingest]:
        """
        Read a location again, or all; files that did not change are not parsed.

        Raises:
            LocationUnknown: `target` was never added.
        """
        if target is not None:
            return [self._refresh(self._known_location(target))]
        return [self._refresh(state) for state in self._rows("SELECT id, target FROM location ORDER BY id")]

    def remove(self, target: str) -> int:
        """
        Forget a location, or the location of an entity that has one to itself; return how many entities that were.

        Raises:
            LocationUnknown: It is neither.
        """
        location_id, _ = self._known_location(target)
        with self._writing() as connection:
            number = _entities_of(connection, location_id)
            _forget(connection, location_id)
        return number

    def locations(self) -> list[LocationState]:
        """Return every location, in the order they were added."""
        rows = self._rows(
            "SELECT id, target, read_at, task_id, (SELECT count(*) FROM claim JOIN file ON file.id = claim.file_id"
            " WHERE file.location_id = location.id) FROM location ORDER BY id"
        )
        return [
            LocationState(target, _time(read_at), entities, self._problems_of(location_id), task_id)
            for location_id, target, read_at, task_id, entities in rows
        ]

    def problems(self) -> list[LocationProblem]:
        """Return what is wrong in all locations."""
        return [problem for state in self.locations() for problem in state.problems]

    def conflicts(self, *, target: str = "") -> list[Claim]:
        """Return the names that several sources claim, or those of them in which a location takes part."""
        keys = self._rows(
            "SELECT key FROM claim GROUP BY key HAVING count(DISTINCT place) > 1"
            " UNION SELECT claim.key FROM claim JOIN reservation ON reservation.key = claim.key ORDER BY 1"
        )
        if target:
            own = {key for (key,) in self._rows(_KEYS_OF_TARGET, target)}
            keys = [(key,) for (key,) in keys if key in own]
        return [self._claim(key) for (key,) in keys]

    def claims(self, ref: EntityRef) -> Claim | None:
        """Return who claims a name, the holder first; None when nobody does."""
        claim = self._claim(ref.key)
        return claim if claim.places else None

    # entities

    def get(self, ref: EntityRef) -> Entity | None:
        """Return an entity, whatever the case of the letters in `ref`."""
        rows = self._rows("SELECT body FROM claim WHERE key = ? AND holds", ref.key)
        return Entity(json.loads(rows[0][0])) if rows else None

    def require(self, ref: EntityRef, *, what: str = "") -> Entity:
        """
        Return an entity that must be there; `what` says what it is to the person, such as "the owner".

        Raises:
            EntityNotFound: It is not; the hint names the nearest.
        """
        entity = self.get(ref)
        if entity is None:
            raise EntityNotFound(
                f"{f'{what} ' if what else ''}{ref} does not exist in the catalog", hint=self._way_out(ref)
            )
        return entity

    def entities(
        self,
        *,
        kind: str | None = None,
        type: str | None = None,  # noqa: A002  # the field's own word
        owner: EntityRef | None = None,
        lifecycle: str | None = None,
    ) -> list[Summary]:
        """Return entities and reserved names by kind and name, those that fit."""
        wanted = {"kind": kind, "type": type, "owner": owner and str(owner), "lifecycle": lifecycle}
        given = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(f"lower({column}) = ?" for column in given) or "1"
        rows = self._rows(
            f"SELECT {_SUMMARY} FROM entry WHERE {where} ORDER BY lower(kind), lower(name), key",  # noqa: S608  # names of columns
            *(value.lower() for value in given.values()),
        )
        return [_summary(row) for row in rows]

    def named(self, name: str) -> list[Summary]:
        """Return what has this bare name, the kind that is most likely meant first."""
        rows = self._rows(f"SELECT {_SUMMARY} FROM entry WHERE lower(name) = ?", name.lower())  # noqa: S608  # names of columns
        return sorted(map(_summary, rows), key=lambda each: (_ORDER.get(each.ref.kind, len(_ORDER)), str(each.ref)))

    def search(self, text: str, *, kind: str | None = None, limit: int = 20) -> list[Summary]:
        """Return what has all the words of `text`, else what has any, best first; an equal name before everything."""
        exact = [each for each in self.named(text.strip()) if not kind or each.ref.kind == kind.lower()]
        words = search.question(text)
        for together in (True, False):
            found = self._hits(words, together=together, kind=kind, limit=limit + len(exact))
            if found or exact:
                return [*exact, *(each for each in found if each not in exact)][:limit]
        return []

    def candidates(self, terms: Sequence[str], *, limit: int) -> list[tuple[Entity, float]]:
        """Return entities and reservations that have any of `terms`, with a score: the higher the better."""
        words = search.question(" ".join(terms))
        found: list[tuple[Entity, float]] = []
        with self._reading() as connection:
            for entry_id, score in search.hits(connection, words, together=False, prefix=False):
                if entity := _entity(connection, entry_id):
                    found.append((entity, score))
                if len(found) >= limit:
                    break
        return found

    def relations(self, ref: EntityRef) -> list[Relation]:
        """Return what an entity is to others, as either side states it."""
        rows = self._rows(
            "SELECT relation.type, relation.object, held.kind, held.name, held.namespace FROM relation"
            " JOIN claim AS stated ON stated.id = relation.claim_id AND stated.holds"
            " LEFT JOIN claim AS held ON held.key = lower(relation.object) AND held.holds WHERE subject = ?",
            ref.key,
        )
        order = {name: number for number, name in enumerate(WORDS)}
        found = {}
        for relation, text, kind, name, namespace in rows:
            target = EntityRef(kind, name, namespace) if kind else EntityRef.parse(text)
            found[relation, target.key] = Relation(relation, target)
        return sorted(found.values(), key=lambda each: (order[each.type], each.target.key))

    def people(self, ref: EntityRef) -> list[Entity]:
        """Return who is behind an owner: a group's members and those of the groups below it, or the one person."""
        if ref.kind == "user":
            entity = self.get(ref)
            return [entity] if entity else []
        seen, queue, people = {ref.key}, [ref], {}
        for group in queue:
            for relation in self.relations(group):
                if relation.type == "hasMember":
                    people[relation.target.key] = relation.target
                elif relation.type == "parentOf" and relation.target.key not in seen and len(seen) < _WIDEST_TEAM:
                    seen.add(relation.target.key)
                    queue.append(relation.target)
        return [entity for key in sorted(people) if (entity := self.get(people[key]))]

    def facts(self) -> CatalogFacts:
        """Return how much there is, and how old it is."""
        counts = dict(self._rows("SELECT lower(kind), count(*) FROM claim WHERE holds GROUP BY 1"))
        # what was registered here a minute ago says nothing about the age of what everybody else did
        oldest = self._rows(
            "SELECT min(read_at) FROM location WHERE task_id = '' OR (SELECT min(task_id) FROM location) <> ''"
        )
        problems = self._rows("SELECT count(*) FROM problem")
        return CatalogFacts(
            components=counts.get("component", 0),
            teams=counts.get("group", 0),
            entities=sum(counts.values()),
            read_at=_time(oldest[0][0]),
            problems=problems[0][0],
        )

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
        found = [each.entity.ref for reading in read if isinstance(reading, Reading) for each in reading.found]
        if (problems := _problems(read)) or not found:
            details = tuple(map(str, problems))
            raise EntityInvalid(f"{location.target} cannot be registered: it is not valid", details=details)
        with self._writing() as connection:
            for ref in found:
                reservations.refuse_taken(connection, ref, task_id=task_id)
            location_id = _remember(connection, location.target, task_id=task_id)
            claims.write(connection, location_id, read, read_at=_now())
            reservations.release(connection, task_id)
        return found

    def unregister(self, target: str, *, task_id: str) -> None:
        """Forget what a task registered; what somebody else added stays."""
        with self._writing() as connection:
            row = connection.execute(
                "SELECT id FROM location WHERE target = ? AND task_id = ?", (normalised(target), task_id)
            ).fetchone()
            if row:
                _forget(connection, row[0])

    # events

    def record(self, event: Mapping[str, Any]) -> None:
        """Note what somebody chose about similar services; nothing changes or removes it later."""
        with self._writing() as connection:
            connection.execute("INSERT INTO event (at, body) VALUES (?, ?)", (_now(), json.dumps(dict(event))))

    def events(self) -> list[dict[str, Any]]:
        """Return the events, oldest first, each with the time `at` which it was noted."""
        return [{"at": at, **json.loads(body)} for at, body in self._rows("SELECT at, body FROM event ORDER BY id")]

    # the database

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None:
            # a name that was given away must not come back after a power cut
            self._connection = connect(self.path, MIGRATIONS, durable=True)
        with transaction(self._connection) as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if self._connection is None and not self.path.exists():
            yield _empty()
            return
        if self._connection is None:
            self._connection = connect(self.path, MIGRATIONS, durable=True)
        with in_our_words(self._connection):
            yield self._connection

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._reading() as connection:
            return connection.execute(statement, values).fetchall()

    def _known_location(self, target: str) -> tuple[int, str]:
        remembered = normalised(target)
        rows = self._rows("SELECT id, target FROM location WHERE target = ?", remembered) or self._own_location(target)
        if not rows:
            known = [each for (each,) in self._rows("SELECT target FROM location")]
            near = did_you_mean(remembered, known)
            raise LocationUnknown(
                f"{remembered} is no location of the catalog", hint=near or "scaffolder catalog list --locations"
            )
        return int(rows[0][0]), str(rows[0][1])

    def _own_location(self, text: str) -> list[tuple[Any, ...]]:
        """Return the location of an entity that has one to itself."""
        try:
            ref = EntityRef.parse(text, default_kind="component")
        except BadRef:
            return []
        rows = self._rows(
            "SELECT location.id, location.target FROM claim JOIN file ON file.id = claim.file_id"
            " JOIN location ON location.id = file.location_id WHERE claim.key = ? AND claim.holds",
            ref.key,
        )
        for location_id, target in rows:
            with self._reading() as connection:
                others = _entities_of(connection, location_id) - 1
            if others:
                raise LocationUnknown(
                    f"{ref} comes from {target}, together with {others} others",
                    hint=f"to remove them all: scaffolder catalog remove {target}",
                )
        return rows

    def _refresh(self, known: tuple[Any, ...]) -> Ingest:
        location_id, target = known
        with self._reading() as connection:
            files = claims.known_files(connection, location_id)
        try:
            read: Read = tuple(readings(opened(target), files))
        except (BadLocation, Unreadable) as error:
            return self._vanished(location_id, target, error.message)
        with self._writing() as connection:
            if connection.execute("SELECT 1 FROM location WHERE id = ?", (location_id,)).fetchone() is None:
                return Ingest(target, 0, 0, 0, 0, (), ())  # somebody removed it in the meantime
            changes = claims.write(connection, location_id, read, read_at=_now())
        return self._ingest(target, changes)

    def _vanished(self, location_id: int, target: str, reason: str) -> Ingest:
        """Keep the entities of a location that cannot be read: a disk may be away, and they are still somebody's."""
        with self._writing() as connection:
            number = _entities_of(connection, location_id)
            claims.note(
                connection,
                location_id,
                LocationProblem(
                    Place(target),
                    f"{reason}; what was read earlier is kept (scaffolder catalog remove {target} forgets it)",
                ),
            )
        return self._ingest(target, Changes(unchanged=number))

    def _ingest(self, target: str, changes: Changes) -> Ingest:
        (location_id,) = self._rows("SELECT id FROM location WHERE target = ?", target)[0]
        return Ingest(
            target,
            changes.added,
            changes.changed,
            changes.removed,
            changes.unchanged,
            self._problems_of(location_id),
            tuple(self.conflicts(target=target)),
        )

    def _problems_of(self, location_id: int) -> tuple[LocationProblem, ...]:
        rows = self._rows(
            "SELECT file, line, document, field, message FROM problem WHERE location_id = ? ORDER BY file, line",
            location_id,
        )
        return tuple(LocationProblem(Place(*place), message) for *place, message in rows)

    def _claim(self, key: str) -> Claim:
        rows = self._rows("SELECT kind, name, namespace, place FROM claim WHERE key = ? ORDER BY holds DESC, id", key)
        ref = EntityRef(*rows[0][:3]) if rows else EntityRef.parse(key)
        places = dict.fromkeys(Place(*json.loads(place)) for *_, place in rows)
        reserved = self.reservation(ref)
        return Claim(ref, tuple(places), reserved.task_id if reserved else "")

    def _hits(self, words: Sequence[str], *, together: bool, kind: str | None, limit: int) -> list[Summary]:
        found: list[Summary] = []
        with self._reading() as connection:
            for entry_id, _ in search.hits(connection, words, together=together, prefix=True):
                row = connection.execute(f"SELECT {_SUMMARY} FROM entry WHERE id = ?", (entry_id,)).fetchone()  # noqa: S608  # names of columns
                if row and (not kind or row[1].lower() == kind.lower()):
                    found.append(_summary(row))
                if len(found) >= limit:
                    break
        return found

    def _way_out(self, ref: EntityRef) -> str:
        near = did_you_mean(ref.name, (each.ref.name for each in self.entities(kind=ref.kind) if not each.reserved))
        if not near and (found := self.search(ref.name, kind=ref.kind, limit=1)):
            near = f"did you mean {found[0].ref.name}?"
        if near:
            name = near.removeprefix("did you mean ").removesuffix("?")
            near = f"did you mean {self._full(ref.kind, name)}? Or "
        return f"{near}add it: scaffolder catalog add FILE"

    def _full(self, kind: str, name: str) -> EntityRef:
        return next(each.ref for each in self.named(name) if each.ref.kind == kind)


_KEYS_OF_TARGET = (
    "SELECT claim.key FROM claim JOIN file ON file.id = claim.file_id JOIN location ON location.id = file.location_id"
    " WHERE location.target = ?"
)


def _remember(connection: sqlite3.Connection, target: str, *, task_id: str | None = None) -> int:
    """Return the id of a location, made if need be; with `task_id` it must be that task's."""
    row = connection.execute("SELECT id, task_id FROM location WHERE target = ?", (target,)).fetchone()
    if row is None:
        cursor = connection.execute("INSERT INTO location (target, task_id) VALUES (?, ?)", (target, task_id or ""))
        return int(cursor.lastrowid or 0)
    if task_id is not None and row[1] != task_id:
        raise LocationTaken(f"{target} is in the catalog already", hint="scaffolder catalog list --locations")
    return int(row[0])


def _forget(connection: sqlite3.Connection, location_id: int) -> None:
    connection.execute("DELETE FROM location WHERE id = ?", (location_id,))
    claims.hand_over(connection)


def _entities_of(connection: sqlite3.Connection, location_id: int) -> int:
    row = connection.execute(
        "SELECT count(*) FROM claim JOIN file ON file.id = claim.file_id WHERE file.location_id = ?", (location_id,)
    ).fetchone()
    return int(row[0])


def _entity(connection: sqlite3.Connection, entry_id: int) -> Entity | None:
    if entry_id < 0:
        reserved = reservations.by_id(connection, -entry_id)
        return reserved.entity if reserved else None
    row = connection.execute("SELECT body FROM claim WHERE id = ? AND holds", (entry_id,)).fetchone()
    return Entity(json.loads(row[0])) if row else None


def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migration in MIGRATIONS:
        migration(connection)
    return connection


def _summary(row: tuple[Any, ...]) -> Summary:
    _, kind, namespace, name, title, description, type_, lifecycle, owner, reserved = row
    return Summary(EntityRef(kind, name, namespace), title, description, type_, lifecycle, owner, bool(reserved))


def _problems(read: Read) -> list[LocationProblem]:
    return [problem for each in read for problem in ([each] if isinstance(each, LocationProblem) else each.problems)]


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
