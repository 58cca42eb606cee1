"""GraphQL: questions, and the little that REST has no words for, whether a pull request is a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Reply
from tests.github.operations import queries
from tests.github.refusals import Refused
from tests.github.routing import operation
from tests.github.state import ROLES

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.state import Pull, Repository

LATER = "enablePullRequestAutoMerge"
DRAFT = {"markPullRequestReadyForReview": False, "convertPullRequestToDraft": True}


@operation("POST", "/graphql", resource="graphql")
def graphql(call: Call) -> Reply:
    query = str(call.need("query"))
    if re.match(r"\s*(query\b|\{)", query):
        return queries.answer(call, query)
    asked = re.search(r"\{\s*(\w+)\s*\(", query)
    name = asked[1] if asked else ""
    if name not in {*DRAFT, LATER}:
        raise Refused(400, f"the double knows no GraphQL of this kind: {call.said['query']}")
    said = call.said.get("variables", {}).get("input", {})
    found = _pull(call, said.get("pullRequestId", ""))
    if found is None:
        words = f"Could not resolve to a node with the global id of '{said.get('pullRequestId')}'"
        return _failed(name, "NOT_FOUND", words)
    where, pull = found
    if not _may(call, where, pull):
        return _failed(name, "FORBIDDEN", "Resource not accessible by personal access token")
    if name == LATER and not where.settings.get("allow_auto_merge"):
        return _failed(name, "UNPROCESSABLE", "Auto merge is not allowed for this repository")
    if name == LATER:
        pull.merges_later = said.get("mergeMethod", "MERGE")
    pull.draft = DRAFT.get(name, pull.draft)
    shown_pull = {
        "id": said["pullRequestId"],
        "number": pull.issue.number,
        "isDraft": pull.draft,
        "baseRefName": pull.base,
    }
    return Reply(body={"data": {name: {"clientMutationId": said.get("clientMutationId"), "pullRequest": shown_pull}}})


def _pull(call: Call, identifier: str) -> tuple[Repository, Pull] | None:
    for where in call.state.repositories.values():
        for pull in where.pulls.values():
            if shown.node("PR", pull.issue.id) == identifier and call.state.sees(call.token, where):
                return where, pull
    return None


def _may(call: Call, where: Repository, pull: Pull) -> bool:
    permitted = call.token is not None and call.token.holds("pull_requests=write")
    writes = ROLES.index(call.state.role_of(call.token, where)) >= ROLES.index("write")
    return permitted and (writes or pull.issue.author is call.actor)


def _failed(name: str, kind: str, words: str) -> Reply:
    error: dict[str, Any] = {"type": kind, "path": [name], "message": words}
    return Reply(body={"data": {name: None}, "errors": [error]})
