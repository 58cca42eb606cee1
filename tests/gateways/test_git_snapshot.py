"""A few files beside the branches of a repository: replaced as a whole, and in nobody's clone."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder.gateways import git_snapshot
from scaffolder.gateways.git import GitDirectory, GitFailed, RepositoryRefused, mirror
from scaffolder.gateways.git_snapshot import REF
from tests.gateways.repositories import SOMEBODY, as_person, made


@pytest.fixture(params=["sha1", "sha256"])
def remote(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    bare, clone = tmp_path / "remote.git", tmp_path / "clone"
    as_person(tmp_path, "init", "--quiet", "--bare", f"--object-format={request.param}", str(bare))
    as_person(tmp_path, "init", "--quiet", f"--object-format={request.param}", str(clone))
    as_person(clone, "remote", "add", "origin", str(bare))
    as_person(clone, "commit", "--quiet", "--allow-empty", "--message", "x")
    as_person(clone, "push", "--quiet", "origin", "HEAD:main")
    return str(bare)


def published(place: Path, text: str) -> str:
    (place / "data").write_text(text)
    clone = GitDirectory(place / "clone" / ".git")
    return git_snapshot.publish(clone, {"data.gz": place / "data"}, remote="origin", identity=SOMEBODY, message=text)


def test_what_was_published_is_fetched(remote: str, tmp_path: Path) -> None:
    assert git_snapshot.look(remote) == ""
    commit = published(tmp_path, "hello")

    assert git_snapshot.look(remote) == commit
    found = git_snapshot.fetch(remote, commit, into=tmp_path / "into")

    assert found.commit == commit
    assert found.read("data.gz", most=5) == b"hello"
    assert found.read("data.gz", most=4) is None
    assert found.read("other", most=5) is None
    assert found.extract("data.gz").read_text() == "hello"


def test_the_next_takes_its_place(remote: str, tmp_path: Path) -> None:
    published(tmp_path, "one")
    second = published(tmp_path, "two")

    found = git_snapshot.fetch(remote, second, into=tmp_path / "into")

    assert found.read("data.gz", most=9) == b"two"
    assert as_person(tmp_path / "remote.git", "rev-list", "--count", REF) == "1"


def test_no_copy_of_the_repository_brings_it_along(remote: str, tmp_path: Path) -> None:
    copy = mirror(remote, cache=tmp_path / "cache")
    commit = published(tmp_path, "hello")
    as_person(tmp_path / "clone", "push", "--quiet", "origin", "HEAD:refs/heads/more")

    again = mirror(remote, cache=tmp_path / "cache")

    assert {*again.refs()} == {"refs/heads/main", "refs/heads/more"}
    assert copy.resolve(commit) is None


def test_a_repository_that_cannot_be_asked_says_so(tmp_path: Path) -> None:
    with pytest.raises(RepositoryRefused):
        git_snapshot.look(str(tmp_path / "nowhere.git"))


def test_what_is_refused_says_why(tmp_path: Path, remote: str) -> None:
    hook = Path(remote) / "hooks" / "update"
    hook.write_text("#!/bin/sh\necho 'only the build server may' >&2\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(GitFailed) as raised:
        published(tmp_path, "hello")

    assert "only the build server may" in "\n".join((raised.value.message, *raised.value.details))


def test_what_is_before_what(tmp_path: Path) -> None:
    directory = made(tmp_path / "a.git")
    commit = directory.resolve("main")
    assert commit

    assert git_snapshot.is_before(directory, commit, commit)
    assert not git_snapshot.is_before(directory, "0" * 40, commit)
    assert git_snapshot.address_of(directory, "origin") == ""
