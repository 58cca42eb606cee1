"""The first screen: what this is, whose catalog it is, and what to do when there is none yet."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffolder.catalog.reservations import ago
from scaffolder.cli import freshness
from scaffolder.cli.console import columns, one_line
from scaffolder.cli.progress import counted
from scaffolder.cli.prompt import Back, Option
from scaffolder.errors import ScaffolderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.app.draft import Draft
    from scaffolder.catalog import CatalogFacts, Ingest
    from scaffolder.cli.main import Session
    from scaffolder.cli.prompt import Prompter

    Way = Callable[[Session, Prompter], None]

TITLE = "A new service begins here."
KEYS = "shift-tab goes back · ctrl-c leaves, your answers are kept"
PLAIN_KEYS = "< goes back · ctrl-c leaves, your answers are kept"
PROBLEMS_SHOWN = 3
GAP = 3


def begin(session: Session, prompts: Prompter, draft: Draft) -> None:
    """Say where we are; with no catalog, get one. What is known of the new service already is shown."""
    facts = session.app.catalog.facts()
    console = session.console
    console.say()
    if facts.entities:
        _headline(session, facts)
    else:
        console.tell(TITLE, indent=2, style="title")
        facts = _first_catalog(session, prompts)
        console.say()
        console.tell(_standing(session, facts), indent=2, style="dim")
    console.tell(PLAIN_KEYS if prompts.plain else KEYS, indent=2, style="dim")
    if not draft.purpose and not draft.name and session.app.draft() is not None:
        console.tell("answers are kept from before: scaffolder new --continue", indent=2, style="dim")
    console.say()
    _show_known(session, draft)


def ask_identity(session: Session, prompts: Prompter) -> None:
    """Ask for a name and an address when git knows none: for this service's first commit only."""
    from scaffolder.gateways.git import Identity

    session.console.tell(
        "Git does not know who you are; the first commit needs a name and an e-mail address.", indent=2
    )
    typed = ""
    while True:
        name = prompts.text("Your name?", default=typed, check=lambda text: "" if text else "a commit needs a name")
        try:
            address = prompts.text("Your e-mail address?", check=_address_problem)
        except Back:
            typed = name
            continue
        session.app.identity = Identity(name, address)
        return


def _address_problem(text: str) -> str:
    return "" if re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", text) else "this is no e-mail address"


def _headline(session: Session, facts: CatalogFacts) -> None:
    """Title and standing: on one line where they fit."""
    console, standing = session.console, _standing(session, facts)
    if 2 + columns(TITLE) + GAP + columns(standing) <= console.width:
        console.say(f"  {TITLE}{' ' * GAP}{standing}", style="title")
    else:
        console.tell(TITLE, indent=2, style="title")
        console.tell(standing, indent=2, style="dim")


def _standing(session: Session, facts: CatalogFacts) -> str:
    """Return whose catalog it is, how much it holds, and how old it is."""
    counts = f"{_count(facts.components, 'component')}, {_count(facts.teams, 'team')}"
    read = f"catalog read {ago(datetime.now(UTC) - facts.read_at)}" if facts.read_at else ""
    read = freshness.words(session) or read
    return " · ".join(filter(None, (one_line(session.app.settings.organization), counts, read)))


def _show_known(session: Session, draft: Draft) -> None:
    """Leave the answers that were given before in sight, as if they had been given here."""
    known = {"What will it do?": draft.purpose, "A name for it?": draft.name, "Golden path": draft.template}
    for question, answer in known.items():
        if answer:
            session.console.answered(question, answer)


def _count(number: int, word: str, several: str = "") -> str:
    return f"{number:,} {word if number == 1 else several or f'{word}s'}"


# -- no catalog yet


def _first_catalog(session: Session, prompts: Prompter) -> CatalogFacts:
    """Offer the three ways to a catalog until one of them has led to entries."""
    session.console.tell("There is no company catalog on this machine yet.", indent=2)
    session.console.say()
    options: list[Option[Way]] = [
        Option(_join, "Join one", hint="a company's: its git URL, or a path"),
        Option(_example, "Try the example", hint="a small company with about 50 services"),
        Option(_start, "Start one here", hint="asks for your team"),
    ]
    way: Way = _join
    while True:
        way = prompts.choose("Where do your services live?", options, default=way)
        try:
            way(session, prompts)
        except Back:
            continue
        except ScaffolderError as error:
            session.console.error(error)
            session.console.say()
        facts = session.app.catalog.facts()
        if facts.entities:
            return facts


def _join(session: Session, prompts: Prompter) -> None:
    """Join a company by its configuration repository, or take in a catalog that somebody keeps."""
    from scaffolder.app.company import NoCompany
    from scaffolder.app.joining import NotARepository
    from scaffolder.cli.join import join_company

    target = prompts.text(
        "Where is it?",
        check=lambda text: "" if text else "a directory, such as ../catalog, or a git URL",
        help_text="a git URL, such as https://git.example.com/acme/catalog.git, or a directory, a file, a pattern",
    )
    try:
        joined = join_company(session, target)
    except (NoCompany, NotARepository):  # a catalog without a company around it
        with counted(session.console, "entities") as progress:
            found = session.app.catalog.add(target, progress=progress)
        _taken_in(session, found, found.target)
    else:
        session.profile = joined.profile.name  # it was chosen just now: over a settings file that is near
        session.begin_again()


def _example(session: Session, _prompts: Prompter) -> None:
    from scaffolder.app import examples

    place = examples.copy(session.home.data / "example")
    _taken_in(session, session.app.catalog.add(str(place)), str(place))


def _start(session: Session, prompts: Prompter) -> None:
    """Make a catalog with the person's team, and the person in it; one that was made before is taken up."""
    from scaffolder.app import examples

    place = session.home.data / "catalog"
    if (place / "catalog-info.yaml").exists():
        _taken_in(session, session.app.catalog.add(str(place)), str(place))
        return
    team = prompts.text("What is your team called?", check=_team_problem)
    if session.app.identity is None:
        ask_identity(session, prompts)
    session.app.catalog.add(str(examples.start(place, team, session.app.identity)))
    session.console.tell(f"{examples.slug(team)} is the first team of your catalog, and you are in it.", indent=2)


def _team_problem(text: str) -> str:
    from scaffolder.app import examples
    from scaffolder.catalog.entity import check_name

    name = examples.slug(text)
    return check_name(name) if name else "a team's name has letters or digits"


def _taken_in(session: Session, found: Ingest, target: str) -> None:
    console = session.console
    console.tell(f"{_count(found.added, 'entry', 'entries')} taken in.", indent=2)
    for problem in found.problems[:PROBLEMS_SHOWN]:
        console.tell(one_line(str(problem)), indent=4, style="warn")
    if len(found.problems) > PROBLEMS_SHOWN:
        more = len(found.problems) - PROBLEMS_SHOWN
        console.tell(f"and {more} more: scaffolder catalog validate {one_line(target)}", indent=4, style="warn")
