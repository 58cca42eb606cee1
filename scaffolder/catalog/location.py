"""
Locations: where entities are described.

A location is a file, a directory, a glob, a git repository, `git:REPOSITORY@REF:PATH` for one file of a repository (or
its page on a git host), `backstage:URL` for all that a running Backstage knows, or `github:OWNER` for all that an
account on GitHub has.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog.elsewhere import GIT, FileElsewhere, resolved
from scaffolder.catalog.entity import KINDS
from scaffolder.catalog.reading import Found, Known, Read, read_files
from scaffolder.catalog.reports import BACKSTAGE, GITHUB, silent
from scaffolder.catalog.repositories import BadLocation, account, at_ref, by_path, by_url, on_branch
from scaffolder.catalog.roots import GLOB, CommitRoot, DirectoryRoot, Origin, Root, Unreadable
from scaffolder.gateways.git_address import without_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scaffolder.catalog.backstage import Backstage
    from scaffolder.catalog.crawl import Crawl
    from scaffolder.catalog.github import Account
    from scaffolder.catalog.reports import LocationProblem, Progress
    from scaffolder.gateways.git_address import Address
    from scaffolder.gateways.github.client import Client

    AsksGitHub = Callable[[], Client]

__all__ = ["BadLocation", "Found", "Location", "descriptors", "normalised", "opened", "read"]

_REGISTERED = re.compile(rf"locations/(?:{'|'.join(KINDS)})-[^/]+", re.IGNORECASE)
_YAML = (".yaml", ".yml")
_TEMPLATE = ("template.yaml", "template.yml")


class Location(NamedTuple):
    """
    A location, ready to be read.

    `target` is how it is remembered: absolute. `walked` tells that its files were not named by anybody, so that what
    is no entity in them is not an error. Files of other repositories are read through `others`.
    """

    target: str
    root: Root
    paths: tuple[str, ...]
    walked: bool = False
    others: Crawl | None = None

    @property
    def commit(self) -> str:
        """The commit that its files are of; '' where they are of none."""
        return self.root.commit if isinstance(self.root, CommitRoot) else ""

    def read(self, known: Mapping[str, Known] | None = None) -> Read:
        """Read its files; one that is as it was when `known` was written is not parsed."""
        return read_files(self.root, self.paths, walked=self.walked, known=known or {}, others=self.others)


def normalised(target: str) -> str:
    """
    Return a target as it is remembered: absolute, whether or not anything is there.

    Raises:
        BadLocation: It is an address of something else than a repository.
        Unreadable: It is a file of a repository, whose address or path is none.
        AddressRefused: It is a Backstage's, and no address, or one that is not asked.
    """
    if target.startswith(BACKSTAGE):
        from scaffolder.catalog import backstage

        return backstage.normalised(target)
    if target.startswith(GITHUB):
        return account(target)
    if file := _elsewhere(target):
        return str(file)
    if target.startswith(GIT) and not target.startswith("git://"):
        raise BadLocation(
            target,
            "names no file of a repository",
            hint="git:ADDRESS@REF:PATH, as git:orders.git@main:catalog-info.yaml",
        )
    if address := by_url(target):
        return address.kept
    return _absolute(target.removeprefix("file://").removeprefix("file:"))


def opened(
    target: str,
    progress: Progress = silent,
    *,
    cache: Path | None = None,
    others: Crawl | None = None,
    github: AsksGitHub | None = None,
) -> Location | Backstage | Account:
    """
    Find the files of a location; `progress` is told about one that takes its time. Copies of
    repositories are kept under `cache`; without one, they are not read. What Location entities lead to in other
    repositories is read through `others`, what GitHub has through what `github` returns.

    Raises:
        BadLocation: There is nothing there.
        Unreadable: There is no such branch.
        ScaffolderError: Another machine refuses, or does not answer.
    """
    remembered = normalised(target)
    if remembered.startswith(BACKSTAGE):
        from scaffolder.catalog.backstage import Backstage

        return Backstage(remembered, progress)
    if remembered.startswith(GITHUB):
        return _account(remembered, progress, others, github)
    if file := FileElsewhere.parse(remembered):
        return _file_elsewhere(file, cache, others)
    if address := by_url(target) or by_path(remembered):
        return _repository(address, cache)._replace(others=others)
    return _on_disk(remembered)._replace(others=others)


def _account(target: str, progress: Progress, others: Crawl | None, github: AsksGitHub | None) -> Account:
    if others is None or github is None:
        raise BadLocation(target, "is on GitHub, and is not read here", hint=f"scaffolder catalog add {target}")
    from scaffolder.catalog.github import Account
    from scaffolder.catalog.pages import Pages
    from scaffolder.gateways.github.discovery import Discovery

    client = github()
    pages = Pages(others.cache.with_name("github"), f"{target} {client.server.api}")
    return Account(target, Discovery(client, target.removeprefix(GITHUB)), others, pages, progress)


def _on_disk(remembered: str) -> Location:
    place = Path(remembered)
    if place.is_dir():
        return _directory(remembered, place.resolve())
    if place.exists():
        real = place.resolve()
        return _in_repository(remembered, real.parent, real.name)
    if GLOB.intersection(remembered):
        return _glob(remembered)
    raise BadLocation(remembered, "does not exist", hint="give a catalog file, a directory, or a pattern in quotes")


def read(target: str, *, cache: Path | None = None) -> Iterator[Found | LocationProblem]:
    """
    Iterate over the entities of a location and over what is wrong in it; `cache` is as in `opened`.

    Raises:
        BadLocation: There is nothing there.
    """
    whole = opened(target, cache=cache).read()
    for file in whole.files:
        yield from file.found
    yield from whole.problems()


def _elsewhere(target: str) -> FileElsewhere | None:
    """Return the file of a repository that a person means; a path is relative to where they are."""
    file = FileElsewhere.parse(target)
    if file is None:
        return None
    if by_url(file.address):
        return resolved(file, Origin())
    return file._replace(address=_absolute(file.address))


def _file_elsewhere(file: FileElsewhere, cache: Path | None, others: Crawl | None) -> Location:
    """Find one file of a repository; one on this machine is read where it is."""
    if file.address.startswith("/"):
        root: Root = on_branch(Path(file.address), file.ref)
        return Location(str(file), root, (file.path,), others=others)
    if cache is None:
        raise _not_read(file.address)
    from scaffolder.catalog.crawl import Crawl

    return Location(str(file), Crawl(cache).open(file), (str(file),), others=others)


def _not_read(address: str) -> BadLocation:
    return BadLocation(address, "is a repository, and is not read here", hint="clone it, and give the directory")


def _absolute(path: str) -> str:
    if "://" in path or path.startswith("git@"):
        raise BadLocation(
            without_user(path), "is no address of a repository", hint="a path, or https://HOST/OWNER/NAME.git"
        )
    return os.path.abspath(Path(path).expanduser())  # noqa: PTH100  # Path.absolute keeps "..", and resolve follows links


def descriptors(root: Root, directory: str) -> tuple[list[str], bool]:
    """
    Return the descriptors under a directory of a root, and whether nobody named them.

    They are the `catalog-info*.yaml`, templates and what registers services in `locations/`, else every YAML file.
    Below a template lies its skeleton, whose descriptors are not entities yet.
    """
    files = [path for path in root.walk(directory) if path.endswith(_YAML)]
    templates = {posixpath.dirname(path) for path in files if path.endswith(_TEMPLATE) and _is_template(root, path)}
    if templates:
        files = [path for path in files if not _below(path, templates)]
    named = [path for path in files if "catalog-info" in path and posixpath.basename(path).startswith("catalog-info")]
    if not named:
        return files, True
    registered = [path for path in files if _REGISTERED.fullmatch(path[len(directory) :].lstrip("/"))]
    golden = [path for path in files if path.endswith(_TEMPLATE) and posixpath.dirname(path) in templates]
    return sorted({*named, *registered, *golden}), False


def _repository(address: Address, cache: Path | None) -> Location:
    """Find the descriptors in a repository as they would be found in a checkout of it."""
    if cache is None:
        raise _not_read(address.kept)
    root = at_ref(address, cache=cache)
    paths, walked = descriptors(root, "")
    root.expect(paths)
    return Location(address.kept, root, tuple(paths), walked)


def _in_repository(target: str, directory: Path, *names: str) -> Location:
    """Return the location of files in a directory; its root is the repository they are in, or the directory."""
    home, prefix = _home(directory)
    return Location(target, DirectoryRoot(home), tuple(posixpath.join(prefix, name) for name in names))


def _directory(target: str, directory: Path) -> Location:
    home, prefix = _home(directory)
    root = DirectoryRoot(home)
    paths, walked = descriptors(root, prefix)
    return Location(target, root, tuple(paths), walked)


def _home(directory: Path) -> tuple[Path, str]:
    """Return the repository that a directory is in, or the directory itself, and the way from there to it."""
    home = next((parent for parent in (directory, *directory.parents) if (parent / ".git").exists()), directory)
    return home, directory.relative_to(home).as_posix() if directory != home else ""


def _is_template(root: Root, path: str) -> bool:
    """Tell whether a `template.yaml` is a golden path; clouds have files of that name too."""
    try:
        return re.search(rb"^kind:\s*Template\b", root.read(path), re.MULTILINE) is not None
    except Unreadable:
        return False


def _below(path: str, templates: set[str]) -> bool:
    """Tell whether a file is in a directory under a template's; beside `template.yaml` it is not."""
    parents = [parent.as_posix() for parent in Path(path).parents][1:]
    return any(("" if parent == "." else parent) in templates for parent in parents)


def _glob(target: str) -> Location:
    parts = Path(target).parts
    wild = next(index for index, part in enumerate(parts) if GLOB.intersection(part))
    fixed = Path(*parts[:wild]).resolve()
    paths = DirectoryRoot(fixed).matches("/".join(parts[wild:]))
    if not paths:
        raise BadLocation(target, "fits no file", hint="put the pattern in quotes; ** stands for any directories")
    return _in_repository(target, fixed, *paths)
