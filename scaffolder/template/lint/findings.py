"""What a look at a template finds."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

ALMOST: Final = 0.9
"""How alike a name is to another that was meant."""


class Severity(StrEnum):
    """How bad something is."""

    ERROR = "error"
    """The template fails, or would with some answers."""
    WARNING = "warning"
    """It works, and hardly does what its author meant."""


class Spot(NamedTuple):
    """A place in a file of the template: its path there; line and column count from 1, 0 where they are not known."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.path, *(str(number) for number in (self.line, self.column) if number)])


class Finding(NamedTuple):
    """Something found: `code` is its name for scripts, `hint` the way out."""

    severity: Severity
    code: str
    spot: Spot
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.spot}: {self.severity}: {self.message}{f' ({self.hint})' if self.hint else ''}"


def error(code: str, spot: Spot, message: str, hint: str = "") -> Finding:
    """Return what makes a template fail."""
    return Finding(Severity.ERROR, code, spot, message, hint)


def warning(code: str, spot: Spot, message: str, hint: str = "") -> Finding:
    """Return what is hardly meant."""
    return Finding(Severity.WARNING, code, spot, message, hint)


def meant(name: str, known: Collection[str], *, alike: float = ALMOST) -> str:
    """Return the known name that was meant, '' where none is near, or it is that one."""
    return "" if name in known else nearest(name, known, alike=alike)
