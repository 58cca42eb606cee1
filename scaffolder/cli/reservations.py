"""`scaffolder catalog reservations`: which names are reserved, by whom and since when; give one back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from scaffolder.app.reservations import Reserved
    from scaffolder.cli.main import Session

WORDS = {"reserved": "reserved", "stale": "left behind", "waiting": "waits to be merged"}

_ADRIFT = "its pull request is closed; open it again there, or: scaffolder tasks rollback {task}"


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def reservations(context: click.Context, *, as_json: bool) -> int:
    """List the names that are reserved and not registered yet: by whom, since when, and what was left behind."""
    return 0 if context.invoked_subcommand else list_reservations(context.obj, as_json=as_json)


@reservations.command("give-back")
@click.argument("ref")
@click.option("--force", is_flag=True, help="Even if it is somebody else's and not old, or its service stands.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def give_back_command(session: Session, *, ref: str, force: bool, as_json: bool) -> int:
    """Give a name back that is yours, or was left behind."""
    given = session.app.give_back(ref, force=force)
    if as_json:
        session.console.json(_as_json(given))
        return 0
    held = given.reservation
    session.console.result(f"{held.ref} is free again; it was {held.said(datetime.now(UTC))}")
    if given.unfinished:
        session.console.say(f"its task is not finished: scaffolder tasks rollback {held.task_id}")
    return 0


def list_reservations(session: Session, *, as_json: bool) -> int:
    """List them, and say what can be done about those left behind."""
    found = session.app.reservations()
    if as_json:
        session.console.json({"reservations": [_as_json(each) for each in found]})
        return 0
    if not found:
        session.console.say("No name is reserved.")
    header = ("ENTITY", "STATE", "SINCE", "WHO", "OWNER", "TASK") if found else ()
    session.console.table([_row(each, datetime.now(UTC)) for each in found], header=header)
    for each in found:
        if each.page:
            session.console.say(f"{each.reservation.ref.short}: {each.page}")
    for each in found:
        if each.adrift:
            session.console.say(f"{each.reservation.ref.short}: {_ADRIFT.format(task=each.reservation.task_id)}")
    if any(each.state == "stale" for each in found):
        session.console.say("What was left behind goes to whoever wants it. To give a name back:")
        session.console.say("  scaffolder catalog reservations give-back REF")
    return 0


def _row(each: Reserved, now: datetime) -> tuple[str, ...]:
    from scaffolder.catalog.reservations import ago

    held = each.reservation
    owner = held.owner.removeprefix("group:").removeprefix("default/")
    return (held.ref.short, WORDS[each.state], ago(now - held.at), held.who, owner, held.task_id)


def _as_json(each: Reserved) -> dict[str, Any]:
    held = each.reservation
    return {
        "entityRef": str(held.ref),
        "state": each.state.value,
        "who": held.who,
        "at": held.at.isoformat(),
        "owner": held.owner,
        "purpose": held.purpose,
        "taskId": held.task_id,
        "branch": each.branch.removeprefix("refs/heads/"),
        "mine": each.mine,
        "page": each.page,
    }
