"""
Reading what the catalog has, from the caller's connection.

An *entry* is an entity that holds its name, or a name that is reserved.
"""

from __future__ import annotations

import json
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.catalog import reservations, search
from scaffolder.catalog.entity import KINDS, Entity, EntityRef
from scaffolder.catalog.relations import WORDS, Relation
from scaffolder.catalog.reports import BACKSTAGE
from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

WIDEST_TEAM = 1_000
"""Groups below a group that are looked through for its people."""

_SUMMARY = "SELECT kind, namespace, name, title, description, type, lifecycle, owner, reserved FROM entry"
_ORDER = {kind.lower(): number for number, kind in enumerate(KINDS)}
_RELATIONS = {name: number for number, name in enumerate(WORDS)}


class EntityNotFound(InvalidInput):
    """A ref names nothing in the catalog."""

    def __init__(self, ref: EntityRef, *, what: str = "", nearest: str = "") -> None:
        near = f"did you mean {nearest}? Or add it" if nearest else "add it"
        super().__init__(
            f"{f'{what} ' if what else ''}{ref} does not exist in the catalog",
            hint=f"{near}: scaffolder catalog add FILE",
        )


class Summary(NamedTuple):
    """An entity, or a reserved name, in one line."""

    ref: EntityRef
    title: str
    description: str
    type: str
    lifecycle: str
    owner: str
    reserved: bool


class CatalogFacts(NamedTuple):
    """How much there is, and how old it is: `read_at` is when the location read longest ago was read."""

    components: int
    teams: int
    entities: int
    read_at: datetime | None
    problems: int


def get(connection: sqlite3.Connection, ref: EntityRef) -> Entity | None:
    """Return an entity, whatever the case of the letters in `ref`."""
    row = connection.execute("SELECT body FROM claim WHERE key = ? AND holds", (ref.key,)).fetchone()
    return Entity(json.loads(row[0])) if row else None


def by_id(connection: sqlite3.Connection, entry_id: int) -> Entity | None:
    """Return the entity of a claim that holds, or of a reservation, whose id is negative."""
    if entry_id < 0:
        reserved = reservations.by_id(connection, -entry_id)
        return reserved.entity if reserved else None
    row = connection.execute("SELECT body FROM claim WHERE id = ? AND holds", (entry_id,)).fetchone()
    return Entity(json.loads(row[0])) if row else None


def described(connection: sqlite3.Connection, kind: str | None) -> list[Entity]:
    """Return the entities of a kind, or of all, by kind and name."""
    rows = connection.execute(
        "SELECT body FROM claim WHERE holds AND (?1 IS NULL OR lower(kind) = ?1) ORDER BY key",
        (kind.lower() if kind else None,),
    )
    return [Entity(json.loads(body)) for (body,) in rows]


def by_fields(connection: sqlite3.Connection, fields: Mapping[str, str]) -> list[Summary]:
    """Return the entries whose columns have these values in any case, by kind and name."""
    own = "1" if "kind" in fields else f"lower(kind) != '{search.POINTER}'"
    where = " AND ".join([own, *(f"lower({column}) = ?" for column in fields)])
    statement = f"{_SUMMARY} WHERE {where} ORDER BY lower(kind), lower(name), key"
    return [_summary(row) for row in connection.execute(statement, [value.lower() for value in fields.values()])]


def named(connection: sqlite3.Connection, name: str) -> list[Summary]:
    """Return the entries with this bare name, the kind that is most likely meant first."""
    rows = connection.execute(f"{_SUMMARY} WHERE lower(name) = ?", (name.lower(),))
    return sorted(map(_summary, rows), key=lambda each: (_ORDER.get(each.ref.kind, len(_ORDER)), str(each.ref)))


def found(connection: sqlite3.Connection, text: str, *, kind: str | None, limit: int) -> list[Summary]:
    """Return what has all the words of `text`, else what has any; an equal name stands before everything."""
    exact = [each for each in named(connection, text.strip()) if _is_kind(each, kind)]
    words = search.question(text)
    for together in (True, False):
        hits = _hits(connection, words, together=together, kind=kind, limit=limit + len(exact))
        if hits or exact:
            return [*exact, *(each for each in hits if each not in exact)][:limit]
    return []


def mentioning(connection: sqlite3.Connection, text: str) -> list[tuple[Entity, str]]:
    """Return the entities in whose documents, or in the names of whose files, a text stands; with those names."""
    rows = connection.execute(
        "SELECT body, place FROM claim WHERE holds"
        " AND (instr(lower(body), ?1) OR instr(lower(place), ?1)) ORDER BY key",
        (text.lower(),),
    )
    return [(Entity(json.loads(body)), json.loads(place)[0]) for body, place in rows]


