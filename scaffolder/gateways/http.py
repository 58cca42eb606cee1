"""
Asking other machines: the only place that speaks HTTP.

A service is asked for one thing at a time over a connection that stays open. What may pass by itself is asked for
again, a few times; a token goes to the service it is for and nowhere else. Proxies are those of the environment, and
certificates those that the machine trusts.

urllib3 rather than requests: it starts faster, trusts what the machine trusts rather than a list of its own, and no
`.netrc` replaces the token it was given.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from scaffolder.errors import Failed, InvalidInput, TryAgain

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence

    from urllib3 import BaseHTTPResponse, PoolManager
    from urllib3.exceptions import HTTPError

TIMEOUTS = (10.0, 60.0)
"""Seconds for a connection, and for the next bytes of an answer."""
WHOLE = 300.0
"""Seconds for an answer from its first byte to its last."""
PAUSES = (0.5, 2.0)
"""Seconds before what failed is asked for again, where the service does not say how long to wait."""
LONGEST_PAUSE = 30.0
LARGEST = 64 * 1024 * 1024
"""Bytes of one answer, unpacked."""
MOST_REDIRECTS = 3

_CHUNK = 1 << 16
_MOVED = frozenset({301, 302, 303, 307, 308})
_OK, _TOO_MANY, _TROUBLE = 200, 429, 500
_PORTS = {"https": 443, "http": 80}


class AddressRefused(InvalidInput):
    """An address that is not asked."""


class TokenInvalid(InvalidInput):
    """A text that cannot be a token; it is not shown."""

    def __init__(self) -> None:
        super().__init__("the token holds a space, or a character that is not ASCII", hint="set it again, without them")


class RedirectRefused(InvalidInput):
    """A service sends us elsewhere."""


class AnswerTooLarge(Failed):
    """A service does not stop talking."""

    def __init__(self, base: str, largest: int) -> None:
        super().__init__(f"{base} answered with more than {largest // 1_000_000} MB")


class Unavailable(TryAgain):
    """
    A service cannot be reached or used now.

    `again` tells whether asking at once may help; `wait` for how many seconds the service wants to be left alone, if it
    said so.
    """

    def __init__(
        self, base: str, reason: str, *, hint: str = "", again: bool = True, wait: float | None = None
    ) -> None:
        super().__init__(f"{base} {reason}", hint=hint)
        self.again = again
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said; of other bodies than that of a 200 there is the beginning. Headers are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def address(url: str) -> str:
    """
    Return a base URL in the one form it is remembered in, without a '/' at its end.

    Raises:
        AddressRefused: It is none, holds a password, or what is said there could be read on the way.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    if parts.scheme not in _PORTS or not host or not re.fullmatch("[!-~]+", url):
        raise AddressRefused("that is no address of a web service", hint="one looks like https://backstage.example.com")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise AddressRefused(
            f"the address of {host} has a user, a password, '?' or '#' in it", hint="give it without them"
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise AddressRefused(
            f"http://{host} is not asked: what is said there can be read and changed on the way",
            hint=f"use https://{host}, or forward it to a port of this machine: http://localhost:PORT",
        )
    shown = f"[{host}]" if ":" in host else host
    own_port = f":{port}" if port not in {None, _PORTS[parts.scheme]} else ""
    return f"{parts.scheme}://{shown}{own_port}{parts.path.rstrip('/')}"


def host_of(base: str) -> str:
    """Return the host of an address."""
    return urlsplit(base).hostname or ""


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, whatever the network says."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Service:
    """
    A web service at `base`, asked in the name of whoever `token` stands for; '' is nobody.

    Raises:
        AddressRefused: As `address`.
        TokenInvalid: The token cannot be sent.
    """

    def __init__(self, base: str, *, token: str = "", pauses: Sequence[float] = PAUSES) -> None:
        if not re.fullmatch("[!-~]*", token):
            raise TokenInvalid
        self.base = address(base)
        self.pauses = pauses
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "scaffolder"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, query: Mapping[str, str], *, etag: str = "", largest: int = LARGEST) -> Answer:
        """
        Ask for what is at `path` below the base; with `etag`, only if it is not that any more (else the status is 304).

        Raises:
            Unavailable: The network, its certificate, 429 or 5xx: after a few tries.
            RedirectRefused: It sends us to another host.
            AnswerTooLarge: There are more than `largest` bytes.
        """
        url = f"{self.base}{path}?{urlencode(query)}"
        headers = {**self._headers, "If-None-Match": etag} if etag else self._headers
        return self._patiently(lambda: self._follow(url, headers, largest))

    def once(self, target: str, *, largest: int = LARGEST) -> Answer:
        """
        Ask for `target`, a path and its query, and return what is said, also when that sends us elsewhere.

        Raises:
            Unavailable: As `get`.
            AnswerTooLarge: As `get`.
        """
        headers = {**self._headers, "Accept": "*/*"}
        return self._patiently(lambda: self._ask(f"{_site(self.base)}{target}", headers, largest))

    def send(self, verb: str, path: str, body: Any = None, *, largest: int = LARGEST) -> Answer:
        """
        Ask for something to be done at `path`; `body` is JSON. The answer has its body, whatever the status.

        It is asked again where the answer was lost: only for what may be said twice.

        Raises:
            Unavailable: As `get`.
            RedirectRefused: It sends us elsewhere.
            AnswerTooLarge: As `get`.
        """
        sent = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, "Content-Type": "application/json"} if sent is not None else self._headers
        answer = self._patiently(lambda: self._ask(f"{self.base}{path}", headers, largest, verb=verb, sent=sent))
        if answer.status in _MOVED:
            raise RedirectRefused(f"{self.base} sends us elsewhere", hint="give the address that it has now")
        return answer

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask, and once more after a pause where that may help."""
        for pause in self.pauses:
            try:
                return ask()
            except Unavailable as error:
                wait = pause if error.wait is None else error.wait
                if not error.again or wait > LONGEST_PAUSE:
                    raise
                time.sleep(wait)
        return ask()

    def close(self) -> None:
        """Let go of the connection; it is opened again when it is needed."""
        self._pool.clear()

    @cached_property
    def _pool(self) -> PoolManager:
        import urllib3

        connect, read = TIMEOUTS
        timeout = urllib3.Timeout(connect=connect, read=read)
        trusted = _trusted() if self.base.startswith("https:") else None
        proxy = _proxy(self.base)
        if not proxy:
            return urllib3.PoolManager(timeout=timeout, ssl_context=trusted)
        try:
            return urllib3.ProxyManager(proxy, proxy_headers=_said_to(proxy), timeout=timeout, ssl_context=trusted)
        except urllib3.exceptions.HTTPError:
            raise AddressRefused("the proxy in https_proxy is none", hint="one looks like http://HOST:PORT") from None

    def _follow(self, url: str, headers: Mapping[str, str], largest: int) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask(url, headers, largest)
            if answer.status not in _MOVED:
                return answer
            url = self._moved(url, answer.headers.get("Location", ""))
        raise RedirectRefused(f"{self.base} sends us round in circles")

    def _ask(
        self, url: str, headers: Mapping[str, str], largest: int, *, verb: str = "GET", sent: bytes | None = None
    ) -> Answer:
        from urllib3.exceptions import HTTPError

        try:
            response = self._pool.request(
                verb, url, body=sent, headers=headers, redirect=False, retries=False, preload_content=False
            )
            with closing(response):
                body = self._body(response, largest) if response.status == _OK else response.read(_CHUNK)
        except HTTPError as error:
            raise _unavailable(self.base, error) from error
        if response.status == _TOO_MANY or response.status >= _TROUBLE:
            raise _told_off(self.base, response.status, _seconds(response.headers.get("Retry-After", "")))
        return Answer(response.status, response.headers, body)

    def _body(self, response: BaseHTTPResponse, largest: int) -> bytes:
        end = time.monotonic() + WHOLE
        body = bytearray()
        while chunk := response.read1(_CHUNK):  # whatever has come, so that a trickle is noticed
            body += chunk
            if len(body) > largest:
                raise AnswerTooLarge(self.base, largest)
            if time.monotonic() > end:
                raise Unavailable(self.base, f"has not finished its answer in {WHOLE:.0f} s", again=False)
        return bytes(body)

    def _moved(self, url: str, location: str) -> str:
        """Return where an answer sends us, as long as that is the same service: the token is for nobody else."""
        host = ""
        with suppress(ValueError):  # it is no address
            target = urljoin(url, location)
            if location and _origin(target) == _origin(url):
                return target
            host = host_of(target) if location else ""
        raise RedirectRefused(
            f"{self.base} sends us to {host or 'nowhere'}, which is not followed",
            hint="if a sign-in page stands before it, use the address that programs use",
        )


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def _trusted() -> ssl.SSLContext:
    """Return what the machine trusts (OpenSSL reads SSL_CERT_FILE), and what other Python programs are told to."""
    import ssl

    context = ssl.create_default_context()
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if bundle := os.environ.get(variable):
            try:
                context.load_verify_locations(bundle)
            except OSError as error:  # an SSL error is one
                raise AddressRefused(f"{variable} names no file of certificates", hint="correct or unset it") from error
    return context


def _proxy(base: str) -> str:
    """Return the proxy for a service, '' for none. To this machine no proxy leads: it would see what http carries."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(base)
    if is_loopback(parts.hostname or "") or proxy_bypass(parts.netloc):
        return ""
    found = getproxies()
    proxy = found.get(parts.scheme) or found.get("all", "")
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def _said_to(proxy: str) -> Mapping[str, str] | None:
    """Return what lets us through a proxy whose address has a user and a password."""
    from urllib3.util import make_headers, parse_url

    auth = parse_url(proxy).auth
    return make_headers(proxy_basic_auth=unquote(auth)) if auth else None


