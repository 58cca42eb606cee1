"""
SQLite databases: opened in one way, brought up to date by migrations, failing in words a person understands.

A migration is a function of a connection. The list of a database's migrations only ever grows at its end; how many
have been applied is the database's `user_version`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scaffolder.errors import Failed, ScaffolderError, TryAgain
from scaffolder.gateways.home import private_directory

Migration = Callable[[sqlite3.Connection], None]

PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REFUSED = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}


class NewerState(Failed):
    """A newer version of this program wrote the database."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} was made by a newer scaffolder",
            hint="upgrade scaffolder; this version leaves the file as it is",
        )


class DatabaseDamaged(Failed):
    """The file is no database, or part of it cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is damaged, or is no database",
            hint=f"move it away and start again: mv {path} {path}.damaged",
        )


class DatabaseRefused(Failed):
    """The file system does not let us read or write the database."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"cannot write {path}: {reason}",
            hint=f"free some space, or make {path.parent} writable for you, then try again",
        )


class Locked(TryAgain):
    """Another process has been writing for longer than we wait."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"another process is using {path}", hint="wait for it to finish, then try again")


def connect(path: Path, migrations: Sequence[Migration], *, durable: bool = False) -> sqlite3.Connection:
    """
    Open the database at `path`, made if need be (0600, in a directory 0700), with every migration applied.

    Transactions are explicit: see `transaction`. With `durable` a commit survives a power cut (one `fsync` each);
    without, it survives a crash of the process, and a power cut may lose the last commits, never the database.

    Raises:
        NewerState: Its version is beyond the last migration.
        DatabaseDamaged: It is no database, or a broken one.
        DatabaseRefused: The disk is full or permissions are missing.
        Locked: Another process kept it busy.
    """
    _make_file(path)
    with _in_our_words(path), contextlib.ExitStack() as undo:
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        undo.callback(connection.close)
        if _version(connection) > len(migrations):
            raise NewerState(path)
        _configure(connection, durable=durable)
        if _version(connection) < len(migrations):
            _migrate(connection, migrations, path)
        undo.pop_all()
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """
    Run the block as one transaction that may write, undone when it raises.

    Raises:
        Locked, DatabaseDamaged, DatabaseRefused: As `connect`. A broken constraint stays `sqlite3.IntegrityError`.
    """
    with in_our_words(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself rolls back when the disk is full
                connection.execute("ROLLBACK")
            raise


def close_with(owner: object, connection: sqlite3.Connection) -> None:
    """Close the connection when nobody holds its owner any more; a process that ends, or was forked, closes nothing."""
    weakref.finalize(owner, _closed, connection).atexit = False


def _closed(connection: sqlite3.Connection) -> None:
    """Close a connection, unless another thread happens to collect the garbage: SQLite's own end of it does then."""
    with contextlib.suppress(sqlite3.ProgrammingError):
        connection.close()


@contextlib.contextmanager
def in_our_words(connection: sqlite3.Connection) -> Iterator[None]:
    """Turn SQLite's errors about the file into ours; for reads outside a transaction."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, _path_of(connection)) from error


@contextlib.contextmanager
def _in_our_words(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def _translated(error: sqlite3.Error, path: Path) -> sqlite3.Error | ScaffolderError:
    """Return our error for one about the file; a mistake in a statement stays what it is."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the code only refines it
    if primary in _BUSY:
        return Locked(path)
    if primary in _DAMAGED:
        return DatabaseDamaged(path)
    if primary in _REFUSED:
        return DatabaseRefused(path, str(error))
    return error


def _path_of(connection: sqlite3.Connection) -> Path:
    with contextlib.suppress(sqlite3.Error):
        return Path(connection.execute("PRAGMA database_list").fetchone()[2])
    return Path("the database")


def _make_file(path: Path) -> None:
    """Make the file before SQLite does, so that it and the files SQLite puts beside it are the owner's alone."""
    try:
        private_directory(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise DatabaseRefused(path, error.strerror or str(error)) from error


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _configure(connection: sqlite3.Connection, *, durable: bool) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _switch_to_wal(connection)
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys = ON")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Ask until it is granted: SQLite does not wait here as it does elsewhere when two processes open a new file."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Migration], path: Path) -> None:
    with transaction(connection):
        version = _version(connection)  # another process may have been faster
        if version > len(migrations):
            raise NewerState(path)
        for migration in migrations[version:]:
            migration(connection)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
