"""
Packages of the npm registry that the tests use.

They are outside data: `node_modules` of the directory that SCAFFOLDER_TEST_NPM names. `.ci/run` installs them there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def package(name: str) -> Path | str:
    """Return where a package is, or why there is none."""
    root = os.environ.get("SCAFFOLDER_TEST_NPM", "")
    if not root:
        return f"SCAFFOLDER_TEST_NPM names no directory with the npm package {name}"
    found = Path(root) / "node_modules" / name
    return found if found.is_dir() else f"the npm package {name} is not installed in {root}"


def node() -> str:
    """Return the program, '' where there is none."""
    return shutil.which("node") or ""
