"""
What can go wrong, programmed for the n-th request that fits.

    fault = github.faults.add(Trouble.BAD_GATEWAY_AFTER, "POST", "/orgs/acme/repos")
    …
    assert fault.fired
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tests.github.refusals import SECONDARY, Refused, forbidden, invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.received import Received


class Trouble(Enum):
    """A kind of fault; "after" means that what was asked for took effect."""

    REFUSED = auto()
    """Nobody listens: from the answer before on, a new connection is refused, until `lasting` is over or `listen()`."""
    RESET_BEFORE = auto()
    """
    The connection is reset when the request has been read.

    What git uses asks again by itself, once, when a connection that it kept is reset before any answer: for a push that
    fails, here and with `CUT`, say `times=2`.
    """
    RESET_AFTER = auto()
    CUT = auto()
    """The connection is reset in the middle of the request's body."""
    STALLED = auto()
    """The request is read, and nothing else ever happens."""
    TIMEOUT_AFTER = auto()
    """It took effect, and no answer comes."""
    ERROR = auto()
    """500, without effect."""
    BAD_GATEWAY = auto()
    """502, without effect."""
    BAD_GATEWAY_AFTER = auto()
    """502, and it took effect."""
    FORBIDDEN = auto()
    """403: the token may not do that."""
    SECONDARY_LIMIT = auto()
    """403: too much at once; with `Retry-After` when the fault has `retry_after`."""
    TOO_MANY = auto()
    """429, with `Retry-After` when the fault has `retry_after`."""
    PRIMARY_LIMIT = auto()
    """403: nothing is left of the hour; when it is over stands in `x-ratelimit-reset`."""
    NOT_FOUND = auto()
    """404, without effect."""
    NOT_FOUND_AFTER_CREATE = auto()
    """It is created and answered as ever; then for `times` requests it is not there."""
    IN_PROGRESS = auto()
    """422: an operation on the repository is still going on."""
    HOOK = auto()
    """A push is refused by a hook of the server."""


AFTER = frozenset(
    {Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER, Trouble.BAD_GATEWAY_AFTER, Trouble.NOT_FOUND_AFTER_CREATE}
)
"""These take effect first."""
SILENT = frozenset(
    {Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.CUT, Trouble.STALLED, Trouble.TIMEOUT_AFTER, Trouble.REFUSED}
)
"""These give no answer."""


@dataclass(slots=True)
class Fault:
    """
    One fault, for the requests `nth` to `nth + times - 1` that fit `method` and `path`.

    `path` is as in the API ("/repos/*/topics", '*' spans '/'), or that of git ("*/git-receive-pack"), without a query.
    `lasting` bounds, in seconds, how long silence or a refused connection holds. `fired` counts how often it struck.
    """

    trouble: Trouble
    method: str = "*"
    path: str = "*"
    nth: int = 1
    times: int = 1
    retry_after: int | None = None
    lasting: float = 30.0
    seen: int = 0
    fired: int = 0
    _struck: threading.Event = field(default_factory=threading.Event)

    def strike(self) -> None:
        """Count that it struck."""
        self.fired += 1
        self._struck.set()

    def wait(self, seconds: float = 10) -> bool:
        """Wait until it has struck, to do something to the program in that moment; tell whether it did."""
        return self._struck.wait(seconds)

    def fits(self, request: Received) -> bool:
        """Tell whether this request is counted."""
        return self.method in ("*", request.method) and fnmatchcase(request.path.lower(), self.path.lower())

    def due(self, request: Received) -> bool:
        """Count a request; tell whether the fault strikes it."""
        if not self.fits(request):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + (1 if self.trouble is Trouble.NOT_FOUND_AFTER_CREATE else self.times)

    def refusal(self, reset: int) -> Refused:
        """Return the answer of a fault that answers; `reset` is when the rate limit's hour ends."""
        wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        left = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
        answers = {
            Trouble.ERROR: Refused(500, "Server Error"),
            Trouble.BAD_GATEWAY: Refused(502, "Server Error"),
            Trouble.BAD_GATEWAY_AFTER: Refused(502, "Server Error"),
            Trouble.FORBIDDEN: forbidden(
                "Resource not accessible by personal access token",
                X_Accepted_GitHub_Permissions="administration=write",
            ),
            Trouble.SECONDARY_LIMIT: Refused(403, SECONDARY, headers=wait),
            Trouble.TOO_MANY: Refused(429, SECONDARY, headers=wait),
            Trouble.PRIMARY_LIMIT: Refused(403, "API rate limit exceeded for user ID 1001.", headers=left),
            Trouble.NOT_FOUND: not_found(),
            Trouble.IN_PROGRESS: invalid(
                "Repository", "base", "custom", message="A previous repository operation is still in progress."
            ),
        }
        return answers[self.trouble]


@dataclass(slots=True)
class Absent:
    """What was created and is not to be seen yet: everything at `path` and below, `left` times."""

    path: str
    left: int
    fault: Fault

    def hides(self, path: str) -> bool:
        """Tell whether a request finds nothing because of this, and count it."""
        below = path.lower() == self.path.lower() or path.lower().startswith(self.path.lower() + "/")
        if self.left <= 0 or not below:
            return False
        self.left -= 1
        self.fault.strike()
        return True


@dataclass(slots=True)
class Faults:
    """All that were programmed, and what they left behind."""

    programmed: list[Fault] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(  # noqa: PLR0913  each says one thing about when or how
        self,
        trouble: Trouble,
        method: str = "*",
        path: str = "*",
        *,
        nth: int = 1,
        times: int = 1,
        retry_after: int | None = None,
        lasting: float = 30.0,
    ) -> Fault:
        """Program a fault; it says in `fired` whether it struck."""
        fault = Fault(trouble, method, path, nth, times, retry_after, lasting)
        if trouble is Trouble.REFUSED and nth < 2:
            raise ValueError("a connection is refused from the answer before on: there is none before the first")
        with self._lock:
            self.programmed.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self.programmed.clear()
            self.absent.clear()

    def strikes(self, request: Received) -> Fault | None:
        """Return the fault that strikes this request; every one that fits counts it."""
        with self._lock:
            due = [fault for fault in self.programmed if fault.trouble is not Trouble.REFUSED and fault.due(request)]
        return due[0] if due else None

    def hides(self, request: Received) -> bool:
        """Tell whether what is asked for was created and is not there yet."""
        with self._lock:
            return any(absent.hides(request.path) for absent in self.absent)

    def hide(self, path: str, fault: Fault) -> None:
        """Let nobody see `path` for a while."""
        with self._lock:
            self.absent.append(Absent(path, fault.times, fault))

    def refusing(self, answered: Received) -> Fault | None:
        """Return the fault because of which nobody listens once `answered` has its answer."""
        with self._lock:
            waiting = [fault for fault in self.programmed if fault.trouble is Trouble.REFUSED and fault.fits(answered)]
            for fault in waiting:
                fault.seen += 1
            return next((fault for fault in waiting if fault.seen == fault.nth - 1), None)


def position(requests: Sequence[Received], method: str, path: str, nth: int = 1) -> int:
    """Return which request of all it was that is the n-th to fit; `REFUSED` is programmed by this number."""
    fitting = Fault(Trouble.REFUSED, method, path)
    return [number for number, each in enumerate(requests, 1) if fitting.fits(each)][nth - 1]
