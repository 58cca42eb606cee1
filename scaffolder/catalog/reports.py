"""
What is told of locations: what they hold, what is wrong there, and the names they fight over.

Here, and wherever every command passes, a value without rules of its own is a named tuple: a dataclass takes five times
as long to define, and thirty of them are as slow as all of click.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from scaffolder.catalog.entity import EntityRef
    from scaffolder.errors import Place, ScaffolderError

BACKSTAGE = "backstage:"
"""What the name of a location begins with that is a running Backstage."""
GITHUB = "github:"
"""What the name of a location begins with that is all that an organisation, or a person, has on GitHub."""

Progress = Callable[[int, int], None]
"""Is told how many entities have come, of how many; 0 while that is not known."""


def silent(_number: int, _total: int) -> None:
    """Tell nobody."""


class LocationProblem(NamedTuple):
    """What is wrong where."""

    place: Place
    message: str

    @property
    def field(self) -> str:
        """The field that is wrong, or ''."""
        return self.place.field

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class Claim(NamedTuple):
    """One name and every place that claims it: the first holds it. `reserved_by` is the task that reserved it."""

    ref: EntityRef
    places: tuple[Place, ...]
    reserved_by: str = ""


class LocationState(NamedTuple):
    """A location as it was last read; `task_id` is the task that registered it, '' for a person."""

    target: str
    read_at: datetime | None
    entities: int
    problems: tuple[LocationProblem, ...]
    task_id: str = ""


class Ingest(NamedTuple):
    """
    What reading a location changed, in entities, and what is wrong there.

    `failed` says why it could not be read this time; then nothing has changed.
    """

    target: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    problems: tuple[LocationProblem, ...] = ()
    conflicts: tuple[Claim, ...] = ()
    failed: ScaffolderError | None = None
