"""
Refs of another repository, moved on the condition that nobody has moved them meanwhile: all or none.

It is git's own compare-and-swap: a push that says for each ref what it named when it was looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.errors import Failed, InvalidInput, TryAgain
from scaffolder.gateways.git_command import GitFailed, attempt, check_address, split_credentials, without_credentials
from scaffolder.gateways.git_directory import TRANSFER, as_id, check_ref
from scaffolder.gateways.git_mirror import Unreachable
from scaffolder.gateways.process import ProgramStalled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.gateways.git_directory import GitDirectory

_HEAD = "ref: refs/heads/"
# What our git says of a ref, and what the other side says, when somebody else was faster, or is just at it.
_MOVED = (
    *(b"stale info", b"fetch first", b"non-fast-forward", b"already exists"),
    *(b"but expected ", b"unable to resolve reference", b".lock': File exists", b"incorrect old value"),
)
_REFUSED = re.compile(r"!\t[^\t]*:(\S+)\t\[[^\]]*\] \((.*)\)")


class Move(NamedTuple):
    """A ref of another repository: what it named when it was looked at, and is to name; '' is that there is none."""

    ref: str
    old: str
    new: str


class RefsMoved(TryAgain):
    """Somebody else has moved one of the refs meanwhile; none was moved."""

    def __init__(self, address: str) -> None:
        super().__init__(f"{without_credentials(address)} has changed meanwhile", hint="try again")


class PushRefused(Failed):
    """The other side does not take it, whoever comes first; its own words. Nothing was moved."""

    def __init__(self, address: str, error: GitFailed) -> None:
        words = [line.removeprefix("remote:").strip() for line in error.details if line.startswith("remote:")]
        refs = [f"{found[1]}: {found[2]}" for line in error.details if (found := _REFUSED.fullmatch(line))]
        said = [word.removeprefix("error: ") for word in words if word] or refs or [error.message]
        hint = error.hint or "a rule of that repository, or a permission you lack there, may be the reason"
        super().__init__(f"{without_credentials(address)} refused: {said[0]}", hint=hint, details=tuple(said[1:]))


class NoDefaultBranch(InvalidInput):
    """A repository has no commit yet, or its HEAD names no branch."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the default branch of {without_credentials(address)} has no commit",
            hint="push a first one there, or let its HEAD name another branch",
        )


def default_branch(copy: GitDirectory, *, address: str) -> str:
    """
    Return the full name of the default branch of the repository at `address`, whose copy this is.

    Raises:
        NoDefaultBranch: It has none, or none with a commit.
    """
    head = (copy.path / "HEAD").read_text(encoding="utf-8").strip()
    branch = head.removeprefix("ref: ")
    if not head.startswith(_HEAD) or copy.resolve(branch) is None:
        raise NoDefaultBranch(address)
    return branch


def move(source: GitDirectory, address: str, moves: Sequence[Move]) -> None:
    """
    Move refs of the repository at `address` to commits of `source`: all of them, or none.

    Raises:
        RefsMoved: One of them does not name any more what it did.
        PushRefused: The other side refused.
        Unreachable: The network is down, or the other side; they may have moved when only the answer was lost.
    """
    url, options, secrets = split_credentials(check_address(address))
    leases = (f"--force-with-lease={check_ref(one.ref)}:{as_id(one.old) if one.old else ''}" for one in moves)
    try:
        done = attempt(
            *options,
            *("push", "--porcelain", "--quiet", "--atomic", "--no-verify", "--no-follow-tags"),
            *("--recurse-submodules=no", *leases, "--", url),
            *(f"{as_id(one.new) if one.new else ''}:{one.ref}" for one in moves),
            directory=source.path,
            extra=secrets,
            timeout=TRANSFER,
        )
    except ProgramStalled as error:
        raise Unreachable(error) from None
    if done.returncode != 0:
        refused = b"".join(line + b"\n" for line in done.stdout.splitlines() if line.startswith(b"!"))
        failure = GitFailed("push", done.stderr + refused, secrets=tuple(secrets.values()))
        if failure.is_of_the_network:
            raise Unreachable(failure)
        raise RefsMoved(address) if _is_of_others(done.stderr, refused) else PushRefused(address, failure)


def follow(copy: GitDirectory, moves: Sequence[Move]) -> None:
    """
    Let refs of the copy of a repository follow what was moved there, so that nothing need be fetched.

    Where the copy has it otherwise, all stays: somebody has brought it up to date meanwhile, or will.
    """
    lines = (f"update {check_ref(one.ref)} {_or_none(one.new, one)} {_or_none(one.old, one)}\n" for one in moves)
    attempt("update-ref", "--stdin", directory=copy.path, stdin="".join(lines).encode())


def _or_none(commit: str, one: Move) -> str:
    """Return a commit as git wants it: there being none is an id of its own."""
    return as_id(commit) if commit else "0" * len(one.old or one.new)


def _is_of_others(words: bytes, refused: bytes) -> bool:
    """Tell whether a push failed because of what somebody else pushed: what a hook says is no sign of it."""
    of_git = b"".join(line for line in words.splitlines() if line.startswith(b"remote: error: cannot lock ref "))
    return any(sign in refused + of_git for sign in _MOVED)
