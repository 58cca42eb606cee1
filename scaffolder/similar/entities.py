"""What an entity says of itself, as text to compare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.similar.text import Part, part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.catalog.entity import Entity
    from scaffolder.similar.text import Word

# A definition is somebody's whole document, and what it offers stands near its start.
LONGEST_DEFINITION = 200_000
MOST_PATHS = 60

_TITLE = re.compile(r"""(?m)^[ \t{,]*["']?title["']?[ \t]*:[ \t]*(.{1,200})$""")
_PATH = re.compile(r"""(?m)(?:^[ \t]*|["'])(/[^\s"':]{0,200})["']?[ \t]*:""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody is looking for, in words."""

    name: Part
    purpose: Part
    tags: Part
    apis: Part

    @property
    def words(self) -> tuple[Word, ...]:
        """Every word of the query, each key once; those of the purpose first."""
        every = (*self.purpose.words, *self.name.words, *self.tags.words, *self.apis.words)
        return tuple({word.key: word for word in reversed(every)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class Profile:
    """An entity's words, to explain by; `name` holds its title too, `apis` the paths and names of what it provides."""

    name: Part
    purpose: Part
    tags: Part
    apis: Part
    system: Part

    @property
    def known(self) -> frozenset[str]:
        """The keys it knows of itself; its system is said elsewhere."""
        return self.name.known | self.purpose.known | self.tags.known | self.apis.known

    def says(self, word: Word) -> bool:
        """Tell whether any part means `word`."""
        return word.means(self.known) or self.system.says(word)


def profile(entity: Entity, apis: Iterable[Entity] = ()) -> Profile:
    """Return what `entity` says, and what the `apis` say that it provides."""
    offered = [entity, *apis] if entity.kind.lower() == "api" else [*apis]
    return Profile(
        name=_name(entity),
        purpose=part(entity.description),
        tags=part(" ".join(entity.tags)),
        apis=part(" ".join(text for api in offered for text in _offers(api, spoken_for=api is not entity))),
        system=part(entity.system.name if entity.system else ""),
    )


def _name(entity: Entity) -> Part:
    return part(entity.name if entity.title == entity.name else f"{entity.name} {entity.title}")


def _offers(api: Entity, *, spoken_for: bool) -> Iterable[str]:
    if spoken_for:
        yield from (api.name, api.title, api.description)
    yield from paths(api)


def paths(api: Entity) -> list[str]:
    """Return the paths an API's definition names, read without parsing it: it is large, and may be in any format."""
    definition = api.spec.get("definition")
    if not isinstance(definition, str):
        return []
    return _PATH.findall(definition[:LONGEST_DEFINITION])[:MOST_PATHS]


def api_title(api: Entity) -> str:
    """Return the title that an API's definition gives it, read as `paths` are."""
    definition = api.spec.get("definition")
    found = _TITLE.search(definition[:LONGEST_DEFINITION]) if isinstance(definition, str) else None
    return found[1].strip(" \t\"',") if found else ""
