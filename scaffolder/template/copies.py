"""The copies that templates elsewhere are read from: kept, brought up to date, and how old they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.errors import ScaffolderError
from scaffolder.template.reference import Remote, Zipped, is_zipped, parsed
from scaffolder.template.repository import is_bare, repository_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def fetch_again(places: Iterable[str], *, cache: Path) -> list[str]:
    """Bring the copies of what templates are in up to date; return why some cannot be."""
    problems = []
    for address in dict.fromkeys(filter(None, map(_copied_from, places))):
        try:
            _copy_again(address, cache)
        except ScaffolderError as error:
            problems.append(error.message)
    return problems


def _copy_again(address: str, cache: Path) -> None:
    if is_zipped(address):
        from scaffolder.template.archives import fetched

        fetched(address, cache=archives_beside(cache))
        return
    from scaffolder.gateways.git import mirror

    mirror(address, cache=cache)


def copied_at(place: str, *, cache: Path) -> float | None:
    """Return when the copy was brought up to date that a template is read from; None when there is no copy."""
    address = _copied_from(place)
    if not address:
        return None
    if is_zipped(address):
        from scaffolder.template.archives import copy_of

        copy = copy_of(address, cache=archives_beside(cache))
    else:
        from scaffolder.gateways.git import copy_of as mirrored

        copy = mirrored(address, cache=cache) / "HEAD"  # which is written anew each time
    return copy.stat().st_mtime if copy.is_file() else None


def _copied_from(place: str) -> str:
    """Return the address of what is copied to read a template; '' where it is read from a directory."""
    wanted = parsed(place, ref="", directory="")
    if isinstance(wanted, Remote | Zipped):
        return wanted.url
    repository = repository_of(wanted.path.resolve())
    return str(repository) if repository and (wanted.ref or is_bare(wanted.path)) else ""


def archives_beside(cache: Path) -> Path:
    """Return where copies of archives are kept: beside those of repositories."""
    return cache.with_name("archives")
