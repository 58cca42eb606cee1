"""
The globs of `copyWithoutTemplating`: `*` stays in one directory, `**` does not, a directory means all that is below it.

Braces, classes, `?` and a leading `!` work; names that begin with a dot match like others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|\{[^{}]*\}|.", re.DOTALL)


def matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a path matches any of `globs` and none of the negated ones."""
    wanted = [_compiled(glob) for glob in globs if not glob.startswith("!")]
    refused = [_compiled(glob[1:]) for glob in globs if glob.startswith("!")]

    def matches(path: str) -> bool:
        return any(glob.fullmatch(path) for glob in wanted) and not any(glob.fullmatch(path) for glob in refused)

    return matches


def _compiled(glob: str) -> re.Pattern[str]:
    return re.compile(f"{_translated(glob.removeprefix('./').rstrip('/'))}(?:/.*)?", re.DOTALL)


def _translated(glob: str) -> str:
    return "".join(_translate_token(token) for token in _TOKEN.findall(glob))


def _translate_token(token: str) -> str:
    if token in WILDCARDS:
        return WILDCARDS[token]
    inside = token[1:-1]
    if inside and token.startswith("["):
        classes = inside.replace("\\", "\\\\")
        return f"[^{classes[1:]}]" if classes[0] in "!^" else f"[{classes}]"
    if inside and token.startswith("{"):
        return f"(?:{'|'.join(_translated(part) for part in inside.split(','))})"
    return re.escape(token)
