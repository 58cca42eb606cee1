"""Shallow copies: little is fetched, once, and reading fetches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import InvalidInput
from scaffolder.gateways.git import AddressInvalid, GitDirectory, GitFailed, RepositoryRefused, Unreachable
from scaffolder.gateways.git_directory import TooManyFiles
from scaffolder.gateways.git_shallow import MOST_PACKS, ShallowCopy, Tip, tips
from scaffolder.tree import File, Tree
from tests.gateways.repositories import as_person, commit, made

if TYPE_CHECKING:
    from pathlib import Path

FILES = Tree({"catalog-info.yaml": File(b"kind: Component\n"), "large.bin": File(b"x" * 100_000)})


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "git"


@pytest.fixture
def upstream(tmp_path: Path) -> GitDirectory:
    repository = made(tmp_path / "up stream.git", Tree({"old": File(b"old" * 1_000)}))
    commit(repository, FILES, message="Second")
    return repository


@pytest.fixture
def copy(upstream: GitDirectory, cache: Path) -> ShallowCopy:
    return ShallowCopy.of(str(upstream.path), cache=cache)


def tip(repository: GitDirectory, ref: str = "main") -> Tip:
    return tips(str(repository.path), [ref])[ref]


def test_knows_branches_tags_commits_and_the_default_branch(upstream: GitDirectory) -> None:
    as_person(upstream.path, "tag", "-m", "One", "v1")
    as_person(upstream.path, "branch", "next/year")
    newest = upstream.resolve("main")
    assert newest is not None

    seen = tips(str(upstream.path), ["main", "v1", "next/year", "HEAD", newest, "gone", "ain"])

    assert {ref: each.commit for ref, each in seen.items()} == dict.fromkeys(
        ["main", "v1", "next/year", "HEAD", newest], newest
    )


def test_a_branch_comes_before_a_tag_of_its_name(upstream: GitDirectory) -> None:
    tagged = commit(upstream, Tree({"tagged": File(b"")}), ref="refs/tags/main")

    assert tip(upstream) == Tip("refs/heads/main", upstream.resolve("refs/heads/main") or "")
    assert tip(upstream).commit != tagged


@pytest.mark.parametrize("ref", ["main", "v1", "HEAD"])
def test_has_the_newest_commit_alone(upstream: GitDirectory, copy: ShallowCopy, ref: str) -> None:
    as_person(upstream.path, "tag", "-m", "One", "v1")

    newest = copy.newest(tip(upstream, ref))

    assert newest == upstream.resolve("main")
    assert [*copy.listing(newest)] == [*FILES]
    assert as_person(copy.path, "rev-list", "--count", newest) == "1"


def test_a_commit_is_fetched_by_its_id(upstream: GitDirectory, copy: ShallowCopy) -> None:
    newest = upstream.resolve("main") or ""

    assert copy.newest(tips("nowhere", [newest])[newest]) == newest


def test_of_a_server_that_lets_us_only_what_is_wanted_is_fetched(upstream: GitDirectory, copy: ShallowCopy) -> None:
    as_person(upstream.path, "config", "uploadpack.allowFilter", "true")
    listed = copy.listing(copy.newest(tip(upstream)))
    wanted = listed["catalog-info.yaml"].name

    assert copy.obtain([wanted]) == {wanted: len(b"kind: Component\n")}

    assert [*copy.blobs([wanted])] == [b"kind: Component\n"]
    packs = [path.stat().st_size for path in copy.path.glob("objects/pack/*.pack")]
    assert len(packs) == 2
    assert sum(packs) < 2_000


def test_reading_fetches_nothing(upstream: GitDirectory, copy: ShallowCopy) -> None:
    as_person(upstream.path, "config", "uploadpack.allowFilter", "true")
    listed = copy.listing(copy.newest(tip(upstream)))

    done = as_person(copy.path, "rev-list", "--objects", "--missing=print", "--all")

    assert f"?{listed['large.bin'].name}" in done
    assert "promisor" not in (copy.path / "config").read_text()  # git fetches what is missing where it knows from whom


def test_what_is_here_is_not_fetched_again(upstream: GitDirectory, copy: ShallowCopy) -> None:
    before = tip(upstream)
    copy.newest(before)
    upstream.path.rename(upstream.path.with_name("away.git"))

    newest = copy.newest(before)

    assert copy.obtain([copy.listing(newest)["large.bin"].name])
    with pytest.raises(GitFailed):
        copy.newest(Tip(before.name, "0" * 40))


def test_follows_a_history_that_was_rewritten(upstream: GitDirectory, copy: ShallowCopy) -> None:
    copy.newest(tip(upstream))
    rewritten = commit(upstream, Tree({"new": File(b"")}), message="From the beginning")

    assert copy.newest(tip(upstream)) == rewritten
    assert [*copy.listing(rewritten)] == ["new"]


def test_does_not_grow_for_ever(upstream: GitDirectory, copy: ShallowCopy) -> None:
    copy.newest(tip(upstream))
    for number in range(MOST_PACKS):
        (copy.path / f"objects/pack/pack-{number:040x}.pack").touch()
    moved = commit(upstream, Tree({"new": File(b"")}))

    assert copy.newest(tip(upstream)) == moved
    assert len(list(copy.path.glob("objects/pack/*.pack"))) == 1


def test_takes_a_sha256_repository(cache: Path, tmp_path: Path) -> None:
    as_person(tmp_path, "init", "--quiet", "--object-format=sha256", "modern")
    (tmp_path / "modern/a").write_text("a\n")
    as_person(tmp_path / "modern", "add", ".")
    as_person(tmp_path / "modern", "commit", "--quiet", "-m", "Add a")
    copy = ShallowCopy.of(str(tmp_path / "modern"), cache=cache)

    assert [*copy.listing(copy.newest(tips(copy.address, ["main"])["main"]))] == ["a"]


def test_what_is_not_there_is_told(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(RepositoryRefused, match="does not appear to be a git repository"):
        tips(str(tmp_path / "nope"), ["main"])
    with pytest.raises(Unreachable):
        tips("http://127.0.0.1:9/shop.git", ["main"])
    assert not cache.exists()


@pytest.mark.parametrize("address", ["--upload-pack=touch owned", "ext::sh -c touch% owned", ""])
def test_an_address_is_never_an_option_or_a_command(cache: Path, address: str) -> None:
    with pytest.raises(AddressInvalid):
        tips(address, ["main"])
    with pytest.raises(AddressInvalid):
        ShallowCopy.of(address, cache=cache)


@pytest.mark.parametrize("ref", ["--help", "a..b", "a b", "refs/../x", ""])
def test_a_ref_is_never_an_option_or_an_expression(upstream: GitDirectory, ref: str) -> None:
    with pytest.raises(InvalidInput):
        tips(str(upstream.path), [ref])


def test_trees_made_to_print_for_ever_are_not_looked_through(tmp_path: Path) -> None:
    """Ten levels of a directory that holds the next one ten times: ten thousand million files in some bytes."""
    bomb = made(tmp_path / "bomb.git", Tree({"f": File(b"x")}))
    inner = as_person(bomb.path, "rev-parse", "main^{tree}")
    for _ in range(10):
        rows = "".join(f"040000 tree {inner}\td{number}\n" for number in range(10))
        inner = _mktree(bomb, rows)
    top = as_person(bomb.path, "commit-tree", "-m", "Bomb", inner)

    with pytest.raises(TooManyFiles):
        bomb.listing(top)


def _mktree(repository: GitDirectory, rows: str) -> str:
    import subprocess

    done = subprocess.run(["git", "mktree"], cwd=repository.path, input=rows.encode(), capture_output=True, check=True)
    return done.stdout.decode().strip()
