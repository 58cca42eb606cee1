"""How a repository is set up: its switches, topics, custom properties, the claims of its workflows, who watches it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffolder.gateways.github.repository_api import RepositoryApi


def change(repository: RepositoryApi, settings: Mapping[str, Any]) -> None:
    """Set switches, which have Backstage's names: `deleteBranchOnMerge`."""
    repository.request("PATCH", "", {_snake(name): value for name, value in settings.items()})


def set_topics(repository: RepositoryApi, topics: Sequence[str]) -> list[str]:
    """Set all topics; return them as GitHub has them."""
    names = list(dict.fromkeys(topic.lower() for topic in topics))
    return list(repository.request("PUT", "/topics", {"names": names}).body["names"])


def set_properties(repository: RepositoryApi, properties: Mapping[str, Any]) -> None:
    """Set properties that the organisation has defined."""
    named = [{"property_name": name, "value": value} for name, value in properties.items()]
    repository.request("PATCH", "/properties/values", {"properties": named})


def set_claims(repository: RepositoryApi, customization: Mapping[str, Any]) -> None:
    """Set the subject claims of the workflows' tokens."""
    said = {_snake(name): value for name, value in customization.items()}
    repository.request("PUT", "/actions/oidc/customization/sub", said)


def subscribe(repository: RepositoryApi, *, subscribed: bool) -> None:
    """Watch it, or no more."""
    repository.request("PUT", "/subscription", {"subscribed": subscribed, "ignored": False})


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
