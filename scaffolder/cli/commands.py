"""
The commands, by name, without importing any of them.

This is the whole text of `scaffolder --help`: the group in `main` prints it through the same function, so there is
no second text that could differ. Nothing here imports more than `os`, because help should come at once.
"""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

COMMANDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "new": ("scaffolder.cli.new", "new", "Begin a service, and see first who runs something like it."),
        "init": ("scaffolder.cli.init", "init", "Write a settings file; try the example organisation."),
        "join": ("scaffolder.cli.join", "join", "Share a company's catalog, golden paths and settings."),
        "leave": ("scaffolder.cli.join", "leave", "Leave a company; what was made stays."),
        "profiles": ("scaffolder.cli.join", "profiles", "List the companies joined here; use another."),
        "catalog": ("scaffolder.cli.catalog", "catalog", "What exists, and who owns it."),
        "owners": ("scaffolder.cli.owners", "owners", "Who owns this, how to reach them, how to run it."),
        "template": ("scaffolder.cli.template", "template", "Look at golden paths."),
        "tasks": ("scaffolder.cli.tasks", "tasks", "Look at runs; resume one, or roll it back."),
        "login": ("scaffolder.cli.login", "login", "Keep a token for GitHub, after a look at what it may do."),
        "doctor": ("scaffolder.cli.doctor", "doctor", "Check what this machine needs, and how to get it."),
        "completion": ("scaffolder.cli.completion", "completion", "Print a completion script for your shell."),
    }
)
"""Name -> module, attribute, one line of help."""

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "--settings FILE": "Use this scaffolder.yaml.",
        "--profile NAME": "Use this company, of those that were joined.",
        "--version": "Print the version.",
        "-h, --help": "Print this help; each command has its own.",
    }
)

ABOUT = "Where a new service begins: golden paths, an owned catalog entry, and a look at what already exists."
WIDEST = 80


def top_level_help(width: int) -> str:
    """Return the help of `scaffolder` itself, at most `width` columns wide."""
    commands = {name: line for name, (_, _, line) in COMMANDS.items()}
    return "\n".join(
        [
            "Usage: scaffolder [OPTIONS] COMMAND ...",
            "",
            *_wrap(ABOUT, width=width, indent="  "),
            "",
            "Commands:",
            *_rows(commands, width),
            "",
            "Options:",
            *_rows(OPTIONS, width),
            "",
            *_wrap("Begin with: scaffolder new", width=width, indent=""),
            "",
        ]
    )


def terminal_width(stream: TextIO) -> int:
    """
    Return how wide text for `stream` should be.

    `shutil.get_terminal_size` knows only stdout, and takes 5 ms to import.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return min(int(columns), WIDEST)
    try:
        return min(os.get_terminal_size(stream.fileno()).columns or WIDEST, WIDEST)
    except (OSError, ValueError):
        return WIDEST


def _rows(rows: Mapping[str, str], width: int) -> list[str]:
    column = max(len(name) for name in rows) + 4
    lines = []
    for name, text in rows.items():
        first, *rest = _wrap(text, width=width, indent=" " * column)
        lines += [f"  {name}".ljust(column) + first[column:], *rest]
    return lines


def _wrap(text: str, *, width: int, indent: str) -> list[str]:
    """Wrap at spaces; `textwrap` would import `re`, which costs as much as all the rest here."""
    lines = [indent]
    for word in text.split():
        candidate = f"{lines[-1]} {word}" if lines[-1].strip() else indent + word
        if len(candidate) > width and lines[-1].strip():
            lines.append(indent + word)
        else:
            lines[-1] = candidate
    return lines
