"""
A directory of bare repositories, `OWNER/NAME.git`, that stands where a server would.

A repository is built beside its place, as `.new`, and appears by one rename, with the marker of its task in its own
configuration. Creating and deleting happen under one lock, so what a killed process left in `.new` or `.gone` is in
nobody's use.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import Conflict, Failed
from scaffolder.gateways.forge import (
    Finding,
    Preflight,
    Repository,
    RepositoryNameInvalid,
    RepositorySpec,
    RepositoryTaken,
)
from scaffolder.gateways.git_command import GitFailed, attempt
from scaffolder.gateways.git_directory import GitDirectory, check_ref, lay_out
from scaffolder.gateways.github.names import broken_rule
from scaffolder.gateways.home import private_directory
from scaffolder.gateways.lock import locked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffolder.gateways.forge import ForgeKind, Wish

PATIENCE = 30.0
"""Seconds to wait for another process that creates or deletes."""

_OURS, _MARKER = "scaffolder", "task"
_CONFIGURATION = {
    "core": {"hooksPath": "hooks"},  # the repository's own: a person's global hooks are for their work, not for this
    "receive": {"autogc": "false", "unpackLimit": "1"},  # a push stays one file: unpacking 40 files takes 60 ms longer
}


class ForgeRefused(Failed):
    """The file system does not let us change the forge's directory."""

    def __init__(self, root: Path, error: OSError) -> None:
        super().__init__(
            f"cannot write the local forge in {root}: {error.strerror or error}",
            hint="free some space, make the directory writable for you, or choose another one in scaffolder.yaml",
        )


class RepositoryMissing(Failed):
    """The repository is gone."""

    def __init__(self, full_name: str, forge: str) -> None:
        super().__init__(f"the repository {full_name} is no longer on {forge}", hint="was it deleted or renamed?")


class RefTaken(Conflict):
    """A branch of the repository names something else."""

    def __init__(self, full_name: str, refs: Sequence[str]) -> None:
        super().__init__(
            f"the repository {full_name} has other content at {', '.join(refs)}",
            hint="choose another name (--name, or --repo OWNER/NAME)",
        )


