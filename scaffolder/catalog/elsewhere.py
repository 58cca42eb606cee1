"""
Files of other repositories, as Location entities name them.

`git:ADDRESS@REF:PATH`, or the page of a file on a git host, which means the same. A relative ADDRESS is relative to the
address of the repository that the entity stands in, as those of git's submodules are. What comes from a repository
names no place on this machine, but for the repositories beside its own when that is here.
"""

from __future__ import annotations

import os
import posixpath
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from scaffolder.catalog.roots import Origin, Unreadable
from scaffolder.gateways.git_address import without_user
from scaffolder.gateways.git_directory import RefInvalid, check_ref
from scaffolder.gateways.git_relative import AddressForbidden, is_relative
from scaffolder.gateways.git_relative import resolved as in_full
from scaffolder.tree import PathEscapes, contained

GIT = "git:"
"""What the name of a file of another repository begins with."""

_TARGET = re.compile(r"git:(?!//)(?P<address>.+)@(?P<ref>[^@:]+):(?P<path>[^:]+)", re.DOTALL)
_PAGES = tuple(
    re.compile(rf"(?P<repository>https?://[^/]+{owner}/[^/]+){way}/(?P<ref>[^/]+)/(?P<path>.+)", re.IGNORECASE)
    for owner, way in (
        (r"(?:/[^/]+)+?", r"/-/(?:blob|raw)"),  # GitLab
        (r"/[^/]+", r"/(?:blob|raw)"),  # GitHub
        (r"/[^/]+", r"/(?:src|raw)/(?:branch|tag|commit)"),  # Gitea
        (r"/[^/]+", r"/src"),  # Bitbucket
    )
)


class FileElsewhere(NamedTuple):
    """A file of another repository, on a branch, at a tag or at a commit of it."""

    address: str
    ref: str
    path: str

    @classmethod
    def parse(cls, text: str) -> FileElsewhere | None:
        """Return what a target names, the address as it stands there; None when it is no file of another repository."""
        text = text.removeprefix("url:")
        if found := _TARGET.fullmatch(text):
            return cls(**found.groupdict())
        page = next((found for form in _PAGES if (found := form.fullmatch(re.sub(r"[?#].*", "", text)))), None)
        if page is None:
            return None
        return cls(f"{page['repository'].removesuffix('.git')}.git", page["ref"], unquote(page["path"]))

    @property
    def repository(self) -> str:
        """What the names of the files on this ref of the repository begin with."""
        return f"{GIT}{self.address}@{self.ref}:"

    def __str__(self) -> str:
        return f"{self.repository}{self.path}"


def resolved(file: FileElsewhere, origin: Origin) -> FileElsewhere:
    """
    Return a file with its address in full, without credentials, as a target that stands at `origin` means it.

    Raises:
        Unreadable: The address, the ref or the path is none, or one that may not be named there.
    """
    try:
        return FileElsewhere(_absolute(file.address, origin), check_ref(file.ref), contained(file.path))
    except PathEscapes:
        raise Unreadable(str(file), "leads outside its repository") from None
    except RefInvalid as error:
        raise Unreadable(str(file), f"names no branch or tag: {error.message}") from None


def is_same(one: str, other: str) -> bool:
    """Tell whether two targets name one file, however their repository is reached."""
    first, second = FileElsewhere.parse(one), FileElsewhere.parse(other)
    if first is None or second is None:
        return one == other
    return (_plain(first.address), *first[1:]) == (_plain(second.address), *second[1:])


def _plain(address: str) -> str:
    """Return host and path of an address: a repository is cloned by one and pushed to by another."""
    text = re.sub(r"^[a-z+]+://", "", without_user(address), flags=re.IGNORECASE)
    user, at, rest = text.partition("@")
    host, colon, path = (rest if at and "/" not in user else text).partition("/")
    if ":" in host:
        host, _, first = host.partition(":")
        path = path if first.isdecimal() else f"{first}/{path}" if colon else first
    return f"{host.lower()}/{path.strip('/').removesuffix('.git')}"


@lru_cache
def _absolute(address: str, origin: Origin) -> str:
    if origin.by_hand and (path := _path_by_hand(address, origin)):
        return path
    if is_relative(address) and not origin.address:
        raise Unreadable(address, "is relative, and stands in no repository that it could be relative to")
    try:
        return in_full(address, base=origin.address)
    except AddressForbidden as error:
        raise Unreadable(address, error.message.partition("' ")[2]) from None


def _path_by_hand(address: str, origin: Origin) -> str:
    """Return the path that a person means who wrote it down for this machine; '' when it is on another."""
    if address.startswith(("/", "~")):
        return os.path.abspath(os.path.expanduser(address))  # noqa: PTH100, PTH111 - Path raises for a "~" it does not know
    if is_relative(address) and origin.address.startswith("/"):
        return posixpath.normpath(posixpath.join(origin.address, address))
    return ""
