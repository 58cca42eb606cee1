"""
What is published of the parts of Backstage's catalog API by which services are registered: what may be sent, and what
is answered. https://backstage.io/docs/features/software-catalog/software-catalog-api
"""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs

TEXT = {"type": "string"}
NOTHING: dict[str, Any] = {"type": "null"}


def _with(*required: str, closed: bool = False, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": not closed,
    }


ERROR = _with(
    "error",
    "response",
    error=_with("name", "message", name=TEXT, message=TEXT),
    response=_with("statusCode", statusCode={"type": "number"}),
)
ENTITY = _with(
    *("apiVersion", "kind", "metadata"),
    apiVersion=TEXT,
    kind=TEXT,
    metadata=_with("name", name=TEXT, namespace=TEXT),
    spec={"type": "object"},
)
LOCATION = _with("id", "type", "target", closed=True, id=TEXT, type=TEXT, target=TEXT)
ERRORS = _with("errors", errors={"type": "array", "items": _with("name", "message", name=TEXT, message=TEXT)})

OPERATIONS: dict[tuple[str, str], tuple[dict[str, Any], dict[int, dict[str, Any]]]] = {
    ("GET", "/entities/by-name/[^/]+/[^/]+/[^/]+"): (NOTHING, {200: ENTITY}),
    ("POST", "/validate-entity"): (
        _with("location", "entity", location=TEXT, entity={"type": "object"}),
        {200: NOTHING, 400: ERRORS},
    ),
    ("GET", "/locations"): (NOTHING, {200: {"type": "array", "items": _with("data", data=LOCATION)}}),
    ("POST", "/locations"): (
        _with("type", "target", type={"const": "url"}, target=TEXT),
        {201: _with("location", "entities", location=LOCATION, entities={"type": "array", "items": ENTITY})},
    ),
    ("DELETE", "/locations/[^/]+"): (NOTHING, {204: NOTHING}),
}
"""By verb and path below the API: what is sent, and what is answered by status; of any other status, an error."""


def wrong(verb: str, path: str, sent: Any, status: int, answer: Any) -> list[str]:
    """Return what was said, by either side, that is not published so."""
    found = [each for (said, form), each in OPERATIONS.items() if said == verb and re.fullmatch(form, path)]
    if not found:
        return [f"{verb} {path} is not published"]
    asks, answers = found[0]
    said = (("sent", asks, sent), (f"answered {status}", answers.get(status, ERROR), answer))
    return [
        f"{verb} {path}, {what}: {error.message}"
        for what, schema, value in said
        for error in jsonschema_rs.validator_for(schema).iter_errors(value)
    ]
