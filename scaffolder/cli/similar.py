"""`scaffolder catalog similar`: is there something that already does this?"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli.console import one_line
from scaffolder.errors import InvalidInput, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.catalog import Catalog
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session
    from scaffolder.similar import Findings, Match, Query

MOST_SHOWN = 100
LONGEST_ROW = 1_000_000


class NothingAsked(InvalidInput):
    """There is nothing to compare with."""

    def __init__(self) -> None:
        super().__init__(
            "nothing to look for",
            hint="say what it would do: --purpose TEXT, --name NAME; or name an entity: --like REF",
        )


class RowInvalid(InvalidInput):
    """A line of a file of queries cannot be read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and the entity it was made from: that one is not similar, it is the same."""

    query: Query
    itself: str = ""


@click.command()
@click.option("--name", default="", metavar="NAME", help="What it would be called.")
@click.option("--purpose", default="", metavar="TEXT", help="What it would do, in your own words.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A tag it would have; may be repeated.")
@click.option("--api", "apis", multiple=True, metavar="PATH", help="A path it would offer; may be repeated.")
@click.option("--like", metavar="REF", help="Look for what is similar to this entity.")
@click.option("--from", "source", type=click.Path(path_type=Path), metavar="FILE", help="One query a line, as JSON.")
@click.option("--limit", type=click.IntRange(1, MOST_SHOWN), default=5, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; always so with --from.")
@click.pass_obj
def similar(  # noqa: PLR0913  # one parameter for each option
    session: Session,
    *,
    name: str,
    purpose: str,
    tags: tuple[str, ...],
    apis: tuple[str, ...],
    like: str | None,
    source: Path | None,
    limit: int,
    as_json: bool,
) -> int:
    """Find what may already do a job, and why it was found."""
    from scaffolder.similar import Query

    query = Query(name, purpose, tags, apis)
    if source is not None:
        if like or query != Query():
            message = "--from takes the place of --name, --purpose, --tag, --api and --like"
            raise InvalidInput(message, hint="give one or the other")
        return find_for_rows(session, source, limit=limit)
    asked = _like(session.app.catalog, like, query) if like else Asked(query)
    return find_one(session, asked, limit=limit, as_json=as_json)


def find_one(session: Session, asked: Asked, *, limit: int, as_json: bool) -> int:
    """Answer one query."""
    if not any(text.strip() for text in (asked.query.name, asked.query.purpose, *asked.query.tags, *asked.query.apis)):
        raise NothingAsked
    findings = _find(session.app.catalog, asked, limit)
    if as_json:
        session.console.json(findings.to_json())
    else:
        show(session.console, findings)
    return 0


def find_for_rows(session: Session, source: Path, *, limit: int) -> int:
    """Answer each line of a file with a line."""
    for identity, query in list(_rows(source)):
        findings = _find(session.app.catalog, Asked(query), limit)
        session.console.json({"id": identity, **findings.to_json()})
    return 0


def _find(catalog: Catalog, asked: Asked, limit: int) -> Findings:
    from scaffolder.similar import find_similar

    return find_similar(catalog, asked.query, limit=limit, without=asked.itself)


def _like(catalog: Catalog, text: str, extra: Query) -> Asked:
    from scaffolder.catalog import EntityRef
    from scaffolder.similar import query_like

    ref = EntityRef.parse(text, default_kind="component")
    made = query_like(catalog, catalog.require(ref))
    query = replace(
        made,
        name=extra.name or made.name,
        purpose=extra.purpose or made.purpose,
        tags=(*made.tags, *extra.tags),
        apis=(*made.apis, *extra.apis),
    )
    return Asked(query, itself=ref.key)


def _rows(source: Path) -> Iterator[tuple[Any, Query]]:
    try:
        lines = source.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"cannot read {source}: {reason}"
        raise InvalidInput(message, hint='a file of queries has one {"id", "name", "purpose"} a line') from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _row(line, Place(str(source), number))


def _row(line: str, place: Place) -> tuple[Any, Query]:
    from scaffolder.similar import Query

    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict) or len(line) > LONGEST_ROW:
        message = "not a JSON object"
        raise RowInvalid(message, hint='a line is {"id", "name", "purpose", "tags", "apis"}', place=place)
    name, purpose = (_text(row, field, place) for field in ("name", "purpose"))
    tags, apis = (_texts(row, field, place) for field in ("tags", "apis"))
    return row.get("id"), Query(name, purpose, tags, apis)


def _text(row: dict[str, Any], field: str, place: Place) -> str:
    value = row.get(field) or ""
    if not isinstance(value, str):
        message = "not a text"
        raise RowInvalid(message, place=replace(place, field=field))
    return value


def _texts(row: dict[str, Any], field: str, place: Place) -> tuple[str, ...]:
    value = row.get(field) or []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        message = "not a list of texts"
        raise RowInvalid(message, place=replace(place, field=field))
    return tuple(value)


def show(console: Console, findings: Findings) -> None:
    """Print what was found, best first, with the words that matched and those that nothing covers."""
    if not findings.matches:
        console.result("Nothing in the catalog is like it.")
        return
    for number, match in enumerate(findings.matches, start=1):
        console.result(f"{number}  {one_line(match.ref.name)}  {one_line(_standing(match))}")
        console.fields(
            [
                ("   is", one_line(match.description)),
                ("   owned by", one_line(match.owner)),
                ("   matches", one_line(", ".join(match.matched) or match.reasons[0].text if match.reasons else "")),
                ("   not mentioned", one_line(", ".join(match.unmentioned))),
            ]
        )
    if findings.uncovered:
        console.result(one_line(f"None of them mentions: {', '.join(findings.uncovered)}"))


def _standing(match: Match) -> str:
    lifecycle = "reserved, being made now" if match.reserved else match.lifecycle
    said = {"exists": "does this already", "close": "may do this", "none": "shares words with it"}[match.verdict]
    return " · ".join(filter(None, (match.type or match.ref.kind, lifecycle, said)))
