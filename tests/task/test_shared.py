"""Births in a company: whatever is cut short, refused or away, a name is one service's, and nothing is half-made."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.task.journal import TaskStatus
from tests.task.shared import BRANCH, FILE, MAIN, Shared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.task.births import Processes, Result

KILLED = -signal.SIGKILL
RESERVE, SERVICE, REGISTER = 1, 2, 3
"""The pushes of a birth, in their order."""


@pytest.fixture
def ann(processes: Processes, tmp_path: Path) -> Shared:
    return Shared(tmp_path / "ann", processes, company=tmp_path / "company").prepared_to_share()


def protect(place: Shared) -> Path:
    hook = place.there.path / "hooks" / "update"
    hook.write_text(f'#!/bin/sh\n[ "$1" != {MAIN} ] || {{ echo "GH006: main is protected" >&2; exit 1; }}\n')
    hook.chmod(0o755)
    return hook


def come_back(place: Shared) -> None:
    (place.company / "away").rename(place.company / "catalog.git")


def test_a_birth_is_registered_for_all_and_taken_back_for_all(ann: Shared) -> None:
    ann.expect(0)
    ann.is_born()
    assert b"git:../services/local/shop.git@main:catalog-info.yaml" in (
        ann.there.file(ann.there.refs()[MAIN], FILE) or b""
    )

    ann.expect(0, do="rollback", task=ann.task().id)

    ann.is_nothing()
    ann.expect(0)  # the name is free


def test_after_a_kill_at_any_point_resume_ends_in_one_service(ann: Shared, tmp_path: Path) -> None:
    for cut, code in each_cut(ann, tmp_path):
        over = cut.task().status is TaskStatus.COMPLETED
        assert code == KILLED
        cut.expect(3 if over else 0, do="resume", task=cut.task().id)
        cut.is_born()


def test_after_a_kill_at_any_point_rollback_leaves_nothing(ann: Shared, tmp_path: Path) -> None:
    for cut, code in each_cut(ann, tmp_path):
        assert code == KILLED
        cut.expect(0, do="rollback", task=cut.task().id)
        cut.is_nothing()


def each_cut(ann: Shared, root: Path) -> list[tuple[Shared, int]]:
    """Run a birth to each of its points, and to both sides of each of its pushes."""
    whole = person(ann, root / "whole")
    whole.expect(0)
    stops: list[dict[str, Any]] = [{"stop_at": number} for number in range(1, len(whole.points()) + 1)]
    kills: list[dict[str, Any]] = [
        {"environ": {f"KILL_{when}": str(push)}} for push in (1, 2, 3) for when in ("BEFORE", "AFTER")
    ]
    assert (whole.home / "pushes").read_text() == f"{REGISTER}\n"
    places = [person(ann, root / f"{number}") for number in range(len(stops) + len(kills))]
    orders = [place.order(**facts) for place, facts in zip(places, [*stops, *kills], strict=True)]
    results = ann.processes.run_all(orders)
    return [(place, result.code) for place, result in zip(places, results, strict=True)]


def person(ann: Shared, root: Path) -> Shared:
    """Return somebody in a company of their own."""
    return Shared(root / "home", ann.processes, company=root / "company").prepared_to_share()


@pytest.mark.parametrize("when", ["BEFORE", "AFTER"])
def test_a_rollback_can_be_killed_at_each_push_as_well(ann: Shared, tmp_path: Path, when: str) -> None:
    for push in (1, 2):
        cut = person(ann, tmp_path / f"{push}")
        cut.expect(0)
        (cut.home / "pushes").unlink()
        task = cut.task().id

        cut.run(do="rollback", task=task, environ={f"KILL_{when}": str(push)})

        cut.expect(0, do="rollback", task=task)
        cut.is_nothing()


# -- away


def test_where_the_catalog_repository_is_away_nothing_is_begun(ann: Shared) -> None:
    result = ann.expect(4, hook="away", hook_at="scaffolder-reserve")

    assert "catalog.git" in result.err
    come_back(ann)
    ann.is_nothing()


def test_a_plan_is_made_though_the_catalog_repository_is_away(ann: Shared) -> None:
    ann.expect(0, do="catalog", task=str(ann.company / "catalog.git"))
    (ann.company / "catalog.git").rename(ann.company / "away")

    ann.expect(4)

    come_back(ann)
    ann.is_nothing()


@pytest.mark.parametrize("do", ["resume", "rollback"])
def test_where_the_catalog_repository_goes_away_midway_the_task_waits_for_it(ann: Shared, do: str) -> None:
    result = ann.expect(5, hook="away", hook_at="scaffolder-register")
    task = ann.task().id
    assert f"tasks resume {task}" in result.err
    assert ann.services() == ["shop.git"]

    again = ann.expect(5, do=do, task=task)
    assert f"tasks {do} {task}" in again.err

    come_back(ann)
    assert ann.registered() == [BRANCH]
    ann.expect(0, do=do, task=task)
    ann.is_born() if do == "resume" else ann.is_nothing()


# -- refused


@pytest.mark.parametrize("do", ["resume", "rollback"])
def test_an_entry_waits_where_the_default_branch_is_protected(ann: Shared, do: str) -> None:
    hook = protect(ann)

    result = ann.expect(5)

    assert "waits on the branch register/component-default-shop" in result.err
    assert "GH006: main is protected" in result.err
    assert f"tasks resume {ann.task().id}" in result.err
    assert FILE in ann.there.listing(ann.there.refs()[BRANCH])
    if do == "resume":
        hook.unlink()
    ann.expect(0, do=do, task=ann.task().id)
    ann.is_born() if do == "resume" else ann.is_nothing()


def test_a_repository_stays_as_long_as_its_entry_must(ann: Shared) -> None:
    ann.expect(0)
    hook = protect(ann)
    task = ann.task().id

    stopped = ann.expect(5, do="rollback", task=task)

    assert f"remove {FILE} there" in stopped.err
    assert f"tasks rollback {task}" in stopped.err
    assert ann.services() == ["shop.git"]
    assert ann.known() == ["component:default/shop"]
    hook.unlink()
    ann.expect(0, do="rollback", task=task)
    ann.is_nothing()


def test_what_nobody_else_could_read_is_refused_before_anything_is_made(ann: Shared, tmp_path: Path) -> None:
    result = ann.expect(2, services=str(tmp_path / "services"))

    assert "is on this machine, where the others" in result.err
    assert ann.registered() == []
    assert not (tmp_path / "services").exists()


# -- somebody else


def both(ann: Shared, root: Path) -> list[Shared]:
    """Return two people with clean homes, in one company."""
    return [
        Shared(root / name.lower(), ann.processes, company=root / "company").prepared_to_share(name)
        for name in ("Ann", "Ben")
    ]


@pytest.mark.parametrize("rounds", [20, pytest.param(200, marks=(pytest.mark.slow, pytest.mark.thorough))])
def test_of_two_clean_homes_that_want_one_name_one_gets_it_every_time(ann: Shared, tmp_path: Path, rounds: int) -> None:
    for number in range(rounds):
        two = both(ann, tmp_path / f"{number}")
        meet = tmp_path / f"{number}" / "meet"
        meet.mkdir()
        orders = [one.order(meet=str(meet)) for one in two]
        orders[1].draft = {**orders[1].draft, "name": "SHOP"}

        results = ann.processes.run(*orders)

        _one_won(two, results)


def _one_won(two: list[Shared], results: list[Result]) -> None:
    assert sorted(result.code for result in results) == [0, 3], results
    won, lost = sorted(range(2), key=lambda one: results[one].code)
    winner, loser = two[won], two[lost]
    who = ("Ann", "Ben")[won]
    assert f"{who} <test-engineer@example.com>" in results[lost].err, results[lost].err
    assert winner.task().status is TaskStatus.COMPLETED
    assert winner.registered() == [FILE]
    assert len(winner.services()) == 1
    assert [name.lower() for name in winner.known()] == ["component:default/shop"]
    assert loser.task().status is TaskStatus.FAILED
    assert loser.known() == []
    assert list(loser.work.iterdir()) == []
    for one in two:
        one.is_tidy()


def test_a_task_that_was_left_too_long_does_not_get_the_name_back(ann: Shared, tmp_path: Path) -> None:
    mine, theirs = both(ann, tmp_path / "two")
    mine.expect(KILLED, environ={"KILL_AFTER": str(SERVICE)})
    (mine.there.path / BRANCH).unlink()  # somebody gave it back by hand
    theirs.expect(KILLED, environ={"KILL_AFTER": str(RESERVE)}, draft={"repository": "local/theirs"})

    result = mine.expect(5, do="resume", task=mine.task().id)

    assert "Ben <test-engineer@example.com>" in result.err
    mine.expect(0, do="rollback", task=mine.task().id)
    assert mine.services() == mine.known() == []
    assert mine.registered() == [BRANCH]
