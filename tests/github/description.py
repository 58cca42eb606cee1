"""
GitHub's own description of its API, and what of all that was said it does not allow.

The description is outside data: `github-openapi.json` in the directory that SCAFFOLDER_TEST_DATA names.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from jsonschema.exceptions import best_match  # type: ignore[import-untyped]
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_schema_validator import OAS30Validator
from werkzeug.datastructures import Headers, ImmutableMultiDict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.github.received import Received

HOST = "http://localhost"
MOST_WORDS = 300
ANYWHERE = frozenset({301, 307, 400, 401, 403, 404, 409, 422, 429, 500, 502})
"""
Waived, because the description lists them for some operations only, and GitHub gives them for all: a redirect of a
repository that was renamed, wrong JSON or wrong values, a token that is not known or may not, a limit, an empty
repository, trouble. The body is still an error as GitHub words one; so is that of a fault that was programmed.
"""
SILENCE = 0
"""Stands for no answer at all."""
UNCHANGED = 304
"""Waived in the same way: every GET can be asked with `If-None-Match`."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """
    Something that is said although the description does not have it: by whom, and `words` of what openapi-core says.

    With `instead` the answer is checked against that schema of the description.
    """

    method: str
    template: str
    why: str
    side: str = ""
    words: str = ""
    instead: str = ""

    def is_about(self, request: Received) -> bool:
        """Tell whether this operation is meant."""
        here = request.operation is not None and request.operation.template == self.template
        return here and self.method == request.method

    def covers(self, request: Received, side: str, complaint: str) -> bool:
        """Tell whether this is what was waived."""
        return self.is_about(request) and self.side == side and self.words in complaint


UNDESCRIBED = (
    Waiver("GET", "/meta", "the description was cut to what a scaffolder uses, and left this out"),
    Waiver("POST", "/graphql", "a draft is made ready through GraphQL only, which has a description of its own"),
)
"""Operations that the description does not have."""
WAIVERS = (
    Waiver(
        "GET",
        "/repos/{owner}/{repo}/contents/{path}",
        "a directory is a list, and the discriminator of the four kinds of content looks for a property",
        "answer",
        "is not of type 'object'",
        instead="content-directory",
    ),
    Waiver(
        "PUT",
        "/repos/{owner}/{repo}/contents/{path}",
        "a 409 must be exactly one of two schemas that both allow every error",
        "answer",
        "is valid under each of",
        instead="basic-error",
    ),
    Waiver(
        "PUT",
        "/repos/{owner}/{repo}/branches/{branch}/protection",
        "GitHub takes the nulls that PyGithub's `edit_protection` sends for switches that were not given",
        "request",
        ": None ",
    ),
    Waiver(
        "POST",
        "/repos/{owner}/{repo}/rulesets",
        "GitHub words a name that is taken as a bare text in `errors`; the description wants objects there",
        "answer",
        "is not of type 'object'",
        instead="validation-error-simple",
    ),
    Waiver(
        "GET",
        "/app/installations",
        "the account is a user or an enterprise; the description wants one that is both",
        "answer",
        "is a required property",
    ),
    Waiver(
        "POST",
        "/repos/{owner}/{repo}/issues/{issue_number}/labels",
        "GitHub takes the bare list that PyGithub's `add_to_labels` sends; the description has the object only",
        "request",
        "is not of type 'object'",
    ),
)
"""Requests and answers that GitHub knows and its description does not allow."""


@dataclass(slots=True)
class _Request:
    """A request as openapi-core wants it, by the template's own path."""

    path: str
    method: str
    parameters: RequestParameters
    body: bytes | None
    content_type: str = "application/json"
    host_url: str = HOST


