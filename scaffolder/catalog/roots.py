"""
Where the files of a location are: a directory on this machine, or one commit of a repository.

Nothing outside the root can be read through it, by `..`, by an absolute path or by a link. Paths are relative to the
root, with '/'.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
from functools import cache, cached_property
from typing import TYPE_CHECKING, Protocol

from scaffolder.errors import InvalidInput
from scaffolder.tree import File, Link, PathEscapes, contained, link_stays_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scaffolder.tree import Tree

MOST_LINKS = 8
LARGEST = 16 * 1024 * 1024
"""Bytes in one file; a descriptor of this size would take a minute to read."""

# Directories with other people's files in them, where a walk finds descriptors that are not the organisation's.
PASSED_OVER = frozenset({"node_modules", "vendor", "__pycache__", "site-packages", "venv"})
GLOB = frozenset("*?[")


class Unreadable(InvalidInput):
    """A file of a location cannot be read."""

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(f"{label} {reason}")


class Root(Protocol):
    """Files that belong together."""

    @property
    def source(self) -> str:
        """The repository the files are from, as the annotation `backstage.io/source-location` has it; '' for none."""

    def label(self, path: str) -> str:
        """Return what to call a file when talking to a person."""

    def stamp(self, path: str) -> str:
        """Return a text that changes when the file may have changed; '' where there is no such file."""

    def read(self, path: str) -> bytes:
        """
        Return a file's content.

        Raises:
            Unreadable: It is missing, outside the root, too large or no regular file.
        """

    def matches(self, pattern: str) -> list[str]:
        """Return the files a glob (`*`, `?`, `[…]`, `**`) stands for, sorted."""

    def walk(self, directory: str) -> Iterator[str]:
        """Iterate over the files under a directory, sorted; hidden directories and other people's are passed over."""


class DirectoryRoot:
    """A directory on this machine."""

    source = ""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._prefix = str(self.directory).rstrip("/") + "/"

    def label(self, path: str) -> str:
        """Return the file's absolute path."""
        return self._prefix + path

    def stamp(self, path: str) -> str:
        """Return size, times and inode: what an editor, git and rsync cannot all leave alone."""
        try:
            found = os.stat(self._prefix + path)  # noqa: PTH116  # a Path costs more than the call, 10,000 times
        except OSError:
            return ""
        return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        place = self._inside(path)
        try:
            # a fifo would be waited for, a device read for ever
            handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(handle, "rb", buffering=0) as file:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode):
                    raise Unreadable(self.label(path), "is no file")
                if found.st_size > LARGEST:
                    raise _too_large(self.label(path), found.st_size)
                return file.readall()
        except OSError as error:
            raise Unreadable(self.label(path), f"cannot be read: {error.strerror}") from error

    def matches(self, pattern: str) -> list[str]:
        """Return the files a glob stands for."""
        fixed = _fixed_part(pattern)
        wanted = as_regex(pattern)
        return [path for path in self.walk(fixed) if wanted(path)]

    def walk(self, directory: str) -> Iterator[str]:
        """Iterate over the files under a directory, links to files included; links to directories are not followed."""
        top = self._prefix + directory if directory else str(self.directory)
        for base, directories, files in os.walk(top):
            directories[:] = sorted(name for name in directories if name[0] != "." and name not in PASSED_OVER)
            prefix = base[len(self._prefix) :] + "/" if len(base) > len(self._prefix) else ""
            for name in sorted(files):
                yield prefix + name

    def _inside(self, path: str) -> str:
        parent, _, name = path.rpartition("/")
        real = f"{self._real_directory(parent)}/{name}"
        if os.path.islink(real):  # noqa: PTH114  # a Path costs more than the call, 10,000 times
            real = os.path.realpath(real)
        if not real.startswith(self._prefix):
            raise Unreadable(self.label(path), f"leads outside {self.directory}")
        return real

    @cache  # noqa: B019  # a root lives as long as one reading
    def _real_directory(self, path: str) -> str:
        return os.path.realpath(self._prefix + path)


