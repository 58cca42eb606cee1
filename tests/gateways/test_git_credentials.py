"""git over https: the token is found when a server wants one, and stands nowhere."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways import git_credentials
from scaffolder.gateways.git import GitDirectory, RepositoryRefused, mirror
from scaffolder.gateways.git_command import git
from scaffolder.gateways.git_credentials import origin_of
from scaffolder.gateways.git_remote import Move, PushRefused, move
from scaffolder.gateways.git_shallow import ShallowCopy, tips
from tests.gateways.repositories import commit
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scaffolder.gateways.git_credentials import Giver

MAIN = "refs/heads/main"


@dataclass
class Tokens:
    """What has the tokens of servers, and how often it was asked for them."""

    of: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, origin: str) -> Giver | None:
        self.asked.append(origin)
        return (lambda: self.of[origin]) if origin in self.of else None


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with serving(tmp_path / "github") as running:
        yield running


@pytest.fixture
def token(github: GitHub) -> str:
    found = github.add_user("mona")
    github.add_repository("mona/secret", files={"README.md": b"# Hush\n"}, private=True)
    github.add_repository("mona/open", files={"README.md": b"# Hello\n"})
    return found


@pytest.fixture
def tokens() -> Iterator[Tokens]:
    """Tokens that git is offered."""
    offered = Tokens()
    git_credentials.offer(offered)
    yield offered
    git_credentials.offer(lambda _origin: None)


def helper_of_the_person(home: Path, token: str) -> None:
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[credential]\n\thelper = "!f() {{ echo username=mona; echo password={token}; }}; f"\n')


def test_a_private_repository_is_read_with_the_token_that_its_server_wants(
    tmp_path: Path, github: GitHub, token: str, tokens: Tokens
) -> None:
    tokens.of[github.url] = token

    copy = mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")
    again = mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")

    assert copy.resolve(MAIN) == again.resolve(MAIN) is not None
    assert tokens.asked == [github.url]  # once for the process


def test_what_everybody_may_read_is_read_by_nobody(tmp_path: Path, github: GitHub, token: str, tokens: Tokens) -> None:
    tokens.of[github.url] = token

    mirror(github.clone_url("mona/open"), cache=tmp_path / "cache")

    assert tokens.asked == []


def test_single_files_are_read_with_it(tmp_path: Path, github: GitHub, token: str, tokens: Tokens) -> None:
    tokens.of[github.url] = token
    address = github.clone_url("mona/secret")

    copy = ShallowCopy.of(address, cache=tmp_path / "cache")
    newest = copy.newest(tips(address, ["HEAD"])["HEAD"])
    blob = copy.listing(newest)["README.md"]

    assert copy.obtain([blob.name]) == {blob.name: len("# Hush\n")}


def test_refs_are_moved_with_it(tmp_path: Path, github: GitHub, token: str, tokens: Tokens) -> None:
    tokens.of[github.url] = token
    here = GitDirectory.init(tmp_path / "here.git")
    made = commit(here)

    move(here, github.clone_url("mona/secret"), [Move("refs/heads/idea", "", made)])
    here.push(github.clone_url("mona/open"), {"refs/heads/idea": made})

    for name in ("secret", "open"):
        assert git("ls-remote", github.clone_url(f"mona/{name}"), "refs/heads/idea").decode().split()[0] == made


def test_without_a_token_the_reason_says_what_to_do(tmp_path: Path, github: GitHub, token: str, tokens: Tokens) -> None:
    del token
    for _ in range(2):
        with pytest.raises(RepositoryRefused) as refused:
            mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")

    assert tokens.asked == [github.url]  # once: looking for one takes its time, too
    assert "scaffolder login" in refused.value.hint


def test_where_ours_was_let_in_it_is_sent_at_once(tmp_path: Path, github: GitHub, token: str, tokens: Tokens) -> None:
    tokens.of[github.url] = token
    address = github.clone_url("mona/secret")
    mirror(address, cache=tmp_path / "cache")
    before = len(github.requests)

    mirror(address, cache=tmp_path / "cache")
    here = GitDirectory.init(tmp_path / "here.git")
    move(here, address, [Move("refs/heads/idea", "", commit(here))])

    assert {one.status for one in github.requests[before:]} == {200}


def test_where_it_is_not_taken_at_once_the_persons_own_is_asked(
    tmp_path: Path, home: Path, github: GitHub, token: str, tokens: Tokens
) -> None:
    tokens.of[github.url] = token
    mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")
    tokens.of[github.url] = "ghp_revoked"
    helper_of_the_person(home, token)

    assert mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache").resolve(MAIN)


def test_a_repository_that_was_renamed_is_found(tmp_path: Path, github: GitHub, token: str, tokens: Tokens) -> None:
    tokens.of[github.url] = token
    mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")
    old = github.clone_url("mona/secret")
    github.state.rename(github.repository("mona/secret"), "hush")

    assert mirror(old, cache=tmp_path / "cache").resolve(MAIN)


def test_the_person_is_asked_for_nothing_where_a_server_does_not_take_ours_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, github: GitHub, token: str, tokens: Tokens
) -> None:
    tokens.of[github.url] = token
    mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")
    tokens.of[github.url] = "ghp_revoked"
    asks = tmp_path / "asks"
    asks.write_text(f"#!/bin/sh\necho asked >> {tmp_path / 'asked'}\necho\n")
    asks.chmod(0o755)
    monkeypatch.setenv("GIT_ASKPASS", str(asks))
    secret = git_credentials.at_once_for([github.clone_url("mona/secret")])

    assert secret is not None
    assert secret.environ["GIT_ASKPASS"] == ""
    with pytest.raises(RepositoryRefused) as refused:
        mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")
    assert not [word for word in secret.secrets if word in str(refused.value.details)]


def test_a_token_that_is_expected_to_be_needed_is_at_hand(
    tmp_path: Path, github: GitHub, token: str, tokens: Tokens
) -> None:
    tokens.of[github.url] = token
    git_credentials.expect(github.url)

    mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")

    assert [one.status for one in github.requests].count(401) == 1
    assert "scaffolder" not in str([one.headers for one in github.requests]).lower()


def test_the_persons_own_helper_comes_first(
    tmp_path: Path, home: Path, github: GitHub, token: str, tokens: Tokens
) -> None:
    helper_of_the_person(home, token)

    mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")

    assert tokens.asked == []


@pytest.mark.parametrize("known", [False, True])
def test_where_the_persons_own_is_refused_ours_is_used(
    tmp_path: Path, home: Path, github: GitHub, token: str, tokens: Tokens, *, known: bool
) -> None:
    tokens.of[github.url] = token
    if known:
        mirror(github.clone_url("mona/secret"), cache=tmp_path / "first")
    helper_of_the_person(home, "ghp_old")

    assert mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache").resolve(MAIN)


def test_where_the_persons_own_may_not_push_ours_does(
    tmp_path: Path, home: Path, github: GitHub, token: str, tokens: Tokens
) -> None:
    helper_of_the_person(home, github.add_user("hubot"))
    here = GitDirectory.init(tmp_path / "here.git")
    made = commit(here)
    address = github.clone_url("mona/open")
    with pytest.raises(PushRefused):
        move(here, address, [Move("refs/heads/idea", "", made)])

    tokens.of[github.url] = token
    git_credentials.offer(tokens)
    move(here, address, [Move("refs/heads/idea", "", made)])


def test_the_token_stands_in_no_argument_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, github: GitHub, token: str, tokens: Tokens
) -> None:
    tokens.of[github.url] = token
    said = tmp_path / "said"
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {said}\nexec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}")

    mirror(github.clone_url("mona/secret"), cache=tmp_path / "cache")

    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert "ls-remote" in said.read_text()
    assert not [path for path in (said, *files) if token.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "words",
    [
        b"fatal: could not read Username for 'https://git.example': terminal prompts disabled",
        b"remote: Invalid username or token.\nfatal: Authentication failed for 'https://me@git.example/a/b.git/'",
        b"remote: Repository not found.\nfatal: repository 'https://git.example/a/b.git/' not found",
        b"fatal: unable to access 'https://git.example/a/b.git/': The requested URL returned error: 403",
    ],
)
def test_a_refusal_is_known_by_gits_own_words(words: bytes, tokens: Tokens) -> None:
    tokens.of["https://git.example"] = "hush"

    supplied = git_credentials.after(words)

    assert supplied is not None
    assert supplied.secrets == ["hush"]
    assert all("credential.https://git.example.helper=" in word for word in supplied.options[1::2])


@pytest.mark.parametrize(
    "words",
    [
        b"remote: fatal: could not read Username for 'https://git.example': terminal prompts disabled",
        b"fatal: unable to access 'https://git.example/a/b.git/': Could not resolve host: git.example",
        b"fatal: unable to access 'https://git.example/a/b.git/': The requested URL returned error: 500",
        b"fatal: could not read Username for 'ftp://git.example': no",
        b"fatal: couldn't find remote ref main",
        b"",
    ],
)
def test_what_is_no_refusal_asks_for_no_token(words: bytes, tokens: Tokens) -> None:
    assert git_credentials.after(words) is None
    assert tokens.asked == []


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://GitHub.com/a/b.git", "https://github.com"),
        ("https://me:pass@git.example:8443/a", "https://git.example:8443"),
        ("http://127.0.0.1:80/a", "http://127.0.0.1:80"),
        ("ssh://git@github.com/a", ""),
        ("https://[x", ""),
        ("https://a'b/c", ""),
        ("/srv/a.git", ""),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str) -> None:
    assert origin_of(url) == origin
