"""Which teams and people may do what in a repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scaffolder.gateways.github.repository_api import CREATED, part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Grant:
    """A team (by its slug) or a person (by login) has a permission: pull, triage, push, maintain, admin, or a role."""

    kind: Literal["team", "person"]
    name: str
    permission: str


def grants(owner: str, access: str = "", collaborators: Iterable[Mapping[str, str]] = ()) -> list[Grant]:
    """Return what Backstage's inputs `access` and `collaborators` ask for, in a repository of `owner`'s."""
    wanted = [*_administrator(owner, access), *(_collaborator(one) for one in collaborators)]
    return list({(one.kind, one.name.lower()): one for one in wanted}.values())


def give(repository: RepositoryApi, grant: Grant) -> bool:
    """Give it; return False when a person was invited, and has to accept first."""
    said = {"permission": grant.permission}
    if grant.kind == "person":
        return repository.request("PUT", f"/collaborators/{part(grant.name)}", said).status != CREATED
    place = f"/orgs/{repository.owner}/teams/{part(grant.name)}/repos/{repository.full_name}"
    repository.client.request("PUT", place, said, fresh=repository.fresh)
    return True


def _administrator(owner: str, access: str) -> list[Grant]:
    """Return who administers it: a team of the owner's, or a person; the owner need not be told."""
    if not access or access.lower() == owner.lower():
        return []
    team = access.lower().startswith(f"{owner.lower()}/")
    return [Grant("team" if team else "person", access.partition("/")[2] if team else access, ADMIN)]


def _collaborator(one: Mapping[str, str]) -> Grant:
    if "team" in one:
        return Grant("team", _name(one["team"]), one["access"])
    return Grant("person", _name(one.get("user") or one.get("username") or ""), one["access"])


def _name(written: str) -> str:
    """Return the name of what may be written as an entity ref: `group:default/payments`."""
    return re.split("[:/]", written)[-1]
