"""
Writing what was read of a location, in the caller's transaction.

A file is compared claim by claim with what it said before, so that an entity keeps its id, and the name it holds, while
its file changes around it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from scaffolder.catalog import search
from scaffolder.catalog.location import Found, Input, Known, Pointer, Reading
from scaffolder.catalog.relations import relations_of
from scaffolder.catalog.reports import LocationProblem

if TYPE_CHECKING:
    import sqlite3

    from scaffolder.catalog.entity import Entity

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Read = Sequence[Reading | LocationProblem]


@dataclass(slots=True)
class Changes:
    """What a reading changed, by number of entities."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


def known_files(connection: sqlite3.Connection, location_id: int) -> dict[str, Known]:
    """Return what was known of a location's files when they were last read."""
    rows = connection.execute(
        "SELECT path, inputs, pointers FROM file WHERE location_id = ?", (location_id,)
    ).fetchall()
    inputs = json.loads(f"[{','.join(row[1] for row in rows)}]")  # at once: thousands of small texts take much longer
    return {
        path: Known(
            tuple(map(Input._make, each)),
            tuple(Pointer(*pointer) for pointer in json.loads(pointers)) if pointers != "[]" else (),
        )
        for (path, _, pointers), each in zip(rows, inputs, strict=True)
    }


def write(connection: sqlite3.Connection, location_id: int, read: Read, *, read_at: str) -> Changes:
    """Make the catalog say what was read of a location: its files, their claims, and what is wrong with them."""
    changes = Changes()
    files = {
        path: file
        for file, path in connection.execute("SELECT id, path FROM file WHERE location_id = ?", (location_id,))
    }
    _forget_files(connection, files, read, changes)
    connection.execute("DELETE FROM problem WHERE location_id = ? AND file_id IS NULL", (location_id,))
    _write_problems(connection, ((location_id, None, each) for each in read if isinstance(each, LocationProblem)))
    writer = _Writer(connection, changes)
    for reading in read:
        if isinstance(reading, Reading):
            _write_file(connection, location_id, files.get(reading.path), reading, writer)
    writer.finish()
    hand_over(connection)
    connection.execute("UPDATE location SET read_at = ? WHERE id = ?", (read_at, location_id))
    return changes


def hand_over(connection: sqlite3.Connection) -> None:
    """Let the next in line hold each name that nobody holds any more."""
    connection.execute(
        "UPDATE claim SET holds = 1 WHERE id IN (SELECT min(id) FROM claim GROUP BY key HAVING max(holds) = 0)"
    )


def keep(connection: sqlite3.Connection, location_id: int, problem: LocationProblem) -> Changes:
    """Leave what a location said as it is, and note why it could not be read: a disk may be away."""
    connection.execute("DELETE FROM problem WHERE location_id = ? AND file_id IS NULL", (location_id,))
    _write_problems(connection, [(location_id, None, problem)])
    (number,) = connection.execute(
        "SELECT count(*) FROM claim JOIN file ON file.id = claim.file_id WHERE location_id = ?", (location_id,)
    ).fetchone()
    return Changes(unchanged=number)


def _forget_files(connection: sqlite3.Connection, files: dict[str, int], read: Read, changes: Changes) -> None:
    present = {reading.path for reading in read if isinstance(reading, Reading)}
    for path, file_id in files.items():
        if path not in present:
            changes.removed += connection.execute(
                "SELECT count(*) FROM claim WHERE file_id = ?", (file_id,)
            ).fetchone()[0]
            connection.execute("DELETE FROM file WHERE id = ?", (file_id,))


