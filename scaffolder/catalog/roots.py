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
from typing import TYPE_CHECKING, NamedTuple, Protocol

from scaffolder.errors import InvalidInput
from scaffolder.tree import File, Link, PathEscapes, contained, link_stays_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from scaffolder.gateways.git_directory import GitDirectory
    from scaffolder.tree import Tree

MOST_LINKS = 8
LARGEST = 16 * 1024 * 1024
"""Bytes in one file; a descriptor of this size would take a minute to read."""

LONGEST_LINK = 4_096
"""Bytes of the path that a link holds."""

MOST_AT_ONCE = 1_000
"""Files of a commit that are read together."""

# Directories with other people's files in them, where a walk finds descriptors that are not the organisation's.
PASSED_OVER = frozenset({"node_modules", "vendor", "__pycache__", "site-packages", "venv"})
GLOB = frozenset("*?[")


class Unreadable(InvalidInput):
    """A file of a location cannot be read."""

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(f"{label} {reason}")


class Origin(NamedTuple):
    """
    Where a Location entity stands: the address of its repository, '' where it is in none.

    `by_hand` tells that a person chose the directory it is in: its paths are that person's.
    """

    address: str = ""
    by_hand: bool = False


_NO_REPOSITORY = Origin()


class Root(Protocol):
    """Files that belong together."""

    @property
    def source(self) -> str:
        """The repository the files are from, as the annotation `backstage.io/source-location` has it; '' for none."""

    @property
    def origin(self) -> Origin:
        """Where the files are, for Location entities that lead to other repositories from here."""

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

    @cached_property
    def origin(self) -> Origin:
        """The repository that this is a clone of, else the directory."""
        from scaffolder.gateways.git_checkout import cloned_from

        return Origin(cloned_from(self.directory) or str(self.directory), by_hand=True)

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
            directories[:] = sorted(name for name in directories if not _is_passed_over(name))
            prefix = base[len(self._prefix) :] + "/" if len(base) > len(self._prefix) else ""
            files.sort()
            yield from [prefix + name for name in files] if prefix else files

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
    origin = _NO_REPOSITORY

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

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


class CommitRoot:
    """One commit of a repository; nothing is checked out, and of its files only those asked for are read."""

    def __init__(
        self,
        repository: GitDirectory,
        commit: str,
        *,
        name: str = "",
        source: str = "",
        origin: Origin = _NO_REPOSITORY,
    ) -> None:
        self.name = name
        self.source = source
        self.origin = origin
        self.commit = commit
        self._repository = repository
        self._blobs = repository.listing(commit)
        self._contents: dict[str, bytes] = {}
        self._expected: list[str] = []

    def expect(self, paths: Iterable[str]) -> None:
        """Note which files will be asked for, so that they can be read together."""
        self._expected = [self._real(path) for path in paths]

    def label(self, path: str) -> str:
        """Return the name of the repository, where it has one, and the path in it."""
        return f"{self.name}:{path}" if self.name else path

    def stamp(self, path: str) -> str:
        """Return the id of the file's content: other commits may have the same."""
        blob = self._blobs.get(self._real(path))
        return blob.name if blob else ""

    def read(self, path: str) -> bytes:
        """Return a file's content, through links that stay inside."""
        real = self._real(path)
        blob = self._blobs.get(real)
        if blob is None:
            raise Unreadable(self.label(path), "is no file there")
        if blob.is_link:
            raise Unreadable(self.label(path), f"leads outside {self.name or 'the repository'}, or in a circle")
        if blob.size > LARGEST:
            raise _too_large(self.label(path), blob.size)
        if blob.name not in self._contents:
            self._fetch(real)
        return self._contents[blob.name]

    def matches(self, pattern: str) -> list[str]:
        """Return the files a glob stands for."""
        wanted = as_regex(pattern)
        return [path for path in self.walk(_fixed_part(pattern)) if wanted(path)]

    def walk(self, directory: str) -> Iterator[str]:
        """Iterate over the files under a directory, in the order in which a checkout would give them."""
        prefix = f"{directory}/" if directory else ""
        return (
            path
            for path in self._walked
            if path.startswith(prefix) and not any(map(_is_passed_over, path[len(prefix) :].split("/")[:-1]))
        )

    @cached_property
    def _walked(self) -> list[str]:
        """The files, and the links that are none to directories."""
        directories = {parent for path in self._blobs for parent in _parents(path)} if self._links else set()
        return sorted((path for path in self._blobs if self._real(path) not in directories), key=_as_walked)

    @cached_property
    def _links(self) -> dict[str, str]:
        links = {path: blob.name for path, blob in self._blobs.items() if blob.is_link and blob.size <= LONGEST_LINK}
        return dict(zip(links, map(os.fsdecode, self._repository.blobs([*links.values()])), strict=True))

    def _real(self, path: str) -> str:
        """Follow links that stay inside, of directories too; one that does not is returned itself."""
        for _ in range(MOST_LINKS if self._links else 0):
            link = next((part for part in (*_parents(path), path) if part in self._links), "")
            if not link or not link_stays_inside(link, self._links[link]):
                return link or path
            target = posixpath.join(posixpath.dirname(link), self._links[link])
            path = posixpath.normpath(target + path[len(link) :])
        return path

    def _fetch(self, path: str) -> None:
        """Read a file, and with it those that will be asked for next: a process for each would take far longer."""
        ahead = self._expected if path in self._expected else self._of_kind(path)
        wanted: dict[str, int] = {}
        for each in ahead[ahead.index(path) :]:
            blob = self._blobs.get(each)
            if blob and not blob.is_link and blob.size <= LARGEST:
                wanted[blob.name] = blob.size
            if len(wanted) >= MOST_AT_ONCE or sum(wanted.values()) > LARGEST:
                break
        self._contents.update(zip(wanted, self._repository.blobs([*wanted]), strict=True))

    def _of_kind(self, path: str) -> list[str]:
        kind = posixpath.splitext(path)[1]
        return [each for each in self._blobs if posixpath.splitext(each)[1] == kind]


