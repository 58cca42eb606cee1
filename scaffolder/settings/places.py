"""
Where the places lead that settings name.

A person's own file names what it likes: paths are relative to it. The settings of a joined repository speak of that
repository and of those beside it; they never name a file or a command on this machine.
"""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_address import Address, without_user
from scaffolder.gateways.git_relative import is_relative, resolved
from scaffolder.template.abbreviations import expanded

if TYPE_CHECKING:
    from scaffolder.catalog.elsewhere import FileElsewhere
    from scaffolder.gateways.github.server import Server
    from scaffolder.settings.document import TemplateEntry
    from scaffolder.template.trusted import Trusted

HEAD = "HEAD"
_SIBLING = re.compile(r"\.\./[^/.~][^/]*")


class Places(Protocol):
    """What the places in a settings file mean."""

    def forge_root(self, text: str) -> Path:
        """Return the directory of the local forge."""

    def repository(self, address: str) -> str:
        """Return the address of a repository, absolute."""

    def location(self, kind: str, target: str) -> str:
        """Return a location of the catalog, of type `file` or `url`, as the catalog remembers it."""

    def template(self, entry: TemplateEntry) -> TemplateEntry:
        """Return a golden path with its source made absolute."""

    def service(self, address: str) -> str:
        """Return the address of a web service in the form it is remembered in."""

    def trusted(self, text: str) -> Trusted:
        """Return a source whose templates may run their own code."""

    def github(self, host: str, api_base_url: str) -> Server:
        """Return the GitHub at a host, '' is github.com, whose API is where it usually is, or at an address."""


@dataclass(frozen=True, slots=True)
class OwnPlaces:
    """The places in a person's own file."""

    file: Path

    def forge_root(self, text: str) -> Path:
        """Return a directory, relative to the file."""
        return self.file.parent / Path(text).expanduser()

    def repository(self, address: str) -> str:
        """Return an address, relative to the repository whose checkout the file is in, else to the file's directory."""
        if is_relative(address) and (origin := self._origin()):
            return resolved(address, base=origin)
        found = Address.parse(address)
        return found.kept if found and not address.startswith("file:") else self._path(address.removeprefix("file://"))

    def location(self, kind: str, target: str) -> str:
        """Return a path relative to the file, or a URL without credentials."""
        if kind == "file":
            return self._path(target)
        if target.startswith("file://"):
            return target.removeprefix("file://")
        if file := _file(target):
            return str(file._replace(address=without_user(file.address)))
        address = Address.parse(target)
        return address.kept if address else target

    def template(self, entry: TemplateEntry) -> TemplateEntry:
        """Return it with a relative directory resolved against the file; URLs and names stay."""
        if entry.source.startswith(("./", "../", "~")):
            return entry._replace(source=str(self.file.parent / Path(entry.source).expanduser()))
        return entry

    def service(self, address: str) -> str:
        """Return the address of a web service, which may be on this machine."""
        from scaffolder.gateways import http

        return http.address(address)

    def trusted(self, text: str) -> Trusted:
        """Return a source; a relative directory is relative to the file."""
        from scaffolder.template.trusted import Trusted

        return Trusted.parse(text, base=self.file.parent)

    def github(self, host: str, api_base_url: str) -> Server:
        """Return the GitHub at a host, whose API may be on this machine."""
        from scaffolder.gateways.github.server import GITHUB, Server

        return Server.of(host or GITHUB, api_base_url)

    def _path(self, target: str) -> str:
        return os.path.abspath(self.file.parent / Path(target).expanduser())  # noqa: PTH100  # Path.absolute keeps ".."

    def _origin(self) -> str:
        """Return where the repository at the file was cloned from, '' when that is no other machine."""
        here = self.file.parent
        if not (here / ".git").exists():
            return ""
        from scaffolder.gateways.git_command import attempt

        origin = os.fsdecode(attempt("config", "--get", "remote.origin.url", cwd=here).stdout).strip()
        found = Address.parse(origin)
        return found.kept if found and not origin.startswith("file:") else ""


