"""
A company: what its configuration repository says, its catalog, and its golden paths, as a laptop has them.

Reading it again never takes away what was read before: what cannot be read now is told, and stays as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scaffolder import profiles, settings
from scaffolder.catalog.reports import silent
from scaffolder.errors import InvalidInput, ScaffolderError, TryAgain
from scaffolder.settings import FILE_NAME, ToolTooOld

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scaffolder.app import Scaffolder
    from scaffolder.catalog import Ingest
    from scaffolder.catalog.reports import Progress
    from scaffolder.profiles import Profile


class NoCompany(InvalidInput):
    """A repository says nothing of a company."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{address} has no {FILE_NAME} at its top: it is no company's configuration",
            hint=f"to read its catalog entries only: scaffolder catalog add {address}",
        )


class Configuration(NamedTuple):
    """What the configuration repository holds at one commit."""

    commit: str
    text: bytes


def configuration(address: str, ref: str, *, cache: Path) -> Configuration:
    """
    Read a company's settings from its repository; `address` may have credentials.

    Raises:
        NoCompany: There are none.
        RefNotFound: It has no such branch, tag or commit.
        Unreachable: The other machine does not answer.
        RepositoryRefused: There is no such repository, or it cannot be read.
    """
    from scaffolder.catalog.repositories import BadLocation
    from scaffolder.catalog.roots import CommitRoot
    from scaffolder.gateways.git import commit_of, mirror
    from scaffolder.gateways.git_address import without_user

    shown = without_user(address)
    copy = mirror(address, cache=cache)
    if not ref and copy.resolve("HEAD") is None:
        raise BadLocation(shown, "has no default branch with commits", hint="name one: --ref BRANCH")
    commit = commit_of(copy, ref or "HEAD", where=shown)
    root = CommitRoot(copy, commit, name=shown)
    if not root.stamp(FILE_NAME):
        raise NoCompany(shown)
    return Configuration(commit, root.read(FILE_NAME))


def renew(profile: Profile, *, cache: Path) -> Profile:
    """
    Read the settings of a joined company again, and keep them when they can be used.

    Settings that ask for a newer program are kept too: from then on each command says so.
    """
    found = configuration(profile.address, profile.ref, cache=cache)
    if found.commit == profile.commit:
        return profile
    renewed = profile._replace(commit=found.commit)
    try:
        settings.joined(renewed, found.text)
    except ToolTooOld:
        profiles.save(renewed, found.text)
        raise
    profiles.save(renewed, found.text)
    return renewed


def take_in(app: Scaffolder, *, progress: Progress = silent) -> list[Ingest]:
    """
    Read all that the company's catalog is read from, for the first time or again.

    Raises:
        ScaffolderError: The catalog repository cannot be read. What else cannot be is reported as `failed`.
    """
    wanted = app.settings.catalog_targets
    first = app.settings.catalog_repository
    return [_read(app, target, needed=target == first, progress=progress) for target in wanted]


def _read(app: Scaffolder, target: str, *, needed: bool, progress: Progress) -> Ingest:
    from scaffolder.catalog import Ingest

    try:
        return app.catalog.add(target, progress=progress)
    except (InvalidInput, TryAgain) as error:
        if needed:
            raise
        return Ingest(target, failed=error)


def forget_unnamed(app: Scaffolder, profile: Profile) -> Profile:
    """Forget the locations that the settings named before and name no more; what a person added stays."""
    wanted = app.settings.catalog_targets
    known = {location.target for location in app.catalog.locations()} if profile.taken_in != wanted else set()
    for target in known.intersection(profile.taken_in).difference(wanted):
        app.catalog.remove(target)
    return profile._replace(taken_in=wanted)


def refresh(app: Scaffolder, *, progress: Progress = silent) -> list[Ingest]:
    """
    Read everything again that a company shares, and say what changed in the catalog.

    Raises:
        ScaffolderError: The company's catalog repository cannot be read.
    """
    found = take_in(app, progress=progress)
    if app.settings.profile:
        profile = profiles.require(app.settings.profile)
        profiles.save(forget_unnamed(app, profile), profile.settings.read_bytes())
    renew_golden_paths(app)
    return found


def renew_golden_paths(app: Scaffolder) -> list[str]:
    """Bring the copies of the golden paths' repositories up to date; return what is wrong with those that cannot be."""
    from scaffolder.template.source import fetch_again

    return fetch_again(_places(app), cache=app.home.cache / "git")


def golden_paths(app: Scaffolder) -> set[str]:
    """Return the names of the golden paths that are the company's own."""
    return {*app.catalog.templates(), *(entry.name for entry in app.settings.template_sources)}


def _places(app: Scaffolder) -> Iterable[str]:
    return (*app.catalog.templates().values(), *(entry.source for entry in app.settings.template_sources))


def problems(found: Iterable[Ingest]) -> list[ScaffolderError]:
    """Return why locations could not be read."""
    return [each.failed for each in found if each.failed]
