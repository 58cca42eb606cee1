"""
Teams and people of an organisation on GitHub, page by page.

Each question asks for a page of teams and some pages of people: the first time for the next one, later for those that
begin where they began the last time, as long as that holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.gateways.github.discovery import AT_ONCE, Crowd, Discovery, Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffolder.catalog.pages import Pages

Node = dict[str, Any]
"""A team or a person, as GraphQL gives it."""


@dataclass
class Crowds:
    """
    Reads teams and people through `discovery`; what has come is kept in `pages`.

    `began` is where pages of people began the last time, `begins` where they begin now.
    """

    discovery: Discovery
    pages: Pages
    began: Sequence[str]
    begins: list[str] = field(default_factory=list)
    _people: dict[str, Node] = field(default_factory=dict, init=False)

    def read(self) -> tuple[list[Node], list[Node]]:
        """
        Return all teams and all people, each once.

        Raises:
            ScaffolderError: They may not be seen, or GitHub cannot be asked now.
        """
        teams: dict[str, Node] = {}
        after: str | None = ""
        queue = list(self.began)
        while after is not None or queue:
            crowd = self._crowd(after, queue[:AT_ONCE])
            if crowd.teams is not None:
                teams |= {node["slug"]: node for node in crowd.teams.nodes if node}
                after = crowd.teams.end or None
            queue = self._follow(crowd.people, queue)
        return list(teams.values()), list(self._people.values())

    def _follow(self, pages: Mapping[str, Page], queue: Sequence[str]) -> list[str]:
        """Take pages of people, and return where to read on."""
        for number, after in enumerate(queue[:AT_ONCE], start=1):
            page = pages[after]
            self.begins.append(after)
            self._people |= {node["login"]: node for node in page.nodes if node}
            if not page.end:
                return []
            if queue[number : number + 1] != [page.end]:  # the next one begins elsewhere now
                return [page.end]
        return list(queue[AT_ONCE:])

    def _crowd(self, teams: str | None, people: Sequence[str]) -> Crowd:
        """Return pages that have come already, and ask for the others."""
        wanted = teams if teams is not None and self.pages.get(_teams(teams)) is None else None
        missing = [after for after in people if self.pages.get(_people(after)) is None]
        if missing or wanted is not None:
            came = self.discovery.crowd(wanted, missing)
            pages = {_people(after): page for after, page in came.people.items()}
            if wanted is not None and came.teams is not None:
                pages[_teams(wanted)] = came.teams
            self.pages.put(pages, at=self.discovery.began)
        found = None if teams is None else Page(*self.pages.get(_teams(teams)))
        return Crowd(found, {after: Page(*self.pages.get(_people(after))) for after in people})


def _teams(after: str) -> str:
    return f"teams {after}"


def _people(after: str) -> str:
    return f"people {after}"