@dataclass(frozen=True, slots=True)
class LocalForge:
    """Hosts repositories in `root`, which is made (0700) by the first write."""

    root: Path
    name: str = "the local forge"
    kind: ForgeKind = "local"

    def preflight(self, wish: Wish) -> Preflight:
        """Return whether the name is free; nothing else could stand in the way."""
        found = self.find(wish.repository.full_name)
        if found is None or found.empty:
            return Preflight(standing=found)
        return Preflight((Finding.of(RepositoryTaken(found.full_name, self.name)),), found)

    def check_name(self, full_name: str) -> None:
        """Check `OWNER/NAME` against GitHub's rules, so that a repository can move there one day."""
        broken = broken_rule(full_name)
        if broken:
            raise RepositoryNameInvalid(broken, hint="choose another one: --repo OWNER/NAME")

    def find(self, full_name: str) -> Repository | None:
        """Return the repository of that name in any letter case, or None."""
        place = self._place(full_name)
        return _describe(place) if os.path.lexists(place) else None

    def expected(self, spec: RepositorySpec) -> Repository:
        """Return what `ensure_repository` would return for a new repository, without touching anything."""
        place = self._place(spec.full_name)
        return Repository(
            full_name=_full_name(place),
            clone_url=str(place),
            page="",
            default_branch=spec.default_branch,
            created_by="",
            empty=True,
        )

    def ensure_repository(self, spec: RepositorySpec, *, marker: str) -> Repository:
        """Return our repository, creating it if need be."""
        check_ref(spec.default_branch)
        found = self.find(spec.full_name)
        if found is None:
            with self._alone():
                found = self.find(spec.full_name) or self._create(spec, marker)
        if found.created_by == marker or (found.empty and not found.created_by):
            return found
        raise RepositoryTaken(found.full_name, self.name)

    def push(self, full_name: str, source: Path, refs: Mapping[str, str]) -> None:
        """Push commits from the git directory `source`, all or none."""
        place = self._place(full_name)
        if not place.exists():
            raise RepositoryMissing(full_name, self.name)
        try:
            GitDirectory(source).push(str(place), refs)
        except GitFailed:
            there = self.refs(full_name)
            taken = [ref for ref, commit in refs.items() if there.get(ref, commit) != commit]
            if taken:
                raise RefTaken(_full_name(place), taken) from None
            if not refs.keys() <= there.keys():  # else only the answer was lost
                raise

    def refs(self, full_name: str) -> dict[str, str]:
        """Return every ref of the repository and the commit it names; none when there is no such repository."""
        place = self._place(full_name)
        return GitDirectory(place).refs() if place.exists() else {}

    def delete_repository(self, full_name: str, *, marker: str, refs: Mapping[str, str]) -> str:
        """Delete our repository, if nobody else has used it since."""
        if self.find(full_name) is None:
            return ""
        with self._alone():
            place = self._place(full_name)
            reason = _reason_to_keep(place, marker, refs)
            return reason or self._delete(place, marker, refs)

    def withdraw(self, full_name: str, refs: Mapping[str, str]) -> str:
        """Take back what `push` put into a repository we did not create."""
        there = self.refs(full_name)
        ours = {ref: commit for ref, commit in refs.items() if there.get(ref) == commit}
        if ours:
            orders = "".join(f"delete {ref} {commit}\n" for ref, commit in ours.items())
            attempt("update-ref", "--no-deref", "--stdin", directory=self._place(full_name), stdin=orders.encode())
        left = sorted(refs.keys() & self.refs(full_name).keys())
        return f"{full_name} has newer content at {', '.join(left)}" if left else ""

    def _place(self, full_name: str) -> Path:
        """Return where a repository is, or would be: in the letter case of what exists."""
        self.check_name(full_name)
        owner, name = full_name.split("/")
        try:
            return _in_any_case(_in_any_case(self.root, owner), f"{name}.git")
        except OSError as error:
            raise ForgeRefused(self.root, error) from error

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else create or delete meanwhile, and clear what somebody killed at it left behind."""
        try:
            private_directory(self.root)
            with locked(self.root / ".lock", patience=PATIENCE):
                for leftover in (".new", ".gone"):
                    shutil.rmtree(self.root / leftover, ignore_errors=True)
                yield
        except OSError as error:
            raise ForgeRefused(self.root, error) from error

    def _create(self, spec: RepositorySpec, marker: str) -> Repository:
        expected = self.expected(spec)
        place = Path(expected.clone_url)
        new = self.root / ".new"
        lay_out(new, branch=spec.default_branch, config={**_CONFIGURATION, _OURS: {_MARKER: marker}})
        (new / "description").write_text(f"{spec.description}\n", encoding="utf-8")
        place.parent.mkdir(mode=0o700, exist_ok=True)
        new.rename(place)
        return replace(expected, created_by=marker)

    def _delete(self, place: Path, marker: str, refs: Mapping[str, str]) -> str:
        """Take the repository off its place, look again whether a push came in meanwhile, and delete it."""
        gone = self.root / ".gone"
        place.rename(gone)
        reason = _reason_to_keep(gone, marker, refs)
        if reason:
            gone.rename(place)
            return reason
        shutil.rmtree(gone)
        with contextlib.suppress(OSError):
            place.parent.rmdir()  # the owner's last one
        return ""


def _in_any_case(directory: Path, name: str) -> Path:
    try:
        names = os.listdir(directory)  # noqa: PTH208 - thousands of names, of which no Path is needed
    except FileNotFoundError:
        names = []
    same = (other for other in sorted(names) if other.lower() == name.lower())
    return directory / (name if name in names else next(same, name))


def _full_name(place: Path) -> str:
    return f"{place.parent.name}/{place.name.removesuffix('.git')}"


def _describe(place: Path) -> Repository:
    """Describe what is at `place`; what is no repository has a name too, and nobody can use it."""
    try:
        refs, head = GitDirectory(place).refs(), (place / "HEAD").read_text(encoding="utf-8")
    except (GitFailed, OSError):
        refs, head = {"refs/heads/": ""}, ""
    return Repository(
        full_name=_full_name(place),
        clone_url=str(place),
        page="",
        default_branch=head.strip().removeprefix("ref: refs/heads/"),
        created_by=_marker_of(place),
        empty=not any(ref.startswith("refs/heads/") for ref in refs),
    )


def _marker_of(place: Path) -> str:
    done = attempt("config", "--file", str(place / "config"), "--get", f"{_OURS}.{_MARKER}")
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def _reason_to_keep(place: Path, marker: str, refs: Mapping[str, str]) -> str:
    if _marker_of(place) != marker:
        return f"{place} was not made by this task"
    more = sorted(ref for ref, commit in GitDirectory(place).refs().items() if refs.get(ref) != commit)
    return f"{place} has been used since: {', '.join(more)}" if more else ""
