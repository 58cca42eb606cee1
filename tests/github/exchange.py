"""One question to the API and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.github.refusals import Refused, not_found, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.github.rates import Rates
    from tests.github.state import App, Organization, Repository, State, User
    from tests.github.tokens import Token


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `body` is JSON, None where there is none."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """
    A list that is answered in pages.

    `show` makes the JSON of one item, so that only what is on the page is made. With `key` the page is an object with
    `total_count` and the items under that key.
    """

    items: Sequence[Any]
    show: Callable[[Any], Any]
    key: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A question that found its operation: `at` are the parameters of the path, `body` is what the JSON says."""

    state: State
    method: str
    path: str
    at: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    token: Token | None
    rates: Rates
    found: Repository | None = None
    signed: App | None = None

    @property
    def in_repository(self) -> bool:
        """Whether the path names a repository."""
        return "repo" in self.at or "template_repo" in self.at

    @property
    def repository(self) -> Repository:
        """The repository of the path, which the caller may see."""
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def app(self) -> App:
        """The app that signed."""
        if self.signed is None:
            raise not_found()
        return self.signed

    @property
    def actor(self) -> User:
        """Who asks."""
        if self.token is None:
            raise not_found()
        return self.token.user

    @property
    def organization(self) -> Organization:
        """The organisation of the path."""
        found = self.state.organizations.get(self.at["org"].lower())
        if found is None:
            raise not_found()
        return found

    @property
    def said(self) -> dict[str, Any]:
        """The JSON object that was sent."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise Refused(400, "Body should be a JSON object")
        return self.body

    def need(self, name: str) -> Any:
        """Return what must have been said."""
        if self.said.get(name) is None:
            raise unprocessable(f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        return self.said[name]
