"""`scaffolder tasks`, on a task that was cut short."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.task.births import Place


@pytest.fixture
def cut(simple: Place) -> Place:
    simple.expect(-signal.SIGKILL, stop_at=10)
    return simple


def test_it_is_listed_as_cut_short(cut: Place) -> None:
    task = cut.task().id

    assert f"{task}  shop     cut short" in cut.command("tasks", "list").out
    assert json.loads(cut.command("tasks", "list", "--json").out)["status"] == "cut short"
    shown = cut.command("tasks", "show", task)
    assert "cut short" in shown.out
    assert f"hint: scaffolder tasks resume {task}" in shown.err


def test_it_goes_on(cut: Place) -> None:
    result = cut.command("tasks", "resume", cut.task().id[:4], "--json")

    made = json.loads(result.out)
    assert made["status"] == "completed"
    assert made["entityRef"] == "component:default/shop"
    assert made["repository"]["commit"] == cut.repository.refs()["refs/heads/main"]
    assert made["directory"] == str(cut.directory)
    cut.command("tasks", "resume", cut.task().id, code=3)


def test_it_is_taken_back(cut: Place) -> None:
    result = cut.command("tasks", "rollback", cut.task().id[:4], "--json")

    assert json.loads(result.out) == {"taskId": cut.task().id, "left": []}
    cut.is_nothing()


def test_what_is_left_is_told_by_the_exit_code(simple: Place) -> None:
    simple.expect(0)
    (simple.directory / "mine").write_text("mine")

    result = simple.command("tasks", "rollback", simple.task().id, "--json", code=3)

    assert json.loads(result.out)["left"] == [
        {"step": "scaffolder-place", "reason": f"the directory {simple.directory} was changed since"}
    ]


def test_a_task_nobody_knows_is_told_with_the_nearest(cut: Place) -> None:
    task = cut.task().id

    result = cut.command("tasks", "show", task[:-1] + "x", code=2)

    assert f"did you mean {task}?" in result.err


def test_while_the_name_is_reserved_others_are_told_by_whom(cut: Place) -> None:
    result = cut.expect(3, draft={"name": "Shop"})

    assert f"Shop is taken (reserved just now by Test Engineer <test-engineer@example.com>, task {cut.task().id})" in (
        result.err
    )
