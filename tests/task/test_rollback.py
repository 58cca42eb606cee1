"""Taking back touches only what the task made and nobody else has used since; the rest is named and left."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from scaffolder.task.journal import RowStatus, TaskStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.task.births import Place


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def commit_to(directory: Path) -> None:
    (directory / "mine").write_text("mine")
    git(directory, "add", "mine")
    git(directory, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "mine")


def empty_repository(place: Place) -> None:
    place.repository.path.parent.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--bare", place.repository.path], check=True)


def rolled_back(place: Place) -> list[str]:
    """Take back the one task there is; return what was left, as it was said."""
    return place.expect(0, do="rollback", task=place.task().id).out.splitlines()


@pytest.fixture
def born(place: Place) -> Place:
    place.expect(0)
    return place


def test_a_completed_birth_is_taken_back_whole(born: Place) -> None:
    assert rolled_back(born) == []

    born.is_nothing()
    born.expect(0)  # the name is free


def test_what_was_taken_back_is_no_longer_shown_as_standing(born: Place) -> None:
    shown = born.command("tasks", "show", born.task().id, "--json").out
    assert '"entityRef": "component:default/shop"' in shown

    rolled_back(born)

    shown = born.command("tasks", "show", born.task().id, "--json").out
    assert '"entityRef": ""' in shown
    assert '"url": ""' in shown
    assert '"directory": ""' in shown


@pytest.mark.parametrize("branch", ["main", "their-idea"])
def test_a_repository_somebody_pushed_to_stays_with_its_entry(born: Place, tmp_path: Path, branch: str) -> None:
    git(tmp_path, "clone", "--quiet", str(born.repository.path), "theirs")
    git(tmp_path / "theirs", "checkout", "--quiet", "-B", branch)
    commit_to(tmp_path / "theirs")
    git(tmp_path / "theirs", "push", "--quiet", "origin", branch)
    before = born.repository.refs()

    left = rolled_back(born)

    assert left == [
        f"left: the catalog entry stays: the repository local/shop has been used since: refs/heads/{branch}",
        f"left: the repository local/shop has been used since: refs/heads/{branch}",
    ]
    assert born.repository.refs() == before
    assert born.entities() == ["component:default/shop", "group:default/parcels"]
    assert not born.directory.exists()
    kept = {born.task().steps[row.step].action for row in born.rows() if row.status is RowStatus.COMPLETED}
    assert {"repository:create", "repository:push", "catalog:register"} < kept


def test_what_had_to_stay_can_be_taken_back_later(born: Place) -> None:
    git(born.repository.path, "branch", "their-idea", "main")
    commit = git(born.repository.path, "rev-parse", "main")
    git(born.repository.path, "update-ref", "refs/heads/their-idea", commit)
    assert rolled_back(born)

    git(born.repository.path, "branch", "-D", "their-idea")

    assert rolled_back(born) == []
    born.is_nothing()


def test_an_empty_repository_is_published_into_and_left_empty(place: Place) -> None:
    empty_repository(place)
    place.expect(0)
    assert "refs/heads/main" in place.repository.refs()

    assert rolled_back(place) == []

    assert place.repository.refs() == {}
    assert place.entities() == ["group:default/parcels"]
    assert place.repositories() == ["local", "local/shop.git"]


def test_an_empty_repository_somebody_pushed_to_keeps_everything(place: Place) -> None:
    empty_repository(place)
    place.expect(0)
    git(place.repository.path, "branch", "their-idea", "main")
    before = place.repository.refs()

    assert len(rolled_back(place)) == 2
    assert place.repository.refs() == before
    assert "component:default/shop" in place.entities()


def change_a_file(directory: Path) -> None:
    (directory / "README.md").write_text("mine")


def add_a_file(directory: Path) -> None:
    (directory / "mine").write_text("mine")


def commit_elsewhere(directory: Path) -> None:
    git(directory, "checkout", "--quiet", "-b", "idea")
    commit_to(directory)
    git(directory, "checkout", "--quiet", "main")


def stash(directory: Path) -> None:
    change_a_file(directory)
    git(directory, "-c", "user.name=A", "-c", "user.email=a@example.com", "stash", "--quiet")


@pytest.mark.parametrize("change", [change_a_file, add_a_file, commit_to, commit_elsewhere, stash])
def test_a_directory_the_person_has_worked_in_stays(born: Place, change: Callable[[Path], None]) -> None:
    change(born.directory)
    before = sorted(str(path) for path in born.directory.rglob("*"))

    (left,) = rolled_back(born)

    assert left.startswith(f"left: the directory {born.directory} ")
    assert sorted(str(path) for path in born.directory.rglob("*")) == before
    assert born.entities() == ["group:default/parcels"]


def test_a_directory_that_is_gone_is_no_reason(born: Place) -> None:
    git(born.work, "init", "--quiet", "other")
    born.directory.rename(born.home / "moved")

    assert rolled_back(born) == []
    assert [path.name for path in born.work.iterdir()] == ["other"]


def test_empty_directories_around_and_below_are_as_before(place: Place) -> None:
    deep = place.work / "deep"
    (place.work / "stood").mkdir()
    for directory in (deep / "er" / "shop", place.work / "stood"):
        place.expect(0, draft={"directory": str(directory)})
        assert (directory / "README.md").is_file()

        place.expect(0, do="rollback", task=place.tasks()[0].id)

    assert [path.name for path in place.work.rglob("*")] == ["stood"]


def test_the_catalog_entry_goes_even_when_the_repository_is_gone(born: Place) -> None:
    born.repository.path.rename(born.home / "moved.git")

    assert rolled_back(born) == []
    assert born.entities() == ["group:default/parcels"]


def test_a_task_that_ended_cannot_be_resumed(born: Place) -> None:
    for status in ("completed", "rolled back"):
        assert born.task().status.value == status
        result = born.expect(3, do="resume", task=born.task().id)
        assert f"is {status}: there is nothing to go on with" in result.err
        born.is_tidy()
        rolled_back(born)


def test_rolling_back_twice_is_harmless(born: Place) -> None:
    assert rolled_back(born) == rolled_back(born) == []
    assert born.task().status is TaskStatus.ROLLED_BACK
