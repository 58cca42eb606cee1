"""Repositories themselves: their names, settings and topics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.refusals import Refused, forbidden, invalid, not_found, unprocessable
from tests.github.routing import operation
from tests.github.state import ROLES

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.state import Organization, Repository, User

LONGEST_NAME = 100
MOST_TOPICS = 20


@operation("POST", "/orgs/{org}/repos", permission="administration=write", scope="repo,public_repo", creates=True)
def create_in_organization(call: Call) -> Reply:
    company = call.organization
    _check_policy(call, company)
    return _created(call, company.account)


@operation("POST", "/user/repos", permission="administration=write", scope="repo,public_repo", creates=True)
def create_for_me(call: Call) -> Reply:
    return _created(call, call.actor)


@operation("GET", "/orgs/{org}/repos", anonymous=True)
def of_organization(call: Call) -> Page:
    account = call.organization.account
    seen = [each for each in call.state.repositories.values() if each.owner is account and _visible(call, each)]
    if call.query.get("type") in ("public", "private"):
        seen = [each for each in seen if each.private == (call.query["type"] == "private")]
    seen.sort(key=_order(call), reverse=_descending(call))
    return Page(seen, lambda one: shown.repository(call.state, one, call.token.user if call.token else None))


@operation("GET", "/repos/{owner}/{repo}")
def get(call: Call) -> Reply:
    return _shown(call, call.repository)


@operation("PATCH", "/repos/{owner}/{repo}", permission="administration=write", role="admin")
def update(call: Call) -> Reply:
    found, said = call.repository, call.said
    if found.archived and said.get("archived") is not False:
        raise forbidden("Repository was archived so is read-only.")
    if "default_branch" in said:
        _set_default_branch(found, said["default_branch"])
    if said.get("name", found.name) != found.name:
        call.state.rename(found, _name(said["name"]))
    found.archived = said.get("archived", found.archived)
    _set_visibility(found, said)
    found.settings |= {name: value for name, value in said.items() if name in shown.SETTINGS}
    found.updated = call.state.now()
    return _shown(call, found)


@operation("DELETE", "/repos/{owner}/{repo}", permission="administration=write", role="admin", scope="delete_repo")
def delete(call: Call) -> Reply:
    company = call.state.organizations.get(call.repository.owner.login.lower())
    if company and company.policy.get("members_can_delete_repositories") is False and not _owns(call, company):
        raise forbidden("Organization members cannot delete repositories.")
    call.state.delete(call.repository)
    return Reply(204)


@operation("POST", "/repos/{template_owner}/{template_repo}/generate", permission="administration=write", creates=True)
def generate(call: Call) -> Reply:
    template = call.repository
    owner = call.state.users.get(str(call.said.get("owner", call.actor.login)).lower())
    if owner is None or not template.settings.get("is_template"):
        raise not_found()
    made = call.state.create(owner, _name(call.need("name")), call.actor, private=bool(call.said.get("private")))
    made.settings = {name: call.said[name] for name in ("description",) if name in call.said}
    call.state.write(made, template.files(), author=call.actor, message="Initial commit")
    return _shown(call, made, 201)


@operation("GET", "/repos/{owner}/{repo}/topics")
def topics(call: Call) -> Reply:
    return Reply(body={"names": call.repository.topics})


@operation("PUT", "/repos/{owner}/{repo}/topics", permission="administration=write", role="admin")
def replace_topics(call: Call) -> Reply:
    names = list(call.need("names"))
    if len(names) > MOST_TOPICS:
        raise unprocessable("A repository cannot have more than 20 topics.")
    for name in names:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", name.lower()):
            raise invalid("Repository", "topics", "invalid", message="Topic names must start with a letter or number")
    call.repository.topics = [name.lower() for name in names]
    return Reply(body={"names": call.repository.topics})


@operation("GET", "/repos/{owner}/{repo}/teams", permission="administration=read", role="admin")
def teams(call: Call) -> Page:
    found = call.repository
    company = call.state.organizations[found.owner.login.lower()]
    words = {"read": "pull", "write": "push"}

    def one(slug: str) -> dict[str, Any]:
        role = found.teams[slug]
        plain = shown.team(call.state, company, company.teams[slug])
        return {**plain, "permission": words.get(role, role), "permissions": shown.permissions(role)}

    return Page(list(found.teams), one)


@operation("GET", "/repos/{owner}/{repo}/properties/values")
def property_values(call: Call) -> Reply:
    values = call.repository.properties
    return Reply(body=[{"property_name": name, "value": value} for name, value in values.items()])


@operation(
    "PATCH", "/repos/{owner}/{repo}/properties/values", permission="repository_custom_properties=write", role="admin"
)
def set_properties(call: Call) -> Reply:
    call.repository.properties |= _properties(
        call, call.repository.owner, {each["property_name"]: each["value"] for each in call.need("properties")}
    )
    return Reply(204)


@operation("GET", "/repos/{owner}/{repo}/vulnerability-alerts", permission="administration=read", role="admin")
def alerts(call: Call) -> Reply:
    if not call.repository.alerts:
        raise Refused(404, "Vulnerability alerts are disabled.")
    return Reply(204)


@operation("PUT", "/repos/{owner}/{repo}/vulnerability-alerts", permission="administration=write", role="admin")
def enable_alerts(call: Call) -> Reply:
    call.repository.alerts = True
    return Reply(204)


@operation("PUT", "/repos/{owner}/{repo}/subscription")
def subscribe(call: Call) -> Reply:
    api = f"{call.state.api}/repos/{call.repository.full_name}"
    said = {"subscribed": call.said.get("subscribed", False), "ignored": call.said.get("ignored", False)}
    more = {"reason": None, "created_at": call.state.now(), "url": f"{api}/subscription", "repository_url": api}
    return Reply(body={**said, **more})


def _shown(call: Call, one: Repository, status: int = 200) -> Reply:
    return Reply(status, shown.repository_full(call.state, one, call.token.user if call.token else None))


def _visible(call: Call, one: Repository) -> bool:
    return call.state.sees(call.token, one)


def _order(call: Call) -> Any:
    keys = {"full_name": lambda one: one.full_name.lower(), "updated": lambda one: one.updated}
    keys["pushed"] = lambda one: one.pushed
    return keys.get(call.query.get("sort", "created"), lambda one: one.id)


def _descending(call: Call) -> bool:
    default = "asc" if call.query.get("sort") == "full_name" else "desc"
    return call.query.get("direction", default) == "desc"


def _owns(call: Call, company: Organization) -> bool:
    return call.state.membership(call.token, company) in ("admin", "app")


def _check_policy(call: Call, company: Organization) -> None:
    if call.state.membership(call.token, company) is None:
        raise forbidden("You need admin access to the organization before adding a repository to it.")
    visibility = _wanted_visibility(call.said)
    denied = (
        company.policy.get("members_can_create_repositories") is False
        or company.policy.get(f"members_can_create_{visibility}_repositories") is False
    )
    if denied and not _owns(call, company):
        raise forbidden("You need admin access to the organization before adding a repository to it.")
    if visibility == "internal" and company.plan != "enterprise":
        raise invalid("Repository", "visibility", "custom", message="Visibility can't be internal.")
    if "custom_properties" in call.said:
        _properties(call, company.account, call.said["custom_properties"])


def _wanted_visibility(said: dict[str, Any]) -> str:
    return str(said.get("visibility") or ("private" if said.get("private") else "public"))


def _properties(call: Call, owner: User, values: dict[str, Any]) -> dict[str, Any]:
    company = call.state.organizations.get(owner.login.lower())
    known = {each["property_name"] for each in company.properties} if company else set()
    for name in values:
        if name not in known:
            raise unprocessable(f"Property '{name}' does not exist in the organization schema")
    return values


def _name(wanted: Any) -> str:
    name = re.sub(r"[^A-Za-z0-9._-]", "-", str(wanted))[:LONGEST_NAME]
    if name.strip(".") == "" or name.lower().endswith((".git", ".wiki")):
        whole = "Repository creation failed."
        raise invalid("Repository", "name", "custom", message=f"name cannot be {name}", whole=whole)
    return name


def _created(call: Call, owner: User) -> Reply:
    said = call.said
    visibility = _wanted_visibility(said)
    made = call.state.create(owner, _name(call.need("name")), call.actor, private=visibility != "public")
    made.settings = {name: value for name, value in said.items() if name in shown.SETTINGS}
    if visibility == "internal":
        made.settings["visibility"] = visibility
    made.properties = dict(said.get("custom_properties") or {})
    if said.get("team_id"):
        _give_to_team(call, made, said["team_id"])
    if said.get("auto_init"):
        readme = f"# {made.name}\n".encode()
        call.state.write(made, {"README.md": readme}, author=call.actor, message="Initial commit")
    place = f"{call.state.api}/repos/{made.full_name}"
    return Reply(201, shown.repository_full(call.state, made, call.actor), {"Location": place})


def _give_to_team(call: Call, made: Repository, number: int) -> None:
    company = call.state.organizations[made.owner.login.lower()]
    for team in company.teams.values():
        if team.id == number:
            made.teams[team.slug] = "read"


def _set_default_branch(found: Repository, branch: str) -> None:
    if branch not in found.branches():
        raise invalid(
            "Repository",
            "default_branch",
            "invalid",
            message=f"The branch {branch} was not found. Please push that ref first or create it via the Git Data API.",
        )
    found.default_branch = branch
    found.git.set_head(branch)


def _set_visibility(found: Repository, said: dict[str, Any]) -> None:
    if "visibility" in said or "private" in said:
        visibility = _wanted_visibility(said)
        found.private = visibility != "public"
        found.settings.pop("visibility", None)
        if visibility == "internal":
            found.settings["visibility"] = visibility


def at_least(call: Call, role: str) -> bool:
    """Tell whether the caller may do that much here."""
    return ROLES.index(call.state.role_of(call.token, call.repository)) >= ROLES.index(role)
