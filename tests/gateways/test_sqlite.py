from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.sqlite import (
    DatabaseDamaged,
    DatabaseRefused,
    Locked,
    Migration,
    NewerState,
    connect,
    in_our_words,
    transaction,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def statement(text: str) -> Migration:
    def migrate(connection: sqlite3.Connection) -> None:
        connection.execute(text)

    return migrate


FIRST = [statement("CREATE TABLE thing (name TEXT PRIMARY KEY)")]
SECOND = [*FIRST, statement("ALTER TABLE thing ADD COLUMN colour TEXT DEFAULT 'blue'")]


def names(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT name FROM thing ORDER BY name")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "things.db"


def test_the_files_are_their_owners_alone(path: Path) -> None:
    with transaction(connect(path, FIRST)) as connection:
        connection.execute("INSERT INTO thing VALUES ('lamp')")

        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        assert files == {"things.db": 0o600, "things.db-wal": 0o600, "things.db-shm": 0o600}
    connection.close()


@pytest.mark.parametrize(("durable", "synchronous"), [(False, 1), (True, 2)])
def test_opens_with_what_the_laws_need(path: Path, *, durable: bool, synchronous: int) -> None:
    connection = connect(path, FIRST, durable=durable)

    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas] == ["wal", synchronous, 1, 5000]
    connection.close()


def test_migrations_are_applied_once_and_keep_what_is_there(path: Path) -> None:
    old = connect(path, FIRST)
    old.execute("INSERT INTO thing VALUES ('lamp')")
    old.close()

    for _ in range(2):
        new = connect(path, SECOND)
        assert list(new.execute("SELECT * FROM thing")) == [("lamp", "blue")]
        new.close()


def test_a_failing_migration_leaves_the_old_state(path: Path) -> None:
    connect(path, FIRST).close()

    with pytest.raises(sqlite3.OperationalError):
        connect(path, [*SECOND, statement("CREATE TABLE oops (")])

    connection = connect(path, FIRST)
    assert [row[1] for row in connection.execute("PRAGMA table_info(thing)")] == ["name"]
    connection.close()


def test_a_newer_database_is_refused_and_not_touched(path: Path) -> None:
    connect(path, SECOND).close()
    before = path.read_bytes()

    with pytest.raises(NewerState, match="newer scaffolder"):
        connect(path, FIRST)

    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("my diary\n" * 100)

    with pytest.raises(DatabaseDamaged, match=r"things\.db") as caught:
        connect(path, FIRST)

    assert str(path) in caught.value.hint
    assert path.read_text().startswith("my diary")


def test_a_database_cut_short_is_damaged_and_says_so(path: Path) -> None:
    connection = connect(path, FIRST)
    connection.executemany("INSERT INTO thing (name) VALUES (?)", [(f"{number:0500}",) for number in range(200)])
    connection.close()
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 40_000)

    connection = connect(path, FIRST)
    with pytest.raises(DatabaseDamaged), in_our_words(connection):
        connection.execute("SELECT sum(length(name)) FROM thing WHERE name LIKE '%7%'").fetchone()
    connection.close()


def test_a_busy_database_says_try_again(path: Path) -> None:
    first, second = connect(path, FIRST), connect(path, FIRST)
    second.execute("PRAGMA busy_timeout = 20")

    with transaction(first), pytest.raises(Locked) as caught, transaction(second):
        pytest.fail("two write at once")

    assert caught.value.exit_code == 4
    first.close()
    second.close()


def fill(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA max_page_count = 4")
    connection.execute("INSERT INTO thing VALUES (?)", ["x" * 100_000])


def write_to_read_only(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("INSERT INTO thing VALUES ('lamp')")


@pytest.mark.parametrize("action", [fill, write_to_read_only])
def test_a_full_or_read_only_disk_is_told_with_a_way_out(
    path: Path, action: Callable[[sqlite3.Connection], None]
) -> None:
    connection = connect(path, FIRST)

    with pytest.raises(DatabaseRefused) as caught, transaction(connection):
        action(connection)

    assert "free some space" in caught.value.hint
    assert not connection.in_transaction
    connection.close()


def test_a_file_in_place_of_the_directory_is_told(path: Path) -> None:
    path.parent.write_text("")

    with pytest.raises(DatabaseRefused, match="cannot write"):
        connect(path, FIRST)


def test_a_directory_in_place_of_the_file_is_told(path: Path) -> None:
    path.mkdir(parents=True)

    with pytest.raises(DatabaseRefused):
        connect(path, FIRST)


def _insert_and_fail(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO thing VALUES ('lamp')")
    raise ZeroDivisionError


def test_a_block_that_raises_leaves_nothing(path: Path) -> None:
    connection = connect(path, FIRST)

    with pytest.raises(ZeroDivisionError), transaction(connection):
        _insert_and_fail(connection)

    assert names(connection) == []
    connection.close()


def test_a_broken_constraint_stays_what_it_is(path: Path) -> None:
    connection = connect(path, FIRST)

    with pytest.raises(sqlite3.IntegrityError), transaction(connection):
        connection.executemany("INSERT INTO thing VALUES (?)", [("lamp",), ("lamp",)])

    assert names(connection) == []
    connection.close()


WRITER = """
import sys
from pathlib import Path
from scaffolder.gateways.sqlite import connect, transaction
from tests.gateways.test_sqlite import SECOND
connection = connect(Path(sys.argv[1]), SECOND)
for number in range(20):
    with transaction(connection):
        connection.execute("INSERT INTO thing (name) VALUES (?)", [f"{sys.argv[2]}-{number}"])
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from scaffolder.gateways.sqlite import connect, transaction
from tests.gateways.test_sqlite import FIRST
connection = connect(Path(sys.argv[1]), FIRST)
with transaction(connection):
    connection.execute("INSERT INTO thing VALUES ('kept')")
with transaction(connection):
    connection.execute("INSERT INTO thing VALUES ('lost')")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_processes_that_open_a_new_database_at_once_all_write(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(number)]) for number in range(4)]

    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    connection = connect(path, SECOND)
    assert len(names(connection)) == 80
    connection.close()


def test_what_was_committed_survives_a_kill(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)

    assert killed.returncode == -9
    connection = connect(path, FIRST)
    assert names(connection) == ["kept"]
    connection.close()
