"""People, organisations, teams, and what may still be asked."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.refusals import authentication_required, forbidden, invalid, not_found
from tests.github.routing import operation
from tests.github.state import OLD_WORDS, Team
from tests.github.tokens import Kind

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.state import Organization, Repository, User


@operation("GET", "/user")
def me(call: Call) -> Reply:
    if call.token is None:
        raise authentication_required()
    if call.token.kind is Kind.INSTALLATION:
        raise forbidden("Resource not accessible by integration")
    return Reply(body=shown.own_profile(call.state, call.actor))


@operation("GET", "/users/{username}", anonymous=True)
def user(call: Call) -> Reply:
    return Reply(body=shown.profile(call.state, _user(call, call.at["username"])))


@operation("GET", "/user/{account_id}", anonymous=True)
def user_by_id(call: Call) -> Reply:
    found = [each for each in call.state.users.values() if str(each.id) == call.at["account_id"]]
    if not found:
        raise not_found()
    return Reply(body=shown.profile(call.state, found[0]))


@operation("GET", "/meta", anonymous=True)
def meta(_: Call) -> Reply:
    return Reply(body={"verifiable_password_authentication": False, "installed_version": "3.14.0"})


@operation("GET", "/user/orgs")
def my_organizations(call: Call) -> Page:
    mine = [each for each in call.state.organizations.values() if call.actor.login in each.members]
    return Page(mine, partial(shown.organization_brief, call.state))


@operation("GET", "/user/memberships/orgs/{org}")
def my_membership(call: Call) -> Reply:
    company = call.organization
    role = _membership(call, company)
    if role is None:
        raise not_found()
    api = company_api(call, company)
    return Reply(
        body={
            "url": f"{api}/memberships/{call.actor.login}",
            "state": "active",
            "role": role,
            "organization_url": api,
            "organization": shown.organization_brief(call.state, company),
            "user": shown.user(call.state, call.actor),
        }
    )


@operation("GET", "/orgs/{org}", anonymous=True)
def organization(call: Call) -> Reply:
    company = call.organization
    return Reply(body=shown.organization(call.state, company, member=_membership(call, company) is not None))


@operation("GET", "/orgs/{org}/members", permission="members=read")
def members(call: Call) -> Page:
    company = call.organization
    role = call.query.get("role", "all")
    logins = [login for login, held in company.members.items() if role in ("all", held)]
    people = [call.state.users[login.lower()] for login in logins] if _membership(call, company) else []
    return Page(people, partial(shown.user, call.state))


@operation("GET", "/orgs/{org}/teams", permission="members=read")
def teams(call: Call) -> Page:
    company = _inside(call)
    return Page(list(company.teams.values()), partial(shown.team, call.state, company))


@operation("POST", "/orgs/{org}/teams", permission="members=write", creates=True)
def create_team(call: Call) -> Reply:
    company, name = _inside(call), str(call.need("name"))
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if slug in company.teams:
        raise invalid("Team", "name", "already_exists", message="Name must be unique for this org")
    made = Team(call.state.next_id(), slug, name, call.said.get("description"))
    made.members[call.actor.login] = "maintainer"
    company.teams[slug] = made
    return Reply(201, shown.team_full(call.state, company, made))


@operation("GET", "/orgs/{org}/teams/{team_slug}", permission="members=read")
def team(call: Call) -> Reply:
    return Reply(body=shown.team_full(call.state, call.organization, _team(call)))


@operation("GET", "/orgs/{org}/teams/{team_slug}/members", permission="members=read")
def team_members(call: Call) -> Page:
    people = [call.state.users[login.lower()] for login in _team(call).members]
    return Page(people, partial(shown.user, call.state))


@operation("PUT", "/orgs/{org}/teams/{team_slug}/memberships/{username}", permission="members=write")
def add_member(call: Call) -> Reply:
    found, who, role = _team(call), _user(call, call.at["username"]), call.said.get("role", "member")
    found.members[who.login] = role
    call.organization.members.setdefault(who.login, "member")
    url = f"{company_api(call, call.organization)}/teams/{found.slug}/memberships/{who.login}"
    return Reply(body={"url": url, "role": role, "state": "active"})


@operation("GET", "/orgs/{org}/teams/{team_slug}/repos", permission="members=read")
def team_repositories(call: Call) -> Page:
    slug = _team(call).slug
    theirs = [each for each in call.state.repositories.values() if slug in each.teams]
    return Page(theirs, lambda one: _minimal(call, one))


@operation("GET", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", permission="members=read")
def team_repository(call: Call) -> Reply:
    found, slug = call.repository, _team(call).slug
    if slug not in found.teams:
        raise not_found()
    if "repository+json" not in call.headers.get("accept", ""):
        return Reply(204)
    body = shown.repository(call.state, found, call.actor)
    role = found.teams[slug]
    return Reply(body={**body, "permissions": shown.permissions(role), "role_name": role})


@operation("PUT", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", permission="administration=write", role="admin")
def grant_team(call: Call) -> Reply:
    word = call.said.get("permission", "push")
    call.repository.teams[_team(call).slug] = OLD_WORDS.get(word, word)
    return Reply(204)


@operation("GET", "/orgs/{org}/properties/schema", permission="organization_custom_properties=read")
def properties(call: Call) -> Reply:
    return Reply(body=_inside(call).properties)


@operation("GET", "/rate_limit", anonymous=True, resource="")
def rate_limit(call: Call) -> Reply:
    resources = {name: call.rates.window(name).shown() for name in call.rates.windows}
    return Reply(body={"resources": resources, "rate": resources["core"]})


def company_api(call: Call, company: Organization) -> str:
    return f"{call.state.api}/orgs/{company.login}"


def _user(call: Call, login: str) -> User:
    found = call.state.users.get(login.lower())
    if found is None:
        raise not_found()
    return found


def _membership(call: Call, company: Organization) -> str | None:
    return call.state.membership(call.token, company)


def _inside(call: Call) -> Organization:
    company = call.organization
    if _membership(call, company) is None:
        raise forbidden("You must be a member of this organization.")
    return company


def _team(call: Call) -> Team:
    company = call.organization
    found = company.teams.get(call.at["team_slug"].lower())
    if found is None or _membership(call, company) is None:
        raise not_found()
    return found


def _minimal(call: Call, one: Repository) -> dict[str, Any]:
    return shown.repository(call.state, one, call.token.user if call.token else None)