class PlaceForbidden(InvalidInput):
    """The settings of a joined repository name a place on this machine."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(f"{text!r} names a place on this machine, which a joined repository may not", hint=hint)


@dataclass(frozen=True, slots=True)
class JoinedPlaces:
    """The places in the settings of the repository at `address`, of which a `commit` on a `branch` was read."""

    address: str
    branch: str
    commit: str

    def forge_root(self, text: str) -> Path:
        """Return a directory beside the repository, when that was reached by a path."""
        beside = Path(self.address).parent / text.removeprefix("../")
        if not self.address.startswith("/") or not _SIBLING.fullmatch(text) or str(beside) == self.address:
            raise PlaceForbidden(text, "leave it out: each person's local forge is in their own data directory")
        return beside

    def repository(self, address: str) -> str:
        """Return the address of this repository or another."""
        return resolved(address, base=self.address)

    def location(self, kind: str, target: str) -> str:
        """Return a file of this repository, as it is on its branch; or another repository."""
        if kind == "url" and (file := _file(target)):
            return str(file._replace(address=resolved(file.address, base=self.address)))
        if kind == "url":
            return resolved(target.removeprefix("url:"), base=self.address)
        path = _inside(target)
        if not path:
            raise PlaceForbidden(target, "name a file of this repository: ./catalog/all.yaml")
        if any(mark in path for mark in "*?["):
            hint = "name each file; or read the whole repository: scaffolder.catalogRepository: ."
            raise InvalidInput(f"{target!r} is a pattern, which is not read in a repository", hint=hint)
        return f"git:{self.address}@{self.branch}:{path}"

    def template(self, entry: TemplateEntry) -> TemplateEntry:
        """Return it as a directory of this repository's commit, or of another repository."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", entry.name):
            raise InvalidInput(f"{entry.name!r} is no name of a golden path: letters, digits, '-', '_' and '.'")
        if (directory := _inside(posixpath.join(entry.directory or "."))) is None:
            raise PlaceForbidden(entry.directory, "name a directory of the source")
        inside = _inside(entry.source) if is_relative(entry.source) else None
        if inside is not None:
            below = posixpath.normpath(posixpath.join(inside, directory))
            return entry._replace(
                source=self.address, ref=entry.ref or self.commit, directory="" if below == "." else below
            )
        source, at_ref = expanded(entry.source)
        source = resolved(source, base=self.address)
        ref = (
            entry.ref or at_ref or (HEAD if source.startswith("/") else "")
        )  # what is committed there, not what lies there
        return entry._replace(source=source, ref=ref, directory=directory)

    def service(self, address: str) -> str:
        """Return the address of a web service on another machine."""
        return _elsewhere(OwnPlaces(Path()).service(address))

    def trusted(self, text: str) -> Trusted:
        """Return a source, which nobody but the person can make trusted: it is only read."""
        return OwnPlaces(Path()).trusted(text)

    def github(self, host: str, api_base_url: str) -> Server:
        """Return the GitHub at a host, on another machine."""
        found = OwnPlaces(Path()).github(host, api_base_url)
        _elsewhere(found.api)
        return found


def _elsewhere(address: str) -> str:
    from scaffolder.gateways.http import host_of, is_loopback

    if is_loopback(host_of(address)):
        raise PlaceForbidden(address, "name the address that everybody uses")
    return address


def _file(target: str) -> FileElsewhere | None:
    """Return the file of a repository that a target names: `git:ADDRESS@REF:PATH`, or its page on a git host."""
    from scaffolder.catalog.elsewhere import FileElsewhere

    return FileElsewhere.parse(target)


def _inside(path: str) -> str | None:
    """Return a relative path that stays inside its repository, '' for the top; None for any other."""
    normal = posixpath.normpath(path)
    if path.startswith(("/", "~")) or ":" in path or normal == ".." or normal.startswith("../"):
        return None
    return "" if normal == "." else normal
