"""Who may do what in a repository."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.refusals import not_found, unprocessable
from tests.github.routing import operation
from tests.github.state import OLD_WORDS, ROLES

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.state import User


@operation("GET", "/repos/{owner}/{repo}/collaborators", permission="metadata=read", role="write")
def every(call: Call) -> Page:
    people = [each for each in call.state.users.values() if _may_read(call, each)]
    return Page(people, partial(_shown, call))


@operation("GET", "/repos/{owner}/{repo}/collaborators/{username}", permission="metadata=read", role="write")
def check(call: Call) -> Reply:
    if not _may_read(call, _user(call)):
        raise not_found()
    return Reply(204)


@operation("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", permission="metadata=read")
def permission(call: Call) -> Reply:
    role = call.state.role(_user(call), call.repository)
    old = {"triage": "read", "maintain": "write"}.get(role, role)
    return Reply(body={"permission": old, "role_name": role, "user": _shown(call, _user(call))})


@operation(
    "PUT",
    "/repos/{owner}/{repo}/collaborators/{username}",
    permission="administration=write",
    role="admin",
    creates=True,
)
def add(call: Call) -> Reply:
    found, who, word = call.repository, _user(call), call.said.get("permission", "push")
    role = OLD_WORDS.get(word, word)
    if role not in ROLES:
        raise unprocessable(f"Invalid role: {word}")
    company = call.state.organizations.get(found.owner.login.lower())
    if who.login in found.collaborators or (company and who.login in company.members):
        found.collaborators[who.login] = role
        return Reply(204)
    found.invitations[who.login] = role
    return Reply(201, _invitation(call, who, role))


@operation("DELETE", "/repos/{owner}/{repo}/collaborators/{username}", permission="administration=write", role="admin")
def remove(call: Call) -> Reply:
    login = _user(call).login
    call.repository.collaborators.pop(login, None)
    call.repository.invitations.pop(login, None)
    return Reply(204)


def _user(call: Call) -> User:
    found = call.state.users.get(call.at["username"].lower())
    if found is None:
        raise not_found()
    return found


def _may_read(call: Call, who: User) -> bool:
    """Tell whether somebody is in the list: by more than that everybody may read it."""
    return who.type == "User" and any(role != "none" for role in call.state.held(who, call.repository))


def _shown(call: Call, who: User) -> dict[str, object]:
    role = call.state.role(who, call.repository)
    return {**shown.user(call.state, who), "permissions": shown.permissions(role), "role_name": role}


def _invitation(call: Call, who: User, role: str) -> dict[str, object]:
    found, number = call.repository, call.state.next_id()
    return {
        "id": number,
        "node_id": shown.node("RI", number),
        "repository": shown.repository(call.state, found, call.actor),
        "invitee": shown.user(call.state, who),
        "inviter": shown.user(call.state, call.actor),
        "permissions": role,
        "created_at": call.state.now(),
        "url": f"{call.state.api}/user/repository_invitations/{number}",
        "html_url": f"{call.state.url}/{found.full_name}/invitations",
    }
