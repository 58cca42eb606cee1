"""The files of a commit as a clone has them: compared with real clones."""

from __future__ import annotations

import subprocess
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.git import GitDirectory, as_checked_out
from scaffolder.tree import Tree
from tests.template.golden import write

if TYPE_CHECKING:
    from pathlib import Path

FILES: dict[str, str | bytes] = {
    ".gitattributes": (
        "*.bat text eol=crlf\n*.auto text=auto eol=crlf\n-text.bat -text\n*.u16 working-tree-encoding=UTF-16\n"
    ),
    "sub/.gitattributes": "*.x eol=crlf\n*.bom working-tree-encoding=UTF-16LE-BOM eol=crlf\n*.lf eol=lf\n",
    "a.bat": "one\ntwo\n",
    "ünï.bat": "one\ntwo",
    "-text.bat": "one\n",
    "mixed.bat": b"one\r\ntwo\nthree\r\n",
    "a.auto": "one\ntwo\n",
    "mixed.auto": b"one\r\ntwo\n",
    "bytes.auto": b"one\n\0two\n",
    "strange.auto": b"\x01\x02\x03 one\n",
    "little.auto": b"\x01" + b"printed " * 40 + b"\n",
    "none.auto": b"",
    "plain.txt": "one\ntwo\n",
    "sub/a.x": "one\n",
    "sub/a.lf": "one\n",
    "sub/deep/a.bat": "one\n",
}
ENCODED = {"a.u16": "zwölf\n", "sub/a.bom": "elf\n"}


def git(place: Path, *arguments: str) -> str:
    done = subprocess.run(("git", "-C", str(place), *arguments), check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_files_are_those_of_a_clone(tmp_path: Path) -> None:
    place = write(tmp_path / "made", FILES)
    write(place, {path: text.encode("utf-16") for path, text in ENCODED.items()})
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-qm", "one")
    commit = git(place, "rev-parse", "HEAD")
    git(tmp_path, "clone", "-q", "--bare", "made", "bare")
    git(tmp_path, "clone", "-q", "bare", "clone")
    stored = GitDirectory(tmp_path / "bare").tree(commit)
    found = as_checked_out(GitDirectory(tmp_path / "bare"), commit, stored)
    theirs = Tree.read(tmp_path / "clone", without=frozenset({".git"}))
    assert dict(found) == dict(theirs)
    changed = {path for path, node in found.items() if node != stored[path]}
    assert changed >= {"a.bat", "ünï.bat", "mixed.bat", "a.auto", "little.auto", "sub/a.x", "a.u16", "sub/a.bom"}


def test_line_ends_take_no_more_memory_than_they_make(tmp_path: Path) -> None:
    place = write(tmp_path / "made", {"a": b"\n" * 4_000_000, ".gitattributes": "a text=auto eol=crlf\n"})
    git(place, "init", "-q")
    git(place, "add", ".")
    git(place, "commit", "-qm", "one")
    own, commit = GitDirectory(place / ".git"), git(place, "rev-parse", "HEAD")
    stored = own.tree(commit)
    tracemalloc.start()
    try:
        made = as_checked_out(own, commit, stored)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(made.text("a") or "") == 8_000_000
    assert most < 40_000_000


@pytest.mark.parametrize("encoding", ["punycode", "IDNA", "unicode_escape", "no-such"])
def test_an_encoding_that_git_does_not_know_changes_nothing(tmp_path: Path, encoding: str) -> None:
    place = write(tmp_path / "made", {"a": "zwölf"})
    git(place, "init", "-q")
    git(place, "add", ".")
    write(place, {".gitattributes": f"a working-tree-encoding={encoding}\n"})
    git(place, "add", ".gitattributes")
    git(place, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", "made", "clone")
    assert (tmp_path / "clone" / "a").read_text() == "zwölf"
    cloned, commit = GitDirectory(tmp_path / "clone" / ".git"), git(place, "rev-parse", "HEAD")
    assert as_checked_out(cloned, commit, cloned.tree(commit)).text("a") == "zwölf"


def test_without_such_attributes_nothing_is_asked(tmp_path: Path) -> None:
    tree = Tree.read(write(tmp_path / "a", {"b": "x\n", ".gitattributes": "* text=auto eol=lf\n"}))
    assert as_checked_out(GitDirectory(tmp_path / "nowhere"), "0" * 40, tree) is tree
