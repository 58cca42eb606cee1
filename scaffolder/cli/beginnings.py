"""The first screen: what this is, whose catalog it is, and what to do when there is none yet."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffolder.cli.prompt import Option
from scaffolder.errors import ScaffolderError

if TYPE_CHECKING:
    from scaffolder.catalog import CatalogFacts
    from scaffolder.cli.main import Session
    from scaffolder.cli.prompt import Prompter

MINUTE, HOUR, DAY = 60, 3600, 86400


def begin(session: Session, prompts: Prompter) -> None:
    """Say where we are; with no catalog, get one."""
    facts = session.app.catalog.facts()
    while not facts.entities:
        _welcome(session, facts)
        _first_catalog(session, prompts)
        facts = session.app.catalog.facts()
    _welcome(session, facts)


def age(then: datetime, now: datetime) -> str:
    """Return how long ago something was, in words."""
    seconds = max(0, int((now - then).total_seconds()))
    if seconds < MINUTE:
        return "just now"
    for size, word in ((DAY, "day"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if word == 'day' and count > 1 else ''} ago"
    return "just now"


def ask_identity(session: Session, prompts: Prompter) -> None:
    """Ask for a name and an address when git knows none: for this service's first commit only."""
    from scaffolder.gateways.git import Identity

    if session.app.identity is not None:
        return
    session.console.tell(
        "Git does not know who you are; the first commit needs a name and an e-mail address.", indent=2
    )
    name = prompts.text("Your name?", check=lambda text: "" if text else "a commit needs a name")
    address = prompts.text(
        "Your e-mail address?",
        check=lambda text: "" if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else "this is no e-mail address",
    )
    session.app.identity = Identity(name, address)


def _welcome(session: Session, facts: CatalogFacts) -> None:
    console = session.console
    console.say()
    console.tell("A new service begins here.", indent=2, style="title")
    if facts.entities:
        read = f"catalog read {age(facts.read_at, datetime.now(UTC))}" if facts.read_at else ""
        counts = f"{_count(facts.components, 'component')}, {_count(facts.teams, 'team')}"
        console.tell(" · ".join(filter(None, (session.app.settings.organization, counts, read))), indent=2, style="dim")
        console.tell("shift-tab goes back · ctrl-c leaves, your answers are kept", indent=2, style="dim")
    console.say()


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _first_catalog(session: Session, prompts: Prompter) -> None:
    session.console.tell("There is no company catalog on this machine yet.", indent=2)
    options = [
        Option("join", "Join one", hint="a path or URL of catalog files"),
        Option("example", "Try the example", hint="a small company with about 50 services"),
        Option("start", "Start one here", hint="asks for your team"),
    ]
    chosen = prompts.choose("Where do your services live?", options)
    try:
        {"join": _join, "example": _example, "start": _start}[chosen](session, prompts)
    except ScaffolderError as error:
        session.console.error(error)


def _join(session: Session, prompts: Prompter) -> None:
    target = prompts.text(
        "Where is it?", check=lambda text: "" if text else "a directory or a file, such as ../catalog"
    )
    found = session.app.catalog.add(target)
    session.console.tell(f"{_count(found.added, 'entry').replace('entrys', 'entries')} taken in.", indent=2)
    for problem in found.problems:
        session.console.tell(str(problem), indent=4, style="warn")


def _example(session: Session, _prompts: Prompter) -> None:
    from scaffolder.app import examples

    found = session.app.catalog.add(str(examples.copy(session.home.data / "example")))
    session.console.tell(f"{found.added} entries of the example company taken in.", indent=2)


def _start(session: Session, prompts: Prompter) -> None:
    from scaffolder.app import examples
    from scaffolder.catalog.entity import check_name

    team = prompts.text(
        "What is your team called?", check=lambda text: check_name(examples.slug(text)) if text else "a team has a name"
    )
    session.app.catalog.add(str(examples.start(session.home.data / "catalog", team, session.app.identity)))
    session.console.tell(f"{examples.slug(team)} is the first team of your catalog.", indent=2)
