"""Proposing a workspace to a repository, as a pull request."""

from __future__ import annotations

from shutil import rmtree
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.actions.github.pull_request import ForkUnsupported
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import GitDirectory
from scaffolder.gateways.github.branches import BranchMissing, BranchTaken
from scaffolder.gateways.github.pulls import CannotOpen
from scaffolder.tree import PathEscapes
from tests.actions.github.steps import Steps, Time, asked, forge_of
from tests.github.faults import Trouble
from tests.github.git_store import Entry

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog import Catalog
    from tests.github.server import GitHub
    from tests.github.state import Repository

ACTION = "publish:github:pull-request"
VALUE: dict[str, Any] = {
    "repoUrl": "github.com?owner=acme&repo=shop",
    "title": "Add docs",
    "description": "More of them",
    "branchName": "docs",
}


@pytest.fixture
def shop(github: GitHub) -> Repository:
    return github.repository("acme/shop")


def write(steps: Steps, **files: str) -> None:
    for name, text in files.items():
        file = steps.workspace / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def push(github: GitHub, shop: Repository, path: str, *, branch: str) -> None:
    """Let somebody else push to a branch, which is made from the default one if need be."""
    git, ref = shop.git, f"refs/heads/{branch}"
    git.set_ref(ref, git.ref(ref) or shop.branches()["main"])
    before = git.commit(git.ref(ref) or "")
    assert before
    entries = {**git.files(before.tree), path: Entry("100644", git.put("blob", b"theirs\n"))}
    github.state.commit(shop, branch, entries, "Theirs", shop.creator)


def test_what_is_there_stays_and_the_workspace_is_added(steps: Steps, shop: Repository, github: GitHub) -> None:
    write(steps, README="changed\n", docs__index="# Docs\n")
    (steps.workspace / "run.sh").write_text("#!/bin/sh\n")
    (steps.workspace / "run.sh").chmod(0o755)
    (steps.workspace / "latest").symlink_to("docs/index")

    output = steps.run(ACTION, VALUE)

    assert output == {
        "targetBranchName": "main",
        "remoteUrl": f"{github.url}/acme/shop/pull/1",
        "pullRequestNumber": 1,
        "commitHash": shop.branches()["docs"],
        "before": "",
        "created": True,
    }
    assert set(shop.files("docs")) == {
        *shop.files("main"),
        *("README", "docs/index", "run.sh", "latest"),
    }
    modes = {path: mode for path, (mode, _) in listing(shop, "docs").items()}
    assert (modes["run.sh"], modes["latest"], modes["README"]) == ("100755", "120000", "100644")
    issue = shop.issues[1]
    assert (issue.title, issue.body) == ("Add docs", "More of them")


def listing(shop: Repository, branch: str) -> dict[str, tuple[str, str]]:
    found = GitDirectory(shop.git.path).listing(shop.branches()[branch])
    return {path: (blob.mode, blob.name) for path, blob in found.items()}


def test_one_push_and_few_requests(steps: Steps, github: GitHub) -> None:
    write(steps, README="changed\n")

    steps.run(ACTION, VALUE)

    assert asked(github) == ["GET acme/shop", "POST acme/shop/pulls"]
    assert [one.path for one in github.requests if one.path.endswith("git-receive-pack") and one.method == "POST"] == [
        "/acme/shop.git/git-receive-pack"
    ]


def test_what_is_ignored_is_not_proposed(steps: Steps, shop: Repository) -> None:
    write(steps, README="x", run="x")
    (steps.workspace / ".gitignore").write_text("run\nbuild/\n")
    write(steps, build__out="x", docs__build__out="x")

    steps.run(ACTION, VALUE)

    assert set(shop.files("docs")) - set(shop.files("main")) == {".gitignore", "README"}


@pytest.mark.parametrize(("source", "target"), [("deploy", "apps/shop"), ("./deploy", "./apps/shop/")])
def test_a_part_of_the_workspace_to_a_part_of_the_repository(
    steps: Steps, shop: Repository, source: str, target: str
) -> None:
    write(steps, deploy__app="x", src__app="x")

    steps.run(ACTION, {**VALUE, "sourcePath": source, "targetPath": target})

    assert set(shop.files("docs")) - set(shop.files("main")) == {"apps/shop/app"}


