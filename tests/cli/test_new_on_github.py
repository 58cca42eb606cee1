"""`scaffolder new` where repositories are made on GitHub: what is shown before and after, and how it ends."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.cli import program
from tests.cli.person import CTRL_U, ENTER, Person
from tests.github.description import where_there_is_one
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """\
organization: {{name: acme}}
integrations: {{github: [{{host: github.com, apiBaseUrl: "{api}"}}]}}
scaffolder:
  repositoryOwner: acme
  publish:
    topics: [mail]
    collaborators: [{{team: content-tools, access: push}}]
    protectDefaultBranch: false
"""
GIVEN = (
    *("new", "python-service", "--purpose", "Check that the links still work", "--name", "links"),
    *("--owner", "payments", "--system", "site", "--reason", "scale: it is large"),
    *("-d", "database=none", "-d", "python=3.12", "--forge", "github"),
)
NO_INPUT = (*GIVEN, "--no-input")


@pytest.fixture
def github(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=where_there_is_one()) as github:
        monkeypatch.setenv("GITHUB_TOKEN", github.add_user("mona"))
        github.add_organization("acme", members={"mona": "admin"})
        github.add_team("acme", "content-tools", members=["mona"])
        (desk / "scaffolder.yaml").write_text(SETTINGS.format(api=github.api_url))
        yield github


def test_the_plan_names_everything_that_will_be_there(desk: Path, github: GitHub) -> None:
    shown = program.run(*NO_INPUT, "--dry-run", cwd=desk, COLUMNS="80").stderr

    for line in (
        "  + repository    acme/links on github.com, private, default branch main",
        f"  + page          {github.url}/acme/links",
        "  + topics        mail",
        "  + access        team content-tools: push",
        "  + requests      about 4 to github.com",
    ):
        assert line in shown.splitlines()
    assert github.names() == []


def test_what_was_made_is_told_to_a_program(desk: Path, github: GitHub) -> None:
    made = json.loads(program.run(*NO_INPUT, "--json", cwd=desk).stdout)

    commit = github.repository("acme/links").refs()["refs/heads/main"]
    assert made["repository"] == {
        "name": "acme/links",
        "url": github.clone_url("acme/links"),
        "page": f"{github.url}/acme/links",
        "commit": commit,
    }
    assert made["status"] == "completed"


def test_a_skipped_step_is_said(desk: Path, github: GitHub) -> None:
    shown = program.run(*NO_INPUT, "--dry-run", "--skip", "publish-topics", cwd=desk).stderr

    assert "skipped, as you say: topics set" in shown
    assert "+ topics" not in shown
    assert github.names() == []


def test_without_a_token_it_says_how_to_get_one(desk: Path, github: GitHub) -> None:
    result = program.run(*NO_INPUT, cwd=desk, code=2, GITHUB_TOKEN="", PATH=_without_gh())

    assert "error: there is no token for github.com" in result.stderr
    assert "scaffolder login" in result.stderr
    assert github.requests == []


def test_a_limit_before_anything_is_begun_ends_with_four(desk: Path, github: GitHub) -> None:
    github.faults.add(Trouble.TOO_MANY, "GET", "/orgs/acme", times=9, retry_after=3600)

    result = program.run(*NO_INPUT, cwd=desk, code=4)

    assert "takes no more requests before" in result.stderr


def test_a_limit_later_ends_with_five_and_says_when_to_come_back(desk: Path, github: GitHub) -> None:
    fault = github.faults.add(Trouble.TOO_MANY, "PUT", "/repos/*/topics", retry_after=3600)

    stopped = program.run(*NO_INPUT, "--json", cwd=desk, code=5)

    assert fault.fired
    assert "github.com takes no more requests before" in stopped.stderr
    (task,) = [line.split()[4] for line in stopped.stderr.splitlines() if line.startswith("hint: scaffolder tasks")]
    program.run("tasks", "resume", task, cwd=desk)
    assert github.repository("acme/links").topics == ["mail"]


@pytest.mark.parametrize("reviewed", [False, True])
def test_it_is_said_by_which_pull_request_it_is_registered(desk: Path, github: GitHub, *, reviewed: bool) -> None:
    catalog = github.add_repository("acme/catalog", files={"README.md": b"Catalog"}, by="mona")
    if reviewed:
        catalog.protections["main"] = {"required_pull_request_reviews": {}, "enforce_admins": True}
    address = f"  catalogRepository: {github.clone_url('acme/catalog')}\n  registration: pull-request\n"
    with (desk / "scaffolder.yaml").open("a") as settings:
        settings.write(address)

    made = program.run(*NO_INPUT, cwd=desk, COLUMNS="100")
    done = made.stderr + made.stdout
    (task,) = program.run("tasks", "list", cwd=desk).stdout.splitlines()[1:]
    shown = program.run("tasks", "show", task.split()[0], cwd=desk).stdout

    page = f"{github.url}/acme/catalog/pull/1"
    state, label = (" has to be merged", "waiting") if reviewed else (", merged", "registered")
    step = "entry proposed by pull request #1, and waits to be merged" if reviewed else "by pull request #1"
    for said in (done, shown):
        assert f"{label} pull request #1{state}: {page}" in " ".join(said.split())
    assert step in done
    assert json.loads(program.run("tasks", "show", task.split()[0], "--json", cwd=desk).stdout)["pullRequest"] == page


def test_that_an_entry_was_declined_is_told_where_names_are_listed(desk: Path, github: GitHub) -> None:
    catalog = github.add_repository("acme/catalog", files={"README.md": b"Catalog"}, by="mona")
    catalog.protections["main"] = {"required_pull_request_reviews": {}, "enforce_admins": True}
    with (desk / "scaffolder.yaml").open("a") as settings:
        settings.write(f"  catalogRepository: {github.clone_url('acme/catalog')}\n  registration: pull-request\n")
    task = json.loads(program.run(*NO_INPUT, "--json", cwd=desk).stdout)["taskId"]

    def told() -> bool:
        closed = f"links: its pull request is closed; open it again there, or: scaffolder tasks rollback {task}"
        return closed in " ".join(program.run("catalog", "reservations", cwd=desk, COLUMNS="120").stderr.split())

    assert not told()
    catalog.pulls[1].issue.state = "closed"
    assert told()


def test_the_new_repository_is_opened_in_the_browser(desk: Path, github: GitHub, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n')
    browser.chmod(0o755)
    person = Person(desk, *GIVEN, BROWSER=f"{browser} %s")
    person.answers("Make it?", ENTER)
    person.sees("The repository is open in your browser.")
    assert person.leaves()[0] == 0

    assert (tmp_path / "opened").read_text() == f"{github.url}/acme/links\n"


def test_a_name_is_looked_for_where_the_repository_will_be(desk: Path, github: GitHub) -> None:
    settings = desk / "scaffolder.yaml"
    kept = ("organization", "  repositoryOwner")
    lines = settings.read_text().splitlines(keepends=True)
    settings.write_text("".join(line for line in lines if not line.startswith(kept)))
    github.add_repository("mona/links", files={"README.md": b"Hers"}, by="mona")

    person = Person(desk, "new", "--forge", "github")
    person.answers("What will it do?", "Check links", ENTER)
    person.answers("A name for it?", CTRL_U, "links", ENTER)
    person.sees("the repository mona/links exists already")
    person.types("\x03")
    assert person.leaves()[0] == 130


def test_the_wizard_says_at_once_that_there_is_no_token(desk: Path, github: GitHub) -> None:
    person = Person(desk, "new", "--forge", "github", GITHUB_TOKEN="", PATH=_without_gh())
    person.sees("there is no token for github.com")
    person.sees("What will it do?")
    person.types("\x03")
    assert person.leaves()[0] == 130
    assert github.requests == []


def _without_gh() -> str:
    return os.pathsep.join(
        place for place in os.environ["PATH"].split(os.pathsep) if not os.path.lexists(f"{place}/gh")
    )
