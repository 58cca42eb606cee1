from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import GitDirectory, GitFailed, PathForbidden, RefInvalid, check_ref
from scaffolder.gateways.git_directory import ObjectMissing
from scaffolder.tree import Directory, File, Link, PathEscapes, Tree
from tests.gateways.repositories import IN_INDIA, NOON, SOMEBODY, TREE, as_person, commit, made

if TYPE_CHECKING:
    from datetime import datetime

    from scaffolder.tree import Node

HOSTILE = """
[user]
    name = Test Engineer
    email = test-engineer@example.com
[core]
    hooksPath = {hooks}
    autocrlf = true
    fsmonitor = {hooks}/canary
    attributesFile = {hooks}/attributes
    bare = false
    abbrev = 4
[init]
    defaultBranch = elsewhere
    templateDir = {hooks}
    defaultObjectFormat = sha256
[commit]
    gpgSign = true
[tag]
    gpgSign = true
[push]
    gpgSign = true
    followTags = true
    default = matching
[gpg]
    program = {hooks}/canary
[color]
    ui = always
[alias]
    push = !{hooks}/canary
    fast-import = !{hooks}/canary
    ls-tree = log
[fetch]
    prune = false
[protocol "file"]
    allow = never
[safe]
    directory =
[log]
    showSignature = true
[i18n]
    commitEncoding = latin1
"""
HOOKS = ("canary", "pre-push", "pre-receive", "update", "post-receive", "reference-transaction", "post-index-change")


@pytest.fixture
def canary(home: Path, tmp_path: Path) -> Path:
    """Be a file that appears as soon as anything of a hostile configuration runs."""
    hooks, canary = tmp_path / "hooks", tmp_path / "canary-sang"
    hooks.mkdir()
    for name in HOOKS:
        (hooks / name).write_text(f"#!/bin/sh\necho $0 >> {canary}\nexit 1\n")
        (hooks / name).chmod(0o755)
    (hooks / "attributes").write_text("* text eol=crlf filter=canary\n")
    (home / ".gitconfig").write_text(HOSTILE.format(hooks=hooks))
    return canary


def test_a_commit_holds_exactly_the_tree(tmp_path: Path) -> None:
    odd: dict[str, Node] = {
        ".gitignore": File(b"*\n"),
        ".gitattributes": File(b"* text eol=crlf\n"),
        "ignored.log": File(b"kept\r\nall the same\n"),
        'we "ird\n\\ né/tab\t.txt': File(b""),
        "not utf-8 \udcff": File(bytes(range(256))),
        "run": File(b"#!/bin/sh\n", 0o755),
        "private": File(b"", 0o600),
        "dangling": Link("nowhere/at all"),
        "a b": File(b"done\nget-mark :1\ndata 3\n"),
    }
    directory = GitDirectory.init(tmp_path / "a.git")

    name = commit(directory, Tree({**odd, "empty": Directory()}))

    assert directory.tree(name) == Tree({**odd, "private": File(b"", 0o644)})
    assert as_person(directory.path, "fsck", "--strict", "--no-dangling") == ""


def test_the_same_arguments_give_the_same_commit(tmp_path: Path) -> None:
    names = {commit(GitDirectory.init(tmp_path / name)) for name in ("a", "b")}
    again = commit(GitDirectory(tmp_path / "a"))

    assert names == {again}


def test_a_commit_is_a_root_even_where_the_ref_named_another(tmp_path: Path) -> None:
    directory = made(tmp_path / "a.git")

    name = commit(directory, Tree({"other": File(b"")}))

    assert directory.refs() == {"refs/heads/main": name}
    assert as_person(directory.path, "rev-list", "--all", "--count") == "1"


@pytest.mark.parametrize(("when", "date"), [(NOON, "1714996800 +0000"), (IN_INDIA, "1714996800 +0530")])
def test_a_commit_says_who_when_and_why(tmp_path: Path, when: datetime, date: str) -> None:
    directory = GitDirectory.init(tmp_path / "a.git")

    name = directory.commit(Tree(), message="Why\n\nBecause é.", identity=SOMEBODY, when=when, ref="refs/heads/main")

    shown = as_person(directory.path, "cat-file", "-p", name).split("\n", 1)[1]
    assert shown == f"author {SOMEBODY} {date}\ncommitter {SOMEBODY} {date}\n\nWhy\n\nBecause é."


