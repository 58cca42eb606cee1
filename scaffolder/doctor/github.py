"""Whether GitHub is there, whom it takes us for, and what that account may do."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from scaffolder import credentials
from scaffolder.doctor.look import NOBODY, Check
from scaffolder.errors import ScaffolderError, TryAgain
from scaffolder.gateways.forge import Level, RepositorySpec, Wish
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.forge import GitHubForge
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.refusals import TokenRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scaffolder.gateways.forge import Finding
    from scaffolder.gateways.github.server import Server
    from scaffolder.gateways.github.token import Abilities
    from scaffolder.settings import Settings

CLOCK: Final = Clock(patience=5.0)


def forge(settings: Settings, environ: Mapping[str, str]) -> Check:
    """
    Look at the GitHub that the settings name.

    Raises:
        ScaffolderError: It cannot be reached, there is no token, or it is refused.
    """
    server = credentials.of_settings(settings.github, environ)
    _reach(server)
    found = credentials.find(server.host, environ)
    if found is None:
        raise credentials.NoToken(server.host)
    token = credentials.giver(server, found, owner=settings.repository_owner, clock=CLOCK)
    with _client(server, token) as client:
        there = GitHubForge(client)
        who = _who(there, found)
        wrong = _wrong(there, settings.owner or who.login, settings)
    return Check(
        "forge",
        ok=not wrong,
        found=f"{server.host}, with {who.stands_for}; from {found.source}",
        fix=wrong[0].hint if wrong else "",
        lines=(*(each.text for each in wrong), *_lines(who)),
        facts={"host": server.host, "source": found.source, **who.as_object()},
    )


def _who(there: GitHubForge, found: credentials.Credential) -> Abilities:
    try:
        return there.accounts.me()
    except TokenRefused as error:
        error.message += f"; it is from {found.source}"
        raise


def _wrong(there: GitHubForge, owner: str, settings: Settings) -> list[Finding]:
    """Return why no repository can be made for an owner."""
    if not owner:
        return []
    wish = Wish(RepositorySpec(owner, NOBODY, visibility=settings.visibility))
    return [each for each in there.preflight(wish).findings if each.level is Level.ERROR]


def pull_requests(settings: Settings, environ: Mapping[str, str]) -> None:
    """
    Check that the token may open pull requests in the catalog repository, as far as GitHub tells.

    Raises:
        ScaffolderError: It may not, or that cannot be asked.
    """
    from scaffolder.catalog.proposals import Proposals

    server = credentials.of_settings(settings.github, environ)
    _reach(server)
    token = credentials.tokens(server, environ, owner=settings.repository_owner, clock=CLOCK)
    with _client(server, token) as client:
        Proposals.to(settings.catalog_repository, client).check()


def _reach(server: Server) -> None:
    """Ask for what costs nothing, in nobody's name; any answer will do."""
    with _client(server, lambda: "") as client:
        try:
            client.get("/rate_limit")
        except TryAgain:
            raise
        except ScaffolderError:
            return  # it has no limits, or speaks to nobody unknown


@contextmanager
def _client(server: Server, token: Callable[[], str]) -> Iterator[Client]:
    """Let the block ask without patience: whoever asks what is wrong does not want to wait for it."""
    with closing(Client(server, token, CLOCK, longest_wait=0.0)) as client:
        yield client


def _lines(who: Abilities) -> Iterator[str]:
    yield from (f"it may {words}" for words in who.may)
    yield from (f"it may not {words}" for words in who.may_not)
    if who.untold:
        yield who.untold
