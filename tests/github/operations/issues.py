"""Labels, issues and their comments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.operations.repositories import at_least
from tests.github.refusals import Refused, invalid, not_found
from tests.github.routing import operation
from tests.github.state import Issue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.exchange import Call

GREY = "ededed"
"""The colour of a label that nobody gave one."""


@operation("GET", "/repos/{owner}/{repo}/labels", permission="issues=read")
def labels(call: Call) -> Page:
    return Page(list(call.repository.labels.values()), partial(_label, call))


@operation("POST", "/repos/{owner}/{repo}/labels", permission="issues=write", role="write", creates=True)
def create_label(call: Call) -> Reply:
    return Reply(201, _label(call, _new_label(call, str(call.need("name")), call.said)))


@operation("GET", "/repos/{owner}/{repo}/labels/{name}", permission="issues=read")
def label(call: Call) -> Reply:
    return Reply(body=_label(call, _found_label(call)))


@operation("PATCH", "/repos/{owner}/{repo}/labels/{name}", permission="issues=write", role="write")
def update_label(call: Call) -> Reply:
    found, said = _found_label(call), call.said
    known = call.repository.labels
    del known[found["name"]]
    changed: dict[str, Any] = {name: said[name] for name in ("color", "description") if name in said}
    made: dict[str, Any] = {**found, **changed, "name": str(said.get("new_name", found["name"]))}
    known[made["name"]] = made
    return Reply(body=_label(call, made))


@operation("DELETE", "/repos/{owner}/{repo}/labels/{name}", permission="issues=write", role="write")
def delete_label(call: Call) -> Reply:
    del call.repository.labels[_found_label(call)["name"]]
    return Reply(204)


@operation("GET", "/repos/{owner}/{repo}/issues", permission="issues=read")
def every(call: Call) -> Page:
    wanted = call.query.get("state", "open")
    names = [name for name in call.query.get("labels", "").split(",") if name]
    found = [
        each
        for each in reversed(call.repository.issues.values())
        if wanted in ("all", each.state) and all(name in each.labels for name in names)
    ]
    return Page(found, partial(_issue, call))


@operation("POST", "/repos/{owner}/{repo}/issues", permission="issues=write", creates=True)
def create(call: Call) -> Reply:
    found, now = call.repository, call.state.now()
    if not found.settings.get("has_issues", True):
        raise Refused(410, "Issues has been disabled in this repository.")
    made = Issue(
        call.state.next_id(), next(found.numbers), str(call.need("title")), call.said.get("body"), call.actor, now
    )
    made.updated = now
    if at_least(call, "triage"):
        made.labels = _labelled(call, call.said.get("labels") or ())
        made.assignees = _assigned(call, call.said.get("assignees") or ())
    found.issues[made.number] = made
    return Reply(201, _issue(call, made))


@operation("GET", "/repos/{owner}/{repo}/issues/{issue_number}", permission="issues=read")
def get(call: Call) -> Reply:
    return Reply(body=_issue(call, _found(call)))


@operation("PATCH", "/repos/{owner}/{repo}/issues/{issue_number}", permission="issues=write", role="triage")
def update(call: Call) -> Reply:
    one, said = _found(call), call.said
    one.title, one.body = said.get("title", one.title), said.get("body", one.body)
    if "labels" in said:
        one.labels = _labelled(call, said["labels"])
    if "assignees" in said:
        one.assignees = _assigned(call, said["assignees"])
    if "state" in said:
        one.state = said["state"]
        one.closed = call.state.now() if one.state == "closed" else None
    one.updated = call.state.now()
    return Reply(body=_issue(call, one))


@operation("POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels", permission="issues=write", role="triage")
def add_labels(call: Call) -> Reply:
    one = _found(call)
    said = call.body if isinstance(call.body, list) else call.need("labels")
    one.labels += [name for name in _labelled(call, said) if name not in one.labels]
    return Reply(body=[_label(call, call.repository.labels[name]) for name in one.labels])


@operation("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", permission="issues=read")
def comments(call: Call) -> Page:
    return Page(_found(call).comments, lambda each: each)


@operation("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", permission="issues=write", creates=True)
def comment(call: Call) -> Reply:
    one, number = _found(call), call.state.next_id()
    api, page = f"{call.state.api}/repos/{call.repository.full_name}", f"{call.state.url}/{call.repository.full_name}"
    made = {
        "id": number,
        "node_id": shown.node("IC", number),
        "url": f"{api}/issues/comments/{number}",
        "html_url": f"{page}/issues/{one.number}#issuecomment-{number}",
        "issue_url": f"{api}/issues/{one.number}",
        "body": str(call.need("body")),
        "user": shown.user(call.state, call.actor),
        "created_at": call.state.now(),
        "updated_at": call.state.now(),
        "author_association": "MEMBER",
    }
    one.comments.append(made)
    return Reply(201, made)


def _label(call: Call, one: dict[str, Any]) -> dict[str, Any]:
    return shown.label(call.state, call.repository, one)


def _known(call: Call, name: str) -> dict[str, Any] | None:
    matches = (each for each in call.repository.labels.values() if each["name"].lower() == name.lower())
    return next(matches, None)


def _found_label(call: Call) -> dict[str, Any]:
    found = _known(call, call.at["name"])
    if found is None:
        raise not_found()
    return found


def _new_label(call: Call, name: str, said: dict[str, Any]) -> dict[str, Any]:
    if _known(call, name) is not None:
        raise invalid("Label", "name", "already_exists")
    color = str(said.get("color", GREY))
    if len(color) not in (3, 6):
        raise invalid("Label", "color", "invalid")
    made = {"id": call.state.next_id(), "name": name, "color": color, "description": said.get("description")}
    call.repository.labels[name] = made = {**made, "default": False}
    return made


def _labelled(call: Call, said: Sequence[str | dict[str, str]]) -> list[str]:
    names = [each if isinstance(each, str) else each["name"] for each in said]
    return [(_known(call, name) or _new_label(call, name, {}))["name"] for name in names]


def _assigned(call: Call, logins: Sequence[str]) -> list[str]:
    known = call.state.users
    return [known[login.lower()].login for login in logins if login.lower() in known]


def _found(call: Call) -> Issue:
    number = call.at["issue_number"]
    found = call.repository.issues.get(int(number)) if number.isdigit() else None
    if found is None:
        raise not_found()
    return found


def _issue(call: Call, one: Issue) -> dict[str, Any]:
    name, state = call.repository.full_name, call.state
    api, is_pull = f"{state.api}/repos/{name}", one.number in call.repository.pulls
    me, page = f"{api}/issues/{one.number}", f"{state.url}/{name}/{'pull' if is_pull else 'issues'}/{one.number}"
    people = [shown.user(state, state.users[login.lower()]) for login in one.assignees]
    linked = {"url": f"{api}/pulls/{one.number}", "html_url": page, "diff_url": f"{page}.diff"}
    return {
        "url": me,
        "repository_url": api,
        "html_url": page,
        "labels_url": f"{me}/labels{{/name}}",
        "comments_url": f"{me}/comments",
        "events_url": f"{me}/events",
        "timeline_url": f"{me}/timeline",
        "id": one.id,
        "node_id": shown.node("I", one.id),
        "number": one.number,
        "title": one.title,
        "body": one.body,
        "state": one.state,
        **({"state_reason": "completed"} if one.state == "closed" else {}),
        "locked": False,
        "user": shown.user(state, one.author),
        "labels": [_label(call, call.repository.labels[name]) for name in one.labels],
        "assignee": people[0] if people else None,
        "assignees": people,
        "milestone": None,
        "comments": len(one.comments),
        "author_association": "MEMBER",
        "created_at": one.created,
        "updated_at": one.updated,
        "closed_at": one.closed,
        **({"pull_request": {**linked, "patch_url": f"{page}.patch"}} if is_pull else {}),
    }
