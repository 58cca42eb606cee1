"""
Files held in memory.

A generator makes a tree before anything is written, so that a preview, a digest and a dry run come free and a failure
leaves nothing behind. Paths are relative, POSIX, normalised, and cannot leave the tree.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from scaffolder.errors import Failed, InvalidInput


class PathEscapes(InvalidInput):
    """A path would leave the directory it belongs to."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path!r} leads outside its directory",
            hint="a path of a template or an answer is relative and has no '..' that leaves its root",
        )


class BelongsToGit(InvalidInput):
    """A file or a link would become part of git's own directory, whose files run code in the next git command."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path!r} would be in git's own directory, where a template writes nothing",
            hint="give it another name; what is to be configured or run in a repository, its README can say",
        )


_IN_ITS_PLACE = "something else is in its place: give one of the two another name"
_WAYS_OUT: Final = {
    **dict.fromkeys((errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY), _IN_ITS_PLACE),
    errno.ENAMETOOLONG: "shorten what its name is made of",
}
"""What to do about an error of the file system, by its number."""


class NotWritable(Failed):
    """The file system refused."""

    def __init__(self, path: Path, error: OSError) -> None:
        usual = "free some space or choose another directory (--output-dir), then try again"
        super().__init__(f"cannot write {path}: {_why(error)}", hint=_WAYS_OUT.get(error.errno or 0, usual))


class NotReadable(Failed):
    """The file system refused, or there is something that is neither a file, a link nor a directory."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"cannot read {path}: {reason}", hint="look at its permissions, or leave it out")


class PathTooLong(InvalidInput):
    """A path has more characters than any system takes; to look at each of its parents would fill the memory."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"'{path[:80]}…' is a path of {len(path):,} characters", hint="shorten what its name is made of"
        )


class PathsClash(InvalidInput):
    """Something would have to be a file and a directory at once."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} is both a file and a directory with files in it", hint="rename one of the two")


def _why(error: OSError) -> str:
    """Return the reason in words; copying a tree gathers several, and the last is as good as any."""
    gathered = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return str(gathered[-1][-1]) if gathered else error.strerror or str(error)


class File(NamedTuple):
    """A regular file; `mode` holds the permission bits."""

    data: bytes
    mode: int = 0o644


class Link(NamedTuple):
    """A symbolic link, as it is written."""

    target: str


class Directory(NamedTuple):
    """A directory that is kept even when empty."""

    mode: int = 0o755


Node = File | Link | Directory

_IMPLIED = Directory()
_PERMISSIONS = 0o777
LONGEST_PATH = 4_096
LARGEST_FILE = 512 << 20
"""Bytes of a file that is read: a sparse one takes no room on a disk, and all of the memory."""
# Letters that HFS+ leaves out when it compares names, so that ".g\u200cit" would be ".git" on a Mac.
_IGNORED_BY_HFS = dict.fromkeys((*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF))


def contained(path: str) -> str:
    """
    Return `path` normalised.

    Raises:
        PathEscapes: It is absolute, empty, holds NUL, or climbs out by `..`.
        PathTooLong: No system takes it.
    """
    if len(path) > LONGEST_PATH:
        raise PathTooLong(path)
    normal = os.path.normpath(path)
    if not path or "\0" in path or normal.startswith(("/", "../")) or normal in {"..", "."}:
        raise PathEscapes(path)
    return normal


def belongs_to_git(path: str) -> bool:
    """Tell whether a part of a path is git's own directory on some file system, as git itself sees it."""
    if path.isascii() and "git" not in path.lower():
        return False
    return any(_is_dot_git(part) for part in re.split(r"[/\\]", path))


def _is_dot_git(part: str) -> bool:
    """Compare in any case; NTFS knows short names and streams (after a colon), and drops dots and spaces at the end."""
    return part.translate(_IGNORED_BY_HFS).casefold().partition(":")[0].rstrip(". ") in {".git", "git~1"}


