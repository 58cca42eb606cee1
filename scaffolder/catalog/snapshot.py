"""
A snapshot: all that a shared catalog says, read and compared once, in one file for everybody.

The file is a database of plain tables, without a trigger, a view or an index of words, so that opening somebody else's
is harmless. It holds what was read, never what follows from it: that is made again where it is taken in. What a person
or a task has noted is not in it. Beside it goes a manifest, which says what the file is, and is what gets signed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import posixpath
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from scaffolder.catalog.elsewhere import GIT, FileElsewhere, resolved
from scaffolder.catalog.files import Pointer
from scaffolder.catalog.repositories import by_path, by_url
from scaffolder.catalog.roots import Origin, Unreadable
from scaffolder.errors import Failed
from scaffolder.gateways.git_address import Address
from scaffolder.gateways.git_relative import is_relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from scaffolder.catalog.database import Database

FORMAT = 1
LARGEST = 1_000_000_000
"""Bytes."""

MOST_ENTITIES = 1_000_000
PIECE = 1 << 20

SCHEMA = """
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,      -- in the catalog's repository, or a target that leads into another
    inputs TEXT NOT NULL,    -- JSON, as in the catalog's own database; so are those below
    pointers TEXT NOT NULL,
    problems TEXT NOT NULL   -- JSON: [file, line, document, field, message] of each
) STRICT;
CREATE TABLE entity (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL,
    place TEXT NOT NULL,     -- JSON: [file, line, document]
    body TEXT NOT NULL       -- JSON: the entity
) STRICT;
CREATE TABLE compared (
    entity INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,    -- of its vectors
    texts TEXT NOT NULL,     -- JSON: its words, part by part
    called TEXT NOT NULL     -- JSON: [key, name] of each
) STRICT;
CREATE TABLE vector (digest BLOB PRIMARY KEY, whole BLOB NOT NULL, name BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE term (
    term TEXT PRIMARY KEY, entries INTEGER NOT NULL, agreement REAL NOT NULL, vector BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE repeated (sentence TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


class SnapshotRefused(Failed):
    """A snapshot is not taken; the catalog is read instead."""

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(f"the catalog's snapshot {reason}", hint=hint)


class Manifest(NamedTuple):
    """
    What a snapshot is: of which commit of the catalog's repository, and which version of what compared it.

    `read_at` is when its reading began; `sha256` and `size` are those of the database.
    """

    tool_version: str
    compared_by: str
    commit: str
    read_at: datetime
    sha256: str
    size: int
    entities: int

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """
        Read a manifest.

        Raises:
            SnapshotRefused: It is none, or one of another version.
        """
        try:
            found = json.loads(data)
            if found["format"] != FORMAT:
                raise SnapshotRefused("is in a form that this version does not read", hint="upgrade scaffolder")
            return cls._checked(found)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise SnapshotRefused("says nothing of itself that can be read") from error

    @classmethod
    def _checked(cls, found: Mapping[str, Any]) -> Self:
        texts = [found[name] for name in ("toolVersion", "comparedBy", "commit", "readAt", "sha256")]
        size, entities = found["size"], found["entities"]
        if not all(isinstance(text, str) for text in texts) or type(size) is not int or type(entities) is not int:
            raise TypeError
        tool_version, compared_by, commit, read_at, sha256 = texts
        if not re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", commit):
            raise ValueError
        if size > LARGEST or entities > MOST_ENTITIES:
            raise SnapshotRefused(f"is too large: {size // 1_000_000:,} MB, {entities:,} entities")
        when = datetime.fromisoformat(read_at).astimezone(UTC)
        return cls(tool_version, compared_by, commit, when, sha256, size, entities)

    def to_json(self) -> dict[str, Any]:
        """Return the published form."""
        return {
            "format": FORMAT,
            "toolVersion": self.tool_version,
            "comparedBy": self.compared_by,
            "commit": self.commit,
            "readAt": self.read_at.isoformat(),
            "entities": self.entities,
            "size": self.size,
            "sha256": self.sha256,
        }

    def written(self) -> bytes:
        """Return its file."""
        return json.dumps(self.to_json(), indent=2).encode() + b"\n"


def write(database: Database, file: Path, *, target: str) -> int:
    """Write what a location says, and how it compares, to a file that is not there yet; return how many entities."""
    with database.reading() as source, closing(sqlite3.connect(file)) as snapshot:
        snapshot.executescript(SCHEMA)
        pointing = source.execute(f"SELECT path, pointers {_FILES}", (target,)).fetchall()
        names = Names(target, [(path, pointers_of(text)) for path, text in pointing])
        _write_read(source, snapshot, target, names)
        _write_compared(source, snapshot)
        snapshot.commit()
        (number,) = snapshot.execute("SELECT count(*) FROM entity").fetchone()
    return int(number)


def packed(file: Path, into: Path) -> tuple[str, int]:
    """Compress a database; return its digest and size."""
    with file.open("rb") as data, into.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as squeezed:
        shutil.copyfileobj(data, squeezed, PIECE)
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest(), file.stat().st_size


def unpacked(file: Path, into: Path, manifest: Manifest) -> None:
    """
    Write the database of a snapshot, no more of it than the manifest says.

    Raises:
        SnapshotRefused: It is not the one that the manifest is about.
    """
    digest, left = hashlib.sha256(), manifest.size
    try:
        with gzip.open(file) as data, into.open("wb") as plain:
            while piece := data.read(min(PIECE, left + 1)):
                left -= len(piece)
                if left < 0:
                    break
                digest.update(piece)
                plain.write(piece)
    except (EOFError, gzip.BadGzipFile, ArithmeticError, ValueError) as error:
        raise SnapshotRefused("is damaged: it cannot be unpacked") from error
    if left or digest.hexdigest() != manifest.sha256:
        raise SnapshotRefused("is damaged: it is not the file that its manifest describes")


class Names:
    """
    What a snapshot calls the files of repositories, so that they are found by whatever address the catalog is reached.

    `target` is the catalog's repository, `.` in a snapshot. Others that are named relative to it, there or in one of
    those, are relative there too.
    """

    def __init__(self, target: str, pointers: Sequence[tuple[str, Sequence[Pointer]]] = ()) -> None:
        self._target = target
        self._origin = Origin(_repository(target))
        self._relative: dict[str, str] = {}
        self._here: dict[str, str] = {}
        self._follow(pointers)

    def to_snapshot(self, name: str) -> str:
        """Return how the path, or the label, of a file is written in the snapshot."""
        file = FileElsewhere.parse(name)
        if file and file.address in self._relative:
            return str(file._replace(address=self._relative[file.address]))
        return f".{name[len(self._target) :]}" if name.startswith(f"{self._target}:") else name

    def from_snapshot(self, name: str) -> str:
        """
        Return what it is here.

        Raises:
            Unreadable: It is none that a catalog's repository may name.
        """
        if name not in self._here:
            file = FileElsewhere.parse(name) if name.startswith(GIT) else None
            own = f"{self._target}{name[1:]}" if name.startswith(".:") else name
            self._here[name] = str(resolved(file, self._origin)) if file else own
        return self._here[name]

    def targets(self, path: str, pointers: Iterable[Pointer]) -> list[FileElsewhere]:
        """Return the files of other repositories that the pointers in a file lead to."""
        here = FileElsewhere.parse(path)
        origin = Origin(here.address) if here else self._origin
        found = []
        for pointer in pointers:
            with suppress(Unreadable):
                if file := FileElsewhere.parse(pointer.target):
                    found.append(resolved(file, origin))
        return found

    def _follow(self, files: Sequence[tuple[str, Sequence[Pointer]]]) -> None:
        """Note the repositories that relative addresses lead to, from ours or from such a one."""
        before = -1
        while before < len(self._relative):
            before = len(self._relative)
            for path, pointers in files:
                here = FileElsewhere.parse(path)
                if here is None or here.address in self._relative:
                    for file in self.targets(path, (each for each in pointers if _is_relative(each.target))):
                        self._relative[file.address] = _way(self._origin.address, file.address)


def _is_relative(target: str) -> bool:
    file = FileElsewhere.parse(target)
    return file is not None and is_relative(file.address)


def _way(here: str, address: str) -> str:
    """Return an address as one that is relative to another."""
    way = posixpath.relpath(_slashed(address), _slashed(here))
    return way if is_relative(way) else f"./{way}"


def _slashed(address: str) -> str:
    return address if "://" in address else address.replace(":", ":/", 1)


def _repository(target: str) -> str:
    """Return the address of a location's repository, without the ref."""
    return (by_url(target) or by_path(target) or Address(target)).url


def pointers_of(text: str) -> list[Pointer]:
    """
    Return where a file's `Location` entities lead, from how it is stored.

    Raises:
        ValueError, TypeError: It is no such text.
    """
    return [Pointer(*each) for each in json.loads(text)]


_FILES = "FROM file WHERE location_id = (SELECT id FROM location WHERE target = ?)"


def _write_read(source: sqlite3.Connection, snapshot: sqlite3.Connection, target: str, names: Names) -> None:
    problems: dict[int | None, list[tuple[Any, ...]]] = {}
    location = "(SELECT id FROM location WHERE target = ?)"
    for file_id, file, *rest in source.execute(
        f"SELECT file_id, file, line, document, field, message FROM problem WHERE location_id = {location}",  # noqa: S608  # ours
        (target,),
    ):
        problems.setdefault(file_id, []).append((names.to_snapshot(file), *rest))
    files = source.execute(f"SELECT id, path, inputs, pointers {_FILES} ORDER BY id", (target,)).fetchall()
    snapshot.executemany(
        "INSERT INTO file VALUES (?, ?, ?, ?, ?)",
        (
            (
                file_id,
                names.to_snapshot(path),
                _renamed(inputs, names),
                pointers,
                json.dumps(problems.get(file_id, [])),
            )
            for file_id, path, inputs, pointers in files
        ),
    )
    entities = source.execute(
        f"SELECT id, file_id, place, body FROM claim WHERE file_id IN (SELECT id {_FILES}) ORDER BY id",  # noqa: S608  # ours
        (target,),
    )
    snapshot.executemany(
        "INSERT INTO entity VALUES (?, ?, ?, ?)",
        ((claim_id, file_id, _renamed(f"[{place}]", names)[1:-1], body) for claim_id, file_id, place, body in entities),
    )
    lost = json.dumps(problems.get(None, []))
    snapshot.execute("INSERT INTO fact VALUES ('lost', ?)", (lost,))


def _renamed(rows: str, names: Names) -> str:
    """Return rows, as JSON, each of which begins with the name of a file."""
    return json.dumps([[names.to_snapshot(file), *rest] for file, *rest in json.loads(rows)])


def _write_compared(source: sqlite3.Connection, snapshot: sqlite3.Connection) -> None:
    """Write what compares the entities that are in the snapshot already."""
    ids = json.dumps([entity_id for (entity_id,) in snapshot.execute("SELECT id FROM entity")])
    called: dict[int, list[tuple[str, str]]] = {}
    for entity_id, *each in source.execute(
        "SELECT id, key, name FROM called WHERE id IN (SELECT value FROM json_each(?))", (ids,)
    ):
        called.setdefault(entity_id, []).append((each[0], each[1]))
    rows = source.execute(
        "SELECT compared.id, digest, names, compared.name, purpose, tags, apis, whole, vector.name"
        " FROM compared JOIN vector ON vector.id = vector_id WHERE compared.id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    for entity_id, digest, *texts, whole, name in rows:
        words = json.dumps(texts), json.dumps(called.get(entity_id, []))
        snapshot.execute("INSERT INTO compared VALUES (?, ?, ?, ?)", (entity_id, digest, *words))
        snapshot.execute("INSERT OR IGNORE INTO vector VALUES (?, ?, ?)", (digest, whole, name))
    for table, columns in (("term", "term, entries, agreement, vector"), ("repeated", "sentence")):
        marks = ", ".join("?" for _ in columns.split(","))
        everything = source.execute(f"SELECT {columns} FROM {table}")  # noqa: S608  # names from the line above
        snapshot.executemany(f"INSERT INTO {table} VALUES ({marks})", everything)  # noqa: S608  # the same
    snapshot.executemany("INSERT INTO fact VALUES (?, ?)", source.execute("SELECT name, value FROM comparison"))
