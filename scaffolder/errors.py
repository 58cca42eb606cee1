"""
Every failure a user can meet, with its exit code and the way out.

    ScaffolderError
    ├── Failed        1   the machine or a template let us down: disk, permissions, a rendering error
    ├── InvalidInput  2   what was given is wrong: a name, an answer, a file, a setting, an option
    ├── Conflict      3   it exists already, or two things want the same place
    ├── TryAgain      4   nothing was begun; later it may work: network, rate limit, a lock
    ├── Stopped       5   stopped midway; the hint says how to resume
    └── Interrupted   130 the person pressed ctrl-c

Modules derive their own from these, named by what went wrong (`NameTaken(Conflict)`). Errors never print: the command
line shows `message`, each of `details` on a line of its own, and `hint`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Place(NamedTuple):
    """
    Where in a user's file something is wrong.

    `line` counts from 1; `document` counts from 1 inside a multi-document YAML file; `field` is a dotted path.
    """

    file: str
    line: int | None = None
    document: int | None = None
    field: str = ""

    def __str__(self) -> str:
        line = f":{self.line}" if self.line is not None else ""
        document = f" (document {self.document})" if self.document is not None else ""
        field = f" {self.field}" if self.field else ""
        return f"{self.file}{line}{document}{field}"


LONGEST: Final = 2_000
"""Characters of a message: what somebody else has written may stand in it."""


class ScaffolderError(Exception):
    """
    A failure that a person can do something about.

    `message` says what happened to what; `hint` is what to type or do next; `details` are further lines, for when
    several things are wrong at once.
    """

    exit_code = 1

    def __init__(
        self, message: str, *, hint: str = "", place: Place | None = None, details: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        said = message if len(message) <= LONGEST else f"{message[:LONGEST]}…"
        self.message = said if place is None else f"{place}: {said}"
        self.hint = hint
        self.place = place
        self.details = details

    def __str__(self) -> str:
        return self.message

    def move(self, place: Place) -> None:
        """Say more exactly where it is."""
        bare = self.message.removeprefix(f"{self.place}: ") if self.place else self.message
        self.place, self.message = place, f"{place}: {bare}"

    @property
    def code(self) -> str:
        """The name that scripts can rely on: the class's own, in kebab-case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()


class Failed(ScaffolderError):
    """The machine or a template let us down."""

    exit_code = 1


class InvalidInput(ScaffolderError):
    """What the person gave is wrong."""

    exit_code = 2


class Conflict(ScaffolderError):
    """Something is in the way, and is not ours to move."""

    exit_code = 3


class TryAgain(ScaffolderError):
    """Nothing was begun, and later it may work."""

    exit_code = 4


class Stopped(ScaffolderError):
    """A task stopped midway and can be resumed."""

    exit_code = 5

    def __init__(self, message: str, *, task_id: str, hint: str = "", details: tuple[str, ...] = ()) -> None:
        way_out = hint or f"scaffolder tasks resume {task_id}   (or: scaffolder tasks rollback {task_id})"
        super().__init__(message, hint=way_out, details=details)
        self.task_id = task_id


class Interrupted(ScaffolderError):
    """The person pressed ctrl-c."""

    exit_code = 130


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` for the nearest of `known`, or ''."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else ""


def nearest(word: str, known: Iterable[str], *, alike: float = 0.6) -> str:
    """Return the one of `known` that was probably meant, or ''; capitals do not count."""
    from difflib import get_close_matches

    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=alike)
    return by_lower[near[0]] if near else ""
