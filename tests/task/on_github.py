"""A home whose repositories are made on a GitHub of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scaffolder.gateways.git import GitDirectory
from scaffolder.task.journal import TaskStatus
from tests.github.description import where_there_is_one
from tests.github.server import GitHub, serving
from tests.task.births import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.task.driver import Order

PUBLISH = {"topics": ["mail"], "hasWiki": False, "protectDefaultBranch": True}


@dataclass(frozen=True, slots=True)
class OnGitHub(Place):
    """A person of a company there."""

    github: GitHub | None = None
    token: str = ""

    @classmethod
    @contextmanager
    def of(cls, place: Place) -> Iterator[OnGitHub]:
        """Give somebody a GitHub for a while."""
        with serving(place.home / "github", description=where_there_is_one()) as github:
            token = github.add_user("mona")
            github.add_organization("acme", members={"mona": "admin"})
            yield cls(place.home, place.processes, github, token)

    def order(self, **facts: Any) -> Order:
        """Return an order that leads there."""
        draft = {"repository": "acme/shop", "forge": "github", **facts.pop("draft", {})}
        environ = {"GITHUB_TOKEN": self.token, **facts.pop("environ", {})}
        order = Place.order(self, draft=draft, environ=environ, **facts)
        return replace(order, github=self.there.api_url, publish=PUBLISH)

    @property
    def there(self) -> GitHub:
        assert self.github is not None
        return self.github

    def is_born(self) -> None:
        """Check that there is one of everything, and nothing half-made."""
        assert self.task().status is TaskStatus.COMPLETED
        assert self.there.names() == ["acme/shop"]
        made = self.there.repository("acme/shop")
        assert made.settings.get("homepage") in {None, ""}
        assert (made.topics, made.settings["has_wiki"], list(made.protections)) == (["mail"], False, ["main"])
        commit = made.refs()["refs/heads/main"]
        assert GitDirectory(self.directory / ".git").resolve("HEAD") == commit
        assert sorted(made.refs()) == [
            "refs/heads/main",
            "refs/scaffolder/base",
            f"refs/scaffolder/task/{self.task().id}",
        ]
        assert self.entities() == ["component:default/shop", "group:default/parcels"]
        self.is_tidy()

    def is_nothing(self) -> None:
        """Check that nothing is left, and the name is free."""
        assert not any(task.status in {TaskStatus.RUNNING, TaskStatus.STOPPED} for task in self.tasks())
        assert self.there.names() == []
        assert self.entities() == ["group:default/parcels"]
        assert list(self.work.iterdir()) == []
        self.is_tidy()
