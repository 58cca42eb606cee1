"""A copy of a catalog, to try out what is not in it yet."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from scaffolder.catalog import claims, registry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scaffolder.catalog.database import Database
    from scaffolder.catalog.reading import Read


def copy(source: Database, path: Path) -> None:
    """Write a copy of a database; of one that has no file yet, nothing."""
    if not source.path.exists():
        return
    with source.reading() as connection, closing(sqlite3.connect(path)) as target:
        connection.backup(target)


def overlay(database: Database, read: Read, *, target: str, without: Iterable[str]) -> None:
    """Take in what was read, in place of whoever held its names; the keys `without` are nobody's any more."""
    gone = {*without, *(entity.ref.key for entity in read.entities())}
    with database.writing() as connection:
        connection.executemany("DELETE FROM claim WHERE key = ?", ((key,) for key in gone))
        location_id = registry.remember(connection, target)
        claims.write(connection, location_id, read, read_at="")
        claims.hand_over(connection)
