"""
What a person has checked out: the files of their work tree, and the commits behind it.

Everything is only read; what a remote has may be fetched. Files that git ignores are not there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_address import Address, without_user
from scaffolder.gateways.git_command import GitFailed, attempt, git
from scaffolder.gateways.git_directory import TRANSFER, GitDirectory, as_id

_WHOLE_HISTORY = "this clone is shallow: git fetch --unshallow   (GitHub Actions: actions/checkout with fetch-depth: 0)"


class CheckoutMissing(InvalidInput):
    """A directory is in no work tree."""

    def __init__(self, here: Path) -> None:
        super().__init__(f"{here} is in no checkout of a git repository", hint="cd into one; git clone makes one")


class RevisionUnknown(InvalidInput):
    """A repository has no such commit."""

    def __init__(self, revision: str, *, hint: str) -> None:
        super().__init__(f"{revision!r} is no branch, tag or commit here", hint=hint)


class NothingInCommon(InvalidInput):
    """Two commits have no common ancestor that is here."""

    def __init__(self, revision: str, *, hint: str) -> None:
        super().__init__(f"{revision} and HEAD have no commit in common here", hint=hint)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree, `top` its topmost directory, and the repository it belongs to."""

    top: Path
    directory: GitDirectory

    @classmethod
    def around(cls, here: Path) -> Self:
        """
        Return the checkout that a directory is in.

        Raises:
            CheckoutMissing: It is in none.
            GitFailed: git refuses to look, because the directory is somebody else's.
        """
        top, directory = (_asked(question, here) for question in ("--show-toplevel", "--absolute-git-dir"))
        return cls(Path(top), GitDirectory(Path(directory)))

    def common_ancestor(self, revision: str) -> str:
        """
        Return the id of the commit where the checked-out branch left another: the merge base.

        Raises:
            RevisionUnknown: There is no such commit, or nothing is committed yet.
            NothingInCommon: The branches have no commit in common, or the clone does not reach back to it.
        """
        theirs, ours = self._commit(revision), self._commit("HEAD")
        done = attempt("merge-base", theirs, ours, directory=self.directory.path)
        found = done.stdout.decode().split()
        if done.returncode == 0 and found:
            return as_id(found[0])
        raise NothingInCommon(revision, hint=self._shallow() or "is it a branch of this repository?")

    def files(self) -> list[str]:
        """Return the paths of the work tree's files: those git tracks, and new ones that it does not ignore."""
        printed = git(
            *("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
            directory=self.directory.path,
            cwd=self.top,
        )
        paths = {os.fsdecode(path) for path in printed.split(b"\0")[:-1]}
        return sorted(path for path in paths if os.path.isfile(self.top / path))  # noqa: PTH113  # a broken link is False

    def remotes(self) -> list[str]:
        """Return the addresses of the repositories it fetches from, `origin`'s first."""
        done = attempt("config", "--null", "--get-regexp", r"^remote\..*\.url$", directory=self.directory.path)
        named = [entry.partition("\n")[::2] for entry in os.fsdecode(done.stdout).split("\0")[:-1]]
        return [address for name, address in sorted(named, key=lambda each: each[0] != "remote.origin.url")]

    def branches_of(self, remote: str, prefix: str, *, form: str) -> str:
        """
        Return what `git for-each-ref` prints, in a form of its own, of a remote's branches whose full names begin so.

        They are fetched first, as `git fetch` would: the clone's own configuration knows how to. A clone that has no
        such remote has none of its branches.

        Raises:
            GitFailed: The other side cannot be read.
        """
        if attempt("config", "--get", f"remote.{remote}.url", directory=self.directory.path).returncode != 0:
            return ""
        tracked = f"refs/remotes/{remote}/{prefix.removeprefix('refs/heads/')}"
        git(
            *("fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
            *(remote, f"+{prefix}*:{tracked}*"),
            directory=self.directory.path,
            timeout=TRANSFER,
        )
        named = form.replace("%(refname)", "refs/heads/%(refname:lstrip=3)")
        printed = git("for-each-ref", f"--format={named}", tracked, directory=self.directory.path)
        return printed.decode(errors="replace")

    def _commit(self, revision: str) -> str:
        """Return the id of the commit that anything means which git knows to read: `main~2`, `@{upstream}`."""
        found = self._meant(revision)
        if found is None:
            raise RevisionUnknown(revision, hint=self._way_out(revision))
        return found

    def _meant(self, revision: str) -> str | None:
        if not revision or not revision.isprintable() or revision.startswith("^"):
            return None
        named = f"{revision}^{{commit}}"
        done = attempt(
            "rev-parse", "--verify", "--quiet", "--end-of-options", named, directory=self.directory.path, cwd=self.top
        )
        return as_id(done.stdout.decode().strip()) if done.returncode == 0 else None

    def _way_out(self, revision: str) -> str:
        if revision == "HEAD":
            return "nothing is committed here yet: git commit"
        if revision and self._meant(f"origin/{revision}"):
            return f"did you mean origin/{revision}?"
        return self._shallow() or "git fetch brings what the other side has; git branch --all lists what is here"

    def _shallow(self) -> str:
        """Return the way out of a clone that holds only the newest commits, '' where it holds all."""
        printed = git("rev-parse", "--is-shallow-repository", directory=self.directory.path)
        return _WHOLE_HISTORY if printed.strip() == b"true" else ""


def cloned_from(directory: Path) -> str:
    """Return the address, without credentials, of the repository that a work tree is a clone of; '' for none."""
    done = attempt("config", "--get", "remote.origin.url", cwd=directory)
    address = os.fsdecode(done.stdout.removesuffix(b"\n")).removeprefix("file://") if done.returncode == 0 else ""
    if not address or "://" in address or Address.parse(address):
        return without_user(address).rstrip("/")
    return os.path.normpath(directory / address)


def _asked(question: str, here: Path) -> str:
    """Return what git says of the work tree around a directory."""
    done = attempt("rev-parse", question, cwd=here)
    if done.returncode == 0:
        return os.fsdecode(done.stdout.removesuffix(b"\n"))
    if b"not a git repository" in done.stderr or b"in a work tree" in done.stderr:
        raise CheckoutMissing(here)
    raise GitFailed("rev-parse", done.stderr)
