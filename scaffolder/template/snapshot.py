"""A tree and a few facts about it in one tar file, so that a task can go on with exactly what it began with."""

from __future__ import annotations

import io
import json
import os
import tarfile
from typing import TYPE_CHECKING

from scaffolder.errors import Failed
from scaffolder.tree import Directory, File, Link, Node, NotWritable, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FACTS = "facts.json"
ROOT = "root/"


class SnapshotDamaged(Failed):
    """The kept copy of a template cannot be read."""

    def __init__(self, path: Path, error: Exception) -> None:
        super().__init__(f"the kept copy of the template, {path}, cannot be read: {error}", hint="begin again")


def write(path: Path, tree: Tree, facts: Mapping[str, str]) -> None:
    """Write the file at once or not at all, readable by its owner only."""
    aside = path.with_name(path.name + ".part")
    try:
        aside.unlink(missing_ok=True)
        with (
            os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            _add(archive, FACTS, File(json.dumps(facts).encode()))
            for name, node in tree.items():
                _add(archive, ROOT + name, node)
        aside.replace(path)
    except OSError as error:
        raise NotWritable(path, error) from error


def _add(archive: tarfile.TarFile, name: str, node: Node) -> None:
    entry = tarfile.TarInfo(name)
    match node:
        case File(data, mode):
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
        case Link(target):
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
        case Directory(mode):
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)


def read(path: Path) -> tuple[Tree, dict[str, str]]:
    """
    Return the tree and the facts.

    Raises:
        SnapshotDamaged: The file is missing or not whole.
    """
    nodes: dict[str, Node] = {}
    facts: dict[str, str] = {}
    try:
        with tarfile.open(path, mode="r:") as archive:
            for entry in archive:
                if entry.name == FACTS:
                    facts = json.loads(_data(archive, entry))
                else:
                    nodes[entry.name.removeprefix(ROOT)] = _node(archive, entry)
    except (OSError, tarfile.TarError, ValueError) as error:
        raise SnapshotDamaged(path, error) from error
    return Tree(nodes), facts


def _node(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Node:
    if entry.issym():
        return Link(entry.linkname)
    return Directory(entry.mode) if entry.isdir() else File(_data(archive, entry), entry.mode)


def _data(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    return file.read() if file is not None else b""