def _write_file(
    connection: sqlite3.Connection, location_id: int, file_id: int | None, reading: Reading, writer: _Writer
) -> None:
    if reading.unchanged and not reading.inputs:
        writer.changes.unchanged += writer.count(file_id)
        return
    inputs = json.dumps(reading.inputs)
    pointers = json.dumps([astuple(each) for each in reading.pointers])
    if reading.unchanged:
        connection.execute("UPDATE file SET inputs = ? WHERE id = ?", (inputs, file_id))
        writer.changes.unchanged += writer.count(file_id)
        return
    if file_id is None:
        cursor = connection.execute(
            "INSERT INTO file (location_id, path, inputs, pointers) VALUES (?, ?, ?, ?)",
            (location_id, reading.path, inputs, pointers),
        )
        file_id, old = int(cursor.lastrowid or 0), False
    else:
        connection.execute("UPDATE file SET inputs = ?, pointers = ? WHERE id = ?", (inputs, pointers, file_id))
        connection.execute("DELETE FROM problem WHERE file_id = ?", (file_id,))
        old = True
    _write_problems(connection, ((location_id, file_id, problem) for problem in reading.problems))
    writer.replace(file_id, reading.found, old=old, keep=bool(reading.problems))


def _write_problems(connection: sqlite3.Connection, rows: Iterable[tuple[int, int | None, LocationProblem]]) -> None:
    connection.executemany(
        "INSERT INTO problem (location_id, file_id, file, line, document, field, message) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (location_id, file_id, each.place.file, each.place.line, each.place.document, each.field, each.message)
            for location_id, file_id, each in rows
        ),
    )


class _Writer:
    """Collects the claims of many files and writes them together: one statement for thousands of rows."""

    def __init__(self, connection: sqlite3.Connection, changes: Changes) -> None:
        self.connection = connection
        self.changes = changes
        self._next = 1 + connection.execute("SELECT coalesce(max(id), 0) FROM claim").fetchone()[0]
        self._new: list[tuple[int, int, Found, str]] = []
        self._counts: dict[int, int] | None = None

    def count(self, file_id: int | None) -> int:
        """Return how many claims a file has."""
        if self._counts is None:
            self._counts = dict(self.connection.execute("SELECT file_id, count(*) FROM claim GROUP BY file_id"))
        return self._counts.get(file_id or 0, 0)

    def replace(self, file_id: int, found: Sequence[Found], *, old: bool, keep: bool) -> None:
        """
        Make a file's claims those that were found in it now.

        With `keep`, what is not found stays: a document that cannot be read any more still says who owned what.
        """
        before = self._before(file_id) if old else {}
        for each in found:
            body = _ENCODE(each.entity.document)
            same_name = before.get(each.entity.ref.key)
            if not same_name:
                self._new.append((self._next, file_id, each, body))
                self._next += 1
                continue
            self._update(*same_name.pop(0), each, body)
        left = [claim_id for rows in before.values() for claim_id, _ in rows]
        if keep:
            self.changes.unchanged += len(left)
            return
        self.connection.executemany("DELETE FROM claim WHERE id = ?", ((claim_id,) for claim_id in left))
        self.changes.removed += len(left)

    def finish(self) -> None:
        """Write the new claims."""
        self.changes.added += len(self._new)
        self.connection.executemany(
            "INSERT INTO claim (id, file_id, key, kind, namespace, name, title, description, type, lifecycle, owner,"
            " place, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((claim_id, file_id, *_columns(each), body) for claim_id, file_id, each, body in self._new),
        )
        self._follow([(claim_id, each.entity) for claim_id, _, each, _ in self._new])

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
            self.changes.unchanged += 1
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
                (claim_id, subject.key, side.type, str(side.target))
                for claim_id, entity in rows
                for forward, backward in relations_of(entity)
                for subject, side in ((entity.ref, forward), (forward.target, backward))
            ),
        )


def _columns(found: Found) -> tuple[str, ...]:
    entity, place = found.entity, found.place
    return (
        entity.ref.key,
        entity.kind,
        entity.namespace,
        entity.name,
        entity.title,
        entity.description,
        entity.type,
        entity.lifecycle,
        str(entity.owner or ""),
        json.dumps([place.file, place.line, place.document]),
    )
