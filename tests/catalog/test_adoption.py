"""A snapshot that somebody else made is looked through as a whole before anything of it is taken in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog
from scaffolder.catalog.adoption import Snapshot, adopt
from scaffolder.catalog.database import Database
from scaffolder.catalog.snapshot import Manifest, SnapshotRefused
from scaffolder.catalog.snapshot import write as write_snapshot
from scaffolder.similar.index import comparing, index_of
from tests.catalog.files import component, location, write
from tests.similar.encoders import Letters

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog.reports import Ingest

MANIFEST = Manifest("1", comparing(Letters()).version, "0" * 40, datetime(2024, 5, 6, tzinfo=UTC), "", 0, 0)
SERVICES = 12


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """Return a snapshot of a dozen services, and of a location that leads to them."""
    services = {
        f"{n}.yaml": component(f"thing-{n}", more=f"  description: Sells lamp {n} to people.\n")
        for n in range(SERVICES)
    }
    files = write(tmp_path / "files", {"all.yaml": location(*(f"./{name}" for name in services)), **services})
    made = tmp_path / "snapshot.db"
    with closing(Catalog(tmp_path / "ci.db")) as catalog:
        assert not catalog.add(str(files / "all.yaml")).problems
        index_of(catalog, Letters()).update()
        write_snapshot(Database(catalog.path), made, target=str(files / "all.yaml"))
    return made


def adopted(catalog: Catalog, snapshot: Path) -> Ingest:
    with closing(Database(catalog.path)) as database:
        return adopt(database, Snapshot(snapshot, MANIFEST), target="acme", comparing=comparing(Letters()))


def changed(snapshot: Path, statement: str) -> None:
    with closing(sqlite3.connect(snapshot)) as connection:
        connection.execute(statement)
        connection.commit()


def test_all_of_it_is_taken_in(catalog: Catalog, snapshot: Path) -> None:
    result = adopted(catalog, snapshot)

    assert (result.added, result.removed) == (SERVICES + 1, 0)
    assert index_of(catalog, Letters()).missing() == 0
    assert adopted(catalog, snapshot).unchanged == SERVICES + 1


EVIL = """
CREATE TRIGGER t AFTER INSERT ON fact BEGIN SELECT 1; END
CREATE VIEW v AS SELECT 1
CREATE VIRTUAL TABLE s USING fts5 (x)
DROP TABLE repeated
ALTER TABLE fact ADD COLUMN more TEXT
DELETE FROM fact WHERE name = 'lost'
UPDATE fact SET value = '[[1]]' WHERE name = 'lost'
UPDATE fact SET value = '[1, 2]' WHERE name = 'middle'
UPDATE fact SET value = 'many' WHERE name = 'entries'
UPDATE entity SET body = '{'
UPDATE entity SET body = '{"kind": "Component"}'
UPDATE entity SET body = replace(body, 'lamp', '\\ud800')
UPDATE entity SET body = json_set(body, '$.metadata.name', 'a b')
UPDATE entity SET file = 99
UPDATE entity SET place = '7'
UPDATE entity SET place = '["a", "b", "c"]'
UPDATE file SET inputs = '[[1, 2, 3]]'
UPDATE file SET pointers = '[["../x"]]'
UPDATE file SET problems = '{"a": 1}'
UPDATE vector SET whole = x'00'
UPDATE vector SET name = zeroblob(100000)
UPDATE vector SET whole = CAST(x'0000c07f' || substr(whole, 5) AS BLOB)
UPDATE term SET vector = x'00'
UPDATE compared SET texts = '[1]'
UPDATE compared SET called = '[[1, 2]]'
""".strip().splitlines()


@pytest.mark.parametrize("statement", EVIL)
def test_what_is_not_a_snapshot_is_not_taken(catalog: Catalog, snapshot: Path, statement: str) -> None:
    changed(snapshot, statement)

    with pytest.raises(SnapshotRefused):
        adopted(catalog, snapshot)

    assert catalog.locations() == []


def test_it_is_not_taken_in_part(catalog: Catalog, snapshot: Path) -> None:
    adopted(catalog, snapshot)
    before = [catalog.require(each.ref) for each in catalog.entities()]
    changed(snapshot, 'UPDATE file SET inputs = replace(inputs, \'[[\', \'[["x", "", ""], [\')')
    changed(snapshot, "UPDATE entity SET body = replace(body, 'lamp', 'boat')")
    changed(snapshot, "UPDATE entity SET body = '{}' WHERE id = (SELECT max(id) FROM entity)")

    with pytest.raises(SnapshotRefused):
        adopted(catalog, snapshot)

    assert [catalog.require(each.ref) for each in catalog.entities()] == before


def test_any_damage_does_no_harm(tmp_path: Path, snapshot: Path) -> None:
    data = snapshot.read_bytes()
    refused = 0
    for at in range(0, len(data) - 64, len(data) // 60):
        snapshot.write_bytes(data[:at] + b"\xff" * 64 + data[at + 64 :])
        with closing(Catalog(tmp_path / f"{at}.db")) as catalog:
            try:
                adopted(catalog, snapshot)
            except SnapshotRefused:
                refused += 1
                assert catalog.locations() == []
            else:
                assert len(catalog.entities(kind="component")) == SERVICES

    assert refused > 10
