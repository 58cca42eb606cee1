"""
Taking a snapshot into the catalog on this machine.

Somebody else made the file: it is looked through as a whole before anything is written. Entities are checked and taken
in by the rules for what is read from files; what stays as it was keeps its id, and so do its names.
"""

from __future__ import annotations

import gc
import json
import math
import sqlite3
import struct
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.catalog import comparisons, ingest, registry
from scaffolder.catalog.comparisons import Called, Comparing, Comparisons, Row, Texts
from scaffolder.catalog.entity import Entity, check
from scaffolder.catalog.files import FileRead, Found, Input, Pointer
from scaffolder.catalog.reading import Read
from scaffolder.catalog.reports import Ingest, LocationProblem
from scaffolder.catalog.snapshot import MOST_ENTITIES, SCHEMA, Manifest, Names, SnapshotRefused, pointers_of
from scaffolder.errors import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from scaffolder.catalog.database import Database

ESCAPE = "\\u"
"""What begins a character that JSON can say and a database cannot hold, among others."""

NOTHING = "[]"
"""As most pointers and problems are written."""

PAGES = "PRAGMA cache_size = -131072"
"""Room for all that is written at once, 128 MB; with less, pages are written, and read again, many times."""

LONGEST_VALUE = 64 * 1024 * 1024
SCALE = struct.Struct("<f")


class Snapshot(NamedTuple):
    """A snapshot that was fetched: its database, what that is, and the commit that it came by."""

    file: Path
    manifest: Manifest
    commit: str = ""


def adopt(
    database: Database,
    snapshot: Snapshot,
    *,
    target: str,
    comparing: Comparing | None = None,
    current: Mapping[str, str] | None = None,
) -> Ingest:
    """
    Make a location say what a snapshot says, and return what that changed.

    With `comparing`, it brings its vectors where they were made the same way. `current` has the stamps of files as
    they are in the catalog's repository now: what was read here of those already is newer than the snapshot.

    Raises:
        SnapshotRefused: It is damaged, or not what it should be; nothing has changed.
    """
    with closing(_opened(snapshot.file)) as source, _refused_when_damaged(), _without_collecting():
        content = _Content(source, target)
        if comparing and comparing.version == snapshot.manifest.compared_by:
            content.compare(comparing)
        with database.writing() as connection:
            connection.execute(PAGES)
            changes = _adopt(connection, content, snapshot, current or {})
    Comparisons(database).pack()
    return changes


