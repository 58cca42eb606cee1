from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import GitDirectory, WorkTreeTaken, attach_work_tree
from scaffolder.gateways.git_work_tree import BASE
from scaffolder.tree import Directory, File, Tree
from tests.gateways.repositories import TREE, as_person, commit, made

if TYPE_CHECKING:
    from pathlib import Path


def attached(tmp_path: Path, tree: Tree = TREE) -> tuple[Path, GitDirectory, str]:
    source, origin = made(tmp_path / "source.git", tree), GitDirectory.init(tmp_path / "origin.git")
    commit(source, Tree({"pristine": File(b"")}), ref=BASE)
    origin_refs = source.refs()
    source.push(str(origin.path), origin_refs)
    work = tmp_path / "work"
    tree.write(work)
    name = origin_refs["refs/heads/main"]
    attach_work_tree(work, source, branch="main", commit=name, origin=str(origin.path))
    return work, origin, name


def test_is_as_clean_as_after_a_clone(tmp_path: Path) -> None:
    work, origin, name = attached(tmp_path, TREE.overlaid({"empty": Directory()}))

    assert as_person(work, "status", "--porcelain=v2", "--branch").splitlines() == [
        f"# branch.oid {name}",
        "# branch.head main",
        "# branch.upstream origin/main",
        "# branch.ab +0 -0",
    ]
    assert as_person(work, "diff-files") == "", "the index knows the files already"
    assert as_person(work, "remote", "get-url", "origin") == str(origin.path)
    assert as_person(work, "rev-parse", BASE) == origin.refs()[BASE]
    assert as_person(work, "fsck", "--strict") == ""
    assert sorted(path.name for path in (work / ".git").iterdir() if path.name.isupper()) == ["HEAD"]


def test_the_configuration_is_what_a_clone_writes(tmp_path: Path) -> None:
    work, origin, _ = attached(tmp_path)
    as_person(tmp_path, "clone", "--quiet", str(origin.path), "clone")

    ours, theirs = (
        set(as_person(place, "config", "--local", "--list").splitlines()) for place in (work, tmp_path / "clone")
    )

    if sys.platform != "darwin":
        assert ours == theirs


def test_the_usual_work_goes_on_from_there(tmp_path: Path) -> None:
    work, origin, _ = attached(tmp_path)
    as_person(tmp_path, "clone", "--quiet", str(origin.path), "colleague")
    (tmp_path / "colleague/new.txt").write_text("new\n")
    as_person(tmp_path / "colleague", "add", ".")
    as_person(tmp_path / "colleague", "commit", "--quiet", "-m", "New")
    as_person(tmp_path / "colleague", "push", "--quiet")

    as_person(work, "pull", "--quiet")
    (work / "README.md").write_text("# Changed\n")
    as_person(work, "commit", "--quiet", "-a", "-m", "Change")
    as_person(work, "push", "--quiet")
    as_person(work, "switch", "--quiet", "-c", "topic")
    as_person(work, "gc", "--quiet")

    assert origin.file(origin.refs()["refs/heads/main"], "README.md") == b"# Changed\n"
    assert (work / "new.txt").read_text() == "new\n"


def test_said_again_it_changes_nothing(tmp_path: Path) -> None:
    work, origin, name = attached(tmp_path)
    before = Tree.read(work).digest()

    attach_work_tree(work, GitDirectory(tmp_path / "source.git"), branch="main", commit=name, origin=str(origin.path))

    assert Tree.read(work).digest() == before


def test_what_a_killed_process_left_does_not_block(tmp_path: Path) -> None:
    source = made(tmp_path / "source.git")
    work = tmp_path / "work"
    TREE.write(work)
    (work / ".git.partial/objects").mkdir(parents=True)
    (work / ".git.partial/index.lock").write_text("")

    attach_work_tree(work, source, branch="main", commit=source.refs()["refs/heads/main"], origin="/nowhere")

    assert as_person(work, "status", "--porcelain") == ""
    assert not (work / ".git.partial").exists()


def test_somebody_elses_repository_is_left_alone(tmp_path: Path) -> None:
    source = made(tmp_path / "source.git")
    name = source.refs()["refs/heads/main"]
    work = tmp_path / "work"
    as_person(tmp_path, "init", "--quiet", str(work))
    before = Tree.read(work).digest()

    with pytest.raises(WorkTreeTaken):
        attach_work_tree(work, source, branch="main", commit=name, origin="/nowhere")

    assert Tree.read(work).digest() == before


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    source = made(tmp_path / "source.git")
    (tmp_path / "work").write_text("")

    with pytest.raises(ScaffolderError, match="cannot write"):
        attach_work_tree(
            tmp_path / "work", source, branch="main", commit=source.refs()["refs/heads/main"], origin="/nowhere"
        )


def test_the_persons_line_endings_and_hooks_have_no_say(tmp_path: Path, home: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "monitor"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/sang\n")
        (hooks / name).chmod(0o755)
    with (home / ".gitconfig").open("a") as file:
        file.write(f"[core]\n\thooksPath = {hooks}\n\tautocrlf = input\n\tfsmonitor = {hooks}/monitor\n")

    attached(tmp_path, Tree({"a": File(b"one\r\ntwo\n")}))

    assert not (tmp_path / "sang").exists()
