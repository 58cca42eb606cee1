"""`scaffolder new`: a service begins, with questions or without."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.app.births import Plan
    from scaffolder.app.draft import Draft
    from scaffolder.app.results import Made
    from scaffolder.cli.main import Session

OURS = ("purpose", "name", "owner", "system", "repository", "visibility", "reason", "template")
CALLED = {"repo": "repository"}


class AnswersUnreadable(InvalidInput):
    """A file or option with answers cannot be read."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run behaves, whatever it makes."""

    dry_run: bool
    as_json: bool
    opens: bool


@click.command()
@click.argument("template", required=False, default="")
@click.option("--purpose", default="", help="What it will do, in a sentence.")
@click.option("--name", default="", help="Its name: letters, digits, '-', '_' and '.'.")
@click.option("--owner", default="", metavar="REF", help="The team that will own it.")
@click.option("--system", default="", metavar="REF", help="The system it is part of.")
@click.option("--repo", "repository", default="", metavar="OWNER/NAME", help="Where the repository goes on the forge.")
@click.option("--visibility", type=click.Choice(["private", "internal", "public"]), default=None)
@click.option("-d", "data", multiple=True, metavar="KEY=VALUE", help="An answer to a question of the template.")
@click.option("--answers", type=click.Path(path_type=Path), metavar="FILE", help="Answers, as YAML or JSON.")
@click.option("--ref", "template_ref", default="", metavar="REF", help="Branch, tag or commit of the template.")
@click.option("--directory", "template_directory", default="", metavar="DIR", help="Where in its repository it is.")
@click.option("--reason", default="", metavar="TEXT", help="Why to build it although something like it exists.")
@click.option("--extends", default="", metavar="REF", help="The component it will be registered as part of.")
@click.option("--output-dir", type=click.Path(path_type=Path), metavar="DIR", help="Make it in DIR/NAME.")
@click.option("--continue", "goes_on", is_flag=True, help="Take up the answers that were kept.")
@click.option("--no-input", is_flag=True, help="Ask nothing; what is missing is an error.")
@click.option("--dry-run", is_flag=True, help="Check everything and show the plan; make nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
@click.option("--no-open", is_flag=True, help="Do not open the new repository in a browser.")
@click.pass_obj
def new(session: Session, /, **options: Any) -> int:
    """
    Begin a service: say what it is for, see who already runs something like it, choose a golden path, and get a
    repository with its owner and its catalog entry.

    TEMPLATE is a golden path's name, a directory, a template.yaml or a git URL.
    """
    manner = Manner(options["dry_run"], options["as_json"], not options["no_open"])
    draft = _draft(session, options)
    if options["no_input"]:
        return make(session, draft, manner)
    from scaffolder.cli import wizard

    return wizard.run(session, draft, manner, stdin=sys.stdin)


def make(session: Session, draft: Draft, manner: Manner) -> int:
    """Plan and run without a question."""
    plan = session.app.plan(draft, even_if_it_exists=manner.dry_run)
    if manner.dry_run:
        show_plan(session, plan, as_json=manner.as_json)
        return 0
    if plan.similar.matches:
        session.app.record_choice("built anyway" if draft.why else "built", draft, plan.similar)
    made = carry_out(session, plan)
    show_made(session, plan, made, manner)
    return 0


def carry_out(session: Session, plan: Plan) -> Made:
    """Run a plan, saying each step."""
    from scaffolder.app.results import made_by
    from scaffolder.cli import progress

    session.app.listener = lambda event: progress.show(session.console, event)
    session.app.run(plan)
    return made_by(*session.app.task(plan.task.id))


def show_plan(session: Session, plan: Plan, *, as_json: bool) -> None:
    """Print the plan: as JSON on stdout, or in words."""
    if as_json:
        session.console.json(plan.to_json())
        return
    from scaffolder.cli import plan_screen

    plan_screen.show(session.console, plan)
    plan_screen.tree(session.console, plan)


def show_made(session: Session, plan: Plan, made: Made, manner: Manner) -> None:
    """Print what was made, and what to do next."""
    if manner.as_json:
        session.console.json({**made.to_json(), "similar": plan.similar.to_json()})
        return
    from scaffolder.cli import plan_screen
    from scaffolder.cli.browser import opened

    in_browser = manner.opens and opened(session.console, made.page)
    plan_screen.done(session.console, plan, made, in_browser=in_browser)


# -- from options to a draft


def _draft(session: Session, options: Mapping[str, Any]) -> Draft:
    from scaffolder.app.draft import Draft

    kept = session.app.draft() if options["goes_on"] else None
    draft = kept or Draft()
    answers = _answers_file(options["answers"]) if options["answers"] else {}
    own = {CALLED.get(name, name): value for name, value in answers.items()}
    for name in OURS:
        value = options.get(name) or (own.get(name) if isinstance(own.get(name), str) else "")
        if value:
            setattr(draft, name, value)
    for name in ("template_ref", "template_directory", "extends"):
        if options[name]:
            setattr(draft, name, options[name])
    if options["output_dir"] or not draft.directory:
        draft.directory = _directory(options["output_dir"], draft.name)
    return _with_answers(session, draft, answers, options["data"])


def _directory(output_dir: Path | None, name: str) -> str:
    return str((output_dir / name).absolute()) if output_dir and name else ""


def _answers_file(path: Path) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise AnswersUnreadable(
            f"cannot read {path}: {error.strerror}", hint="--answers names a YAML or JSON file"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise AnswersUnreadable(f"{path} is not YAML: {error}", hint="write it as `key: value` lines") from None
    if not isinstance(found, dict):
        raise AnswersUnreadable(f"{path} holds no answers", hint="write it as `key: value` lines")
    return {str(name): value for name, value in found.items()}


def _with_answers(session: Session, draft: Draft, answers: Mapping[str, Any], data: tuple[str, ...]) -> Draft:
    """Give the template's questions their answers, typed; secrets are kept apart."""
    if not draft.template or not (answers or data):
        return draft
    from scaffolder.app.answers import names, typed
    from scaffolder.template.parameters import secret_names

    _resolved, template = session.app.template(
        draft.template, ref=draft.template_ref, directory=draft.template_directory
    )
    known = names(template)
    given = {name: value for name, value in answers.items() if name in known or CALLED.get(name, name) not in OURS}
    for entry in data:
        name, separator, text = entry.partition("=")
        if not separator:
            raise AnswersUnreadable(f"-d {entry}: this is not KEY=VALUE", hint="for example: -d database=postgres")
        given[name] = typed(template, name, text, {**draft.answers, **given})
    secret = secret_names(template)
    draft.answers |= {name: value for name, value in given.items() if name not in secret}
    draft.secrets |= {name: str(value) for name, value in given.items() if name in secret}
    return draft
