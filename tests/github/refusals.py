"""What GitHub answers instead of what was asked for, in its own words."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID 1234."
)


class Refused(Exception):  # noqa: N818  an answer, not a failure of the double
    """An answer that is not what was asked for."""

    def __init__(self, status: int, message: str, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {"message": message, **more, "documentation_url": DOCS, "status": str(status)}


def not_found() -> Refused:
    return Refused(404, "Not Found")


def bad_credentials() -> Refused:
    return Refused(401, "Bad credentials")


def authentication_required() -> Refused:
    return Refused(401, "Requires authentication")


def forbidden(message: str, **headers: str) -> Refused:
    return Refused(403, message, headers={name.replace("_", "-"): value for name, value in headers.items()})


def empty_repository() -> Refused:
    return Refused(409, "Git Repository is empty.")


def conflict(message: str) -> Refused:
    return Refused(409, message)


def invalid(resource: str, field: str, code: str, *, message: str = "", whole: str = "Validation Failed") -> Refused:
    """Return the 422 whose `errors` name one field."""
    error = {"resource": resource, "code": code, "field": field}
    return Refused(422, whole, errors=[error | ({"message": message} if message else {})])


def unprocessable(message: str) -> Refused:
    """Return a 422 without `errors`."""
    return Refused(422, message)


def name_taken() -> Refused:
    return invalid(
        "Repository",
        "name",
        "custom",
        message="name already exists on this account",
        whole="Repository creation failed.",
    )


def upgrade_needed() -> Refused:
    return Refused(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")


def archived() -> Refused:
    return Refused(403, "Repository was archived so is read-only.")
