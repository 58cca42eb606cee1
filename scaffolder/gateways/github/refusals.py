"""What GitHub refuses, in words a person can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.errors import Failed, InvalidInput, TryAgain
from scaffolder.gateways.forge import NotOffered

if TYPE_CHECKING:
    from scaffolder.errors import ScaffolderError
    from scaffolder.gateways.github.transport import Answer

_UNAUTHORIZED, _FORBIDDEN, _MISSING, _TROUBLE = 401, 403, 404, 500
_SSO = re.compile(r"url=(https://\S+)")
_PLAN = "upgrade to github"


class Unavailable(TryAgain):
    """GitHub cannot be reached, or has trouble of its own; `began` tells that it may have got what was sent."""

    def __init__(self, host: str, reason: str, *, hint: str = "", began: bool = True) -> None:
        super().__init__(f"{host} {reason}", hint=hint or "try again later")
        self.began = began


class LimitReached(TryAgain):
    """GitHub wants to be left alone for longer than we wait; `seconds` from now."""

    def __init__(self, host: str, *, seconds: float, until: str) -> None:
        super().__init__(f"{host} takes no more requests before {until}", hint=f"come back after {until}")
        self.seconds = seconds


class TokenRefused(InvalidInput):
    """There is no token, or it does not hold any more."""

    def __init__(self, host: str, *, given: bool) -> None:
        what = f"{host} does not know the token" if given else f"{host} wants to know who asks"
        ended = ": it has ended, or was withdrawn" if given else ""
        found = "   (where this one is from: scaffolder doctor)" if given else ""
        super().__init__(what + ended, hint=f"scaffolder login --host {host}{found}")


class SignOnNeeded(Failed):
    """The organisation lets a token in only after a sign-on with its own provider."""

    def __init__(self, host: str, url: str) -> None:
        super().__init__(
            f"{host} wants a single sign-on (SAML) before this token may be used for the organisation",
            hint=f"authorise it: {url}" if url else "authorise the token for the organisation, in its settings there",
        )


class PlanLacks(NotOffered):
    """What was asked for is not part of the plan that is paid for."""

    def __init__(self, what: str, said: str) -> None:
        super().__init__(f"{what}: {said}", hint="make the repository public, or take a larger plan")


class NotAllowed(Failed):
    """The token, or whoever it stands for, may not do that."""

    def __init__(self, what: str, said: str, wanted: str) -> None:
        needs = f"it needs {wanted}: " if wanted else ""
        super().__init__(
            f"{what} is not allowed: {said or 'GitHub gives no reason'}",
            hint=f"{needs}scaffolder login   takes another token, and an owner of the organisation can say who may",
        )


class RefusedByGitHub(Failed):
    """GitHub does not take it; its own words."""

    def __init__(self, what: str, answer: Answer) -> None:
        first, *more = said(answer) or [f"status {answer.status}"]
        unseen = answer.status == _MISSING
        hint = "it is not there, or this token may not do that: scaffolder login   takes another" if unseen else ""
        super().__init__(f"{what} was refused: {first}", hint=hint, details=tuple(more))
        self.status = answer.status


def refusal(host: str, what: str, answer: Answer, *, token: bool = True) -> ScaffolderError:
    """Return what to raise for an answer that is none of those that were expected."""
    said_lower = answer.message.lower()
    if answer.status == _UNAUTHORIZED:
        return TokenRefused(host, given=token)
    if answer.status >= _TROUBLE:
        return Unavailable(host, f"has trouble of its own (it answered {answer.status})")
    if answer.status == _FORBIDDEN and ("x-github-sso" in answer.headers or "saml enforcement" in said_lower):
        found = _SSO.search(answer.headers.get("x-github-sso", ""))
        return SignOnNeeded(host, found[1] if found else "")
    if answer.status == _FORBIDDEN and _PLAN in said_lower:
        return PlanLacks(what, answer.message)
    if answer.status == _FORBIDDEN:
        return NotAllowed(what, answer.message, wanted(answer))
    return RefusedByGitHub(what, answer)


def doing(verb: str, path: str) -> str:
    """Return in words what a request is to do."""
    place = path.partition("?")[0].strip("/")
    if verb == "POST" and (place == "user/repos" or re.fullmatch("orgs/[^/]+/repos", place)):
        return f"creating a repository in {place.split('/')[1]}" if place != "user/repos" else "creating a repository"
    verbs = {"GET": "reading", "POST": "making", "PUT": "setting", "PATCH": "changing", "DELETE": "deleting"}
    return f"{verbs[verb]} {place.removeprefix('repos/')}"


def said(answer: Answer) -> list[str]:
    """Return GitHub's own words, the details of a 422 among them, without what every line of them repeats."""
    errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
    lines = [answer.message.rstrip(".")] if answer.message else []
    for error in errors if isinstance(errors, list) else []:
        line = error if isinstance(error, str) else _detail(error) if isinstance(error, dict) else ""
        lines += [line] if line and line not in lines else []
    return lines


def wanted(answer: Answer) -> str:
    """Return what the token would have needed, in words, '' when GitHub does not say it."""
    permissions = answer.headers.get("x-accepted-github-permissions", "")
    if permissions:
        first = permissions.split(";", maxsplit=1)[0]
        parts = (part.strip().partition("=") for part in first.split(","))
        return "the permission " + " and ".join(f"{name.replace('_', ' ')} ({level})" for name, _, level in parts)
    scopes = answer.headers.get("x-accepted-oauth-scopes", "")
    held = answer.headers.get("x-oauth-scopes", "")
    lacking = [scope for scope in scopes.replace(" ", "").split(",") if scope and scope not in held]
    return f"the scope {' or '.join(lacking)}" if lacking else ""


def _detail(error: dict[str, object]) -> str:
    if isinstance(error.get("message"), str):
        return str(error["message"])
    words = (str(error.get(part) or "") for part in ("resource", "field", "code"))
    return " ".join(word for word in words if word)
