"""What a person wants to know of an entity, in a few lines: who owns it, how to reach them, where things are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.catalog.about import source_url

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def facts(catalog: Catalog, entity: Entity) -> list[tuple[str, str]]:
    """Return name and text of what helps to decide whether to use it."""
    return [
        ("owner", _owner(catalog, entity.owner)),
        ("source", source_url(entity) or "none registered"),
        ("docs", _docs(entity) or "none registered"),
        ("used by", _used_by(catalog, entity) or "nothing registered"),
    ]


def reach(owner: Entity | None) -> str:
    """Return how to reach a team or a person: an address, a link, a chat channel."""
    if owner is None:
        return ""
    profile = owner.spec.get("profile") or {}
    channel = next((text for key, text in owner.annotations.items() if "slack" in key.lower()), "")
    ways = [str(profile.get("email") or ""), *(link.get("url", "") for link in owner.links), channel]
    return " · ".join(filter(None, ways))


def _owner(catalog: Catalog, ref: EntityRef | None) -> str:
    if ref is None:
        return "nobody"
    return " — ".join(filter(None, (ref.name, reach(catalog.get(ref)))))


def _docs(entity: Entity) -> str:
    if "backstage.io/techdocs-ref" in entity.annotations:
        return "in its repository, docs/"
    pages: Sequence[str] = [link["url"] for link in entity.links if "doc" in link.get("title", "").lower()]
    return " · ".join(pages)


def _used_by(catalog: Catalog, entity: Entity) -> str:
    users = [one.target.name for one in catalog.relations(entity.ref) if one.type in USED_BY]
    more = f" and {len(users) - SHOWN} more" if len(users) > SHOWN else ""
    return ", ".join(users[:SHOWN]) + more
