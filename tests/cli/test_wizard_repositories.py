"""Questions about repositories, with a GitHub that knows some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.person import CTRL_C, DOWN, ENTER, Person, kept, take_in
from tests.github.asking import Asking
from tests.github.description import where_there_is_one
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.github.received import Received

SETTINGS = 'integrations: {{github: [{{host: github.com, apiBaseUrl: "{api}"}}]}}\n'
LOG = {"action": "debug:log", "input": {"message": "made"}}
GIVEN = ("--purpose", "Count the stars", "--name", "star-count", "--owner", "payments", "--system", "site")
REPOSITORY = {"type": "string", "ui:field": "RepoUrlPicker"}
BRANCH = {"title": "Branch", "type": "string", "ui:field": "RepoBranchPicker"}
FORM: dict[str, Any] = {
    "required": ["docs", "branch"],
    "properties": {"repoUrl": REPOSITORY, "docs": {"title": "Docs", **REPOSITORY}, "branch": BRANCH},
}


@pytest.fixture
def place(home: Path, tmp_path: Path) -> Path:
    take_in(home, tmp_path)
    place = tmp_path / "work"
    place.mkdir()
    return place


@pytest.fixture
def github(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=where_there_is_one()) as github:
        token = github.add_user("mona")
        monkeypatch.setenv("GITHUB_TOKEN", token)
        github.add_organization("acme", members={"mona": "admin"})
        assert Asking(github, token).post("/orgs/acme/repos", name="shop", auto_init=True).status == 201
        (place / "scaffolder.yaml").write_text(SETTINGS.format(api=github.api_url))
        yield github


def begins(place: Path, **docs: Any) -> Person:
    form = {**FORM, "properties": {**FORM["properties"], "docs": {"title": "Docs", **REPOSITORY, "ui:options": docs}}}
    template = {
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {"name": "forms", "description": "asks"},
        "spec": {"type": "service", "parameters": form, "steps": [LOG]},
    }
    directory = place.parent / "forms"
    directory.mkdir(exist_ok=True)
    (directory / "template.yaml").write_text(yaml.safe_dump(template, sort_keys=False))
    return Person(place, "new", str(directory), *GIVEN)


def answers(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = kept(home)["answers"]
    return found


def asked(github: GitHub) -> list[Received]:
    """Return what was asked since the repository was made."""
    return github.requests[1:]


def test_what_is_known_of_a_repository_is_told_and_its_branches_are_offered(
    place: Path, github: GitHub, home: Path
) -> None:
    person = begins(place)
    person.answers("choose one, or type another", "acme", ENTER)
    person.answers("Docs: repository", "shop", ENTER)
    person.sees("acme/shop exists already on github.com")
    person.answers("choose one, or type another", "a..b", ENTER)
    person.sees("'a..b'")
    person.answers("choose one, or type another", "main", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"docs": "github.com?owner=acme&repo=shop", "branch": "main"}
    assert {one.method for one in asked(github)} == {"GET"}


@pytest.mark.usefixtures("github")
def test_somebody_that_github_does_not_know_is_told(place: Path, home: Path) -> None:
    person = begins(place)
    person.answers("choose one, or type another", "umbrella", ENTER)
    person.answers("Docs: repository", "shop", ENTER)
    person.sees("github.com knows nobody called umbrella")
    person.answers("Branch", "next", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"docs": "github.com?owner=umbrella&repo=shop", "branch": "next"}


@pytest.mark.usefixtures("github")
def test_of_another_host_nobody_asks_github(place: Path, home: Path) -> None:
    person = begins(place, allowedHosts=["dev.azure.com"], allowedOrganizations=["acme", "umbrella"])
    person.answers("Docs: organization", DOWN, ENTER)
    person.answers("Docs: project", "tools", ENTER)
    person.answers("Docs: repository", "shop", ENTER)
    person.answers("Branch", "main", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home)["docs"] == "dev.azure.com?repo=shop&organization=umbrella&project=tools"


def test_where_github_cannot_be_reached_it_is_not_waited_for(place: Path, github: GitHub, home: Path) -> None:
    github.faults.add(Trouble.ERROR, "GET", "/user", times=99)
    person = begins(place)
    person.answers("Docs: owner", "acme", ENTER)
    person.answers("Docs: repository", "shop", ENTER)
    person.answers("Branch", "main", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"docs": "github.com?owner=acme&repo=shop", "branch": "main"}
    assert "exists" not in person.conversation
    assert len(asked(github)) == 1
