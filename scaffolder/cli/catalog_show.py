"""One entity, as a person reads it: what it is, whose it is, how to reach them, and what it is to others."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from scaffolder.catalog import EntityRef
from scaffolder.catalog.about import docs, links, origin, source_url, ways_to_reach
from scaffolder.catalog.relations import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.catalog import Catalog, Claim, Entity, Relation
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session

MOST_NAMED = 30
"""Entities named in one line; a department may own hundreds."""
MOST_PEOPLE = 8

Fields = list[tuple[str, str]]


def show_entity(session: Session, text: str, *, kind: str | None, as_json: bool) -> int:
    """Show the entity, or the reserved name, that a person means."""
    catalog, console = session.app.catalog, session.console
    ref, others = meant(catalog, text, kind=kind)
    reservation = catalog.reservation(ref)
    entity = catalog.get(ref) or (reservation.entity if reservation else None) or catalog.require(ref)
    if as_json:
        console.json(as_object(catalog, entity))
        return 0
    kind_words = [entity.kind.lower(), entity.type, "reserved" if entity.reserved else entity.lifecycle]
    console.result(" · ".join([entity.title, *filter(None, kind_words)]), style="title")
    if entity.description:
        console.fields([("", entity.description)])
    console.result()
    reserved = [("reserved", reservation.said(datetime.now(UTC)))] if reservation else []
    console.fields([*reserved, *fields(catalog, entity)])
    _tell_claims(console, catalog.claim(entity.ref))
    if others:
        names = " · ".join(other.short for other in others)
        console.say(f"\nThere is also {names}.")
    return 0


def meant(catalog: Catalog, text: str, *, kind: str | None) -> tuple[EntityRef, list[EntityRef]]:
    """Return the entity that a person means, and what else goes by that bare name."""
    ref = EntityRef.parse(text, default_kind=kind or "component")
    if kind or ":" in text or "/" in text:
        return ref, []
    first, *others = [each.ref for each in catalog.named(ref.name)] or [ref]
    return first, others


def fields(catalog: Catalog, entity: Entity) -> Fields:
    """Return what there is to say, in the order in which it is asked."""
    return [
        *_names(entity),
        *_whose(catalog, entity),
        *_where(entity),
        *_to_others(catalog, entity),
        *_through_teams(catalog, entity),
        ("tags", ", ".join(entity.tags)),
        *origin(entity),
    ]


def as_object(catalog: Catalog, entity: Entity) -> dict[str, Any]:
    """Return the entity with its relations, as Backstage's API gives it, and where it comes from."""
    claim = catalog.claim(entity.ref)
    return {
        **entity.document,
        "relations": [
            {"type": relation.type, "targetRef": str(relation.target)} for relation in catalog.relations(entity.ref)
        ],
        "reserved": entity.reserved,
        "places": [place._asdict() for place in claim.places] if claim else [],
    }


def _names(entity: Entity) -> Fields:
    return [("ref", str(entity.ref)), *_reached(entity)]


def _reached(entity: Entity) -> Fields:
    """Return how to reach a team or a person, when it is one."""
    if entity.ref.kind not in {"group", "user"}:
        return []
    return [("reach", " · ".join(ways_to_reach(entity)))]


def _whose(catalog: Catalog, entity: Entity) -> Fields:
    """Return who owns it, how to reach them, and who they are."""
    if entity.ref.kind in {"group", "user", "location"}:
        return []
    if entity.owner is None:
        return [("owner", "nobody")]
    owner = catalog.get(entity.owner)
    if owner is None:
        return [("owner", f"{entity.owner.local} (not in the catalog)")]
    name = owner.title if owner.title == owner.name else f"{owner.title} ({owner.ref.local})"
    reach = " · ".join(ways_to_reach(owner))
    people = [person.title for person in catalog.people(entity.owner)] if entity.owner.kind == "group" else []
    return [("owner", f"{name} — {reach}" if reach else name), ("people", _some(people, MOST_PEOPLE))]


def _where(entity: Entity) -> Fields:
    if entity.ref.kind in {"group", "user", "location"}:
        return []
    return [
        ("source", source_url(entity) or "none registered"),
        ("docs", " · ".join(docs(entity)) or "none registered"),
        ("links", " · ".join(links(entity))),
    ]


def _to_others(catalog: Catalog, entity: Entity) -> Fields:
    """Return the relations both ways, a line for each; the owner has been told."""
    related = [each for each in catalog.relations(entity.ref) if each.type != "ownedBy"]
    return [
        (WORDS[kind], _named(catalog, [relation.target for relation in group]))
        for kind, group in groupby(related, key=_type)
    ]


def _type(relation: Relation) -> str:
    return relation.type


def _through_teams(catalog: Catalog, entity: Entity) -> Fields:
    """Return what a person owns through the teams they are in."""
    if entity.ref.kind != "user":
        return []
    teams = [each.target for each in catalog.relations(entity.ref) if each.type == "memberOf"]
    return [
        (f"owns, by {team.local}", _named(catalog, owned))
        for team in teams
        if (owned := [each.target for each in catalog.relations(team) if each.type == "ownerOf"])
    ]


def _named(catalog: Catalog, refs: Sequence[EntityRef]) -> str:
    """Name entities, in a form that `show` takes; those that only others speak of are marked."""
    first = refs[:MOST_NAMED]
    named = [ref.short if catalog.get(ref) else f"{ref.short} (not in the catalog)" for ref in first]
    return _some([*named, *(ref.short for ref in refs[MOST_NAMED:])], MOST_NAMED)


def _some(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _tell_claims(console: Console, claim: Claim | None) -> None:
    """Tell where it is described; every place that claims its name, when there are several."""
    if claim is None:
        return
    console.result()
    console.fields([("from", str(claim.places[0]))])
    others = [str(place) for place in claim.places[1:]]
    if claim.reserved_by:
        others.append(f"task {claim.reserved_by}, which has reserved the name")
    for other in others:
        console.fields([("claimed too by", other)])
