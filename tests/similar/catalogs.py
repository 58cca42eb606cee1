"""Small catalogs for tests, made of real files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scaffolder.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path


def entity(kind: str, name: str, description: str = "", *, spec: dict[str, Any] | None = None, **metadata: Any) -> Any:
    needed: dict[str, dict[str, Any]] = {
        "Component": {"type": "service", "lifecycle": "production", "owner": "team-a"},
        "API": {"type": "openapi", "lifecycle": "production", "owner": "team-a", "definition": "{}"},
        "System": {"owner": "team-a"},
        "Domain": {"owner": "team-a"},
        "Group": {"type": "team", "children": []},
        "User": {"memberOf": []},
    }
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "description": description, **metadata},
        "spec": {**needed[kind], **(spec or {})},
    }


def catalog_of(directory: Path, *entities: Any) -> Catalog:
    """Return a catalog that has taken in these entities; JSON is YAML."""
    file = directory / "all.yaml"
    file.write_text("\n---\n".join(json.dumps(each) for each in entities), encoding="utf-8")
    catalog = Catalog(directory / "catalog.db")
    ingest = catalog.add(str(file))
    assert not ingest.problems
    return catalog
