"""What can go wrong with one request, and the requests that it can go wrong with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.github.faults import Trouble

if TYPE_CHECKING:
    from tests.github.received import Received

FOR_EVER: Final = 10_000


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A column of the matrix.

    It strikes the request `times` times; with `outage`, everything that is asked from then on, until the program ends.
    """

    name: str
    trouble: Trouble
    times: int = 1
    retry_after: int | None = None
    outage: bool = False


API: Final = (
    Kind("connection refused, for 3 s", Trouble.REFUSED),
    Kind("connection refused, from then on", Trouble.REFUSED, outage=True),
    Kind("reset before", Trouble.RESET_BEFORE),
    Kind("reset after it took effect", Trouble.RESET_AFTER),
    Kind("time-out after it took effect", Trouble.TIMEOUT_AFTER),
    Kind("500", Trouble.ERROR),
    Kind("502 after it took effect", Trouble.BAD_GATEWAY_AFTER),
    Kind("403, permission", Trouble.FORBIDDEN, times=FOR_EVER),
    Kind("403, secondary limit, `Retry-After`", Trouble.SECONDARY_LIMIT, retry_after=5),
    Kind("403, secondary limit, nothing said", Trouble.SECONDARY_LIMIT),
    Kind("403, secondary limit, from then on", Trouble.SECONDARY_LIMIT, outage=True),
    Kind("429", Trouble.TOO_MANY),
    Kind("429, `Retry-After` of an hour", Trouble.TOO_MANY, retry_after=3600),
    Kind("404 after create", Trouble.NOT_FOUND, times=3),
    Kind("422, operation in progress", Trouble.IN_PROGRESS, times=2),
)
"""What is tried with every request to the API."""
GIT: Final = (
    Kind("connection refused, from then on", Trouble.REFUSED, outage=True),
    Kind("reset before", Trouble.RESET_BEFORE, times=2),
    Kind("reset after it took effect", Trouble.RESET_AFTER),
    Kind("500", Trouble.ERROR),
    Kind("502 after it took effect", Trouble.BAD_GATEWAY_AFTER),
    Kind("403, permission", Trouble.FORBIDDEN, times=FOR_EVER),
    Kind("429", Trouble.TOO_MANY),
    Kind("404 after create", Trouble.NOT_FOUND, times=3),
)
"""What is tried with every request of git."""
PUSH: Final = (
    Kind("push refused by a hook", Trouble.HOOK, times=FOR_EVER),
    Kind("push cut", Trouble.CUT, times=2),
    Kind("push, reply lost", Trouble.RESET_AFTER, times=2),
    Kind("push stalled", Trouble.STALLED),
)
"""What is tried with every push beside that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A request of the run that meets no trouble: the `nth` with its method and path, and the `position`-th of all.

    `looked_for` when it creates what is looked at afterwards: a 404 after create is met by the looks, else by itself.
    """

    position: int
    method: str
    path: str
    query: str
    nth: int
    git: bool
    looked_for: bool

    @property
    def name(self) -> str:
        """How the table calls it."""
        word = self.query.removeprefix("service=git-") if self.git else ""
        return f"{self.position}. {self.method} {self.path}{f' ({word})' if word else ''}"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What is tried with it."""
        if not self.git:
            return API
        return GIT + PUSH if self.path.endswith("/git-receive-pack") else GIT


def asked(requests: list[Received]) -> list[Asked]:
    """Return what was asked, each known again by its number."""
    found: list[Asked] = []
    for position, one in enumerate(requests, 1):
        nth = 1 + sum((one.method, one.path) == (before.method, before.path) for before in found)
        looked_for = (one.method, one.status) == ("POST", 201) and one.path.endswith(("/repos", "/pulls"))
        found.append(Asked(position, one.method, one.path, one.query, nth, one.git, looked_for))
    return found
