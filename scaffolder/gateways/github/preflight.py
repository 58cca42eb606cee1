"""
What would fail later, asked before anything is written.

Every finding is a sentence for a person. What GitHub does not tell is no finding, or a note: then it is refused later,
and the task takes back what it made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from scaffolder.errors import Conflict, Failed, InvalidInput, ScaffolderError, TryAgain
from scaffolder.gateways.forge import Finding, Level, Preflight, RepositoryTaken
from scaffolder.gateways.github.accounts import OwnerIsSomebodyElse
from scaffolder.gateways.github.forge import RepositoryRenamed
from scaffolder.gateways.github.token import may_push

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.forge import Repository, Wish
    from scaffolder.gateways.github.forge import GitHubForge

_OK, _FORBIDDEN, _MISSING = 200, 403, 404
_FREE, _ENTERPRISE = "free", "enterprise"
_ROLLING_BACK: Final = "if the task is rolled back, its repository stays"


Look = Callable[["GitHubForge", "Wish"], "Iterator[Finding]"]


def preflight(forge: GitHubForge, wish: Wish) -> Preflight:
    """
    Return what stands in the way of a wish, the worst first; nothing is written.

    Raises:
        TryAgain: GitHub cannot be asked now.
    """
    standing: list[Repository] = []
    looks: tuple[Look, ...] = (_token, _owner, partial(_name, standing), _teams, _people, _plan, _budget)
    found = [finding for look in looks for finding in _guarded(look, forge, wish)]
    order = list(Level)
    ranked = sorted(dict.fromkeys(found), key=lambda finding: order.index(finding.level))
    return Preflight(tuple(ranked), next(iter(standing), None))


def _guarded(look: Look, forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    try:
        yield from look(forge, wish)
    except TryAgain:
        raise
    except ScaffolderError as error:
        yield Finding.of(error)


def _stops(kind: type[ScaffolderError], text: str, hint: str) -> Finding:
    return Finding.of(kind(text, hint=hint))


def _token(forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    me = forge.accounts.me()
    if me.scopes is None:
        yield Finding(Level.NOTE, f"{me.kind}: {me.untold}")
        return
    anew = f"scaffolder login --host {forge.name}   with a token that has it"
    public = wish.repository.visibility == "public"
    if "repo" not in me.scopes and not (public and "public_repo" in me.scopes):
        scope = "public_repo" if public else "repo"
        yield _stops(Failed, f"the token may not create the repository: it lacks the scope {scope}", anew)
    if wish.workflows and "workflow" not in me.scopes:
        yield _stops(Failed, "the token may not push .github/workflows: it lacks the scope workflow", anew)
    if "delete_repo" not in me.scopes:
        yield Finding(Level.WARNING, f"{_ROLLING_BACK}: the token lacks the scope delete_repo")


def _owner(forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    owner, me = wish.repository.owner, forge.accounts.me()
    if not forge.accounts.is_organization(owner):
        if me.login.lower() != owner.lower():
            raise OwnerIsSomebodyElse(owner, me.login)
        if wish.repository.visibility == "internal":
            yield _stops(InvalidInput, "only an organisation of an enterprise has internal repositories", _VISIBILITY)
        return
    account = forge.accounts.of(owner)
    role = _role(forge, owner) if me.login else ""
    if role is None:
        yield _stops(Failed, f"{me.login} is no member of {owner}", "ask one of its owners for an invitation")
    elif role != "admin":
        yield from _policy(account, wish)
    plan = _plan_of(account)
    if wish.repository.visibility == "internal" and plan and plan != _ENTERPRISE:
        yield _stops(
            InvalidInput, f"{owner} is not part of an enterprise, and has no internal repositories", _VISIBILITY
        )


_VISIBILITY = "choose another visibility: private or public"


def _role(forge: GitHubForge, owner: str) -> str | None:
    """Return `admin` or `member`, None for neither, '' where GitHub does not say."""
    path = f"/user/memberships/orgs/{quote(owner)}"
    answer = forge.client.get(path, expect=(_OK, _FORBIDDEN, _MISSING))
    if answer.status == _FORBIDDEN:
        return ""
    if answer.status == _MISSING or answer.body.get("state") != "active":
        return None
    return str(answer.body.get("role", ""))


def _policy(account: Mapping[str, Any], wish: Wish) -> Iterator[Finding]:
    visibility = wish.repository.visibility
    rules = "members_can_create_repositories", f"members_can_create_{visibility}_repositories"
    if any(account.get(rule) is False for rule in rules):
        yield _stops(
            Failed,
            f"{account['login']} does not let its members create {visibility} repositories",
            "ask one of its owners, choose another visibility, or use a GitHub App that may",
        )
    if account.get("members_can_delete_repositories") is False:
        text = f"{_ROLLING_BACK}: {account['login']} does not let its members delete repositories"
        yield Finding(Level.WARNING, text)


def _name(standing: list[Repository], forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    full_name = wish.repository.full_name
    facts = forge.facts(full_name)
    if facts is None:
        return
    if facts["full_name"].lower() != full_name.lower():
        raise RepositoryRenamed(full_name, facts["full_name"], forge.name)
    found = forge.described(facts)
    standing.append(found)
    taken = RepositoryTaken(found.full_name, forge.name)
    if facts.get("archived"):
        yield _stops(Conflict, f"{taken.message}, and is archived", taken.hint)
    elif not found.empty or found.created_by:
        yield Finding.of(taken)
    elif not may_push(facts, forge.client.token()):
        yield _stops(Failed, f"the token may not push to {found.full_name}, which exists and is empty", taken.hint)
    else:
        yield Finding(Level.NOTE, f"the repository {found.full_name} exists and is empty: it is published into")


def _teams(forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    owner = wish.repository.owner
    if wish.teams and not forge.accounts.is_organization(owner):
        yield _stops(InvalidInput, f"{owner} is a person's account, and has no teams", "name people instead")
        return
    for team in wish.teams:
        path = f"/orgs/{quote(owner)}/teams/{quote(team, safe='')}"
        answer = forge.client.get(path, expect=(_OK, _FORBIDDEN, _MISSING))
        if answer.status != _OK:
            hint = (
                f"{forge.client.server.web}/orgs/{owner}/teams lists those you may see; a token needs read:org for it"
            )
            yield _stops(InvalidInput, f"{owner} has no team {team}, or the token cannot see it", hint)


def _people(forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    for login in wish.people:
        if forge.client.find(f"/users/{quote(login, safe='')}") is None:
            yield _stops(InvalidInput, f"{forge.name} knows nobody called {login}", "look at the name for a slip")


def _plan(forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    owner, visibility = wish.repository.owner, wish.repository.visibility
    if (
        not (wish.protects or wish.protects_where_offered)
        or visibility == "public"
        or not forge.client.server.is_public
    ):
        return
    plan, what = _plan_of(forge.accounts.of(owner)), f"protect branches of {visibility} repositories"
    if plan == _FREE and not wish.protects:
        yield Finding(Level.WARNING, f"the plan of {owner} (Free) does not {what}: that is left out")
    elif plan == _FREE:
        hint = "make the repository public, take a larger plan, or leave the protection out"
        yield _stops(Failed, f"the plan of {owner} (Free) does not {what}", hint)
    elif not plan and wish.protects:
        yield Finding(Level.NOTE, f"GitHub does not tell which plan {owner} has; Free does not {what}")


def _budget(forge: GitHubForge, wish: Wish) -> Iterator[Finding]:
    left = forge.client.budget
    if left is None or left.remaining >= wish.requests:
        return
    wait = max(left.reset - forge.client.clock.now(), 0.0)
    text = f"{forge.name} takes {left.remaining} more requests in this hour, and about {wish.requests} are needed"
    yield _stops(TryAgain, text, f"come back after {forge.client.clock.time_in(wait)}")


def _plan_of(account: Mapping[str, Any]) -> str:
    """Return the name of an account's plan, '' where GitHub does not tell."""
    plan = account.get("plan")
    return str(plan.get("name", "")).lower() if isinstance(plan, dict) else ""
