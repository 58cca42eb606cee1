"""
One file from another machine, asked for in nobody's name.

It may be sent on from host to host, as archives of releases are; what begins on another machine never leads to this
one, and nothing is read that could be changed on the way.
"""

from __future__ import annotations

from contextlib import closing
from urllib.parse import urljoin, urlsplit

from scaffolder.errors import InvalidInput
from scaffolder.gateways.http import LARGEST, Answer, RedirectRefused, Service, host_of, is_loopback

MOST_REDIRECTS = 5
_OK, _MOVED = 200, frozenset({301, 302, 303, 307, 308})


class DownloadRefused(InvalidInput):
    """There is no such file, or not for everybody."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(
            f"{shown(url)} cannot be downloaded: {host_of(url)} answered {status}",
            hint="look at the address for a slip; what needs a password can be read by git only",
        )


def downloaded(url: str, *, largest: int = LARGEST) -> bytes:
    """
    Return what is at `url`.

    Raises:
        AddressRefused: It is no address, holds a password, or is not https.
        DownloadRefused: There is none, or it is not for everybody.
        RedirectRefused: It leads to this machine, or round in circles.
        Unavailable: The network, or the other side; after a few tries.
        AnswerTooLarge: There are more than `largest` bytes.
    """
    here = url
    for _ in range(MOST_REDIRECTS + 1):
        answer = _asked(here, largest)
        if answer.status == _OK:
            return answer.body
        if answer.status not in _MOVED:
            raise DownloadRefused(here, answer.status)
        here = _next(here, answer.headers.get("Location", ""))
    raise RedirectRefused(f"{host_of(url)} sends us round in circles")


def shown(url: str) -> str:
    """Return an address without its query, which may be a signature."""
    return url.partition("?")[0]


def _asked(url: str, largest: int) -> Answer:
    whole = url.partition("#")[0]
    path, _, query = whole.partition("?")
    service = Service(path)
    with closing(service):
        target = urlsplit(path).path or "/"
        return service.once(f"{target}?{query}" if query else target, largest=largest)


def _next(url: str, location: str) -> str:
    target = urljoin(url, location) if location else ""
    host = host_of(target) if target else ""
    if not host or (is_loopback(host) and not is_loopback(host_of(url))):
        raise RedirectRefused(f"{host_of(url)} sends us to {host or 'nowhere'}, which is not followed")
    return target
