"""`scaffolder new`: a service begins, with questions or without."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli import freshness, trust
from scaffolder.cli.console import one_line
from scaffolder.errors import Interrupted, InvalidInput, Stopped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.app.draft import Draft
    from scaffolder.app.planned import Plan
    from scaffolder.app.results import Made
    from scaffolder.cli.main import Session
    from scaffolder.template.manifest import Template

OURS = ("purpose", "name", "owner", "system", "repository", "visibility", "reason", "template")
CALLED = {"repo": "repository"}
FORGES = ("local", "github")
VISIBILITIES = ("private", "internal", "public")


class AnswersUnreadable(InvalidInput):
    """A file or option with answers cannot be read."""


class NothingAsksForIt(InvalidInput):
    """Answers to a template's questions came without a template."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is an answer to a golden path's question, and no golden path is named",
            hint="name it: scaffolder new TEMPLATE …   (scaffolder template list)",
        )


class NothingKept(InvalidInput):
    """There are no answers to take up again."""

    def __init__(self) -> None:
        super().__init__("no answers are kept from an earlier time", hint="begin anew: scaffolder new")


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
@click.option("--forge", type=click.Choice(FORGES), default=None, help="Where repositories are made this time.")
@click.option("--visibility", type=click.Choice(VISIBILITIES), default=None)
@click.option("-d", "data", multiple=True, metavar="KEY=VALUE", help="An answer to a question of the template.")
@click.option("--answers", type=click.Path(path_type=Path), metavar="FILE", help="Answers, as YAML or JSON.")
@click.option("--skip", multiple=True, metavar="STEP", help="Go on without a step that the plan names.")
@click.option("--ref", "template_ref", default="", metavar="REF", help="Branch, tag or commit of the template.")
@click.option("--directory", "template_directory", default="", metavar="DIR", help="Where in its repository it is.")
@click.option("--reason", default="", metavar="TEXT", help="Why to build it although something like it exists.")
@click.option("--extends", default="", metavar="REF", help="The component it will be registered as part of.")
@trust.options
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

    TEMPLATE is a golden path's name, a directory, a template.yaml, a git URL, gh:OWNER/NAME (gl: and bb: too) or a zip
    file, here or at a URL.
    """
    manner = Manner(options["dry_run"], options["as_json"], not options["no_open"])
    draft = _draft(session, options)
    if options["no_input"]:
        freshness.tell(session)
        return make(session, draft, manner, goes_on=options["goes_on"])
    from scaffolder.cli import wizard

    return wizard.run(session, draft, manner, stdin=sys.stdin)


def make(session: Session, draft: Draft, manner: Manner, *, goes_on: bool = False) -> int:
    """Plan and run without a question; `goes_on` tells that the draft had been kept."""
    plan = session.app.plan(draft, even_if_it_exists=manner.dry_run)
    if manner.dry_run:
        show_plan(session, plan, as_json=manner.as_json)
        return 0
    _tell_lent(session, plan)
    made = carry_out(session, draft, plan, kept=goes_on)
    show_made(session, plan, made, manner)
    return 0


def _tell_lent(session: Session, plan: Plan) -> None:
    """Say which steps are given a token, where nobody has seen the plan."""
    for loan in plan.loans:
        said = f"your token for {loan.host} is given as {loan.name} to {', '.join(loan.steps)}"
        session.console.tell(one_line(said), indent=2)


def carry_out(session: Session, draft: Draft, plan: Plan, *, kept: bool) -> Made:
    """Run a plan, saying each step; `kept` tells that the draft is the one that is kept."""
    from scaffolder.app.results import made_by
    from scaffolder.cli import progress

    session.app.listener = lambda event: progress.show(session.console, event)
    try:
        session.app.run(plan)
    except (Stopped, Interrupted) as error:
        if error.hint:  # something stands: the task goes on from there, not the draft
            _settle(session, draft, plan, kept=kept)
        raise
    _settle(session, draft, plan, kept=kept)
    return made_by(*session.app.task(plan.task.id))


def _settle(session: Session, draft: Draft, plan: Plan, *, kept: bool) -> None:
    """Once something stands: note what was built beside similar services, and forget the draft it was made from."""
    if plan.similar.matches:
        extended = draft.extends or (draft.system if draft.extends_system else "")
        choice = "extended" if extended else "built anyway" if draft.why else "built"
        session.app.record_choice(choice, draft, plan.similar, **({"entity": extended} if extended else {}))
    if kept:
        session.app.discard_draft()


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
    from scaffolder.app.trust import said

    _refuse_odd_text(options)
    draft = _kept(session) if options["goes_on"] else _fresh()
    path = options["answers"]
    answers = _answers_file(path) if path else {}
    own = _own_answers(path, answers)
    for name in OURS:
        setattr(draft, name, (options.get(name) or own.get(name) or getattr(draft, name)).strip())
    for name in ("forge", "template_ref", "template_directory", "extends"):
        if options[name]:
            setattr(draft, name, options[name])
    draft.skip = list(options["skip"]) or draft.skip
    draft.trust = said(trust=options["trust"], no_hooks=options["no_hooks"])
    draft.trusted = options["trust"]
    if options["output_dir"]:
        draft.output_dir, draft.directory = str(options["output_dir"].absolute()), ""
    if draft.template and (answers or options["data"]):
        _answer(session, draft, answers, options["data"])
    elif not draft.template:
        _refuse_answers(answers, options["data"])
    return draft


def _refuse_answers(answers: Mapping[str, Any], data: tuple[str, ...]) -> None:
    """Refuse what only a golden path could ask for: it is chosen later, and the answers would be lost."""
    names = [*(name for name in answers if CALLED.get(name, name) not in OURS), *(_pair(entry)[0] for entry in data)]
    if names:
        raise NothingAsksForIt(names[0])


def _refuse_odd_text(options: Mapping[str, Any]) -> None:
    """Refuse what cannot be written into a file: bytes of another encoding reach us as lone surrogates."""
    free = {"--purpose": options["purpose"], "--reason": options["reason"], "-d": "".join(options["data"])}
    for option, text in free.items():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise AnswersUnreadable(
                f"{option} has characters that are not UTF-8", hint="set a UTF-8 locale, or leave them out"
            ) from None


def _fresh() -> Draft:
    from scaffolder.app.draft import Draft

    return Draft()


def _kept(session: Session) -> Draft:
    kept = session.app.draft()
    if kept is None:
        raise NothingKept
    return kept


def _answers_file(path: Path) -> dict[str, Any]:
    """Read answers as a template's own YAML is read: `no` and dates are texts, and what is too large is refused."""
    from scaffolder.template.errors import TemplateInvalid
    from scaffolder.template.yaml_reader import read_document

    hint = "--answers names a file of `key: value` lines (YAML), or JSON"
    try:
        found = read_document(path.read_bytes(), str(path))
    except OSError as error:
        raise AnswersUnreadable(f"cannot read {path}: {error.strerror}", hint=hint) from None
    except TemplateInvalid as error:
        raise AnswersUnreadable(error.message, hint=hint) from None
    if not isinstance(found, dict):
        raise AnswersUnreadable(f"{path} holds no answers", hint=hint)
    return {str(name): value for name, value in found.items()}


