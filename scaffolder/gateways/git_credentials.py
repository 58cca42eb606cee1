"""
Tokens for git, found when a server asks for one and the person's own credential helpers have none that it takes.

git says so by failing. What failed is run once more, with a helper that is for that server alone and reads the token
from the environment: it stands in no argument, no address and no configuration. From then on the helper comes after
the person's own.

Where it was the helper that let git in, the token is sent to that server at once from then on, as a header: git by
itself asks without one first, each time. Where that is refused, all is as before.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

Giver = Callable[[], str]
"""Returns the token that holds now, '' when there is none."""
Finder = Callable[[str], Giver | None]
"""Returns what gives the token for an origin such as `https://github.com`, None for a server that has none of ours."""

USER: Final = "x-access-token"
"""GitHub takes any name; this one an app's token needs."""

_NAME, _VALUE, _HEADER = "SCAFFOLDER_USER", "SCAFFOLDER_PASS", "SCAFFOLDER_HEADER"
_ASKED: Final = b"scaffolder: the token is given\n"
_PRINTS = f'printf "username=%s\\npassword=%s\\n" "${_NAME}" "${_VALUE}"'
_HELPER = f'!f() {{ test "$1" = get && {_PRINTS}; }}; f'
_TELLING = f'!f() {{ test "$1" = get && {_PRINTS} && printf "{_ASKED.decode().strip()}\\n" >&2; }}; f'
_NOT_AT_ONCE = rb"requested URL returned error: (?:3\d\d|400)"
_REFUSALS = (
    rb"could not read (?:Username|Password) for %b",
    rb"Authentication failed for %b",
    rb"repository %b not found",
    rb"unable to access %b: The requested URL returned error: 40[13]",
)
_REFUSED = rb"(?m)^(?:fatal|error): (?:" + b"|".join(_REFUSALS).replace(b"%b", rb"'(https?://[^'\s]+)'") + b")"


class Supplied(NamedTuple):
    """What lets git in: options before its command, and its environment."""

    options: tuple[str, ...] = ()
    environ: dict[str, str] = {}  # noqa: RUF012  never changed

    @property
    def secrets(self) -> list[str]:
        """What must be told to nobody."""
        return [self.environ[name] for name in (_VALUE, _HEADER) if name in self.environ]


@dataclass
class _Offered:
    """Of the whole process: git is started in many places, and whom it speaks to is known when it asks."""

    find: Finder = field(default=lambda _origin: None)
    found: dict[str, Giver] = field(default_factory=dict)
    let_in: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)


_OFFERED = _Offered()


def offer(find: Finder) -> None:
    """Let git have tokens from now on; nothing is looked for yet."""
    _OFFERED.find = find
    _OFFERED.found.clear()
    _OFFERED.let_in.clear()
    _OFFERED.without.clear()


def with_password(user: str, password: str) -> Supplied:
    """Return what supplies a password that somebody gave: to whoever asks, and nobody else's."""
    return Supplied(("-c", "credential.helper=", "-c", f"credential.helper={_HELPER}"), {_NAME: user, _VALUE: password})


def expect(origin: str) -> None:
    """Let the token for a server be at hand when it asks, after the person's own; it is needed there anyway."""
    giver = _OFFERED.find(origin)
    if giver:
        _OFFERED.found.setdefault(origin, giver)


def known_for(arguments: Sequence[str]) -> Supplied:
    """Return what supplies the token that a server of a command's addresses has asked for before."""
    origin = _named(arguments)
    token = _OFFERED.found[origin]() if origin else ""
    return _for(origin, token) if token else Supplied()


def at_once_for(arguments: Sequence[str]) -> Supplied | None:
    """Return what sends the token before it is asked for, where it was what let git in; nobody else is asked then."""
    origin = _named(arguments)
    token = _OFFERED.found[origin]() if origin in _OFFERED.let_in else ""
    if not token:
        return None
    alone = ("-c", "credential.helper=", "-c", "http.followRedirects=false")  # the header would go wherever that leads
    words = b64encode(f"{USER}:{token}".encode()).decode()
    environ = {_HEADER: f"Authorization: Basic {words}", "GIT_ASKPASS": ""}
    return Supplied((*alone, f"--config-env=http.{origin}/.extraHeader={_HEADER}"), environ)


def held_back(words: bytes, arguments: Sequence[str]) -> bool:
    """Tell whether a server would not have the token at once, by git's own words; then it has to ask again."""
    refused = bool(_that_refused(words) or re.search(_NOT_AT_ONCE, words))
    if refused:
        _OFFERED.let_in.discard(_named(arguments))
    return refused


def heard(words: bytes, arguments: Sequence[str]) -> bytes:
    """Return what git said, without what our helper did, and note that this let git in."""
    if not words.startswith(_ASKED) and b"\n" + _ASKED not in words:
        return words
    if not _that_refused(words):
        _OFFERED.let_in.add(_named(arguments))
    return words.replace(_ASKED, b"")


def _named(arguments: Sequence[str]) -> str:
    """Return which server with a token of ours a command's addresses name, '' for none."""
    return next((origin for origin in _OFFERED.found if any(f"{origin}/" in word for word in arguments)), "")


def after(words: bytes) -> Supplied | None:
    """Return what may let git in where a server refused it, by git's own words; None where nothing does."""
    origin = _that_refused(words)
    giver = _OFFERED.find(origin) if origin and origin not in _OFFERED.without else None
    token = giver() if giver else ""
    if not giver or not token:
        _OFFERED.without.add(origin)  # of thousands of repositories there, none asks again
        return None
    _OFFERED.found[origin] = giver
    alone = ("-c", f"credential.{origin}.helper=")  # whoever answered before was refused
    options, environ = _for(origin, token)
    return Supplied((*alone, *options), environ)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address on the web, '' for any other."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9.-]+", host):
        return ""
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _that_refused(words: bytes) -> str:
    """Return the origin that would not let git in."""
    found = re.search(_REFUSED, words)
    return origin_of(found[found.lastindex or 0].decode(errors="replace")) if found else ""


def _for(origin: str, token: str) -> Supplied:
    return Supplied(("-c", f"credential.{origin}.helper={_TELLING}"), {_NAME: USER, _VALUE: token})
