"""Killed at any moment, a task that makes its repository on GitHub goes on, or goes back, as any other."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from scaffolder.task.journal import TaskStatus
from tests.task.on_github import OnGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.task.births import Place

KILLED = -signal.SIGKILL
STEPS = ("commit", "repository", "topics", "push", "settings", "protection")


@pytest.fixture
def cut(simple: Place, tmp_path: Path) -> Iterator[list[OnGitHub]]:
    """People who were all killed, each at another point of a run."""
    with ExitStack() as held:
        whole = held.enter_context(OnGitHub.of(simple.copied(tmp_path / "complete")))
        whole.expect(0)
        whole.is_born()
        names = whole.points()
        assert [f"effect publish-{step}" for step in STEPS] == [name for name in names if "publish-" in name]
        homes = [simple.copied(tmp_path / f"{number}") for number in range(1, len(names) + 1)]
        people = [held.enter_context(OnGitHub.of(home)) for home in homes]
        orders = [one.order(stop_at=number) for number, one in enumerate(people, 1)]
        results = simple.processes.run_all(orders)
        assert [result.code for result in results] == [KILLED] * len(names)
        assert [one.points()[-1] for one in people] == names
        yield people


@pytest.mark.slow
def test_after_a_kill_at_any_point_resume_ends_in_one_service(cut: list[OnGitHub]) -> None:
    over = [one.task().status is TaskStatus.COMPLETED for one in cut]

    results = cut[0].processes.run_all([one.order(do="resume", task=one.task().id) for one in cut])

    assert [result.code for result in results] == [3 if ended else 0 for ended in over], results
    assert over.count(True) == 1
    for one in cut:
        one.is_born()


@pytest.mark.slow
def test_after_a_kill_at_any_point_rollback_leaves_nothing(cut: list[OnGitHub]) -> None:
    results = cut[0].processes.run_all([one.order(do="rollback", task=one.task().id) for one in cut])

    assert [(result.code, result.out) for result in results] == [(0, "")] * len(cut)
    for one in cut:
        one.is_nothing()
        assert one.task().status is TaskStatus.ROLLED_BACK
