"""Copies of other people's repositories, kept to read templates and catalog files from."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput, TryAgain, did_you_mean
from scaffolder.gateways.git_command import GitFailed, check_address, git, split_credentials
from scaffolder.gateways.git_directory import TRANSFER, GitDirectory, RefNotFound, write_whole
from scaffolder.gateways.home import private_directory
from scaffolder.gateways.lock import locked
from scaffolder.gateways.process import ProgramStalled
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.errors import ScaffolderError

LOOK = 120.0
"""Seconds for a question to another host."""

SNAPSHOT = "refs/scaffolder/snapshot"
"""A ref that is replaced as a whole, again and again: whoever wants it fetches it alone, and no copy keeps it."""

_MIRRORED = ("refs/heads/", "refs/tags/", "refs/scaffolder/")
_DETACHED = "refs/scaffolder-mirror/HEAD"
_SHA256 = {"core": {"repositoryformatversion": "1"}, "extensions": {"objectFormat": "sha256"}}


class Unreachable(TryAgain):
    """Another machine does not answer now."""

    def __init__(self, error: ScaffolderError) -> None:
        super().__init__(error.message, hint=error.hint, details=error.details)


class RepositoryRefused(InvalidInput):
    """There is no such repository, or we may not read it; git's own words."""

    def __init__(self, error: GitFailed) -> None:
        hint = error.hint or "look at the address for a slip; git ls-remote ADDRESS must be able to read it"
        super().__init__(error.message, hint=hint, details=error.details)


def mirror(url: str, *, cache: Path, refresh: bool = True) -> GitDirectory:
    """
    Return a bare copy of a repository's branches and tags, kept under `cache` and brought up to date with `refresh`.

    `HEAD` is the other side's. A path is read like any other address; no password is kept.

    Raises:
        AddressInvalid: The url could be taken for an option or a command.
        Unreachable: The network is down, or the other side.
        RepositoryRefused: There is none, or it cannot be read.
        GitFailed: The transfer broke off.
        NotWritable: The cache cannot be written.
    """
    address, options, secrets = split_credentials(check_address(_absolute(check_address(url))))
    remote = _Remote(address, options, secrets)
    place = _place(address, cache)
    try:
        private_directory(cache)
        with locked(place.with_suffix(".lock"), patience=TRANSFER), of_the_other_side(transfer=True):
            if not (place / "HEAD").is_file():
                _make_mirror(place, remote)
            elif refresh:
                remote.fetch_into(GitDirectory(place), remote.look())
    except OSError as error:
        raise NotWritable(Path(error.filename or place), error) from error
    return GitDirectory(place)


def copy_of(url: str, *, cache: Path) -> Path:
    """Return where the copy of a repository is kept."""
    return _place(split_credentials(check_address(_absolute(check_address(url))))[0], cache)


def _place(address: str, cache: Path) -> Path:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", address.rstrip("/").rsplit("/", 1)[-1]).removesuffix(".git").strip("-.")
    return cache / f"{name[:40]}-{hashlib.sha256(address.encode()).hexdigest()[:16]}.git"


@contextmanager
def of_the_other_side(*, transfer: bool = False) -> Iterator[None]:
    """
    Let what another repository makes fail in the block be told as such; with `transfer`, it is known to be there.

    Raises:
        Unreachable: It does not answer now, or is too slow.
        RepositoryRefused: There is none, or it cannot be read.
        GitFailed: A transfer was refused, or broke off.
    """
    try:
        yield
    except ProgramStalled as error:
        raise Unreachable(error) from None
    except GitFailed as error:
        if error.is_of_the_network:
            raise Unreachable(error) from None
        if transfer:
            raise
        raise RepositoryRefused(error) from None


def commit_of(copy: GitDirectory, ref: str, *, where: str) -> str:
    """
    Return the commit that a ref means in the copy of the repository that a person knows as `where`.

    Raises:
        RefNotFound: There is no such ref; the hint names the nearest, or how to see them.
    """
    commit = copy.resolve(ref)
    if commit is None:
        names = (name.removeprefix("refs/heads/").removeprefix("refs/tags/") for name in copy.refs())
        raise RefNotFound(ref, where, hint=did_you_mean(ref, names) or f"to see them: git ls-remote {where}")
    return commit


def _absolute(address: str) -> str:
    """Return a path in full, so that it means the same from everywhere; any other address as it is."""
    path = os.path.expanduser(address)  # noqa: PTH111 - Path raises for a "~" it does not know
    return os.path.realpath(path) if os.path.exists(path) else address  # noqa: PTH110 - as above, on text


@dataclass(frozen=True, slots=True)
class _Seen:
    """What another repository shows: where its HEAD points ('' when nowhere), and the refs we mirror, unpeeled."""

    head: str
    head_id: str
    refs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Remote:
    """Another repository, and how to say the password."""

    address: str
    options: tuple[str, ...]
    secrets: Mapping[str, str]

    def look(self) -> _Seen:
        with of_the_other_side():
            printed = git(*self.options, "ls-remote", "--symref", "--", self.address, extra=self.secrets, timeout=LOOK)
        head = head_id = ""
        refs = {}
        for line in os.fsdecode(printed).splitlines():
            value, _, name = line.partition("\t")
            if name == "HEAD" and value.startswith("ref: "):
                head = value.removeprefix("ref: ")
            elif name == "HEAD":
                head_id = value
            elif name.startswith(_MIRRORED) and name != SNAPSHOT and not name.endswith("^{}"):
                refs[name] = value
        return _Seen(head, head_id, refs)

    def fetch_into(self, copy: GitDirectory, seen: _Seen) -> None:
        detached = {_DETACHED: seen.head_id} if seen.head_id and not seen.head else {}
        if _unpeeled(copy) != {**seen.refs, **detached}:
            patterns = [*(f"+{prefix}*:{prefix}*" for prefix in _MIRRORED), f"^{SNAPSHOT}"]
            patterns += [f"+HEAD:{_DETACHED}"] if detached else []
            git(
                *self.options,
                *("-c", "fetch.unpackLimit=1"),  # one pack, rather than a file an object
                *("fetch", "--quiet", "--prune", "--no-tags", "--force", "--update-head-ok", "--no-write-fetch-head"),
                *("--no-recurse-submodules", "--", self.address, *patterns),
                directory=copy.path,
                extra=self.secrets,
                timeout=TRANSFER,
            )
        write_whole(
            copy.path / "HEAD", f"ref: {seen.head}\n" if seen.head else f"{seen.head_id or 'ref: refs/heads/main'}\n"
        )


def _make_mirror(place: Path, remote: _Remote) -> None:
    """Build it beside its place, under the caller's lock: what a killed process left there is in nobody's use."""
    partial = place.with_suffix(".partial")
    for leftover in (partial, place):
        shutil.rmtree(leftover, ignore_errors=True)
    seen = remote.look()
    sha256 = any(len(name) == len(hashlib.sha256().hexdigest()) for name in seen.refs.values())
    copy = GitDirectory.init(partial, config=_SHA256 if sha256 else {})
    remote.fetch_into(copy, seen)
    partial.rename(place)


def _unpeeled(directory: GitDirectory) -> dict[str, str]:
    printed = git("for-each-ref", "--format=%(objectname) %(refname)", directory=directory.path)
    return {name: value for value, _, name in (line.partition(" ") for line in os.fsdecode(printed).splitlines())}
