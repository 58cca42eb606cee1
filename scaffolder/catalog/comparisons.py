"""
What of each entry is compared with what somebody wants: words and vectors, kept beside the entries.

Rows only; what the words and vectors are is decided by who compares.
"""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog import entries

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from scaffolder.catalog.database import Database
    from scaffolder.catalog.entity import Entity

LAST = "\U0010ffff"
"""The last of all characters: what begins with a text stands before that text and this."""


class Texts(NamedTuple):
    """An entry's words, part by part, separated by spaces; `names` are its names, flat and as written, a line each."""

    names: str
    name: str
    purpose: str
    tags: str
    apis: str


class Called(NamedTuple):
    """A name as it is written, and made plain in one way."""

    key: str
    name: str


class Sought(NamedTuple):
    """
    Which names are worth a closer look: those whose key is one of `equal`, or begins or ends like this.

    The latter are `least` to `most` letters long.
    """

    equal: frozenset[str]
    begin: str
    end: str
    least: int
    most: int


class Compared(NamedTuple):
    """A row; its `vector` is one of `Comparisons.vector_ids`."""

    id: int
    key: str
    kind: str
    vector: int
    texts: Texts


class Pack(NamedTuple):
    """Many rows: ids of 64 bits, and the wholes' vectors."""

    ids: bytes
    vectors: bytes


class Term(NamedTuple):
    """How many entries use a term, how alike they are, and where: b"" when that says nothing."""

    entries: int
    agreement: float
    vector: bytes


class Row(NamedTuple):
    """A row to be written, with the digest of its vectors."""

    id: int
    key: str
    kind: str
    texts: Texts
    called: Iterable[Called]
    digest: bytes


class Comparing(NamedTuple):
    """What compares here: its version, the length of its vectors, and the bytes of one as it is kept."""

    version: str
    dimensions: int
    row: int


