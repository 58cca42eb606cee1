"""Descriptor files for tests, written from short words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def component(name: str, *, owner: str = "payments", more: str = "", spec: str = "") -> str:
    """Return a component's document; `more` goes under metadata, `spec` under spec."""
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n{more}"
        f"spec:\n  type: service\n  lifecycle: production\n  owner: {owner}\n{spec}"
    )


def group(name: str, *, children: str = "[]", spec: str = "", more: str = "") -> str:
    """Return a group's document."""
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: {name}\n{more}"
        f"spec:\n  type: team\n  children: {children}\n{spec}"
    )


def user(name: str, *groups: str, spec: str = "") -> str:
    """Return a user's document."""
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: {name}\n"
        f"spec:\n  memberOf: [{', '.join(groups)}]\n{spec}"
    )


def location(*targets: str, spec: str = "") -> str:
    """Return a location's document."""
    lines = "".join(f"    - {target}\n" for target in targets)
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: all\nspec:\n  targets:\n{lines}{spec}"
    )


def write(directory: Path, files: dict[str, str]) -> Path:
    """Write files, and return the directory."""
    for name, text in files.items():
        place = directory / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return directory
