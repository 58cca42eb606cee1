"""Refs of another repository move from what was seen to what is wanted: all of them, or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.git import GitDirectory, PathForbidden, Unreachable, mirror
from scaffolder.gateways.git_remote import Move, NoDefaultBranch, PushRefused, RefsMoved, default_branch, move
from tests.gateways.repositories import IN_INDIA, NOON, SOMEBODY, TREE, as_person, commit, made

if TYPE_CHECKING:
    from pathlib import Path

MAIN, IDEA = "refs/heads/main", "refs/heads/idea"


@pytest.fixture
def there(tmp_path: Path) -> GitDirectory:
    return made(tmp_path / "there.git")


@pytest.fixture
def here(there: GitDirectory, tmp_path: Path) -> GitDirectory:
    return mirror(str(there.path), cache=tmp_path / "cache")


def upon(here: GitDirectory, *parents: str, message: str = "More", **changes: bytes | None) -> str:
    files = {name.replace("_", "."): data for name, data in changes.items()}
    return here.commit_upon(parents, files, message=message, identity=SOMEBODY, when=IN_INDIA)


def seen(here: GitDirectory) -> str:
    return here.refs()[MAIN]


# -- commits


def test_a_commit_adds_and_takes_away_files_and_leaves_the_others(here: GitDirectory) -> None:
    changed = upon(here, seen(here), new_txt=b"new", README_md=None)

    files = {path: here.file(changed, path) for path in ("new.txt", "README.md", "src/shop.py")}
    assert files == {"new.txt": b"new", "README.md": None, "src/shop.py": b"print('hello')\n"}
    assert here.tree(changed).get("bin/run") == TREE.get("bin/run")
    assert upon(here, seen(here), new_txt=b"new", README_md=None) == changed
    assert here.refs() == {MAIN: seen(here)}, "no ref names it"


def test_a_commit_may_change_nothing_and_may_merge(here: GitDirectory) -> None:
    empty = upon(here, seen(here), message="Reserve ü\n\nTask: 7f3c\n")
    merged = upon(here, empty, upon(here, seen(here), new_txt=b"new"))

    assert here.tree(empty).digest() == here.tree(merged).digest() == TREE.digest()
    shown = as_person(here.path, "show", "--no-patch", "--format=%P %an %ae %aI %cI %B", empty)
    assert shown.split("\n")[0] == (
        f"{seen(here)} Some Body some.body@example.com 2024-05-06T17:30:00+05:30 2024-05-06T17:30:00+05:30 Reserve ü"
    )
    assert len(as_person(here.path, "show", "--no-patch", "--format=%P", merged).split()) == 2
    assert as_person(here.path, "fsck", "--strict").count("error") == 0


def test_a_commit_writes_nothing_into_git_itself(here: GitDirectory) -> None:
    with pytest.raises(PathForbidden):
        here.commit_upon([seen(here)], {".GIT/config": b""}, message="x", identity=SOMEBODY, when=NOON)


# -- moves


def test_refs_are_made_moved_and_taken_away_together(there: GitDirectory, here: GitDirectory) -> None:
    first, second = seen(here), upon(here, seen(here), a_txt=b"a")
    move(here, str(there.path), [Move(IDEA, "", first)])
    assert there.refs() == {MAIN: first, IDEA: first}

    move(here, str(there.path), [Move(MAIN, first, second), Move(IDEA, first, "")])

    assert there.refs() == {MAIN: second}


def test_what_exists_is_not_made(there: GitDirectory, here: GitDirectory) -> None:
    commit(there, ref=IDEA, message="theirs")
    before, mine = there.refs(), upon(here, seen(here))

    with pytest.raises(RefsMoved):
        move(here, str(there.path), [Move(IDEA, "", mine), Move("refs/heads/other", "", mine)])

    assert there.refs() == before


def test_the_same_commit_cannot_be_made_a_branch_twice(there: GitDirectory, here: GitDirectory) -> None:
    mine = upon(here, seen(here))
    move(here, str(there.path), [Move(IDEA, "", mine)])

    with pytest.raises(RefsMoved):
        move(here, str(there.path), [Move(IDEA, "", upon(here, seen(here), message="another"))])


def test_what_somebody_moved_meanwhile_stays(there: GitDirectory, here: GitDirectory) -> None:
    first = seen(here)
    move(here, str(there.path), [Move(MAIN, first, upon(here, first, a_txt=b"a"))])
    before = there.refs()

    for new in (upon(here, first, b_txt=b"b"), ""):
        with pytest.raises(RefsMoved):
            move(here, str(there.path), [Move(IDEA, "", first), Move(MAIN, first, new)])

    assert there.refs() == before


def test_what_a_hook_refuses_is_told_in_its_own_words(there: GitDirectory, here: GitDirectory) -> None:
    hook = there.path / "hooks" / "update"
    hook.write_text('#!/bin/sh\n[ "$1" = refs/heads/main ] || exit 0\necho "GH006: main is protected" >&2\nexit 1\n')
    hook.chmod(0o755)
    before = there.refs()

    with pytest.raises(PushRefused, match=r"there\.git refused: GH006: main is protected") as refused:
        move(here, str(there.path), [Move(MAIN, seen(here), upon(here, seen(here))), Move(IDEA, "", seen(here))])

    assert refused.value.details == ("hook declined to update refs/heads/main",)
    assert there.refs() == before


def test_what_the_other_side_refuses_without_a_word_names_the_ref(there: GitDirectory, here: GitDirectory) -> None:
    as_person(there.path, "config", "receive.denyDeletes", "true")

    with pytest.raises(PushRefused, match=r"refused: denying ref deletion|main: deletion prohibited"):
        move(here, str(there.path), [Move(MAIN, seen(here), "")])


def test_a_branch_in_the_way_is_no_race(there: GitDirectory, here: GitDirectory) -> None:
    """A branch `register` leaves no place for `register/…`, however often it is tried."""
    move(here, str(there.path), [Move("refs/heads/register", "", seen(here))])

    with pytest.raises(PushRefused, match="'refs/heads/register' exists"):
        move(here, str(there.path), [Move("refs/heads/register/x", "", seen(here))])


def test_a_host_that_does_not_answer_is_unreachable(here: GitDirectory) -> None:
    with pytest.raises(Unreachable):
        move(here, "http://127.0.0.1:1/there.git", [Move(IDEA, "", seen(here))])


# -- the default branch


def test_the_default_branch_is_the_other_sides(there: GitDirectory, tmp_path: Path) -> None:
    commit(there, ref="refs/heads/trunk")
    (there.path / "HEAD").write_text("ref: refs/heads/trunk\n")

    assert default_branch(mirror(str(there.path), cache=tmp_path), address="x") == "refs/heads/trunk"


@pytest.mark.parametrize("detached", [False, True])
def test_a_default_branch_must_be_one(tmp_path: Path, *, detached: bool) -> None:
    there = GitDirectory.init(tmp_path / "there.git")
    if detached:
        (there.path / "HEAD").write_text(commit(there) + "\n")

    with pytest.raises(NoDefaultBranch, match=re.escape("https://example.com/c.git has no commit")):
        default_branch(mirror(str(there.path), cache=tmp_path / "c"), address="https://me:pw@example.com/c.git")
