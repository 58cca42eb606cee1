"""What is remembered of an account on GitHub, as a file of its location that nobody wrote."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.catalog.reading import FileRead, Input, Known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PATH = "?"
"""Under which it is remembered: pages and files have other paths."""


class Repository(NamedTuple):
    """A repository, `OWNER/NAME`: its id, and its default branch with its commit, '' where nothing was pushed yet."""

    id: str
    full_name: str
    branch: str
    commit: str

    @classmethod
    def of(cls, node: Mapping[str, Any]) -> Repository:
        """Read one as GraphQL gives it."""
        branch = node["defaultBranchRef"] or {}
        return cls(
            node["id"], node["nameWithOwner"], branch.get("name", ""), (branch.get("target") or {}).get("oid", "")
        )


@dataclass(frozen=True, slots=True)
class State:
    """
    What was seen of an account: its repositories by their ids, and where pages of people begin.

    It was begun to be read at `began`; what happened after `at` is not part of it for sure. Times are as GitHub writes
    them.
    """

    began: str = ""
    at: str = ""
    repositories: Mapping[str, Repository] = field(default_factory=dict)
    people: Sequence[str] = ("",)

    @classmethod
    def of(cls, known: Mapping[str, Known]) -> State:
        """Return what is remembered; a state of no time where there is nothing."""
        if _PATH not in known:
            return cls()
        head, *rest = known[_PATH].files()
        places = (each.path.partition("@") for each in rest)
        repositories = [
            Repository(each.digest, name, branch, each.stamp)
            for each, (name, _, branch) in zip(rest, places, strict=True)
        ]
        began, *people = json.loads(head.digest)
        return cls(began, head.stamp, {each.id: each for each in repositories}, people)

    def file(self) -> FileRead:
        """Return what to remember."""
        head = Input(_PATH, self.at, json.dumps([self.began, *self.people]))
        repositories = self.repositories.values()
        return FileRead(
            _PATH, [head, *(Input(f"{each.full_name}@{each.branch}", each.commit, each.id) for each in repositories)]
        )