@dataclass(slots=True)
class _Response:
    """An answer as openapi-core wants it."""

    status_code: int
    headers: Headers
    data: bytes
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and what was answered."""

    request: Received
    status: int
    headers: Mapping[str, str]
    body: bytes


@cache
def document(file: Path) -> OpenAPI:
    """Read the description, once."""
    return OpenAPI.from_dict(json.loads(file.read_bytes()), config=Config(spec_validator_cls=None))


@dataclass(slots=True)
class Description:
    """Collects what is said, and checks it when it is asked what was wrong."""

    api: OpenAPI
    waiting: list[Exchange] = field(default_factory=list)
    checked: int = 0
    _found: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, request: Received, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keep one exchange."""
        with self._lock:
            self.waiting.append(Exchange(request, status, dict(headers), body))

    def wrong(self) -> list[str]:
        """Return all complaints, each with what it is about."""
        with self._lock:
            waiting, self.waiting = self.waiting, []
        for exchange in waiting:
            self._found.extend(self._complaints(exchange))
            self.checked += 1
        return list(self._found)

    def _complaints(self, exchange: Exchange) -> Iterator[str]:
        request = exchange.request
        if request.operation is None:
            if exchange.status != 301 and request.trouble is None:
                yield f"{request}: the double knows no such operation"
            return
        if any(each.is_about(request) for each in UNDESCRIBED):
            return
        asked = _request(request)
        for side, found in (("request", self._asked(asked)), ("answer", self._answered(exchange, asked))):
            left = [words for complaint in found for words in self._left(exchange, side, complaint)]
            if left:
                yield f"{request}, the {side}: {'; '.join(left)}"

    def _left(self, exchange: Exchange, side: str, complaint: str) -> list[str]:
        """Return what a waiver leaves of a complaint."""
        waiver = next((each for each in WAIVERS if each.covers(exchange.request, side, complaint)), None)
        if waiver is None:
            return [complaint]
        if not waiver.instead:
            return []
        components = (self.api.spec / "components").read_value()
        schema = {"$ref": f"#/components/schemas/{waiver.instead}", "components": components}
        return [each.message for each in OAS30Validator(schema).iter_errors(json.loads(exchange.body))]

    def _asked(self, asked: _Request) -> list[str]:
        try:
            self.api.validate_request(asked)
        except OpenAPIError as error:
            return _words(error)
        return []

    def _answered(self, exchange: Exchange, asked: _Request) -> list[str]:
        if exchange.status == SILENCE:
            return []
        if exchange.status == UNCHANGED:
            return ["a 304 with a body"] if exchange.body else []
        anywhere = exchange.request.trouble is not None or str(exchange.status) not in self._listed(exchange)
        if exchange.status in ANYWHERE and anywhere:
            return _error_shape(exchange.body)
        answered = _Response(exchange.status, Headers(dict(exchange.headers)), exchange.body)
        try:
            self.api.validate_response(asked, answered)
        except OpenAPIError as error:
            return _words(error)
        return []

    def _listed(self, exchange: Exchange) -> list[str]:
        operation = exchange.request.operation
        assert operation is not None
        described = self.api.spec / "paths" / operation.template / operation.method.lower() / "responses"
        return [str(status) for status in described.keys()]  # noqa: SIM118  a path of the description, no dict


def _request(request: Received) -> _Request:
    assert request.operation is not None
    path = request.operation.template
    for name, value in request.parameters.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="") or "%2F")
    parameters = RequestParameters(
        query=ImmutableMultiDict(parse_qsl(request.query, keep_blank_values=True)),
        header=Headers(dict(request.headers)),
    )
    return _Request(path, request.method.lower(), parameters, request.body or None)


def _words(error: BaseException) -> list[str]:
    """Return what openapi-core found, down to the place in the JSON."""
    inner: Any = error.__cause__ or error
    best = [best_match([each]) for each in getattr(inner, "schema_errors", ())]
    places = [f"{'/'.join(map(str, each.absolute_path)) or 'body'}: {_short(each.message)}" for each in best]
    return places or [f"{type(error).__name__}: {error}: {inner}"]


def _short(message: str) -> str:
    return message if len(message) < MOST_WORDS else f"… {message[-MOST_WORDS:]}"


def _error_shape(body: bytes) -> list[str]:
    said = json.loads(body) if body else {}
    wrong = [
        name for name, value in said.items() if name in ("message", "documentation_url") and not isinstance(value, str)
    ]
    return [f"no error as GitHub words one: {said}"] if wrong or "message" not in said else []


def where_there_is_one() -> Description | None:
    """Return the description, or None: then a double answers as ever, and nothing of it is checked."""
    there = found()
    return None if isinstance(there, str) else there


def found() -> Description | str:
    """Return the description, or the reason why there is none."""
    directory = os.environ.get("SCAFFOLDER_TEST_DATA", "")
    if not directory:
        return "SCAFFOLDER_TEST_DATA names no directory of outside data"
    file = Path(directory) / "github-openapi.json"
    return Description(document(file)) if file.is_file() else "there is no github-openapi.json in SCAFFOLDER_TEST_DATA"