@pytest.mark.parametrize("path", [".git/config", "a/.GIT/hooks/x", ".g\u200cit/config", "git~1/config", ".git. /x"])
def test_nothing_gets_into_gits_own_directory(tmp_path: Path, path: str) -> None:
    directory = GitDirectory.init(tmp_path / "a.git")

    with pytest.raises(PathForbidden):
        commit(directory, Tree({path: File(b"")}))

    assert directory.refs() == {}


def test_a_hostile_configuration_changes_nothing(tmp_path: Path, canary: Path) -> None:
    directory, other = GitDirectory.init(tmp_path / "a.git"), GitDirectory.init(tmp_path / "b.git")
    other.init(other.path, config={"core": {"hooksPath": "hooks"}})

    name = commit(directory, Tree({"a": File(b"one\ntwo\r\n")}))
    directory.push(str(other.path), {"refs/heads/main": name})

    assert len(name) == 40
    assert other.refs() == {"refs/heads/main": name}
    assert other.tree(name) == Tree({"a": File(b"one\ntwo\r\n")})
    assert (other.path / "HEAD").read_text() == "ref: refs/heads/main\n"
    assert not canary.exists(), canary.read_text()


def test_finds_commits_by_every_kind_of_name(tmp_path: Path) -> None:
    directory = made(tmp_path / "a.git")
    as_person(directory.path, "tag", "light")
    as_person(directory.path, "tag", "-m", "heavy", "heavy")
    as_person(directory.path, "branch", "feature/x")
    name = directory.refs()["refs/heads/main"]

    for ref in ("main", "light", "heavy", "feature/x", "refs/heads/main", "tags/heavy", "HEAD", name, name[:7]):
        assert directory.resolve(ref) == name, ref
    assert set(directory.refs().values()) == {name}, "a tag of its own counts as its commit"


@pytest.mark.parametrize(
    "ref",
    ["", "nope", "-x", "--all", "main~1", "main:README.md", ":/First", "@{u}", "a..b", "main^{tree}", "\0", "f" * 40],
)
def test_what_is_no_name_of_a_commit_is_none(tmp_path: Path, ref: str) -> None:
    assert made(tmp_path / "a.git").resolve(ref) is None


@pytest.mark.parametrize(
    "ref", ["", "-f", "a b", "a..b", "a.lock", "a/", "/a", "a//b", "a/.b", "@", "a~1", "a\n", "a:b"]
)
def test_a_ref_cannot_be_an_option_or_an_expression(tmp_path: Path, ref: str) -> None:
    source = made(tmp_path / "a.git")
    with pytest.raises(RefInvalid):
        check_ref(ref)
    with pytest.raises(RefInvalid):
        commit(source, ref=ref)
    with pytest.raises(RefInvalid):
        source.push(str(tmp_path), {ref: source.refs()["refs/heads/main"]})


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("README.md", b"# Shop\n"),
        ("docs/latest", b"# Shop\n"),
        ("./src/../README.md", b"# Shop\n"),
        ("docs", None),
        ("nope", None),
        ("README.md/x", None),
        ("line\nbreak", b"odd"),
        ("out", None),
        ("loop", None),
    ],
)
def test_reads_one_file(tmp_path: Path, path: str, found: bytes | None) -> None:
    more: dict[str, Node] = {"line\nbreak": File(b"odd"), "out": Link("/etc/passwd"), "loop": Link("loop")}
    directory = made(tmp_path / "a.git", TREE.overlaid(more))

    assert directory.file(directory.refs()["refs/heads/main"], path) == found


def test_a_path_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    directory = made(tmp_path / "a.git")

    with pytest.raises(PathEscapes):
        directory.file(directory.refs()["refs/heads/main"], "../a")


def test_submodules_are_left_out(tmp_path: Path) -> None:
    directory = made(tmp_path / "a.git")
    name = directory.refs()["refs/heads/main"]
    as_person(tmp_path, "clone", "--quiet", str(directory.path), "work")
    as_person(tmp_path / "work", "update-index", "--add", "--cacheinfo", f"160000,{name},module")
    as_person(tmp_path / "work", "commit", "--quiet", "-m", "Add a submodule")
    as_person(tmp_path / "work", "push", "--quiet")

    assert directory.tree(directory.refs()["refs/heads/main"]) == TREE


