"""One template, rendered by cookiecutter and by us."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.template.cookiecutter import Origin, render
from scaffolder.tree import Tree
from tests.template.golden import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.tree import Node

PROJECT = "{{cookiecutter.slug}}"
Found = dict[str, tuple[str, bytes, int]]


@dataclass(frozen=True)
class Pair:
    """What both have made: by path, the kind, the content and the permissions of each entry."""

    theirs: Found
    ours: Found

    def text(self, path: str) -> str:
        return self.ours[path][1].decode()


def template(files: Mapping[str, str | bytes | Node], **variables: Any) -> dict[str, str | bytes | Node]:
    """Return a template by its files; those that do not begin with '/' are in the project's directory."""
    placed = {
        path.removeprefix("/") if path.startswith("/") else f"{PROJECT}/{path}": node for path, node in files.items()
    }
    return {
        "cookiecutter.json": json.dumps(variables if "slug" in variables else {"slug": "boat", **variables}),
        **placed,
    }


def both(directory: Path, files: Mapping[str, str | bytes | Node], answers: Mapping[str, Any] | None = None) -> Pair:
    """Render a template twice; each raises what it raises."""
    place = write(directory / "template", files)
    theirs = by_cookiecutter(place, directory / "out", answers or {})
    return Pair(theirs, by_us(place, directory, answers or {}))


def by_cookiecutter(place: Path, out: Path, answers: Mapping[str, Any]) -> Found:
    from cookiecutter.main import cookiecutter

    given = json.loads(json.dumps(answers))  # it changes what it is given
    made = cookiecutter(
        str(place), no_input=True, extra_context=given, output_dir=str(out), default_config=True, accept_hooks=False
    )
    return found(out / os.path.basename(made), out)  # noqa: PTH119 - a text


def by_us(place: Path, directory: Path, answers: Mapping[str, Any]) -> Found:
    rendered = render(Tree.read(place), answers, origin=Origin(str(place), str(directory / "out"), str(place)))
    (directory / "ours").mkdir()
    rendered.tree.write(directory / "ours" / rendered.name)
    return found(directory / "ours" / rendered.name, directory / "ours")


def found(project: Path, out: Path) -> Found:
    """Return all there is, directories too; nothing may stand beside the project."""
    assert [path.name for path in out.iterdir()] == [project.name]
    entries = {}
    for path in sorted(out.rglob("*")):
        mode = path.lstat().st_mode
        kind = "link" if path.is_symlink() else "directory" if path.is_dir() else "file"
        content = path.read_bytes() if kind == "file" else b""
        entries[path.relative_to(out).as_posix()] = (kind, content, stat.S_IMODE(mode))
    return entries
