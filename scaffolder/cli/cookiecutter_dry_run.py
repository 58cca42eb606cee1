"""A cookiecutter template, tried out: what it makes in a directory, told in words or as an object."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.cli.template_dry_run import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.cli.main import Session
    from scaffolder.cli.template_dry_run import Options
    from scaffolder.errors import ScaffolderError
    from scaffolder.template.dry_run import DryRun
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.template.trust import Allowed


def made(  # noqa: PLR0913 - all that counts for it
    session: Session,
    reference: str,
    resolved: Resolved,
    template: Template,
    *,
    given: Mapping[str, Any],
    options: Options,
    allowed: Allowed,
) -> DryRun:
    """
    Return what it makes.

    Raises:
        ScaffolderError: It could not be begun, or failed.
    """
    from scaffolder.template.cookiecutter import Code, Origin
    from scaffolder.template.dry_run import dry_run

    place = Path.cwd() / options.output
    origin = Origin(reference, str(place), reference, options.ref or None)
    code = Code(allowed, tell=partial(tell, session))
    values = _with_own(session, template, given)
    return dry_run(resolved, template, values=values, output=place, origin=origin, code=code)


def show(session: Session, template: Template, made: DryRun, options: Options) -> None:
    """Tell what was made."""
    if options.as_json:
        session.console.json(_as_json(template, made))
        return
    for warning in made.warnings:
        session.console.tell(warning, style="warn")
    files = len(list(made.tree.files()))
    session.console.result(f"{files} {'file' if files == 1 else 'files'} of {made.name} in {options.output}")


def show_failure(session: Session, template: Template, error: ScaffolderError, *, as_json: bool) -> None:
    """Tell what it failed with."""
    session.console.error(error)
    if as_json:
        session.console.json(_failed(template, error))


def _with_own(session: Session, template: Template, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is given, which may be what cookiecutter keeps of a run, over the person's own defaults."""
    from scaffolder.template import user_config
    from scaffolder.template.schema import possible

    values = user_config.from_replay(given, {name for page in template.pages for name in possible(page.schema)})
    if not session.cookiecutter.defaults:
        return values
    from scaffolder.template.parameters import with_defaults

    return with_defaults(template, values)


def _as_json(template: Template, made: DryRun) -> dict[str, Any]:
    return {
        "ok": True,
        "error": None,
        "steps": [_step(template, "completed", {"values": dict(made.values)})],
        "output": {},
        "warnings": made.warnings,
    }


def _failed(template: Template, error: ScaffolderError) -> dict[str, Any]:
    from scaffolder.cli.console import error_as_json

    steps = [_step(template, "failed", {}, reason=error.message)]
    return {"ok": False, "error": error_as_json(error), "steps": steps, "output": {}, "warnings": []}


def _step(template: Template, status: str, taken: dict[str, Any], *, reason: str = "") -> dict[str, Any]:
    step = template.steps[0]
    return {
        "id": step.id,
        "name": step.name,
        "action": step.action,
        "status": status,
        "reason": reason,
        "iterations": [{"input": {"url": ".", **taken}, "output": {}, "recorded": False}],
        "log": [],
    }