def test_files_can_be_taken_away(steps: Steps, shop: Repository, github: GitHub) -> None:
    push(github, shop, "apps/old", branch="main")
    write(steps, app="x", again="x")

    steps.run(ACTION, {**VALUE, "targetPath": "apps", "filesToDelete": ["old", "./again", "never-there"]})

    before = set(shop.files("main"))
    assert "apps/old" in before
    assert set(shop.files("docs")) == {*before, "apps/app"} - {"apps/old"}


@pytest.mark.parametrize("path", ["", ".", "..", "/etc", "a/../.."])
def test_nothing_else_is_taken_away(steps: Steps, path: str) -> None:
    with pytest.raises(PathEscapes):
        steps.run(ACTION, {**VALUE, "filesToDelete": [path]})


@pytest.mark.parametrize("path", ["../other", "/etc"])
def test_nothing_from_or_to_elsewhere(steps: Steps, path: str) -> None:
    write(steps, README="x")

    for name in ("sourcePath", "targetPath"):
        with pytest.raises(PathEscapes):
            steps.run(ACTION, {**VALUE, name: path})


def test_who_made_the_commit_and_what_it_says(steps: Steps, shop: Repository) -> None:
    write(steps, README="x")

    steps.run(
        ACTION, {**VALUE, "commitMessage": "docs: begin", "gitAuthorName": "Acme Bot", "gitAuthorEmail": "bot@acme"}
    )

    commit = next(shop.git.history(shop.branches()["docs"]))
    assert (commit.message.strip(), commit.author.name, commit.author.email) == ("docs: begin", "Acme Bot", "bot@acme")


def test_another_branch_and_a_draft(steps: Steps, shop: Repository, github: GitHub) -> None:
    push(github, shop, "theirs", branch="next")
    write(steps, README="x")

    output = steps.run(ACTION, {**VALUE, "targetBranchName": "next", "draft": True})

    assert output["targetBranchName"] == "next"
    assert (shop.pulls[1].base, shop.pulls[1].draft) == ("next", True)
    assert "theirs" in shop.files("docs")


def test_reviews_are_asked_for(steps: Steps, shop: Repository) -> None:
    write(steps, README="x")

    steps.run(ACTION, {**VALUE, "reviewers": ["hubot"], "teamReviewers": ["payments-team"], "assignees": ["hubot"]})

    assert (shop.pulls[1].reviewers, shop.pulls[1].team_reviewers) == (["hubot"], ["payments-team"])
    assert shop.issues[1].assignees == ["hubot"]


def test_who_cannot_be_asked_stops_nothing(steps: Steps, shop: Repository) -> None:
    write(steps, README="x")

    steps.run(ACTION, {**VALUE, "reviewers": ["nobody-there"]})

    assert len(shop.pulls) == 1
    assert "Reviews may only be requested from collaborators" in steps.said[0]


# -- branches that are there


def test_a_branch_of_somebody_else_is_left_alone(steps: Steps, shop: Repository, github: GitHub) -> None:
    push(github, shop, "theirs", branch="docs")
    write(steps, README="x")
    before = shop.branches()["docs"]

    for attempt in (steps.check, steps.run):
        with pytest.raises(BranchTaken):
            attempt(ACTION, VALUE)

    assert shop.branches()["docs"] == before
    assert not shop.pulls


def test_one_that_appears_meanwhile_too(steps: Steps, shop: Repository, github: GitHub) -> None:
    """Between our look and our push."""
    write(steps, README="x")
    github.faults.add(Trouble.ERROR, "POST", "*/git-receive-pack", times=9)
    with pytest.raises(ScaffolderError):
        steps.run(ACTION, VALUE)
    github.faults.clear()
    push(github, shop, "theirs", branch="docs")

    with pytest.raises(BranchTaken):
        steps.run(ACTION, VALUE, again=True)


def test_it_is_added_to_where_that_is_wanted(steps: Steps, shop: Repository, github: GitHub) -> None:
    push(github, shop, "theirs", branch="docs")
    write(steps, README="x")
    theirs = shop.branches()["docs"]

    steps.run(ACTION, {**VALUE, "update": True})

    assert {"theirs", "README"} < set(shop.files("docs"))
    assert [one.sha for one in shop.git.history(shop.branches()["docs"])][1] == theirs


