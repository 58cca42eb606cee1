"""
Writing what was read of a location, in the caller's transaction.

A file is compared claim by claim with what it said before, so that an entity keeps its id, and the name it holds, while
its file changes around it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from scaffolder.catalog import search
from scaffolder.catalog.reading import NOTHING, NOWHERE, FileRead, Found, Known, Read, Remembered
from scaffolder.catalog.relations import relations_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from scaffolder.catalog.entity import Entity
    from scaffolder.catalog.reports import LocationProblem

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Changes:
    """What a reading changed, by number of entities."""

    def __init__(self, *, unchanged: int = 0) -> None:
        self.added = 0
        self.changed = 0
        self.removed = 0
        self.unchanged = unchanged


def known_files(connection: sqlite3.Connection, location_id: int) -> Remembered:
    """Return what was known of a location's files when they were last read."""
    rows = connection.execute(
        "SELECT path, CASE pointers WHEN ? THEN stamp ELSE '' END FROM file WHERE location_id = ?",
        (NOWHERE, location_id),
    )
    return Remembered(dict(rows.fetchall()), _Unsettled(connection, location_id).known)


class _Unsettled:
    """What was known of the files that are not settled, read together when the first is asked for."""

    def __init__(self, connection: sqlite3.Connection, location_id: int) -> None:
        self._connection = connection
        self._location_id = location_id

    @cached_property
    def _together(self) -> dict[str, Known]:
        rows = self._connection.execute(
            "SELECT path, stamp, inputs, pointers FROM file WHERE location_id = ? AND (pointers != ? OR stamp = '')",
            (self._location_id, NOWHERE),
        )
        return {path: Known(*known) for path, *known in rows.fetchall()}

    def known(self, path: str) -> Known:
        """Return what was known of a file."""
        return self._together.get(path) or _known_file(self._connection, self._location_id, path)


def _known_file(connection: sqlite3.Connection, location_id: int, path: str) -> Known:
    """Return what was known of a file; of one that somebody has removed from the catalog meanwhile, nothing."""
    row = connection.execute(
        "SELECT stamp, inputs, pointers FROM file WHERE location_id = ? AND path = ?", (location_id, path)
    ).fetchone()
    return Known(*row) if row else NOTHING


def write(connection: sqlite3.Connection, location_id: int, read: Read, *, read_at: str) -> Changes:
    """Make the catalog say what was read of a location: its files, their claims, and what is wrong with them."""
    files = _ids(connection, location_id, [file.path for file in read.files])
    writer = _Writer(connection)
    connection.execute("DELETE FROM problem WHERE location_id = ? AND file_id IS NULL", (location_id,))
    _write_problems(connection, location_id, None, read.lost)
    connection.executemany(
        "UPDATE file SET stamp = ?, inputs = ?, pointers = ? WHERE location_id = ? AND path = ?",
        [(*known, location_id, path) for path, known in read.touched.items()],
    )
    for file in read.files:
        file_id = _write_file(connection, location_id, files.get(file.path), file)
        if file.problems:
            _write_problems(connection, location_id, file_id, file.problems)
        writer.replace(file_id, file.found, new=file.path not in files, keep=bool(file.problems))
    writer.forget(_gone(connection, location_id, read.paths()))
    writer.finish()
    if writer.changes.added or writer.changes.removed:
        hand_over(connection)
    connection.execute("UPDATE location SET read_at = ? WHERE id = ?", (read_at, location_id))
    changes = writer.changes
    changes.unchanged = _number_of_claims(connection, location_id) - changes.added - changes.changed
    return changes


def hand_over(connection: sqlite3.Connection) -> None:
    """Let the next in line hold each name that nobody holds any more."""
    connection.execute(
        "UPDATE claim SET holds = 1 WHERE id IN (SELECT min(id) FROM claim GROUP BY key HAVING max(holds) = 0)"
    )


def seen(connection: sqlite3.Connection, location_id: int, *, read_at: str) -> Changes:
    """Leave what a location said as it is: it says so still."""
    connection.execute("UPDATE location SET read_at = ? WHERE id = ?", (read_at, location_id))
    return Changes(unchanged=_number_of_claims(connection, location_id))


def keep(connection: sqlite3.Connection, location_id: int, problem: LocationProblem) -> Changes:
    """Leave what a location said as it is, and note why it could not be read: a disk may be away."""
    connection.execute("DELETE FROM problem WHERE location_id = ? AND file_id IS NULL", (location_id,))
    _write_problems(connection, location_id, None, [problem])
    return Changes(unchanged=_number_of_claims(connection, location_id))


def _ids(connection: sqlite3.Connection, location_id: int, paths: Sequence[str]) -> dict[str, int]:
    """Return the ids of those files that are known, by their paths."""
    rows = connection.execute(
        "SELECT path, id FROM file WHERE location_id = ? AND path IN (SELECT value FROM json_each(?))",
        (location_id, json.dumps(paths)),
    )
    return dict(rows.fetchall())


def _gone(connection: sqlite3.Connection, location_id: int, present: AbstractSet[str]) -> list[int]:
    """Return the ids of the files that are not there any more; mostly there is none, as their number tells."""
    (number,) = connection.execute("SELECT count(*) FROM file WHERE location_id = ?", (location_id,)).fetchone()
    if number == len(present):
        return []
    rows = connection.execute("SELECT path, id FROM file WHERE location_id = ?", (location_id,))
    return [file_id for path, file_id in rows.fetchall() if path not in present]


def _number_of_claims(connection: sqlite3.Connection, location_id: int) -> int:
    (number,) = connection.execute(
        "SELECT count(*) FROM claim JOIN file ON file.id = claim.file_id WHERE location_id = ?", (location_id,)
    ).fetchone()
    return int(number)