def _seconds(retry_after: str) -> float | None:
    """Read `Retry-After`: seconds, or a date; None for neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _told_off(base: str, status: int, wait: float | None) -> Unavailable:
    reason = "is asked too often" if status == _TOO_MANY else f"has trouble of its own (it answered {status})"
    later = f"it wants to be left alone for {wait:.0f} s" if wait and wait > LONGEST_PAUSE else "try again later"
    return Unavailable(base, reason, hint=later, wait=wait)


def _unavailable(base: str, error: HTTPError) -> Unavailable:
    """Say what a failure of the network means. The library's own words may hold a proxy's password."""
    from urllib3 import exceptions

    cause = error.__cause__ or error.__context__ or error
    match error:
        case exceptions.SSLError():
            why = (
                getattr(error.args[0] if error.args else cause, "verify_message", "") or "TLS cannot be spoken with it"
            )
            hint = "if it is your company's own: put the file of the authority's certificate into SSL_CERT_FILE"
            return Unavailable(base, f"is not trusted: {why}", hint=hint, again=False)
        case exceptions.ProxyError():
            hint = "https_proxy names the proxy, no_proxy the hosts that need none"
            return Unavailable(base, "cannot be reached through the proxy", hint=hint)
        case exceptions.NameResolutionError():
            return Unavailable(base, "cannot be reached: no host of that name is known", hint=_LOOK, again=False)
        case exceptions.NewConnectionError():
            return Unavailable(base, f"cannot be reached: {getattr(cause, 'strerror', '') or cause}", hint=_LOOK)
        case exceptions.TimeoutError():
            return Unavailable(base, "does not answer", hint=_LOOK)
        case _:
            return Unavailable(base, "broke off in the middle of its answer", hint=_LOOK)


_LOOK = "is it running, and are you on its network? Then try again"
