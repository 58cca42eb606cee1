"""A company whose repositories on GitHub are private, joined with nothing but a token."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli import program
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = b"organization: {name: Acme}\nscaffolder: {catalogRepository: ../catalog.git, forge: github}\n"
CATALOG = b"""\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: platform}
spec: {type: team, children: []}
"""


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    for name in ("GH_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving(tmp_path / "github") as running:
        monkeypatch.setenv("GITHUB_API_URL", running.api_url)
        monkeypatch.setenv("GITHUB_TOKEN", running.add_user("mona"))
        running.add_organization("acme", members={"mona": "admin"})
        running.add_repository("acme/config", files={"scaffolder.yaml": SETTINGS}, private=True)
        running.add_repository("acme/catalog", files={"catalog-info.yaml": CATALOG}, private=True)
        yield running


@pytest.fixture
def here(tmp_path: Path) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    return place


def test_it_is_joined_and_read_again(here: Path, github: GitHub) -> None:
    program.run("join", github.clone_url("acme/config"), cwd=here)
    program.run("catalog", "refresh", cwd=here)

    listed = json.loads(program.run("catalog", "list", "--kind", "Group", "--json", cwd=here).stdout)
    assert "group:default/platform" in json.dumps(listed)


def test_the_token_is_kept_nowhere(here: Path, home: Path, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    token = github.add_token("mona")
    monkeypatch.setenv("GITHUB_TOKEN", token)

    said = program.run("join", github.clone_url("acme/config"), cwd=here)

    files = [path for path in (*home.rglob("*"), *here.rglob("*")) if path.is_file()]
    assert files
    assert not [path for path in files if token.encode() in path.read_bytes()]
    assert token not in said.stdout + said.stderr


def test_without_a_token_it_says_what_to_do(here: Path, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")

    refused = program.run("join", github.clone_url("acme/config"), cwd=here, code=2)

    assert "scaffolder login" in refused.stderr
