"""The first entries of a catalog: the example company, or one's own team."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.gateways.home import private_directory
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from scaffolder.gateways.git import Identity

EXAMPLE = Path(__file__).resolve().parent.parent / "example"


def copy(directory: Path) -> Path:
    """Copy the example company's catalog to `directory`; one that is there already is kept as it is."""
    if directory.is_dir():
        return directory
    try:
        private_directory(directory.parent)
        shutil.copytree(EXAMPLE, directory)
    except OSError as error:
        raise NotWritable(directory, error) from error
    return directory


def slug(text: str) -> str:
    """Return a name of several words as the catalog and the forge write it."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def start(directory: Path, team: str, identity: Identity | None) -> Path:
    """Write a catalog with one team, and the person as its member when git knows them; return its directory."""
    import yaml

    entities = [_group(team)]
    if identity is not None and slug(identity.name):
        entities.append(_user(identity, team))
    try:
        private_directory(directory)
        (directory / "catalog-info.yaml").write_text(yaml.safe_dump_all(entities, sort_keys=False, allow_unicode=True))
    except OSError as error:
        raise NotWritable(directory, error) from error
    return directory


def _group(team: str) -> dict[str, Any]:
    spec = {"type": "team", "profile": {"displayName": team.strip()}, "children": []}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": slug(team)}, "spec": spec}


def _user(identity: Identity, team: str) -> dict[str, Any]:
    profile = {"displayName": identity.name, "email": identity.email}
    spec = {"profile": profile, "memberOf": [slug(team)]}
    metadata = {"name": slug(identity.name)[:63].strip("-")}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": "User", "metadata": metadata, "spec": spec}
