"""The locations the catalog remembers, what is wrong in them, and the names they fight over."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from scaffolder.catalog import reservations
from scaffolder.catalog.entity import MANAGED_BY, EntityRef
from scaffolder.catalog.entries import time_of
from scaffolder.catalog.reports import Claim, LocationProblem, LocationState
from scaffolder.errors import Conflict, Place

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_CLAIMS = (
    "FROM claim JOIN file ON file.id = claim.file_id JOIN location ON location.id = file.location_id"
    " WHERE location.id = ?"
)


class LocationTaken(Conflict):
    """A location that somebody else has added."""

    def __init__(self, target: str) -> None:
        super().__init__(f"{target} is in the catalog already", hint="scaffolder catalog list --locations")


def remember(connection: sqlite3.Connection, target: str) -> int:
    """Return the id of a location, made if need be."""
    known = find(connection, target)
    if known is not None:
        return known
    return int(connection.execute("INSERT INTO location (target) VALUES (?)", (target,)).lastrowid or 0)


def remember_for_task(connection: sqlite3.Connection, target: str, task_id: str) -> int:
    """
    Return the id of a task's location, made if need be.

    Raises:
        LocationTaken: It is there, and not the task's.
    """
    connection.execute(
        "INSERT INTO location (target, task_id) VALUES (?, ?) ON CONFLICT (target) DO NOTHING", (target, task_id)
    )
    own = find_of_task(connection, target, task_id)
    if own is None:
        raise LocationTaken(target)
    return own


def find(connection: sqlite3.Connection, target: str) -> int | None:
    """Return the id of a location, None when it was never added."""
    row = connection.execute("SELECT id FROM location WHERE target = ?", (target,)).fetchone()
    return row[0] if row else None


def find_of_task(connection: sqlite3.Connection, target: str, task_id: str) -> int | None:
    """Return the id of a location that this task registered."""
    row = connection.execute("SELECT id FROM location WHERE target = ? AND task_id = ?", (target, task_id)).fetchone()
    return row[0] if row else None


def holding(connection: sqlite3.Connection, ref: EntityRef) -> tuple[int, str] | None:
    """Return id and target of the location an entity comes from."""
    row = connection.execute(
        "SELECT location.id, location.target FROM claim JOIN file ON file.id = claim.file_id"
        " JOIN location ON location.id = file.location_id WHERE claim.key = ? AND claim.holds",
        (ref.key,),
    ).fetchone()
    return (row[0], row[1]) if row else None


def targets(connection: sqlite3.Connection) -> dict[str, int]:
    """Return every location's id by its target, in the order they were added."""
    return dict(connection.execute("SELECT target, id FROM location ORDER BY id").fetchall())


def is_described(connection: sqlite3.Connection, target: str) -> bool:
    """Tell whether a file that a task may register was read already, because another location leads to it."""
    row = connection.execute(
        "SELECT 1 FROM file JOIN location ON location.id = file.location_id"
        " WHERE file.path = ? AND location.target != ? LIMIT 1",
        (target, target),
    ).fetchone()
    return row is not None


def registered_in(connection: sqlite3.Connection, location_id: int) -> list[tuple[int, str]]:
    """Return id and target of each location that a task registered, other than this one, and that has its names."""
    rows = connection.execute("SELECT id, target FROM location WHERE task_id != '' AND id != ?", (location_id,))
    return [row for row in rows.fetchall() if files_with(connection, location_id, row[0])]


def files_with(connection: sqlite3.Connection, location_id: int, other: int) -> list[str]:
    """Return the files in which a location claims names that another one claims too."""
    rows = connection.execute(
        "SELECT DISTINCT file.path FROM file AS theirs JOIN claim AS name ON name.file_id = theirs.id"
        " JOIN claim ON claim.key = name.key JOIN file ON file.id = claim.file_id"
        " WHERE theirs.location_id = ? AND file.location_id = ?",
        (other, location_id),
    )
    return [path for (path,) in rows]


def sources_with(connection: sqlite3.Connection, location_id: int, other: int) -> list[str]:
    """Return where a location has names from that another one claims too: its files, or what is said to describe it."""
    rows = connection.execute(
        "SELECT DISTINCT json_extract(claim.body, ?) FROM file AS theirs JOIN claim AS name ON name.file_id = theirs.id"
        " JOIN claim ON claim.key = name.key JOIN file ON file.id = claim.file_id"
        " WHERE theirs.location_id = ? AND file.location_id = ?",
        (f'$.metadata.annotations."{MANAGED_BY}"', other, location_id),
    )
    return files_with(connection, location_id, other) + [text for (text,) in rows if isinstance(text, str)]


def forget_files(connection: sqlite3.Connection, target: str, paths: Iterable[str]) -> None:
    """Forget some files of a location, and what they said."""
    connection.executemany(
        "DELETE FROM file WHERE path = ? AND location_id = (SELECT id FROM location WHERE target = ?)",
        ((path, target) for path in paths),
    )


