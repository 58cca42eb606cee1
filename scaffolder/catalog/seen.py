"""What a catalog repository holds at one moment, read from a copy of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from scaffolder.catalog import registration
from scaffolder.catalog.registration import LOCATIONS, branch_of, file_of
from scaffolder.gateways.git_command import GitFailed, attempt, git
from scaffolder.gateways.git_remote import default_branch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.catalog.entity import EntityRef
    from scaffolder.catalog.registration import Entry, ReservedBranch
    from scaffolder.gateways.git_directory import GitDirectory


DEEPEST = 50
"""So many commits of a branch are looked at for the one that says whose it is."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`default` is the default branch, which names `commit`; `branches` are the reserved names, by full branch name."""

    copy: GitDirectory
    default: str
    commit: str
    branches: Mapping[str, ReservedBranch]

    @classmethod
    def read(cls, copy: GitDirectory, *, address: str) -> Self:
        """
        Read the copy of the repository at `address`.

        Raises:
            NoDefaultBranch: There is nothing to build upon.
        """
        default = default_branch(copy, address=address)
        return cls(copy, default, copy.resolve(default) or "", branches(copy))

    def reservation(self, ref: EntityRef) -> ReservedBranch | None:
        """Return who has reserved a name."""
        return self.branches.get(branch_of(ref))

    def file(self, path: str) -> bytes | None:
        """Return a file of the default branch."""
        return self.copy.file(self.commit, path)

    def has(self, entry: Entry) -> bool:
        """Tell whether an entry is on the default branch."""
        text = self.file(entry.path)
        return text is not None and registration.is_entry_of(text, entry.ref, entry.target)

    def waits(self, held: ReservedBranch, entry: Entry) -> bool:
        """Tell whether an entry is on its own branch, as it would be made now."""
        return held.waiting and self.copy.file(held.commit, entry.path) == entry.text

    def is_own_only(self, held: ReservedBranch) -> bool:
        """
        Tell whether a branch has only its own commits beyond the default branch: the reservation, and the entry.

        Merging it brings nothing else along, such as a history that was rewritten since.
        """
        done = attempt("rev-list", "--count", f"{self.commit}..{held.commit}", directory=self.copy.path)
        return done.returncode == 0 and int(done.stdout) <= (2 if held.waiting else 1)

    def merged(self) -> list[ReservedBranch]:
        """Return the branches that wait for nothing any more: somebody merged them, and they were left standing."""
        return [held for held in self.branches.values() if held.waiting and self.registered_at(held.reservation.ref)]

    def registered_at(self, ref: EntityRef) -> str:
        """Return the file that registers a name, '' when none does: called so, or saying that it leads to it."""
        return _registered_at(self.copy, self.commit, ref)

    def registrant(self, path: str) -> tuple[str, datetime | None]:
        """Return who registered what a file says, and when."""
        printed = attempt("log", "-1", "--format=%an <%ae>%x00%at", self.commit, "--", path, directory=self.copy.path)
        found = re.fullmatch(r"(.*)\0(\d{1,11})\s*", printed.stdout.decode(errors="replace"))
        return (found[1], datetime.fromtimestamp(int(found[2]), UTC)) if found else ("", None)


@lru_cache
def _registered_at(copy: GitDirectory, commit: str, ref: EntityRef) -> str:
    """Return what `Seen.registered_at` does: of a commit, it is so for ever."""
    listed = git("ls-tree", "--name-only", "-z", commit, f"{LOCATIONS}/", directory=copy.path)
    paths = {path.lower(): path for path in os.fsdecode(listed).split("\0")}
    if path := paths.get(file_of(ref)):
        return path
    options = ("grep", "--no-color", "--files-with-matches", "-z", "-i", "-F", "-e", ref.key)
    found = attempt(*options, commit, "--", f"{LOCATIONS}/", directory=copy.path)
    if found.returncode > 1:  # 1 is that nothing was found
        raise GitFailed("grep", found.stderr)
    mentioning = (path.partition(":")[2] for path in os.fsdecode(found.stdout).split("\0") if path)
    return next((path for path in mentioning if ref.key in registration.named_in(copy.file(commit, path) or b"")), "")


def branches(copy: GitDirectory) -> dict[str, ReservedBranch]:
    """Return the names that are reserved in the repository of which this is a copy, by full branch name."""
    arguments = ("for-each-ref", f"--format={registration.REF_FORMAT}", registration.BRANCHES)
    found = git(*arguments, directory=copy.path).decode(errors="replace")

    def beneath(held: ReservedBranch) -> ReservedBranch:
        options = (f"--max-count={DEEPEST}", f"--format={registration.LOG_FORMAT}", held.commit, "--not", "HEAD")
        printed = attempt("log", *options, directory=copy.path).stdout.decode(errors="replace")
        return registration.read_beneath(held, printed)

    return {held.branch: held for held in registration.read_branches(found, beneath)}
