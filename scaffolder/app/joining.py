"""
Joining a company, and leaving it.

A profile is made aside and appears at once: what fails leaves nothing. What a company has of a person's own, the
repositories of a local forge, outlives it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scaffolder import profiles, settings
from scaffolder.app import Scaffolder, company
from scaffolder.app.company import SILENT, Report
from scaffolder.app.examples import slug
from scaffolder.errors import Conflict, InvalidInput
from scaffolder.gateways.git_address import Address
from scaffolder.gateways.home import PROFILES, Home, private_directory
from scaffolder.gateways.lock import locked
from scaffolder.profiles import LONGEST, Profile
from scaffolder.task.journal import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.settings import Settings

PATIENCE = 30.0
"""Seconds to wait for another process that joins, leaves or reads again."""
UNFINISHED = (TaskStatus.RUNNING, TaskStatus.STOPPED, TaskStatus.UNDOING)
FORGE = "forge"
ASIDE = ".joining-"


class NotARepository(InvalidInput):
    """What should be joined is no git repository."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place} is no git repository",
            hint="give a URL such as https://HOST/OWNER/NAME.git, or the directory of a repository",
        )


class WorkTreeShared(InvalidInput):
    """A catalog repository has a work tree, so that nobody can push to it."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"the catalog repository {place} is a work tree: nothing can be pushed to the branch checked out there",
            hint=f"make a bare one: git clone --bare {place} {place}.git",
        )


class ProfileTaken(Conflict):
    """Another company has the name."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(
            f"the profile {profile.name} is {profile.address} already",
            hint=f"choose another name: --as NAME; or leave that one: scaffolder leave {profile.name}",
        )


class TasksUnfinished(Conflict):
    """Leaving would lose what unfinished tasks need."""

    def __init__(self, name: str, tasks: list[str]) -> None:
        first = tasks[0]
        super().__init__(
            f"{name} has unfinished tasks: {', '.join(tasks)}",
            hint=f"scaffolder --profile {name} tasks resume {first}   (or: tasks rollback {first})",
        )


class Joined(NamedTuple):
    """What there is now. `problems` say what could not be read, or is wrong in the catalog."""

    profile: Profile
    organization: str
    components: int
    teams: int
    golden_paths: int
    problems: tuple[str, ...] = ()


class Left(NamedTuple):
    """A company that was left; `kept` is the directory of its local forge, where that has repositories."""

    profile: Profile
    kept: Path | None = None


def join(target: str, *, name: str = "", ref: str = "", report: Report = SILENT) -> Joined:
    """
    Join the company whose configuration repository is at `target`, and use its profile; one joined before is renewed.

    Raises:
        ScaffolderError: Something is wrong there, and nothing is left here.
    """
    address = address_of(target)
    cache = Home.of_user().cache / "git"
    wanted = Profile(name, Address(address.url).kept, ref or address.ref)
    found = company.configuration(address.url, wanted.ref, cache=cache)
    wanted = wanted._replace(branch=found.branch, commit=found.commit)
    read = settings.joined(wanted, found.text)
    _check_catalog(read.catalog_repository)
    with _alone():
        joined = _read(_named(wanted, read), found.text, report)
        profiles.use(joined.profile.name)
    return joined


def leave(name: str) -> Left:
    """
    Forget a company: its catalog, its settings, and what is known of tasks that have ended.

    Raises:
        TasksUnfinished: A task can still be resumed or rolled back.
    """
    profile = profiles.require(name)
    with _alone(), _no_refresh(profile):
        _refuse_unfinished(profile)
        if profiles.in_use() == name:
            profiles.use(profiles.OWN)
        (profile.home.data / profiles.FACTS).unlink()
        kept = _empty(profile.home.data)
        shutil.rmtree(profile.home.state, ignore_errors=True)
    return Left(profile, kept)


def address_of(target: str) -> Address:
    """
    Return the repository that a person means: by its URL, or by a path.

    Raises:
        NotARepository: It is neither a URL nor the directory of a repository.
    """
    address = None if target.startswith("file:") else Address.parse(target)
    if address is not None:
        return address
    place = Path(target.removeprefix("file://").removeprefix("file:")).expanduser()
    path = os.path.realpath(place)
    if not ((place / ".git").exists() or _is_bare(place)):
        raise NotARepository(path)
    return Address(path)


def _is_bare(place: Path) -> bool:
    return (place / "HEAD").is_file() and (place / "objects").is_dir()


def _check_catalog(repository: str) -> None:
    """Check that a catalog repository on this machine can be pushed to."""
    if repository.startswith("/") and (Path(repository) / ".git").exists():
        raise WorkTreeShared(repository)


