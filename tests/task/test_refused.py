"""A birth that fails before anything stands outside leaves nothing, and says why with its own exit code."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from scaffolder.task.journal import TaskStatus
from tests.task.births import SIMPLE, STEPS

if TYPE_CHECKING:
    from tests.task.births import Place

BIG = "${{ values.name }}" + "x" * 800_000


def with_steps(place: Place, steps: str, **files: str) -> Place:
    text = (place.home / "template" / "template.yaml").read_text()
    head = text[: text.index("  steps:\n") + len("  steps:\n")]
    (place.home / "template" / "template.yaml").write_text(head + steps)
    for path, content in files.items():
        (place.home / "template" / "skeleton" / path).write_text(content)
    return place


def test_a_full_disk(simple: Place) -> None:
    with_steps(simple, SIMPLE, big=BIG)

    result = simple.expect(1, hook="full", hook_at="skeleton")

    assert "error: cannot write" in result.err
    assert simple.task().status is TaskStatus.FAILED
    simple.is_nothing()


def test_a_repository_somebody_made_between_plan_and_run(simple: Place) -> None:
    result = simple.expect(3, hook="repository", hook_at="publish-repository")

    assert "error: the repository local/shop already exists" in result.err
    assert simple.task().status is TaskStatus.FAILED
    assert list(simple.repository.refs()) == ["refs/heads/main"]
    assert simple.entities() == ["group:default/parcels"]
    assert list(simple.work.iterdir()) == []
    simple.is_tidy()


def test_a_directory_somebody_made_between_plan_and_run_stops_it_where_it_can_go_on(simple: Place) -> None:
    result = simple.expect(5, hook="directory", hook_at="scaffolder-place")

    task = simple.task()
    assert f"hint: scaffolder tasks resume {task.id}" in result.err
    assert task.status is TaskStatus.STOPPED
    assert [path.name for path in simple.directory.iterdir()] == ["theirs"]
    assert [path.name for path in simple.work.iterdir()] == ["shop"]

    simple.directory.rename(simple.work / "theirs")
    simple.expect(0, do="resume", task=task.id)
    assert (simple.directory / "README.md").is_file()
    assert (simple.work / "theirs" / "theirs").read_text() == "theirs"


def test_a_rollback_leaves_the_directory_that_was_in_the_way(simple: Place) -> None:
    simple.expect(5, hook="directory", hook_at="scaffolder-place")

    simple.expect(0, do="rollback", task=simple.task().id)

    assert [path.name for path in simple.directory.iterdir()] == ["theirs"]
    assert simple.entities() == ["group:default/parcels"]
    assert [path for path in simple.repositories() if path.endswith(".git")] == []


def test_a_bug_of_an_action_before_anything_stands(place: Place) -> None:
    with_steps(place, '    - {id: fail, action: "test:fail", input: {message: no idea}}\n')

    result = place.expect(99)

    assert "RuntimeError: no idea" in result.err
    place.is_nothing()


def test_a_bug_of_an_action_later(place: Place) -> None:
    with_steps(place, STEPS + '    - {id: fail, action: "test:fail", input: {message: no idea}}\n')

    result = place.expect(5)

    task = place.task()
    assert task.status is TaskStatus.STOPPED
    assert "unexpected RuntimeError: no idea" in result.err
    assert f"scaffolder tasks resume {task.id}" in result.err
    assert "Traceback" in place.command("tasks", "log", task.id).out
    place.expect(0, do="rollback", task=task.id)
    place.is_nothing()


def test_a_task_that_stopped_ends_with_the_links_of_its_template(simple: Place) -> None:
    with_steps(simple, SIMPLE + "  output:\n    links: [{title: Wiki, url: 'https://wiki.example.com'}]\n")
    simple.expect(5, hook="directory", hook_at="scaffolder-place")
    simple.directory.rename(simple.work / "theirs")

    simple.expect(0, do="resume", task=simple.task().id)

    assert simple.task().output == {"links": [{"title": "Wiki", "url": "https://wiki.example.com"}]}


def test_damaged_tasks_are_told_in_words(simple: Place) -> None:
    simple.expect(0)
    file = simple.state / "tasks.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))

    told = simple.command("tasks", "list", code=1).err

    assert "tasks.db" in told
    assert "unexpected" not in told


def test_a_plan_that_is_refused_writes_no_task(simple: Place) -> None:
    simple.expect(2, draft={"owner": "group:nobody"})

    assert not (simple.state / "tasks.db").exists()
    assert not (simple.state / "tasks").exists()


def test_a_task_that_never_came_into_the_journal_is_swept(simple: Place) -> None:
    orphan = simple.state / "tasks" / "0badf00d"
    orphan.mkdir(parents=True)
    (orphan / "lock").touch()
    (orphan / "template.tar.part").write_text("half")

    simple.expect(0)

    assert not orphan.exists()
    simple.is_tidy()


@pytest.mark.parametrize("arguments", [("list",), ("resume", "0badf00d")])
def test_the_journal_of_a_newer_version_is_refused_and_not_touched(simple: Place, arguments: tuple[str, ...]) -> None:
    simple.expect(0)
    with closing(sqlite3.connect(simple.state / "tasks.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (simple.state / "tasks.db").read_bytes()

    result = simple.command("tasks", *arguments, code=1)

    assert "was made by a newer scaffolder" in result.err
    assert (simple.state / "tasks.db").read_bytes() == before
