"""`scaffolder template test`: the cases that a template keeps beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from scaffolder.app.template_cases import Outcome
    from scaffolder.cli.main import Session


class NotHere(InvalidInput):
    """Snapshots can only be written into a directory."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"the snapshots of {reference} cannot be written", hint="name the directory of the template on this machine"
        )


def test_template(session: Session, reference: str, *, update: bool, as_json: bool) -> int:
    """Run every case, and tell what is different; failure if anything is."""
    from scaffolder.app import template_cases
    from scaffolder.cli.template_dry_run import find

    place = Path(reference)
    if update and not place.exists():
        raise NotHere(reference)
    resolved, template = find(session, reference, "", "")
    outcomes = []
    for case in template_cases.cases(resolved):
        outcome = template_cases.run(session.app, resolved, template, case, update=update)
        if update and case.snapshot and not outcome.problems:
            _write(place if place.is_dir() else place.parent, outcome)
        outcomes.append(outcome)
        if not as_json:
            _tell(session, outcome, updated=update and bool(case.snapshot))
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    if as_json:
        session.console.json(_as_json(outcomes))
    else:
        session.console.result()
        session.console.result(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _tell(session: Session, outcome: Outcome, *, updated: bool) -> None:
    if not outcome.problems:
        session.console.result(f"ok      {outcome.case.name}{'  (snapshot written)' if updated else ''}")
        return
    session.console.result(f"failed  {outcome.case.name}", style="error")
    for line in outcome.problems:
        session.console.result(f"    {line}")


def _write(directory: Path, outcome: Outcome) -> None:
    """Write a snapshot in the place of the one before."""
    place = directory / outcome.case.snapshot
    try:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.mkdir()
    except OSError as error:
        raise NotWritable(place, error) from error
    outcome.made.write(place)


def _as_json(outcomes: list[Outcome]) -> dict[str, object]:
    cases = [
        {"name": outcome.case.name, "ok": not outcome.problems, "problems": outcome.problems} for outcome in outcomes
    ]
    return {"ok": not any(outcome.problems for outcome in outcomes), "cases": cases}
