"""Keeping a token, as a person or a script does it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import file_keyring
from tests.cli.person import ENTER, Person
from tests.cli.program import COMMAND, environment
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving(tmp_path / "github") as github:
        monkeypatch.setenv("GITHUB_API_URL", github.api_url)
        yield github


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "keyring.json"
    place.write_text("{}")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", file_keyring.BACKEND)
    monkeypatch.setenv("TEST_KEYRING", str(place))
    return place


@pytest.fixture
def here(tmp_path: Path) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    return place


def login(here: Path, *arguments: str, typed: str, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, "login", *arguments],
        input=typed,
        cwd=here,
        env=environment(**environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done


def test_a_token_is_kept_after_a_look_at_what_it_may_do(github: GitHub, ring: Path, here: Path) -> None:
    github.add_user("mona")
    token = github.add_token("mona", scopes=("repo", "workflow"))

    done = login(here, typed=f"{token}\n")

    assert json.loads(ring.read_text()) == {"scaffolder github.com": token}
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "kept for github.com: a classic token of mona",
        "  It may create repositories, private ones too, and change them",
        "  It may push workflows (.github/workflows)",
        "  It may see the organisation's policy and teams",
        "  It may add webhooks",
        "  It may not delete a repository, to roll back: scope delete_repo",
    ]


def test_what_goes_before_it_is_told(github: GitHub, ring: Path, here: Path) -> None:
    token, other = github.add_user("mona"), github.add_token("mona")
    assert ring.is_file()  # where it is kept

    assert "goes before it" not in login(here, typed=token).stderr
    told = login(here, typed=token, GITHUB_TOKEN=other).stderr
    assert "the variable GITHUB_TOKEN goes before it, and is used as long as it is there" in told


def test_as_json(github: GitHub, ring: Path, here: Path) -> None:
    github.add_user("mona")
    token = github.add_token("mona", scopes=("public_repo",))

    done = login(here, "--json", typed=token)

    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert (said["host"], said["login"], said["kind"], said["scopes"]) == (
        *("github.com", "mona", "a classic token"),
        ["public_repo"],
    )
    assert said["may"] == ["create public repositories, and change them"]
    assert "push workflows (.github/workflows): scope workflow" in said["mayNot"]
    assert token in ring.read_text()


def test_of_a_fine_grained_token_github_tells_little(github: GitHub, ring: Path, here: Path) -> None:
    github.add_user("mona")
    token = github.add_fine_grained_token("mona", {"contents": "write"})

    done = login(here, typed=token)

    assert done.stderr.startswith("kept for github.com: a fine-grained token of mona\n  GitHub does not tell what it")
    assert token in ring.read_text()


@pytest.mark.usefixtures("github")
def test_what_is_no_token_is_not_kept(ring: Path, here: Path) -> None:
    done = login(here, typed="ghp_wrong\n", code=2)

    assert "error: github.com does not know the token: it has ended, or was withdrawn" in done.stderr
    assert "ghp_wrong" not in done.stderr
    assert json.loads(ring.read_text()) == {}


@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize("typed", ["", "\n", "  \n"])
def test_nothing_is_no_token(github: GitHub, here: Path, typed: str) -> None:
    done = login(here, typed=typed, code=2)

    assert "error: no token was given" in done.stderr
    assert github.requests == []


@pytest.mark.usefixtures("ring")
def test_two_words_are_no_token(github: GitHub, here: Path) -> None:
    done = login(here, typed="my secret\n", code=2)

    assert "my secret" not in done.stderr
    assert github.requests == []


def test_a_locked_keyring_says_what_else_to_do(github: GitHub, ring: Path, here: Path) -> None:
    token = github.add_user("mona")
    ring.unlink()

    done = login(here, "--json", typed=token, code=1)

    assert "error: the token cannot be kept: The keyring is locked" in done.stderr
    assert "hint: set GITHUB_TOKEN instead, or let gh keep it: gh auth login" in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "no-keyring"
    assert token not in done.stderr + done.stdout


@pytest.mark.usefixtures("ring")
def test_another_host_is_not_told(github: GitHub, here: Path) -> None:
    token = github.add_user("mona")

    done = login(here, "--host", "git.invalid", typed=token, code=4)

    assert "git.invalid cannot be reached" in done.stderr
    assert github.requests == []


@pytest.mark.usefixtures("ring")
def test_where_the_api_is_stands_in_the_settings(github: GitHub, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_API_URL")
    hosts = f"[{{host: github.com, apiBaseUrl: '{github.api_url}'}}, {{host: git.invalid}}]"
    (here / "scaffolder.yaml").write_text(f"integrations: {{github: {hosts}}}")
    token = github.add_user("mona")

    assert "kept for github.com" in login(here, typed=token).stderr
    assert "kept for github.com" in login(here, "--host", "GitHub.com", typed=token).stderr
    assert "git.invalid cannot be reached" in login(here, "--host", "git.invalid", typed=token, code=4).stderr
    assert len(github.requests) == 2


@pytest.mark.usefixtures("ring")
def test_what_is_no_host(here: Path) -> None:
    assert "is not the name of a host" in login(here, "--host", "a/b", typed="x", code=2).stderr


def test_a_person_types_what_is_not_shown(github: GitHub, ring: Path, here: Path) -> None:
    token = github.add_user("mona")
    person = Person(here, "login")

    person.answers("Token for github.com", token, ENTER)
    code, _ = person.leaves()

    assert code == 0
    assert "kept for github.com: a classic token of mona" in person.conversation
    assert token in ring.read_text()
    assert token not in person.conversation