class ElsewhereRoot:
    """
    A commit of another repository; a path in here begins with the `repository` it is from, as its whole target does.

    All its files change their stamps together: it is told by the commit whether to look at them at all.
    """

    def __init__(self, repository: str, inside: CommitRoot, commit: str, *, origin: Origin) -> None:
        self.repository = repository
        self.source = inside.source
        self.origin = origin
        self._inside = inside
        self._commit = commit

    def label(self, path: str) -> str:
        """Return the path, which says everything."""
        return path

    def stamp(self, path: str) -> str:
        """Return the commit, '' where it has no such file."""
        return self._commit if self._inside.stamp(self._in(path)) else ""

    def read(self, path: str) -> bytes:
        """Return a file's content, through links that stay inside."""
        return self._inside.read(self._in(path))

    def matches(self, pattern: str) -> list[str]:
        """Return the files a glob stands for."""
        return [self.repository + path for path in self._inside.matches(self._in(pattern))]

    def walk(self, directory: str) -> Iterator[str]:
        """Iterate over the files under a directory."""
        return (self.repository + path for path in self._inside.walk(self._in(directory)))

    def _in(self, path: str) -> str:
        return path.removeprefix(self.repository)


def beside(path: str, target: str, *, repository: str = "") -> str:
    """
    Return the path, in the same root, that `target` means when it stands in the file at `path`.

    `repository` is what all paths of that root begin with.

    Raises:
        Unreadable: It is on another machine, absolute, or climbs out of the root.
    """
    local = target.removeprefix("file:")
    if local.startswith("~"):
        raise Unreadable(target, "names a place on this machine: a target is relative to the file it stands in")
    if "://" in local or (":" in local and not local.startswith(("./", "../"))):
        raise Unreadable(target, "is on another machine, or no path: only files of the same location are read")
    try:
        return repository + contained(posixpath.join(posixpath.dirname(path.removeprefix(repository)), local))
    except PathEscapes:
        raise Unreadable(target, "leads outside its location") from None


def _is_passed_over(directory: str) -> bool:
    return directory[0] == "." or directory in PASSED_OVER


def _parents(path: str) -> list[str]:
    """Return the directories a path goes through, from the top."""
    return [path[: match.start()] for match in re.finditer("/", path)]


def _as_walked(path: str) -> list[tuple[bool, str]]:
    """Return by what to sort paths, so that the files of a directory come before those below it."""
    *parents, name = path.split("/")
    return [*((True, parent) for parent in parents), (False, name)]


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
