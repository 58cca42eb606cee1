from __future__ import annotations

import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import AddressInvalid, GitDirectory, RefNotFound, mirror
from scaffolder.gateways.git_mirror import RepositoryRefused, Unreachable, commit_of
from scaffolder.tree import File, Tree
from tests.gateways.repositories import TREE, as_person, commit, made

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "git"


@pytest.fixture
def upstream(tmp_path: Path) -> GitDirectory:
    return made(tmp_path / "up stream.git")


def test_has_the_branches_tags_and_head_of_the_other_side(cache: Path, upstream: GitDirectory) -> None:
    as_person(upstream.path, "tag", "-m", "One", "v1")
    as_person(upstream.path, "branch", "topic")
    as_person(upstream.path, "update-ref", "refs/pull/1/head", "main")

    copy = mirror(str(upstream.path), cache=cache)

    assert set(copy.refs()) == {"refs/heads/main", "refs/heads/topic", "refs/tags/v1"}
    name = copy.resolve("HEAD")
    assert name == copy.resolve("v1") == upstream.resolve("main")
    assert name is not None
    assert copy.tree(name) == TREE
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


def test_follows_what_changes_there(cache: Path, upstream: GitDirectory) -> None:
    as_person(upstream.path, "branch", "gone")
    mirror(str(upstream.path), cache=cache)
    as_person(upstream.path, "branch", "-D", "gone")
    moved = commit(upstream, Tree({"new": File(b"")}), ref="refs/heads/trunk")
    as_person(upstream.path, "symbolic-ref", "HEAD", "refs/heads/trunk")
    as_person(upstream.path, "tag", "--force", "v1", moved)

    stale = mirror(str(upstream.path), cache=cache, refresh=False)
    assert set(stale.refs()) == {"refs/heads/main", "refs/heads/gone"}

    fresh = mirror(str(upstream.path), cache=cache)
    assert set(fresh.refs()) == {"refs/heads/main", "refs/heads/trunk", "refs/tags/v1"}
    assert fresh.resolve("HEAD") == moved


def test_a_tag_that_was_moved_is_moved_here(cache: Path, upstream: GitDirectory) -> None:
    as_person(upstream.path, "tag", "v1")
    mirror(str(upstream.path), cache=cache)
    other = commit(upstream, Tree({"new": File(b"")}), ref="refs/tags/v1")

    assert mirror(str(upstream.path), cache=cache).resolve("v1") == other


def test_reads_a_work_tree_by_a_relative_path(
    cache: Path, upstream: GitDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_person(tmp_path, "clone", "--quiet", str(upstream.path), "work")
    monkeypatch.chdir(tmp_path)

    assert mirror("work", cache=cache).resolve("main") == upstream.resolve("main")


def test_knows_a_detached_head(cache: Path, upstream: GitDirectory, tmp_path: Path) -> None:
    as_person(tmp_path, "clone", "--quiet", str(upstream.path), "work")
    as_person(tmp_path / "work", "checkout", "--quiet", "--detach")
    as_person(tmp_path / "work", "commit", "--quiet", "--allow-empty", "-m", "On no branch")

    for _ in range(2):
        copy = mirror(str(tmp_path / "work"), cache=cache)
        assert copy.resolve("HEAD") == as_person(tmp_path / "work", "rev-parse", "HEAD")


def test_an_empty_repository_has_nothing_yet(cache: Path, tmp_path: Path) -> None:
    copy = mirror(str(GitDirectory.init(tmp_path / "empty.git").path), cache=cache)

    assert copy.refs() == {}
    assert copy.resolve("HEAD") is None


def test_takes_a_sha256_repository(cache: Path, tmp_path: Path) -> None:
    as_person(tmp_path, "init", "--quiet", "--object-format=sha256", "modern")
    (tmp_path / "modern/a").write_text("a\n")
    as_person(tmp_path / "modern", "add", ".")
    as_person(tmp_path / "modern", "commit", "--quiet", "-m", "Add a")

    copy = mirror(str(tmp_path / "modern"), cache=cache)

    name = copy.resolve("main") or ""
    assert len(name) == 64
    assert copy.tree(name) == Tree({"a": File(b"a\n")})


def test_what_a_killed_process_left_is_built_anew(cache: Path, upstream: GitDirectory) -> None:
    place = mirror(str(upstream.path), cache=cache).path
    (place / "HEAD").unlink()
    partial = place.with_suffix(".partial")
    partial.mkdir()
    (partial / "HEAD.lock").write_text("")

    assert mirror(str(upstream.path), cache=cache).resolve("main")
    assert not partial.exists()


def test_what_is_not_there_leaves_nothing(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(RepositoryRefused, match="does not appear to be a git repository") as caught:
        mirror(str(tmp_path / "nope"), cache=cache)

    assert caught.value.hint
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


@pytest.mark.parametrize("url", ["--upload-pack=touch owned", "ext::sh -c touch% owned", ""])
def test_a_url_is_never_an_option_or_a_command(cache: Path, url: str) -> None:
    with pytest.raises(AddressInvalid):
        mirror(url, cache=cache)

    assert not cache.exists()


def test_no_password_is_kept_or_told(cache: Path) -> None:
    with pytest.raises(Unreachable, match="git ls-remote failed") as caught:
        mirror("http://someone:s3cret@127.0.0.1:9/shop.git", cache=cache)

    assert "s3cret" not in f"{caught.value.message} {caught.value.details}"
    assert "s3cret" not in "".join(str(path) for path in cache.rglob("*"))


def test_a_ref_that_is_not_there_names_the_nearest(cache: Path, upstream: GitDirectory) -> None:
    copy = mirror(str(upstream.path), cache=cache)

    assert commit_of(copy, "HEAD", where="shop") == upstream.resolve("main")
    with pytest.raises(RefNotFound, match="'mian' is no branch, tag or commit of shop") as near:
        commit_of(copy, "mian", where="shop")
    with pytest.raises(RefNotFound) as far:
        commit_of(copy, "v9.9", where="shop")

    assert (near.value.hint, far.value.hint) == ("did you mean main?", "to see them: git ls-remote shop")


def test_a_cache_that_cannot_be_written_is_told(cache: Path, upstream: GitDirectory) -> None:
    cache.parent.write_text("")

    with pytest.raises(ScaffolderError, match="cannot write"):
        mirror(str(upstream.path), cache=cache)


def test_the_persons_shortcuts_for_addresses_hold(cache: Path, upstream: GitDirectory, home: Path) -> None:
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[url "{upstream.path.parent}/"]\n\tinsteadOf = https://git.example.com/\n')

    assert mirror("https://git.example.com/up stream.git", cache=cache).resolve("main") == upstream.resolve("main")


MIRROR = """
import sys
from pathlib import Path
from scaffolder.gateways.git import mirror
print(mirror(sys.argv[1], cache=Path(sys.argv[2])).resolve("main"))
"""


def test_processes_that_want_it_at_once_share_it(cache: Path, upstream: GitDirectory) -> None:
    argv = [sys.executable, "-c", MIRROR, str(upstream.path), str(cache)]
    workers = [subprocess.Popen(argv, stdout=subprocess.PIPE) for _ in range(3)]

    assert {worker.communicate()[0].decode().strip() for worker in workers} == {upstream.resolve("main")}
    assert sorted(path.suffix for path in cache.iterdir()) == [".git", ".lock"]
