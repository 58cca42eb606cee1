"""Variables and secrets of GitHub Actions: a repository's, or one environment's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.gateways.github.repository_api import CONFLICT, CREATED, part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi


def set_variable(repository: RepositoryApi, name: str, value: str) -> None:
    """Set a variable of the repository, whether it is there or not."""

    def make(_lost: int) -> bool:
        if not _made(repository, "/actions/variables", name, value):
            repository.request("PATCH", f"/actions/variables/{part(name)}", {"name": name, "value": value})
        return True

    repository.insist(make)


def add_variable(repository: RepositoryApi, name: str, value: str, *, environment: str) -> bool:
    """Make a variable of an environment; return False when it was there, and was left as it is."""
    place = f"/environments/{part(environment)}/variables"
    return repository.insist(lambda _lost: _made(repository, place, name, value))


def _made(repository: RepositoryApi, place: str, name: str, value: str) -> bool:
    return (
        repository.request("POST", place, {"name": name, "value": value}, expect=(CREATED, CONFLICT)).status == CREATED
    )


def set_secrets(repository: RepositoryApi, secrets: Mapping[str, str], *, environment: str = "") -> None:
    """Set secrets, each sealed so that only GitHub can read it."""
    if not secrets:
        return
    place = f"/environments/{part(environment)}/secrets" if environment else "/actions/secrets"
    key = repository.request("GET", f"{place}/public-key").body
    for name, value in secrets.items():
        said = {"encrypted_value": _sealed(key["key"], value), "key_id": key["key_id"]}
        repository.request("PUT", f"{place}/{part(name)}", said)


def _sealed(key: Any, value: str) -> str:
    from github import PublicKey

    return PublicKey.encrypt(str(key), value)
