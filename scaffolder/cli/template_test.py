"""`scaffolder template test`: the cases that a template keeps beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.cli.paths import shown_path
from scaffolder.errors import InvalidInput, Place
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.app.template_cases import Outcome
    from scaffolder.cli.console import Style
    from scaffolder.cli.main import Session

SUITE: Final = "scaffolder template test"
STYLES: Final[dict[str, Style]] = {"+": "good", "-": "bad", "@": "accent"}


class NotHere(InvalidInput):
    """Snapshots can only be written into a directory."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"the snapshots of {reference} cannot be written", hint="name the directory of the template on this machine"
        )


class Options(NamedTuple):
    """What was asked for: some of the cases, new snapshots, and in which form the outcome is told."""

    names: Sequence[str] = ()
    update: bool = False
    trust: bool = False
    no_hooks: bool = False
    form: str = "text"
    output: Path | None = None
    as_json: bool = False

    @property
    def tells(self) -> bool:
        """Whether lines are printed."""
        return not self.as_json and (self.form == "text" or self.output is not None)


def test_template(session: Session, reference: str, options: Options) -> int:
    """Run every case, and tell what is different; failure if anything is."""
    place = Path(reference)
    if options.update and not place.exists():
        raise NotHere(reference)
    outcomes = []
    for outcome in _run(session, reference, options):
        updated = options.update and bool(outcome.case.snapshot) and not outcome.problems
        if updated:
            _write(place if place.is_dir() else place.parent, outcome)
        if options.tells:
            _tell(session, outcome, updated=updated)
        outcomes.append(outcome)
    _report(session, outcomes, options)
    if options.tells and any(outcome.stale for outcome in outcomes):
        session.console.say(f"Where what is made now is right: scaffolder template test {reference} --update")
    return 1 if any(outcome.problems for outcome in outcomes) else 0


def _run(session: Session, reference: str, options: Options) -> Iterator[Outcome]:
    """Run the cases, one after the other; every one is read before the first is run."""
    from scaffolder.app import template_cases
    from scaffolder.cli import template_dry_run

    resolved, template = template_dry_run.find(session, reference, "", "")
    cases = template_cases.cases(resolved, options.names)
    said = template_dry_run.Options(Path(), trust=options.trust, no_hooks=options.no_hooks)
    allowed = template_dry_run.allowed_code(session, resolved, template, said)
    if allowed.decided:
        resolved, template = template_dry_run.made_ready(session, resolved, template, allowed)
    for case in cases:
        yield template_cases.run(session.app, resolved, template, case, update=options.update, allowed=allowed)


def _tell(session: Session, outcome: Outcome, *, updated: bool) -> None:
    if not outcome.problems:
        session.console.result(f"ok      {outcome.case.name}{'  (snapshot written)' if updated else ''}")
        return
    session.console.result(f"failed  {outcome.case.name}", style="bad")
    for line in outcome.problems:
        session.console.result(f"    {line}", style=STYLES.get(line[:1], ""))


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


# -- the outcome in one piece


def _report(session: Session, outcomes: list[Outcome], options: Options) -> None:
    console, text = session.console, _in_form(outcomes, options.form)
    if options.output is not None:
        _save(options.output, text)
    if options.as_json:
        console.json(_as_json(outcomes))
    elif options.tells:
        console.result(f"\n{_summary(outcomes)}")
    else:
        console.result(text)


def _in_form(outcomes: Sequence[Outcome], form: str) -> str:
    if form == "junit":
        return _junit(outcomes)
    lines = [line for one in outcomes for line in (f"{_word(one)} {one.case.name}", *one.problems)]
    return "\n".join([*lines, _summary(outcomes)])


def _word(outcome: Outcome) -> str:
    return "failed" if outcome.problems else "ok"


def _summary(outcomes: Sequence[Outcome]) -> str:
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    return f"{len(outcomes) - failed} passed, {failed} failed"


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise NotWritable(path, error) from error


def _junit(outcomes: Sequence[Outcome]) -> str:
    from scaffolder.cli.junit import Test, document

    def test(outcome: Outcome) -> Test:
        passed = Test(outcome.case.name, Place(shown_path(outcome.case.file), 1))
        if not outcome.problems:
            return passed
        return passed._replace(result="failure", message=outcome.problems[0], type="different", lines=outcome.problems)

    return document(SUITE, [test(outcome) for outcome in outcomes])


def _as_json(outcomes: list[Outcome]) -> dict[str, object]:
    cases = [
        {"name": outcome.case.name, "ok": not outcome.problems, "problems": outcome.problems} for outcome in outcomes
    ]
    return {"ok": not any(outcome.problems for outcome in outcomes), "cases": cases}
