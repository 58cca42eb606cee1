"""Two processes at the same moment: one wins, the other is told, and nothing is left of it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from scaffolder.task.journal import TaskStatus

if TYPE_CHECKING:
    from pathlib import Path

    from tests.task.births import Place

ROUNDS = 20


def test_of_two_births_of_one_name_one_wins_every_time(simple: Place, tmp_path: Path) -> None:
    for number in range(ROUNDS):
        both = simple.copied(tmp_path / f"{number}")
        meet = both.home / "meet"
        meet.mkdir()
        orders = [
            both.order(name=".1", meet=str(meet)),
            both.order(name=".2", meet=str(meet), draft={"name": "SHOP", "directory": str(both.work / "other")}),
        ]

        results = both.processes.run(*orders)

        assert sorted(result.code for result in results) == [0, 3], results
        loser = next(result for result in results if result.code)
        assert "is taken" in loser.err
        statuses = sorted(task.status.value for task in both.tasks())
        assert statuses == [TaskStatus.COMPLETED.value, TaskStatus.FAILED.value]
        assert len(both.entities()) == 2
        assert not [one for one in both.entities() if one.endswith("reserved")]
        assert len([path for path in both.repositories() if path.endswith(".git")]) == 1
        assert len(list(both.work.iterdir())) == 1
        both.is_tidy()


def test_of_two_resumes_of_one_task_one_is_told_that_it_is_busy(place: Place) -> None:
    place.expect(-signal.SIGKILL, stop_at=3)
    task = place.task().id
    meet = place.home / "meet"
    meet.mkdir()
    orders = [place.order(do="resume", task=task, name=f".{number}", meet=str(meet)) for number in (1, 2)]

    results = place.processes.run(*orders)

    assert sorted(result.code for result in results) == [0, 3], results
    assert f"task {task} is running in another process" in next(result for result in results if result.code).err
    place.is_born()


def test_a_rollback_does_not_take_away_what_a_resume_works_on(place: Place) -> None:
    place.expect(-signal.SIGKILL, stop_at=3)
    task = place.task().id
    meet = place.home / "meet"
    meet.mkdir()
    orders = [place.order(do=do, task=task, name=f".{do}", meet=str(meet)) for do in ("resume", "rollback")]

    resumed, rolled_back = place.processes.run(*orders)

    assert sorted((resumed.code, rolled_back.code)) == [0, 3]
    if resumed.code:
        place.is_nothing()
    else:
        place.is_born()


def test_two_births_of_different_names_do_not_hinder_each_other(simple: Place) -> None:
    place = simple
    meet = place.home / "meet"
    meet.mkdir()
    orders = [
        place.order(name=f".{name}", meet=str(meet), draft={"name": name, "directory": str(place.work / name)})
        for name in ("shop", "till")
    ]

    assert [result.code for result in place.processes.run(*orders)] == [0, 0]
    assert place.repositories() == ["local", "local/shop.git", "local/till.git"]
