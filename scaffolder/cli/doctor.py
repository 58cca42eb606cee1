"""`scaffolder doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scaffolder.cli.console import wrap

if TYPE_CHECKING:
    from scaffolder.cli.console import Style
    from scaffolder.cli.main import Session
    from scaffolder.doctor.look import Check


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def doctor(session: Session, *, as_json: bool) -> int:
    """Check what this machine needs, and how to get it."""
    return examine(session, as_json=as_json)


def examine(session: Session, *, as_json: bool) -> int:
    """Print every check; 1 when something needed is missing."""
    from scaffolder.doctor import checks, missing

    found = checks(
        session.home,
        lambda: session.settings,
        session.console.environ,
        freshness=lambda: session.app.freshness() if session.settings.profile else None,
    )
    lacking = missing(found)
    if as_json:
        session.console.json({"ok": not lacking, "checks": [_as_json(check) for check in found]})
    else:
        for check in found:
            _show(session, check)
        session.console.say()
        session.console.say(f"Missing: {', '.join(check.name for check in lacking)}" if lacking else "Ready.")
    return 1 if lacking else 0


def _show(session: Session, check: Check) -> None:
    console = session.console
    state, style = _state(check)
    start = f"{state:8} {check.name:9} "
    first, *others = wrap(check.found, width=max(console.width - len(start), 20))
    console.result(start + first, style=style)
    said = (*check.lines, *((f"get it: {check.fix}",) if check.fix and not check.ok else ()))
    more = [part for line in said for part in wrap(line, width=max(console.width - len(start), 20), indent=2)]
    for line in (*others, *more):
        console.result(" " * len(start) + line)


def _state(check: Check) -> tuple[str, Style]:
    if check.ok:
        return "ok", ""
    return ("missing", "bad") if check.needed else ("note", "warn")


def _as_json(check: Check) -> dict[str, object]:
    return {
        "name": check.name,
        "ok": check.ok,
        "needed": check.needed,
        "found": check.found,
        "fix": "" if check.ok else check.fix,
        **check.facts,
    }
