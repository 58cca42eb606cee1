"""
Loads the Python modules that a template brings (`_extensions`), once a person has allowed it.

Only in a process that was made for one rendering: it can be ended, writes no files, and knows no tokens. What it
imports is gone with it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.errors import Failed
from scaffolder.template.trust import NOTHING, Allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


class ExtensionFailed(Failed):
    """An extension of a template cannot be loaded, or fails while it renders."""

    def __init__(self, name: str, error: BaseException) -> None:
        missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
        hint = f"install it where scaffolder is: pip install {_distribution(missing)}" if missing else ""
        super().__init__(
            f"the extension {name} cannot be used: {type(error).__name__}: {error}",
            hint=hint or "tell the template's owner",
        )


def _silent(_line: str) -> None:
    """Tell nobody."""


class Code(NamedTuple):
    """
    What of a template's own code may run, and who is told what it prints.

    Everything it needs is kept in a directory of its own inside `within`, which is private; else inside the system's
    place for temporary files.
    """

    allowed: Allowed = NOTHING
    within: Path | None = None
    tell: Callable[[str], None] = _silent


def load(names: Iterable[str], home: Path) -> None:
    """
    Import extensions as cookiecutter does: the template's directory comes last on the path. Only for a child process.

    Raises:
        ExtensionFailed: One is not there, or fails.
    """
    from jinja2.utils import import_string

    from scaffolder.gateways.script import environment

    known = environment(os.environ, temporary=home)
    os.environ.clear()
    os.environ.update(known)
    os.dup2(2, 1)  # what they print is no result of ours
    os.chdir(home)
    sys.path.append(str(home))
    for name in names:
        try:
            import_string(name)
        except BaseException as error:  # other people's code may raise anything, SystemExit too
            raise ExtensionFailed(name, error) from error


def _distribution(module: str) -> str:
    return module.partition(".")[0].replace("_", "-")
