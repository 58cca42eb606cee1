"""
How much somebody may still ask.

Every answer but a 304 costs one. Searches have limits of their own, by the minute. The secondary limits, which are
about pace, hold when a test wants them: they need a clock that goes on as the program waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.github.refusals import SECONDARY, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = {
    "core": (5000, 3600),
    "search": (30, 60),
    "code_search": (10, 60),
    "graphql": (5000, 3600),
    "integration_manifest": (5000, 3600),
}
"""The requests of a resource, and the seconds they are for."""
POINTS, READ, WRITE = 900, 1, 5
"""What a minute holds, and what a request takes of it."""
CREATED = ((60, 80), (3600, 500))
"""In so many seconds, so much content may be created."""


@dataclass(slots=True)
class Window:
    """The requests of one resource until `reset`."""

    limit: int
    seconds: int
    reset: int = 0
    used: int = 0

    @property
    def remaining(self) -> int:
        """What is left."""
        return max(self.limit - self.used, 0)

    def shown(self) -> dict[str, int]:
        """Return it as the API says it."""
        return {"limit": self.limit, "remaining": self.remaining, "reset": self.reset, "used": self.used}


@dataclass(slots=True)
class Rates:
    """
    The windows of everybody together; `spent` counts all that was ever charged, by resource.

    With `paced` the secondary limits hold, too. `largest_question` is how many things GraphQL has the time to name.
    """

    clock: Callable[[], float]
    windows: dict[str, Window] = field(default_factory=lambda: {name: Window(*each) for name, each in LIMITS.items()})
    spent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LIMITS, 0))
    paced: bool = False
    largest_question: int = 500_000
    _points: list[tuple[float, int]] = field(default_factory=list)
    _created: list[float] = field(default_factory=list)

    def window(self, resource: str) -> Window:
        """Return what holds now."""
        found = self.windows[resource]
        if self.clock() >= found.reset:
            found.used, found.reset = 0, int(self.clock()) + found.seconds
        return found

    def charge(self, resource: str, number: int = 1) -> None:
        """Count one, or more."""
        self.window(resource).used += number
        self.spent[resource] += number

    def check(self, resource: str) -> None:
        """Refuse when nothing is left."""
        if self.window(resource).remaining <= 0:
            raise Refused(403, "API rate limit exceeded for user ID 1001.")

    def check_pace(self, *, writes: bool, creates: bool) -> None:
        """Count a request; refuse it when it comes too soon after too many."""
        now = self.clock()
        self._points.append((now, WRITE if writes else READ))
        self._created += [now] if creates else []
        points = sum(each for when, each in self._points if when > now - 60)
        many = any(sum(when > now - seconds for when in self._created) > most for seconds, most in CREATED)
        if self.paced and (points > POINTS or (creates and many)):
            raise Refused(403, SECONDARY, headers={"Retry-After": "60"})

    def headers(self, resource: str) -> dict[str, str]:
        """Return what every answer says about it."""
        shown = self.window(resource).shown()
        return {f"X-RateLimit-{name.capitalize()}": str(value) for name, value in shown.items()} | {
            "X-RateLimit-Resource": resource
        }
