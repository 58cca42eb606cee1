"""
Whether files on disk are exactly those of the commit that is checked out.

git itself is only asked for the names of objects: `git status` would run the filters and watchers that the
repository's own configuration names, and a template's repository is other people's.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from scaffolder.gateways.git_command import GitFailed, attempt, git_bounded
from scaffolder.gateways.git_directory import LONGEST_LISTING
from scaffolder.gateways.process import PrintedTooMuch
from scaffolder.tree import Directory, File, Link, Node, Tree

if TYPE_CHECKING:
    from pathlib import Path

EXECUTABLE = 0o100
LONGEST_PATH = 8_192


def commit_of(top: Path, tree: Tree, *, directory: str) -> str:
    """Return the commit checked out at `top` if it holds `tree`, and in `directory` nothing else; else ''."""
    git_directory = _git_directory(top)
    head = attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}", directory=git_directory)
    commit = head.stdout.decode().strip()
    if head.returncode != 0:
        return ""
    committed = _committed(git_directory, commit)
    gone = any(path not in tree for path in committed if not directory or path.startswith(directory + "/"))
    same = all(committed.get(path) == _named(node, commit) for path, node in _kept(tree))
    return commit if same and not gone else ""


def _committed(git_directory: Path, commit: str) -> dict[str, tuple[str, str]]:
    """Return the modes and object names of a commit's files; none where git cannot say, or cannot stop saying."""
    try:
        listed = git_bounded("ls-tree", "-rz", "--full-tree", commit, directory=git_directory, most=LONGEST_LISTING)
    except (GitFailed, PrintedTooMuch):
        return {}
    return dict(_entry(line) for line in listed.split(b"\0")[:-1])


def _kept(tree: Tree) -> list[tuple[str, Node]]:
    """Leave out what git does not keep: directories."""
    return [(path, node) for path, node in tree.items() if not isinstance(node, Directory)]


def _git_directory(top: Path) -> Path:
    """Return the git directory of a work tree; a linked one names it in a file."""
    place = top / ".git"
    if not place.is_file():
        return place
    with place.open("rb") as file:
        named = os.fsdecode(file.read(LONGEST_PATH).partition(b"gitdir:")[2].partition(b"\0")[0].strip())
    return top / named


def _entry(line: bytes) -> tuple[str, tuple[str, str]]:
    description, _, path = line.partition(b"\t")
    mode, _, name = description.decode().split(" ")
    return os.fsdecode(path), (mode, name)


def _named(node: Node, commit: str) -> tuple[str, str]:
    """Return the mode and the object name that git would give a file or link."""
    match node:
        case File(data, mode):
            kind = "100755" if mode & EXECUTABLE else "100644"
        case Link(target):
            kind, data = "120000", os.fsencode(target)
        case Directory():
            return "040000", ""
    method = hashlib.sha256 if len(commit) == hashlib.sha256().digest_size * 2 else hashlib.sha1
    return kind, method(b"blob %d\0" % len(data) + data).hexdigest()
