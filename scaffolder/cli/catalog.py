"""`scaffolder catalog`: what exists, and who owns it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli import freshness
from scaffolder.cli.check import check
from scaffolder.cli.console import error_as_json
from scaffolder.cli.groups import groups
from scaffolder.cli.progress import counted
from scaffolder.cli.reservations import reservations
from scaffolder.cli.review import review
from scaffolder.cli.similar import similar
from scaffolder.cli.snapshot import snapshot
from scaffolder.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.catalog import Catalog, Claim, Ingest, LocationProblem, LocationState, Summary
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session

MOST_SHOWN = 1_000
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def catalog() -> None:
    """What exists, and who owns it."""


catalog.add_command(similar)
catalog.add_command(groups)
catalog.add_command(review)
catalog.add_command(snapshot)
catalog.add_command(check)
catalog.add_command(reservations)


@catalog.command()
@click.argument("target")
@_json
@click.pass_obj
def add(session: Session, *, target: str, as_json: bool) -> int:
    """
    Take in a catalog file, a directory, a pattern in quotes, a template.yaml, a git repository (its URL or path, with
    @REF after it for a branch, tag or commit), one file of a repository (its page on a git host, or
    git:ADDRESS@REF:PATH), github:OWNER: all that an organisation or a person has on GitHub (scaffolder login keeps the
    token), or backstage:URL: all that a running Backstage knows (a token for it goes into BACKSTAGE_TOKEN).
    """
    return add_location(session, target, as_json=as_json)


@catalog.command("list")
@click.option("--kind", metavar="KIND", help="Only this kind, such as component or group.")
@click.option("--type", "type_", metavar="TYPE", help="Only this type, such as service or website.")
@click.option("--owner", metavar="REF", help="Only what this group or user owns.")
@click.option("--lifecycle", metavar="NAME", help="Only this lifecycle, such as production.")
@click.option("--locations", is_flag=True, help="List where entities come from instead.")
@_json
@click.pass_obj
def list_command(session: Session, /, *, locations: bool, as_json: bool, **only: str | None) -> int:
    """List entities, names being made right now, and what is wrong."""
    freshness.tell(session)
    if locations:
        return list_locations(session, as_json=as_json)
    return list_entities(session, only, as_json=as_json)


@catalog.command()
@click.argument("ref")
@click.option("--kind", metavar="KIND", help="The kind, where several have that name.")
@_json
@click.pass_obj
def show(session: Session, *, ref: str, kind: str | None, as_json: bool) -> int:
    """Show one entity: what it is, who owns it, how to reach them, what it is to others."""
    from scaffolder.cli.catalog_show import show_entity

    freshness.tell(session)
    return show_entity(session, ref, kind=kind, as_json=as_json)


@catalog.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--kind", metavar="KIND", help="Only this kind, such as component or group.")
@click.option("--limit", type=click.IntRange(1, MOST_SHOWN), default=20, show_default=True, help="At most so many.")
@_json
@click.pass_obj
def search(session: Session, *, text: Sequence[str], kind: str | None, limit: int, as_json: bool) -> int:
    """Find entities by the words of their names, descriptions, tags and API paths."""
    freshness.tell(session)
    found = session.app.catalog.search(" ".join(text), kind=kind, limit=limit)
    if as_json:
        session.console.json({"entities": [_as_json(each) for each in found]})
    elif found:
        _table(session.console, found)
    else:
        session.console.say("Nothing in the catalog has these words.")
    return 0


@catalog.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@_json
@click.pass_obj
def validate(session: Session, *, files: Sequence[str], as_json: bool) -> int:
    """Check catalog files without taking them in."""
    return validate_files(session, files, as_json=as_json)


@catalog.command()
@click.argument("target", required=False)
@_json
@click.pass_obj
def refresh(session: Session, *, target: str | None, as_json: bool) -> int:
    """Read all locations again, or one; what did not change is not parsed."""
    with counted(session.console, "read") as progress:
        if target is None:
            results = freshness.read_again(session, progress)
        else:
            results = session.app.catalog.refresh(target, progress=progress)
    for result in results:
        if as_json:
            session.console.json(_ingest_as_json(result))
        else:
            _tell(session.console, result)
    if not results and not as_json:
        session.console.say("The catalog has no locations yet: scaffolder catalog add PATH")
    return _exit_code(results)


@catalog.command()
@click.argument("target")
@_json
@click.pass_obj
def remove(session: Session, *, target: str, as_json: bool) -> int:
    """Forget a location and the entities that came from it. No file is touched."""
    catalog = session.app.catalog
    before = _targets(catalog)
    number = catalog.remove(target)
    if as_json:
        session.console.json({"removed": number})
    else:
        session.console.result(f"forgot {_entities(number)}")
    for named in (before - _targets(catalog)).intersection(session.settings.catalog_locations):
        session.console.say(f"{session.settings.file} names {named}: it is taken in again unless you remove it there")
    return 0


def _targets(catalog: Catalog) -> set[str]:
    return {location.target for location in catalog.locations()}


def add_location(session: Session, target: str, *, as_json: bool) -> int:
    """Take in one location and tell what came of it."""
    with counted(session.console, "read") as progress:
        result = session.app.catalog.add(target, progress=progress)
    if as_json:
        session.console.json(_ingest_as_json(result))
    else:
        _tell(session.console, result)
    return _exit_code([result])


def list_entities(session: Session, only: dict[str, str | None], *, as_json: bool) -> int:
    """List what fits, then what is wrong in the catalog as a whole."""
    from scaffolder.catalog import EntityRef

    owner = only.pop("owner")
    entities = session.app.catalog.entities(
        kind=only["kind"],
        type=only["type_"],
        lifecycle=only["lifecycle"],
        owner=EntityRef.parse(owner, default_kind="group") if owner else None,
    )
    problems, conflicts = session.app.catalog.problems(), session.app.catalog.conflicts()
    if as_json:
        wrong = {"problems": list(map(_problem_as_json, problems)), "conflicts": list(map(_claim_as_json, conflicts))}
        session.console.json({"entities": [_as_json(each) for each in entities], **wrong})
        return 0
    if entities:
        _table(session.console, entities)
    else:
        session.console.say("The catalog has nothing that fits." if any(only.values()) or owner else _EMPTY)
    _tell_wrong(session.console, problems, conflicts)
    return 0


def list_locations(session: Session, *, as_json: bool) -> int:
    """List where entities come from."""
    states = session.app.catalog.locations()
    if as_json:
        session.console.json({"locations": [_location_as_json(state) for state in states]})
        return 0
    rows = [(state.target, _entities(state.entities), _age(state), _problems(len(state.problems))) for state in states]
    if rows:
        session.console.table(rows)
    else:
        session.console.say(_EMPTY)
    return 0


def validate_files(session: Session, files: Sequence[str], *, as_json: bool) -> int:
    """Check files; each thing that is wrong is a line of its own."""
    from scaffolder.catalog import LocationProblem
    from scaffolder.catalog.location import read

    cache = session.home.cache / "git"
    found = [each for file in files for each in read(file, cache=cache)]
    problems = [each for each in found if isinstance(each, LocationProblem)]
    valid = len(found) - len(problems)
    if as_json:
        wrong = list(map(_problem_as_json, problems))
        session.console.json({"valid": valid > 0 and not problems, "entities": valid, "problems": wrong})
    else:
        for problem in problems:
            session.console.result(str(problem))
        session.console.say(_verdict(valid, len(problems)))
    return 0 if valid and not problems else InvalidInput.exit_code


_EMPTY = (
    "The catalog is empty: scaffolder catalog add PATH takes in what there is, scaffolder init --example an example."
)


def _verdict(valid: int, wrong: int) -> str:
    if not valid and not wrong:
        return "No entity in there: an entity has apiVersion, kind, metadata and spec."
    return f"{_entities(valid)} valid, {_problems(wrong)}"


def _tell(console: Console, result: Ingest) -> None:
    """Tell what reading a location changed, and what is wrong there."""
    if result.failed:
        console.error(result.failed)
        return
    counts = {
        "added": result.added,
        "changed": result.changed,
        "removed": result.removed,
        "unchanged": result.unchanged,
    }
    said = ", ".join(f"{number} {what}" for what, number in counts.items() if number) or "no entity is read from here"
    console.result(f"{result.target}: {said}")
    _tell_wrong(console, result.problems, result.conflicts)


def _tell_wrong(console: Console, problems: Sequence[LocationProblem], conflicts: Sequence[Claim]) -> None:
    if problems:
        console.say(f"{_problems(len(problems))}:")
    for problem in problems:
        console.say(f"  {problem}")
    for claim in conflicts:
        console.say(f"{claim.ref} is claimed more than once; the first is shown:")
        for place in claim.places:
            console.say(f"  {place}")
        if claim.reserved_by:
            console.say(f"  task {claim.reserved_by}, which has reserved the name")


def _exit_code(results: Sequence[Ingest]) -> int:
    failed = next((result.failed for result in results if result.failed), None)
    if failed:
        return failed.exit_code
    if any(result.problems for result in results):
        return InvalidInput.exit_code
    return Conflict.exit_code if any(result.conflicts for result in results) else 0


def _table(console: Console, summaries: Sequence[Summary]) -> None:
    console.table(
        [
            (each.ref.short, each.type, _state(each), _owner(each), each.description or _other_title(each))
            for each in summaries
        ],
        header=("ENTITY", "TYPE", "STATE", "OWNER", "DESCRIPTION"),
    )


def _state(summary: Summary) -> str:
    return "reserved" if summary.reserved else summary.lifecycle


def _owner(summary: Summary) -> str:
    return summary.owner.removeprefix("group:").removeprefix("default/")


def _other_title(summary: Summary) -> str:
    return "" if summary.title == summary.ref.name else summary.title


def _age(state: LocationState) -> str:
    from datetime import UTC, datetime

    from scaffolder.catalog.reservations import ago

    return f"read {ago(datetime.now(UTC) - state.read_at)}" if state.read_at else ""


def _entities(number: int) -> str:
    return "1 entity" if number == 1 else f"{number} entities"


def _problems(number: int) -> str:
    return {0: "no problems", 1: "1 problem"}.get(number, f"{number} problems")


def _as_json(summary: Summary) -> dict[str, Any]:
    return {
        "entityRef": str(summary.ref),
        "title": summary.title,
        "description": summary.description,
        "type": summary.type,
        "lifecycle": summary.lifecycle,
        "owner": summary.owner,
        "reserved": summary.reserved,
    }


def _problem_as_json(problem: LocationProblem) -> dict[str, Any]:
    return {**problem.place._asdict(), "message": problem.message}


def _claim_as_json(claim: Claim) -> dict[str, Any]:
    return {
        "entityRef": str(claim.ref),
        "places": [place._asdict() for place in claim.places],
        "reservedBy": claim.reserved_by,
    }


def _location_as_json(state: LocationState) -> dict[str, Any]:
    return {
        "target": state.target,
        "readAt": state.read_at.isoformat() if state.read_at else None,
        "entities": state.entities,
        "taskId": state.task_id,
        "problems": [_problem_as_json(problem) for problem in state.problems],
    }


def _ingest_as_json(result: Ingest) -> dict[str, Any]:
    return {
        "target": result.target,
        "added": result.added,
        "changed": result.changed,
        "removed": result.removed,
        "unchanged": result.unchanged,
        "problems": [_problem_as_json(problem) for problem in result.problems],
        "conflicts": [_claim_as_json(claim) for claim in result.conflicts],
        **({"error": error_as_json(result.failed)} if result.failed else {}),
    }
