"""
A process killed at any moment leaves a task that goes on, or goes back.

The points are those a complete run passes: after every write of the journal, and after every effect whose row is not
yet written.
"""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from scaffolder.task.journal import RowStatus, TaskStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.task.births import Place

KILLED = -signal.SIGKILL


def complete(place: Place, **facts: object) -> list[str]:
    """Return the points of a run to its end."""
    place.expect(0, **facts)
    return place.points()


def each_point(place: Place, root: Path, **facts: object) -> Iterator[Place]:
    """Run once to the end, then again and again, each time ended at the next point."""
    names = complete(place.copied(root / "complete"), **facts)
    for number, name in enumerate(names, 1):
        cut = place.copied(root / f"{number}")
        result = cut.run(stop_at=number, **facts)
        assert (number, name, result.code) == (number, name, KILLED), result.err
        assert cut.points()[-1] == name
        yield cut


def test_a_complete_run_passes_every_kind_of_point(place: Place) -> None:
    names = complete(place)

    rows = place.rows()
    assert len(names) > 50
    assert (
        names.count("wrote begun") == names.count("wrote completed") == sum(name.startswith("effect") for name in names)
    )
    assert names.count("wrote completed") == sum(row.status is RowStatus.COMPLETED for row in rows) == 13
    assert (names[0], names[-1]) == ("wrote task", "wrote status")
    assert {"wrote skipped", "wrote empty", "wrote log"} <= set(names)
    place.is_born()


def test_after_a_kill_at_any_point_resume_ends_in_one_service(place: Place, tmp_path: Path) -> None:
    for cut in each_point(place, tmp_path):
        task, done = cut.task(), [row for row in cut.rows() if row.status is RowStatus.COMPLETED]
        over = task.status is TaskStatus.COMPLETED
        effect_without_row = cut.points()[-1].startswith("effect")

        cut.expect(3 if over else 0, do="resume", task=task.id)

        cut.is_born()
        assert [row for row in cut.rows() if row in done] == done, "what is done is not done again"
        twice = [run for run, times in Counter(cut.runs()).items() if times > 1]
        assert len(twice) <= effect_without_row


def test_after_a_kill_at_any_point_rollback_leaves_nothing(place: Place, tmp_path: Path) -> None:
    for cut in each_point(place, tmp_path):
        cut.expect(0, do="rollback", task=cut.task().id)

        cut.is_nothing()
        assert cut.task().status is TaskStatus.ROLLED_BACK


@pytest.mark.parametrize("first", ["effect publish-commit", "effect publish-push", "effect scaffolder-place"])
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
    stands = names.index("wrote completed", names.index("effect mark")) + 1  # the first effect outside has its row
    for number in range(1, len(names) + 1):
        cut = place.copied(tmp_path / f"{number}")
        result = cut.expect(130, stop_at=number, signal=signal.SIGINT)

        if number <= stands:
            cut.is_nothing()
            assert cut.task().status is TaskStatus.FAILED
            assert "tasks resume" not in result.err
        else:
            assert cut.task().status is TaskStatus.STOPPED
            assert f"tasks resume {cut.task().id}" in result.err
            cut.expect(0, do="resume", task=cut.task().id)
            cut.is_born()
