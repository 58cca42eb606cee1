"""
A company: what its configuration repository says, its catalog, and its golden paths, as a laptop has them.

Reading it again never takes away what was read before: what cannot be read now is told, and stays as it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scaffolder import profiles, settings
from scaffolder.catalog.reports import Ingest, Progress, silent
from scaffolder.errors import InvalidInput, ScaffolderError, TryAgain
from scaffolder.settings import FILE_NAME, ToolTooOld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scaffolder.app import Scaffolder
    from scaffolder.catalog import Catalog
    from scaffolder.gateways.git import GitDirectory
    from scaffolder.profiles import Profile


class NoCompany(InvalidInput):
    """A repository says nothing of a company."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{address} has no {FILE_NAME} at its top: it is no company's configuration",
            hint=f"to read its catalog entries only: scaffolder catalog add {address}",
        )


class CompanyAway(TryAgain):
    """A repository of a company that is on this machine, or seems to be, is not there now."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place} is not there now", hint="is a disk to be connected? What was read before is kept")


class Report(NamedTuple):
    """Who is told how far it is, and what a person should know although it stops nothing."""

    progress: Progress = silent
    warn: Callable[[str], None] = lambda _text: None


SILENT = Report()


class Configuration(NamedTuple):
    """What the configuration repository holds at one commit."""

    branch: str
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
    return Configuration(ref or _branch(copy), commit, root.read(FILE_NAME))


def _branch(copy: GitDirectory) -> str:
    """Return the default branch's name."""
    head = (copy.path / "HEAD").read_text(encoding="utf-8").strip()
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else "HEAD"


def renew(profile: Profile, *, cache: Path) -> Profile:
    """
    Read the settings of a joined company again, and keep them when they can be used.

    Settings that ask for a newer program are kept too: from then on each command says so.

    Raises:
        ScaffolderError: They cannot be read, or not used; those of before hold.
    """
    _require_there(profile.address)
    found = configuration(profile.address, profile.ref, cache=cache)
    renewed = profile._replace(branch=found.branch, commit=found.commit)
    if renewed == profile:
        return profile
    try:
        settings.joined(renewed, found.text)
    except ToolTooOld:
        profiles.save(renewed, found.text)
        raise
    profiles.save(renewed, found.text)
    return renewed


def take_in(app: Scaffolder, *, whole: bool = False, report: Report = SILENT) -> list[Ingest]:
    """
    Read all that the company's catalog is read from, for the first time or again.

    Its snapshot is taken where there is a newer one; what is wrong with that is told, and stops nothing. Of what stands
    in other repositories only what is new is read then, unless all should be as a `whole`.

    Raises:
        ScaffolderError: The catalog repository cannot be read. What else cannot be is reported as `failed`.
    """
    found = []
    for target in app.settings.catalog_targets:
        shared = target == app.settings.catalog_repository
        try:
            if shared:
                _take_snapshot(app, target, report)
            found.append(_read(app.catalog, target, whole=whole, progress=report.progress))
            if shared:
                app.catalog.note_reserved()
        except (InvalidInput, TryAgain) as error:
            if shared:
                raise
            found.append(Ingest(target, failed=error))
    return found


def _take_snapshot(app: Scaffolder, target: str, report: Report) -> None:
    from scaffolder.app import snapshot

    taken = snapshot.take(app.catalog, target, cache=app.home.cache / "git", signers=app.settings.snapshot_signers)
    if taken is not None and taken.reason:
        report.warn(f"the catalog is read without its snapshot, which takes longer: {taken.reason}")


def _read(catalog: Catalog, target: str, *, whole: bool, progress: Progress) -> Ingest:
    if not catalog.read_at((target,)):
        return catalog.add(target, progress=progress)
    _require_there(target)
    return catalog.refresh(target, elsewhere=whole, progress=progress)[0]


def _read_others(app: Scaffolder, progress: Progress) -> list[Ingest]:
    """Read what a person added beside the company's catalog."""
    found = []
    known = [location.target for location in app.catalog.locations()]
    for target in (each for each in known if each not in app.settings.catalog_targets):
        try:
            found += app.catalog.refresh(target, progress=progress)
        except ScaffolderError as error:
            found.append(Ingest(target, failed=error))
    return found


def _require_there(target: str) -> None:
    if target.startswith("/") and not Path(target).exists():
        raise CompanyAway(target)


def forget_unnamed(app: Scaffolder, profile: Profile) -> Profile:
    """Forget the locations that the settings named before and name no more; what a person added stays."""
    wanted = app.settings.catalog_targets
    known = {location.target for location in app.catalog.locations()} if profile.taken_in != wanted else set()
    for target in known.intersection(profile.taken_in).difference(wanted):
        app.catalog.remove(target)
    return profile._replace(taken_in=wanted)


def refresh(app: Scaffolder, *, whole: bool = False, report: Report = SILENT) -> list[Ingest]:
    """
    Read again what a company shares: what is new of it, or all.

    Raises:
        ScaffolderError: The company's catalog repository cannot be read.
    """
    found = take_in(app, whole=whole, report=report)
    if whole:
        found += _read_others(app, report.progress)
    if app.settings.profile:
        profile = profiles.require(app.settings.profile)
        profiles.save(forget_unnamed(app, profile), profile.settings.read_bytes())
    for problem in renew_golden_paths(app):
        report.warn(problem)
    return found


def renew_golden_paths(app: Scaffolder) -> list[str]:
    """Bring the copies of the golden paths' repositories up to date; return what is wrong with those that cannot be."""
    from scaffolder.template.copies import fetch_again

    return fetch_again(_places(app), cache=app.home.cache / "git")


def golden_paths(app: Scaffolder) -> set[str]:
    """Return the names of the golden paths that are the company's own."""
    return {*app.catalog.templates(), *(entry.name for entry in app.settings.template_sources)}


def _places(app: Scaffolder) -> Iterable[str]:
    return (*app.catalog.templates().values(), *(entry.source for entry in app.settings.template_sources))
