"""What a person calls a template, taken apart: a git repository, a zip file elsewhere, or a place on this machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.gateways.git_address import Address
from scaffolder.template.abbreviations import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

_BROWSED = re.compile(r"(?P<repository>https?://[^/]+/[^/]+/[^/]+)/(?:-/)?(?:blob|tree)/(?P<ref>[^/]+)/(?P<path>.+?)/?")
_PREFIX = re.compile(r"^(?:url:|file:(?://)?|git:(?!//)|git\+(?=[a-z]+://))")
_ZIPPED = re.compile(r"https?://[^?#]+\.zip(?:\?[^#]*)?(?:#.*)?", re.IGNORECASE)
_HELD = re.compile(r"(?P<repository>.+):(?P<path>[^:/][^:]*\.ya?ml)")


class Remote(NamedTuple):
    """A git repository."""

    url: str
    ref: str
    directory: str


class Zipped(NamedTuple):
    """A zip file on a server."""

    url: str
    ref: str
    directory: str


class Local(NamedTuple):
    """A directory, a file or a repository on this machine."""

    path: Path
    ref: str
    directory: str


def split_name(reference: str, names: Mapping[str, str]) -> tuple[str, str]:
    """Take `name@ref` apart, when the name is one of `names`."""
    name, _, ref = reference.partition("@")
    return (name, ref) if name in names and reference not in names else (reference, "")


def parsed(place: str, *, ref: str, directory: str) -> Remote | Zipped | Local:
    """Return where a template is; what is said of its version and directory apart comes before what its place says."""
    given, at_ref = expanded(_PREFIX.sub("", place))
    ref = ref or at_ref
    if is_zipped(given):
        return Zipped(given, ref, directory)
    if browsed := _BROWSED.fullmatch(given):
        return Remote(browsed["repository"], ref or browsed["ref"], directory or browsed["path"])
    given, inside = _held(given)
    directory = directory or inside
    if address := Address.parse(given):
        return Remote(address.url, ref or address.ref, directory)
    path, at_ref = _split_path(given)
    return Local(path, ref or at_ref, directory)


def _held(given: str) -> tuple[str, str]:
    """Take `REPOSITORY[@REF]:PATH` apart, as the catalog calls a file of a repository."""
    found = _HELD.fullmatch(given)
    if found is None or Path(given).exists():
        return given, ""
    is_one = Address.parse(found["repository"]) or _split_path(found["repository"])[0].is_dir()
    return (found["repository"], found["path"]) if is_one else (given, "")


def _split_path(given: str) -> tuple[Path, str]:
    """Take `path@ref` apart; a path that exists as it is written has no ref."""
    whole = Path(given).expanduser()
    places = [match.start() for match in re.finditer("@", given)]
    if whole.exists() or not places:
        return whole, ""
    exists = [at for at in places if Path(given[:at]).expanduser().exists()]
    at = exists[0] if exists else places[-1]
    return Path(given[:at]).expanduser(), given[at + 1 :]


def is_zipped(address: str) -> bool:
    """Tell whether an address is that of a zip file."""
    return _ZIPPED.fullmatch(address) is not None
