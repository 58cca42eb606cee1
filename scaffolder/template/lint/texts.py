"""What a text with tags says, whichever language they are written in: what it names, and where it is wrong. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str, ...]
"""A variable and what is reached from it by fixed names: `a.b['c']` is `('a', 'b', 'c')`."""


Known = frozenset[Path]


class Seen(NamedTuple):
    """How a part of a text is looked at: what was looked at before, whether only its truth counts or it is written."""

    known: Known = frozenset()
    asked: bool = False
    printed: bool = False

    def knowing(self, more: Known) -> Seen:
        """Look at a part in the same way, once more has been looked at."""
        return self._replace(known=self.known | more)

    def only(self, *, asked: bool = False, printed: bool = False) -> Seen:
        """Look at a part in another way, with the same known."""
        return Seen(self.known, asked, printed)


class Use(NamedTuple):
    """
    A variable that a text names, at a place in it.

    `guarded`: it may be undefined there, and nothing bad happens. `asked`: only whether it is true counts. `printed`:
    its value is written as it is. `within` are the paths that were looked at around it.
    """

    path: Path
    at: int
    guarded: bool = False
    asked: bool = False
    printed: bool = False
    within: frozenset[Path] = frozenset()


class Mistake(NamedTuple):
    """Something that is wrong with a text, at a line and column."""

    message: str
    line: int
    column: int = 0


@dataclass(slots=True)
class Reading:
    """
    A text as it was read; `broken` says that no more than its mistakes is known.

    `oddities` are what it can be rendered with, and reads otherwise than it is.
    """

    source: str
    uses: list[Use] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    oddities: list[Mistake] = field(default_factory=list)
    broken: bool = False

    def place(self, use: Use) -> tuple[int, int]:
        """Return line and column of a use, by the first mention behind the tag that it is in."""
        at = mention(self.source, use.path, use.at)
        return line_and_column(self.source, use.at if at is None else at)

    def names(self, *path: str) -> bool:
        """Tell whether that variable counts for anything in this text."""
        if self.broken:
            return re.search(rf"\b{re.escape(path[-1])}\b", self.source) is not None
        return any(is_about(use, path) for use in self.uses)


def is_about(use: Use, path: Path) -> bool:
    """Tell whether a use depends on the value at a path: it names that, or part of it, or all that it is part of."""
    return all(one == other for one, other in zip(use.path, path, strict=False))


def is_known(path: Path, known: frozenset[Path]) -> bool:
    """Tell whether a path, or what it is reached from or leads to, is among those that somebody looked at before."""
    return any(path[: len(one)] == one[: len(path)] for one in known)


def mention(source: str, path: Path, start: int) -> int | None:
    """Return where a path is first written behind a place, or else its last name."""
    steps = "".join(rf"\s*(?:\.\s*{re.escape(part)}\b|\[\s*['\"]{re.escape(part)}['\"]\s*\])" for part in path[1:])
    for pattern in (rf"(?<![\w.]){re.escape(path[0])}{steps}", rf"\b{re.escape(path[-1])}\b"):
        if found := re.compile(pattern).search(source, start):
            return found.start()
    return None


def line_and_column(source: str, at: int) -> tuple[int, int]:
    """Return the line and column of a place."""
    return source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at)


def start_of(source: str, line: int) -> int:
    """Return where a line begins."""
    at = 0
    for _ in range(line - 1):
        at = source.find("\n", at) + 1
        if not at:
            return len(source)
    return at


def unique(uses: Iterable[Use], length: int) -> list[Use]:
    """Return the first of the uses for each beginning of a path."""
    found: dict[Path, Use] = {}
    for use in uses:
        found.setdefault(use.path[:length], use)
    return list(found.values())
