"""
A repository's entities, as a commit has them and as the work tree has them now.

Both are read by the same rules as a location, and paths are the repository's own, so that they can be compared.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from scaffolder.catalog.location import Location, descriptors
from scaffolder.catalog.roots import GLOB, LARGEST, PASSED_OVER, DirectoryRoot, Origin, Unreadable, as_regex
from scaffolder.gateways.git_directory import LINK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scaffolder.gateways.git_checkout import Checkout
    from scaffolder.gateways.git_directory import Blob, GitDirectory

_YAML = (".yaml", ".yml")


class NotThere(Unreadable):
    """A file of a repository cannot be read; the words are the same at each time, so that what is news shows."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "cannot be read: it is no file, too large, or a link that leads outside the repository")


class WorkTreeRoot(DirectoryRoot):
    """The files of a checkout, those that git ignores left out; named as the repository names them."""

    def __init__(self, checkout: Checkout) -> None:
        super().__init__(checkout.top)
        self._checkout = checkout

    @cached_property
    def origin(self) -> Origin:
        """The repository that this is a clone of: its files are looked at as everybody's machine will read them."""
        return super().origin._replace(by_hand=False)

    @cached_property
    def _files(self) -> list[str]:
        return self._checkout.files()

    def label(self, path: str) -> str:
        """Return the path."""
        return path

    def has(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return (self.directory / path).is_file()

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        try:
            return super().read(path)
        except Unreadable as error:
            raise NotThere(path) from error

    def walk(self, directory: str) -> Iterator[str]:
        """Iterate over the files under a directory; hidden directories and other people's are passed over."""
        return _below(self._files, directory)


class CommitRoot:
    """The files of a commit, read when they are asked for; those beside each other in one go."""

    source = ""
    origin = Origin()

    def __init__(self, directory: GitDirectory, commit: str) -> None:
        self._directory = directory
        self._commit = commit
        self._read: dict[str, bytes] = {}

    @cached_property
    def _listed(self) -> Mapping[str, Blob]:
        return self._directory.listing(self._commit)

    @cached_property
    def _beside(self) -> Mapping[str, list[str]]:
        """The YAML files of each directory."""
        found = defaultdict(list)
        for path in self._listed:
            if path.endswith(_YAML):
                found[posixpath.dirname(path)].append(path)
        return found

    def label(self, path: str) -> str:
        """Return the path."""
        return path

    def has(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return path in self._listed

    def stamp(self, path: str) -> str:
        """Return the id of the file's content; '' where there is no such file."""
        return self._listed[path].name if path in self._listed else ""

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        if path in self._listed and self._listed[path].mode == LINK:
            return self._through_link(path)
        if not self._is_plain(path):
            raise NotThere(path)
        if path not in self._read:
            self.fetch([path, *self._beside.get(posixpath.dirname(path), ())])
        return self._read[path]

    def fetch(self, paths: Iterable[str]) -> None:
        """Read files that will be asked for."""
        wanted = [path for path in dict.fromkeys(paths) if path not in self._read and self._is_plain(path)]
        contents = self._directory.blobs([self._listed[path].name for path in wanted]) if wanted else ()
        self._read.update(zip(wanted, contents, strict=True))

    def matches(self, pattern: str) -> list[str]:
        """Return the files a glob stands for."""
        wanted = as_regex(pattern)
        return [path for path in sorted(self._listed) if wanted(path)]

    def walk(self, directory: str) -> Iterator[str]:
        """Iterate over the files under a directory; hidden directories and other people's are passed over."""
        return _below(sorted(self._listed), directory)

    def _is_plain(self, path: str) -> bool:
        listed = self._listed.get(path)
        return listed is not None and listed.mode != LINK and listed.size <= LARGEST

    def _through_link(self, path: str) -> bytes:
        data = self._directory.file(self._commit, path)
        if data is None:
            raise NotThere(path)
        return data


def entities_of(root: WorkTreeRoot | CommitRoot, paths: Sequence[str] = ()) -> Location:
    """
    Return the location of a repository's entities, or of those in some of its files, directories and globs.

    What is not there is left out: it may be there in another commit.
    """
    named = [found for path in paths for found in _named(root, path)]
    walks = [descriptors(root, path) for path in (paths or [""]) if path not in named]
    found = list(dict.fromkeys([*named, *(path for files, _ in walks for path in files)]))
    if isinstance(root, CommitRoot):
        root.fetch(found)
    strict = all(_is_descriptor(path) for path in named) and not any(files and walked for files, walked in walks)
    return Location("", root, tuple(found), walked=not strict)


def _is_descriptor(path: str) -> bool:
    return posixpath.basename(path).startswith("catalog-info")


def _named(root: WorkTreeRoot | CommitRoot, path: str) -> list[str]:
    """Return the files that a path or a glob names."""
    if GLOB.intersection(path):
        return root.matches(path)
    return [path] if path and root.has(path) else []


def _below(paths: Iterable[str], directory: str) -> Iterator[str]:
    prefix = f"{directory}/" if directory else ""
    return (path for path in paths if path.startswith(prefix) and not _is_passed_over(path[len(prefix) :]))


def _is_passed_over(path: str) -> bool:
    return any(part[0] == "." or part in PASSED_OVER for part in path.split("/")[:-1])
