"""Where a token comes from, and that it is for one host only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from scaffolder import credentials
from scaffolder.credentials import AppIncomplete, NoToken
from scaffolder.gateways.github.app_token import AppAmbiguous, AppKeyInvalid, AppNotInstalled
from scaffolder.gateways.github.server import HostInvalid, Server
from scaffolder.gateways.http import AddressRefused
from tests import file_keyring
from tests.gateways.github.scripted import Reply, answering

APP = "SCAFFOLDER_GITHUB_APP"
SOON = {"token": "ghs_first", "expires_at": "2023-11-14T23:13:20Z"}  # an hour after the clock of `scripted`
GH = """#!/bin/sh
test "$1 $2 $3" = "auth token --hostname" || exit 2
test -n "$GITHUB_TOKEN$GH_TOKEN" && {{ echo of-a-variable; exit; }}
test "$4" = {host} && echo of-gh
"""


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment in which there is neither a token nor a keyring nor the gh program."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", file_keyring.BACKEND)
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return {"PATH": str(programs)}


@pytest.fixture
def gh(environ: dict[str, str]) -> None:
    program = Path(environ["PATH"], "gh")
    program.write_text(GH.format(host="github.com"))
    program.chmod(0o755)


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    place = tmp_path / "keyring.json"
    place.write_text(json.dumps({"scaffolder github.com": "of-the-keyring", "scaffolder git.acme.example": "other"}))
    return place


@pytest.fixture(scope="module")
def key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def found(host: str, environ: dict[str, str]) -> tuple[str, str] | None:
    credential = credentials.find(host, environ)
    return (credential.token, credential.source) if credential else None


def test_there_may_be_none(environ: dict[str, str]) -> None:
    assert found("github.com", environ) is None
    with pytest.raises(NoToken, match=r"there is no token for github\.com"):
        credentials.tokens(Server.of(), environ)()


@pytest.mark.usefixtures("gh", "ring")
def test_a_variable_comes_first_then_gh_then_the_keyring(environ: dict[str, str]) -> None:
    assert found("github.com", {**environ, "GITHUB_TOKEN": "of-a-variable"}) == (
        *("of-a-variable", "the variable GITHUB_TOKEN"),
    )
    assert found("github.com", environ) == ("of-gh", "the gh program")
    Path(environ["PATH"], "gh").unlink()
    assert found("github.com", environ) == ("of-the-keyring", "the keyring")


@pytest.mark.usefixtures("gh", "ring")
def test_each_is_for_one_host(environ: dict[str, str]) -> None:
    assert found("git.acme.example", {**environ, "GITHUB_TOKEN": "secret", "GH_TOKEN": "secret"}) == (
        *("other", "the keyring"),
    )
    assert found("git.other.example", {**environ, "GITHUB_TOKEN": "secret", "GH_ENTERPRISE_TOKEN": "secret"}) is None


def test_on_a_runner_the_variable_is_for_its_own_server(environ: dict[str, str]) -> None:
    environ |= {"GITHUB_TOKEN": "secret", "GITHUB_SERVER_URL": "https://git.acme.example"}

    assert found("git.acme.example", environ) == ("secret", "the variable GITHUB_TOKEN")
    assert found("github.com", environ) is None


def test_an_enterprise_token_is_for_the_host_that_is_named(environ: dict[str, str]) -> None:
    environ |= {"GH_ENTERPRISE_TOKEN": "secret", "GH_HOST": "git.acme.example"}

    assert found("git.acme.example", environ) == ("secret", "the variable GH_ENTERPRISE_TOKEN")
    assert found("github.com", environ) is None


def test_a_token_is_in_no_repr(environ: dict[str, str]) -> None:
    assert "secret" not in repr(credentials.find("github.com", {**environ, "GITHUB_TOKEN": "secret"}))


def test_nothing_is_looked_for_before_it_is_needed(environ: dict[str, str]) -> None:
    token = credentials.tokens(Server.of(), environ)
    environ["GITHUB_TOKEN"] = "set-later"

    assert token() == "set-later"


# -- where it is sent


@pytest.mark.parametrize(
    ("host", "url", "server"),
    [
        ("github.com", "", ("github.com", "https://api.github.com", "https://github.com")),
        ("GitHub.com", "https://api.github.com/", ("github.com", "https://api.github.com", "https://github.com")),
        ("acme.ghe.com", "", ("acme.ghe.com", "https://api.acme.ghe.com", "https://acme.ghe.com")),
        (
            "git.acme.example",
            "",
            ("git.acme.example", "https://git.acme.example/api/v3", "https://git.acme.example"),
        ),
        (
            "git.acme.example",
            "https://git.acme.example/api/v3",
            ("git.acme.example", "https://git.acme.example/api/v3", "https://git.acme.example"),
        ),
        (
            "github.com",
            "http://127.0.0.1:4000/api/v3",
            ("github.com", "http://127.0.0.1:4000/api/v3", "http://127.0.0.1:4000"),
        ),
        (
            "github.com",
            "https://evil.example/api/v3",
            ("evil.example", "https://evil.example/api/v3", "https://evil.example"),
        ),
    ],
)
def test_tokens_are_those_of_where_they_are_sent(host: str, url: str, server: tuple[str, str, str]) -> None:
    found = Server.of(host, url)

    assert (found.host, found.api, found.web) == server


def test_what_can_be_read_on_the_way_is_not_asked() -> None:
    with pytest.raises(AddressRefused):
        Server.of("github.com", "http://git.acme.example/api/v3")


@pytest.mark.parametrize("host", ["", "a/b", "a b", "user@github.com", "https://github.com", "gïthub.com", "a:b"])
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(HostInvalid):
        Server.of(host)


def test_the_environment_says_where_its_server_is() -> None:
    environ = {"GITHUB_SERVER_URL": "https://git.acme.example", "GITHUB_API_URL": "https://git.acme.example/api/v3"}

    assert credentials.server_of("", environ) == Server.of("git.acme.example")
    assert credentials.server_of("github.com", environ) == Server.of("github.com")


# -- apps


def test_an_app_comes_before_all_others(environ: dict[str, str], key: str) -> None:
    environ |= {"GITHUB_TOKEN": "secret", f"{APP}_ID": "17", f"{APP}_KEY": key, f"{APP}_INSTALLATION": "4"}
    credential = credentials.find("github.com", environ)

    assert credential is not None
    assert credential.source == "the GitHub App 17"
    assert key not in repr(credential)


def test_an_apps_key_may_be_in_a_file(environ: dict[str, str], key: str, tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    environ |= {f"{APP}_ID": "17", f"{APP}_KEY_FILE": str(file)}
    with pytest.raises(AppIncomplete, match="cannot be read: No such file"):
        credentials.find("github.com", environ)
    file.write_text(key)

    credential = credentials.find("github.com", environ)
    assert credential is not None
    assert credential.app is not None
    assert credential.app.key == key


def test_an_app_without_a_key(environ: dict[str, str]) -> None:
    with pytest.raises(AppIncomplete, match="the GitHub App 17 has no private key"):
        credentials.find("github.com", {**environ, f"{APP}_ID": "17"})


def of_app(key: str, **more: str) -> dict[str, str]:
    return {f"{APP}_ID": "17", f"{APP}_KEY": key} | {f"{APP}_{name}": value for name, value in more.items()}


def test_an_app_gets_a_token_for_its_installation(key: str) -> None:
    with answering(Reply(201, SOON | {"expires_at": "2999-01-01T00:00:00Z"})) as script:
        token = credentials.tokens(Server.of(api_base_url=script.url), of_app(key, INSTALLATION="4"))

        assert [token(), token()] == ["ghs_first"] * 2
        [asked] = script.asked
        assert (asked.verb, asked.path) == ("POST", "/app/installations/4/access_tokens")
        assert asked.headers["authorization"].startswith("Bearer eyJ")


def test_a_new_one_is_got_before_it_ends(key: str) -> None:
    with answering(Reply(201, SOON), Reply(201, {"token": "ghs_next", "expires_at": "2999-01-01T00:00:00Z"})) as script:
        token = credentials.tokens(Server.of(api_base_url=script.url), of_app(key, INSTALLATION="4"))

        assert [token(), token(), token()] == ["ghs_first", "ghs_next", "ghs_next"]


def test_the_installation_is_found_by_the_owner(key: str) -> None:
    with answering(Reply(200, {"id": 9}), Reply(502), Reply(201, SOON)) as script:
        token = credentials.tokens(Server.of(api_base_url=script.url), of_app(key), owner="acme")

        assert token() == "ghs_first"
        assert [asked.path for asked in script.asked] == [
            "/orgs/acme/installation",
            *["/app/installations/9/access_tokens"] * 2,
        ]


def test_the_only_installation_is_taken(key: str) -> None:
    installed = [{"id": 9, "account": {"login": "acme"}}]
    with answering(Reply(200, installed), Reply(201, SOON)) as script:
        assert credentials.tokens(Server.of(api_base_url=script.url), of_app(key))() == "ghs_first"


def test_of_several_installations_none_is_guessed(key: str) -> None:
    installed = [{"id": 9, "account": {"login": "acme"}}, {"id": 8, "account": {"login": "other"}}]
    with (
        answering(Reply(200, installed)) as script,
        pytest.raises(AppAmbiguous, match="is installed for acme, other"),
    ):
        credentials.tokens(Server.of(api_base_url=script.url), of_app(key))()


def test_an_app_that_is_not_installed(key: str) -> None:
    with answering(Reply(404)) as script, pytest.raises(AppNotInstalled):
        credentials.tokens(Server.of(api_base_url=script.url), of_app(key, INSTALLATION="4"))()


def test_what_is_no_key() -> None:
    with answering(Reply(404)) as script, pytest.raises(AppKeyInvalid):
        credentials.tokens(Server.of(api_base_url=script.url), of_app("nonsense", INSTALLATION="4"))()