class Comparisons:
    """The rows, in the catalog's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> tuple[int, int]:
        """Return what is another whenever something in the database may be."""
        with self._database.reading() as connection:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            return int(version), connection.total_changes

    def snapshot(self) -> AbstractContextManager[None]:
        """Read the same state all through a block."""
        return self._database.snapshot()

    # what is to be compared

    def pending(self, kinds_without: Iterable[str]) -> list[int]:
        """Return the ids of entries that have no row yet, those of some kinds left out."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT uncompared.id FROM uncompared LEFT JOIN claim ON claim.id = uncompared.id"
                " LEFT JOIN reservation ON reservation.id = -uncompared.id"
                " WHERE lower(coalesce(claim.kind, reservation.kind))"
                " NOT IN (SELECT value FROM json_each(?)) ORDER BY 1",
                (json.dumps(sorted(kinds_without)),),
            )
            return [entry_id for (entry_id,) in rows.fetchall()]

    def names(self, ids: Sequence[int]) -> list[tuple[int, str, str]]:
        """Return id, title and name of some entries."""
        with self._database.reading() as connection:
            return connection.execute(
                "SELECT id, title, name FROM entry WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
            ).fetchall()

    def comparable(self, kinds_without: Iterable[str]) -> list[int]:
        """Return the ids of all entries, those of some kinds left out."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM entry WHERE lower(kind) NOT IN (SELECT value FROM json_each(?)) ORDER BY 1",
                (json.dumps(sorted(kinds_without)),),
            )
            return [entry_id for (entry_id,) in rows.fetchall()]

    def entities(self, ids: Sequence[int]) -> list[tuple[int, Entity]]:
        """Return the entities of some ids; one that is gone meanwhile is left out."""
        with self._database.reading() as connection:
            found = ((entry_id, entries.by_id(connection, entry_id)) for entry_id in ids)
            return [(entry_id, entity) for entry_id, entity in found if entity is not None]

    # vectors

    def vector_ids(self, digests: Iterable[bytes]) -> dict[bytes, int]:
        """Return the ids of vectors that are there, by the digest of what they were made from."""
        with self._database.reading() as connection:
            return vector_ids(connection, digests)

    def add(
        self,
        rows: Iterable[tuple[int, Entity, Texts, Iterable[Called], bytes]],
        vectors: Mapping[bytes, tuple[bytes, bytes]],
        *,
        version: str,
    ) -> None:
        """
        Write rows, each with what it is called and the digest of its vectors; `vectors` are the new ones.

        What has changed or gone meanwhile stays as it is: an entry, a vector that was swept up, all of it when another
        `version` compares now.
        """
        with self._database.writing() as connection:
            if not _is_of(connection, version):
                return
            connection.executemany(
                "INSERT OR IGNORE INTO vector (digest, whole, name) VALUES (?, ?, ?)",
                ((digest, *both) for digest, both in vectors.items()),
            )
            made = (
                Row(entry_id, entity.ref.key, entity.kind, texts, called, digest)
                for entry_id, entity, texts, called, digest in rows
                if entries.by_id(connection, entry_id) == entity
            )
            write(connection, list(made))

    def called(self, sought: Sought) -> list[tuple[int, str]]:
        """Return id and name of what is called like that, by id."""
        with self._database.reading() as connection:
            return connection.execute(
                "SELECT id, name FROM called WHERE key IN (SELECT value FROM json_each(:equal))"
                " UNION SELECT id, name FROM called WHERE key >= :begin AND key < :begin_last"
                " AND length(key) BETWEEN :least AND :most"
                " UNION SELECT id, name FROM called WHERE turned >= :end AND turned < :end_last"
                " AND length(turned) BETWEEN :least AND :most ORDER BY 1",
                _bound(sought),
            ).fetchall()

    def packs(self) -> Iterator[Pack]:
        """Iterate over all rows by id, many at a time; what was not packed yet is, for this once."""
        with self._database.reading() as connection:
            chunks = connection.execute(
                "SELECT chunk, chunk IN (SELECT chunk FROM unpacked) FROM packed UNION SELECT chunk, 1 FROM unpacked"
            ).fetchall()
            for chunk, is_stale in sorted(chunks):
                yield _packed_now(connection, chunk) if is_stale else _packed_before(connection, chunk)

    def pack(self) -> None:
        """Pack what has changed, so that the next to read it all is quick."""
        with self._database.reading() as connection:
            if not connection.execute("SELECT 1 FROM unpacked").fetchone():
                return
        with self._database.writing() as connection:
            for (chunk,) in connection.execute("SELECT chunk FROM unpacked").fetchall():
                pack = _packed_now(connection, chunk)
                connection.execute("INSERT OR REPLACE INTO packed VALUES (?, ?, ?)", (chunk, *pack))
            connection.execute("DELETE FROM unpacked")

    def name_vectors(self, ids: Sequence[int]) -> list[bytes]:
        """Return the vectors of names, in the order of the ids."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT compared.id, vector.name FROM compared JOIN vector ON vector.id = vector_id"
                " WHERE compared.id IN (SELECT value FROM json_each(?))",
                (json.dumps(ids),),
            )
            found = dict(rows.fetchall())
        return [found[entry_id] for entry_id in ids]

    # rows

    def rows(self, ids: Sequence[int]) -> list[Compared]:
        """Return rows in the order of their ids."""
        found = {row.id: row for row in self._select("id", ids)}
        return [found[entry_id] for entry_id in ids if entry_id in found]

    def by_key(self, keys: Sequence[str]) -> dict[str, Compared]:
        """Return rows by the keys of their refs."""
        return {row.key: row for row in self._select("key", keys)}

    def every(self) -> Iterator[Compared]:
        """Iterate over all rows by id."""
        with self._database.reading() as connection:
            yield from map(_compared, connection.execute(f"{_SELECT} ORDER BY id"))

    def _select(self, column: str, values: Sequence[object]) -> list[Compared]:
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{_SELECT} WHERE {column} IN (SELECT value FROM json_each(?))",  # noqa: S608  # a column of ours
                (json.dumps(values),),
            )
            return [_compared(row) for row in rows]

    def related(self, keys: Sequence[str], relation: str) -> list[tuple[str, str]]:
        """Return the pairs of keys, one of `keys` first, that a relation joins."""
        with self._database.reading() as connection:
            return connection.execute(
                "SELECT subject, lower(object) FROM relation JOIN claim ON claim.id = claim_id AND holds"
                " WHERE subject IN (SELECT value FROM json_each(?)) AND relation.type = ?",
                (json.dumps(keys), relation),
            ).fetchall()

    # what the catalog as a whole tells

    def terms(self, terms: Iterable[str]) -> dict[str, Term]:
        """Return what is known of some terms."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT term, entries, agreement, coalesce(vector, x'') FROM term"
                " WHERE term IN (SELECT value FROM json_each(?))",
                (json.dumps(list(terms)),),
            )
            return {term: Term(*about) for term, *about in rows}

    def write_terms(
        self, terms: Iterable[tuple[str, int, float, bytes | None]], facts: Mapping[str, str], *, version: str
    ) -> None:
        """Replace all terms, and note facts about them; unless another `version` compares now."""
        with self._database.writing() as connection:
            if not _is_of(connection, version):
                return
            connection.execute("DELETE FROM term")
            connection.executemany("INSERT INTO term VALUES (?, ?, ?, ?)", terms)
            note(connection, facts)

    def repeated(self) -> frozenset[str]:
        """Return the sentences that stand in so many descriptions that they say nothing."""
        with self._database.reading() as connection:
            return frozenset(sentence for (sentence,) in connection.execute("SELECT sentence FROM repeated"))

    def write_repeated(self, sentences: Iterable[str], again: Iterable[int]) -> None:
        """Replace them; the entries of some ids are to be compared again."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM repeated")
            connection.executemany("INSERT INTO repeated VALUES (?)", ((sentence,) for sentence in sentences))
            for entry_id in again:
                connection.execute("DELETE FROM compared WHERE id = ?", (entry_id,))
                connection.execute("INSERT OR IGNORE INTO uncompared VALUES (?)", (entry_id,))

    def descriptions(self) -> Iterator[tuple[int, str]]:
        """Iterate over id and description of every entry."""
        with self._database.reading() as connection:
            yield from connection.execute("SELECT id, description FROM entry WHERE description != ''")

    def facts(self) -> dict[str, str]:
        """Return what was noted."""
        with self._database.reading() as connection:
            return dict(connection.execute("SELECT name, value FROM comparison").fetchall())

    def note(self, facts: Mapping[str, str]) -> None:
        """Note facts."""
        with self._database.writing() as connection:
            note(connection, facts)

    def forget(self, facts: Mapping[str, str]) -> None:
        """Drop every row and vector, so that all are made again; note why."""
        with self._database.writing() as connection:
            forget(connection)
            note(connection, facts)

    def sweep(self) -> None:
        """Drop the vectors of texts that nobody has any more."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM vector WHERE id NOT IN (SELECT vector_id FROM compared)")


def write(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Write rows; one whose vector is gone is left out."""
    known = vector_ids(connection, (row.digest for row in rows))
    made = [row for row in rows if row.digest in known]
    connection.executemany(
        "INSERT OR REPLACE INTO compared (id, key, kind, vector_id, names, name, purpose, tags, apis)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((row.id, row.key, row.kind.lower(), known[row.digest], *row.texts) for row in made),
    )
    for table in ("uncompared", "called"):
        connection.executemany(f"DELETE FROM {table} WHERE id = ?", ((row.id,) for row in made))  # noqa: S608  # ours
    connection.executemany(
        "INSERT INTO called VALUES (?, ?, ?, ?)",
        ((row.id, key, key[::-1], name) for row in made for key, name in row.called),
    )


