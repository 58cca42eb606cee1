"""The GitHub of the settings, as the use cases have it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from scaffolder.app import Scaffolder, Waiting
from scaffolder.gateways.git import mirror
from scaffolder.gateways.github.limits import Clock, Wait
from scaffolder.gateways.github.server import Server
from scaffolder.gateways.home import Home
from scaffolder.gateways.local_forge import LocalForge
from scaffolder.settings import Settings
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Time:
    """A clock that a test turns."""

    now: float = 1_700_000_000.0
    waits: list[Wait] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def waiting(self) -> Waiting:
        return Waiting(self.waits.append, Clock(lambda: self.now, self.sleep))


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    for name in ("GH_TOKEN", "GITHUB_SERVER_URL", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving(tmp_path / "github") as running:
        monkeypatch.setenv("GITHUB_TOKEN", running.add_user("mona"))
        running.add_organization("acme", members={"mona": "admin"})
        yield running


def at(github: GitHub) -> tuple[Server, ...]:
    return (Server.of("github.com", github.api_url),)


def home(tmp_path: Path) -> Home:
    places = {part: tmp_path / part for part in ("config", "data", "state", "cache")}
    return Home(**places)


def test_the_forge_is_what_the_settings_say(tmp_path: Path, github: GitHub) -> None:
    with closing(Scaffolder(Settings(), home(tmp_path))) as app:
        assert isinstance(app.forge, LocalForge)
        assert app.github.name == "github.com"  # for whoever asks it all the same
    with closing(Scaffolder(Settings(forge="github", github=at(github)), home(tmp_path))) as app:
        assert app.forge is app.github
        assert isinstance(app.forge_of("local"), LocalForge)
    assert github.requests == []


def test_where_the_settings_name_none_the_environment_does(
    tmp_path: Path, github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", github.api_url)
    with closing(Scaffolder(Settings(forge="github"), home(tmp_path))) as app:
        assert app.forge.find("acme/shop") is None

    assert [request.login for request in github.requests] == ["mona"]


def test_who_waits_is_told(tmp_path: Path, github: GitHub) -> None:
    clock = Time()
    github.faults.add(Trouble.TOO_MANY, "GET", "/repos/acme/shop", retry_after=3)

    with closing(Scaffolder(Settings(github=at(github)), home(tmp_path), waiting=clock.waiting)) as app:
        assert app.github.find("acme/shop") is None

    assert [wait.seconds for wait in clock.waits] == [3.0, 2.0, 1.0, 0.0]


def test_who_names_no_owner_is_the_owner(tmp_path: Path, github: GitHub) -> None:
    for settings, owner in (
        (Settings(github=at(github)), "mona"),
        (Settings(github=at(github), organization="Acme Corp."), "acme-corp"),
        (Settings(github=at(github), repository_owner="acme"), "acme"),
    ):
        with closing(Scaffolder(settings, home(tmp_path))) as app:
            assert app.repository_for("shop", forge="github") == f"{owner}/shop"
    assert len(github.requests) == 1


def test_git_has_the_token_too(tmp_path: Path, github: GitHub) -> None:
    github.add_repository("acme/catalog", files={"catalog-info.yaml": b""}, private=True)

    with closing(Scaffolder(Settings(github=at(github)), home(tmp_path))) as app:
        assert app.token_for_git("https://git.example") is None
        copy = mirror(github.clone_url("acme/catalog"), cache=tmp_path / "copies")

    assert copy.resolve("HEAD")


def test_without_a_token_git_asks_as_nobody(tmp_path: Path, github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with closing(Scaffolder(Settings(github=at(github)), home(tmp_path))) as app:
        giver = app.token_for_git(github.url)

        assert giver is not None
        assert giver() == ""
