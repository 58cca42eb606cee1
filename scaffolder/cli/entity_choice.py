"""Choosing an entity of the catalog by typing a part of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.app.examples import slug
from scaffolder.catalog.entity import EntityRef
from scaffolder.cli.prompt import Option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.catalog import Catalog, Summary


def options(catalog: Catalog, kinds: Iterable[str]) -> list[Option[str]]:
    """Return an entry for every entity of these kinds."""
    return [option(one) for kind in kinds for one in catalog.entities(kind=kind) if not one.reserved]


def option(entity: Summary) -> Option[str]:
    """Return the entry for one entity; its title is left out where it says nothing new."""
    hint = "" if slug(entity.title) == slug(entity.ref.name) else entity.title
    return Option(str(entity.ref), label(str(entity.ref)), hint=hint)


def label(ref: str) -> str:
    """Return what a person calls an entity: its name, with the namespace only where it is not the usual one."""
    if not ref:
        return ""
    parsed = EntityRef.parse(ref, default_kind="component")
    return parsed.name if parsed.namespace == "default" else f"{parsed.namespace}/{parsed.name}"
