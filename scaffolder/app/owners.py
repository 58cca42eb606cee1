"""
Who owns something, how to reach them, how it is run, and where its docs are: the question people interrupt each other
with.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.app.existing import Contact, Phonebook
from scaffolder.app.meant import meant
from scaffolder.catalog.about import channels, docs, running, source_url, ways_to_reach
from scaffolder.errors import InvalidInput
from scaffolder.template.lock import LOCK_FILE, Lock

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.app.meant import Meant
    from scaffolder.catalog import Catalog, Entity, EntityRef

_ARE_OWNERS = frozenset({"group", "user"})
_READMES = ("README.md", "README.rst", "README.adoc", "README.txt", "README")


class Instead(NamedTuple):
    """Whom to ask where nobody can be reached: the owner of what something is part of, or the group above."""

    ref: EntityRef
    contact: Contact


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What there is to know of an entity whose owner is looked for.

    `owner` is its owner, or it itself when it is a team or a person; `ref` is the owner's. `ways` are how to reach
    them, `people` who they are, `teams` those that an owner who is a person is in. `lock` tells which template it was
    made from, where its clone is at hand.
    """

    meant: Meant
    ref: EntityRef | None
    owner: Contact
    ways: tuple[str, ...]
    people: tuple[Entity, ...]
    teams: tuple[EntityRef, ...]
    instead: Instead | None
    running: tuple[str, ...]
    docs: tuple[str, ...]
    source: str
    readme: str
    lock: Lock | None

    @property
    def entity(self) -> Entity:
        """What is owned."""
        return self.meant.entity


def owners(catalog: Catalog, text: str, here: Path) -> Answer:
    """
    Return whose something is that somebody in the directory `here` asks for: a ref, a path, or words.

    Raises:
        InvalidInput: It means nothing.
    """
    found = meant(catalog, text, here)
    entity = found.entity
    ref = entity.ref if entity.ref.kind in _ARE_OWNERS else entity.owner
    owner = catalog.get(ref) if ref else None
    ways = tuple(dict.fromkeys([*(ways_to_reach(owner) if owner else []), *_own_channels(entity)]))
    people = tuple(catalog.people(ref)) if ref and ref.kind == "group" else ()
    running_ = tuple(running(entity))
    return Answer(
        meant=found,
        ref=ref,
        owner=Phonebook(catalog).contact(ref),
        ways=ways,
        people=people,
        teams=tuple(_teams(catalog, ref)) if ref and ref.kind == "user" else (),
        instead=None if ways or people else _instead(catalog, entity, ref),
        running=running_,
        docs=tuple(each for each in docs(entity) if each not in running_),
        source=source_url(entity),
        readme=_readme(found),
        lock=_lock(found),
    )


def _own_channels(entity: Entity) -> list[str]:
    return [] if entity.ref.kind in _ARE_OWNERS else channels(entity)


def _teams(catalog: Catalog, person: EntityRef) -> list[EntityRef]:
    return [each.target for each in catalog.relations(person) if each.type == "memberOf"]


def _instead(catalog: Catalog, entity: Entity, owner: EntityRef | None) -> Instead | None:
    """Return the nearest that can be reached, of the groups above the owner and of what the entity is part of."""
    above = [owner] if owner else []
    around = [entity.ref]
    book = Phonebook(catalog)
    for ref in chain(above, around):
        for relation in catalog.relations(ref):
            if relation.type == "childOf" and relation.target not in above:
                above.append(relation.target)
            elif relation.type == "partOf" and relation.target not in around:
                around.append(relation.target)
        held = catalog.get(ref)
        contact = book.contact(ref if ref in above else held.owner if held else None)
        if contact.ways:
            return Instead(ref, contact)
    return None


def _readme(found: Meant) -> str:
    """Return the README beside the descriptor, or the page of it where the host is known to show one."""
    if found.file:
        beside = (found.file.with_name(name) for name in _READMES)
        return next((str(place) for place in beside if place.is_file()), "")
    source = source_url(found.entity)
    return f"{source}#readme" if source.startswith("https://github.com/") else ""


def _lock(found: Meant) -> Lock | None:
    """Return the lock beside the descriptor; one that cannot be read tells nothing."""
    place = found.file.with_name(LOCK_FILE) if found.file else None
    if place is None or not place.is_file():
        return None
    try:
        return Lock.loads(place.read_text(encoding="utf-8"), file=str(place))
    except (InvalidInput, OSError, UnicodeDecodeError):
        return None
