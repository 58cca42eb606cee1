"""
`catalogFilter`: which entities a field of a form offers.

A filter names fields of an entity by dotted paths, in any letter case, each with a value, several, or `{exists: true}`;
one of several filters is enough. `relations.TYPE` holds the refs that an entity is related to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.template.schema import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.catalog import Entity, EntityRef, Summary
    from scaffolder.catalog.relations import Relation

    Related = Callable[[EntityRef], Sequence[Relation]]

RELATIONS = "relations."
SUMMARISED: Mapping[str, Callable[[Summary], str]] = {
    "metadata.name": lambda one: one.ref.name,
    "metadata.namespace": lambda one: one.ref.namespace,
    "spec.type": lambda one: one.type,
    "spec.lifecycle": lambda one: one.lifecycle,
    "relations.ownedby": lambda one: one.owner,
}
"""What is known of an entity without reading its document: there may be thousands."""


@dataclass(frozen=True, slots=True)
class Filter:
    """The kinds that are wanted, () for any, and the other fields."""

    kinds: tuple[str, ...]
    facts: Mapping[str, Any]

    @property
    def further(self) -> dict[str, Any]:
        """What only an entity's document, or its relations, can tell."""
        return {path: wanted for path, wanted in self.facts.items() if not _is_summarised(path, wanted)}

    @property
    def asks_for_relations(self) -> bool:
        """Whether what an entity is to others matters."""
        return any(path.lower().startswith(RELATIONS) for path in self.further)

    def may_fit(self, one: Summary) -> bool:
        """Tell whether what is known in one line is as wanted."""
        return all(
            SUMMARISED[path.lower()](one).lower() in _several(wanted)
            for path, wanted in self.facts.items()
            if _is_summarised(path, wanted)
        )

    def fits(self, entity: Entity, related: Related | None) -> bool:
        """Tell whether an entity has what is wanted further."""
        relations = [(one.type.lower(), str(one.target).lower()) for one in (related(entity.ref) if related else ())]
        return all(_has(set(_known(entity, path.lower(), relations)), wanted) for path, wanted in self.further.items())


def _known(entity: Entity, path: str, relations: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield what an entity has at a path."""
    if path.startswith(RELATIONS):
        yield from (target for kind, target in relations if kind == path.removeprefix(RELATIONS))
    else:
        yield from _texts(entity.document, path)


def _is_summarised(path: str, wanted: Any) -> bool:
    return path.lower() in SUMMARISED and not isinstance(wanted, Mapping)


def filters_of(options: Mapping[str, Any]) -> list[Filter]:
    """Return the filters of a field's `ui:options`; one that takes everything where there is none."""
    written = options.get("catalogFilter")
    found = [_filter(one) for one in (written if isinstance(written, list) else [written]) if isinstance(one, Mapping)]
    return found or [Filter(tuple(str(kind).lower() for kind in items(options.get("allowedKinds"))), {})]


def _filter(written: Mapping[str, Any]) -> Filter:
    kinds = [kind for name, value in written.items() if str(name).lower() == "kind" for kind in _several(value)]
    facts = {str(name): value for name, value in written.items() if str(name).lower() != "kind" or not kinds}
    return Filter(tuple(kinds), facts)


def _several(value: Any) -> list[str]:
    """Return the texts that are wanted, in small letters."""
    return [str(one).lower() for one in (value if isinstance(value, list) else [value]) if not isinstance(one, Mapping)]


def _has(known: set[str], wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return bool(known) is (mapping(wanted).get("exists") is not False)
    return not known.isdisjoint(_several(wanted))


def _texts(value: Any, path: str) -> Iterator[str]:
    """Yield the texts at a path, whose keys may have dots; a list has its texts at its own path, and below it."""
    match value:
        case Mapping():
            for name, inside in value.items():
                key = str(name).lower()
                if path == key or path.startswith(f"{key}."):
                    yield from _texts(inside, path[len(key) + 1 :])
        case list():
            for inside in value:
                if isinstance(inside, str) and inside.lower() == path:
                    yield "true"
                else:
                    yield from _texts(inside, path)
        case bool() if not path:
            yield str(value).lower()
        case str() | int() | float() if not path:
            yield str(value).lower()
