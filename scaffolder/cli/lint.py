"""`scaffolder template lint`: what is wrong with a template, before anybody is asked anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli.console import one_line
from scaffolder.errors import Failed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scaffolder.actions.shapes import Shape
    from scaffolder.cli.main import Session
    from scaffolder.task.action import Action
    from scaffolder.template.lint import Finding
    from scaffolder.template.source import Resolved


@click.command()
@click.argument("reference", metavar="PATH|NAME|URL")
@click.option("--ref", default="", metavar="REF", help="A branch, tag or commit of its repository.")
@click.option("--directory", default="", metavar="DIR", help="The template's directory in its repository.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def lint(session: Session, reference: str, *, ref: str, directory: str, strict: bool, as_json: bool) -> int:
    """
    Find what is wrong with a template, in all of its branches, without rendering it or running its code.

    Exits with 1 when there is an error.
    """
    from scaffolder.template.lint import Severity
    from scaffolder.template.lint import lint as look

    resolved = _resolved(session, reference, ref, directory)
    found = look(resolved, _Known(session.app.actions))
    errors = sum(one.severity is Severity.ERROR for one in found)
    failed = bool(errors or (strict and found))
    if as_json:
        session.console.json(_as_json(resolved, found, ok=not failed))
    else:
        for one in found:
            session.console.result(
                one_line(str(one._replace(spot=one.spot._replace(path=_shown(resolved, one.spot.path)))))
            )
        session.console.result(_summary(errors, len(found) - errors))
    return Failed.exit_code if failed else 0


class _Known:
    """The actions that there are, plugins' too."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self._actions = actions

    def names(self) -> Collection[str]:
        return set(self._actions)

    def of(self, action_id: str) -> Shape | None:
        from scaffolder.actions.shapes import shape_of

        return shape_of(action_id, self._actions)

    def provider(self, action_id: str) -> str:
        from scaffolder.task.providers import PROVIDERS

        return "" if action_id in self._actions else PROVIDERS.get(action_id, "")


def _resolved(session: Session, reference: str, ref: str, directory: str) -> Resolved:
    """Return the template's files; one that is a directory here need not be right."""
    if not Path(reference).exists():
        return session.app.template(reference, ref=ref, directory=directory)[0]
    from scaffolder.gateways.home import Home
    from scaffolder.template import source

    return source.resolve(reference, ref=ref, directory=directory, cache=Home.of_user().cache / "git")


def _shown(resolved: Resolved, path: str) -> str:
    """Return the path of a file as somebody here would type it; elsewhere, as it is in its repository."""
    location = Path(resolved.source.location)
    if not location.is_dir() or not (location / resolved.directory).is_dir():
        return path
    place, here = location / path, Path.cwd()
    return str(place.relative_to(here)) if place.is_relative_to(here) else str(place)


def _summary(errors: int, warnings: int) -> str:
    parts = [_number(errors, "error"), _number(warnings, "warning")]
    return ", ".join(filter(None, parts)) or "Nothing is wrong."


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}" if number else ""


def _as_json(resolved: Resolved, found: list[Finding], *, ok: bool) -> dict[str, Any]:
    from scaffolder.template.lint import Severity

    return {
        "ok": ok,
        "numbers": {str(severity): sum(one.severity is severity for one in found) for severity in Severity},
        "findings": [
            {
                "severity": str(one.severity),
                "code": one.code,
                "place": {
                    "file": _shown(resolved, one.spot.path),
                    "line": one.spot.line or None,
                    "column": one.spot.column or None,
                },
                "message": one.message,
                "hint": one.hint,
            }
            for one in found
        ],
    }
