"""
GitHub asked by its own rules: one request at a time, and what is written no faster than once a second.

Doubt is never guessed away. What reads, or says how something shall be (PUT, PATCH, DELETE), is sent again when its
answer is lost; what makes something new (POST) is not: `InDoubt` tells the caller to look. `ensure` does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

from scaffolder.gateways.github.limits import Budget, Clock, Wait, Watcher, asked_to_wait, budget
from scaffolder.gateways.github.refusals import LimitReached, Unavailable, doing, refusal, said
from scaffolder.gateways.github.transport import PAGE, Answer, NoAnswer, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scaffolder.gateways.github.server import Server

T = TypeVar("T")

AGAIN: Final = (1.0, 2.0, 4.0, 8.0)
"""Seconds before what failed is sent, or looked for, again."""
APPEARS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)
"""Seconds between looks for what was just made: GitHub may say for two minutes that it is not there."""
LONGEST_WAIT: Final = 300.0
"""Seconds that we wait, for one request."""
BETWEEN_WRITES: Final = 1.0

_OK, _FORBIDDEN, _MISSING, _CONFLICT, _INVALID, _TROUBLE = 200, 403, 404, 409, 422, 500
_IN_PROGRESS = "operation is still in progress"
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')


class InDoubt(Exception):  # noqa: N818  for our own callers: they look
    """Something new was asked for, and the answer was lost: it may be there."""

    def __init__(self, error: Unavailable) -> None:
        super().__init__(error.message)
        self.error = error


def ignore(_wait: Wait) -> None:
    """Watch nothing."""


@dataclass
class Client:
    """
    Asks the GitHub at `server`, in the name of whoever `token` stands for; '' is nobody.

    `watcher` is told each second while we wait; for one request that is `longest_wait` seconds at most. `sent` counts
    requests; `budget` is what the last answer said.
    """

    server: Server
    token: Callable[[], str]
    clock: Clock = field(default_factory=Clock)
    watcher: Watcher = ignore
    longest_wait: float = LONGEST_WAIT
    sent: int = 0
    budget: Budget | None = None
    _transport: Transport = field(init=False, repr=False)
    _written: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        self._transport = Transport(self.server.api, self.token, self.clock.patience)

    def get(self, path: str, query: Mapping[str, str] | None = None, *, expect: Sequence[int] = (200,)) -> Answer:
        """Ask for what is at `path`; a status that is not expected is raised."""
        return self.request("GET", f"{path}?{urlencode(query)}" if query else path, expect=expect)

    def find(self, path: str) -> Any:
        """Return what is at `path`, None when there is nothing, or nothing that we may see."""
        answer = self.get(path, expect=(200, _MISSING))
        return None if answer.status == _MISSING else answer.body

    def pages(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Yield the items of a list, page after page."""
        answer = self.get(path, {"per_page": str(PAGE), **(query or {})})
        while True:
            yield from answer.body
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            answer = self.get(self._below(following[1]))

    def request(
        self,
        verb: str,
        path: str,
        body: Any = None,
        *,
        expect: Sequence[int] = (200, 201, 202, 204),
        fresh: bool = False,
    ) -> Answer:
        """
        Send a request until it has an answer; with `fresh`, a 404 is waited out: what is there was just made.

        Raises:
            InDoubt: A POST has no answer.
            Unavailable: GitHub cannot be reached, or has trouble of its own, for some time.
            LimitReached: It wants to be left alone for longer than we wait.
            ScaffolderError: The status is none of those that are expected; `refusals` says which.
        """
        waits = _Waits()
        while True:
            answer = self._send(verb, path, body, waits)
            if answer is None:
                continue
            premature = fresh and answer.status == _MISSING
            if not (premature or _in_progress(answer)) or waits.appearing >= len(APPEARS):
                return self._expected(verb, path, answer, expect)
            self.pause(APPEARS[waits.appearing], f"{self.server.host} is not ready with it yet")
            waits.appearing += 1

    def query(self, path: str, body: Any, *, again: int = len(AGAIN)) -> Answer:
        """
        Ask by a POST that changes nothing: as a GET, it is not paced, and sent again when its answer is lost.

        Every status below 500 is returned. What fails is sent `again` so many times: a question that is too large
        fails each time.

        Raises:
            Unavailable: GitHub cannot be reached, or has trouble of its own.
            LimitReached: It wants to be left alone for longer than we wait.
        """
        waits = _Waits(most=again, reads=True)
        while True:
            answer = self._send("POST", path, body, waits)
            if answer is not None:
                return answer

    def ensure(self, look: Callable[[], T | None], make: Callable[[], T]) -> T:
        """
        Return what `look` finds, else what `make` makes: where that is in doubt, look again before making it again.

        Raises:
            Unavailable: It is still in doubt after some time.
        """
        for pause in AGAIN:
            found = look()
            if found is not None:
                return found
            try:
                return make()
            except InDoubt as doubt:
                last = doubt
                self.pause(pause, last.error.message)
        found = look()
        if found is not None:
            return found
        raise last.error

    def appears(self, look: Callable[[], T | None]) -> T | None:
        """Return what `look` finds, waiting for what is there and cannot be seen yet; None when it never appears."""
        for pause in APPEARS:
            found = look()
            if found is not None:
                return found
            self.pause(pause, f"{self.server.host} does not show yet what was made")
        return look()

    def pause(self, seconds: float, reason: str) -> None:
        """Let some time pass before the same is asked again."""
        self.clock.wait(seconds, reason, self.watcher)

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()

    def _send(self, verb: str, path: str, body: Any, waits: _Waits) -> Answer | None:
        """Return an answer that means something, or None after a wait: then the same is to be sent again."""
        kind = "GET" if waits.reads else verb
        self._pace(kind)
        try:
            answer = self._transport.send(verb, path, body=body)
        except NoAnswer as error:
            self._note(kind)
            self._fail(kind, error, waits)
            return None
        self._note(kind)
        answer = _limit_of_query(answer) if waits.reads else answer
        self.budget = budget(answer.headers) or self.budget
        limit = asked_to_wait(answer.status, answer.headers, answer.message, now=self.clock.now(), turn=waits.limited)
        if limit is not None:
            self._obey(limit, waits)
            return None
        if answer.status >= _TROUBLE:
            self._fail(kind, NoAnswer(f"has trouble of its own (it answered {answer.status})"), waits)
            return None
        return answer

    def _fail(self, verb: str, error: NoAnswer, waits: _Waits) -> None:
        """Wait before a request that failed is sent again, where that is safe and may help."""
        failed = Unavailable(self.server.host, error.reason, hint=error.hint, began=error.began)
        if verb == "POST" and error.began:
            raise InDoubt(failed)
        if not error.again or waits.failed >= waits.most or AGAIN[waits.failed] > self.longest_wait:
            raise failed
        self.pause(AGAIN[waits.failed], failed.message)
        waits.failed += 1

    def _obey(self, seconds: float, waits: _Waits) -> None:
        """Wait as we were told to, a second at least, unless that is too long."""
        seconds = max(seconds, 1.0)
        waits.obeyed += seconds
        if waits.obeyed > self.longest_wait:
            raise LimitReached(self.server.host, seconds=seconds, until=self.clock.time_in(seconds))
        self.pause(seconds, f"{self.server.host} takes no more requests for now")
        waits.limited += 1

    def _pace(self, verb: str) -> None:
        """Keep writes apart."""
        left = self._written + BETWEEN_WRITES - self.clock.now()
        if verb != "GET" and left > 0:
            self.clock.sleep(min(left, BETWEEN_WRITES))

    def _note(self, verb: str) -> None:
        self.sent += 1
        if verb != "GET":
            self._written = self.clock.now()

    def _expected(self, verb: str, path: str, answer: Answer, expect: Sequence[int]) -> Answer:
        if answer.status in expect:
            return answer
        raise refusal(self.server.host, doing(verb, path), answer, token=bool(self.token()))

    def _below(self, url: str) -> str:
        """Return the path of the next page, which GitHub gives as a whole address."""
        here, there = urlsplit(self.server.api), urlsplit(url)
        return there.path.removeprefix(here.path) + (f"?{there.query}" if there.query else "")


@dataclass
class _Waits:
    """
    How often one request was waited for: after failures, for limits (and how long), for what was just made.

    What fails is sent again `most` times; `reads` tells that it changes nothing, whatever its verb.
    """

    most: int = len(AGAIN)
    failed: int = 0
    limited: int = 0
    obeyed: float = 0.0
    appearing: int = 0
    reads: bool = False


def _in_progress(answer: Answer) -> bool:
    return answer.status in {_CONFLICT, _INVALID} and any(_IN_PROGRESS in line.lower() for line in said(answer))


def _limit_of_query(answer: Answer) -> Answer:
    """Return an answer of GraphQL, which is 200 for a limit too, as REST would have said that."""
    errors = answer.body.get("errors") if answer.status == _OK and isinstance(answer.body, dict) else None
    for error in errors or []:
        if error.get("type") == "RATE_LIMITED":
            return Answer(_FORBIDDEN, answer.headers, {"message": error.get("message") or "API rate limit exceeded"})
    return answer