def candidate_ids(connection: sqlite3.Connection, terms: Sequence[str], *, limit: int) -> list[int]:
    """Return the ids of entries that have any of `terms`, best first."""
    hits = search.hits(connection, search.question(" ".join(terms)), together=False, prefix=False)
    return [entry_id for entry_id, _ in islice(hits, limit)]


def relations(connection: sqlite3.Connection, ref: EntityRef) -> list[Relation]:
    """Return what an entity is to others, by either side's word; a target that exists is written as it is named."""
    rows = connection.execute(
        "SELECT relation.type, relation.object, held.kind, held.name, held.namespace FROM relation"
        " JOIN claim AS stated ON stated.id = relation.claim_id AND stated.holds"
        " LEFT JOIN claim AS held ON held.key = lower(relation.object) AND held.holds WHERE subject = ?",
        (ref.key,),
    )
    stated = {}
    for relation, text, kind, name, namespace in rows:
        target = EntityRef(kind, name, namespace) if kind else EntityRef.parse(text)
        stated[relation, target.key] = Relation(relation, target)
    return sorted(stated.values(), key=lambda each: (_RELATIONS[each.type], each.target.key))


def people(connection: sqlite3.Connection, ref: EntityRef) -> list[Entity]:
    """Return who is behind an owner: the one person, or a group's members and those of the groups below it."""
    users = {ref.key: ref} if ref.kind == "user" else _members(connection, ref)
    return [entity for key in sorted(users) if (entity := get(connection, users[key]))]


def user_by_email(connection: sqlite3.Connection, email: str) -> Entity | None:
    """Return the person with this e-mail address, in any letter case."""
    row = connection.execute(
        "SELECT body FROM claim WHERE holds AND lower(kind) = 'user'"
        " AND lower(json_extract(body, '$.spec.profile.email')) = lower(?) ORDER BY key LIMIT 1",
        (email,),
    ).fetchone()
    return Entity(json.loads(row[0])) if row else None


def templates(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the file of each Template entity, by its name; a Backstage has no files of them."""
    rows = connection.execute("SELECT name, place FROM claim WHERE holds AND lower(kind) = 'template' ORDER BY key")
    files = {name: json.loads(place)[0] for name, place in rows}
    return {name: file for name, file in files.items() if not file.startswith(BACKSTAGE)}


def facts(connection: sqlite3.Connection) -> CatalogFacts:
    """Return how much there is, and how old it is."""
    counts = dict(connection.execute("SELECT lower(kind), count(*) FROM claim WHERE holds GROUP BY 1"))
    # what was born here a minute ago says nothing about the age of the rest
    ages = connection.execute(
        "SELECT min(CASE task_id WHEN '' THEN read_at END), min(read_at) FROM location"
    ).fetchone()
    (problems,) = connection.execute("SELECT count(*) FROM problem").fetchone()
    return CatalogFacts(
        components=counts.get("component", 0),
        teams=counts.get("group", 0),
        entities=sum(counts.values()),
        read_at=time_of(ages[0] or ages[1]),
        problems=problems,
    )


def time_of(text: str | None) -> datetime | None:
    """Read a time as it is stored."""
    return datetime.fromisoformat(text) if text else None


def _members(connection: sqlite3.Connection, ref: EntityRef) -> dict[str, EntityRef]:
    members: dict[str, EntityRef] = {}
    groups = {ref.key: ref}
    queue = [ref]
    for group in queue:
        for relation in relations(connection, group):
            target = relation.target
            if relation.type == "hasMember":
                members[target.key] = target
            elif relation.type == "parentOf" and target.key not in groups and len(groups) < WIDEST_TEAM:
                groups[target.key] = target
                queue.append(target)
    return members


def _hits(
    connection: sqlite3.Connection, words: Sequence[str], *, together: bool, kind: str | None, limit: int
) -> list[Summary]:
    best: list[Summary] = []
    for entry_id, _ in search.hits(connection, words, together=together, prefix=True):
        if len(best) >= limit:
            break
        row = connection.execute(f"{_SUMMARY} WHERE id = ?", (entry_id,)).fetchone()
        if row and _is_kind(summary := _summary(row), kind):
            best.append(summary)
    return best


def _is_kind(summary: Summary, kind: str | None) -> bool:
    return summary.ref.kind == kind.lower() if kind else summary.ref.kind != search.POINTER


def _summary(row: tuple[Any, ...]) -> Summary:
    kind, namespace, name, title, description, type_, lifecycle, owner, reserved = row
    return Summary(EntityRef(kind, name, namespace), title, description, type_, lifecycle, owner, bool(reserved))
