"""A token that a form of Backstage would ask for: needed by nothing that is done in the person's name, else lent."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.cli import program
from tests.cli.person import CTRL_C, DOWN, ENTER, Person
from tests.github.description import where_there_is_one
from tests.github.server import GitHub, serving
from tests.template.golden import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """\
organization: {{name: acme}}
integrations: {{github: [{{host: github.com, apiBaseUrl: "{api}"}}]}}
scaffolder: {{repositoryOwner: acme}}
"""
PICKER = {
    "type": "string",
    "ui:field": "RepoUrlPicker",
    "ui:options": {"requestUserCredentials": {"secretsKey": "USER_OAUTH_TOKEN"}, "allowedHosts": ["github.com"]},
}
OR_FALSE = "${{ secrets.USER_OAUTH_TOKEN or false }}"
REPOSITORY = "${{ parameters.repoUrl }}"
DEMO = [
    {"id": "files", "action": "fetch:template", "input": {"url": "./skeleton", "token": OR_FALSE}},
    {"id": "publish", "action": "publish:github", "input": {"repoUrl": REPOSITORY, "token": OR_FALSE}},
    {
        "id": "label",
        "action": "github:environment:create",
        "input": {"repoUrl": REPOSITORY, "name": "test", "token": "${{ secrets['USER_OAUTH_TOKEN'] or false }}"},
    },
]
CALL = {"id": "call", "action": "debug:log", "input": {"message": "Bearer ${{ secrets.USER_OAUTH_TOKEN }}!"}}
ABOUT = ("--purpose", "Bake bread daily", "--name", "bakery", "--owner", "payments", "--system", "site")
GIVEN = ("new", "../bread", *ABOUT, "--reason", "scale: it is large", "--no-open")
MINE = "ghp_mine"
OTHER = "glpat-other"
WANT = "want your token for github.com"


@pytest.fixture
def github(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=where_there_is_one()) as github:
        monkeypatch.setenv("GITHUB_TOKEN", github.add_user("mona"))
        github.add_organization("acme", members={"mona": "admin"})
        (desk / "scaffolder.yaml").write_text(SETTINGS.format(api=github.api_url))
        yield github


def template(desk: Path, *steps: object) -> None:
    document = {
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {"name": "bread"},
        "spec": {"type": "service", "parameters": [{"properties": {"repoUrl": PICKER}}], "steps": list(steps)},
    }
    write(desk.parent / "bread", {"template.yaml": yaml.safe_dump(document), "skeleton/README.md": "bread\n"})


def new(desk: Path, *arguments: str, code: int = 0, **environ: str) -> tuple[str, str]:
    done = program.run(*GIVEN, "--no-input", *arguments, cwd=desk, code=code, **environ)
    return done.stdout, done.stderr


def traces(desk: Path, token: str) -> list[str]:
    """Return every file of the person's that holds the token."""
    files = [path for path in desk.parent.rglob("*") if path.is_file() and "github" not in path.parts]
    return [str(path) for path in files if token.encode() in path.read_bytes()]


def test_what_is_done_in_the_persons_name_needs_none(desk: Path, github: GitHub) -> None:
    template(desk, *DEMO)
    _, err = new(desk, "--forge", "github")
    assert "token" not in err
    assert github.names() == ["acme/bakery"]


def test_another_step_gets_none_without_a_word(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    out, err = new(desk, "--json", code=2, GITHUB_TOKEN=MINE)
    assert json.loads(out)["error"]["code"] == "token-wanted"
    assert f"{WANT}, as USER_OAUTH_TOKEN: call (debug:log)" in json.loads(out)["error"]["message"]
    assert "--trust" in json.loads(out)["error"]["hint"]
    assert MINE not in out + err
    assert not any(desk.iterdir())


def test_what_is_trusted_has_it_and_the_plan_says_so(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    plan = json.loads(new(desk, "--trust", "--dry-run", "--json", GITHUB_TOKEN=MINE)[0])
    assert plan["tokens"] == [{"host": "github.com", "name": "USER_OAUTH_TOKEN", "steps": ["call (debug:log)"]}]
    _, err = new(desk, "--trust", GITHUB_TOKEN=MINE)
    assert "your token for github.com is given as USER_OAUTH_TOKEN to call (debug:log)" in " ".join(err.split())
    assert "Bearer ***!" in err
    assert traces(desk, MINE) == []


@pytest.mark.parametrize(
    "entry", ["scaffolder: {trust: [..]}", "scaffolder: {templates: [{name: x, source: ../bread}]}"]
)
def test_the_settings_answer_beforehand(desk: Path, entry: str) -> None:
    template(desk, *DEMO[:2], CALL)
    (desk / "scaffolder.yaml").write_text(entry)
    arguments = [argument if argument != "../bread" or "x" not in entry else "x" for argument in GIVEN]
    done = program.run(*arguments, "--no-input", cwd=desk, GITHUB_TOKEN=MINE)
    assert "Bearer ***!" in done.stderr


def test_another_can_be_given_by_its_name(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    _, err = new(desk, SCAFFOLDER_SECRET_USER_OAUTH_TOKEN=OTHER)
    assert "Bearer ***!" in err
    assert traces(desk, OTHER) == []


def test_a_step_that_is_skipped_wants_nothing(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    out, err = new(desk, "--skip", "call", "--dry-run", GITHUB_TOKEN=MINE)
    assert "your token" not in out + err


def test_where_there_is_none_the_way_out_is_said(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    nothing = {"GITHUB_TOKEN": "", "GH_TOKEN": "", "PATH": _without_gh()}
    _, err = new(desk, "--trust", code=2, **nothing)
    assert "there is no token for github.com" in err
    assert "scaffolder login --host github.com" in err
    assert "SCAFFOLDER_SECRET_USER_OAUTH_TOKEN=" in err


def _without_gh() -> str:
    return ":".join(one for one in os.environ["PATH"].split(":") if not os.path.exists(f"{one}/gh"))  # noqa: PTH110


def test_the_wizard_asks_once_and_refusing_goes_on_without(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    person = Person(desk, *GIVEN, GITHUB_TOKEN=MINE)
    person.sees(f"Steps of the template {WANT}")
    person.sees("Give it to them?")
    person.types(ENTER)
    person.sees("Make it?")
    person.types(ENTER)
    assert person.leaves()[0] == 0
    assert "Bearer !" in person.conversation


def test_the_wizard_gives_it_where_the_person_says_so(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    person = Person(desk, *GIVEN, GITHUB_TOKEN=MINE)
    person.sees("Give it to them?")
    person.types(DOWN, ENTER)
    person.sees("+ token")
    person.sees("Make it?")
    person.types(ENTER)
    assert person.leaves()[0] == 0
    assert "Bearer ***!" in person.conversation
    assert traces(desk, MINE) == []


def test_another_day_it_is_asked_again(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    person = Person(desk, *GIVEN, GITHUB_TOKEN=MINE)
    person.sees("Give it to them?")
    person.types(DOWN, ENTER)
    person.sees("Make it?")
    person.types(CTRL_C)
    assert person.leaves()[0] == 130
    again = Person(desk, "new", "--continue", GITHUB_TOKEN=MINE)
    again.sees("Give it to them?")


def test_it_can_be_seen_beforehand_which_steps_want_one(desk: Path) -> None:
    template(desk, *DEMO[:2], CALL)
    assert "Wants your token, as USER_OAUTH_TOKEN, for call (debug:log)" in _shown(desk)
    template(desk, *DEMO)
    assert "token" not in _shown(desk)


def _shown(desk: Path) -> str:
    return program.run("template", "show", "../bread", cwd=desk).stdout