class TreeRoot:
    """Files in memory: what is about to be committed is read as it will be read from the commit."""

    source = ""

    def __init__(self, tree: Tree) -> None:
        self._given = tree

    @property
    def _tree(self) -> Tree:
        return self._given

    def label(self, path: str) -> str:
        """Return the path."""
        return path

    def stamp(self, path: str) -> str:
        """Return something for a file that is there."""
        return "there" if path in self._tree else ""

    def read(self, path: str) -> bytes:
        """Return a file's content, through links that stay inside."""
        node = self._tree.get(path)
        for _ in range(MOST_LINKS):
            if not isinstance(node, Link) or not link_stays_inside(path, node.target):
                break
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), node.target))
            node = self._tree.get(path)
        if not isinstance(node, File):
            raise Unreadable(self.label(path), "is no file there")
        if len(node.data) > LARGEST:
            raise _too_large(self.label(path), len(node.data))
        return node.data

    def matches(self, pattern: str) -> list[str]:
        """Return the files a glob stands for."""
        wanted = as_regex(pattern)
        return [path for path, _ in self._tree.files() if wanted(path)]

    def walk(self, directory: str) -> Iterator[str]:
        """Iterate over the files under a directory."""
        prefix = f"{directory}/" if directory else ""
        return (path for path, _ in self._tree.files() if path.startswith(prefix))


class GitRoot(TreeRoot):
    """One commit of a repository on this machine."""

    def __init__(self, repository: Path, branch: str) -> None:
        self.repository = repository
        self.branch = branch
        self.source = f"dir:{repository}"

    @cached_property
    def _commit(self) -> str:
        from scaffolder.gateways.git import GitDirectory

        found = GitDirectory(self.repository).resolve(f"refs/heads/{self.branch}") if self.repository.is_dir() else None
        if found is None:
            raise Unreadable(str(self.repository), f"has no branch {self.branch}, or is no git repository")
        return found

    @cached_property
    def _tree(self) -> Tree:
        from scaffolder.gateways.git import GitDirectory

        return GitDirectory(self.repository).tree(self._commit)

    def label(self, path: str) -> str:
        """Return the location that names this very file."""
        return f"git:{self.repository}@{self.branch}:{path}"

    def stamp(self, path: str) -> str:
        """Return the commit, while which is the same nothing has changed; '' where it has no such file."""
        return self._commit if path in self._tree else ""


def beside(path: str, target: str) -> str:
    """
    Return the path, in the same root, that `target` means when it stands in the file at `path`.

    Raises:
        Unreadable: It is on another machine, absolute, or climbs out of the root.
    """
    local = target.removeprefix("file:")
    if "://" in target or (":" in local and not local.startswith(("./", "../"))):
        raise Unreadable(target, "is on another machine, or no path: only files of the same location are read")
    try:
        return contained(posixpath.join(posixpath.dirname(path), local))
    except PathEscapes:
        raise Unreadable(target, "leads outside its location") from None


def _too_large(label: str, size: int) -> Unreadable:
    return Unreadable(label, f"is too large: {size // 1_000_000} MB, and at most {LARGEST // 1_000_000} MB are read")


def _fixed_part(pattern: str) -> str:
    """Return the directories of a glob before its first wild part."""
    parts = pattern.split("/")[:-1]
    wild = next((index for index, part in enumerate(parts) if GLOB.intersection(part)), len(parts))
    return "/".join(parts[:wild])


def as_regex(pattern: str) -> Callable[[str], object]:
    """Translate a glob in which `*` stays inside one part of the path and `**` stands for any number of them."""
    parts = pattern.split("/")
    if parts[-1] == "**":
        parts.append("*")
    text = "".join("(?:.*/)?" if part == "**" else _part(part) + "/" for part in parts)
    return re.compile(text.removesuffix("/")).fullmatch


def _part(part: str) -> str:
    """Translate one part of a glob; `fnmatch` would let `*` run over a '/'."""
    wild = {"*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\[!?\]?[^]]*\]|.", part, re.DOTALL)
    return "".join(_set(piece) if len(piece) > 1 else wild.get(piece) or re.escape(piece) for piece in pieces)


def _set(piece: str) -> str:
    inner = piece[1:-1].replace("\\", r"\\")
    return f"[^/{inner[1:]}]" if inner.startswith("!") else f"[{inner}]"
