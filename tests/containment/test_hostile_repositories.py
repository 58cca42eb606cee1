"""A repository may say in its own configuration what git shall run: none of it is run when a template is read."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import GitDirectory
from scaffolder.gateways.git_command import git
from scaffolder.gateways.git_directory import TooLarge
from scaffolder.gateways.git_identity import Identity
from scaffolder.template.source import resolve
from scaffolder.tree import LARGEST_FILE, File, NotReadable, Tree
from tests.parity.side_by_side import template
from tests.template.golden import write

if TYPE_CHECKING:
    from pathlib import Path

HOOKS = ("post-checkout", "post-index-change", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman")
CONFIGURATION = """\
[core]
	repositoryformatversion = 1
	fsmonitor = touch MARK/fsmonitor
	hooksPath = .git/hooks
	sshCommand = touch MARK/ssh
	gitProxy = touch MARK/proxy
	pager = touch MARK/pager
	askPass = touch MARK/ask
	editor = touch MARK/editor
	alternateRefsCommand = touch MARK/alternates
	attributesFile = .git/info/attributes
[include]
	path = more
[uploadpack]
	packObjectsHook = touch MARK/pack
	allowFilter = true
[credential]
	helper = !touch MARK/helper
[diff]
	external = touch MARK/diff
[diff "x"]
	textconv = touch MARK/textconv
	command = touch MARK/command
[filter "x"]
	smudge = touch MARK/smudge
	clean = touch MARK/clean
	process = touch MARK/process
	required = true
[submodule]
	recurse = true
[submodule "s"]
	update = !touch MARK/update
	url = ext::sh -c touch% MARK/submodule
	active = true
[fetch]
	recurseSubmodules = true
[gpg]
	program = touch MARK/gpg
[log]
	showSignature = true
[protocol]
	allow = always
[url "ext::sh -c touch% MARK/instead"]
	insteadOf = https://
[extensions]
	partialClone = origin
[remote "origin"]
	promisor = true
	uploadpack = touch MARK/uploadpack
	url = URL
"""
INCLUDED = """\
[alias]
	ls-tree = !touch MARK/alias
	rev-parse = !touch MARK/alias
[core]
	fsmonitor = touch MARK/included
