from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.catalog.backstage_server import Backstage, Said, entity, running
from tests.cli.program import COMMAND, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "s3cr3t-token"


@pytest.fixture(autouse=True)
def _no_token_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BACKSTAGE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[Backstage]:
    with running(Backstage([entity("link-checker"), entity("shop")], token=SECRET)) as backstage:
        yield backstage


def test_a_backstage_is_taken_in_looked_at_asked_again_and_forgotten(
    tmp_path: Path, home: Path, server: Backstage
) -> None:
    def said(*arguments: str, code: int = 0) -> str:
        result = run("catalog", *arguments, cwd=tmp_path, code=code, BACKSTAGE_TOKEN=SECRET)
        assert SECRET not in result.stdout + result.stderr
        return result.stdout

    target = server.target()
    assert said("add", f"{target}/api/catalog") == f"{target}: 2 added\n"
    assert f"from  {target} component:default/shop" in said("show", "shop")
    assert said("list", "--locations").startswith(f"{target}  2 entities")
    server.entities[1] = entity("shop", owner=7)
    assert said("refresh", code=2) == f"{target}: 2 unchanged\n"
    (problem,) = json.loads(said("list", "--json"))["problems"]
    assert (problem["file"], problem["field"]) == (f"{target} component:default/shop", "spec.owner")
    assert said("remove", target) == "forgot 2 entities\n"
    assert [file for file in home.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()] == []


def test_without_a_token_it_says_which_variable(tmp_path: Path, server: Backstage) -> None:
    result = run("catalog", "add", server.target(), "--json", cwd=tmp_path, code=2)

    error = json.loads(result.stdout)["error"]
    assert error["code"] == "token-refused"
    assert "BACKSTAGE_TOKEN" in error["hint"]


def test_one_that_is_in_trouble_is_to_be_tried_again(tmp_path: Path, server: Backstage) -> None:
    run("catalog", "add", server.target(), cwd=tmp_path, BACKSTAGE_TOKEN=SECRET)
    server.trouble = [Said(503, headers={"Retry-After": "0"})] * 9

    result = run("catalog", "refresh", "--json", cwd=tmp_path, code=4)

    assert "has trouble of its own" in json.loads(result.stdout)["error"]["message"]
    assert "2 entities" in run("catalog", "list", "--locations", cwd=tmp_path).stdout


def test_a_settings_file_does_not_say_where_a_token_goes(tmp_path: Path, server: Backstage) -> None:
    (tmp_path / "scaffolder.yaml").write_text(
        f"catalog:\n  locations:\n    - type: url\n      target: {server.target()}\n"
    )

    result = run("catalog", "list", cwd=tmp_path, code=2, BACKSTAGE_TOKEN=SECRET)

    assert "scaffolder.yaml:4 catalog.locations[0].target: a Backstage is added by hand" in result.stderr
    assert server.asked == []


def test_progress_is_shown_and_a_ctrl_c_leaves_the_catalog_as_it_was(tmp_path: Path, server: Backstage) -> None:
    going_on = threading.Event()
    server.entities = [entity(f"service-{each}") for each in range(1_200)]

    def before_page(number: int) -> None:
        if number == 3:
            going_on.wait(10)

    server.before_page = before_page
    command, *arguments = [*COMMAND, "catalog", "add", server.target()]
    person = pexpect.spawn(
        command,
        arguments,
        cwd=str(tmp_path),
        env=environment(BACKSTAGE_TOKEN=SECRET, TERM="dumb"),
        encoding="utf-8",
        timeout=20,
    )

    person.expect("1,000 of 1,200 read")
    person.sendintr()
    person.expect(pexpect.EOF)
    person.close()
    going_on.set()

    assert person.exitstatus == 130
    assert json.loads(run("catalog", "list", "--locations", "--json", cwd=tmp_path).stdout) == {"locations": []}
