"""
What GitHub's API has below one repository.

Saying how something shall be (PUT, PATCH) can be repeated. What makes something new (POST) finds it there the second
time: each function that makes says how it is known again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, urlencode

from scaffolder.gateways.github.client import AGAIN, InDoubt
from scaffolder.gateways.github.refusals import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scaffolder.gateways.github.client import Client
    from scaffolder.gateways.github.transport import Answer

T = TypeVar("T")

OK: Final = (200, 201, 202, 204)
CREATED, NO_CONTENT, MISSING, CONFLICT, INVALID = 201, 204, 404, 409, 422
_EXISTS = ("already exists", "already_exists", "already enabled", "must be unique")


@dataclass(frozen=True, slots=True)
class RepositoryApi:
    """The API below `OWNER/NAME`; `fresh` when it was just made, and may not be seen everywhere yet."""

    client: Client
    full_name: str
    fresh: bool = False

    @property
    def page(self) -> str:
        """The repository's page."""
        return self.client.server.repository(self.full_name)

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.full_name.partition("/")[0]

    def request(self, verb: str, below: str, body: Any = None, *, expect: Sequence[int] = OK) -> Answer:
        """Send a request for what is below the repository."""
        path = f"/repos/{self.full_name}{below}"
        return self.client.request(verb, path, body, expect=expect, fresh=self.fresh)

    def find(self, below: str, query: Mapping[str, str] | None = None) -> Any:
        """Return what is there, None when there is nothing, or nothing that we may see."""
        return self.client.find(f"/repos/{self.full_name}{below}{f'?{urlencode(query)}' if query else ''}")

    def pages(self, below: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Yield the items of a list."""
        return self.client.pages(f"/repos/{self.full_name}{below}", query)

    def insist(self, make: Callable[[int], T]) -> T:
        """
        Return what `make` returns: it may be said twice, and is said again where its answer was lost.

        It is told how many were, for then what it finds may be its own.
        """
        attempts = count()
        return self.client.ensure(lambda: None, lambda: make(next(attempts)))

    def make(self, make: Callable[[], T], look: Callable[[], T | None], *, maybe_there: bool) -> T:
        """Return what `make` made, or `look` finds; we look first when it may be there from an earlier attempt."""
        if maybe_there:
            return self.client.ensure(look, make)
        try:
            return make()
        except InDoubt as doubt:
            self.client.pause(AGAIN[0], doubt.error.message)
        return self.client.ensure(look, make)


def part(text: str) -> str:
    """Return a name as one part of a path."""
    return quote(text, safe="")


def exists_already(answer: Answer) -> bool:
    """Tell whether GitHub refused for what is wanted is there."""
    lines = " ".join(said(answer)).lower()
    return answer.status in {CONFLICT, INVALID} and any(sign in lines for sign in _EXISTS)
