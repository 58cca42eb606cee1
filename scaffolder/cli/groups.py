"""`scaffolder catalog groups`: which services do the same job already?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scaffolder.cli.console import one_line
from scaffolder.cli.progress import counted
from scaffolder.cli.verdicts import percent
from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from scaffolder.app.groups import Families, Family, Member
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session

HEADER = ("ENTITY", "OWNER", "STATE", "USED BY", "")


@click.command()
@click.option("--kind", default="", metavar="KIND", help="Only families of this kind, such as component or resource.")
@click.option("--owner", default="", metavar="REF", help="Only families in which this group or user owns something.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many families, the surest first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line for each family.")
@click.option(
    "--html", "page", type=click.Path(path_type=Path), metavar="FILE", help="Write a page that can be passed around."
)
@click.pass_obj
def groups(session: Session, *, kind: str, owner: str, limit: int | None, as_json: bool, page: Path | None) -> int:
    """
    Find families of near-duplicates: what they share, who owns them, who depends on whom.

    All of the catalog is compared. The most used and the best documented member of each family are marked.
    """
    with counted(session.console, "entities") as progress:
        found = session.app.groups(kind=kind, owner=owner, limit=limit, progress=progress)
    if page is not None:
        write(page, found, organization=session.app.settings.organization)
        session.console.say(f"wrote {page}: {summary(found)}")
    if as_json:
        for family in found.families:
            session.console.json(family.to_json())
    elif page is None:
        show(session.console, found)
    return 0


def write(page: Path, found: Families, *, organization: str) -> None:
    """
    Write the page.

    Raises:
        InvalidInput: The file cannot be written.
    """
    from datetime import UTC, datetime

    from scaffolder.cli.groups_page import document

    text = document(found, organization=organization, at=datetime.now(UTC))
    try:
        page.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise InvalidInput(f"cannot write {page}: {error.strerror}", hint="choose another file: --html FILE") from error


def show(console: Console, found: Families) -> None:
    """Print each family: what its members share, then a row for each."""
    console.result(f"{sentence(found)}.", style="title")
    for family in found.families:
        console.result()
        console.result(one_line(f"{family.number}  {title(family)} · {likely(family)}"), style="title")
        console.fields([(name, one_line(text)) for name, text in facts(family)], indent=3)
        console.table([_row(member) for member in family.members], header=HEADER)


def sentence(found: Families) -> str:
    """Return what was found, in words."""
    if not found.found:
        return f"No two of {found.compared:,} entities seem to do the same job"
    more = f"; the first {len(found.families)} are shown" if len(found.families) < found.found else ""
    return f"{summary(found)}{more}"


def summary(found: Families) -> str:
    """Return how many families there are among how many entities."""
    families = "1 family" if found.found == 1 else f"{found.found:,} families"
    return f"{families} of near-duplicates among {found.compared:,} entities"


def title(family: Family) -> str:
    """Return what the members have in common, in as few words as there are: all say them, or most."""
    words = next((reason.words for reason in family.reasons), ())
    return ", ".join(words) or family.members[0].entity.title


def likely(family: Family) -> str:
    """Return how sure it is, in words and a number."""
    return f"{percent(family.confidence)} likely to be one job"


def facts(family: Family) -> list[tuple[str, str]]:
    """Return name and text of why these are a family."""
    names = {"every": "all say", "most": "most say"}
    said = [(names[reason.kind], reason.text) for reason in family.reasons]
    near = ", ".join(f"{one} ≈ {other}" for one, other in family.near)
    return [*said, ("near in use", near)]


def marks(member: Member) -> list[str]:
    """Return what stands out about a member."""
    said = {"most used": member.is_most_used, "best documented": member.is_best_documented}
    return [text for text, holds in said.items() if holds]


def _row(member: Member) -> tuple[str, ...]:
    depends = [f"depends on {ref.local}" for ref in member.depends_on]
    return (
        member.ref.short,
        member.owner.name or "nobody",
        member.entity.lifecycle,
        str(len(member.dependants)),
        ", ".join((*marks(member), *depends)),
    )