def note_whole(connection: sqlite3.Connection, location_id: int, *, at: str, snapshot: str | None = None) -> None:
    """Note that all that a location leads to was read at a time, by us or in a snapshot, by the commit of that."""
    connection.execute(
        "INSERT INTO whole (location_id, at, snapshot) VALUES (?1, ?2, coalesce(?3, ''))"
        " ON CONFLICT (location_id) DO UPDATE SET at = max(at, ?2), snapshot = coalesce(?3, snapshot)",
        (location_id, at, snapshot),
    )


def note_commit(connection: sqlite3.Connection, location_id: int, commit: str) -> None:
    """Note the commit at which all of a location was read, '' when not all of it could be."""
    connection.execute("UPDATE location SET read_commit = ? WHERE id = ?", (commit, location_id))


def is_read(connection: sqlite3.Connection, location_id: int, *, commit: str) -> bool:
    """Tell whether all of a location was read at this commit."""
    row = connection.execute("SELECT read_commit FROM location WHERE id = ?", (location_id,)).fetchone()
    return bool(commit) and row == (commit,)


def whole(connection: sqlite3.Connection, target: str) -> tuple[str, str]:
    """Return when all that a location leads to was read, and the snapshot that was last taken; '' for neither."""
    row = connection.execute(
        "SELECT at, snapshot FROM whole JOIN location ON location.id = location_id WHERE target = ?", (target,)
    ).fetchone()
    return (row[0], row[1]) if row else ("", "")


def forget(connection: sqlite3.Connection, location_id: int) -> None:
    """Forget a location and what it said."""
    connection.execute("DELETE FROM location WHERE id = ?", (location_id,))


def size(connection: sqlite3.Connection, location_id: int) -> int:
    """Return how many entities a location describes."""
    (number,) = connection.execute(f"SELECT count(*) {_CLAIMS}", (location_id,)).fetchone()
    return int(number)


def states(connection: sqlite3.Connection) -> list[LocationState]:
    """Return every location, in the order they were added."""
    rows = connection.execute("SELECT id, target, read_at, task_id FROM location ORDER BY id").fetchall()
    return [
        LocationState(target, time_of(read_at), size(connection, each), problems_of(connection, each), task_id)
        for each, target, read_at, task_id in rows
    ]


def times_read(connection: sqlite3.Connection) -> dict[str, datetime]:
    """Return when each location was read, by its target."""
    rows = connection.execute("SELECT target, read_at FROM location WHERE read_at IS NOT NULL").fetchall()
    return {target: datetime.fromisoformat(read_at) for target, read_at in rows}


def problems_of(connection: sqlite3.Connection, location_id: int) -> tuple[LocationProblem, ...]:
    """Return what is wrong in a location."""
    rows = connection.execute(
        "SELECT file, line, document, field, message FROM problem WHERE location_id = ? ORDER BY file, document, line",
        (location_id,),
    )
    return tuple(LocationProblem(Place(*place), message) for *place, message in rows)


def conflicts(connection: sqlite3.Connection) -> list[Claim]:
    """Return the names that several places claim, or that a task here has reserved and somebody claims all the same."""
    rows = connection.execute(  # a name that is claimed again is first of all one that does not hold
        "SELECT key FROM claim WHERE key IN (SELECT key FROM claim WHERE NOT holds)"
        " GROUP BY key HAVING count(DISTINCT place) > 1"
        " UNION SELECT claim.key FROM claim JOIN reservation ON reservation.key = claim.key WHERE NOT of_others"
        " ORDER BY 1"
    ).fetchall()
    return [claim for (key,) in rows if (claim := claim_of(connection, key))]


def conflicts_of(connection: sqlite3.Connection, location_id: int) -> tuple[Claim, ...]:
    """Return the conflicts in which a location takes part."""
    all_of_them = conflicts(connection)
    if not all_of_them:
        return ()
    own = {key for (key,) in connection.execute(f"SELECT claim.key {_CLAIMS}", (location_id,))}
    return tuple(claim for claim in all_of_them if claim.ref.key in own)


def claim_of(connection: sqlite3.Connection, key: str) -> Claim | None:
    """Return who claims a name, the holder first; None when nobody does. Read twice, one place is one claim."""
    rows = connection.execute(
        "SELECT kind, name, namespace, place FROM claim WHERE key = ? ORDER BY holds DESC, id", (key,)
    ).fetchall()
    if not rows:
        return None
    ref = EntityRef(*rows[0][:3])
    reserved = reservations.find(connection, ref, here=True)
    places = dict.fromkeys(Place(*json.loads(place)) for *_, place in rows)
    return Claim(ref, tuple(places), reserved.task_id if reserved else "")