class _Content:
    """All of a snapshot, held in memory: while the catalog is written, nothing is read that could be broken."""

    def __init__(self, source: sqlite3.Connection, target: str) -> None:
        self.facts: dict[str, str] = dict(source.execute("SELECT name, value FROM fact"))
        files = source.execute("SELECT id, path, inputs, pointers, problems FROM file ORDER BY id").fetchall()
        self.target = target
        self.names = Names(target)
        self.files = {self.names.from_snapshot(path): _File(*rest) for _, path, *rest in files}
        by_id = dict(zip((row[0] for row in files), self.files.values(), strict=True))
        for file, place, body in source.execute("SELECT file, place, body FROM entity ORDER BY id"):
            by_id[file].entities.append((place, body))
        self.comparing: Comparing | None = None
        self._source = source

    def compare(self, comparing: Comparing) -> None:
        """
        Bring what compares the entities, too.

        Raises:
            ValueError: A vector is none of that length.
        """
        execute = self._source.execute
        self.vectors = execute("SELECT digest, whole, name FROM vector").fetchall()
        self.terms = execute("SELECT term, entries, agreement, vector FROM term").fetchall()
        self.repeated = execute("SELECT sentence FROM repeated").fetchall()
        self.compared: dict[str, tuple[Texts, list[Called], bytes]] = {
            body: (_texts(texts), [Called(*map(_text, each)) for each in json.loads(called)], digest)
            for body, digest, texts, called in execute(
                "SELECT body, digest, texts, called FROM compared JOIN entity ON entity.id = entity"
            )
        }
        middle = json.loads(self.facts["middle"])
        rows = [row for _, *both in self.vectors for row in both] + [row for *_, row in self.terms if row is not None]
        if len(middle) != comparing.dimensions or not all(map(math.isfinite, middle)) or int(self.facts["entries"]) < 0:
            raise ValueError
        if not all(len(row) == comparing.row and math.isfinite(SCALE.unpack_from(row)[0]) for row in rows):
            raise ValueError
        self.comparing = comparing

    def read(self, known: Mapping[str, str], newer: Iterable[str]) -> Read:
        """Return what is another than what is known: the `inputs` of files by their paths."""
        read = Read(unchanged=[*newer], lost=self._problems(self.facts["lost"]))
        kept = set(read.unchanged)
        for path, file in self.files.items():
            if path in kept:
                continue
            inputs = self.inputs(file.inputs)
            if path in known and known[path] == json.dumps(inputs):
                read.unchanged.append(path)
            else:
                read.files.append(self._read(path, inputs, file))
        return read

    def _read(self, path: str, inputs: list[Input], file: _File) -> FileRead:
        found = [
            Found(_entity(body), self._place(json.loads(place)), "" if ESCAPE in body else body)
            for place, body in file.entities
        ]
        return FileRead(path, inputs, _pointers(file.pointers), found, self._problems(file.problems))

    def inputs(self, text: str) -> list[Input]:
        """Return the files that one was made from, as they are called here."""
        rows = [[*map(_text, each)] for each in json.loads(text)]
        return [Input(self.names.from_snapshot(path), *rest) for path, *rest in rows]

    def _place(self, parts: list[Any]) -> Place:
        file, line, document, *field = parts
        return Place(self.names.from_snapshot(_text(file)), _number(line), _number(document), *map(_text, field))

    def _problems(self, text: str) -> list[LocationProblem]:
        rows = [] if text == NOTHING else json.loads(text)
        return [LocationProblem(self._place(place), _text(message)) for *place, message in rows]


class _File:
    """One file of a snapshot, and its entities: place and body of each."""

    def __init__(self, inputs: str, pointers: str, problems: str) -> None:
        self.inputs = inputs
        self.pointers = pointers
        self.problems = problems
        self.entities: list[tuple[str, str]] = []


def _adopt(connection: sqlite3.Connection, content: _Content, snapshot: Snapshot, current: Mapping[str, str]) -> Ingest:
    location_id = registry.remember(connection, content.target)
    rows = connection.execute(
        "SELECT path, inputs, pointers FROM file WHERE location_id = ?", (location_id,)
    ).fetchall()
    newer = _newer(content, rows, current)
    read = content.read({path: inputs for path, inputs, _ in rows}, newer)
    # a clock that is fast would keep all later ones away
    at = min(snapshot.manifest.read_at, datetime.now(UTC)).isoformat()
    (before,) = connection.execute("SELECT read_at FROM location WHERE id = ?", (location_id,)).fetchone()
    changes = ingest.write(connection, location_id, read, read_at=max(at, before))
    if content.comparing:
        _compare(connection, location_id, content, content.comparing.version)
    registry.note_whole(connection, location_id, at=at, snapshot=snapshot.commit)
    registry.note_commit(connection, location_id, "" if newer or read.lost else snapshot.manifest.commit)
    return Ingest(content.target, changes.added, changes.changed, changes.removed, changes.unchanged)


def _newer(content: _Content, rows: Iterable[tuple[str, str, str]], current: Mapping[str, str]) -> set[str]:
    """Return the files that are known as they are now, where the snapshot has an older state of them, or none."""
    newer = set()
    for path, inputs, pointers in rows:
        file = content.files.get(path)
        if [stamp for _, stamp, _ in json.loads(inputs)[:1]] != [current.get(path)]:
            continue
        if file is None or json.dumps(content.inputs(file.inputs)) != inputs:
            newer.add(path)
            newer.update(map(str, content.names.targets(path, pointers_of(pointers))))
    return newer.intersection(path for path, *_ in rows)


