"""
A branch of somebody's repository, with one commit upon what is there.

The commit is made once, in a directory of the task's own, and kept there: said again, the same one is pushed. A branch
that somebody else has made, or moved meanwhile, is left alone.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.errors import Conflict, InvalidInput
from scaffolder.gateways.git_command import git
from scaffolder.gateways.git_directory import GitDirectory
from scaffolder.gateways.git_mirror import Unreachable
from scaffolder.gateways.git_remote import Move, RefsMoved
from scaffolder.gateways.github.client import AGAIN
from scaffolder.gateways.github.git import Remote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from scaffolder.gateways.git_identity import Identity
    from scaffolder.gateways.github.repository_api import RepositoryApi
    from scaffolder.tree import Node

OURS: Final = "refs/scaffolder/ours"
PARENT: Final = "refs/scaffolder/parent"
BEFORE: Final = "refs/scaffolder/before"
"""In the task's directory: our commit, what it is upon, and what the branch named before where there was one."""


class BranchMissing(InvalidInput):
    """A repository has no such branch."""

    def __init__(self, full_name: str, branch: str) -> None:
        super().__init__(f"{full_name} has no branch {branch}", hint="look at the step's targetBranchName for a slip")


class BranchTaken(Conflict):
    """A branch is there, and is not this task's."""

    def __init__(self, full_name: str, branch: str) -> None:
        super().__init__(
            f"{full_name} has a branch {branch} already",
            hint="let the step name another branchName, or add to that one (update: true)",
        )


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch `name` of a repository, and the directory `place` in which its commit is made."""

    repository: RepositoryApi
    name: str
    place: Path

    @property
    def ref(self) -> str:
        """Its full name."""
        return f"refs/heads/{self.name}"

    def check(self, base: str, *, update: bool) -> str:
        """
        Return what it is to be made upon: itself, when it is there and may be added to, else `base`.

        Raises:
            BranchMissing: There is no `base`.
            BranchTaken: The branch is there, and is not to be added to.
        """
        there = self._remote.refs()
        if f"refs/heads/{base}" not in there:
            raise BranchMissing(self.repository.full_name, base)
        if self.ref in there and not update:
            raise BranchTaken(self.repository.full_name, self.name)
        return self.ref if self.ref in there else f"refs/heads/{base}"

    def commit(
        self,
        base: str,
        changes: Mapping[str, Node | None],
        *,
        message: str,
        identity: Identity,
        when: datetime,
        update: bool,
    ) -> str:
        """
        Return our commit, made if need be upon what the branch, or `base`, names now.

        Raises:
            BranchMissing, BranchTaken: See `check`.
        """
        made = self.made
        if made:
            return made
        upon = self.check(base, update=update)
        shutil.rmtree(self.place, ignore_errors=True)
        directory = GitDirectory.init(self.place)
        parent = self._remote.fetch(directory, upon, into=PARENT)
        commit = directory.commit_upon([parent], changes, message=message, identity=identity, when=when)
        if upon == self.ref:
            self._name(BEFORE, parent)
        self._name(OURS, commit)
        return commit

    @property
    def made(self) -> str:
        """Our commit, '' before it is made."""
        return (GitDirectory(self.place).resolve(OURS) or "") if (self.place / "HEAD").is_file() else ""

    @property
    def before(self) -> str:
        """What the branch named before our commit, '' when it was not there."""
        return (GitDirectory(self.place).resolve(BEFORE) or "") if self.made else ""

    @property
    def is_empty(self) -> bool:
        """Whether our commit changes nothing."""
        trees = (f"{ref}^{{tree}}" for ref in (OURS, PARENT))
        ours, theirs = git("rev-parse", *trees, directory=self.place).split()
        return bool(ours == theirs)

    def push(self) -> None:
        """
        Let the branch name our commit.

        Raises:
            BranchTaken: Somebody else has made it, or moved it, meanwhile.
            Unreachable: GitHub does not answer now.
        """
        commit = self.made
        for pause in (*AGAIN, 0.0):
            try:
                self._remote.move(self.place, [Move(self.ref, self.before, commit)])
            except (Unreachable, RefsMoved) as error:
                there = self._remote.refs().get(self.ref, "")
                if there == commit:
                    return  # only the answer was lost, or an earlier attempt had pushed it
                if there != self.before:
                    raise BranchTaken(self.repository.full_name, self.name) from None
                if not pause:
                    raise
                self.repository.client.pause(pause, error.message)
            else:
                return

    def take_back(self, commit: str, before: str) -> str:
        """Let the branch be what it was before our commit, '' is nothing; return '' or why it stays."""
        there = self._remote.refs().get(self.ref, "")
        if not commit or there in {"", before}:
            return ""
        if there != commit:
            return f"the branch {self.name} of {self.repository.full_name} has been used since"
        if not before:
            self._remote.delete({self.ref: commit})
            return ""
        shutil.rmtree(self.place, ignore_errors=True)
        self._remote.fetch(GitDirectory.init(self.place), self.ref, into=OURS, depth=2)
        self._remote.move(self.place, [Move(self.ref, commit, before)])
        return ""

    @property
    def _remote(self) -> Remote:
        return Remote(f"{self.repository.page}.git", self.repository.client.token())

    def _name(self, ref: str, commit: str) -> None:
        git("update-ref", ref, commit, directory=self.place)


def not_ignored(directory: Path, scratch: Path) -> set[str]:
    """Return the files of a directory that its own `.gitignore` files leave; `scratch` is made for git, and removed."""
    nothing = GitDirectory.init(scratch)
    asked = ("ls-files", "--others", "--exclude-standard", "-z")
    try:
        printed = git(
            "-c", f"core.excludesFile={os.devnull}", f"--work-tree={directory}", *asked, directory=nothing.path
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return {os.fsdecode(path) for path in printed.split(b"\0") if path}
