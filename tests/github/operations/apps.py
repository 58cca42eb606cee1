"""GitHub Apps: who they are, where they are installed, and the tokens they get there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.refusals import forbidden, not_found, unprocessable
from tests.github.routing import operation
from tests.github.tokens import Kind, Token

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.state import App

HOUR = 3600


@operation("GET", "/app", app=True)
def me(call: Call) -> Reply:
    one = call.app
    return Reply(
        body={
            "id": one.id,
            "slug": one.slug,
            "node_id": shown.node("A", one.id),
            "name": one.slug,
            "owner": shown.user(call.state, one.account),
            "description": None,
            "external_url": call.state.url,
            "html_url": f"{call.state.url}/apps/{one.slug}",
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
            "permissions": one.permissions,
            "events": [],
        }
    )


@operation("GET", "/app/installations", app=True)
def installations(call: Call) -> Page:
    return Page([call.app], partial(_installation, call))


@operation("POST", "/app/installations/{installation_id}/access_tokens", app=True)
def create_token(call: Call) -> Reply:
    one, said = call.app, call.said
    if call.at["installation_id"] != str(one.installation):
        raise not_found()
    wanted = dict(said.get("permissions") or one.permissions)
    if any(name not in one.permissions for name in wanted):
        raise unprocessable("The permissions requested are not granted to this installation.")
    names = None
    if said.get("repositories") is not None:
        names = frozenset(f"{one.account.login}/{name}".lower() for name in said["repositories"])
    value = f"{Kind.INSTALLATION.value}{call.state.next_id():036d}"
    end = call.state.clock() + HOUR
    call.state.tokens[value] = Token(
        value, one.bot, Kind.INSTALLATION, (), wanted, names, expires=end, company=one.account.login
    )
    choice = "all" if names is None else "selected"
    date = call.state.date(end)
    return Reply(201, {"token": value, "expires_at": date, "permissions": wanted, "repository_selection": choice})


@operation("GET", "/installation/repositories")
def repositories(call: Call) -> Page:
    token = call.token
    if token is None or token.kind is not Kind.INSTALLATION:
        raise forbidden("You must authenticate with an installation access token in order to list repositories.")
    mine = [
        each
        for each in call.state.repositories.values()
        if each.owner.login == token.company and token.sees(each.full_name)
    ]
    return Page(mine, lambda one: shown.repository(call.state, one, call.actor), key="repositories")


@operation("GET", "/orgs/{org}/installation", app=True)
def of_organization(call: Call) -> Reply:
    if call.organization.account is not call.app.account:
        raise not_found()
    return Reply(body=_installation(call, call.app))


@operation("GET", "/repos/{owner}/{repo}/installation", app=True)
def of_repository(call: Call) -> Reply:
    if call.found is None or call.found.owner is not call.app.account:
        raise not_found()
    return Reply(body=_installation(call, call.app))


def _installation(call: Call, one: App) -> dict[str, Any]:
    api = call.state.api
    return {
        "id": one.installation,
        "app_id": one.id,
        "app_slug": one.slug,
        "target_id": one.account.id,
        "target_type": one.account.type,
        "account": shown.user(call.state, one.account),
        "repository_selection": "all",
        "permissions": one.permissions,
        "events": [],
        "single_file_name": None,
        "access_tokens_url": f"{api}/app/installations/{one.installation}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": f"{call.state.url}/organizations/{one.account.login}/settings/installations/{one.installation}",
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        "suspended_at": None,
        "suspended_by": None,
    }
