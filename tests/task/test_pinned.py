"""What steps fetch from another repository is of one commit: the plan's, the run's and a resumed one's."""

from __future__ import annotations

import shutil
import signal
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from scaffolder.task.journal import Journal
from scaffolder.task.masking import mark
from scaffolder.task.pinned import Pinned
from tests.gateways.repositories import commit, made
from tests.task.births import GIT_CONFIG
from tests.template.golden import tree_of

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.gateways.git import GitDirectory
    from scaffolder.tree import Tree
    from tests.task.births import Place

LIBRARY = "https://git.acme.example/library"
STEPS = f"""\
    - {{id: wait, action: "test:mark", input: {{key: a}}}}
    - {{id: far, action: "fetch:plain", input: {{url: "{LIBRARY}/tree/main/skeletons/x"}}}}
    - {{id: late, action: "debug:log", input: {{message: done}}}}
"""


@pytest.fixture
def library(tmp_path: Path) -> GitDirectory:
    """A library whose first commit stays on another branch."""
    first = tree_of({"skeletons/x/far.txt": "first"})
    directory = made(tmp_path / "library.git", first)
    commit(directory, first, ref="refs/heads/old")
    return directory


@pytest.fixture
def far(place: Place, library: GitDirectory) -> Place:
    """A home whose template fetches from the library."""
    template = place.home / "template" / "template.yaml"
    head, _, _ = template.read_text().partition("  steps:\n")
    template.write_text(f"{head}  steps:\n{STEPS}")
    (place.home / ".gitconfig").write_text(f'{GIT_CONFIG}[url "file://{library.path}"]\n\tinsteadOf = {LIBRARY}\n')
    return place


@pytest.mark.parametrize("without_copy", [False, True])
def test_a_resumed_task_has_the_files_of_its_plan(far: Place, library: GitDirectory, *, without_copy: bool) -> None:
    far.expect(-signal.SIGKILL, stop_at=4)
    assert not any(row.step == 2 for row in far.rows())
    commit(library, tree_of({"skeletons/x/far.txt": "second"}), message="Second")
    if without_copy:
        shutil.rmtree(far.home / ".cache")

    far.expect(0, do="resume", task=far.task().id)

    assert far.files()["far.txt"] == b"first"


def test_a_commit_that_is_nowhere_any_more_is_told(far: Place, library: GitDirectory) -> None:
    far.expect(-signal.SIGKILL, stop_at=4)
    shutil.rmtree(far.home / ".cache")
    shutil.rmtree(library.path)
    made(library.path, tree_of({"skeletons/x/far.txt": "other"}))

    assert LIBRARY in far.expect(5, do="resume", task=far.task().id).err


def test_an_address_that_only_a_step_knows_is_pinned_when_it_is_read(far: Place) -> None:
    far.expect(-signal.SIGKILL, stop_at=4)
    there = ["1" * 40]

    def read(_url: str, pin: tuple[str, str] | None) -> tuple[Tree, tuple[str, str]]:
        return tree_of({}), pin or (there[0], "x")

    task = far.task()
    with closing(Journal(far.state / "tasks.db")) as journal:
        pinned = Pinned.of(read, task.pins, lambda pins: journal.pin(task.id, pins))
        pinned("https://elsewhere.example/late")
        stored = journal.task(task.id).pins
    there[0] = "2" * 40

    again = Pinned.of(read, stored, lambda _pins: pytest.fail("it is kept already"))
    again("https://elsewhere.example/late")
    assert again.pins["https://elsewhere.example/late"] == ("1" * 40, "x")
    assert len(again.pins) == 2


def test_a_secret_in_an_address_is_kept_nowhere(far: Place) -> None:
    template = far.home / "template" / "template.yaml"
    address = LIBRARY.replace("://", "://x:${{ secrets.token }}@")
    template.write_text(template.read_text().replace(LIBRARY, address))
    secret = "hunter2-of-the-library"
    environ = {"SCAFFOLDER_SECRET_TOKEN": secret}

    far.expect(-signal.SIGKILL, draft={"secrets": {"token": secret}}, stop_at=4)
    assert [pin[0] for pin in far.task().pins] == [
        f"https://x:{mark('token')}@git.acme.example/library/tree/main/skeletons/x"
    ]
    far.expect(0, do="resume", task=far.task().id, environ=environ)

    assert far.files()["far.txt"] == b"first"
    files = [path for path in far.home.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert files == []