"""
URLS = ("/nowhere/at/all", "ssh://host/path", "git://host/path", "https://host/path", "ext::sh -c touch% MARK/ext")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
MISSING = {"nothing": "", "commit": "HEAD", "tree": "HEAD^{tree}", "file": "HEAD:cookiecutter.json"}


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """Where a file appears if anything is run."""
    place = tmp_path / "mark"
    place.mkdir()
    return place


def hostile(place: Path, mark: Path, *, url: str = "/nowhere/at/all", missing: str = "") -> Path:
    """Make a repository that would run something wherever git lets it; an object of it can be missing."""
    write(place, template({"file": "{{ cookiecutter.slug }}", "/.gitattributes": "* filter=x diff=x\n"}))
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(place), *words], check=True)
    own = place / ".git"
    name = git("rev-parse", missing, directory=own).decode().strip() if missing else ""
    for hook in HOOKS:
        (own / "hooks").mkdir(exist_ok=True)
        (own / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {mark}/{hook}\n")
        (own / "hooks" / hook).chmod(0o755)
    (own / "info").mkdir(exist_ok=True)
    (own / "info" / "attributes").write_text("* filter=x diff=x\n")
    (own / "more").write_text(INCLUDED.replace("MARK", str(mark)))
    (own / "config").write_text(CONFIGURATION.replace("URL", url).replace("MARK", str(mark)))
    if name:
        (own / "objects" / name[:2] / name[2:]).unlink()
    return place


@pytest.mark.parametrize("how", ["{}", "{}@HEAD", "{}/.git", "file://{}@HEAD"])
def test_nothing_of_its_configuration_is_run(tmp_path: Path, mark: Path, how: str) -> None:
    place = hostile(tmp_path / "repository", mark)
    resolved = resolve(how.format(place), cache=tmp_path / "cache")
    assert resolved.tree.text("{{cookiecutter.slug}}/file") == "{{ cookiecutter.slug }}"
    assert len(resolved.source.commit) == 40
    assert not any(mark.iterdir())


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("missing", ["commit", "tree", "file"])
def test_what_it_lacks_is_not_fetched_from_whom_it_names(tmp_path: Path, mark: Path, url: str, missing: str) -> None:
    place = hostile(tmp_path / "repository", mark, url=url, missing=MISSING[missing])
    assert resolve(str(place), cache=tmp_path / "cache").source.commit == ("" if missing != "file" else _head(place))
    for how in ("{}@HEAD", "{}/.git"):
        with pytest.raises(ScaffolderError):
            resolve(how.format(place), cache=tmp_path / "cache")
    assert not any(mark.iterdir())


def _head(place: Path) -> str:
    return (place / ".git" / "refs" / "heads" / "main").read_text().strip()


def test_where_somebody_stands_says_nothing(tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(hostile(tmp_path / "repository", mark))
    for address in ("ssh://host.invalid/path", "https://127.0.0.1:9/path"):
        with pytest.raises(ScaffolderError):
            resolve(address, cache=tmp_path / "cache")
    assert not any(mark.iterdir())


def test_git_files_that_are_none(tmp_path: Path) -> None:
    place = write(tmp_path / "template", template({"file": "x"}))
    for text in ("", "gitdir: ", "gitdir: /nowhere\n", "gitdir: ../../../../etc\n", "no\0thing"):
        (place / ".git").write_text(text)
        assert resolve(str(place), cache=tmp_path / "cache").source.commit == ""
    (place / ".git").unlink()
    os.mkfifo(place / ".git")
    assert resolve(str(place), cache=tmp_path / "cache").source.commit == ""


def test_a_file_that_fills_the_memory_is_not_read(tmp_path: Path) -> None:
    place = write(tmp_path / "template", template({"file": "x"}))
    with (place / "large").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(NotReadable, match="larger than 512 MB"):
        resolve(str(place), cache=tmp_path / "cache")


def test_a_few_bytes_of_a_repository_that_stand_for_very_many(tmp_path: Path) -> None:
    directory = GitDirectory.init(tmp_path / "repository.git")
    large = File(b"\0" * (1 << 20))
    tree = Tree({**{f"file-{number}": large for number in range(520)}, "cookiecutter.json": File(b"{}")})
    identity = Identity("a", "a@example.com")
    directory.commit(tree, message="x", identity=identity, when=NOW, ref="refs/heads/main")
    with pytest.raises(TooLarge, match="more than 512 MB"):
        resolve(str(directory.path), cache=tmp_path / "cache")


def test_trees_that_hold_each_other_without_end(tmp_path: Path) -> None:
    place = write(tmp_path / "template", template({"file": "x"}))
    subprocess.run(["git", "-C", str(place), "init", "-q"], check=True)
    blob = git("hash-object", "-w", "--stdin", directory=place / ".git", stdin=b"x").decode().strip()
    rows = "".join(f"100644 blob {blob}\tf{number}\n" for number in range(10))
    for _ in range(9):
        tree = git("mktree", directory=place / ".git", stdin=rows.encode()).decode().strip()
        rows = "".join(f"040000 tree {tree}\td{number}\n" for number in range(10))
    who = {f"GIT_{role}_{part}": "a" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    commit = git("commit-tree", tree, "-m", "x", directory=place / ".git", extra=who).decode().strip()
    (place / ".git" / "refs" / "heads" / "main").write_text(f"{commit}\n")
    assert resolve(str(place), cache=tmp_path / "cache").source.commit == ""


@pytest.mark.parametrize("name", ["..", "a/../../b", "/etc/x", "template"])
def test_a_commit_whose_paths_are_none(tmp_path: Path, name: str) -> None:
    place = write(tmp_path / "repository", template({"file": "x"}))
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(place), *words], check=True)
    own = place / ".git"
    inside = git("rev-parse", "HEAD^{tree}", directory=own).decode().strip()
    blob = git("rev-parse", "HEAD:cookiecutter.json", directory=own).decode().strip()
    rows = [("40000", name, inside), ("100644", "cookiecutter.json", blob), ("100644", "template", blob)]
    data = b"".join(f"{mode} {path}\0".encode() + bytes.fromhex(named) for mode, path, named in rows)
    tree = git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", directory=own, stdin=data).decode().strip()
    who = {f"GIT_{role}_{part}": "a" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    commit = git("commit-tree", tree, "-m", "x", directory=own, extra=who).decode().strip()
    (own / "refs" / "heads" / "main").write_text(f"{commit}\n")
    with pytest.raises(ScaffolderError, match=r"leads outside|both a file and a directory|git fetch failed"):
        resolve(f"{place}@main", cache=tmp_path / "cache")
