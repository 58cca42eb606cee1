"""Environments that a repository is deployed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scaffolder.gateways.github.repository_api import part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi

_ALREADY: Final = 303


def set_environment(repository: RepositoryApi, name: str, rules: Mapping[str, Any]) -> None:
    """Make an environment with these rules, which are GitHub's own words, or give them to the one that is there."""
    repository.request("PUT", f"/environments/{part(name)}", dict(rules))


def add_policy(repository: RepositoryApi, environment: str, pattern: str, *, kind: str) -> None:
    """Let branches, or tags, that match a pattern be deployed there."""
    place = f"/environments/{part(environment)}/deployment-branch-policies"

    def make(_lost: int) -> bool:
        repository.request("POST", place, {"name": pattern, "type": kind}, expect=(200, _ALREADY))
        return True

    repository.insist(make)
