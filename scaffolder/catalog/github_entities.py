"""
Teams and people of a GitHub organisation as Group and User entities.

Names, fields and annotations are those that Backstage's provider for GitHub organisations gives them:
https://backstage.io/docs/integrations/github/org
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from scaffolder.catalog.entity import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

API_VERSION: Final = "backstage.io/v1alpha1"
TEAM_SLUG: Final = "github.com/team-slug"
USER_LOGIN: Final = "github.com/user-login"
_EDIT_URL = "backstage.io/edit-url"

Node = dict[str, Any]
"""A team or a person, as GraphQL gives it."""


def entities(web: str, teams: Sequence[Node], people: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    """Yield the page of each team and each person of an organisation whose pages are at `web`, and its entity."""
    children: dict[str, list[str]] = defaultdict(list)
    member_of: dict[str, list[str]] = defaultdict(list)
    for team in teams:
        if team["parentTeam"]:
            children[team["parentTeam"]["slug"]].append(team["slug"])
        for member in _members(team):
            member_of[member].append(team["slug"])
    for team in teams:
        page = f"{web}/orgs/{team['combinedSlug'].replace('/', '/teams/')}"
        yield page, _group(team, page, sorted(children[team["slug"]]))
    for person in people:
        page = f"{web}/{person['login']}"
        yield page, _user(person, page, sorted(member_of[person["login"]]))


def _group(team: Node, page: str, children: list[str]) -> Node:
    annotations = {MANAGED_BY: f"url:{page}", TEAM_SLUG: team["combinedSlug"], _EDIT_URL: team["editTeamUrl"]}
    spec = {
        "type": "team",
        "profile": _said({"displayName": team["name"], "picture": team["avatarUrl"]}),
        **({"parent": team["parentTeam"]["slug"]} if team["parentTeam"] else {}),
        "children": children,
        "members": sorted(_members(team)),
    }
    return _entity("Group", team["slug"], team["description"], annotations, spec)


def _user(person: Node, page: str, member_of: list[str]) -> Node:
    profile = {"displayName": person["name"], "email": person.get("email"), "picture": person["avatarUrl"]}
    annotations = {MANAGED_BY: f"url:{page}", USER_LOGIN: person["login"]}
    return _entity(
        "User", person["login"], person["bio"], annotations, {"profile": _said(profile), "memberOf": member_of}
    )


def _entity(kind: str, name: str, description: str | None, annotations: Mapping[str, Any], spec: Node) -> Node:
    metadata = {"name": name, **_said({"description": description}), "annotations": _said(annotations)}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _members(team: Node) -> list[str]:
    return [member["login"] for member in team["members"]["nodes"] if member]


def _said(fields: Mapping[str, Any]) -> Node:
    """Leave out what nobody filled in."""
    return {name: value for name, value in fields.items() if value}
