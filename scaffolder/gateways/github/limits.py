"""
How long GitHub wants to be left alone, read from its answers; and the clock by which we wait.

The rules are those of https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: obey `Retry-After`;
else, where nothing remains, `X-RateLimit-Reset`; else wait a minute, and each time twice as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SILENT = 60.0
"""Seconds to wait where GitHub refuses for its limits and does not say how long."""
_FORBIDDEN, _TOO_MANY = 403, 429
_SECONDARY = ("secondary rate limit", "please wait a few minutes", "please retry your request again later", "abuse")
_PRIMARY = "api rate limit exceeded"


class Wait(NamedTuple):
    """We wait for `seconds` more, and why."""

    seconds: float
    reason: str


Watcher = Callable[[Wait], None]
"""Told every second while we wait; 0 seconds is the end of it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """
    The time, in seconds of the epoch, and how to let it pass.

    `patience` is for how many seconds a connection, and the next bytes of an answer, are waited for: GitHub itself
    gives up after 10.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    patience: float = 30.0

    def wait(self, seconds: float, reason: str, watcher: Watcher) -> None:
        """Let so many seconds pass, and tell how many are left."""
        end = self.now() + seconds
        while (left := end - self.now()) > 0:
            watcher(Wait(left, reason))
            self.sleep(min(left, 1.0))
        watcher(Wait(0.0, reason))

    def time_in(self, seconds: float) -> str:
        """Return the time of day that it will be then, as a person reads it here."""
        then = datetime.fromtimestamp(self.now() + seconds, UTC).astimezone()
        return f"{then:%H:%M:%S}"


class Budget(NamedTuple):
    """How many requests GitHub takes in this hour, how many are left, and when (of the epoch) they are all back."""

    limit: int
    remaining: int
    reset: float


def budget(headers: Mapping[str, str]) -> Budget | None:
    """Read the budget of an answer; None where GitHub has no limits, as an Enterprise Server often."""
    found = [headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    if headers.get("x-ratelimit-resource", "core") != "core" or not all(text.isdecimal() for text in found):
        return None
    limit, remaining, reset = map(int, found)
    return Budget(limit, remaining, reset)


def asked_to_wait(status: int, headers: Mapping[str, str], message: str, *, now: float, turn: int) -> float | None:
    """
    Return for how many seconds an answer asks us to wait, None when it is not about limits.

    `turn` counts from 0 the times that we were asked to wait for the same request. Names of headers are lower case.
    """
    if status not in {_FORBIDDEN, _TOO_MANY}:
        return None
    if after := headers.get("retry-after", "").strip():
        return _seconds(after, now)
    said = message.lower()
    if status != _TOO_MANY and not said.startswith(_PRIMARY) and not any(sign in said for sign in _SECONDARY):
        return None
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(float(reset) - now, 0.0) + 1.0  # its clock and ours are not the same
    return SILENT * 2.0**turn


def _seconds(retry_after: str, now: float) -> float:
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return SILENT
