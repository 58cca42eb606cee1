"""
Writes what a skeleton becomes into the workspace, one entry after the other, as Backstage does.

What is there stays, and so does its mode when it is replaced; a link is written through. Nothing is written through a
link that leads out of the workspace.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import Conflict
from scaffolder.tree import Directory, File, Link, NotWritable, PathEscapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.tree import Node

NOT_FOR_OTHERS = 0o022
"""What no new file lets others do, whatever the mode of its template."""


class InTheWay(Conflict):
    """Something stands where a link or a directory is to be made."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is there already, and cannot be replaced", hint="let the template delete it in a step before"
        )


def place(entries: Iterable[tuple[str, Node]], root: Path, *, replace: bool) -> None:
    """
    Write entries under `root`; without `replace`, what is there stays.

    Raises:
        InTheWay: A link, or a file in the place of a directory, would have to replace something.
        PathEscapes: A link that stands there already leads a path out of `root`.
        NotWritable: The file system refused.
    """
    real = os.path.realpath(root)
    for path, node in entries:
        target = Path(root, path)
        try:
            if os.path.lexists(target):
                _replace(target, path, node, replace=replace, real=real)
            else:
                _make(target, path, node, real)
        except OSError as error:
            raise NotWritable(target, error) from error


def _replace(target: Path, path: str, node: Node, *, replace: bool, real: str) -> None:
    if not replace or (isinstance(node, Directory) and target.is_dir()):
        return
    if not isinstance(node, File) or target.is_dir():
        raise InTheWay(path)
    _inside(target, path, real)
    target.write_bytes(node.data)


def _make(target: Path, path: str, node: Node, real: str) -> None:
    _inside(target, path, real)
    if isinstance(node, Directory):
        target.mkdir(parents=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    match node:
        case Link(link):
            target.symlink_to(link)
        case File(data, mode):
            target.touch(0o600)
            target.write_bytes(data)
            target.chmod(mode & 0o777 & ~NOT_FOR_OTHERS)


def _inside(target: Path, path: str, real: str) -> None:
    there = os.path.realpath(target)
    if there != real and not there.startswith(real + os.sep):
        raise PathEscapes(path)