def test_a_damaged_repository_is_told(tmp_path: Path) -> None:
    directory = made(tmp_path / "a.git")
    name = directory.refs()["refs/heads/main"]
    as_person(tmp_path, "clone", "--quiet", "--bare", f"file://{directory.path}", "loose.git")
    (pack,) = (tmp_path / "loose.git/objects/pack").glob("*.pack")
    data = pack.read_bytes()
    pack.with_suffix(".idx").unlink()
    pack.unlink()
    subprocess.run(["git", "unpack-objects", "-q"], cwd=tmp_path / "loose.git", input=data, check=True)
    blob = as_person(directory.path, "rev-parse", f"{name}:README.md")
    (tmp_path / "loose.git/objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(ObjectMissing, match=blob):
        GitDirectory(tmp_path / "loose.git").tree(name)


def test_a_push_moves_all_refs_or_none(tmp_path: Path) -> None:
    source, other = made(tmp_path / "a.git"), GitDirectory.init(tmp_path / "b.git")
    first = source.refs()["refs/heads/main"]
    second = commit(source, Tree({"x": File(b"")}), ref="refs/scaffolder/base")
    source.push(str(other.path), {"refs/heads/main": first})

    with pytest.raises(GitFailed, match="push failed"):
        source.push(str(other.path), {"refs/heads/main": second, "refs/scaffolder/base": second})
    assert other.refs() == {"refs/heads/main": first}

    for _ in range(2):
        source.push(str(other.path), {"refs/heads/main": first, "refs/scaffolder/base": second})
    assert other.refs() == {"refs/heads/main": first, "refs/scaffolder/base": second}


def test_a_push_never_moves_a_branch_even_forwards(tmp_path: Path) -> None:
    source, other = made(tmp_path / "a.git"), GitDirectory.init(tmp_path / "b.git")
    first = source.refs()["refs/heads/main"]
    source.push(str(other.path), source.refs())
    as_person(tmp_path, "clone", "--quiet", str(source.path), "work")
    as_person(tmp_path / "work", "commit", "--quiet", "--allow-empty", "-m", "More")
    as_person(tmp_path / "work", "push", "--quiet")

    with pytest.raises(GitFailed):
        source.push(str(other.path), source.refs())

    assert other.refs() == {"refs/heads/main": first}


def test_a_refusing_hook_is_quoted(tmp_path: Path) -> None:
    source, other = made(tmp_path / "a.git"), GitDirectory.init(tmp_path / "b.git")
    hook = other.path / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(GitFailed) as caught:
        source.push(str(other.path), source.refs())

    assert "not on a Friday" in f"{caught.value.message} {caught.value.details}"


def test_a_push_takes_nothing_along(tmp_path: Path, home: Path) -> None:
    source, other = made(tmp_path / "a.git"), GitDirectory.init(tmp_path / "b.git")
    as_person(source.path, "tag", "-m", "Mine", "mine")
    with (home / ".gitconfig").open("a") as file:
        file.write("[push]\n\tfollowTags = true\n\tgpgSign = true\n")

    source.push(str(other.path), {"refs/heads/main": source.refs()["refs/heads/main"]})

    assert set(other.refs()) == {"refs/heads/main"}


def test_a_push_of_nothing_pushes_nothing(tmp_path: Path) -> None:
    source, other = made(tmp_path / "a.git"), GitDirectory.init(tmp_path / "b.git")

    source.push(str(other.path), {})

    assert other.refs() == {}


FULL_DISK = """
import resource, sys
from pathlib import Path
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import GitDirectory
from scaffolder.tree import File, Tree
from tests.gateways.repositories import commit
directory = GitDirectory.init(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    commit(directory, Tree({"big": File(__import__("os").urandom(100_000))}))
except ScaffolderError as error:
    print(type(error).__name__)
"""


def test_a_full_disk_is_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "a.git")], capture_output=True, check=True, cwd=Path.cwd()
    )

    assert done.stdout == b"GitFailed\n", done.stderr
    assert GitDirectory(tmp_path / "a.git").refs() == {}


def test_a_directory_that_is_no_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="not a git repository"):
        GitDirectory(tmp_path).refs()


def test_a_repository_is_not_made_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ScaffolderError, match="cannot write"):
        GitDirectory.init(tmp_path / "file/a.git")