def _compare(connection: sqlite3.Connection, location_id: int, content: _Content, version: str) -> None:
    """Write the rows of entries that have none, and what the catalog as a whole tells."""
    if connection.execute("SELECT value FROM comparison WHERE name = 'version'").fetchall() != [(version,)]:
        comparisons.forget(connection)
    if set(connection.execute("SELECT sentence FROM repeated")) != set(content.repeated):
        comparisons.forget(connection)  # what is left out of each description is another
        connection.executemany("INSERT INTO repeated VALUES (?)", content.repeated)
    connection.executemany("INSERT OR IGNORE INTO vector (digest, whole, name) VALUES (?, ?, ?)", content.vectors)
    pending = connection.execute(
        "SELECT claim.id, key, kind, body FROM uncompared JOIN claim ON claim.id = uncompared.id"
        " JOIN file ON file.id = file_id WHERE location_id = ? AND holds",
        (location_id,),
    ).fetchall()
    known = content.compared
    rows = [Row(entry_id, key, kind, *known[body]) for entry_id, key, kind, body in pending if body in known]
    comparisons.write(connection, rows)
    connection.execute("DELETE FROM vector WHERE id NOT IN (SELECT vector_id FROM compared)")
    connection.execute("DELETE FROM term")
    connection.executemany("INSERT INTO term VALUES (?, ?, ?, ?)", content.terms)
    comparisons.note(connection, {"version": version, **_whole_facts(connection, location_id, content)})


def _whole_facts(connection: sqlite3.Connection, location_id: int, content: _Content) -> dict[str, str]:
    """Return what the snapshot tells of the whole; whatever else is compared here has come since."""
    (others,) = connection.execute(
        "SELECT count(*) FROM compared WHERE id NOT IN"
        " (SELECT claim.id FROM claim JOIN file ON file.id = file_id WHERE location_id = ?)",
        (location_id,),
    ).fetchone()
    return {"entries": content.facts["entries"], "middle": content.facts["middle"], "changed": str(others)}


def _opened(file: Path) -> sqlite3.Connection:
    """Open somebody else's database: nothing in it is run, and it is whole, and laid out as ours are."""
    with _refused_when_damaged():
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            _check(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(SCHEMA)
        if _layout(connection) != _layout(ours):
            raise SnapshotRefused("is not laid out as a snapshot is")
    if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise SnapshotRefused("is damaged: SQLite's own check finds something wrong")
    (entities,) = connection.execute("SELECT count(*) FROM entity").fetchone()
    if entities > MOST_ENTITIES:
        raise SnapshotRefused(f"is too large: it has {entities:,} entities, and at most {MOST_ENTITIES:,} are taken")


def _layout(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2").fetchall()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Do not look for garbage: all that is made in the block is kept, and looking takes a tenth of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@contextmanager
def _refused_when_damaged() -> Iterator[None]:
    """Turn what goes wrong with somebody else's data into our words; nothing of it is a reason to stop."""
    try:
        yield
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, sqlite3.Error) as error:
        raise SnapshotRefused("is damaged: it holds what cannot be read") from error


def _entity(body: str) -> Entity:
    document = json.loads(body)
    if check(document):
        raise SnapshotRefused("holds an entity that is not valid here")
    return Entity(document)


def _pointers(text: str) -> list[Pointer]:
    rows = [] if text == NOTHING else json.loads(text)
    return [
        Pointer(_text(target), _whole(document), _whole(line), _text(field), bool(optional))
        for target, document, line, field, optional in rows
    ]


def _texts(text: str) -> Texts:
    return Texts(*map(_text, json.loads(text)))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    if not value.isascii():
        value.encode()  # no half of a character
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _number(value: object) -> int | None:
    return None if value is None else _whole(value)
