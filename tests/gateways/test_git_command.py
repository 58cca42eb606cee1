from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import (
    AddressInvalid,
    GitDirectory,
    GitFailed,
    GitMissing,
    GitTooOld,
    Identity,
    IdentityInvalid,
    check_address,
    identity,
    require,
    version,
)
from scaffolder.gateways.git_command import environment, git, split_credentials, without_credentials
from tests.gateways.repositories import TREE, commit, made

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be a PATH of which every program is the test's own."""
    directory = tmp_path / "programs"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    return directory


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_git_of_this_machine_will_do() -> None:
    require()

    assert version() >= (2, 38)


@pytest.mark.usefixtures("programs")
def test_no_git_is_told_with_how_to_get_it() -> None:
    with pytest.raises(GitMissing) as caught:
        require()

    assert "install" in caught.value.hint


@pytest.mark.usefixtures("programs")
def test_no_git_is_told_by_every_command(tmp_path: Path) -> None:
    with pytest.raises(GitMissing):
        GitDirectory(tmp_path).refs()


@pytest.mark.parametrize("line", ["git version 2.37.7", "git version 1.8.3.1", "git version 2.37.1 (Apple Git-137.1)"])
def test_an_old_git_is_refused_with_both_versions(programs: Path, line: str) -> None:
    program(programs / "git", f"echo '{line}'")

    with pytest.raises(GitTooOld, match=rf"git {line.split()[2]} is too old: 2\.38 is needed"):
        require()


@pytest.mark.parametrize("line", ["git version 2.38.0", "git version 2.50.1 (Apple Git-155)", "git version 3.0.rc1"])
def test_a_new_git_is_welcome(programs: Path, line: str) -> None:
    program(programs / "git", f"echo '{line}'")

    require()


def test_a_stand_in_that_only_asks_to_be_installed_is_no_git(programs: Path) -> None:
    program(programs / "git", "echo 'xcode-select: note: no developer tools were found' >&2; exit 1")

    with pytest.raises(GitMissing):
        require()


def test_the_environment_of_a_hook_does_not_leak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = made(tmp_path / "other.git")
    for name, value in {
        "GIT_DIR": str(other.path),
        "GIT_WORK_TREE": str(tmp_path),
        "GIT_INDEX_FILE": "/nowhere/index",
        "GIT_OBJECT_DIRECTORY": "/nowhere/objects",
        "GIT_NAMESPACE": "elsewhere",
        "GIT_CONFIG_PARAMETERS": "'core.bare'='nonsense'",
        "GIT_TRACE": "1",
        "GIT_AUTHOR_DATE": "nonsense",
    }.items():
        monkeypatch.setenv(name, value)

    mine = made(tmp_path / "mine.git")

    assert mine.tree(mine.refs()["refs/heads/main"]) == TREE


def test_how_to_reach_a_host_and_who_commits_is_handed_down() -> None:
    kept = {"GIT_SSH_COMMAND": "ssh -i key", "GIT_SSL_CAINFO": "ca", "GIT_AUTHOR_NAME": "A", "HTTPS_PROXY": "p"}

    assert environment({**kept, "GIT_DIR": "x"}).items() >= kept.items()
    assert "GIT_DIR" not in environment({"GIT_DIR": "x"})


@pytest.mark.parametrize(
    "address",
    [
        "",
        "-u./payload",
        "--upload-pack=touch /tmp/owned",
        "ext::sh -c touch% /tmp/owned",
        "fd::3",
        "ssh://-oProxyCommand=touch",
        "-oProxyCommand=touch:path",
        "me@-oProxyCommand=touch:path",
        "host:-path",
        "gopher://example.com/a",
        "https://example.com/a\n--upload-pack=x",
    ],
)
def test_an_address_never_becomes_an_option_or_a_command(address: str) -> None:
    with pytest.raises(AddressInvalid):
        check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/acme/shop.git",
        "ssh://git@example.com:22/acme/shop.git",
        "git@example.com:acme/shop.git",
        "file:///srv/shop.git",
        "/srv/shop.git",
        "../shop",
        "git://example.com/shop.git",
    ],
)
def test_the_usual_addresses_pass(address: str) -> None:
    assert check_address(address) == address


def test_git_itself_refuses_other_protocols(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="not allowed"):
        git("ls-remote", f"ext::sh -c touch% {tmp_path}/owned")

    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://someone:s3cret@example.com/a.git", "https://example.com/a.git"),
        ("https://s3cret@example.com/a.git", "https://example.com/a.git"),
        ("https://x:s3cret@p@example.com/a.git", "https://example.com/a.git"),
        ("ssh://s3cret@example.com/a.git", "ssh://example.com/a.git"),
    ],
)
def test_credentials_are_never_shown(address: str, shown: str) -> None:
    assert without_credentials(f"fatal: {address} is gone") == f"fatal: {shown} is gone"


def test_a_failed_push_does_not_tell_the_password(tmp_path: Path) -> None:
    source = made(tmp_path / "source.git")
    url = "http://someone:s3cret@127.0.0.1:9/acme/shop.git"

    with pytest.raises(GitFailed) as caught:
        source.push(url, source.refs())

    error = caught.value
    assert "127.0.0.1" in error.message
    assert "s3cret" not in f"{error.message} {error.hint} {error.details}"
    assert "someone" not in f"{error.message} {error.hint} {error.details}"


def test_a_password_travels_neither_in_arguments_nor_in_files() -> None:
    address, options, secrets = split_credentials("https://some%40one:s3%3Acret@example.com/a.git")

    assert address == "https://example.com/a.git"
    assert "s3" not in " ".join(options)
    asked = git(*options, "credential", "fill", stdin=b"protocol=https\nhost=example.com\n\n", extra=secrets)
    assert b"username=some@one\npassword=s3:cret\n" in asked


def test_the_identity_is_the_configured_one() -> None:
    assert identity() == Identity("Test Engineer", "test-engineer@example.com")


def test_the_environment_knows_the_identity_better(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")

    assert str(identity()) == "Somebody Else <test-engineer@example.com>"


def test_an_incomplete_identity_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".gitconfig").write_text("[user]\n\tname = Only A Name\n")
    assert identity() is None

    monkeypatch.setenv("EMAIL", "only@example.com")
    assert identity() == Identity("Only A Name", "only@example.com")


def test_the_repository_one_stands_in_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "--quiet", cwd=tmp_path)
    git("config", "user.name", "Another Project's Robot", directory=tmp_path / ".git")
    monkeypatch.chdir(tmp_path)

    assert identity() == Identity("Test Engineer", "test-engineer@example.com")


@pytest.mark.parametrize("name", ["", "  ", "A <b>", "A\nparent 0000", "A\0"])
def test_an_identity_cannot_break_a_commit(name: str) -> None:
    with pytest.raises(IdentityInvalid):
        Identity(name, "a@example.com")


def test_a_broken_configuration_is_told_in_gits_words(home: Path, tmp_path: Path) -> None:
    directory = GitDirectory.init(tmp_path / "a.git")
    (home / ".gitconfig").write_text("[user\n")

    with pytest.raises(ScaffolderError, match=r"bad config line 1 in file .*\.gitconfig"):
        commit(directory)


def test_our_own_environment_stays_as_it_is(tmp_path: Path) -> None:
    before = dict(os.environ)

    made(tmp_path / "a.git")

    assert dict(os.environ) == before


def test_a_name_without_a_password_leaves_the_persons_own_helper_in_charge() -> None:
    address = "https://org@dev.example.com/org/project/_git/repository"

    assert split_credentials(address) == (address, (), {})
