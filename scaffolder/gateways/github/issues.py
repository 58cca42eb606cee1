"""
Issues, and the labels that issues and pull requests have.

An issue that a task makes has a mark in its body, which GitHub does not show: so one whose answer was lost is found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scaffolder.gateways.github.repository_api import RepositoryApi

_CLOCKS_DIFFER: Final = timedelta(days=1)


class Issue(NamedTuple):
    """An issue; `url` is its page."""

    number: int
    url: str
    open: bool

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Issue:
        """Return the one of which the API said this."""
        return cls(facts["number"], facts["html_url"], facts["state"] == "open")


def ensure_issue(
    repository: RepositoryApi, wanted: Mapping[str, Any], *, mark: str, since: datetime, maybe_there: bool
) -> Issue:
    """Return the issue with this mark, made as it is wanted, in GitHub's words, if there is none."""
    marked = {**wanted, "body": f"{wanted.get('body') or ''}\n\n{_hidden(mark)}".lstrip("\n")}
    return Issue.of(
        repository.make(
            lambda: repository.request("POST", "/issues", marked).body,
            lambda: _marked(repository, mark, since=since),
            maybe_there=maybe_there,
        )
    )


def find_issue(repository: RepositoryApi, *, mark: str, since: datetime) -> Issue | None:
    """Return the issue with this mark, if there is one."""
    found = _marked(repository, mark, since=since)
    return Issue.of(found) if found else None


def close_issue(repository: RepositoryApi, number: int) -> None:
    """Close an issue as not planned; one that is closed stays."""
    repository.request("PATCH", f"/issues/{number}", {"state": "closed", "state_reason": "not_planned"})


def add_labels(repository: RepositoryApi, number: int, labels: Sequence[str]) -> None:
    """Add labels to an issue or a pull request, to those it has."""
    repository.insist(lambda _lost: repository.request("POST", f"/issues/{number}/labels", {"labels": list(labels)}))


def assign(repository: RepositoryApi, number: int, people: Sequence[str]) -> None:
    """Let these people, and nobody else, look after an issue or a pull request."""
    repository.request("PATCH", f"/issues/{number}", {"assignees": list(people)})


def request_reviews(repository: RepositoryApi, number: int, people: Sequence[str], teams: Sequence[str]) -> None:
    """Ask people and teams to review a pull request."""
    asked = {"reviewers": list(people), "team_reviewers": list(teams)}
    repository.insist(lambda _lost: repository.request("POST", f"/pulls/{number}/requested_reviewers", asked))


def _hidden(mark: str) -> str:
    return f"<!-- scaffolder: {mark} -->"


def _marked(repository: RepositoryApi, mark: str, *, since: datetime) -> Any:
    first = (since - _CLOCKS_DIFFER).strftime("%Y-%m-%dT%H:%M:%SZ")
    every = repository.pages("/issues", {"state": "all", "since": first, "sort": "created", "direction": "desc"})
    return next((one for one in every if _hidden(mark) in (one.get("body") or "")), None)
