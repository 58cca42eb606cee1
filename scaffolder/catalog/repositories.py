"""
Git repositories as locations: by their URL, or by a path; `@ref` after it chooses a branch, tag or commit.

They are read from a copy in the cache, and nothing is checked out. A path is a repository when it is a bare one, or
when a ref is given; else it is a directory.
"""

from __future__ import annotations

import re
from pathlib import Path

from scaffolder.catalog.reports import GITHUB
from scaffolder.catalog.roots import CommitRoot, Origin, Unreadable
from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_address import Address, without_user
from scaffolder.gateways.github.names import broken_rule

_PAGE = re.compile(r"https?://.*/(?:blob|tree|raw|src)/.*|https?://.*\.(?:ya?ml|json)", re.IGNORECASE)
_PORT = re.compile(r"[a-z0-9+.-]+://(?:[^/]*@)?(?:\[[^]/]*\]|[^:/]*)(?::\d*)?/", re.IGNORECASE)


class BadLocation(InvalidInput):
    """A text names no place that can be read."""

    def __init__(self, target: str, reason: str, *, hint: str) -> None:
        super().__init__(f"{target} {reason}", hint=hint)


def by_url(target: str) -> Address | None:
    """
    Return the repository on another machine that a URL or `user@host:path` names; None for anything else.

    Raises:
        BadLocation: It is the address of a file or of a page about one.
    """
    address = None if target.startswith("file:") else Address.parse(target.removeprefix("url:"))
    if address is None:
        return None
    if "://" in address.url and not _PORT.match(address.url):
        raise BadLocation(address.url.partition(":")[0] + "://…", "names no port", hint="in a password, '/' is %2F")
    if _PAGE.fullmatch(address.url):
        raise BadLocation(
            address.kept,
            "is on another machine",
            hint="it names one file: give its page on a git host, git:ADDRESS@REF:PATH, or the whole repository",
        )
    return address


def account(target: str) -> str:
    """
    Return how an account on GitHub, `github:OWNER`, is remembered.

    Raises:
        BadLocation: It is none.
    """
    owner = target.removeprefix(GITHUB)
    if broken_rule(f"{owner}/x"):
        raise BadLocation(target, "names no account on GitHub", hint="github:OWNER, for an organisation or a person")
    return f"{GITHUB}{owner.lower()}"


def by_path(path: str) -> Address | None:
    """Return the repository that an absolute path names; None when it is no bare one, and no ref follows."""
    if _is_bare(Path(path)):
        return Address(path)
    if Path(path).exists():
        return None
    parts = ((path[: match.start()], path[match.end() :]) for match in re.finditer("@", path))
    return next((Address(*part) for part in parts if _is_repository(Path(part[0]))), None)


def at_ref(address: Address, *, cache: Path) -> CommitRoot:
    """
    Return what is in a repository now: its copy under `cache` is brought up to date.

    Raises:
        Unreachable: The other machine does not answer.
        RepositoryRefused: There is none, or it cannot be read.
        RefNotFound: It has no such branch, tag or commit.
        BadLocation: It is empty.
    """
    from scaffolder.gateways.git import commit_of, mirror

    copy = mirror(address.url, cache=cache)
    if not address.ref and copy.resolve("HEAD") is None:
        raise BadLocation(address.kept, "has no default branch with commits", hint=f"name one: {address.kept}@BRANCH")
    commit = commit_of(copy, address.ref or "HEAD", where=without_user(address.url))
    return CommitRoot(copy, commit, name=address.kept, origin=Origin(without_user(address.url)))


def on_branch(repository: Path, branch: str) -> CommitRoot:
    """
    Return what is on a branch of a repository on this machine, which is the source of what it describes.

    Raises:
        Unreadable: There is no such branch.
    """
    from scaffolder.gateways.git import GitDirectory

    directory = GitDirectory(repository)
    commit = directory.resolve(f"refs/heads/{branch}") if repository.is_dir() else None
    if commit is None:
        raise Unreadable(str(repository), f"has no branch {branch}, or is no git repository")
    return CommitRoot(
        directory, commit, name=f"git:{repository}@{branch}", source=f"dir:{repository}", origin=Origin(str(repository))
    )


def _is_repository(path: Path) -> bool:
    return (path / ".git").exists() or _is_bare(path)


def _is_bare(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
