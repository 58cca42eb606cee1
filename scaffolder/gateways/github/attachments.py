"""
What hangs on a repository: webhooks, deploy keys, autolinks, its pages.

GitHub has each of them once, by what it is: an address and its events, a key, a prefix. One that is there is left as it
is when it is what is wanted, and a conflict when it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.errors import Conflict
from scaffolder.gateways.github.refusals import refusal
from scaffolder.gateways.github.repository_api import CONFLICT, CREATED, INVALID, MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi


class AlreadyDifferent(Conflict):
    """A repository has one that is not what is wanted."""

    def __init__(self, full_name: str, what: str) -> None:
        super().__init__(
            f"{full_name} has {what} already, and another one is wanted",
            hint="remove it there, or leave the step out: --skip STEP",
        )


class Attached(NamedTuple):
    """What hangs there now; `made` when we have just made it."""

    facts: Mapping[str, Any]
    made: bool


def ensure_webhook(repository: RepositoryApi, wanted: Mapping[str, Any]) -> Attached:
    """Let GitHub call an address at some events; `wanted` is in GitHub's words."""
    key = (wanted["config"]["url"], sorted(wanted["events"]))
    return _ensured(repository, "/hooks", wanted, lambda one: (one["config"].get("url"), sorted(one["events"])) == key)


def ensure_deploy_key(repository: RepositoryApi, title: str, key: str) -> Attached:
    """Let a key read and write the repository."""
    bare = _bare(key)
    return _ensured(repository, "/keys", {"title": title, "key": key}, lambda one: _bare(one["key"]) == bare)


def ensure_autolink(repository: RepositoryApi, wanted: Mapping[str, Any]) -> Attached:
    """Make links of references; `wanted` is in GitHub's words."""
    prefix = wanted["key_prefix"].lower()
    found = _ensured(repository, "/autolinks", wanted, lambda one: one["key_prefix"].lower() == prefix)
    if any(found.facts.get(name) != value for name, value in wanted.items() if name != "key_prefix"):
        raise AlreadyDifferent(repository.full_name, f"an autolink for {wanted['key_prefix']}")
    return found


def ensure_pages(repository: RepositoryApi, wanted: Mapping[str, Any], *, change: bool) -> Attached:
    """Publish pages, in GitHub's words; with `change`, those that are there become what is wanted."""

    def make(lost: int) -> Attached | None:
        answer = repository.request("POST", "/pages", dict(wanted), expect=(CREATED, CONFLICT))
        return Attached(answer.body, made=True) if lost or answer.status == CREATED else None

    made = repository.insist(make)
    if made:
        return made
    if change:
        repository.request("PUT", "/pages", dict(wanted))
        return Attached({}, made=True)
    facts = repository.find("/pages") or {}
    if any(facts.get(name) != value for name, value in wanted.items()):
        raise AlreadyDifferent(repository.full_name, "pages")
    return Attached(facts, made=False)


def delete(repository: RepositoryApi, kind: str, number: int) -> None:
    """Take a webhook (`hooks`) or a deploy key (`keys`) away, if it is there."""
    repository.request("DELETE", f"/{kind}/{number}", expect=(204, MISSING))


def has_webhook(repository: RepositoryApi, url: str) -> bool:
    """Tell whether some webhook calls an address."""
    return any(one["config"].get("url") == url for one in repository.pages("/hooks"))


def has_deploy_key(repository: RepositoryApi, key: str) -> bool:
    """Tell whether a key may be used there."""
    return any(_bare(one["key"]) == _bare(key) for one in repository.pages("/keys"))


def _ensured(
    repository: RepositoryApi, place: str, wanted: Mapping[str, Any], is_it: Callable[[Mapping[str, Any]], bool]
) -> Attached:
    """Make it, or find the one that GitHub says is there; one that appeared while an answer was lost is ours."""

    def make(lost: int) -> Attached:
        answer = repository.request("POST", place, dict(wanted), expect=(CREATED, INVALID))
        if answer.status == CREATED:
            return Attached(answer.body, made=True)
        found = next((one for one in repository.pages(place) if is_it(one)), None)
        if found is None:
            raise refusal(repository.client.server.host, f"making {repository.full_name}{place}", answer)
        return Attached(found, made=lost > 0)

    return repository.insist(make)


def _bare(key: str) -> list[str]:
    """Return a public key without its comment."""
    return key.split()[:2]
