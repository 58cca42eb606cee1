"""
What a task is to do and has done so far, on disk.

Before the first effect the journal holds the task: its values, the template's digest, the steps as written. Before
each step's effect it holds the step's resolved input. Neither is computed again. A row found *processing* by a new
process was cut short: its effect may or may not have happened. Done is a row, whatever the output's value.

Secrets are kept by name only; where one stood in a value there is a mark in its place (`scaffolder.task.masking`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.gateways import sqlite
from scaffolder.task.plan import PlannedStep

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


class TaskStatus(Enum):
    """Where a task stands."""

    RUNNING = "running"
    """A process works on it, or was cut short: the lock in the task's directory tells which."""

    STOPPED = "stopped"
    """It failed or was interrupted after effects outside; `resume` goes on, `rollback` takes them back."""

    UNDOING = "rolling back"
    """Its effects are being taken back, or that was cut short: only `rollback` goes on from here."""

    COMPLETED = "completed"
    """Every step is done."""

    FAILED = "failed"
    """It was refused or failed, and everything it had begun was taken back."""

    ROLLED_BACK = "rolled back"
    """A person took it back."""


class RowStatus(Enum):
    """Where one run of a step stands."""

    PENDING = "pending"
    """Its input is resolved and stored; nothing has happened."""

    PROCESSING = "processing"
    """Its effect has begun, and may have happened."""

    COMPLETED = "completed"
    """Its effect has happened and its output is stored."""

    SKIPPED = "skipped"
    """Its condition was false: later steps find no output of it."""

    EMPTY = "nothing to do"
    """There was no item to run it for: it counts as done, with an output that holds nothing."""

    UNDONE = "undone"
    """Its effect was taken back."""


class TaskNotFound(InvalidInput):
    """No task has this id."""

    def __init__(self, task_id: str, known: Sequence[str]) -> None:
        super().__init__(
            f"no task {task_id}",
            hint=did_you_mean(task_id, known) or "scaffolder tasks list   shows every task",
        )


@dataclass(frozen=True, slots=True)
class Task:
    """
    One birth.

    `draft`, `values`, `user`, `output` and `pins` are JSON; `secrets` are the names of the secret parameters; `label`
    names the template with its version; `pins` are the addresses that steps fetch from, each with its commit and path.
    """

    id: str
    created_at: datetime
    status: TaskStatus
    label: str
    template_ref: str
    draft: Mapping[str, Any]
    values: Mapping[str, Any]
    secrets: tuple[str, ...]
    user: Mapping[str, Any]
    identity: Mapping[str, str]
    digest: str
    steps: tuple[PlannedStep, ...]
    output: Mapping[str, Any]
    error: str = ""
    pins: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """
    One run of one step: with `each`, a step has a row for every item.

    `step` and `iteration` count from 0; `each` is the item ({"key", "value"}) or None; `mark` is what the runner needs
    to know its own result again (the workspace's digest).
    """

    step: int
    iteration: int
    status: RowStatus
    input: Any
    output: Mapping[str, Any]
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    mark: str = ""


def _create_tables(connection: sqlite3.Connection) -> None:
    connection.execute(
        """CREATE TABLE task (
            id TEXT PRIMARY KEY, created_at TEXT NOT NULL, status TEXT NOT NULL, label TEXT NOT NULL,
            template_ref TEXT NOT NULL,
            draft TEXT NOT NULL, "values" TEXT NOT NULL, secrets TEXT NOT NULL, user TEXT NOT NULL,
            identity TEXT NOT NULL, digest TEXT NOT NULL, steps TEXT NOT NULL, output TEXT NOT NULL, error TEXT NOT NULL
        ) STRICT"""
    )
    connection.execute(
        """CREATE TABLE step_run (
            task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE, step INTEGER NOT NULL,
            iteration INTEGER NOT NULL, status TEXT NOT NULL, input TEXT NOT NULL, output TEXT NOT NULL,
            begun_at TEXT, ended_at TEXT, mark TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (task_id, step, iteration)
        ) STRICT"""
    )
    connection.execute(
        """CREATE TABLE log (
            task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE, at TEXT NOT NULL, step TEXT NOT NULL,
            line TEXT NOT NULL
        ) STRICT"""
    )


