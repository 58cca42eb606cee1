"""
Where the token for a GitHub comes from.

In this order: a GitHub App, for automation; the variable GITHUB_TOKEN; what the `gh` program has stored; the keyring of
the operating system, into which `scaffolder login` puts one. Each is for one host, and is sent to no other.

    SCAFFOLDER_GITHUB_APP_ID, SCAFFOLDER_GITHUB_APP_KEY (or …_KEY_FILE), SCAFFOLDER_GITHUB_APP_INSTALLATION
    GITHUB_TOKEN or GH_TOKEN              for github.com, or the host of GITHUB_SERVER_URL
    GITHUB_ENTERPRISE_TOKEN or GH_ENTERPRISE_TOKEN      for the host of GH_HOST
    GITHUB_API_URL                        where the API of that host is, if not at the usual place
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from scaffolder.errors import Failed, InvalidInput
from scaffolder.gateways.git_credentials import origin_of
from scaffolder.gateways.github.app_token import App, AppToken
from scaffolder.gateways.github.client import ignore
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import GITHUB, Server
from scaffolder.gateways.process import ProgramMissing, ProgramStalled, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from scaffolder.gateways.github.limits import Watcher

SERVICE: Final = "scaffolder"
"""What the keyring calls us; the host is the name."""
APP: Final = "SCAFFOLDER_GITHUB_APP"
PATIENCE: Final = 10.0
"""Seconds for the `gh` program."""

_OF_HOST = ("GITHUB_TOKEN", "GH_TOKEN")
_OF_ENTERPRISE = ("GITHUB_ENTERPRISE_TOKEN", "GH_ENTERPRISE_TOKEN")


class NoToken(InvalidInput):
    """Nothing holds a token for a host."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"there is no token for {host}",
            hint=f"scaffolder login --host {host}   (or set GITHUB_TOKEN, or: gh auth login)",
        )


class NoKeyring(Failed):
    """There is no keyring to put a token into."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the token cannot be kept: {reason}", hint="set GITHUB_TOKEN instead, or let gh keep it: gh auth login"
        )


class AppIncomplete(InvalidInput):
    """A GitHub App is named, and something of it is missing."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A token and where it was found, or an app that gets one."""

    source: str
    token: str = field(default="", repr=False)
    app: App | None = None


def server_of(host: str, environ: Mapping[str, str], *, api_base_url: str = "") -> Server:
    """Return the GitHub at `host`, '' is the one that the environment speaks of; its API is where somebody says."""
    own = _own_host(environ)
    wanted = host or own
    return Server.of(wanted, api_base_url or (environ.get("GITHUB_API_URL", "") if wanted == own else ""))


def of_settings(named: Sequence[Server], environ: Mapping[str, str], *, host: str = "") -> Server:
    """Return the GitHub at `host`, of those that are named first; '' is the first, else the environment's."""
    of_host = [each for each in named if host.lower() in {"", each.host}]
    return of_host[0] if of_host else server_of(host, environ)


def server_at(origin: str, named: Sequence[Server], environ: Mapping[str, str]) -> Server | None:
    """Return the GitHub whose repositories are at an origin, of those that are named and the environment's."""
    return next((each for each in (*named, server_of("", environ)) if origin_of(each.web) == origin), None)


def or_nothing(token: Callable[[], str]) -> Callable[[], str]:
    """Return what gives the same token, and '' where there is none."""

    def given() -> str:
        try:
            return token()
        except NoToken:
            return ""

    return given


def find(host: str, environ: Mapping[str, str]) -> Credential | None:
    """
    Return what is known for a host, None when there is nothing.

    Raises:
        AppIncomplete: A GitHub App is named without its key, or the key cannot be read.
    """
    return _app(host, environ) or _variable(host, environ) or _of_gh(host, environ) or _of_keyring(host)


def tokens(
    server: Server,
    environ: Mapping[str, str],
    *,
    owner: str = "",
    clock: Clock | None = None,
    watcher: Watcher = ignore,
) -> Callable[[], str]:
    """
    Return what gives the token for a GitHub whenever it is needed; nothing is looked for before.

    `owner` is the account whose installation an app uses. What is returned raises as `find` does, and:

    Raises:
        NoToken: There is none.
    """
    found: list[Callable[[], str]] = []

    def token() -> str:
        if not found:
            credential = find(server.host, environ)
            if credential is None:
                raise NoToken(server.host)
            found.append(giver(server, credential, owner=owner, clock=clock, watcher=watcher))
        return found[0]()

    return token


def giver(
    server: Server, found: Credential, *, owner: str = "", clock: Clock | None = None, watcher: Watcher = ignore
) -> Callable[[], str]:
    """Return what gives the token of a credential whenever it is needed; see `tokens`."""
    if found.app is not None:
        return AppToken(server, found.app, owner, clock or Clock(), watcher)
    return lambda: found.token


def keep(host: str, token: str) -> None:
    """
    Put a token into the keyring.

    Raises:
        NoKeyring: There is none, or it is locked.
    """
    keyring = _keyring()
    if keyring is None:
        raise NoKeyring("the package keyring is not installed (pip install keyring)")
    try:
        keyring.set_password(SERVICE, host, token)
    except keyring.errors.KeyringError as error:
        raise NoKeyring(_one_sentence(error)) from None


def _app(host: str, environ: Mapping[str, str]) -> Credential | None:
    name = environ.get(f"{APP}_ID", "")
    if not name or host != _own_host(environ):
        return None
    key = environ.get(f"{APP}_KEY", "") or _read(environ.get(f"{APP}_KEY_FILE", ""))
    if not key:
        raise AppIncomplete(
            f"the GitHub App {name} has no private key",
            hint=f"set {APP}_KEY to its text, or {APP}_KEY_FILE to its file",
        )
    return Credential(f"the GitHub App {name}", app=App(name, key, environ.get(f"{APP}_INSTALLATION", "")))


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8") if file else ""
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise AppIncomplete(f"the private key {file} cannot be read: {why}", hint=f"correct {APP}_KEY_FILE") from None


def _variable(host: str, environ: Mapping[str, str]) -> Credential | None:
    names = (
        *(_OF_HOST if host == _own_host(environ) else ()),
        *(_OF_ENTERPRISE if host == environ.get("GH_HOST") else ()),
    )
    return next(
        (Credential(f"the variable {name}", environ[name].strip()) for name in names if environ.get(name)), None
    )


def _of_gh(host: str, environ: Mapping[str, str]) -> Credential | None:
    """Ask the `gh` program for what it has stored: not for what it would find in variables, which are for one host."""
    ours = {*_OF_HOST, *_OF_ENTERPRISE}
    env = {name: value for name, value in environ.items() if name not in ours}
    try:
        done = run(("gh", "auth", "token", "--hostname", host), env=env, timeout=PATIENCE)
    except (ProgramMissing, ProgramStalled):
        return None
    token = done.stdout.decode(errors="replace").strip()
    return Credential("the gh program", token) if done.returncode == 0 and re.fullmatch("[!-~]+", token) else None


def _of_keyring(host: str) -> Credential | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        token = keyring.get_password(SERVICE, host)
    except keyring.errors.KeyringError:
        return None
    return Credential("the keyring", token) if token else None


def _keyring() -> ModuleType | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    return keyring


def _own_host(environ: Mapping[str, str]) -> str:
    """Return the host that GITHUB_TOKEN is for: that of the server that runs us in GitHub Actions."""
    try:
        return urlsplit(environ.get("GITHUB_SERVER_URL", "")).netloc.lower() or GITHUB
    except ValueError:
        return GITHUB


def _one_sentence(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".").split(". ")[0]
