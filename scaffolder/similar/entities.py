"""What an entity says of itself, as text to compare."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.similar.score import Profile
from scaffolder.similar.text import Part, part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.catalog.entity import Entity

# A definition is somebody's whole document, and what it offers stands near its start.
LONGEST_DEFINITION = 200_000
MOST_PATHS = 60

_PATH = re.compile(r"""(?m)(?:^[ \t]*|["'])(/[^\s"':]{0,200})["']?[ \t]*:""")


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
