"""
What a template's steps fetch from other repositories: an address as a browser shows it, read through git.

`https://HOST/OWNER/REPOSITORY/tree/REF/PATH`, with `blob` or `raw` for a file, as GitHub, GitLab, Gitea and Bitbucket
write it; without a ref, the default branch. A ref may have slashes: the longest that is there is meant. A template
never names a place on this machine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from scaffolder.gateways.git import GitDirectory, RefNotFound, commit_of, mirror
from scaffolder.gateways.git_address import host_of, without_user
from scaffolder.template.errors import TemplateNotFound
from scaffolder.tree import PathEscapes, contained

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.tree import Tree

_SHOWN = re.compile(
    r"(?P<repository>[a-z+]+://[^?#]+?)/(?:-/)?(?:tree|blob|raw|src)/(?:branch/|tag/|commit/)?(?P<rest>[^?#]+)"
)


Pin = tuple[str, str]
"""What an address means: a commit, and a path in it, '' for its top."""


def read(url: str, *, cache: Path, pin: Pin | None = None) -> tuple[Tree, Pin]:
    """
    Return the files of a repository, and what a url names in it: the `pin` itself, where one is given.

    Raises:
        PathEscapes: It names a place on this machine.
        RefNotFound: There is no such branch, tag or commit.
        TemplateNotFound: There is nothing at that path.
        ScaffolderError: As the gateway does.
    """
    shown = _SHOWN.fullmatch(url.rstrip("/"))
    address, rest = (shown["repository"], unquote(shown["rest"])) if shown else (url, "")
    if address.lower().startswith("file:") or not host_of(address):
        raise PathEscapes(url)
    if pin is not None:
        return _pinned(address, pin[0], cache=cache).tree(pin[0]), pin
    copy = mirror(address, cache=cache)
    commit, path = _split(copy, rest, where=without_user(address)) if rest else (_head(copy, address), "")
    tree, place = copy.tree(commit), contained(path) if path else ""
    if place and place not in tree and not tree.under(place):
        raise TemplateNotFound(url, reason=f"the repository has no {place!r}")
    return tree, (commit, place)


def _head(copy: GitDirectory, address: str) -> str:
    return commit_of(copy, "HEAD", where=without_user(address))


def _pinned(address: str, commit: str, *, cache: Path) -> GitDirectory:
    """Return a copy that has a commit: the one that is kept, if it has."""
    where, copy = without_user(address), mirror(address, cache=cache, refresh=False)
    try:
        commit_of(copy, commit, where=where)
    except RefNotFound:
        copy = mirror(address, cache=cache)
        commit_of(copy, commit, where=where)
    return copy


def _split(copy: GitDirectory, rest: str, *, where: str) -> tuple[str, str]:
    """Return the commit that the longest beginning of `rest` names, and the path after it."""
    parts = rest.split("/")
    for length in range(len(parts), 0, -1):
        ref = "/".join(parts[:length])
        try:
            return commit_of(copy, ref, where=where), "/".join(parts[length:])
        except RefNotFound:
            if length == 1:
                raise
    raise AssertionError
