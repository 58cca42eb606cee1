"""
What was found, with what a person needs to go and use it: its owner and how to reach them, its docs, its source.

Everybody who shows findings takes these facts from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scaffolder.catalog.about import docs, source_url, ways_to_reach
from scaffolder.catalog.entity import Entity, EntityRef

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scaffolder.catalog import Catalog
    from scaffolder.similar import Findings, Match

DEPRECATED = "deprecated"
MOST_WAYS = 3
"""Ways to reach an owner that are shown: one would do."""


@dataclass(frozen=True, slots=True)
class Contact:
    """
    Who owns something.

    `name` is what people call them, '' for nobody; `ways` are how to reach them: an address, a channel, a page, and
    where a team has none, the people in it.
    """

    name: str = ""
    ways: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " — ".join(filter(None, (self.name, " · ".join(self.ways))))


@dataclass(frozen=True, slots=True)
class Existing:
    """An entity that was found; `source` and `docs` are as its author noted them."""

    match: Match
    owner: Contact
    source: str = ""
    docs: tuple[str, ...] = ()

    @property
    def is_deprecated(self) -> bool:
        """Tell whether its owners would rather not see it used any more."""
        return self.match.lifecycle.lower() == DEPRECATED

    @property
    def url(self) -> str:
        """Where to read on in a browser: its docs, else its source; '' for neither."""
        pages = (text.rpartition(" ")[2] for text in (*self.docs, self.source))
        return next((page for page in pages if page.startswith(("https://", "http://"))), "")

    def to_json(self) -> dict[str, Any]:
        """Return the published form."""
        return {
            **self.match.to_json(),
            "description": self.match.description,
            "type": self.match.type,
            "contact": {"name": self.owner.name, "ways": list(self.owner.ways)},
            "source": self.source,
            "docs": list(self.docs),
        }


class Phonebook:
    """Knows how to reach owners; each is looked up once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[str, Contact] = {}

    def contact(self, owner: EntityRef | None) -> Contact:
        """Return who an owner is."""
        if owner is None:
            return Contact()
        if owner.key not in self._known:
            self._known[owner.key] = self._look_up(owner)
        return self._known[owner.key]

    def existing(self, findings: Findings) -> tuple[Existing, ...]:
        """Return what was found, best first."""
        return tuple(map(self.of, findings.matches))

    def to_json(self, findings: Findings) -> dict[str, Any]:
        """Return the published form of findings, with these facts."""
        return {**findings.to_json(), "matches": [each.to_json() for each in self.existing(findings)]}

    def of(self, match: Match) -> Existing:
        """Return one of them."""
        owner = self.contact(EntityRef.parse(match.owner, default_kind="group") if match.owner else None)
        entity = self._catalog.get(match.ref)
        if entity is None:
            return Existing(match, owner)
        return Existing(match, owner, source_url(entity), tuple(docs(entity)))

    def _look_up(self, ref: EntityRef) -> Contact:
        owner = self._catalog.get(ref)
        if owner is None:
            return Contact(f"{ref.local} (not in the catalog)")
        name = owner.title if owner.title == owner.name else f"{owner.title} ({owner.ref.local})"
        return Contact(name, tuple(ways_to_reach(owner)[:MOST_WAYS] or self._people(ref)))

    def _people(self, ref: EntityRef) -> list[str]:
        people = self._catalog.people(ref) if ref.kind == "group" else []
        return [_person(each) for each in people[:MOST_WAYS]]


def left_out(findings: Findings, keys: Collection[str], *, limit: int) -> Findings:
    """Return findings without some entities, by the keys of their refs; at most `limit` stay."""
    matches = tuple(match for match in findings.matches if match.ref.key not in keys)[:limit]
    if len(matches) == len(findings.matches):
        return findings
    strongest = {match.verdict for match in matches}
    return replace(
        findings,
        matches=matches,
        verdict=next((verdict for verdict in ("exists", "close", "none") if verdict in strongest), "none"),
        confidence=matches[0].score if matches else 0.0,
        uncovered=_uncovered(matches),
    )


def _uncovered(matches: Sequence[Match]) -> tuple[str, ...]:
    others = [set(match.unmentioned) for match in matches[1:]]
    return tuple(word for word in (matches[0].unmentioned if matches else ()) if all(word in each for each in others))


def _person(entity: Entity) -> str:
    email = entity.profile.get("email")
    return f"{entity.title} {email}" if email else entity.title
