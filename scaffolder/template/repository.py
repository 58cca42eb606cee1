"""A repository that a template is read from, part by part: one held in memory, or what is on disk."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, NamedTuple, Protocol

from scaffolder.tree import File, Link, PathEscapes, Tree

if TYPE_CHECKING:
    from pathlib import Path


class Repository(Protocol):
    """Where a template is read from."""

    def part(self, path: str) -> Tree:
        """Return one directory or file, by its paths in the repository."""

    def link(self, path: str) -> Link | None:
        """Return the link at a path, None when there is something else or nothing."""


class InMemory(NamedTuple):
    """A repository whose files are all at hand."""

    whole: Tree

    def part(self, path: str) -> Tree:
        """Return one directory or file, by its paths here."""
        if not path:
            return self.whole
        inside = {there: node for there, node in self.whole.items() if there == path or there.startswith(path + "/")}
        return Tree(inside)

    def link(self, path: str) -> Link | None:
        """Return the link at a path."""
        node = self.whole.get(path)
        return node if isinstance(node, Link) else None


class OnDisk(NamedTuple):
    """A work tree, or a directory in no repository."""

    top: Path

    def part(self, path: str) -> Tree:
        """Return one directory or file, by its paths below the top."""
        place = self.top / path
        if not place.resolve().is_relative_to(self.top):
            raise PathEscapes(path)
        if place.is_file():
            return Tree({path: File(place.read_bytes(), place.stat().st_mode & 0o777)})
        if not place.is_dir():
            return Tree()
        tree = Tree.read(place, without=frozenset({".git"}))
        return Tree({posixpath.join(path, there): node for there, node in tree.items()})

    def link(self, path: str) -> Link | None:
        """Return the link at a path."""
        place = self.top / path
        return Link(os.readlink(place)) if place.is_symlink() else None  # noqa: PTH115 - as it is written


def repository_of(path: Path) -> Path | None:
    """Return the top of the work tree that `path` is in, or `path` itself when it is a bare repository."""
    if is_bare(path):
        return path
    return next((parent for parent in (path, *path.parents) if (parent / ".git").exists()), None)


def is_bare(path: Path) -> bool:
    """Tell whether a directory is a repository without a work tree."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
