"""The names that are reserved: on this machine, or in the catalog repository where there is one."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog import EntityRef
from scaffolder.errors import Conflict, ScaffolderError
from scaffolder.task.runner import OVER

if TYPE_CHECKING:
    from scaffolder.app import Scaffolder
    from scaffolder.catalog import Reservation
    from scaffolder.catalog.registration import ReservedBranch
    from scaffolder.catalog.shared import CatalogRepository


class State(StrEnum):
    """Where a reservation stands."""

    RESERVED = "reserved"
    """Somebody is making something of it."""
    STALE = "stale"
    """It was left behind: whoever wants the name gets it."""
    WAITING = "waiting"
    """Its entry is on the branch, and has to be merged."""


class Reserved(NamedTuple):
    """
    A reserved name.

    `branch` is the full name of its branch, '' where it is reserved on this machine only; `mine` tells that the person
    reserved it, `unfinished` that it was a task on this machine, which has not ended; `page` is that of its pull
    request, '' where there is none, or none that can be seen now; `adrift` tells that the entry waits, and no pull
    request is open that would bring it.
    """

    reservation: Reservation
    state: State
    branch: str = ""
    mine: bool = True
    unfinished: bool = False
    page: str = ""
    adrift: bool = False


class TaskAtWork(Conflict):
    """A process needs the name right now."""

    def __init__(self, task_id: str) -> None:
        super().__init__(
            f"task {task_id}, which reserved it, is running in another process", hint="wait until it has ended"
        )


def reservations(app: Scaffolder) -> list[Reserved]:
    """
    Return the names that are reserved, oldest first.

    Raises:
        ScaffolderError: The catalog repository cannot be read.
    """
    repository = app.catalog.repository
    if repository is not None:
        found = [_there(app, held) for held in repository.reservations()]
        return _with_pages(repository, found) if found and repository.proposals else found
    return [Reserved(each, State.RESERVED, unfinished=_is_unfinished(app, each)) for each in app.catalog.reservations()]


def give_back(app: Scaffolder, text: str, *, force: bool) -> Reserved:
    """
    Give a name back; somebody else's that was not left behind only with `force`.

    Raises:
        NotReserved: It is not reserved.
        InUse: It is somebody else's.
        TaskAtWork: A process on this machine needs it right now.
    """
    ref = EntityRef.parse(text, default_kind="component")
    held = next((each for each in reservations(app) if each.reservation.ref.key == ref.key), None)
    if held is not None and held.unfinished and app.runner.busy(held.reservation.task_id):
        raise TaskAtWork(held.reservation.task_id)
    repository = app.catalog.repository
    if repository is not None:
        given = repository.give_back(ref, is_mine=lambda one: _is_mine(app, one.reservation), force=force)
        held = _there(app, given)
    if held is None:
        from scaffolder.catalog.shared import NotReserved

        raise NotReserved(ref)
    app.catalog.give_back(ref)
    return held


def _there(app: Scaffolder, held: ReservedBranch) -> Reserved:
    stale = held.is_stale(datetime.now(UTC), days=app.settings.reservation_days)
    state = State.WAITING if held.waiting else State.STALE if stale else State.RESERVED
    each = held.reservation
    return Reserved(each, state, held.branch, _is_mine(app, each), _is_unfinished(app, each))


def _with_pages(repository: CatalogRepository, found: list[Reserved]) -> list[Reserved]:
    """Return them with their pull requests: a task has one. What cannot be seen keeps nobody from the names."""
    try:
        pages = repository.pages()
    except ScaffolderError:
        return found
    proposed = {each.reservation.task_id for each in found if each.branch in pages}
    return [
        each._replace(
            page=pages.get(each.branch, ""),
            adrift=each.state is State.WAITING and each.reservation.task_id not in proposed,
        )
        for each in found
    ]


def _is_unfinished(app: Scaffolder, each: Reservation) -> bool:
    return app.journal.status(each.task_id) not in {None, *OVER}


def _is_mine(app: Scaffolder, each: Reservation) -> bool:
    """Tell whether it is of a task on this machine, or of the person on another."""
    return app.journal.status(each.task_id) is not None or each.who == str(app.identity or "")
