"""
How entities relate, both ways.

The pairs are Backstage's well-known relations: https://backstage.io/docs/features/software-catalog/well-known-relations
An entity states one side in its spec; the other follows.
"""

from __future__ import annotations

from typing import NamedTuple

from scaffolder.catalog.entity import Entity, EntityRef, refs_in


class Relation(NamedTuple):
    """One side of a relation: what the subject is to the `target`."""

    type: str
    target: EntityRef


class Statement(NamedTuple):
    """Both sides of what one entity states: `forward` holds for the entity, `backward` for the forward's target."""

    forward: Relation
    backward: Relation


class _Field(NamedTuple):
    field: str
    default_kind: str
    forward: str
    backward: str


_OWNED = _Field("owner", "Group", "ownedBy", "ownerOf")
_IN_SYSTEM = _Field("system", "System", "partOf", "hasPart")
_DEPENDS = (
    _Field("dependsOn", "Component", "dependsOn", "dependencyOf"),
    _Field("dependencyOf", "Component", "dependencyOf", "dependsOn"),
)
_FIELDS = {
    "component": (
        _OWNED,
        _IN_SYSTEM,
        _Field("subcomponentOf", "Component", "partOf", "hasPart"),
        _Field("providesApis", "API", "providesApi", "apiProvidedBy"),
        _Field("consumesApis", "API", "consumesApi", "apiConsumedBy"),
        *_DEPENDS,
    ),
    "api": (_OWNED, _IN_SYSTEM),
    "resource": (_OWNED, _IN_SYSTEM, *_DEPENDS),
    "system": (_OWNED, _Field("domain", "Domain", "partOf", "hasPart")),
    "domain": (_OWNED, _Field("subdomainOf", "Domain", "partOf", "hasPart")),
    "template": (_OWNED,),
    "group": (
        _Field("parent", "Group", "childOf", "parentOf"),
        _Field("children", "Group", "parentOf", "childOf"),
        _Field("members", "User", "hasMember", "memberOf"),
    ),
    "user": (_Field("memberOf", "Group", "memberOf", "hasMember"),),
}
# A kind we do not know has an owner and a system like any other, where it says so.
_ANY = (_OWNED, _IN_SYSTEM)

WORDS = {
    "ownedBy": "owned by",
    "ownerOf": "owns",
    "partOf": "part of",
    "hasPart": "has part",
    "providesApi": "provides",
    "apiProvidedBy": "provided by",
    "consumesApi": "consumes",
    "apiConsumedBy": "consumed by",
    "dependsOn": "depends on",
    "dependencyOf": "needed by",
    "parentOf": "parent of",
    "childOf": "child of",
    "memberOf": "member of",
    "hasMember": "has member",
}
"""Each relation as it is said, in the order in which they are told."""


class Said(NamedTuple):
    """A ref as an entity's spec states it: `field` is the dotted path of the text, `type` the relation."""

    field: str
    type: str
    target: EntityRef


def refs_of(entity: Entity) -> list[Said]:
    """Return every ref that an entity's spec states, and where."""
    return [
        Said(where, field.forward, ref)
        for field in _FIELDS.get(entity.kind.lower(), _ANY)
        for where, value in _texts(field.field, entity.spec.get(field.field))
        for ref in refs_in(value, default_kind=field.default_kind, default_namespace=entity.namespace)
    ]


def _texts(field: str, value: object) -> list[tuple[str, object]]:
    """Return each text of a field that holds one or a list, with its dotted path."""
    if isinstance(value, list):
        return [(f"spec.{field}.{index}", each) for index, each in enumerate(value)]
    return [(f"spec.{field}", value)]


def relations_of(entity: Entity) -> list[Statement]:
    """Return what an entity's spec states, each with the other side of it."""
    ref, namespace, spec = entity.ref, entity.namespace, entity.spec
    return [
        Statement(Relation(forward, target), Relation(backward, ref))
        for field, kind, forward, backward in _FIELDS.get(entity.kind.lower(), _ANY)
        for target in refs_in(spec.get(field), default_kind=kind, default_namespace=namespace)
    ]
