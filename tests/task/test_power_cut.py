"""After a power cut a row may be there and its files not: what is missing is made again, or nothing is pretended."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.task.births import Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def cut_at(place: Place, name: str, root: Path) -> Path:
    """End a birth at a point; return its task's directory."""
    whole = place.copied(root / "whole")
    whole.expect(0)
    place.expect(-signal.SIGKILL, stop_at=whole.points().index(name) + 1)
    return place.state / "tasks" / place.task().id


def workspace_gone(task: Path) -> None:
    shutil.rmtree(task / "workspace")


def last_state_gone(task: Path) -> None:
    shutil.rmtree(max((task / "workspace").iterdir()))


def file_emptied(task: Path) -> None:
    (max((task / "workspace").iterdir()) / "README.md").write_bytes(b"")


def file_not_readable(task: Path) -> None:
    state = max((task / "workspace").iterdir())
    (state / "README.md").unlink()
    shutil.copytree(task / "workspace" / "0", state / "README.md")


def commits_gone(task: Path) -> None:
    shutil.rmtree(task / "repository.git", ignore_errors=True)


def objects_emptied(task: Path) -> None:
    for file in (task / "repository.git" / "objects").rglob("*.pack"):
        file.chmod(0o644)
        file.write_bytes(b"")


RENDERED = [workspace_gone, last_state_gone, file_emptied, file_not_readable]
LOSSES = [
    *(("effect falsy", loss) for loss in RENDERED),
    *(("effect publish-push", loss) for loss in [*RENDERED, commits_gone, objects_emptied]),
    ("effect publish-repository", commits_gone),
]


@pytest.mark.parametrize(("point", "lose"), LOSSES)
def test_lost_files_are_made_again(place: Place, tmp_path: Path, point: str, lose: Callable[[Path], None]) -> None:
    task = cut_at(place, point, tmp_path)
    lose(task)

    place.expect(0, do="resume", task=task.name)
    place.is_born()


def test_what_a_step_had_half_written_is_not_used(place: Place, tmp_path: Path) -> None:
    task = cut_at(place, "effect skeleton", tmp_path)
    (task / "workspace" / "1" / "README.md").write_bytes(b"# sh")
    (task / "workspace" / "1" / "half").write_bytes(b"")

    place.expect(0, do="resume", task=task.name)

    place.is_born()
    assert place.files() == Place(tmp_path / "whole", place.processes).files()


def test_a_step_runs_with_the_input_that_was_stored(place: Place, tmp_path: Path) -> None:
    task = cut_at(place, "effect falsy", tmp_path)
    place.expect(-signal.SIGKILL, do="resume", task=task.name, stop_at=2)  # the next step's input has its row
    with closing(sqlite3.connect(place.state / "tasks.db")) as journal, journal:
        changed = journal.execute(
            """UPDATE step_run SET input = replace(input, '"a"', '"c"') WHERE input LIKE '%"a"%'"""
        )
        assert changed.rowcount == 1

    place.expect(0, do="resume", task=task.name)

    assert place.outside() == ["b", "c"]


def test_what_is_published_is_not_replaced_by_something_else(place: Place, tmp_path: Path) -> None:
    (place.home / "template" / "template.yaml").write_text(
        (place.home / "template" / "template.yaml").read_text() + '    - {id: nonce, action: "test:nonce"}\n'
    )
    task = cut_at(place, "effect publish-push", tmp_path)
    published = place.repository.refs()
    workspace_gone(task)

    result = place.expect(5, do="resume", task=task.name)

    assert "made other files than those that are already published" in result.err
    assert place.repository.refs() == published
    place.expect(0, do="rollback", task=task.name)
    place.is_nothing()


def test_a_template_that_is_damaged_is_not_used(place: Place, tmp_path: Path) -> None:
    task = cut_at(place, "effect falsy", tmp_path)
    kept = (task / "template.tar").read_bytes()
    assert kept.count(b"as it is") == 1

    (task / "template.tar").write_bytes(kept.replace(b"as it is", b"as it Is"))

    result = place.expect(1, do="resume", task=task.name)
    assert f"rollback {task.name}" in result.err
    place.expect(0, do="rollback", task=task.name)
    place.is_nothing()


def test_the_template_as_it_was_is_used_though_it_has_changed_since(place: Place, tmp_path: Path) -> None:
    task = cut_at(place, "wrote task", tmp_path)
    shutil.rmtree(place.home / "template")

    place.expect(0, do="resume", task=task.name)

    place.is_born()
