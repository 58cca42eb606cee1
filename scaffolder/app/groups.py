"""
Families of near-duplicates, with what a person needs to decide which member stays: owners, who depends on whom, docs.

The most used and the best documented member are only named where the catalog tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scaffolder.app.existing import DEPRECATED, Phonebook
from scaffolder.catalog.about import docs, source_url
from scaffolder.catalog.relations import relations_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from scaffolder.app.existing import Contact
    from scaffolder.catalog import Catalog
    from scaffolder.catalog.entity import Entity, EntityRef
    from scaffolder.similar.encoder import Encoder
    from scaffolder.similar.entities import Profile
    from scaffolder.similar.findings import Reason
    from scaffolder.similar.groups import Group

    Progress = Callable[[int, int], None]

LONG_DESCRIPTION = 120
"""Letters of a description that tells what something does; a longer one documents it no better."""


@dataclass(frozen=True, slots=True)
class Member:
    """
    One of a family.

    `dependants` are whoever depends on it or consumes an API it provides, members included; `depends_on` are the
    members that it depends on.
    """

    entity: Entity
    owner: Contact
    source: str
    docs: tuple[str, ...]
    dependants: tuple[EntityRef, ...]
    depends_on: tuple[EntityRef, ...]
    is_most_used: bool = False
    is_best_documented: bool = False

    @property
    def ref(self) -> EntityRef:
        """Its ref."""
        return self.entity.ref

    @property
    def is_deprecated(self) -> bool:
        """Tell whether its owners would rather not see it used any more."""
        return self.entity.lifecycle.lower() == DEPRECATED

    def to_json(self) -> dict[str, Any]:
        """Return the published form."""
        entity = self.entity
        return {
            "entityRef": str(entity.ref),
            "title": entity.title,
            "description": entity.description,
            "type": entity.type,
            "lifecycle": entity.lifecycle,
            "owner": str(entity.owner or ""),
            "contact": {"name": self.owner.name, "ways": list(self.owner.ways)},
            "source": self.source,
            "docs": list(self.docs),
            "dependants": list(map(str, self.dependants)),
            "dependsOn": list(map(str, self.depends_on)),
            "mostUsed": self.is_most_used,
            "bestDocumented": self.is_best_documented,
        }


@dataclass(frozen=True, slots=True)
class Family:
    """
    Entities that probably do one job, by a number that counts from 1.

    `near` are words that two members use for what the catalog uses them for alike.
    """

    number: int
    members: tuple[Member, ...]
    confidence: float
    reasons: tuple[Reason, ...]
    near: tuple[tuple[str, str], ...]

    @property
    def owners(self) -> int:
        """How many different owners its members have."""
        return len({str(member.entity.owner) for member in self.members})

    def to_json(self) -> dict[str, Any]:
        """Return the published form."""
        near = [{"kind": "near", "text": f"{one} ≈ {other}"} for one, other in self.near]
        return {
            "group": self.number,
            "members": [str(member.ref) for member in self.members],
            "confidence": round(self.confidence, 4),
            "reasons": [*({"kind": each.kind, "text": each.text} for each in self.reasons), *near],
            "details": [member.to_json() for member in self.members],
        }


@dataclass(frozen=True, slots=True)
class Families:
    """What was found, the surest first; `compared` entities were looked at, `found` families before any limit."""

    families: tuple[Family, ...]
    compared: int
    found: int


def find(
    catalog: Catalog, encoder: Encoder, *, kind: str, owner: EntityRef | None, limit: int | None, progress: Progress
) -> Families:
    """
    Return the families of near-duplicates.

    All of the catalog is compared; `kind` and `owner` choose among the families: those of a kind, those in which
    somebody owns a member.
    """
    from scaffolder.similar.comparable import comparable
    from scaffolder.similar.groups import find_groups

    everything = comparable(catalog, encoder, progress=progress)
    found = [group for group in find_groups(everything) if not kind or group.members[0].kind.lower() == kind.lower()]
    phonebook = Phonebook(catalog)
    families = (_family(catalog, phonebook, group) for group in found)
    chosen = [members for members in families if owner is None or _owns(owner, members.members)]
    first = chosen if limit is None else chosen[:limit]
    numbered = tuple(replace(family, number=number) for number, family in enumerate(first, start=1))
    return Families(numbered, len(everything.entities), len(chosen))


def _owns(owner: EntityRef, members: Iterable[Member]) -> bool:
    return any(member.entity.owner is not None and member.entity.owner.key == owner.key for member in members)


def _family(catalog: Catalog, phonebook: Phonebook, group: Group) -> Family:
    from scaffolder.similar.groups import near_words, reasons

    found = [entity for ref in group.members if (entity := catalog.get(ref)) is not None]
    profiles = [_profile(catalog, entity) for entity in found]
    members = _marked([_member(catalog, phonebook, entity, found) for entity in found])
    return Family(0, members, group.confidence, reasons(profiles, group.tells), near_words(group.near, profiles))


def _profile(catalog: Catalog, entity: Entity) -> Profile:
    from scaffolder.similar import entities

    return entities.profile(entity, filter(None, map(catalog.get, _provided(entity))))


def _provided(entity: Entity) -> list[EntityRef]:
    return [each.forward.target for each in relations_of(entity) if each.forward.type == "providesApi"]


def _member(catalog: Catalog, phonebook: Phonebook, entity: Entity, family: Sequence[Entity]) -> Member:
    used = {ref.key: ref for ref in _uses(catalog, entity)}
    return Member(
        entity,
        phonebook.contact(entity.owner),
        source_url(entity),
        tuple(docs(entity)),
        dependants=tuple(sorted({ref.key: ref for ref in _users(catalog, entity)}.values())),
        depends_on=tuple(other.ref for other in family if other.ref.key in used and other is not entity),
    )


def _users(catalog: Catalog, entity: Entity) -> Iterator[EntityRef]:
    """Iterate over whoever depends on an entity, or consumes it or what it provides; it itself does not count."""
    for ref in (entity.ref, *_provided(entity)):
        for relation in catalog.relations(ref):
            if relation.type in {"dependencyOf", "apiConsumedBy"} and relation.target.key != entity.ref.key:
                yield relation.target


def _uses(catalog: Catalog, entity: Entity) -> Iterator[EntityRef]:
    """Iterate over what an entity depends on, and the providers of the APIs it consumes."""
    for relation in catalog.relations(entity.ref):
        if relation.type == "dependsOn":
            yield relation.target
        elif relation.type == "consumesApi":
            yield relation.target
            for other in catalog.relations(relation.target):
                if other.type == "apiProvidedBy":
                    yield other.target


def _marked(members: Sequence[Member]) -> tuple[Member, ...]:
    """Return members, most used first, with the most used and the best documented marked."""
    used = _best({member.ref.key: len(member.dependants) for member in members})
    documented = _best({member.ref.key: _documentation(member) for member in members})
    marked = (
        replace(member, is_most_used=member.ref.key == used, is_best_documented=member.ref.key == documented)
        for member in members
    )
    return tuple(sorted(marked, key=lambda each: (-len(each.dependants), -_documentation(each), each.ref.key)))


def _documentation(member: Member) -> float:
    """Return how well something is documented: docs count most, then an API's definition, links, a description."""
    entity = member.entity
    told = min(len(entity.description.strip()), LONG_DESCRIPTION) / LONG_DESCRIPTION
    return 4 * min(len(member.docs), 2) + bool(_provided(entity)) + bool(entity.links) + bool(member.source) + told


def _best(values: Mapping[str, float]) -> str:
    """Return whose value is the highest, '' where two share it or there is none."""
    first, second = sorted(values.values(), reverse=True)[:2]
    return max(values, key=values.__getitem__) if first > second else ""
