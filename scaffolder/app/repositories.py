"""
What GitHub says of the repositories that a form asks for.

It is a help while somebody answers, and no more: it is asked once and not waited for. Where there is no token for it,
or no answer, nothing is known, and nobody is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from scaffolder.app.repository_url import taken_apart
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.github.names import broken_rule

if TYPE_CHECKING:
    from scaffolder.gateways.github.client import Client

PATIENCE: Final = 3.0
"""Seconds for an answer."""
MOST_BRANCHES: Final = 100
UNKNOWN: Final = object()
"""Not even whether there is any."""


@dataclass(slots=True)
class Repositories:
    """Looks at the GitHub that a client is for."""

    client: Client
    _known: dict[str, Any] = field(default_factory=dict)
    _silent: bool = False

    @classmethod
    def quickly(cls, client: Client) -> Repositories:
        """Return who asks what a client asks, without its patience."""
        from scaffolder.gateways.github.client import Client
        from scaffolder.gateways.github.limits import Clock

        return cls(Client(client.server, client.token, Clock(patience=PATIENCE), longest_wait=0.0))

    def owners(self, host: str) -> list[str]:
        """Return who the person can make repositories for: themselves, and their organisations."""
        me, organizations = self._asked(host, "/user"), self._asked(host, "/user/orgs")
        found = [me, *organizations] if isinstance(me, dict) and isinstance(organizations, list) else []
        return [str(one["login"]) for one in found]

    def branches(self, repository: str) -> list[str]:
        """Return the branches of a repository, the default one first."""
        host, full_name = _named(repository)
        facts = self._asked(host, f"/repos/{quote(full_name)}") if full_name else None
        if not isinstance(facts, dict):
            return []
        found = self._asked(host, f"/repos/{quote(full_name)}/branches?per_page={MOST_BRANCHES}")
        names = [str(one["name"]) for one in found] if isinstance(found, list) else []
        return sorted(names, key=lambda name: name != facts.get("default_branch"))

    def told(self, repository: str) -> str:
        """Return what a person should know of a repository that they named, '' for nothing."""
        host, full_name = _named(repository)
        facts = self._asked(host, f"/repos/{quote(full_name)}") if full_name else UNKNOWN
        if isinstance(facts, dict):
            return f"{facts['full_name']} exists already on {host}"
        owner = full_name.partition("/")[0]
        is_nobody = facts is None and self._asked(host, f"/users/{quote(owner)}") is None
        return f"{host} knows nobody called {owner}" if is_nobody else ""

    def _asked(self, host: str, path: str) -> Any:
        """Return what is at a path, None for nothing, and UNKNOWN once it could not be asked."""
        if self._silent or host != self.client.server.host:
            return UNKNOWN
        try:
            if path not in self._known:
                self._known[path] = self.client.find(path)
        except ScaffolderError:
            self._silent = True
            return UNKNOWN
        return self._known[path]


def _named(repository: str) -> tuple[str, str]:
    """Return host and full name of a repository, '' for a name that GitHub does not take."""
    host, given = taken_apart(repository)
    full_name = f"{given.get('owner', '')}/{given.get('repo', '')}"
    return host, "" if broken_rule(full_name) else full_name
