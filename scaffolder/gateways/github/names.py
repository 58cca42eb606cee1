"""GitHub's rules for the names of owners and repositories."""

from __future__ import annotations

import re

LONGEST_DESCRIPTION = 350

_OWNER = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LONGEST_OWNER = 39
_RESERVED_ENDINGS = (".git", ".wiki")


def broken_rule(full_name: str) -> str:
    """Return the rule that `OWNER/NAME` breaks, or ''."""
    owner, slash, name = full_name.partition("/")
    if not slash or "/" in name:
        return f"{full_name!r} is not of the form OWNER/NAME"
    if not _OWNER.fullmatch(owner) or len(owner) > _LONGEST_OWNER:
        return f"{owner!r}: an owner has letters, digits and single '-' between them, {_LONGEST_OWNER} at most"
    if not _NAME.fullmatch(name) or name in {".", ".."}:
        return f"{name!r}: a repository's name has letters, digits, '-', '_' and '.', 100 at most"
    if name.lower().endswith(_RESERVED_ENDINGS):
        return f"{name!r}: a repository's name does not end with {' or '.join(_RESERVED_ENDINGS)}"
    return ""


def as_description(text: str) -> str:
    """Return a description as GitHub takes it: one line, not too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= LONGEST_DESCRIPTION else f"{line[: LONGEST_DESCRIPTION - 1]}…"
