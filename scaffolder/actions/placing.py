"""
Writes what a skeleton becomes into the workspace, one entry after the other, as Backstage does.

What is there stays, and so does its mode when it is replaced; a link is written through, and takes the place of another
link. Nothing is written through a link that leads out of the workspace.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import Conflict
from scaffolder.tree import Directory, File, Link, NotWritable, PathEscapes, check_not_gits

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


def place_one(path: str, node: Node, root: Path, *, replace: bool) -> None:
    """
    Write one entry, as `place` does.

    Raises:
        BelongsToGit: It would be in git's own directory.
    """
    check_not_gits(path, node)
    place([(path, node)], root, replace=replace)


def place(entries: Iterable[tuple[str, Node]], root: Path, *, replace: bool) -> None:
    """
    Write entries under `root`; without `replace`, what is there stays.

    Raises:
        InTheWay: A link, or a file in the place of a directory, would have to replace something.
        PathEscapes: A link that stands there already leads a path out of `root`.
        NotWritable: The file system refused.
    """
    real = os.path.realpath(root)
    made = {real}
    for path, node in entries:
        target = os.path.join(real, path)  # noqa: PTH118 - a Path for each of a thousand files takes its time
        try:
            if os.path.lexists(target):
                _meet(target, path, node, replace=replace, real=real)
            else:
                _make(target, path, node, real, made)
        except OSError as error:
            raise NotWritable(Path(target), error) from error


def _meet(target: str, path: str, node: Node, *, replace: bool, real: str) -> None:
    """Write where something stands: a link that leads nowhere is nothing yet."""
    nothing = not os.path.exists(target)  # noqa: PTH110 - as above
    if isinstance(node, Link) and os.path.islink(target) and (replace or nothing):  # noqa: PTH114 - as above
        _inside(os.path.dirname(target), path, real)  # noqa: PTH120 - as above
        os.unlink(target)  # noqa: PTH108 - as above
        os.symlink(node.target, target)  # noqa: PTH211 - as above
    elif nothing:
        _write_through(target, path, node, real)
    else:
        _replace(target, path, node, replace=replace, real=real)


def _replace(target: str, path: str, node: Node, *, replace: bool, real: str) -> None:
    if not replace or (isinstance(node, Directory) and os.path.isdir(target)):  # noqa: PTH112 - as above
        return
    if not isinstance(node, File) or os.path.isdir(target):  # noqa: PTH112 - as above
        raise InTheWay(path)
    _inside(target, path, real)
    Path(target).write_bytes(node.data)


def _write_through(target: str, path: str, node: Node, real: str) -> None:
    """Make the file that a link names which leads nowhere yet."""
    if not isinstance(node, File):
        raise InTheWay(path)
    _inside(target, path, real)
    _write(os.path.realpath(target), node.data, node.mode & 0o777 & ~NOT_FOR_OTHERS)


def _make(target: str, path: str, node: Node, real: str, made: set[str]) -> None:
    """Make what is not there; the directories in `made` are known to be there, and inside."""
    parent = os.path.dirname(target)  # noqa: PTH120 - as above
    if parent not in made:
        _inside(parent, path, real)
        os.makedirs(parent, exist_ok=True)  # noqa: PTH103 - as above
        made.add(parent)
    match node:
        case Directory():
            os.mkdir(target)  # noqa: PTH102 - as above
        case Link(link):
            os.symlink(link, target)  # noqa: PTH211 - as above
        case File(data, mode):
            _write(target, data, mode & 0o777 & ~NOT_FOR_OTHERS)


def _write(target: str, data: bytes, mode: int) -> None:
    opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "wb") as file:
        file.write(data)
        os.fchmod(opened, mode)


def _inside(target: str, path: str, real: str) -> None:
    there = os.path.realpath(target)
    if there != real and not there.startswith(real + os.sep):
        raise PathEscapes(path)