def _write_file(connection: sqlite3.Connection, location_id: int, file_id: int | None, file: FileRead) -> int:
    """Write a file's row, and return its id."""
    known = Known.of(file.inputs, file.pointers)
    if file_id is None:
        cursor = connection.execute(
            "INSERT INTO file (location_id, path, stamp, inputs, pointers) VALUES (?, ?, ?, ?, ?)",
            (location_id, file.path, *known),
        )
        return int(cursor.lastrowid or 0)
    connection.execute("UPDATE file SET stamp = ?, inputs = ?, pointers = ? WHERE id = ?", (*known, file_id))
    connection.execute("DELETE FROM problem WHERE file_id = ?", (file_id,))
    return file_id


def _write_problems(
    connection: sqlite3.Connection, location_id: int, file_id: int | None, problems: Sequence[LocationProblem]
) -> None:
    connection.executemany(
        "INSERT INTO problem (location_id, file_id, file, line, document, field, message) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (location_id, file_id, each.place.file, each.place.line, each.place.document, each.field, each.message)
            for each in problems
        ],
    )


class _Writer:
    """Collects the claims of many files and writes them together: one statement for thousands of rows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.changes = Changes()
        self._next = 1 + connection.execute("SELECT coalesce(max(id), 0) FROM claim").fetchone()[0]
        self._new: list[tuple[int, int, Found, str]] = []

    def forget(self, file_ids: Sequence[int]) -> None:
        """Remove files and their claims."""
        for file_id in file_ids:
            (number,) = self.connection.execute("SELECT count(*) FROM claim WHERE file_id = ?", (file_id,)).fetchone()
            self.changes.removed += number
            self.connection.execute("DELETE FROM file WHERE id = ?", (file_id,))

    def replace(self, file_id: int, found: Sequence[Found], *, new: bool, keep: bool) -> None:
        """
        Make a file's claims those that were found in it now.

        With `keep`, what is not found stays: a document that cannot be read any more still says who owned what.
        """
        before = {} if new else self._before(file_id)
        for each in found:
            body = each.body or _ENCODE(each.entity.document)
            same_name = before.get(each.entity.ref.key) if before else None
            if not same_name:
                self._new.append((self._next, file_id, each, body))
                self._next += 1
                continue
            self._update(*same_name.pop(0), each, body)
        left = [claim_id for rows in before.values() for claim_id, _ in rows]
        if keep or not left:
            return
        self.connection.executemany("DELETE FROM claim WHERE id = ?", ((claim_id,) for claim_id in left))
        self.changes.removed += len(left)

    def finish(self) -> None:
        """Write the new claims."""
        self.changes.added += len(self._new)
        rows = [(claim_id, file_id, _columns(each), body) for claim_id, file_id, each, body in self._new]
        holders = self._holders({claim_id: columns[0] for claim_id, _, columns, _ in rows})
        self.connection.executemany(
            "INSERT INTO claim (id, file_id, holds, key, kind, namespace, name, title, description, type, lifecycle,"
            " owner, place, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((claim_id, file_id, claim_id in holders, *columns, body) for claim_id, file_id, columns, body in rows),
        )
        self._follow([(claim_id, each.entity) for claim_id, _, each, _ in self._new])

    def _holders(self, keys: Mapping[int, str]) -> set[int]:
        """Return the ids of the new claims whose names nobody else claims; of several, the first."""
        first: dict[str, int] = {}
        for claim_id, key in keys.items():
            first.setdefault(key, claim_id)
        taken = self.connection.execute(
            "SELECT DISTINCT key FROM claim WHERE key IN (SELECT value FROM json_each(?))", (json.dumps([*first]),)
        )
        return {*first.values()}.difference([first[key] for (key,) in taken.fetchall()])

    def _before(self, file_id: int) -> dict[str, list[tuple[int, str]]]:
        rows: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for claim_id, key, body in self.connection.execute(
            "SELECT id, key, body FROM claim WHERE file_id = ? ORDER BY id", (file_id,)
        ):
            rows[key].append((claim_id, body))
        return rows

    def _update(self, claim_id: int, body_before: str, found: Found, body: str) -> None:
        """Write a claim again; its place may have moved though its content is the same."""
        self.connection.execute(
            "UPDATE claim SET (key, kind, namespace, name, title, description, type, lifecycle, owner, place, body)"
            " = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?",
            (*_columns(found), body, claim_id),
        )
        if body == body_before:
            return
        self.changes.changed += 1
        self.connection.execute("DELETE FROM search WHERE rowid = ?", (claim_id,))
        self.connection.execute("DELETE FROM relation WHERE claim_id = ?", (claim_id,))
        self._follow([(claim_id, found.entity)])

    def _follow(self, rows: Sequence[tuple[int, Entity]]) -> None:
        """Write what is derived from claims: relations both ways, and the search index."""
        search.write(self.connection, rows)
        self.connection.executemany(
            "INSERT INTO relation (claim_id, subject, type, object) VALUES (?, ?, ?, ?)",
            (
                (claim_id, subject, side.type, str(side.target))
                for claim_id, entity in rows
                for forward, backward in relations_of(entity)
                for subject, side in ((backward.target.key, forward), (forward.target.key, backward))
            ),
        )


def _columns(found: Found) -> tuple[str, ...]:
    entity, place = found.entity, found.place
    ref = entity.ref
    return (
        ref.key,
        entity.kind,
        ref.namespace,
        ref.name,
        entity.title,
        entity.description,
        entity.type,
        entity.lifecycle,
        str(entity.owner or ""),
        json.dumps([place.file, place.line, place.document]),
    )
