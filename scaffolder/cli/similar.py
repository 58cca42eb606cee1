"""`scaffolder catalog similar`: is there something that already does this?"""

from __future__ import annotations

import codecs
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli import freshness, verdicts
from scaffolder.cli.console import one_line
from scaffolder.cli.progress import counted
from scaffolder.errors import InvalidInput, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.app.existing import Existing
    from scaffolder.catalog import Catalog
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session
    from scaffolder.similar import Findings, Query

MOST_SHOWN = 100
LONGEST_ROW = 1_000_000
FEW = 64
"""Entities that are made ready before anybody notices."""
STDIN = "-"
FORM = '{"id", "name", "purpose", "tags", "apis"}'

Identity = str | float | None


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
@click.option(
    "--from", "source", type=click.Path(path_type=Path), metavar="FILE", help="One query a line, as JSON; - is stdin."
)
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

    query = Query(_whole(name), _whole(purpose), tuple(map(_whole, tags)), tuple(map(_whole, apis)))
    freshness.tell(session)
    if source is not None:
        if like or query != Query():
            raise InvalidInput(
                "--from takes the place of --name, --purpose, --tag, --api and --like", hint="give one or the other"
            )
        return find_for_rows(session, source, limit=limit)
    asked = _like(session.app.catalog, like, query) if like else Asked(query)
    return find_one(session, asked, limit=limit, as_json=as_json)


def find_one(session: Session, asked: Asked, *, limit: int, as_json: bool) -> int:
    """Answer one query."""
    if not _asks_something(asked.query):
        raise NothingAsked
    from scaffolder.app.existing import Phonebook

    compare_first(session)
    findings = session.app.similar(asked.query, limit=limit, without=asked.itself)
    phonebook = Phonebook(session.app.catalog)
    if as_json:
        session.console.json(phonebook.to_json(findings))
    else:
        shown = findings.worth_a_look()
        show(session.console, shown, phonebook.existing(shown))
    return 0


def find_for_rows(session: Session, source: Path, *, limit: int) -> int:
    """
    Answer each line with a line.

    A file is looked through first, so that nothing is answered where a line is wrong; what comes through a pipe is
    answered as it comes.
    """
    from scaffolder.app.existing import Phonebook

    compare_first(session)
    phonebook = Phonebook(session.app.catalog)
    piped = str(source) == STDIN
    rows = _rows(_piped() if piped else _lines_of(source), "stdin" if piped else str(source))
    for identity, query in rows if piped else list(rows):
        findings = session.app.similar(query, limit=limit)
        session.console.json({"id": identity, **phonebook.to_json(findings)})
        session.console.flush()
    return 0


def _asks_something(query: Query) -> bool:
    return any(text.strip() for text in (query.name, query.purpose, *query.tags, *query.apis))


def compare_first(session: Session) -> None:
    """Make ready what is compared of each entity; of many, say how far that is."""
    with counted(session.console, "entities read for what they do", quiet=True) as progress:
        session.app.compare_all(lambda done, total: progress(done, total) if total > FEW else None)


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


def _lines_of(source: Path) -> Iterator[bytes]:
    try:
        return iter(source.read_bytes().split(b"\n"))
    except OSError as error:
        message = f"cannot read {source}: {error.strerror}"
        raise InvalidInput(message, hint=f"a file of queries has one {FORM} a line; - is stdin") from error


def _piped() -> Iterator[bytes]:
    """Iterate over the lines of stdin, each as soon as it is there."""
    while line := sys.stdin.buffer.readline(LONGEST_ROW + 1):
        yield line


def _rows(lines: Iterator[bytes], source: str) -> Iterator[tuple[Identity, Query]]:
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield _row(text, Place(source, number))


def _row(line: bytes, place: Place) -> tuple[Identity, Query]:
    """Read one query; keys that mean nothing here are somebody else's."""
    from scaffolder.similar import Query

    row = _object(line, place)
    name, purpose = (_text(row, field, place) for field in ("name", "purpose"))
    tags, apis = (_texts(row, field, place) for field in ("tags", "apis"))
    return _identity(row, place), Query(name, purpose, tags, apis)


def _object(line: bytes, place: Place) -> dict[str, Any]:
    if len(line) > LONGEST_ROW:
        raise RowInvalid(f"longer than {LONGEST_ROW:,} bytes", place=place)
    try:
        row = json.loads(line.decode(), parse_constant=_refused)
    except UnicodeDecodeError as error:
        raise RowInvalid("not UTF-8 text", hint=f"a line is {FORM}", place=place) from error
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise RowInvalid("not a JSON object", hint=f"a line is {FORM}", place=place)
    return row


def _refused(constant: str) -> float:
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(constant)


def _identity(row: dict[str, Any], place: Place) -> Identity:
    identity = row.get("id")
    if isinstance(identity, dict | list) or identity in {float("inf"), float("-inf")}:
        raise RowInvalid("not a text or a number", place=place._replace(field="id"))
    return identity


def _text(row: dict[str, Any], field: str, place: Place) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowInvalid("not a text", place=place._replace(field=field))
    return _whole(value)


def _texts(row: dict[str, Any], field: str, place: Place) -> tuple[str, ...]:
    value = row.get(field)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise RowInvalid("not a list of texts", place=place._replace(field=field))
    return tuple(map(_whole, value))


def _whole(text: str) -> str:
    """Return a text without halves of characters, which JSON and a command line may hold and UTF-8 does not."""
    return text.encode(errors="replace").decode()


def show(console: Console, findings: Findings, existing: Sequence[Existing]) -> None:
    """Print the verdict and what was found, best first: whose it is, why it was found, what it does not mention."""
    console.result(f"{verdicts.said(findings)}.", style="title")
    for number, each in enumerate(existing, start=1):
        match = each.match
        standing = (verdicts.kind(match), verdicts.lifecycle(each), verdicts.of_one(match))
        console.result()
        console.result(f"{number}  {one_line(' · '.join(filter(None, (match.ref.local, *standing))))}")
        console.fields([("", one_line(match.description))], indent=1)
        console.fields([(name, one_line(text)) for name, text in facts(each)], indent=3)
    if existing and findings.uncovered:
        console.result()
        console.result(one_line(f"None of them mentions: {', '.join(findings.uncovered)}"))
    if findings.unseen:
        console.tell(f"{verdicts.unseen(findings)}.")


def facts(existing: Existing) -> list[tuple[str, str]]:
    """Return name and text of what helps to judge one of them."""
    return [
        ("owner", str(existing.owner) or "nobody"),
        ("docs", " · ".join(existing.docs) or "none registered"),
        ("source", existing.source),
        ("matches", verdicts.why(existing.match)),
        ("not mentioned", ", ".join(existing.match.unmentioned)),
    ]