def _own_answers(path: Path, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return what a file says in place of our own options; each is a text."""
    own = {name: value for name, value in answers.items() if CALLED.get(name, name) in OURS and value is not None}
    for name, value in own.items():
        if not isinstance(value, str):
            raise AnswersUnreadable(f"{path}: {name} must be a text", hint=f'put it in quotes: {name}: "…"')
    if own.get("visibility", "private") not in VISIBILITIES:
        raise AnswersUnreadable(
            f"{path}: visibility must be one of: {', '.join(VISIBILITIES)}", hint="correct it there"
        )
    return {CALLED.get(name, name): value for name, value in own.items()}


def _answer(session: Session, draft: Draft, answers: Mapping[str, Any], data: tuple[str, ...]) -> None:
    """Give the template's questions their answers; secrets are kept apart."""
    from scaffolder.app.answers import names, with_answer
    from scaffolder.template.parameters import secrets_apart
    from scaffolder.template.user_config import from_replay

    template = _to_answer(session, draft)
    asked, given = names(template), dict(draft.answers)
    if template.dialect == "cookiecutter":
        answers = from_replay(answers, asked)
    for_it = [(name, value) for name, value in answers.items() if name in asked or CALLED.get(name, name) not in OURS]
    for name, value in (*for_it, *map(_pair, data)):
        draft.whole = [one for one in draft.whole if one != name]
        answer = _typed(draft, template, name, value, given) if isinstance(value, str) else value
        given = with_answer(template, given, name, answer)
    draft.answers, secrets = secrets_apart(template, given)
    draft.secrets |= secrets


def _to_answer(session: Session, draft: Draft) -> Template:
    """Return the template whose questions are answered; where its code waits for a decision, as it is without."""
    from scaffolder.template.trust import TrustNeeded

    where = {"ref": draft.template_ref, "directory": draft.template_directory}
    try:
        return session.app.template(draft.template, **where, trust=draft.trust)[1]
    except TrustNeeded:
        return session.app.template(draft.template, **where)[1]


def _pair(entry: str) -> tuple[str, str]:
    name, separator, text = entry.partition("=")
    if not separator or not name:
        raise AnswersUnreadable(f"-d {entry}: this is not KEY=VALUE", hint="for example: -d database=postgres")
    return name, text


def _typed(draft: Draft, template: Template, name: str, text: str, given: Mapping[str, Any]) -> Any:
    """Return what a text means as an answer; what is wrong with it is told with what to type instead."""
    from scaffolder.app.answers import UnknownAnswer, typed
    from scaffolder.template.typed_answers import AnswerInvalid

    try:
        return typed(template, name, text, given)
    except UnknownAnswer as error:
        if CALLED.get(name, name) in OURS:
            error.hint = f"it is an option of its own: --{name}"
        raise
    except AnswerInvalid as error:
        error.hint = f"scaffolder template show {draft.template}   lists what it asks"
        raise
