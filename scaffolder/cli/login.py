"""`scaffolder login`: a token for GitHub, kept by the operating system."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session
    from scaffolder.gateways.github.server import Server
    from scaffolder.gateways.github.token import Abilities

LONGEST = 4096
"""Letters of a token; GitHub's have 40 to 255."""


class NothingTyped(InvalidInput):
    """No token came."""

    def __init__(self) -> None:
        super().__init__(
            "no token was given",
            hint="type it when you are asked, or: scaffolder login < FILE   which holds nothing else",
        )


@click.command()
@click.option("--host", default="", metavar="HOST", help="The GitHub it is for; else the settings', or github.com.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def login(session: Session, *, host: str, as_json: bool) -> int:
    """
    Keep a token for GitHub in the keyring of the operating system, after a look at what it may do. It is asked for, or
    read from standard input.
    """
    from scaffolder import credentials

    server = credentials.of_settings(session.settings.github, session.console.environ, host=host)
    token = _asked_for(session.console, server)
    found = _checked(server, token)
    credentials.keep(server.host, token)
    if as_json:
        session.console.json({"host": server.host, **found.as_object()})
    else:
        _tell(session.console, server, found)
        used = credentials.find(server.host, session.console.environ)
        if used is not None and used.token != token:
            session.console.tell(f"{used.source} goes before it, and is used as long as it is there", style="warn")
    return 0


def _asked_for(console: Console, server: Server) -> str:
    if sys.stdin.isatty():
        from scaffolder.cli.prompt import prompter

        console.tell(f"A token is made at {server.web}/settings/tokens", style="dim")
        console.tell("with the scopes repo, workflow, read:org, and delete_repo to roll back.", style="dim")
        token = prompter(console, sys.stdin).secret(f"Token for {server.host}?")
    else:
        token = sys.stdin.readline(LONGEST)
    if not token.strip():
        raise NothingTyped
    return token.strip()


def _checked(server: Server, token: str) -> Abilities:
    from scaffolder.gateways.github.client import Client
    from scaffolder.gateways.github.token import abilities

    client = Client(server, lambda: token)
    try:
        return abilities(client)
    finally:
        client.close()


def _tell(console: Console, server: Server, found: Abilities) -> None:
    console.say(f"kept for {server.host}: {found.stands_for}")
    _tell_each(console, "It may", found.may)
    _tell_each(console, "It may not", found.may_not)
    if found.untold:
        console.tell(found.untold, indent=2, hang=2)


def _tell_each(console: Console, start: str, abilities: Sequence[str]) -> None:
    for ability in abilities:
        console.tell(f"{start} {ability}", indent=2, hang=2)
