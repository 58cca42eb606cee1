"""
A process killed at any moment leaves a task that goes on, or goes back.

The points are those a complete run passes: after every write of the journal, and after every effect whose row is not
yet written.
"""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.task.journal import RowStatus, TaskStatus
from tests.task.births import Place

if TYPE_CHECKING:
    from pathlib import Path

    from tests.task.driver import Order

KILLED = -signal.SIGKILL


def complete(place: Place, **facts: Any) -> list[str]:
    """Return the points of a run to its end."""
    place.expect(0, **facts)
    return place.points()


def each_point(place: Place, root: Path, **facts: Any) -> list[Place]:
    """Run once to the end, then again and again, each time ended at the next point; two processes at a time."""
    names = complete(place.copied(root / "complete"), **facts)
    cut = [place.copied(root / f"{number}") for number in range(1, len(names) + 1)]
    orders = [one.order(stop_at=number, **facts) for number, one in enumerate(cut, 1)]
    for one, name, result in zip(cut, names, place.processes.run_all(orders), strict=True):
        assert (name, result.code) == (name, KILLED), result.err
        assert one.points()[-1] == name
    return cut


def each_once_more(places: list[Place], orders: list[Order], codes: list[int]) -> None:
    """Run one more process in each place, and compare how they end."""
    results = places[0].processes.run_all(orders)
    assert [result.code for result in results] == codes, [result.err for result in results if result.code]


def test_a_complete_run_passes_every_kind_of_point(place: Place) -> None:
    names = complete(place)

    done = [row for row in place.rows() if row.status is RowStatus.COMPLETED]
    assert len(done) == 13
    assert names.count("wrote begun") == sum(name.startswith("effect") for name in names) == len(done)
    assert (names[0], names[-1]) == ("wrote task", "wrote status")
    assert {row.status for row in place.rows()} == {RowStatus.COMPLETED, RowStatus.SKIPPED, RowStatus.EMPTY}
    place.is_born()
    assert sorted(place.files()) == [
        "README.md",
        "catalog-info.yaml",
        "copies/one/data.txt",
        "copies/two/data.txt",
        "docs/decisions/0001-similar-services.md",
        "docs/index.md",
        "mkdocs.yml",
        "src/main.py",
    ]


def test_after_a_kill_at_any_point_resume_ends_in_one_service(place: Place, tmp_path: Path) -> None:
    places = each_point(place, tmp_path)
    tasks, rows, points = ([getattr(cut, what)() for cut in places] for what in ("task", "rows", "points"))
    over = [task.status is TaskStatus.COMPLETED for task in tasks]

    orders = [cut.order(do="resume", task=task.id) for cut, task in zip(places, tasks, strict=True)]
    each_once_more(places, orders, [3 if ended else 0 for ended in over])

    whole = Place(tmp_path / "complete", place.processes).files()
    for cut, before, passed in zip(places, rows, points, strict=True):
        cut.is_born()
        assert cut.files() == whole
        done = [row for row in before if row.status is RowStatus.COMPLETED]
        assert [row for row in cut.rows() if row in done] == done, "what is done is not done again"
        twice = [run for run, times in Counter(cut.runs()).items() if times > 1]
        assert len(twice) <= passed[-1].startswith("effect")
    assert over.count(True) == 1


def test_after_a_kill_at_any_point_rollback_leaves_nothing(place: Place, tmp_path: Path) -> None:
    places = each_point(place, tmp_path)

    each_once_more(places, [cut.order(do="rollback", task=cut.task().id) for cut in places], [0] * len(places))

    for cut in places:
        cut.is_nothing()
        assert cut.task().status is TaskStatus.ROLLED_BACK


@pytest.mark.parametrize("first", ["effect publish-commit", "effect scaffolder-place"])
def test_a_resume_can_be_killed_as_well(place: Place, tmp_path: Path, first: str) -> None:
    names = complete(place.copied(tmp_path / "first"))
    place.expect(KILLED, stop_at=names.index(first) + 1)
    task = place.task().id

    for cut in each_point(place, tmp_path, do="resume", task=task):
        cut.run(do="resume", task=task)
        cut.is_born()


def test_a_rollback_that_is_killed_is_finished_by_another_and_by_nothing_else(place: Place, tmp_path: Path) -> None:
    complete(place)
    task = place.task().id

    for cut in each_point(place, tmp_path, do="rollback", task=task):
        over = cut.task().status is TaskStatus.ROLLED_BACK
        refused = cut.expect(3, do="resume", task=task)
        assert f"tasks {'show' if over else 'rollback'} {task}" in refused.err

        cut.expect(0, do="rollback", task=task)
        cut.is_nothing()


def test_ctrl_c_at_any_point_undoes_everything_or_leaves_a_task_to_resume(place: Place, tmp_path: Path) -> None:
    names = complete(place.copied(tmp_path / "complete"))
    stands = names.index("effect mark") + 1  # the first effect outside
    places = [place.copied(tmp_path / f"{number}") for number in range(1, len(names) + 1)]
    orders = [cut.order(stop_at=number, signal=signal.SIGINT) for number, cut in enumerate(places, 1)]
    results = place.processes.run_all(orders)
    assert {result.code for result in results} == {130}

    for cut, result in zip(places[:stands], results, strict=False):
        cut.is_nothing()
        assert cut.task().status is TaskStatus.FAILED
        assert "tasks resume" not in result.err

    stopped = places[stands:]
    for cut, result in zip(stopped, results[stands:], strict=True):
        assert cut.task().status is TaskStatus.STOPPED
        assert f"tasks resume {cut.task().id}" in result.err
    each_once_more(stopped, [cut.order(do="resume", task=cut.task().id) for cut in stopped], [0] * len(stopped))
    for cut in stopped:
        cut.is_born()
