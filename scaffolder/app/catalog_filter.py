"""
`catalogFilter`: which entities a field of a form offers.

A filter names fields of an entity by dotted paths, in any letter case, each with a value, several, or `{exists: true}`;
one of several filters is enough. `relations.TYPE` holds the refs that an entity is related to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.template.schema import items, mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scaffolder.catalog import Entity, EntityRef
    from scaffolder.catalog.relations import Relation

    Related = Callable[[EntityRef], Sequence[Relation]]

RELATIONS = "relations."


@dataclass(frozen=True, slots=True)
class Filter:
    """The kinds that are wanted, () for any, and the other fields."""

    kinds: tuple[str, ...]
    facts: Mapping[str, Any]

    @property
    def asks_for_relations(self) -> bool:
        """Whether what an entity is to others matters."""
        return any(path.lower().startswith(RELATIONS) for path in self.facts)

    def fits(self, entity: Entity, related: Related | None) -> bool:
        """Tell whether an entity has all that is wanted."""
        known: dict[str, set[str]] = {}
        for path, text in _facts(entity.document):
            known.setdefault(path, set()).add(text)
        for relation in related(entity.ref) if related else ():
            known.setdefault(f"{RELATIONS}{relation.type}".lower(), set()).add(str(relation.target).lower())
        return all(_has(known.get(str(path).lower(), set()), wanted) for path, wanted in self.facts.items())


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


def _facts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every path of a document, and the text there; a list has its texts at its own path."""
    match value:
        case Mapping():
            for name, inside in value.items():
                yield from _facts(inside, f"{path}.{name}".lower().removeprefix("."))
        case list():
            for inside in value:
                yield from _facts(inside, path)
                if isinstance(inside, str):
                    yield f"{path}.{inside}".lower(), "true"
        case bool():
            yield path, str(value).lower()
        case None:
            return
        case _:
            yield path, str(value).lower()
