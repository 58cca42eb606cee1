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
    from collections.abc import Callable

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
    from scaffolder.cli import cookiecutter_dry_run

    make = partial(cookiecutter_dry_run.made, session, reference, resolved, template, given=given, allowed=allowed)
    return _try_cookiecutter(session, template, options, make)


def _try_cookiecutter(session: Session, template: Template, options: Options, make: Callable[..., DryRun]) -> int:
    """Try it out, which succeeds whatever was found."""
    from scaffolder.cli import cookiecutter_dry_run

    try:
        made = make(options=options)
    except ScaffolderError as error:
        if not isinstance(error, Failed) or isinstance(error, NotWritable):
            return _not_begun(session, error, options)
        cookiecutter_dry_run.show_failure(session, template, error, as_json=options.as_json)
    else:
        cookiecutter_dry_run.show(session, template, made, options)
    return 0


def _not_begun(session: Session, error: ScaffolderError, options: Options) -> int:
    from scaffolder.cli.dry_run import refused

    if not options.as_json:
        raise error
    session.console.error(error)
    session.console.json(refused(error))
    return error.exit_code


def tell(session: Session, line: str) -> None:
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
    resolved = after_pre_prompt(resolved, partial(tell, session)) if allowed.hooks else resolved
    return resolved, manifest.load(resolved, defaults=session.cookiecutter.defaults, allowed=allowed)


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
