"""`scaffolder template dry-run` of a template of steps: what became of each step, and of the task's output."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.errors import InvalidInput, ScaffolderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.app.dry_run import DryRun, Request, Tried
    from scaffolder.cli.console import Style
    from scaffolder.cli.main import Session
    from scaffolder.cli.template_dry_run import Options
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.template.trust import Allowed


class SecretsInvalid(InvalidInput):
    """A secret is no text."""


def try_steps(
    session: Session,
    resolved: Resolved,
    template: Template,
    *,
    values: Mapping[str, Any],
    options: Options,
    allowed: Allowed,
) -> int:
    """Try the template out, and tell what came of it: that it was tried is success, whatever was found."""
    request = replace(_request(session, values, options), allowed=allowed)
    try:
        made = session.app.dry_run(resolved, template, request)
    except ScaffolderError as error:
        if not options.as_json:
            raise
        session.console.error(error)
        session.console.json(refused(error))
        return error.exit_code
    if options.as_json:
        session.console.json(_as_json(made))
    else:
        _print(session, made, request, shown=options.output)
    return 0


def refused(error: ScaffolderError) -> dict[str, Any]:
    """Return the report of a dry run that did not begin."""
    from scaffolder.cli.console import error_as_json

    return {"ok": False, "error": error_as_json(error), "steps": [], "output": {}, "warnings": []}


def _request(session: Session, values: Mapping[str, Any], options: Options) -> Request:
    from scaffolder.app.dry_run import Request
    from scaffolder.cli.template_dry_run import read_values

    secrets = read_values(options.secrets, option="--secrets") if options.secrets else {}
    if wrong := [name for name, value in secrets.items() if not isinstance(value, str)]:
        raise SecretsInvalid(f"the secret {wrong[0]} is no text", hint='put it in quotes: NAME: "value"')
    return Request(
        workspace=Path.cwd() / options.output,
        values=values,
        secrets=secrets,
        user=session.app.user(options.user) if options.user else {},
        environment=session.app.environment,
        defaults=options.defaults,
    )


def _as_json(made: DryRun) -> dict[str, Any]:
    from scaffolder.cli.console import error_as_json

    return {
        "ok": made.error is None,
        "error": error_as_json(made.error) if made.error else None,
        "steps": [_step(tried) for tried in made.steps],
        "output": made.output,
        "warnings": made.warnings,
    }


def _step(tried: Tried) -> dict[str, Any]:
    return {
        "id": tried.step.group,
        "name": tried.step.name,
        "action": tried.step.action,
        "status": tried.status,
        "reason": tried.reason,
        "iterations": [
            {"input": one.input, "output": dict(one.output), "recorded": one.recorded} for one in tried.iterations
        ],
        "log": tried.log,
    }


def _print(session: Session, made: DryRun, request: Request, *, shown: Path) -> None:
    console = session.console
    for tried in made.steps:
        _print_step(session, tried, made.hidden)
    if made.output and made.error is None:
        console.result()
        console.result("Output")
        _print_value(session, made.output, made.hidden)
    console.result()
    files = sum(not path.is_dir() or path.is_symlink() for path in request.workspace.rglob("*"))
    console.result(f"{files} {'file' if files == 1 else 'files'} in {shown}")
    for warning in made.warnings:
        console.tell(f"warning: {warning}", style="warn")
    if made.error is not None:
        console.error(made.error)


def _print_step(session: Session, tried: Tried, hidden: Mapping[str, str]) -> None:
    styles: dict[str, Style] = {"failed": "bad", "skipped": "dim"}
    recorded = any(one.recorded for one in tried.iterations)
    status = "recorded, not run" if recorded and tried.status == "completed" else tried.status
    why = f": {tried.reason}" if tried.status == "skipped" else ""
    session.console.result(
        f"{tried.step.group}  {tried.step.action}  {status}{why}", style=styles.get(tried.status, "")
    )
    for number, one in enumerate(tried.iterations):
        which = f" {number + 1}" if len(tried.iterations) > 1 else ""
        for what, value in (("input", one.input), ("output", dict(one.output))):
            if value:
                session.console.result(f"  {what}{which}")
                _print_value(session, value, hidden)
    for line in tried.log:
        session.console.result(f"  | {line}", style="dim")


def _print_value(session: Session, value: Any, hidden: Mapping[str, str]) -> None:
    """Print a value as YAML; a secret is no more than seen to be there."""
    from scaffolder.task.masking import redacted
    from scaffolder.template.yaml_entity import write_entity

    text = write_entity(value) if isinstance(value, dict) else f"{value}\n"
    for line in redacted(text, hidden).splitlines():
        session.console.result(f"    {line}")
