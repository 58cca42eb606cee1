"""What protected branches and rulesets refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.github.state import Repository


def refused_refs(repository: Repository) -> dict[str, str]:
    """Return the refs that nobody may push to, with GitHub's words."""
    refused = {}
    for branch, rules in repository.protections.items():
        if rules.get("required_pull_request_reviews") is not None and rules.get("enforce_admins"):
            ref = f"refs/heads/{branch}"
            refused[ref] = f"error: GH006: Protected branch update failed for {ref}."
    return refused
