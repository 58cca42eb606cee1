"""
Addresses of repositories, as people write them: a URL or `user@host:path`, with `@ref` after the path for a branch,
tag or commit.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ADDRESS = re.compile(r"(?P<url>[a-z][a-z0-9+.-]*://[^/]*/[^@]*|[\w.-]+@[\w.-]+:[^@]+)(?:@(?P<ref>.+))?", re.IGNORECASE)
_USER = r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<user>[^/]*)@"

_HOST = r"(?i)[a-z][a-z0-9+.-]*://(?:[^/]*@)?(?P<host>[^/]+)|[\w.-]+@(?P<by_ssh>[\w.-]+):"


class Address(NamedTuple):
    """
    A repository on another machine or on this one, and a ref of it; '' is its default branch.

    `url` is as git takes it, with the credentials that were given; `kept` is what may be shown and written down.
    """

    url: str
    ref: str = ""

    @classmethod
    def parse(cls, text: str) -> Address | None:
        """Return what a URL or `user@host:path` means; None when it is neither."""
        found = _ADDRESS.fullmatch(text)
        return cls(found["url"].rstrip("/"), found["ref"] or "") if found else None

    @property
    def kept(self) -> str:
        """The address and its ref without credentials."""
        return f"{without_user(self.url)}@{self.ref}" if self.ref else without_user(self.url)


def without_user(url: str) -> str:
    """Return a URL without password and user name, which may be a token; ssh keeps the name: nothing else knows it."""
    found = re.match(_USER, url)
    if found is None:
        return url
    user = found["user"].partition(":")[0] + "@" if found["scheme"].lower() == "ssh" else ""
    return f"{found['scheme']}://{user}{url[found.end() :]}"


def host_of(url: str) -> str:
    """Return the machine that a URL or `user@host:path` is on; '' for a path."""
    found = re.match(_HOST, url)
    return (found["host"] or found["by_ssh"]).lower() if found else ""