def _add_pins(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE task ADD COLUMN pins TEXT NOT NULL DEFAULT '[]'")


MIGRATIONS = (_create_tables, _add_pins)


class Journal:
    """
    Tasks and their rows.

    What must be on disk before something happens is one durable transaction: a new task, a step that begins, where a
    task stands. What only says what has happened goes with the next of these: that a step is completed, a line of the
    log. Until then the step counts as cut short, which its effect must bear anyway. `on_write` is told after each.
    """

    def __init__(self, path: Path, *, on_write: Callable[[str], None] = lambda _what: None) -> None:
        self._connection = sqlite.connect(path, MIGRATIONS, durable=True)
        sqlite.close_with(self, self._connection)
        self._on_write = on_write
        self._waiting: list[tuple[str, Sequence[Sequence[Any]]]] = []

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def create(self, task: Task) -> None:
        """Store a new task."""
        self._write("task", _INSERT_TASK, [_task_values(task)])

    def pin(self, task_id: str, pins: Sequence[Sequence[str]]) -> None:
        """Store what addresses of other repositories mean to a task."""
        self._write("pins", "UPDATE task SET pins = ? WHERE id = ?", [(json.dumps(pins), task_id)])

    def task(self, task_id: str) -> Task:
        """
        Return the task whose id is or begins with `task_id`.

        Raises:
            TaskNotFound: There is none, or more than one.
        """
        known = [row[0] for row in self._read("SELECT id FROM task ORDER BY created_at DESC")]
        exact = [one for one in known if one == task_id] or [
            one for one in known if task_id and one.startswith(task_id)
        ]
        if len(exact) != 1:
            raise TaskNotFound(task_id, known)
        return _task(self._read(f"{_SELECT_TASK} WHERE id = ?", *exact)[0])

    def status(self, task_id: str) -> TaskStatus | None:
        """Return where exactly this task stands, None when there is no such task."""
        found = self._read("SELECT status FROM task WHERE id = ?", task_id)
        return TaskStatus(found[0][0]) if found else None

    def tasks(self) -> list[Task]:
        """Return every task, newest first."""
        return [_task(row) for row in self._read(f"{_SELECT_TASK} ORDER BY created_at DESC, rowid DESC")]

    def rows(self, task_id: str) -> list[Row]:
        """Return the rows of a task, in the order of its steps."""
        found = self._read(f"{_SELECT_ROW} WHERE task_id = ? ORDER BY step, iteration", task_id)
        return [_row(row) for row in found]

    def resolve(self, task_id: str, step: int, inputs: Sequence[Any]) -> list[Row]:
        """Store the resolved inputs of a step, at the latest when it begins: one row for each item."""
        rows = [Row(step, number, RowStatus.PENDING, value, {}) for number, value in enumerate(inputs)]
        self._later(_INSERT_ROW, [(task_id, *_row_values(row)) for row in rows])
        return rows

    def skip(self, task_id: str, step: int, *, status: RowStatus = RowStatus.SKIPPED) -> Row:
        """Store that a step is not run, `SKIPPED` or `EMPTY`."""
        row = Row(step, 0, status, None, {}, begun_at=_now(), ended_at=_now())
        self._later(_INSERT_ROW, [(task_id, *_row_values(row))])
        return row

    def begin(self, task_id: str, row: Row) -> Row:
        """Store that a row's effect begins."""
        return self._update("begun", task_id, replace(row, status=RowStatus.PROCESSING, begun_at=_now()))

    def complete(self, task_id: str, row: Row, *, output: Mapping[str, Any], mark: str = "") -> Row:
        """Store that a row's effect has happened, with its output."""
        done = replace(row, status=RowStatus.COMPLETED, output=output, ended_at=_now(), mark=mark)
        self._later(_UPDATE_ROW, [_update_values(task_id, done)])
        return done

    def reopen(self, task_id: str, rows: Sequence[Row]) -> list[Row]:
        """Store that rows must run again with the inputs they had, for their results were lost; their marks stay."""
        again = [replace(row, status=RowStatus.PENDING) for row in rows]
        self._write("reopened", _UPDATE_ROW, [_update_values(task_id, row) for row in again])
        return again

    def undone(self, task_id: str, row: Row) -> Row:
        """Store that a row's effect was taken back."""
        return self._update("undone", task_id, replace(row, status=RowStatus.UNDONE))

    def finish(
        self, task_id: str, status: TaskStatus, *, output: Mapping[str, Any] | None = None, error: str = ""
    ) -> None:
        """Store where a task stands; without `output`, that stays what it was."""
        change = (status.value, None if output is None else json.dumps(output), error, task_id)
        statement = "UPDATE task SET status = ?, output = coalesce(?, output), error = ? WHERE id = ?"
        self._write("status", statement, [change])

    def log(self, task_id: str, step: str, line: str) -> None:
        """Keep a line for `tasks log`."""
        self._later("INSERT INTO log VALUES (?, ?, ?, ?)", [(task_id, _now().isoformat(), step, line)])

    def logged(self, task_id: str) -> list[tuple[datetime, str, str]]:
        """Return time, step id and text of every line."""
        found = self._read("SELECT at, step, line FROM log WHERE task_id = ? ORDER BY rowid", task_id)
        return [(datetime.fromisoformat(at), step, line) for at, step, line in found]

    def _update(self, what: str, task_id: str, row: Row) -> Row:
        self._write(what, _UPDATE_ROW, [_update_values(task_id, row)])
        return row

    def _read(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        with sqlite.in_our_words(self._connection):
            return self._connection.execute(statement, values).fetchall()

    def _later(self, statement: str, values: Sequence[Sequence[Any]]) -> None:
        self._waiting.append((statement, values))

    def _write(self, what: str, statement: str, values: Sequence[Sequence[Any]]) -> None:
        self._later(statement, values)
        with sqlite.transaction(self._connection) as connection:
            for each, rows in self._waiting:
                connection.executemany(each, rows)
        self._waiting = []
        self._on_write(what)


_INSERT_TASK = "INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT_TASK = "SELECT * FROM task"
_INSERT_ROW = "INSERT OR REPLACE INTO step_run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT_ROW = "SELECT step, iteration, status, input, output, begun_at, ended_at, mark FROM step_run"
_UPDATE_ROW = """UPDATE step_run SET status = ?, input = ?, output = ?, begun_at = ?, ended_at = ?, mark = ?
    WHERE task_id = ? AND step = ? AND iteration = ?"""


def _now() -> datetime:
    return datetime.now(UTC)


def _task_values(task: Task) -> tuple[str, ...]:
    return (
        task.id,
        task.created_at.isoformat(),
        task.status.value,
        task.label,
        task.template_ref,
        json.dumps(task.draft),
        json.dumps(task.values),
        json.dumps(task.secrets),
        json.dumps(task.user),
        json.dumps(task.identity),
        task.digest,
        json.dumps([asdict(step) for step in task.steps]),
        json.dumps(task.output),
        task.error,
        json.dumps(task.pins),
    )


def _task(row: Sequence[str]) -> Task:
    (task_id, created_at, status, label, template_ref, draft, values, *rest) = row
    secrets, user, identity, digest, steps, output, error, pins = rest
    return Task(
        task_id,
        datetime.fromisoformat(created_at),
        TaskStatus(status),
        label,
        template_ref,
        json.loads(draft),
        json.loads(values),
        tuple(json.loads(secrets)),
        json.loads(user),
        json.loads(identity),
        digest,
        tuple(_planned_step(step) for step in json.loads(steps)),
        json.loads(output),
        error,
        json.loads(pins),
    )


def _planned_step(stored: dict[str, Any]) -> PlannedStep:
    pairs = tuple((name, source) for name, source in stored["takes"])
    lists = {"condition": tuple(stored["condition"]), "each": tuple(stored["each"]), "takes": pairs}
    return PlannedStep(**{**stored, **lists})


def _row_values(row: Row) -> tuple[Any, ...]:
    return (
        row.step,
        row.iteration,
        row.status.value,
        json.dumps(row.input),
        json.dumps(row.output),
        row.begun_at and row.begun_at.isoformat(),
        row.ended_at and row.ended_at.isoformat(),
        row.mark,
    )


def _update_values(task_id: str, row: Row) -> tuple[Any, ...]:
    _step, _iteration, *rest = _row_values(row)
    return (*rest, task_id, row.step, row.iteration)


def _row(row: Sequence[Any]) -> Row:
    step, iteration, status, value, output, begun, ended, mark = row
    return Row(
        step,
        iteration,
        RowStatus(status),
        json.loads(value),
        json.loads(output),
        begun and datetime.fromisoformat(begun),
        ended and datetime.fromisoformat(ended),
        mark,
    )
