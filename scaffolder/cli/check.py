"""`scaffolder catalog check`: the CI of a catalog repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli.console import one_line
from scaffolder.cli.progress import counted
from scaffolder.errors import Failed, InvalidInput, TryAgain

if TYPE_CHECKING:
    from scaffolder.app.check import Check, Finding
    from scaffolder.cli.main import Session


@click.command()
@click.argument("directory", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
@click.option(
    "--base", metavar="REV", help="Also look at what is new since the branch left REV: does it exist already?"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "junit"]),
    default="text",
    show_default=True,
    help="Lines, a comment for a pull request, or JUnit XML.",
)
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write that to FILE; print lines.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def check(session: Session, *, directory: Path, base: str | None, form: str, output: Path | None, as_json: bool) -> int:
    """
    Check the clone of a catalog repository: entities, Locations, owners, names, reservations.

    Exits with 1 when something is wrong, with 4 when another machine did not answer.
    """
    with counted(session.console, "looked at") as progress:
        found = session.app.check(_existing(directory), base=base or "", progress=progress)
    if output is not None:
        _write(output, report(found, form))
    if as_json:
        session.console.json(as_object(found))
    else:
        session.console.result(report(found, form if output is None else "text"))
    return exit_code(found)


def _existing(directory: Path) -> Path:
    if not directory.is_dir():
        raise InvalidInput(f"{directory} is no directory", hint="give a clone of the catalog repository, or cd into it")
    return directory.absolute()


def exit_code(found: Check) -> int:
    """Tell how it ended: what is wrong goes before what is not known."""
    from scaffolder.app.check import Severity

    if found.number(Severity.ERROR):
        return Failed.exit_code
    return TryAgain.exit_code if found.number(Severity.UNKNOWN) else 0


def report(found: Check, form: str) -> str:
    """Return a check in one of the forms, without the newline at its end."""
    if form == "junit":
        from scaffolder.cli.check_tests import SUITE, as_tests
        from scaffolder.cli.junit import document

        return document(SUITE, [*as_tests(found)])
    if form == "markdown":
        from scaffolder.cli.check_comment import comment

        return comment(found, summary(found))
    return "\n".join([*(one_line(str(each)) for each in found.findings), summary(found)])


def summary(found: Check) -> str:
    """Return what was looked at and how much was found, in words."""
    from scaffolder.app.check import Severity

    locations = sum(each.entity.ref.kind == "location" for each in found.entities)
    looked = [
        _number(len(found.entities) - locations, "1 entity", "entities"),
        _number(locations, "1 Location", "Locations"),
        _number(len(found.reservations), "1 reservation", "reservations"),
    ]
    told = [
        _number(found.number(Severity.ERROR), "1 error", "errors"),
        _number(found.number(Severity.UNKNOWN), "1 thing not found out", "things not found out"),
        _number(found.number(Severity.WARNING), "1 warning", "warnings"),
        _number(found.number(Severity.NOTICE), "1 similar service", "similar services"),
    ]
    return (
        f"{', '.join(filter(None, looked)) or 'nothing'} checked: {', '.join(filter(None, told)) or 'nothing is wrong'}"
    )


def _number(number: int, one: str, many: str) -> str:
    return one if number == 1 else f"{number:,} {many}" if number else ""


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(f"{text}\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise InvalidInput(f"cannot write {file}: {error.strerror}", hint="choose another: --output FILE") from error


def as_object(found: Check) -> dict[str, Any]:
    """Return the published form."""
    from scaffolder.app.check import Severity
    from scaffolder.cli.review import as_object as review_as_object

    return {
        "ok": exit_code(found) == 0,
        "entities": len(found.entities),
        "reservations": len(found.reservations),
        "numbers": {str(severity): found.number(severity) for severity in Severity},
        "findings": list(map(_finding, found.findings)),
        "review": review_as_object(found.review) if found.review else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": str(finding.severity),
        "code": finding.code,
        "subject": finding.subject,
        "place": finding.place._asdict(),
        "message": finding.message,
    }
