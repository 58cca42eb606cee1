"""Whose account it is that a repository is to be in: an organisation's, or a person's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffolder.errors import InvalidInput
from scaffolder.gateways.github.token import abilities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.client import Client
    from scaffolder.gateways.github.token import Abilities


class OwnerUnknown(InvalidInput):
    """There is no such account."""

    def __init__(self, owner: str, host: str) -> None:
        super().__init__(
            f"{host} knows no organisation or person {owner}",
            hint="name another: --repo OWNER/NAME, or repositoryOwner",
        )


class OwnerIsSomebodyElse(InvalidInput):
    """A person's account takes repositories from that person only."""

    def __init__(self, owner: str, login: str) -> None:
        super().__init__(
            f"{owner} is another person's account, and the token is {login or 'nobody'}'s",
            hint=f"name an organisation, or your own account: --repo {login or 'OWNER'}/NAME",
        )


@dataclass
class Accounts:
    """What GitHub says of accounts, asked once each."""

    client: Client
    _known: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False, repr=False)
    _me: Abilities | None = field(default=None, init=False, repr=False)

    def of(self, owner: str) -> Mapping[str, Any]:
        """
        Return what GitHub says of an organisation, or of a person; `type` says which.

        Raises:
            OwnerUnknown: There is none.
        """
        if owner.lower() not in self._known:
            found = self.client.find(f"/orgs/{quote(owner)}") or self.client.find(f"/users/{quote(owner)}")
            if found is None:
                raise OwnerUnknown(owner, self.client.server.host)
            self._known[owner.lower()] = found
        return self._known[owner.lower()]

    def is_organization(self, owner: str) -> bool:
        """Tell whether it is an organisation's."""
        return bool(self.of(owner).get("type", "Organization") == "Organization")

    def place_for_repositories(self, owner: str) -> str:
        """
        Return the path of the API that makes repositories there.

        Raises:
            OwnerUnknown: There is no such account.
            OwnerIsSomebodyElse: It is another person's.
        """
        if self.is_organization(owner):
            return f"/orgs/{quote(owner)}/repos"
        login = self.me().login
        if login.lower() != owner.lower():
            raise OwnerIsSomebodyElse(owner, login)
        return "/user/repos"

    def me(self) -> Abilities:
        """Return whom the token stands for, and what it may do."""
        if self._me is None:
            self._me = abilities(self.client)
        return self._me
