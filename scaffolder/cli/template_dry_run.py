"""`scaffolder template dry-run`: what a template makes, in a directory of its own."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.cli.console import one_line
from scaffolder.errors import Failed, InvalidInput, Place, ScaffolderError
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.cli.main import Session
    from scaffolder.template.dry_run import DryRun
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.template.trust import Allowed


class ValuesInvalid(InvalidInput):
    """The file with the values cannot be read as names and values."""


class Options(NamedTuple):
    """What was asked for: where the files go, and files with what they are made from."""

    output: Path
    values: Path | None = None
    secrets: Path | None = None
    user: str = ""
    defaults: bool = True
    ref: str = ""
    directory: str = ""
    trust: bool = False
    no_hooks: bool = False
    as_json: bool = False


def dry_run(session: Session, reference: str, options: Options) -> int:
    """Try a template out, and tell what came of it."""
    try:
        resolved, template = find(session, reference, options.ref, options.directory)
        given = read_values(options.values) if options.values else {}
        allowed = allowed_code(session, resolved, template, options)
        if allowed.decided:
            resolved, template = made_ready(session, resolved, template, allowed)
    except ScaffolderError as error:
        return _not_begun(session, error, options)
    if template.dialect == "backstage":
        from scaffolder.cli.dry_run import try_steps

        return try_steps(session, resolved, template, values=given, options=options, allowed=allowed)
    return _try_cookiecutter(session, reference, resolved, template, given=given, options=options, allowed=allowed)


def _not_begun(session: Session, error: ScaffolderError, options: Options) -> int:
    from scaffolder.cli.dry_run import refused

    if not options.as_json:
        raise error
    session.console.error(error)
    session.console.json(refused(error))
    return error.exit_code


def _try_cookiecutter(  # noqa: PLR0913 - all that counts for it
    session: Session,
    reference: str,
    resolved: Resolved,
    template: Template,
    *,
    given: Mapping[str, Any],
    options: Options,
    allowed: Allowed,
) -> int:
    from scaffolder.template.cookiecutter import Code, Origin
    from scaffolder.template.dry_run import dry_run as run

    place = Path.cwd() / options.output
    origin = Origin(reference, str(place), reference, options.ref or None)
    try:
        code = Code(allowed, tell=partial(_tell, session))
        made = run(
            resolved, template, values=_with_own(session, template, given), output=place, origin=origin, code=code
        )
    except ScaffolderError as error:
        if not isinstance(error, Failed) or isinstance(error, NotWritable):
            return _not_begun(session, error, options)
        session.console.error(error)
        if options.as_json:
            session.console.json(_failed(template, error))
        return 0  # it was tried out: success, whatever was found
    if options.as_json:
        session.console.json(_as_json(template, made))
        return 0
    for warning in made.warnings:
        session.console.tell(warning, style="warn")
    files = len(list(made.tree.files()))
    session.console.result(f"{files} files of {made.name} in {options.output}")
    return 0


def _tell(session: Session, line: str) -> None:
    """Pass on what the template's code prints."""
    session.console.tell(one_line(line), indent=2, style="dim")


def allowed_code(session: Session, resolved: Resolved, template: Template, options: Options) -> Allowed:
    """Return what of the template's code may run; a person at a terminal is asked."""
    from scaffolder.app.trust import said, settled, trusted_sources
    from scaffolder.template.trust import Allowed, TrustNeeded, wanted

    word = said(trust=options.trust, no_hooks=options.no_hooks)
    try:
        word = settled(resolved, template, word, trusted=lambda: trusted_sources(session.app.settings))
    except TrustNeeded:
        if not sys.stdin.isatty():
            raise
        from scaffolder.cli import trust
        from scaffolder.cli.prompt import prompter
        from scaffolder.template.bringing import code_of

        code = partial(code_of, resolved, template)
        word = trust.ask(session.console, prompter(session.console, sys.stdin), wanted(resolved, template), code)
        if word == trust.LEAVE:
            raise
    return Allowed.of(word)


def made_ready(session: Session, resolved: Resolved, template: Template, allowed: Allowed) -> tuple[Resolved, Template]:
    """Return a template whose code may run, after the hook that comes before the questions."""
    from scaffolder.app.trust import after_pre_prompt
    from scaffolder.template import manifest

    if template.dialect != "cookiecutter":
        return resolved, template
    resolved = after_pre_prompt(resolved, partial(_tell, session)) if allowed.hooks else resolved
    return resolved, manifest.load(resolved, defaults=session.cookiecutter.defaults, allowed=allowed)


def _with_own(session: Session, template: Template, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is given, which may be what cookiecutter keeps of a run, over the person's own defaults."""
    from scaffolder.template import user_config
    from scaffolder.template.schema import possible

    values = user_config.from_replay(given, {name for page in template.pages for name in possible(page.schema)})
    if not session.cookiecutter.defaults:
        return values
    from scaffolder.template.parameters import with_defaults

    return with_defaults(template, values)


def find(session: Session, reference: str, ref: str, directory: str) -> tuple[Resolved, Template]:
    """Return the template; one that is a directory here needs neither settings nor catalog to be found."""
    if not Path(reference).exists():
        return session.app.template(reference, ref=ref, directory=directory)
    from scaffolder.gateways.home import Home
    from scaffolder.template import manifest, source

    resolved = source.resolve(reference, ref=ref, directory=directory, cache=Home.of_user().cache / "git")
    own = session.cookiecutter.defaults if resolved.manifest == manifest.COOKIECUTTER_FILE else manifest.NO_DEFAULTS
    return resolved, manifest.load(resolved, defaults=own)


def read_values(path: Path, *, option: str = "--values") -> dict[str, Any]:
    """Return the names and values that a file of YAML or JSON holds."""
    from scaffolder.template.yaml_reader import read_document

    hint = f"{option} FILE, with a line for each: name: value"
    try:
        values = read_document(path.read_bytes(), str(path))
    except OSError as error:
        raise ValuesInvalid(f"{path} cannot be read: {error.strerror}", hint=hint) from error
    if not isinstance(values, dict):
        raise ValuesInvalid("names and values are expected", place=Place(str(path)), hint=hint)
    return {str(name): value for name, value in values.items()}


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

    steps = [_step(template, "failed", {})]
    return {"ok": False, "error": error_as_json(error), "steps": steps, "output": {}, "warnings": []}


def _step(template: Template, status: str, taken: dict[str, Any]) -> dict[str, Any]:
    step = template.steps[0]
    iterations = [{"input": {"url": ".", **taken}, "output": {}, "recorded": False}]
    return {"id": step.id, "action": step.action, "status": status, "iterations": iterations}
