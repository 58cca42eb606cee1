"""What the tests of git and of forges share: a small tree, a commit of it, and git as a person would use it."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.tree import File, Link, Tree

if TYPE_CHECKING:
    from pathlib import Path

SOMEBODY = Identity("Some Body", "some.body@example.com")
NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
IN_INDIA = datetime(2024, 5, 6, 17, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
TREE = Tree(
    {
        "README.md": File(b"# Shop\n"),
        "bin/run": File(b"#!/bin/sh\nexit 0\n", 0o755),
        "docs/latest": Link("../README.md"),
        "src/shop.py": File(b"print('hello')\n"),
    }
)


def commit(directory: GitDirectory, tree: Tree = TREE, *, ref: str = "refs/heads/main", message: str = "First") -> str:
    return directory.commit(tree, message=message, identity=SOMEBODY, when=NOON, ref=ref)


def made(path: Path, tree: Tree = TREE, *, ref: str = "refs/heads/main") -> GitDirectory:
    directory = GitDirectory.init(path)
    commit(directory, tree, ref=ref)
    return directory


def as_person(cwd: Path, *arguments: str) -> str:
    """Run git as a person does, with everything their configuration says."""
    done = subprocess.run(["git", *arguments], cwd=cwd, env=os.environ, capture_output=True, check=True)
    return done.stdout.decode().strip()