def _named(wanted: Profile, read: Settings) -> Profile:
    """Return the profile with its name: the one asked for, the one it has already, or the organisation's."""
    known = profiles.joined()
    before = next((one for one in known if (one.address, one.ref) == (wanted.address, wanted.ref)), None)
    own = before.name if before else ""
    name = profiles.check_name(wanted.name or own or _usual_name(read, wanted.address))
    taken = next((one for one in known if one.name == name), None)
    if taken is not None and taken.address != wanted.address:
        raise ProfileTaken(taken)
    return wanted._replace(name=name, taken_in=taken.taken_in if taken else ())


def _usual_name(read: Settings, address: str) -> str:
    last = re.split(r"[/:]", address.rstrip("/"))[-1].removesuffix(".git")
    name = (slug(read.organization) or slug(last))[:LONGEST].strip("-")
    return f"{name}-company" if name == profiles.OWN else name


def _read(profile: Profile, text: bytes, report: Report) -> Joined:
    """Take in everything, into a home aside when the profile is new; then the profile is there."""
    read = settings.joined(profile, text)
    if not _is_there(profile):
        _make(profile, read, report)
        profile = profile._replace(taken_in=read.catalog_targets)
    with closing(Scaffolder(read, profile.home)) as app:
        if _is_there(profile):
            _take_in(app, report)
            profile = company.forget_unnamed(app, profile)
        profiles.save(profile, text)
        return _facts(app, profile)


def _make(profile: Profile, read: Settings, report: Report) -> None:
    """Take in everything aside, and put it in its place."""
    place = profile.home.data
    private_directory(place.parent)
    with tempfile.TemporaryDirectory(prefix=ASIDE, dir=place.parent) as aside:
        with closing(Scaffolder(read, profile.home._replace(data=Path(aside)))) as app:
            _take_in(app, report)
        if place.is_dir():
            _empty(place)  # of a leaving that was killed; the log of another database would damage this one
        private_directory(place)
        for made in Path(aside).iterdir():
            made.replace(place / made.name)


def _take_in(app: Scaffolder, report: Report) -> None:
    for each in company.take_in(app, report=report):
        if each.failed:
            report.warn(f"left out: {each.failed.message}")


def _is_there(profile: Profile) -> bool:
    return (profile.home.data / profiles.FACTS).is_file()


def _facts(app: Scaffolder, profile: Profile) -> Joined:
    facts = app.catalog.facts()
    wrong = [problem for location in app.catalog.locations() for problem in location.problems]
    return Joined(
        profile=profile,
        organization=app.settings.organization or profile.name,
        components=facts.components,
        teams=facts.teams,
        golden_paths=len(company.golden_paths(app)),
        problems=(*map(_by_hand, _missing(app)), *map(str, wrong), *company.renew_golden_paths(app)),
    )


def _missing(app: Scaffolder) -> list[str]:
    known = {location.target for location in app.catalog.locations()}
    return [each for each in app.settings.backstages if each not in known]


def _by_hand(target: str) -> str:
    return f"it has a Backstage too, which your token would go to; to read that: scaffolder catalog add {target}"


def _refuse_unfinished(profile: Profile) -> None:
    if not (profile.home.state / "tasks.db").is_file():
        return
    with closing(Scaffolder(settings.Settings(), profile.home)) as app:
        unfinished = [task.id for task in app.tasks() if task.status in UNFINISHED]
    if unfinished:
        raise TasksUnfinished(profile.name, unfinished)


def _empty(data: Path) -> Path | None:
    """Remove what is ours to remove; return the forge's directory when there are repositories in it."""
    forge = data / FORGE
    kept = forge if forge.is_dir() and any(forge.iterdir()) else None
    for place in data.iterdir():
        if place == kept:
            continue
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink()
    if kept is None:
        data.rmdir()
    return kept


@contextmanager
def _alone() -> Iterator[None]:
    """Keep others on this machine from joining or leaving meanwhile."""
    home = Home.of_user()
    with locked(private_directory(home.state) / "profiles.lock", patience=PATIENCE):
        for leftover in (home.data / PROFILES).glob(f"{ASIDE}*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        yield


@contextmanager
def _no_refresh(profile: Profile) -> Iterator[None]:
    """Wait for a refresh that goes on beside us, and keep another from beginning."""
    from scaffolder.app.freshness import LOCK

    state = private_directory(profile.home.state)
    with locked(state / LOCK, patience=PATIENCE):
        yield
