"""Where a GitHub is: its name, its API and its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from scaffolder.errors import InvalidInput
from scaffolder.gateways.http import address, host_of, is_loopback

GITHUB: Final = "github.com"
_API: Final = f"https://api.{GITHUB}"
_ENTERPRISE = "/api/v3"
_CLOUD = ".ghe.com"


class HostInvalid(InvalidInput):
    """What should be a host's name is none."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host!r} is not the name of a host", hint="one looks like github.com, or git.acme.example")


@dataclass(frozen=True, slots=True)
class Server:
    """
    One GitHub.

    `host` is the name its tokens are kept under; `api` and `web` are addresses without a '/' at their end. Tokens are
    sent to these two, and nowhere else.
    """

    host: str
    api: str
    web: str

    @classmethod
    def of(cls, host: str = GITHUB, api_base_url: str = "") -> Self:
        """
        Return the GitHub at `host`, whose API is at the usual place or at `api_base_url`.

        A token is for the host it is sent to: where the API is neither the host's own nor on this machine, tokens are
        those of the API's host.

        Raises:
            AddressRefused: The URL is none, or what is said there could be read on the way.
            HostInvalid: The host is none.
        """
        named = _checked(host)
        api = address(api_base_url or _usual_api(named))
        if api == address(_usual_api(named)):
            return cls(named, api, f"https://{named}")
        web = address(api.removesuffix(_ENTERPRISE))
        place = host_of(api)
        return cls(named if is_loopback(place) or place == named else place, api, web)

    @property
    def is_public(self) -> bool:
        """Whether it is github.com, whose plans and prices hold."""
        return self.host == GITHUB

    def repository(self, full_name: str) -> str:
        """Return the page of a repository; git takes it with '.git' behind."""
        return f"{self.web}/{full_name}"


def _checked(host: str) -> str:
    try:
        parts = urlsplit(f"https://{host}")
        valid = parts.netloc == host and bool(parts.hostname) and "@" not in host and parts.port in {None, parts.port}
    except ValueError:
        valid = False
    if not valid or not host.isascii() or any(letter.isspace() for letter in host):
        raise HostInvalid(host)
    return host.lower()


def _usual_api(host: str) -> str:
    if host == GITHUB:
        return _API
    if host.endswith(_CLOUD):
        return f"https://api.{host}"
    return f"https://{host}{_ENTERPRISE}"
