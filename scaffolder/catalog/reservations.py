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
_SELECT_WITH_ID = _SELECT.replace("SELECT", "SELECT id,")


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
            connection.execute("DELETE FROM reservation WHERE key = ?", (each.ref.key,))
            _write(connection, each, of_others=False)


def note_others(connection: sqlite3.Connection, reservations: Sequence[Reservation]) -> None:
    """
    Replace what is known of names that others have reserved.

    They are told, and keep nobody here from a name: what was read may be over.
    """
    known = {row[0]: _reservation(row[1:]) for row in connection.execute(f"{_SELECT_WITH_ID} WHERE of_others")}
    wanted = set(reservations)
    connection.executemany(
        "DELETE FROM reservation WHERE id = ?", [(number,) for number, each in known.items() if each not in wanted]
    )
    for each in wanted.difference(known.values()):
        if not _is_known(connection, each.ref):
            _write(connection, each, of_others=True)


def _write(connection: sqlite3.Connection, each: Reservation, *, of_others: bool) -> None:
    cursor = connection.execute(
        "INSERT INTO reservation (key, kind, name, namespace, task_id, owner, purpose, who, at, of_others)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_row(each), int(of_others)),
    )
    search.write(connection, [(-int(cursor.lastrowid or 0), each.entity)])


def _is_known(connection: sqlite3.Connection, ref: EntityRef) -> bool:
    """Tell whether there is an entity of that name, or somebody has reserved it."""
    return connection.execute("SELECT 1 FROM entry WHERE key = ?", (ref.key,)).fetchone() is not None


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
    row = connection.execute(f"{_SELECT} WHERE key = ? AND NOT of_others", (ref.key,)).fetchone()
    reserved = _reservation(row) if row else None
    if reserved and reserved.task_id != task_id:
        raise NameTaken(ref, reserved.said(datetime.now(UTC)))
    return bool(held or reserved)


def find(connection: sqlite3.Connection, ref: EntityRef, *, here: bool = False) -> Reservation | None:
    """Return the reservation of a name; `here` leaves out those that others have made."""
    row = connection.execute(f"{_SELECT} WHERE key = ? AND of_others <= ?", (ref.key, int(not here))).fetchone()
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
    """Return those of tasks on this machine, oldest first."""
    rows = connection.execute(f"{_SELECT} WHERE NOT of_others ORDER BY at, id")
    return [_reservation(row) for row in rows.fetchall()]


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