def test_no_branch_to_propose_to(steps: Steps) -> None:
    for attempt in (steps.check, steps.run):
        with pytest.raises(BranchMissing):
            attempt(ACTION, {**VALUE, "targetBranchName": "nowhere"})


def test_nothing_to_propose(steps: Steps, shop: Repository) -> None:
    (steps.workspace).mkdir(parents=True)
    (steps.workspace / "README.md").write_text("# Shop\n")

    assert steps.run(ACTION, {**VALUE, "createWhenEmpty": False}) == {"targetBranchName": "main"}

    assert list(shop.branches()) == ["main"]
    assert steps.said == ["nothing of acme/shop would change: no pull request is opened"]


def test_forks_are_refused(steps: Steps) -> None:
    with pytest.raises(ForkUnsupported):
        steps.check(ACTION, {**VALUE, "forceFork": True})


def test_a_token_that_may_not_push(github: GitHub, catalog: Catalog, tmp_path: Path, time: Time) -> None:
    forge = forge_of(github, github.add_user("passer-by"), time)
    steps = Steps(github, forge, catalog, tmp_path / "task")

    with pytest.raises(CannotOpen):
        steps.check(ACTION, VALUE)
    forge.client.close()


# -- taking back


@pytest.mark.parametrize("ended", [True, False])
def test_the_branch_goes_and_the_pull_request_is_closed(steps: Steps, shop: Repository, *, ended: bool) -> None:
    """A task that has ended has its output and no directory, one that was cut short the other way round."""
    write(steps, README="x")
    output = steps.run(ACTION, VALUE)
    if ended:
        rmtree(steps.directory)

    for _ in range(2):
        assert steps.undo(ACTION, VALUE, output if ended else {}) == ""

    assert list(shop.branches()) == ["main"]
    assert shop.issues[1].state == "closed"


def test_a_branch_that_was_used_since_stays(steps: Steps, shop: Repository, github: GitHub) -> None:
    write(steps, README="x")
    output = steps.run(ACTION, VALUE)
    push(github, shop, "theirs", branch="docs")

    assert steps.undo(ACTION, VALUE, output) == "the branch docs of acme/shop has been used since"

    assert "theirs" in shop.files("docs")
    assert shop.issues[1].state == "open"


@pytest.mark.parametrize("ended", [True, False])
def test_what_was_added_is_taken_off(steps: Steps, shop: Repository, github: GitHub, *, ended: bool) -> None:
    push(github, shop, "theirs", branch="docs")
    theirs = shop.branches()["docs"]
    asked_for = {"title": "Theirs", "head": "docs", "base": "main"}
    steps.forge.client.request("POST", "/repos/acme/shop/pulls", asked_for)
    write(steps, README="x")
    value = {**VALUE, "update": True}
    output = steps.run(ACTION, value)
    if ended:
        rmtree(steps.directory)

    assert steps.undo(ACTION, value, output if ended else {}) == ""

    assert shop.branches()["docs"] == theirs
    assert [one.issue.state for one in shop.pulls.values()] == ["open"]


def test_what_was_proposed_upon_somebodys_branch_is_closed(steps: Steps, shop: Repository, github: GitHub) -> None:
    push(github, shop, "theirs", branch="docs")
    write(steps, README="x")
    value = {**VALUE, "update": True}
    output = steps.run(ACTION, value)

    assert steps.undo(ACTION, value, output) == ""

    assert "theirs" in shop.files("docs")
    assert shop.issues[1].state == "closed"


def test_what_was_merged_stays(steps: Steps, github: GitHub) -> None:
    write(steps, README="x")
    output = steps.run(ACTION, VALUE)
    steps.forge.client.request("PUT", "/repos/acme/shop/pulls/1/merge", {})

    assert steps.undo(ACTION, VALUE, output) == f"{github.url}/acme/shop/pull/1 has been merged"


def test_nothing_was_begun(steps: Steps, shop: Repository) -> None:
    assert steps.undo(ACTION, VALUE, {}) == ""
    assert list(shop.branches()) == ["main"]
