"""
Tokens of a GitHub App: for automation, which is nobody's account.

An app signs who it is with its private key; for one installation it gets a token that holds an hour. A new one is
asked for some time before that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffolder.errors import InvalidInput
from scaffolder.gateways.github.client import Client, InDoubt, ignore
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.transport import signed

if TYPE_CHECKING:
    from scaffolder.gateways.github.limits import Watcher
    from scaffolder.gateways.github.server import Server

EARLIER = 300.0
"""Seconds before its end that a token is replaced: a push may take long."""
_TRIES = 4


class AppKeyInvalid(InvalidInput):
    """What should be an app's private key is none."""

    def __init__(self) -> None:
        super().__init__(
            "the private key of the GitHub App cannot be read", hint="it is the PEM file that GitHub made for the app"
        )


class AppNotInstalled(InvalidInput):
    """The app has no way into the account."""

    def __init__(self, app: str, owner: str) -> None:
        super().__init__(
            f"the GitHub App {app} is not installed for {owner or 'any account'}",
            hint="install it there, or name its installation: SCAFFOLDER_GITHUB_APP_INSTALLATION",
        )


class AppAmbiguous(InvalidInput):
    """The app is installed for several accounts, and none of them was named."""

    def __init__(self, app: str, owners: list[str]) -> None:
        super().__init__(
            f"the GitHub App {app} is installed for {', '.join(owners)}",
            hint="say for which: SCAFFOLDER_GITHUB_APP_INSTALLATION",
        )


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App: its id, its private key (PEM), and its installation's id; '' is the only one, or `owner`'s."""

    id: str
    key: str = field(repr=False)
    installation: str = ""


@dataclass
class AppToken:
    """Gives the token that holds now; it is what `Client` takes."""

    server: Server
    app: App
    owner: str = ""
    clock: Clock = field(default_factory=Clock)
    watcher: Watcher = ignore
    _token: str = field(default="", init=False, repr=False)
    _until: float = field(default=0.0, init=False)
    _installation: str = field(default="", init=False)

    def __call__(self) -> str:
        """
        Return a token that holds for some minutes at least.

        Raises:
            AppKeyInvalid: The key is none.
            AppNotInstalled: There is no such installation.
            TokenRefused: GitHub does not know the app, or the key is not its.
        """
        if self.clock.now() >= self._until - EARLIER:
            client = Client(self.server, self._signed, self.clock, self.watcher)
            try:
                made = self._made(client)
            finally:
                client.close()
            self._token, self._until = made["token"], datetime.fromisoformat(made["expires_at"]).timestamp()
        return self._token

    def _made(self, client: Client) -> dict[str, Any]:
        self._installation = self._installation or self.app.installation or self._found(client)
        path = f"/app/installations/{quote(self._installation, safe='')}/access_tokens"
        for _ in range(_TRIES):
            try:
                answer = client.request("POST", path, expect=(201, 404))
            except InDoubt as doubt:  # a token more that nobody has does no harm
                last = doubt.error
                client.pause(1.0, last.message)
                continue
            if answer.body is None or "token" not in answer.body:
                raise AppNotInstalled(self.app.id, self.owner)
            made: dict[str, Any] = answer.body
            return made
        raise last

    def _found(self, client: Client) -> str:
        if self.owner:
            found = client.find(f"/orgs/{quote(self.owner)}/installation")
            if found is not None:
                return str(found["id"])
        all_of_them = list(client.pages("/app/installations"))
        if len(all_of_them) > 1:
            raise AppAmbiguous(self.app.id, sorted(each["account"]["login"] for each in all_of_them))
        if not all_of_them or self.owner:
            raise AppNotInstalled(self.app.id, self.owner)
        return str(all_of_them[0]["id"])

    def _signed(self) -> str:
        """Return who the app is, signed with its key."""
        try:
            return signed(self.app.id, self.app.key)
        except ValueError:
            raise AppKeyInvalid from None
