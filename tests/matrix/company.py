"""
A company on the double of GitHub, and what must be true of it when somebody has tried to make a service there.

It is looked at as GitHub has it, not as the program tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.task.journal import TaskStatus
from tests.matrix.person import FULL, NAME, Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.github.server import GitHub
    from tests.github.state import Pull

CATALOG = "acme/catalog"
MAIN, BRANCH = "refs/heads/main", "refs/heads/register/component-default-shop"
ENTRY = "locations/component-default-shop.yaml"
TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: parcels}
spec: {type: team, children: []}
"""


def founded(github: GitHub, *, private: bool = False) -> str:
    """Make the company; return the token of mona, who owns it."""
    token = github.add_user("mona", name="Mona Lisa", email="mona@acme.example")
    github.add_organization("acme", members={"mona": "admin", "hubot": "member"})
    github.add_team("acme", "parcels", members=["mona"])
    github.add_repository(CATALOG, files={"teams.yaml": TEAM.encode()}, private=private, by="mona")
    return token


@dataclass
class Company:
    """The company, and the only person in it who does anything."""

    github: GitHub
    person: Person

    def wrong_when_born(self) -> list[str]:
        """Return what is missing, doubled or left over where a service was made."""
        return [*self._wrong_repository(), *self._wrong_catalog(), *self._wrong_at_home(["component:default/shop"])]

    def waits_to_be_merged(self) -> bool:
        """Tell whether all is made, but the pull request is still open."""
        return [(one.issue.state, one.draft) for one in self.pulls()] == [("open", False)]

    def wrong_when_waiting(self) -> list[str]:
        """Return what is wrong where the entry waits in its pull request for somebody who may merge it."""
        reserved = ["component:default/shop reserved"]
        return [*self._wrong_repository(), *self._wrong_proposal(), *self._wrong_at_home(reserved)]

    def wrong_when_refused(self) -> list[str]:
        """Return what is left where nothing was made."""
        wrong = [f"there is {name}" for name in self.github.names() if name != CATALOG]
        wrong += [f"the catalog repository has {ref}" for ref in self.catalog_refs() if ref != MAIN]
        wrong += [f"the catalog has {path}" for path in self.entries()]
        wrong += [f"pull request {pull.issue.number} is open" for pull in self.pulls() if pull.issue.state == "open"]
        wrong += [f"at home there is {each}" for each in self.person.known()]
        wrong += [
            f"{place} is there" for place in (self.person.home / "work").iterdir() if place.name != "scaffolder.yaml"
        ]
        return [*wrong, *self._untidy()]

    def _wrong_repository(self) -> Iterator[str]:
        if self.github.names() != [CATALOG, NAME]:
            yield f"there are {self.github.names()}"
            return
        there = self.github.repository(NAME)
        yield from _differences(
            ("default branch", there.default_branch, "main"),
            ("homepage", there.settings.get("homepage") or "", ""),
            ("visibility", there.visibility, "private"),
            ("archived", there.archived, False),
            ("branches", [ref for ref in there.refs() if ref.startswith("refs/heads/")], [MAIN]),
            ("marks", len([ref for ref in there.refs() if ref.startswith("refs/scaffolder/task/")]), 1),
            ("topics", there.topics, FULL["topics"]),
            ("wiki", there.settings.get("has_wiki", True), False),
            ("teams", dict(there.teams), {"parcels": "write"}),
            ("variables", {name: one["value"] for name, one in there.variables.items()}, FULL["repoVariables"]),
            ("secrets", list(there.secrets), ["DEPLOY"]),
            ("environments", list(there.environments), ["production"]),
            ("protected branches", list(there.protections), ["main"]),
            ("the label", "onboarding" in there.labels, True),
        )

    def _wrong_catalog(self) -> Iterator[str]:
        pulls = self.pulls()
        yield from _differences(
            ("refs of the catalog repository", self.catalog_refs(), [MAIN]),
            ("entries", self.entries(), [ENTRY]),
            ("pull requests", len(pulls), 1),
            ("merged", [one.merged is not None for one in pulls], [True]),
        )

    def _wrong_proposal(self) -> Iterator[str]:
        there = self.github.repository(CATALOG)
        yield from _differences(
            ("refs of the catalog repository", self.catalog_refs(), [MAIN, BRANCH]),
            ("the entry on the branch", ENTRY in there.files(BRANCH.removeprefix("refs/heads/")), True),
            ("entries", self.entries(), []),
        )

    def _wrong_at_home(self, known: list[str]) -> Iterator[str]:
        yield from _differences(
            ("the task", self.person.task().status, TaskStatus.COMPLETED),
            ("the catalog at home", self.person.known(), known),
            (
                "what was placed",
                sorted(one.name for one in (self.person.work / "shop").glob("*.md")),
                ["README.md"],
            ),
        )
        yield from self._untidy()

    def _untidy(self) -> Iterator[str]:
        left = [one for one in (self.person.home / "tmp").iterdir() if one.name != ".keep"]
        yield from (f"{place} is left" for place in left)

    def catalog_refs(self) -> list[str]:
        """Return the refs of the catalog repository."""
        return sorted(self.github.repository(CATALOG).refs())

    def entries(self) -> list[str]:
        """Return what is registered there."""
        there = self.github.repository(CATALOG)
        return [path for path in there.files() if path.startswith("locations/")]

    def pulls(self) -> list[Pull]:
        """Return its pull requests, whatever became of them."""
        return list(self.github.repository(CATALOG).pulls.values())


def _differences(*facts: tuple[str, Any, Any]) -> Iterator[str]:
    for what, found, wanted in facts:
        if found != wanted:
            yield f"{what}: {found!r}, not {wanted!r}"
