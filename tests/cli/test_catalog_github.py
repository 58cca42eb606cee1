"""`catalog add github:OWNER`, as a person types it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.catalog.files import component, location
from tests.cli.program import COMMAND, environment, run
from tests.github.description import where_there_is_one
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACME = "github:acme"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=where_there_is_one()) as running:
        running.add_user("mona")
        running.add_organization("acme", members={"mona": "admin"})
        for number in range(60):
            name = f"service-{number:02}"
            files = {"catalog-info.yaml": component(name).encode()}
            running.add_repository(f"acme/{name}", files=files, private=number > 0)
        running.add_team("acme", "payments", members=["mona"])
        yield running


@pytest.fixture(autouse=True)
def token(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> str:
    made = github.add_token("mona")
    monkeypatch.setenv("GITHUB_TOKEN", made)
    monkeypatch.setenv("GITHUB_API_URL", github.api_url)
    return made


def test_an_organisation_is_taken_in_read_again_and_forgotten(tmp_path: Path, github: GitHub) -> None:
    assert run("catalog", "add", ACME, cwd=tmp_path).stdout == f"{ACME}: 62 added\n"

    again = run("catalog", "add", f"{github.url}/acme", "--json", cwd=tmp_path)
    assert (json.loads(again.stdout)["target"], json.loads(again.stdout)["unchanged"]) == (ACME, 62)
    assert run("catalog", "refresh", cwd=tmp_path).stdout == f"{ACME}: 62 unchanged\n"
    shown = run("catalog", "show", "service-00", cwd=tmp_path).stdout
    assert "payments" in shown
    assert f"{github.url}/acme/service-00/tree/main" in shown
    assert run("catalog", "remove", ACME, cwd=tmp_path).stdout == "forgot 62 entities\n"


def test_settings_may_name_one(tmp_path: Path, github: GitHub) -> None:
    (tmp_path / "scaffolder.yaml").write_text("catalog: {locations: [{type: url, target: 'github:Acme'}]}\n")
    assert "service-59" in run("catalog", "list", cwd=tmp_path).stdout
    asked = len(github.requests)

    run("catalog", "list", cwd=tmp_path)

    assert len(github.requests) == asked


def test_what_a_private_repository_leads_to_is_read_with_the_token(tmp_path: Path, github: GitHub) -> None:
    files = {"catalog-info.yaml": location("./part/info.yaml").encode(), "part/info.yaml": component("part").encode()}
    github.add_repository("acme/whole", files=files, private=True)

    assert run("catalog", "add", ACME, cwd=tmp_path).stdout == f"{ACME}: 64 added\n"


def test_without_a_token_the_way_to_one_is_told(tmp_path: Path) -> None:
    told = run("catalog", "add", ACME, cwd=tmp_path, code=2, GITHUB_TOKEN="", PATH="").stderr
    assert "there is no token for" in told
    assert "scaffolder login --host" in told


def test_the_token_is_kept_nowhere(tmp_path: Path, home: Path, token: str) -> None:
    run("catalog", "add", ACME, cwd=tmp_path)

    secret = token.encode()
    assert [file for file in home.rglob("*") if file.is_file() and secret in file.read_bytes()] == []


@pytest.mark.parametrize("nth", range(1, 6))
def test_a_killed_one_goes_on(tmp_path: Path, github: GitHub, nth: int) -> None:
    fault = github.faults.add(Trouble.STALLED, "POST", "/graphql", nth=nth)
    words = [*COMMAND, "catalog", "add", ACME]
    with subprocess.Popen(words, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE) as killed:
        assert fault.wait(30)
        killed.kill()
    assert fault.fired == 1

    assert run("catalog", "add", ACME, cwd=tmp_path).stdout == f"{ACME}: 62 added\n"

    answered = [request.body for request in github.requests if request.path == "/graphql" and request.status == 200]
    assert len(answered) == len(set(answered)) == 5  # one page of repositories, three of files, one of teams and people


def test_limits_end_it_and_it_goes_on_later(tmp_path: Path, github: GitHub) -> None:
    github.rates.window("graphql").used = 4_997

    told = run("catalog", "add", ACME, cwd=tmp_path, code=4).stderr

    assert "takes no more requests before" in told
    assert "what has come is kept: the same command goes on from there" in told
    github.rates.window("graphql").used = 0
    assert run("catalog", "add", ACME, cwd=tmp_path).stdout == f"{ACME}: 62 added\n"
    assert github.rates.spent["graphql"] == 6  # five that were answered, and the one that was refused
