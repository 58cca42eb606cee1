"""`scaffolder join`, `leave` and `profiles`: the companies whose catalog and golden paths this machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli.console import one_line
from scaffolder.cli.progress import counted
from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.app.joining import Joined
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session
    from scaffolder.profiles import Profile

PROBLEMS_SHOWN = 3
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class NothingJoined(InvalidInput):
    """There is no company to leave."""

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(
            "no company is in use here",
            hint=f"name the one to leave: scaffolder leave {known[0]}" if known else "scaffolder join URL   joins one",
        )


@click.command()
@click.argument("target", metavar="URL|DIR")
@click.option("--as", "name", default="", metavar="NAME", help="What to call it; else its organisation's name.")
@click.option("--ref", default="", metavar="REF", help="A branch, tag or commit; else the default branch.")
@_json
@click.pass_obj
def join(session: Session, *, target: str, name: str, ref: str, as_json: bool) -> int:
    """
    Join a company: its catalog, its golden paths and its settings, from its configuration repository. Joining it again
    reads everything again.
    """
    joined = join_company(session, target, name=name, ref=ref)
    _tell_what_hides_it(session, joined.profile.name)
    session.console.say("Next: scaffolder new")
    if as_json:
        session.console.json(_joined_as_json(joined))
    return 0


@click.command()
@click.argument("name", default="", metavar="[NAME]")
@_json
@click.pass_obj
def leave(session: Session, *, name: str, as_json: bool) -> int:
    """Leave a company, or the one in use: its catalog and settings are forgotten, what was made stays."""
    from scaffolder import profiles
    from scaffolder.app.joining import leave as leave_company

    wanted = name or session.profile or profiles.in_use()
    if not wanted or wanted == profiles.OWN:
        raise NothingJoined([each.name for each in profiles.joined()])
    left = leave_company(wanted)
    session.begin_again()
    kept = str(left.kept) if left.kept else ""
    if as_json:
        session.console.json({"left": left.profile.name, "kept": kept})
        return 0
    session.console.say(f"left {left.profile.name} ({one_line(left.profile.address)})")
    if kept:
        session.console.say(f"The repositories of its local forge stay in {kept}")
    return 0


@click.group(invoke_without_command=True)
@_json
@click.pass_context
def profiles(context: click.Context, *, as_json: bool) -> int:
    """List the companies that were joined; say which is used."""
    return 0 if context.invoked_subcommand else list_profiles(context.obj, as_json=as_json)


@profiles.command()
@click.argument("name")
@click.pass_obj
def use(session: Session, *, name: str) -> int:
    """Use a company's catalog and settings from now on; `default` is your own."""
    from scaffolder import profiles as known

    known.use(name)
    session.begin_again()
    session.console.say(f"now in use: {name}")
    _tell_what_hides_it(session, name)
    return 0


def list_profiles(session: Session, *, as_json: bool) -> int:
    """List the profiles, the one in use marked."""
    from scaffolder import profiles as known

    found, used = known.joined(), session.holding.profile
    if as_json:
        session.console.json({"profiles": [_as_json(each, used=each.name == used) for each in found]})
        return 0
    rows = [("*" if each.name == used else "", each.name, _place(each)) for each in found]
    own = "your own catalog and settings" + (f": {session.holding.file}" if session.holding.file else "")
    session.console.table([*rows, ("" if used else "*", known.OWN, own)])
    return 0


def join_company(session: Session, target: str, *, name: str = "", ref: str = "") -> Joined:
    """Join, and say what there is now."""
    from scaffolder.app.company import Report
    from scaffolder.app.joining import join as join_it

    warnings: list[str] = []
    with counted(session.console, "entities") as progress:
        joined = join_it(target, name=name, ref=ref, report=Report(progress, warnings.append))
    session.begin_again()
    _tell_joined(session.console, joined)
    for warning in warnings:
        session.console.tell(one_line(warning), indent=2, hang=2, style="warn")
    return joined


def _tell_joined(console: Console, joined: Joined) -> None:
    counts = [
        _count(joined.components, "component"),
        _count(joined.teams, "team"),
        _count(joined.golden_paths, "golden path"),
    ]
    console.tell(f"joined {one_line(joined.organization)}: {', '.join(counts)}")
    for problem in joined.problems[:PROBLEMS_SHOWN]:
        console.tell(one_line(problem), indent=2, hang=2, style="warn")
    if len(joined.problems) > PROBLEMS_SHOWN:
        more = len(joined.problems) - PROBLEMS_SHOWN
        console.tell(f"and {more:,} more: scaffolder catalog list --locations --json", indent=2, style="warn")


def _tell_what_hides_it(session: Session, name: str) -> None:
    """Say when other settings hold in this directory than those that were just chosen."""
    holding = session.holding
    if holding.file and name not in {holding.profile, "default"}:
        session.console.tell(
            f"here {holding.file} holds; elsewhere {name} does, or with --profile {name}", style="warn"
        )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word if number == 1 else f'{word}s'}"


def _place(profile: Profile) -> str:
    return f"{profile.address} at {profile.ref}" if profile.ref else profile.address


def _as_json(profile: Profile, *, used: bool) -> dict[str, Any]:
    return {
        "name": profile.name,
        "address": profile.address,
        "ref": profile.ref,
        "commit": profile.commit,
        "inUse": used,
    }


def _joined_as_json(joined: Joined) -> dict[str, Any]:
    return {
        **_as_json(joined.profile, used=True),
        "organization": joined.organization,
        "components": joined.components,
        "teams": joined.teams,
        "goldenPaths": joined.golden_paths,
        "problems": list(joined.problems),
    }
