"""
Files held in memory.

A generator makes a tree before anything is written, so that a preview, a digest and a dry run come free and a failure
leaves nothing behind. Paths are relative, POSIX, normalised, and cannot leave the tree.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scaffolder.errors import Failed, InvalidInput


class PathEscapes(InvalidInput):
    """A path would leave the directory it belongs to."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path!r} leads outside its directory",
            hint="a path of a template or an answer is relative and has no '..' that leaves its root",
        )


class NotWritable(Failed):
    """The file system refused."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"cannot write {path}: {error.strerror or error}",
            hint="free some space or choose another directory (--output-dir), then try again",
        )


@dataclass(frozen=True, slots=True)
class File:
    """A regular file; `mode` holds the permission bits."""

    data: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, as it is written."""

    target: str


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory that is kept even when empty."""

    mode: int = 0o755


Node = File | Link | Directory


def contained(path: str) -> str:
    """
    Return `path` normalised.

    Raises:
        PathEscapes: It is absolute, empty, holds NUL, or climbs out by `..`.
    """
    normal = os.path.normpath(path)
    if not path or "\0" in path or normal.startswith(("/", "../")) or normal in {"..", "."}:
        raise PathEscapes(path)
    return normal


def link_stays_inside(path: str, target: str) -> bool:
    """Tell whether the link at `path` points to a place inside the tree, by its text alone."""
    if target.startswith("/"):
        return False
    end = os.path.normpath((PurePosixPath(path).parent / target).as_posix())
    return end != ".." and not end.startswith("../")


class Tree(Mapping[str, Node]):
    """
    Paths and what is there, sorted by path.

    Parent directories are implied; a `Directory` is listed where it must exist though empty.
    """

    def __init__(self, nodes: Mapping[str, Node] | None = None) -> None:
        self._nodes = {contained(path): node for path, node in sorted((nodes or {}).items())}

    def __getitem__(self, path: str) -> Node:
        return self._nodes[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    @classmethod
    def read(cls, root: Path, *, without: frozenset[str] = frozenset()) -> Tree:
        """Read a directory; the top-level names `without` are left out. Links are kept as links."""
        nodes: dict[str, Node] = {}
        for base, directories, files in os.walk(root):
            here = Path(base)
            if here == root:
                directories[:] = [name for name in directories if name not in without]
                files = [name for name in files if name not in without]
            directories.sort()
            linked = [name for name in directories if (here / name).is_symlink()]
            for name in (*files, *linked):
                nodes[(here / name).relative_to(root).as_posix()] = _read_node(here / name)
            if here != root and not directories and not files:
                nodes[here.relative_to(root).as_posix()] = Directory(stat.S_IMODE(here.stat().st_mode))
        return cls(nodes)

    def write(self, root: Path) -> None:
        """
        Write everything under `root`, which is made if need be.

        An existing file is replaced; an existing link is never written through.

        Raises:
            NotWritable: The disk is full, or permissions are missing.
        """
        try:
            root.mkdir(parents=True, exist_ok=True)
            real = root.resolve()
            made = {real}
            for path, node in self._nodes.items():
                _write_node(real, path, node, made)
        except OSError as error:
            raise NotWritable(Path(error.filename or root), error) from error

    def digest(self) -> str:
        """Return `sha256:…` over paths, kinds, permissions and contents."""
        total = hashlib.sha256()
        for path, node in self._nodes.items():
            match node:
                case File(data, mode):
                    line = f"file {mode & 0o111:o} {hashlib.sha256(data).hexdigest()}"
                case Link(target):
                    line = f"link {target}"
                case Directory():
                    line = "directory"
            total.update(f"{path}\0{line}\n".encode("utf-8", "surrogateescape"))
        return f"sha256:{total.hexdigest()}"

    def under(self, directory: str) -> Tree:
        """Return the part below `directory`, with paths relative to it. '' and '.' are the whole tree."""
        if directory in {"", "."}:
            return self
        prefix = contained(directory) + "/"
        return Tree({path[len(prefix) :]: node for path, node in self._nodes.items() if path.startswith(prefix)})

    def overlaid(self, other: Mapping[str, Node]) -> Tree:
        """Return this tree with `other` laid over it: where both have a path, `other` wins."""
        return Tree({**self._nodes, **other})

    def files(self) -> Iterator[tuple[str, File]]:
        """Iterate over the regular files."""
        return ((path, node) for path, node in self._nodes.items() if isinstance(node, File))

    def text(self, path: str) -> str | None:
        """Return a file's text, or None when there is no such file or it is not UTF-8."""
        node = self._nodes.get(path)
        if not isinstance(node, File):
            return None
        try:
            return node.data.decode()
        except UnicodeDecodeError:
            return None


def _read_node(path: Path) -> Node:
    if path.is_symlink():
        return Link(str(path.readlink()))
    return File(path.read_bytes(), stat.S_IMODE(path.stat().st_mode))


def _write_node(root: Path, path: str, node: Node, made: set[Path]) -> None:
    place = root / path
    _make_directory(root, place if isinstance(node, Directory) else place.parent, made)
    match node:
        case Directory(mode):
            place.chmod(mode)
        case Link(target):
            place.unlink(missing_ok=True)
            place.symlink_to(target)
        case File(data, mode):
            if place.is_symlink():
                place.unlink()
            place.write_bytes(data)
            place.chmod(mode)


def _make_directory(root: Path, directory: Path, made: set[Path]) -> None:
    """Make `directory` and its parents up to `root`, refusing to pass through a link that leaves it."""
    if directory in made:
        return
    directory.mkdir(parents=True, exist_ok=True)
    if not directory.resolve().is_relative_to(root):
        raise PathEscapes(str(directory.relative_to(root)))
    made.add(directory)
