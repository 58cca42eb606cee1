"""
Names that a task has reserved before it makes anything.

A reservation is made for all of a task's names or for none, in the caller's transaction; it ends in the entry, or is
given back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog import search
from scaffolder.catalog.entity import Entity, EntityRef
from scaffolder.errors import Conflict

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

_SELECT = "SELECT kind, name, namespace, task_id, owner, purpose, who, at FROM reservation"


class Reservation(NamedTuple):
    """A name somebody is making something of right now."""

    ref: EntityRef
    task_id: str
    owner: str
    purpose: str
    who: str
    at: datetime

    @property
    def entity(self) -> Entity:
        """What can be said already of the entity to come."""
        metadata = {"name": self.ref.name, "namespace": self.ref.namespace, "description": self.purpose}
        document = {"apiVersion": "backstage.io/v1alpha1", "kind": self.ref.kind, "metadata": metadata}
        return Entity({**document, "spec": {"owner": self.owner} if self.owner else {}}, reserved=True)

    def said(self, now: datetime) -> str:
        """Return who has it and since when, in words."""
        who = f"{self.who}, " if self.who else ""
        return f"reserved {ago(now - self.at)} by {who}task {self.task_id}"


class NameTaken(Conflict):
    """An entity or another task has the name already."""

    def __init__(self, ref: EntityRef, holder: str, *, look: str = "") -> None:
        look = look or f"scaffolder catalog show {ref}"
        super().__init__(f"{ref.name} is taken ({holder})", hint=f"choose another name, or look at it: {look}")
        self.ref = ref


def reserve(connection: sqlite3.Connection, reservations: Sequence[Reservation]) -> None:
    """
    Reserve names; those the same task has already, as reservation or as entry, are left as they are.

    Raises:
        NameTaken: One of them is held by somebody else.
    """
    for each in reservations:
        if not refuse_taken(connection, each.ref, task_id=each.task_id):
            cursor = connection.execute(
                "INSERT INTO reservation (key, kind, name, namespace, task_id, owner, purpose, who, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _row(each),
            )
            search.write(connection, [(-int(cursor.lastrowid or 0), each.entity)])


def refuse_taken(connection: sqlite3.Connection, ref: EntityRef, *, task_id: str) -> bool:
    """
    Tell whether the task itself has the name already.

    Raises:
        NameTaken: Somebody else has it.
    """
    held = connection.execute(
        "SELECT claim.kind, claim.owner, location.task_id FROM claim"
        " JOIN file ON file.id = claim.file_id JOIN location ON location.id = file.location_id"
        " WHERE key = ? AND holds",
        (ref.key,),
    ).fetchone()
    if held and (not task_id or held[2] != task_id):
        raise NameTaken(ref, _described(kind=held[0], owner=held[1]))
    reserved = find(connection, ref)
    if reserved and reserved.task_id != task_id:
        raise NameTaken(ref, reserved.said(datetime.now(UTC)))
    return bool(held or reserved)


def find(connection: sqlite3.Connection, ref: EntityRef) -> Reservation | None:
    """Return the reservation of a name."""
    row = connection.execute(f"{_SELECT} WHERE key = ?", (ref.key,)).fetchone()
    return _reservation(row) if row else None


def by_id(connection: sqlite3.Connection, reservation_id: int) -> Reservation | None:
    """Return a reservation by its id."""
    row = connection.execute(f"{_SELECT} WHERE id = ?", (reservation_id,)).fetchone()
    return _reservation(row) if row else None


def of_task(connection: sqlite3.Connection, task_id: str) -> list[Reservation]:
    """Return what a task has reserved."""
    rows = connection.execute(f"{_SELECT} WHERE task_id = ? ORDER BY id", (task_id,))
    return [_reservation(row) for row in rows.fetchall()]


def every(connection: sqlite3.Connection) -> list[Reservation]:
    """Return all, oldest first."""
    return [_reservation(row) for row in connection.execute(f"{_SELECT} ORDER BY at, id").fetchall()]


def release(connection: sqlite3.Connection, task_id: str) -> None:
    """Give back what a task has reserved."""
    connection.execute("DELETE FROM reservation WHERE task_id = ?", (task_id,))


def give_back(connection: sqlite3.Connection, ref: EntityRef) -> None:
    """Give back one name, whoever has reserved it."""
    connection.execute("DELETE FROM reservation WHERE key = ?", (ref.key,))


def _row(each: Reservation) -> tuple[str, ...]:
    ref, at = each.ref, each.at.astimezone(UTC).isoformat()
    return (ref.key, ref.kind, ref.name, ref.namespace, each.task_id, each.owner, each.purpose, each.who, at)


def _reservation(row: tuple[str, ...]) -> Reservation:
    kind, name, namespace, task_id, owner, purpose, who, at = row
    return Reservation(EntityRef(kind, name, namespace), task_id, owner, purpose, who, datetime.fromisoformat(at))


def _described(*, kind: str, owner: str) -> str:
    name = owner.partition(":")[2].removeprefix("default/")
    return f"{kind.lower()}, owned by {name}" if name else kind.lower()


def ago(age: timedelta) -> str:
    """Say how long ago something was."""
    seconds = int(age.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if count := max(0, seconds) // size:
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''} ago"
    return "just now"