def vector_ids(connection: sqlite3.Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    """Return the ids of vectors that are there, by the digest of what they were made from."""
    found = {}
    for digest in digests:
        if row := connection.execute("SELECT id FROM vector WHERE digest = ?", (digest,)).fetchone():
            found[digest] = int(row[0])
    return found


def forget(connection: sqlite3.Connection) -> None:
    """Drop every row and vector, and what the catalog as a whole tells."""
    for table in ("compared", "called", "vector", "term", "repeated", "comparison", "packed", "unpacked"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # a name from the line above
    connection.execute("INSERT OR IGNORE INTO uncompared SELECT id FROM entry")


def _bound(sought: Sought) -> dict[str, str | int]:
    """Return the values for the query; where nothing is to begin, or end, like something, nothing does."""
    begin, end = sought.begin or LAST, sought.end[::-1] or LAST
    lengths = {"least": sought.least, "most": sought.most}
    places = {"begin": begin, "begin_last": begin + LAST, "end": end, "end_last": end + LAST}
    return {"equal": json.dumps(sorted(sought.equal)), **places, **lengths}


def _packed_before(connection: sqlite3.Connection, chunk: int) -> Pack:
    return Pack(*connection.execute("SELECT ids, vectors FROM packed WHERE chunk = ?", (chunk,)).fetchone())


def _packed_now(connection: sqlite3.Connection, chunk: int) -> Pack:
    rows = connection.execute(
        "SELECT compared.id, whole FROM compared JOIN vector ON vector.id = vector_id"
        " WHERE compared.id BETWEEN ?1 << 9 AND (?1 << 9) + 511 ORDER BY compared.id",
        (chunk,),
    ).fetchall()
    return Pack(array("q", [entry_id for entry_id, _ in rows]).tobytes(), b"".join(whole for _, whole in rows))


_SELECT = "SELECT id, key, kind, vector_id, names, name, purpose, tags, apis FROM compared"


def _is_of(connection: sqlite3.Connection, version: str) -> bool:
    return connection.execute("SELECT value FROM comparison WHERE name = 'version'").fetchall() == [(version,)]


def _compared(row: tuple[int, str, str, int, str, str, str, str, str]) -> Compared:
    entry_id, key, kind, vector, *texts = row
    return Compared(entry_id, key, kind, vector, Texts(*texts))


def note(connection: sqlite3.Connection, facts: Mapping[str, str]) -> None:
    """Note facts."""
    connection.executemany("INSERT OR REPLACE INTO comparison VALUES (?, ?)", facts.items())
