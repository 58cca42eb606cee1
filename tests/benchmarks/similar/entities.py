"""Catalogs of Backstage entities, made of rows: a component each, an API where it has paths, and the owning groups."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DEFAULT_OWNER = "everyone"
DEFAULT_TYPE = "service"
LONGEST_NAME = 50
PER_FILE = 1_000

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(slots=True)
class Entities:
    """Documents, and the row that each entity's ref (in lower case) stands for; an API's is its component's."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def write(self, directory: Path) -> Path:
        """Write the documents into files of a new directory, so many into each."""
        directory.mkdir(parents=True)
        for start in range(0, len(self.documents), PER_FILE):
            text = yaml.dump_all(
                self.documents[start : start + PER_FILE], Dumper=_Dumper, sort_keys=False, allow_unicode=True
            )
            (directory / f"{start:06}.yaml").write_text(text, encoding="utf-8")
        return directory


def entities_of(rows: Iterable[Mapping[str, Any]]) -> Entities:
    """Return the entities of rows; names get a number, since rows may share theirs."""
    made = Entities()
    owners: set[str] = set()
    for number, row in enumerate(rows):
        extra = row.get("extra") or {}
        owner = slug(extra.get("owner") or extra.get("team") or "") or DEFAULT_OWNER
        owners.add(owner)
        name = f"{slug(row['name'], LONGEST_NAME) or 'entry'}-{number}"
        held = {"lifecycle": "production", "owner": f"group:default/{owner}"}
        spec: dict[str, Any] = {"type": slug(extra.get("type") or "") or DEFAULT_TYPE, **held}
        if paths := extra.get("apis"):
            made.documents.append(_api(f"{name}-api", row["name"], paths, held))
            made.ids[f"api:default/{name}-api"] = row["id"]
            spec["providesApis"] = [f"{name}-api"]
        made.documents.append(_component(name, row, spec))
        made.ids[f"component:default/{name}"] = row["id"]
    made.documents += [_document("Group", owner, {"type": "team", "children": []}) for owner in sorted(owners)]
    return made


def slug(text: str, longest: int = 63) -> str:
    """Return a text as a name or tag: lower case, words joined by dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-")


def _component(name: str, row: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    tags = [tag for text in row.get("tags") or () if (tag := slug(text))]
    said = {"title": row["name"], "description": row["description"], "tags": tags}
    return _document("Component", name, spec, **said, annotations=row.get("annotations"))


def _api(name: str, title: str, paths: Iterable[str], held: Mapping[str, Any]) -> dict[str, Any]:
    described = {"openapi": "3.0.0", "info": {"title": title, "version": "1"}, "paths": {path: {} for path in paths}}
    return _document("API", name, {"type": "openapi", **held, "definition": yaml.safe_dump(described)})


def _document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    said = {key: value for key, value in metadata.items() if value}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": {"name": name, **said}, "spec": spec}
