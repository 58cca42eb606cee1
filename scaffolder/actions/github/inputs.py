"""
What the inputs of GitHub's actions have in common: where the repository is, and who asks.

Backstage's actions name it by `repoUrl`, `github.com?owner=acme&repo=shop`; ours by `repository`, `acme/shop`.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, quote

from scaffolder.actions.publish import refs_pushed, used_since
from scaffolder.errors import InvalidInput
from scaffolder.gateways.github.repository_api import RepositoryApi
from scaffolder.task.action import ActionContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.gateways.github.forge import GitHubForge
    from scaffolder.task.action import UndoContext, Values

TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"type": "array", "items": TEXT}
FLAG: dict[str, Any] = {"type": "boolean"}
NAMED_TEXTS: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}
ACTORS: dict[str, Any] = {
    "type": "object",
    "properties": {"users": TEXTS, "teams": TEXTS, "apps": TEXTS},
    "additionalProperties": False,
}
REPOSITORY = {"repository": {"type": "string", "pattern": "^[^/]+/[^/]+$"}}
REPO_URL = {"repoUrl": TEXT, "token": TEXT}


class RepoUrlInvalid(InvalidInput):
    """A `repoUrl` does not say which repository, or means one elsewhere."""


class RepositoryUnknown(InvalidInput):
    """A step is about a repository that is not there."""

    def __init__(self, full_name: str, forge: str) -> None:
        super().__init__(
            f"{forge} has no repository {full_name}, or the token cannot see it",
            hint="look at the step's repoUrl for a slip, or take another token: scaffolder login",
        )


def repo_url(host: str, full_name: str) -> str:
    """Return what Backstage's actions call a repository by."""
    owner, _, name = full_name.partition("/")
    return f"{host}?owner={quote(owner)}&repo={quote(name)}"


def full_name_of(context: UndoContext, value: Values) -> str:
    """
    Return the `OWNER/NAME` that an input is about.

    Raises:
        RepoUrlInvalid: Its `repoUrl` names none, or one that is not on this forge.
    """
    if "repository" in value:
        return str(value["repository"])
    host, _, query = str(value["repoUrl"]).removeprefix("https://").partition("?")
    said = parse_qs(query)
    owner, name = (said.get(word, [""])[0] for word in ("owner", "repo"))
    if not (owner and name):
        raise RepoUrlInvalid(
            f"repoUrl {value['repoUrl']!r} does not name a repository",
            hint=f"it looks like {repo_url(context.forge.name, 'acme/shop')}",
        )
    if host.lower() != context.forge.name.lower():
        raise RepoUrlInvalid(
            f"repoUrl names {host}, and the forge is {context.forge.name}",
            hint="integrations.github in scaffolder.yaml says which GitHub is used",
        )
    context.forge.check_name(f"{owner}/{name}")
    return f"{owner}/{name}"


@contextmanager
def repository_of(context: UndoContext, value: Values) -> Iterator[RepositoryApi]:
    """Give the repository that an input is about, asked in the name of the person, or of the input's own token."""
    full_name, forge = full_name_of(context, value), cast("GitHubForge", context.forge)
    fresh = isinstance(context, ActionContext) and is_ours(context, full_name)
    token = value.get("token")
    if not token:
        yield RepositoryApi(forge.client, full_name, fresh)
        return
    with closing(replace(forge.client, token=lambda: token)) as client:
        yield RepositoryApi(client, full_name, fresh)


def is_ours(context: ActionContext, full_name: str) -> bool:
    """Tell whether it is the repository that this task makes."""
    return full_name.lower() == context.repository.lower()


def check_repository(context: ActionContext, value: Values) -> None:
    """
    Check that the repository is there, unless this task makes it.

    Raises:
        RepositoryUnknown: It is not.
    """
    if is_ours(context, full_name_of(context, value)):
        return
    with repository_of(context, value) as repository:
        if repository.find("") is None:
            raise RepositoryUnknown(repository.full_name, context.forge.name)


def stays(context: UndoContext, value: Values, what: str) -> str:
    """Return that something stays which cannot be taken back, '' when it goes with the repository that we made."""
    full_name = full_name_of(context, value)
    found = context.forge.find(full_name)
    is_made = found is not None and found.created_by == context.task_id
    goes = found is None or (is_made and not used_since(context, full_name, refs_pushed(context)))
    return "" if goes else f"{full_name} keeps {what}"
