"""What protected branches and rulesets refuse."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github.state import Repository

WITHOUT_PULL_REQUEST = {"pull_request", "update"}
"""Rules that keep a push away from a branch that is there."""


def refused_refs(repository: Repository, role: str) -> dict[str, str]:
    """Return the refs that somebody of that role may not push to, with GitHub's words."""
    refused = {}
    for branch in repository.branches():
        ref = f"refs/heads/{branch}"
        if _protected(repository, branch, role):
            refused[ref] = f"error: GH006: Protected branch update failed for {ref}."
        elif any(
            _rules(repository, each, branch, role) & WITHOUT_PULL_REQUEST for each in repository.rulesets.values()
        ):
            refused[ref] = f"error: GH013: Repository rule violations found for {ref}."
    return refused


def covers(repository: Repository, ruleset: dict[str, Any], branch: str) -> bool:
    """Tell whether a ruleset is about a branch."""
    if ruleset.get("target", "branch") != "branch":
        return False
    named = (ruleset.get("conditions") or {}).get("ref_name") or {}
    included = any(_fits(repository, each, branch) for each in named.get("include") or ())
    return included and not any(_fits(repository, each, branch) for each in named.get("exclude") or ())


def _fits(repository: Repository, pattern: str, branch: str) -> bool:
    special = {"~ALL": True, "~DEFAULT_BRANCH": branch == repository.default_branch}
    return special.get(pattern, fnmatchcase(f"refs/heads/{branch}", pattern))


def _protected(repository: Repository, branch: str, role: str) -> bool:
    rules = repository.protections.get(branch, {})
    if role == "admin" and not rules.get("enforce_admins"):
        return False
    return rules.get("required_pull_request_reviews") is not None or bool(rules.get("lock_branch"))


def _rules(repository: Repository, ruleset: dict[str, Any], branch: str, role: str) -> set[str]:
    passes = role == "admin" and any(
        each.get("actor_type") in ("OrganizationAdmin", "RepositoryRole") and each.get("bypass_mode") == "always"
        for each in ruleset.get("bypass_actors") or ()
    )
    if ruleset["enforcement"] != "active" or passes or not covers(repository, ruleset, branch):
        return set()
    return {rule["type"] for rule in ruleset.get("rules") or ()}
