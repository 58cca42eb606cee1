"""Errors as RFC 9457 tells them: `application/problem+json`."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong, for a program and for a person."""

    type: str = "about:blank"
    title: str = Field(description="The same for every problem of this status.")
    status: int
    detail: str | None = Field(default=None, description="What went wrong this time.")
    errors: list[str] = Field(default=[], description="What is wrong with the input.")


# Every operation of the API description names it as the answer for whatever goes wrong.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def problem(status: int, detail: str | None = None, errors: Sequence[str] = ()) -> JSONResponse:
    """Build the answer."""
    body = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors)
    )
    content = body.model_dump(exclude_defaults=True) | {"type": body.type}
    return JSONResponse(content, status, media_type=MEDIA_TYPE)


async def on_http_error(_: Request, error: Exception) -> JSONResponse:
    """Answer what an endpoint raised, or what no endpoint answers to."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    detail = None if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    answer = problem(error.status_code, detail)
    answer.headers.update(error.headers or {})
    return answer


async def on_invalid_request(_: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with the request, and never what was in it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    errors = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return problem(422, "The request is not valid.", errors)


def install(app: FastAPI) -> None:
    """Make every error of the application a problem, and describe what that is."""
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    components = app.openapi().setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
