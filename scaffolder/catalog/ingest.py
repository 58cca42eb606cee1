"""Taking locations in: read first, then write in one transaction, so that nobody waits for a slow disk."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from scaffolder.catalog import claims, registry, reservations
from scaffolder.catalog.crawl import Crawl
from scaffolder.catalog.elsewhere import FileElsewhere, is_same
from scaffolder.catalog.entity import BadRef, EntityRef
from scaffolder.catalog.location import BadLocation, Location, normalised, opened
from scaffolder.catalog.reading import Read, read_files
from scaffolder.catalog.reports import GITHUB, Ingest, LocationProblem, silent
from scaffolder.catalog.roots import Unreadable
from scaffolder.errors import InvalidInput, Place, ScaffolderError, did_you_mean

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scaffolder.catalog.backstage import Backstage
    from scaffolder.catalog.claims import Changes
    from scaffolder.catalog.crawl import Pushed
    from scaffolder.catalog.database import Database
    from scaffolder.catalog.github import Account
    from scaffolder.catalog.location import AsksGitHub
    from scaffolder.catalog.reading import Remembered
    from scaffolder.catalog.reports import Progress


class NothingFound(InvalidInput):
    """A location describes no valid entity."""

    def __init__(self, target: str, problems: Sequence[LocationProblem]) -> None:
        super().__init__(
            f"{target} describes no valid entity",
            hint="an entity has apiVersion, kind, metadata and spec; scaffolder catalog validate FILE checks one",
            details=tuple(map(str, problems)),
        )


class EntityInvalid(InvalidInput):
    """What a task wants to register is not valid."""

    def __init__(self, target: str, problems: Sequence[LocationProblem]) -> None:
        super().__init__(f"{target} holds no valid catalog entry", details=tuple(map(str, problems)))


class LocationUnknown(InvalidInput):
    """A location that the catalog does not know."""

    def __init__(self, target: str, near: str) -> None:
        super().__init__(f"{target} is no location of the catalog", hint=near or "scaffolder catalog list --locations")


class LocationShared(InvalidInput):
    """An entity that cannot be removed by itself."""

    def __init__(self, ref: EntityRef, target: str, others: int) -> None:
        super().__init__(
            f"{ref} comes from {target}, with {others} more",
            hint=f"to remove them all: scaffolder catalog remove {target}",
        )


def meant(target: str, github: AsksGitHub | None) -> str:
    """Return `github:OWNER` for the page of an account on the GitHub that is asked, and everything else as it is."""
    found = re.fullmatch(r"(?:url:)?(?P<web>https?://[^/@]+)/(?P<owner>[^/@:.?#]+)/?", target)
    if found is None or github is None or github().server.web != found["web"]:
        return target
    return f"{GITHUB}{found['owner']}"


def add(
    database: Database, target: str, *, cache: Path, progress: Progress = silent, github: AsksGitHub | None = None
) -> Ingest:
    """Remember a location and take in its entities."""
    began = _now()
    location = opened(target, progress, cache=cache, others=Crawl(cache, progress=progress), github=github)
    read = location.read(_known(database, _account(location)))
    if not read.entities() and not read.unchanged:
        _settle(location)
        raise NothingFound(location.target, read.problems())
    with database.writing() as connection:
        location_id = registry.remember(connection, location.target)
        changes = write(connection, location_id, read, read_at=_now())
        registry.note_commit(connection, location_id, _commit_of(location, read))
        registry.note_whole(connection, location_id, at=began)
        report = _report(connection, location_id, location.target, changes)
    _settle(location)
    return report


def refresh(  # what to read, through what, and how much of it
    database: Database,
    target: str | None,
    *,
    cache: Path,
    elsewhere: bool = True,
    progress: Progress = silent,
    github: AsksGitHub | None = None,
) -> list[Ingest]:
    """Read one location again, or all; what is `elsewhere`, in other repositories, only when it is new if need be."""
    with database.reading() as connection:
        known = registry.targets(connection)
        if target is not None:
            remembered = _meant(connection, target)
            known = {remembered: known[remembered]}
    others = Crawl(cache, again=elsewhere, progress=progress)
    open_ = partial(opened, progress=progress, cache=cache, others=others, github=github)
    results = [_refresh(database, location_id, each, open_, whole=elsewhere) for each, location_id in known.items()]
    if target is not None and results[0].failed:
        raise results[0].failed
    return results


def remove(database: Database, target: str) -> int:
    """Forget a location, and return how many entities it had."""
    with database.writing() as connection:
        location_id = registry.targets(connection)[_meant(connection, target)]
        number = registry.size(connection, location_id)
        _forget(connection, location_id)
    return number


def register(
    database: Database, target: str, *, task_id: str, pushed: Pushed | None = None, read: Read | None = None
) -> list[EntityRef]:
    """Take in what a task made, and end its reservations; see `described`, unless that was `read` already."""
    read = read or described(target, pushed)
    refs = [entity.ref for entity in read.entities()]
    with database.writing() as connection:
        for ref in refs:
            reservations.refuse_taken(connection, ref, task_id=task_id)
        location_id = registry.remember_for_task(connection, normalised(target), task_id)
        claims.write(connection, location_id, read, read_at=_now())
        reservations.release(connection, task_id)
    return refs


def described(target: str, pushed: Pushed | None = None) -> Read:
    """
    Read what a task made; where its repository is on another machine, from what it has `pushed`.

    Raises:
        EntityInvalid: Something in it is wrong, or it describes nothing.
    """
    file = FileElsewhere.parse(normalised(target))
    if file is None or pushed is None or file.address.startswith("/"):
        read = opened(target).read()
    else:
        read = read_files(pushed.of(file), [str(file)], walked=False, known={})
    if read.problems() or not read.entities():
        raise EntityInvalid(normalised(target), read.problems())
    return read


def unregister(database: Database, target: str, *, task_id: str) -> None:
    """Forget a location, if this task registered it."""
    with database.writing() as connection:
        location_id = registry.find_of_task(connection, normalised(target), task_id)
        if location_id is not None:
            _forget(connection, location_id)


def _refresh(
    database: Database,
    location_id: int,
    target: str,
    open_: Callable[[str], Location | Backstage | Account],
    *,
    whole: bool,
) -> Ingest:
    began = _now()
    location, read, gone = None, Read(), None
    try:
        location = open_(target)
        with database.reading() as connection:
            if not whole and registry.is_read(connection, location_id, commit=_commit_of(location, read)):
                return _nothing_new(database, location_id, target)
            files = claims.known_files(connection, location_id)
        read = location.read(files)
    except (BadLocation, Unreadable) as error:
        gone = _vanished(target, error.message)
    except ScaffolderError as error:  # another machine's trouble keeps nobody from reading the other locations
        with database.reading() as connection:
            error.details += _what_is_kept(connection, target)
        return Ingest(target, failed=error)
    with database.writing() as connection:
        if registry.find(connection, target) != location_id:
            return Ingest(target)  # somebody removed it in the meantime
        if gone:
            return _report(connection, location_id, target, claims.keep(connection, location_id, gone))
        changes = write(connection, location_id, read, read_at=_now())
        registry.note_commit(connection, location_id, _commit_of(location, read))
        if whole:
            registry.note_whole(connection, location_id, at=began)
        report = _report(connection, location_id, target, changes)
    _settle(location)
    return report


def _known(database: Database, account: Account | None) -> Remembered | None:
    """Return what an account is known to have: to ask for all of it again would cost too much."""
    if account is None:
        return None
    with database.reading() as connection:
        location_id = registry.find(connection, account.target)
        return None if location_id is None else claims.known_files(connection, location_id)


def _settle(location: Location | Backstage | Account | None) -> None:
    if account := _account(location):
        account.settle()


def _account(location: Location | Backstage | Account | None) -> Account | None:
    if location is None or not location.target.startswith(GITHUB):
        return None
    from scaffolder.catalog.github import Account

    return location if isinstance(location, Account) else None


def _nothing_new(database: Database, location_id: int, target: str) -> Ingest:
    with database.writing() as connection:
        changes = claims.seen(connection, location_id, read_at=_now())
        return _report(connection, location_id, target, changes)


def _commit_of(location: Location | Backstage | Account | None, read: Read) -> str:
    """Return the commit at which all of a location was read; '' where that is none, or something was not there."""
    return location.commit if isinstance(location, Location) and not read.lost else ""


def write(connection: sqlite3.Connection, location_id: int, read: Read, *, read_at: str) -> Changes:
    """Write what was read; what tasks of this machine registered gives way to a location that leads to it for all."""
    changes = claims.write(connection, location_id, read, read_at=read_at)
    for registered, target in registry.registered_in(connection, location_id):
        if any(is_same(target, path) for path in registry.sources_with(connection, location_id, registered)):
            _forget(connection, registered)
    return changes


def _meant(connection: sqlite3.Connection, text: str) -> str:
    """Return the target of the location that a person means: by its path, or by the one entity in it."""
    target = normalised(text)
    if registry.find(connection, target) is not None:
        return target
    try:
        ref = EntityRef.parse(text, default_kind="component")
    except BadRef:
        held = None
    else:
        held = registry.holding(connection, ref)
    if held is None:
        raise LocationUnknown(target, did_you_mean(target, registry.targets(connection)))
    if others := registry.size(connection, held[0]) - 1:
        raise LocationShared(ref, held[1], others)
    return held[1]


def _forget(connection: sqlite3.Connection, location_id: int) -> None:
    registry.forget(connection, location_id)
    claims.hand_over(connection)


def _report(connection: sqlite3.Connection, location_id: int, target: str, changes: Changes) -> Ingest:
    return Ingest(
        target,
        added=changes.added,
        changed=changes.changed,
        removed=changes.removed,
        unchanged=changes.unchanged,
        problems=registry.problems_of(connection, location_id),
        conflicts=registry.conflicts_of(connection, location_id),
    )


def _vanished(target: str, reason: str) -> LocationProblem:
    """Say that a location cannot be read any more, and what became of its entities."""
    kept = f"what was read earlier is kept; to forget it: scaffolder catalog remove {target}"
    return LocationProblem(Place(target), f"{reason}; {kept}")


def _what_is_kept(connection: sqlite3.Connection, target: str) -> tuple[str, ...]:
    """Say how old that is what is known of a location that cannot be read now."""
    times = (state.read_at for state in registry.states(connection) if state.target == target)
    return tuple(
        f"what was read of {target} {reservations.ago(datetime.now(UTC) - read_at)} is kept"
        for read_at in times
        if read_at
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()
