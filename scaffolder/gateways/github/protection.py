"""What may not happen to a branch: its protection, and rulesets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.gateways.github.refusals import refusal
from scaffolder.gateways.github.repository_api import CREATED, INVALID, exists_already, part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi


def protect(repository: RepositoryApi, branch: str, rules: Mapping[str, Any], *, signed: bool) -> None:
    """Protect a branch by these rules, which are GitHub's own words, and no others; `signed` asks for signatures."""
    place = f"/branches/{part(branch)}/protection"
    repository.request("PUT", place, dict(rules))
    if signed:
        repository.insist(lambda _lost: repository.request("POST", f"{place}/required_signatures"))


def set_ruleset(repository: RepositoryApi, ruleset: Mapping[str, Any], *, change: bool) -> dict[str, Any]:
    """
    Make a ruleset, in GitHub's own words; return what GitHub says of it.

    With `change`, one that has its name becomes it, and so does one that an attempt without an answer may have made.

    Raises:
        RefusedByGitHub: Another one has its name, or it is not valid.
    """

    def make(lost: int) -> dict[str, Any]:
        answer = repository.request("POST", "/rulesets", dict(ruleset), expect=(CREATED, INVALID))
        if answer.status == INVALID:
            number = _number(repository, ruleset["name"]) if (change or lost) and exists_already(answer) else None
            if number is None:
                raise refusal(repository.client.server.host, f"making the ruleset {ruleset['name']}", answer)
            answer = repository.request("PUT", f"/rulesets/{number}", dict(ruleset))
        return dict(answer.body)

    return repository.insist(make)


def _number(repository: RepositoryApi, name: str) -> int | None:
    every = repository.pages("/rulesets", {"includes_parents": "false"})
    return next((int(one["id"]) for one in every if one["name"] == name), None)
