"""Where an entity takes a person who uses it, or contributes to it; and who uses it already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.catalog.about import source_url

if TYPE_CHECKING:
    from scaffolder.catalog import Catalog, Entity, EntityRef

USED_BY = ("dependencyOf", "apiConsumedBy", "apiProvidedBy")
SHOWN = 5


def use_urls(entity: Entity | None) -> list[str]:
    """Return where to begin with using an entity."""
    return list(filter(None, [source_url(entity)])) if entity else []


def contribute_urls(entity: Entity | None) -> list[str]:
    """Return where to talk about a change, and how to make one: on GitHub those pages are known, elsewhere not."""
    source = source_url(entity) if entity else ""
    found = re.match(r"https://github\.com/[^/]+/[^/]+", source)
    return [f"{found[0]}/issues", f"{found[0]}/blob/HEAD/CONTRIBUTING.md"] if found else use_urls(entity)


def used_by(catalog: Catalog, ref: EntityRef) -> str:
    """Name some of those that need it."""
    users = [one.target.name for one in catalog.relations(ref) if one.type in USED_BY]
    more = f" and {len(users) - SHOWN} more" if len(users) > SHOWN else ""
    return ", ".join(users[:SHOWN]) + more
