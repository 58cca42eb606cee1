"""
Sources whose code may run without a question: an entry of `scaffolder.trust`.

    https://github.com/acme                      everything below, also /acme/x, not /acme-evil
    https://github.com/acme/templates@v1.2       this version of it; or a whole commit, or sha256:… of its content
    /srv/templates                               a directory of this machine

Both sides are brought into one form before they are compared, part by part. What cannot be is trusted by nobody.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import unquote

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.template.source import TemplateSource

SHARED: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com", "git.sr.ht"})
"""Hosts where anybody can have a repository."""
ABBREVIATED: Final = {
    "gh:": "https://github.com/",
    "gl:": "https://gitlab.com/",
    "bb:": "https://bitbucket.org/",
}
GUARDED: Final = frozenset({"https", "ssh"})
"""Schemes by which nobody on the way can put something else in place."""
PORTS: Final = {"https": "443", "ssh": "22"}
ON_DISK: Final = "file//"

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^/@]*@)?(?P<host>[^/:@]+)(?::(?P<port>\d+))?(?P<path>/.*)?", re.IGNORECASE
)
_BY_SSH = re.compile(r"(?:[\w.-]+@)(?P<host>[\w.-]+):(?P<path>[^@]*)")
_PINNED = re.compile(r"(?P<source>.*[^/:])@(?P<pin>[^@/:]+|sha256:[0-9a-f]{64})", re.DOTALL)
_STRANGE = re.compile(r"[\x00-\x20\x7f\\?#*]")


class TrustUnclear(InvalidInput):
    """An entry of `scaffolder.trust` does not say clearly what is trusted."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """A source, by its parts from the left, and the only version of it that counts; '' is any."""

    parts: tuple[str, ...]
    pin: str = ""

    @classmethod
    def parse(cls, text: str, *, base: Path) -> Self:
        """
        Return what an entry means; a relative path is relative to `base`.

        Raises:
            TrustUnclear: It would trust more, or less, than whoever reads it may think.
        """
        found = _PINNED.fullmatch(text)
        source, pin = (found["source"], found["pin"]) if found else (text, "")
        for short, long in ABBREVIATED.items():
            if source.startswith(short):
                source = long + source.removeprefix(short)
        on_disk = not _is_address(source) and source.startswith(("/", ".", "~"))
        place = os.path.join(base, os.path.expanduser(source)) if on_disk else source  # noqa: PTH111, PTH118 - texts
        parts = parts_of(place)
        if parts is None:
            raise TrustUnclear(
                f"{text!r} is no source that can be trusted",
                hint="a directory, or an https or ssh address without '..', wildcards and signs that are escaped",
            )
        if len(parts) == 1 and _is_shared(parts[0]):
            raise TrustUnclear(f"{text!r} would trust everybody there", hint="name at least the owner: …/OWNER")
        return cls(parts, pin)

    def holds(self, source: TemplateSource) -> bool:
        """Tell whether a template comes from there, in that version."""
        within = tuple(source.path.split("/")) if source.path else ()
        own = parts_of(source.location)
        if own is None or ".." in within or (*own, *within)[: len(self.parts)] != self.parts:
            return False
        versions = {source.commit, source.digest, source.version if source.commit else ""}
        return not self.pin or self.pin in versions - {""}


def _is_shared(where: str) -> bool:
    """Tell whether everybody can put something there: the whole of this machine, or a host for all."""
    return where == ON_DISK or where.partition("//")[2].partition(":")[0] in SHARED


def parts_of(source: str) -> tuple[str, ...] | None:
    """
    Return a source in the form in which it is compared: where it is, then each part of its path.

    None for what has no such form: another scheme, a path that climbs or is escaped.
    """
    if _is_address(source):
        where, path = _taken_apart(source)
    else:
        where, path = (ON_DISK, os.path.realpath(source)) if os.path.isabs(source) else ("", "")  # noqa: PTH117 - a text
    if not where or (where != ON_DISK and (_STRANGE.search(path) or unquote(path) != path)):
        return None
    names = path.strip("/").split("/") if path.strip("/") else []
    if any(name in {"", ".", ".."} for name in names):
        return None
    if names and where != ON_DISK:
        names[-1] = names[-1].removesuffix(".git")
    return (where, *names)


def _is_address(source: str) -> bool:
    return bool(_URL.fullmatch(source) or _BY_SSH.fullmatch(source))


def _taken_apart(source: str) -> tuple[str, str]:
    """Return scheme and host of an address as one text, and its path; '' for one that is not guarded."""
    found = _URL.fullmatch(source)
    if found is None:
        by_ssh = _BY_SSH.fullmatch(source)
        return (f"ssh//{by_ssh['host'].lower()}", by_ssh["path"]) if by_ssh else ("", "")
    scheme, host, port = found["scheme"].lower(), found["host"].lower().rstrip("."), found["port"] or ""
    if scheme not in GUARDED:
        return "", ""
    other = f":{port}" if port not in {"", PORTS[scheme]} else ""
    return f"{scheme}//{host}{other}", found["path"] or ""
