"""What the doctor says of GitHub: whether it is there, whom it takes us for, and what that account may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.catalog.backstage_server import Backstage, running
from tests.cli import program
from tests.cli.test_doctor import checks
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLD = "ghp_old"
SETTINGS = "integrations: {{github: [{{apiBaseUrl: '{api}'}}]}}\nscaffolder: {{forge: github, repositoryOwner: acme}}\n"


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_SERVER_URL", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving(tmp_path / "github") as running:
        running.add_organization("acme", members={"mona": "admin"})
        yield running


@pytest.fixture
def here(tmp_path: Path, github: GitHub) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    (place / "scaffolder.yaml").write_text(SETTINGS.format(api=github.api_url))
    return place


def forge(here: Path, code: int = 0, **environ: str) -> dict[str, Any]:
    return checks(here, code=code, **environ)["forge"]


def test_says_whose_the_token_is_and_what_it_may_do(here: Path, github: GitHub) -> None:
    token = github.add_token("mona", scopes=("repo", "workflow"))

    found = forge(here, GITHUB_TOKEN=token)

    assert found["ok"]
    assert found["found"] == "github.com, with a classic token of mona; from the variable GITHUB_TOKEN"
    assert (found["host"], found["login"], found["scopes"]) == ("github.com", "mona", ["repo", "workflow"])
    assert found["mayNot"] == ["delete a repository, to roll back: scope delete_repo"]


def test_says_it_in_words(here: Path, github: GitHub) -> None:
    token = github.add_token("mona", scopes=("repo", "workflow"))

    lines = program.run("doctor", cwd=here, GITHUB_TOKEN=token, COLUMNS="80").stdout.splitlines()

    start = next(number for number, line in enumerate(lines) if " forge " in line)
    assert lines[start].startswith("ok       forge     github.com, with a classic token of mona;")
    assert "it may create repositories, private ones too, and change them" in lines[start + 2]
    assert "it may not delete a repository, to roll back: scope delete_repo" in " ".join(" ".join(lines).split())
    assert all(len(line) <= 80 for line in lines[start:] if "/" not in line)
    assert token not in "\n".join(lines)


def test_a_token_that_may_not_create_repositories_is_not_enough(here: Path, github: GitHub) -> None:
    token = github.add_token("mona", scopes=("public_repo",))
    settings = here / "scaffolder.yaml"

    found = forge(here, code=1, GITHUB_TOKEN=token)
    said = " ".join(program.run("doctor", cwd=here, code=1, GITHUB_TOKEN=token).stdout.split())
    settings.write_text(settings.read_text().replace("acme}", "acme, visibility: public}"))

    assert found["fix"].startswith("scaffolder login --host github.com ")
    assert "the token may not create the repository: it lacks the scope repo it may" in said
    assert forge(here, GITHUB_TOKEN=token)["ok"]


def test_who_is_no_member_makes_no_repository(here: Path, github: GitHub) -> None:
    found = forge(here, code=1, GITHUB_TOKEN=github.add_user("eve"))

    assert "an invitation" in found["fix"]


def test_who_names_no_owner_makes_their_own(here: Path, github: GitHub) -> None:
    text = (here / "scaffolder.yaml").read_text()
    (here / "scaffolder.yaml").write_text(text.replace(", repositoryOwner: acme", ""))

    assert forge(here, GITHUB_TOKEN=github.add_user("eve"))["ok"]


def test_the_organisation_is_the_owner_where_nobody_else_is_named(here: Path, github: GitHub) -> None:
    text = (here / "scaffolder.yaml").read_text()
    (here / "scaffolder.yaml").write_text(
        text.replace(", repositoryOwner: acme", "") + "organization: {name: Other Co}"
    )

    said = program.run("doctor", cwd=here, code=1, GITHUB_TOKEN=github.add_user("eve")).stdout

    assert "github.com knows no organisation or person other-co" in said


def test_of_a_fine_grained_token_github_tells_little(here: Path, github: GitHub) -> None:
    token = github.add_fine_grained_token("mona", {"contents": "write"})

    assert forge(here, GITHUB_TOKEN=token)["scopes"] is None
    said = " ".join(program.run("doctor", cwd=here, GITHUB_TOKEN=token).stdout.split())
    assert "GitHub does not tell what it may do; it needs the permissions Administration" in said


def test_an_app(here: Path, github: GitHub) -> None:
    app, key = github.add_app("scaffolder", "acme", {"administration": "write", "contents": "write"})

    found = forge(here, SCAFFOLDER_GITHUB_APP_ID=str(app.id), SCAFFOLDER_GITHUB_APP_KEY=key)

    assert found["found"] == f"github.com, with the token of a GitHub App of an app; from the GitHub App {app.id}"


def test_without_a_token(here: Path) -> None:
    found = forge(here, code=1)

    assert found["found"] == "there is no token for github.com"
    assert "scaffolder login --host github.com" in found["fix"]


def test_a_token_that_has_ended(here: Path) -> None:
    found = forge(here, code=1, GITHUB_TOKEN=OLD)["found"]

    assert "does not know the token" in found
    assert found.endswith("; it is from the variable GITHUB_TOKEN")


def test_without_a_network_it_says_so(here: Path, github: GitHub) -> None:
    github.stop()

    assert forge(here, code=1, GITHUB_TOKEN=OLD)["found"] == "github.com cannot be reached"


@pytest.mark.parametrize("trouble", [Trouble.RESET_BEFORE, Trouble.ERROR, Trouble.TOO_MANY])
def test_what_fails_is_not_tried_again(here: Path, github: GitHub, trouble: Trouble) -> None:
    github.faults.add(trouble, "GET", "/rate_limit")

    found = forge(here, code=1, GITHUB_TOKEN=OLD)

    assert "github.com" in found["found"]
    assert [request.path for request in github.requests] == ["/rate_limit"]


def test_a_host_that_stays_silent_is_left(here: Path, github: GitHub) -> None:
    github.faults.add(Trouble.STALLED, "GET", "/rate_limit")

    assert forge(here, code=1, GITHUB_TOKEN=OLD)["found"] == "github.com does not answer"
    assert len(github.requests) == 1


def registering(here: Path, github: GitHub, lines: str) -> None:
    text = SETTINGS.format(api=github.api_url).replace("forge: github", f"{lines}")
    (here / "scaffolder.yaml").write_text(text)


def test_where_services_are_registered(here: Path, github: GitHub) -> None:
    github.add_repository("acme/catalog", files={"catalog-info.yaml": b""})
    address = github.clone_url("acme/catalog")
    token = github.add_token("mona")
    for way, found in (
        ("registration: merge", "in your own catalog"),
        (f"catalogRepository: '{address}'", f"in {address}, by merging a branch"),
        (f"registration: push, catalogRepository: '{address}'", f"in {address}, by a push"),
        (f"registration: pull-request, catalogRepository: '{address}'", f"in {address}, by a pull request"),
    ):
        registering(here, github, way)

        assert checks(here, GITHUB_TOKEN=token)["register"]["found"] == found


@pytest.mark.parametrize(("way", "key"), [("pull-request", "catalogRepository"), ("backstage", "backstage")])
def test_where_it_is_not_said(here: Path, github: GitHub, way: str, key: str) -> None:
    registering(here, github, f"registration: {way}")

    found = checks(here, code=1)["register"]

    assert found["found"] == f"scaffolder.registration is {way}, and scaffolder.{key} is not set"


def test_who_may_open_no_pull_request(here: Path, github: GitHub) -> None:
    github.add_repository("acme/catalog", files={"catalog-info.yaml": b""}, private=True)
    address = github.clone_url("acme/catalog")
    registering(here, github, f"registration: pull-request, catalogRepository: '{address}'")

    assert checks(here, code=1)["register"]["found"] == "there is no token for github.com"
    assert not checks(here, code=1, GITHUB_TOKEN=github.add_user("eve"))["register"]["ok"]


def test_a_backstage(here: Path, github: GitHub) -> None:
    with running(Backstage([])) as backstage:
        registering(here, github, f"registration: backstage, backstage: '{backstage.url}'")
        there = checks(here)["register"]["found"]
    away = checks(here, code=1)["register"]["found"]

    assert there == f"in {backstage.url}, where no name can be reserved"
    assert "cannot be reached" in away
