"""
GitHub's GraphQL, for what REST has no words.

It answers 200 when something is wrong, too, and says in `errors` what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.gateways.github.refusals import refusal
from scaffolder.gateways.github.transport import GRAPHQL, Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.client import Client

_STATUSES = {"FORBIDDEN": 403, "INSUFFICIENT_SCOPES": 403, "NOT_FOUND": 404}
_INVALID = 422


def mutate(client: Client, what: str, query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Change something, and return what was asked for of it; `what` says in words what is done.

    Raises:
        InDoubt: The answer was lost.
        ScaffolderError: It was refused.
    """
    answer = client.request("POST", GRAPHQL, {"query": query, "variables": dict(variables)})
    errors = answer.body.get("errors") or []
    if errors:
        raise refusal(client.server.host, what, _as_of_rest(answer, errors[0]), token=bool(client.token()))
    data: Mapping[str, Any] = answer.body["data"]
    return data


def _as_of_rest(answer: Answer, error: Mapping[str, Any]) -> Answer:
    """Return an error as REST would have answered it."""
    status = _STATUSES.get(str(error.get("type")), _INVALID)
    return Answer(status, answer.headers, {"message": error.get("message", "")})
