"""
Tokens, and what they allow.

A classic token has scopes and does what its user may do; a fine-grained one and that of an app have permissions,
"contents=write", and may be bound to some repositories.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from tests.github.refusals import Refused, forbidden

if TYPE_CHECKING:
    from tests.github.routing import Operation
    from tests.github.state import Repository, User

EVERYTHING = ("repo", "admin:org", "workflow", "delete_repo", "admin:repo_hook", "read:user")
"""Scopes of a token that may do all that a scaffolder does."""
_LEVELS = {"read": 1, "write": 2, "admin": 3}


class Kind(Enum):
    """Where a token came from."""

    CLASSIC = "ghp_"
    FINE_GRAINED = "github_pat_"
    INSTALLATION = "ghs_"


@dataclass(frozen=True, slots=True)
class Token:
    """
    A token that works.

    `repositories` are the names it is bound to, None when it sees all its user sees.

    `sso` names an organisation it was not authorised for; `company` the one that an app's token is for.
    """

    value: str
    user: User
    kind: Kind = Kind.CLASSIC
    scopes: tuple[str, ...] = EVERYTHING
    permissions: dict[str, str] = field(default_factory=dict)
    repositories: frozenset[str] | None = None
    sso: str = ""
    expires: float | None = None
    company: str = ""

    def sees(self, full_name: str) -> bool:
        """Tell whether it is bound to that repository, or to none."""
        return self.repositories is None or full_name.lower() in self.repositories

    def sees_it(self, repository: Repository) -> bool:
        """Tell whether it reaches that repository: a classic token without `repo` reaches public ones only."""
        if self.kind is Kind.CLASSIC:
            return "repo" in self.scopes or repository.visibility == "public"
        return self.sees(repository.full_name)

    @property
    def may_push_workflows(self) -> bool:
        """Whether it may write below `.github/workflows`."""
        return "workflow" in self.scopes if self.kind is Kind.CLASSIC else self.holds("workflows=write")

    def holds(self, permission: str) -> bool:
        """Tell whether it has that permission or a higher one; a classic token has none, and needs none."""
        if self.kind is Kind.CLASSIC or not permission:
            return True
        return any(self._holds(each) for each in permission.split(","))

    def _holds(self, permission: str) -> bool:
        name, level = permission.strip().split("=")
        return _LEVELS.get(self.permissions.get(name, ""), 0) >= _LEVELS[level]

    def check(self, wanted: Operation) -> None:
        """Refuse what this token was not given."""
        if not self.holds(wanted.permission):
            raise self.not_accessible(wanted.permission)
        if self.kind is Kind.CLASSIC and wanted.scope and not self._scoped(wanted.scope):
            raise Refused(
                403, "Must have admin rights to Repository.", headers={"X-Accepted-OAuth-Scopes": wanted.scope}
            )

    def _scoped(self, scope: str) -> bool:
        return any(each in self.scopes for each in scope.split(","))

    def not_accessible(self, permission: str) -> Refused:
        """Return GitHub's words for a permission that is missing."""
        who = "integration" if self.kind is Kind.INSTALLATION else "personal access token"
        return forbidden(f"Resource not accessible by {who}", X_Accepted_GitHub_Permissions=permission)
