"""
One request to GitHub and its answer, through PyGithub: the only place that imports it.

PyGithub repeats and paces requests by itself; both are off here. `client` does that, by rules that can be tested.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urljoin, urlsplit

from scaffolder.gateways.http import TokenInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from github.Requester import Requester

PAGE: Final = 100
"""Items of a page: the most there are."""
VERSION: Final = "2022-11-28"
MOST_REDIRECTS: Final = 3
GRAPHQL: Final = "/graphql"
"""The path of the other API, wherever it is."""

_MOVED = frozenset({301, 302, 303, 307, 308})
_UNREACHABLE = "cannot be reached"
_SIGNED = "eyJ"  # how every JSON Web Token begins
_BROKE_OFF = "broke off in the middle of its answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub said; names of headers are lower case, `body` is JSON, None where there is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def message(self) -> str:
        """What it says went wrong."""
        said = self.body.get("message") if isinstance(self.body, dict) else None
        return said if isinstance(said, str) else ""


class NoAnswer(Exception):  # noqa: N818  not shown to anybody: `client` says what it means
    """
    What was sent has no answer that can be read.

    `began` is False when it certainly never got there; `again` is False when asking again cannot help.
    """

    def __init__(self, reason: str, *, hint: str = "", began: bool = True, again: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.began = began
        self.again = again


class Transport:
    """
    Sends requests to the API at `base`, in the name of whoever `token` stands for at that moment; '' is nobody.

    `patience` is how many seconds it waits for a connection, and for the next bytes of an answer.
    """

    def __init__(self, base: str, token: Callable[[], str], patience: float) -> None:
        self.base = base
        self.patience = patience
        self._token = token
        self._made: tuple[str, Requester] | None = None

    def send(self, verb: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """
        Send one request and return its answer, whatever the status; redirects within the API are followed.

        Raises:
            NoAnswer: There is none.
            TokenInvalid: The token cannot be sent.
        """
        for _ in range(MOST_REDIRECTS):
            answer = self._send(verb, path, body, headers or {})
            if answer.status not in _MOVED or "location" not in answer.headers:
                return answer
            path = self._moved(path, answer.headers["location"])
        raise NoAnswer("sends us round in circles", again=False)

    def close(self) -> None:
        """Let go of the connection; it is opened again when it is needed."""
        if self._made:
            self._made[1].close()

    def _send(self, verb: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        from requests.exceptions import RequestException

        sent = {"Accept": "application/vnd.github+json", **headers}
        try:
            requester = self._requester()
            url = requester.graphql_url if path == GRAPHQL else path
            status, received, text = requester.requestJson(verb, url, headers=sent, input=body)
        except RequestException as error:
            raise _meaning(error) from None  # its own words may hold a proxy's password
        except RuntimeError:  # how PyGithub says that a redirect leads to another host
            raise NoAnswer("sends us to another host, which is not followed", again=False) from None
        except AssertionError:
            raise NoAnswer("sends us to another address, which is not followed", again=False) from None
        return Answer(status, received, _parsed(text, status))

    def _moved(self, path: str, location: str) -> str:
        """Return the path below the API that a redirect leads to: the token is for nobody else."""
        target = urljoin(f"{self.base}{path}", location)
        here, there = urlsplit(self.base), urlsplit(target)
        same = (here.scheme, here.netloc) == (there.scheme, there.netloc) and there.path.startswith(f"{here.path}/")
        if not same:
            raise NoAnswer(f"sends us to {there.hostname or 'nowhere'}, which is not followed", again=False)
        return there.path.removeprefix(here.path) + (f"?{there.query}" if there.query else "")

    def _requester(self) -> Requester:
        token = self._token()
        if self._made is None or self._made[0] != token:
            self.close()
            self._made = token, _requester(self.base, token, self.patience)
        return self._made[1]


def load_meanwhile() -> None:
    """Load PyGithub, which takes a fifth of a second, beside what is done until the first request."""
    from threading import Thread

    Thread(target=import_module, args=("github.Requester",)).start()  # no daemon: it would be killed amid an import


def _requester(base: str, token: str, patience: float) -> Requester:
    from github import Auth
    from github.Requester import Requester

    from scaffolder import __version__

    if not re.fullmatch("[!-~]*", token):
        raise TokenInvalid
    kind = Auth.AppAuthToken if token.startswith(_SIGNED) else Auth.Token
    return Requester(
        auth=kind(token) if token else None,
        base_url=base,
        timeout=cast("int", patience),  # requests takes fractions, too
        user_agent=f"scaffolder/{__version__}",
        per_page=PAGE,
        verify=os.environ.get("SSL_CERT_FILE") or True,  # where OpenSSL looks too
        retry=None,
        pool_size=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        api_version=VERSION,
    )


def signed(app: str, key: str) -> str:
    """
    Return what a GitHub App says who it is with, signed with its private key: it holds for five minutes.

    Raises:
        ValueError: The key is none.
    """
    from github import Auth
    from jwt import PyJWTError

    try:
        return Auth.AppAuth(app, key).token
    except (PyJWTError, AssertionError, TypeError) as error:
        raise ValueError("not a private key") from error


def _parsed(text: str, status: int) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        if status < 400:  # noqa: PLR2004
            raise NoAnswer(_BROKE_OFF) from None
        return {"message": ""}  # the page of a machine before it


def _meaning(error: Exception) -> NoAnswer:
    from requests import exceptions
    from urllib3.exceptions import NameResolutionError

    look = "is the network up? Then try again"
    match error:
        case exceptions.SSLError():
            hint = "if it is your company's own: put the file of the authority's certificate into SSL_CERT_FILE"
            return NoAnswer("is not trusted: its certificate cannot be checked", hint=hint, began=False, again=False)
        case exceptions.ProxyError():
            hint = "https_proxy names the proxy, no_proxy the hosts that need none"
            return NoAnswer(f"{_UNREACHABLE} through the proxy", hint=hint)
        case exceptions.ConnectTimeout():
            return NoAnswer(_UNREACHABLE, hint=look, began=False)
        case exceptions.Timeout():
            return NoAnswer("does not answer", hint=look)
        case exceptions.ConnectionError() if reason := _never_connected(error):
            known = not isinstance(reason, NameResolutionError)
            return NoAnswer(_UNREACHABLE, hint=look, began=False, again=known)
        case _:
            return NoAnswer(_BROKE_OFF, hint=look)


def _never_connected(error: Exception) -> Exception | None:
    """Return why there was no connection, None when there was one."""
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else None
    return reason if isinstance(reason, NewConnectionError) else None