def check_not_gits(path: str, node: Node | None = None) -> None:
    """
    Let pass what is in no git directory, and a link that leads into none.

    Raises:
        BelongsToGit: It is, or does.
    """
    if belongs_to_git(path) or (isinstance(node, Link) and belongs_to_git(node.target)):
        raise BelongsToGit(path)


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

    Raises:
        PathEscapes: A path is not inside.
        PathsClash: A file or link has something below it.
    """

    def __init__(self, nodes: Mapping[str, Node] | None = None) -> None:
        normal = {contained(path): node for path, node in (nodes or {}).items()}
        self._nodes = dict(sorted(normal.items()))
        for path in _parents(self._nodes):
            if not isinstance(self._nodes.get(path, _IMPLIED), Directory):
                raise PathsClash(path)

    def __getitem__(self, path: str) -> Node:
        return self._nodes[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    @classmethod
    def read(cls, root: Path, *, without: frozenset[str] = frozenset()) -> Tree:
        """
        Read a directory; the top-level names `without` are left out. Links are kept as links.

        Raises:
            NotReadable: Something in it cannot be read, or it is no directory.
        """
        try:
            return cls(dict(_scan(os.fspath(root), "", without)))
        except OSError as error:
            raise NotReadable(error.filename or root, error.strerror or str(error)) from error

    def write(self, root: Path) -> None:
        """
        Write everything under `root`, which is made if need be.

        An existing file or link is replaced, never written through. Of a mode only the permissions count, not setuid
        and the like.

        Raises:
            PathEscapes: A link that stands there already leads a path out of `root`.
            NotWritable: The disk is full, or permissions are missing.
        """
        try:
            root.mkdir(parents=True, exist_ok=True)
            real = os.path.realpath(root)
            made = {real}
            for path, node in self._nodes.items():
                _write_node(real, path, node, made)
            for path, node in reversed(self._nodes.items()):
                if isinstance(node, Directory):  # last, as it may be read-only
                    (root / path).chmod(node.mode & _PERMISSIONS)
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


def _parents(paths: Iterable[str]) -> set[str]:
    parents: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in parents:
            parents.add(parent)
            parent = parent.rpartition("/")[0]
    return parents


# Below, paths are text: thousands of files are read and written, and a Path for each would take most of the time.


def _scan(directory: str, prefix: str, without: frozenset[str] = frozenset()) -> Iterator[tuple[str, Node]]:
    with os.scandir(directory) as found:
        entries = [entry for entry in found if entry.name not in without]
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _scan(entry.path, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, _read_node(entry)
    if prefix and not entries:
        yield prefix[:-1], Directory(stat.S_IMODE(os.stat(directory).st_mode))  # noqa: PTH116 - see above


def _read_node(entry: os.DirEntry[str]) -> Node:
    if entry.is_symlink():
        return Link(os.readlink(entry.path))  # noqa: PTH115 - see above
    if not entry.is_file():  # reading a pipe would wait for ever
        raise NotReadable(entry.path, "it is neither a file, a link nor a directory")
    if entry.stat().st_size > LARGEST_FILE:
        raise NotReadable(entry.path, f"it is larger than {LARGEST_FILE >> 20} MB")
    with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123 - see above
        return File(file.read(), stat.S_IMODE(entry.stat().st_mode))


def _write_node(root: str, path: str, node: Node, made: set[str]) -> None:
    place = f"{root}/{path}"
    _make_directory(root, place if isinstance(node, Directory) else place.rpartition("/")[0], made)
    if isinstance(node, Directory):
        return
    try:
        _create(place, node)
    except FileExistsError:
        os.unlink(place)  # noqa: PTH108 - see above
        _create(place, node)


def _create(place: str, node: File | Link) -> None:
    """Make what is not there yet; a link that stands there is not followed."""
    if isinstance(node, Link):
        os.symlink(node.target, place)  # noqa: PTH211 - see above
        return
    with open(place, "xb", buffering=0) as file:  # noqa: PTH123 - see above
        rest = memoryview(node.data)
        while rest:
            rest = rest[file.write(rest) :]
        os.fchmod(file.fileno(), node.mode & _PERMISSIONS)


def _make_directory(root: str, directory: str, made: set[str]) -> None:
    """Make `directory` and its parents below `root`, one by one, refusing to pass through a link that leaves it."""
    if directory in made:
        return
    _make_directory(root, directory.rpartition("/")[0], made)
    with contextlib.suppress(FileExistsError):
        os.mkdir(directory)  # noqa: PTH102 - see above
    if not f"{os.path.realpath(directory)}/".startswith(f"{root.rstrip('/')}/"):
        raise PathEscapes(directory.removeprefix(f"{root}/"))
    made.add(directory)
