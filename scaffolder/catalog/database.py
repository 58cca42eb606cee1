"""
The catalog's tables.

A *claim* is an entity as one file describes it. Several files may claim one name, in whatever case; the first holds it
until it is gone, and the others wait, visible as conflicts. *Entries* are the claims that hold and the names tasks have
reserved; a reservation's id is negative there and in the search index, so that one query sees both.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from scaffolder.gateways.sqlite import close_with, connect, in_our_words, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scaffolder.gateways.sqlite import Migration

_FIRST = """
CREATE TABLE location (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL UNIQUE,
    task_id TEXT NOT NULL DEFAULT '',  -- the task that registered it; '' when a person added it
    read_at TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    location_id INTEGER NOT NULL REFERENCES location ON DELETE CASCADE,
    path TEXT NOT NULL,
    stamp TEXT NOT NULL,     -- the file's own, where it was made of nothing else
    inputs TEXT NOT NULL,    -- JSON: [path, stamp, digest] of each file it was made from
    pointers TEXT NOT NULL,  -- JSON: where its Location entities lead
    UNIQUE (location_id, path)
) STRICT;

CREATE TABLE problem (
    location_id INTEGER NOT NULL REFERENCES location ON DELETE CASCADE,
    file_id INTEGER REFERENCES file ON DELETE CASCADE,  -- NULL: about a target, looked at again each time
    file TEXT NOT NULL,
    line INTEGER,
    document INTEGER,
    field TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
CREATE INDEX problem_of_location ON problem (location_id);
CREATE INDEX problem_of_file ON problem (file_id);

CREATE TABLE claim (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    holds INTEGER NOT NULL DEFAULT 0,
    key TEXT NOT NULL,       -- the ref in lower case
    kind TEXT NOT NULL,      -- as the entity writes it
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    lifecycle TEXT NOT NULL,
    owner TEXT NOT NULL,     -- a ref, or ''
    place TEXT NOT NULL,     -- JSON: [file, line, document]
    body TEXT NOT NULL       -- JSON: the entity
) STRICT;
CREATE INDEX claim_of_file ON claim (file_id);
CREATE INDEX claim_of_key ON claim (key, holds, place);  -- whole names are compared without reading the bodies

CREATE TABLE relation (
    claim_id INTEGER NOT NULL REFERENCES claim ON DELETE CASCADE,  -- who states it
    subject TEXT NOT NULL,  -- a ref in lower case
    type TEXT NOT NULL,
    object TEXT NOT NULL    -- a ref as it is written
) STRICT;
CREATE INDEX relation_of_claim ON relation (claim_id);
CREATE INDEX relation_of_subject ON relation (subject);

CREATE TABLE reservation (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    purpose TEXT NOT NULL,
    who TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE VIEW entry AS
    SELECT id, key, kind, namespace, name, title, description, type, lifecycle, owner, 0 AS reserved
    FROM claim WHERE holds
    UNION ALL
    SELECT -id, key, kind, namespace, name, name, purpose, '', '', owner, 1
    FROM reservation;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    body TEXT NOT NULL  -- JSON
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (name, title, tags, description, apis, tokenize = 'porter unicode61');

CREATE TRIGGER claim_gone AFTER DELETE ON claim BEGIN
    DELETE FROM search WHERE rowid = old.id;
END;
CREATE TRIGGER reservation_gone AFTER DELETE ON reservation BEGIN
    DELETE FROM search WHERE rowid = -old.id;
END;
"""

_SECOND = """
-- What of an entry is compared with what somebody wants. All of it is made from the entries, and can be made again.
CREATE TABLE compared (
    id INTEGER PRIMARY KEY,  -- as in the search index
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    vector_id INTEGER NOT NULL REFERENCES vector,
    names TEXT NOT NULL,     -- its name and its title, each without case and separators, a line each
    name TEXT NOT NULL,      -- words, and so on
    purpose TEXT NOT NULL,
    tags TEXT NOT NULL,
    apis TEXT NOT NULL
) STRICT;
CREATE INDEX compared_by_key ON compared (key);
CREATE INDEX compared_by_vector ON compared (vector_id);

CREATE TABLE uncompared (id INTEGER PRIMARY KEY) STRICT;

CREATE TABLE vector (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,  -- of the texts
    whole BLOB NOT NULL,          -- as whoever compares writes vectors
    name BLOB NOT NULL
) STRICT;

CREATE TABLE term (
    term TEXT PRIMARY KEY,
    entries INTEGER NOT NULL,     -- how many use it
    agreement REAL NOT NULL,      -- how alike those are
    vector BLOB                   -- where they are; NULL when they are too few, or too many, to tell
) STRICT, WITHOUT ROWID;

CREATE TABLE repeated (sentence TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE comparison (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO uncompared SELECT id FROM entry;

CREATE TRIGGER claim_to_compare AFTER INSERT ON claim WHEN new.holds BEGIN
    INSERT OR IGNORE INTO uncompared VALUES (new.id);
END;
CREATE TRIGGER claim_to_compare_again AFTER UPDATE OF body, holds ON claim
WHEN new.body != old.body OR new.holds != old.holds BEGIN  -- a file is written again as a whole
    DELETE FROM compared WHERE id = old.id;
    INSERT OR IGNORE INTO uncompared SELECT new.id WHERE new.holds;
END;
CREATE TRIGGER claim_not_compared AFTER DELETE ON claim BEGIN
    DELETE FROM compared WHERE id = old.id;
    DELETE FROM uncompared WHERE id = old.id;
END;
CREATE TRIGGER reservation_to_compare AFTER INSERT ON reservation BEGIN
    INSERT OR IGNORE INTO uncompared VALUES (-new.id);
END;
CREATE TRIGGER reservation_not_compared AFTER DELETE ON reservation BEGIN
    DELETE FROM compared WHERE id = -old.id;
    DELETE FROM uncompared WHERE id = -old.id;
END;
"""

_THIRD = """
-- All of what is compared, hundreds of entries a row: read at every start, which a row for each would take long.
CREATE TABLE packed (
    chunk INTEGER PRIMARY KEY,  -- compared.id >> 9
    ids BLOB NOT NULL,          -- 64-bit, as the machine has them
    vectors BLOB NOT NULL       -- of the wholes, in their order
) STRICT;

CREATE TABLE unpacked (chunk INTEGER PRIMARY KEY) STRICT;

INSERT INTO unpacked SELECT DISTINCT id >> 9 FROM compared;

CREATE TRIGGER compared_to_pack AFTER INSERT ON compared BEGIN
    INSERT OR IGNORE INTO unpacked VALUES (new.id >> 9);
END;
CREATE TRIGGER compared_to_pack_again AFTER DELETE ON compared BEGIN
    INSERT OR IGNORE INTO unpacked VALUES (old.id >> 9);
END;

-- What entries are called, so that nearly equal names are found by how they begin, or end.
CREATE TABLE called (
    id INTEGER NOT NULL,  -- compared.id
    key TEXT NOT NULL,    -- the name, made plain
    turned TEXT NOT NULL, -- that, from its end
    name TEXT NOT NULL    -- as it is written
) STRICT;
CREATE INDEX called_by_id ON called (id);
CREATE INDEX called_by_key ON called (key);
CREATE INDEX called_by_turned ON called (turned);

-- Names that others have reserved in the catalog repository, as it was read last: shown, and no obstacle here.
ALTER TABLE reservation ADD COLUMN of_others INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER compared_not_called AFTER DELETE ON compared BEGIN
    DELETE FROM called WHERE id = old.id;
END;
"""

_FOURTH = """
-- How old what a location leads to may be: all of it is as it was then, or newer.
CREATE TABLE whole (
    location_id INTEGER PRIMARY KEY REFERENCES location ON DELETE CASCADE,
    at TEXT NOT NULL,
    snapshot TEXT NOT NULL  -- the commit of the snapshot that was last taken
) STRICT;
"""

_FIFTH = """
-- The commit of its repository at which all of a location was read; '' when something is to be tried again.
ALTER TABLE location ADD COLUMN read_commit TEXT NOT NULL DEFAULT '';
"""


def _migration(script: str) -> Migration:
    def migrate(connection: sqlite3.Connection) -> None:
        # executescript would commit the transaction the migrations run in
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                connection.execute(statement)
                statement = ""

    return migrate


MIGRATIONS = tuple(map(_migration, (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)))


class Database:
    """
    The file at `path`, opened, and made, when it is needed.

    Looking creates nothing: a catalog that has no file yet is empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a transaction."""
        with transaction(self._open()) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to read from."""
        if self._connection or self.path.exists():
            with in_our_words(self._open()):
                yield self._open()
        else:
            with closing(_empty()) as nothing:
                yield nothing

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read the same state all through the block, whatever others write meanwhile."""
        with self.reading() as connection:
            if connection.in_transaction:
                yield
                return
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            # a name that was given to somebody must still be theirs after a power cut
            self._connection = connect(self.path, MIGRATIONS, durable=True)
            close_with(self, self._connection)
        return self._connection


def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migration in MIGRATIONS:
        migration(connection)
    return connection
