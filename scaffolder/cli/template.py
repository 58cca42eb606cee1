"""`scaffolder template`: which golden paths there are, and what one of them asks, does and makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli import freshness, trust

if TYPE_CHECKING:
    from scaffolder.cli.main import Session
    from scaffolder.template.manifest import Step, Template
    from scaffolder.template.question import Question
    from scaffolder.template.source import Resolved


@click.group()
def template() -> None:
    """Look at golden paths, and try them out."""


@template.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def list_command(session: Session, *, as_json: bool) -> int:
    """Name the golden paths."""
    return list_templates(session, as_json=as_json)


@template.command("show")
@click.argument("reference", metavar="NAME|DIR|URL")
@click.option("--ref", default="", metavar="REF", help="A branch, tag or commit of its repository.")
@click.option("--directory", default="", metavar="DIR", help="The template's directory in its repository.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show_command(session: Session, reference: str, *, ref: str, directory: str, as_json: bool) -> int:
    """Show what a template asks, does and makes."""
    return show_template(session, reference, ref=ref, directory=directory, as_json=as_json)


@template.command("dry-run")
@click.argument("reference", metavar="NAME|DIR|URL")
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Write its files there.")
@click.option("--values", type=click.Path(path_type=Path), metavar="FILE", help="Answers, as YAML or JSON.")
@click.option("--secrets", type=click.Path(path_type=Path), metavar="FILE", help="Secrets: made-up ones will do.")
@click.option("--user", default="", metavar="REF", help="Who begins the task.")
@click.option("--ref", default="", metavar="REF", help="A branch, tag or commit of its repository.")
@click.option("--directory", default="", metavar="DIR", help="The template's directory in its repository.")
@trust.options
@click.option("--no-defaults", is_flag=True, help="Leave the defaults of its parameters out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def dry_run_command(session: Session, /, reference: str, *, no_defaults: bool, **options: Any) -> int:
    """Write what a template makes of its defaults, and nothing else."""
    from scaffolder.cli.template_dry_run import Options, dry_run

    return dry_run(session, reference, Options(**options, defaults=not no_defaults))


@template.command("actions")
@click.argument("action", default="", metavar="[ACTION]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def actions_command(session: Session, action: str, *, as_json: bool) -> int:
    """List what the steps of a template can do here, or show what one action takes and returns."""
    from scaffolder.cli.template_actions import list_actions, show_action

    return show_action(session, action, as_json=as_json) if action else list_actions(session, as_json=as_json)


def list_templates(session: Session, *, as_json: bool) -> int:
    """Print the golden paths, best known first as `app` gives them."""
    freshness.tell(session)
    paths = session.app.golden_paths()
    if as_json:
        names = ("name", "title", "description", "version", "owner", "made", "problem")
        session.console.json({"templates": [{name: getattr(path, name) for name in names} for path in paths]})
        return 0
    rows = [
        (path.name, path.problem or path.description or path.title, path.version, path.owner, str(path.made))
        for path in paths
    ]
    session.console.table(rows, header=("name", "what it makes", "version", "owner", "made"))
    if not rows:
        session.console.say("There are no golden paths here. One can be added: scaffolder catalog add …/template.yaml")
    return 0


def show_template(session: Session, reference: str, *, ref: str, directory: str, as_json: bool) -> int:
    """Print everything about one template."""
    resolved, found = session.app.template(reference, ref=ref, directory=directory)
    if as_json:
        session.console.json(_as_json(resolved, found))
    else:
        _print(session, resolved, found)
    return 0


def _print(session: Session, resolved: Resolved, found: Template) -> None:
    console = session.console
    console.fields(
        [
            ("name", found.name),
            ("title", found.title if found.title != found.name else ""),
            ("what", found.description),
            ("owner", found.owner),
            ("tags", ", ".join(found.tags)),
            ("version", found.version),
            ("source", resolved.place),
            ("commit", resolved.source.commit),
            ("digest", resolved.source.digest),
        ]
    )
    for number, (title, questions) in enumerate(_pages(found), 1):
        console.result()
        console.result(f"Asks: {title}" if title else f"Asks (page {number})" if len(found.pages) > 1 else "Asks")
        console.table([_question_row(question) for question in questions])
    _print_steps(session, found)
    files = _made(resolved, found)
    console.result()
    console.result(f"Makes {len(files)} files (names as the template has them)")
    console.tree(files, to_stdout=True)


def _print_steps(session: Session, found: Template) -> None:
    session.console.result()
    session.console.result("Does")
    session.console.table([(step.id, step.action, step.name, _condition(step)) for step in found.steps])
    if found.hooks:
        session.console.result()
        session.console.result(f"Wants to run, if it may: {', '.join(found.hooks)}")
    if found.extensions:
        session.console.result()
        session.console.result(f"Wants to load, if it may: {', '.join(found.extensions)}")


def _condition(step: Step) -> str:
    """Say in a word or two when a step runs."""
    from scaffolder.template.manifest import ABSENT

    parts = [("if", step.if_), ("for each", step.each)]
    return ", ".join(f"{word} {_shown(value)}" for word, value in parts if value is not ABSENT)


def _pages(found: Template) -> list[tuple[str, list[Question]]]:
    """Return each page's title and what it asks of somebody who takes every default."""
    from scaffolder.template.parameters import questions, with_defaults

    answers = with_defaults(found, {})
    return [(page.title, questions(page, answers)) for page in found.pages]


def _question_row(question: Question) -> tuple[str, str, str, str]:
    choices = " | ".join(_shown(choice.value) for choice in question.choices)
    default = f"default {_shown(question.default)}" if question.default not in (None, "") else ""
    necessity = "required" if question.required and not default else default
    return question.name, question.description or question.title, choices or question.picker or question.kind, necessity


def _shown(value: Any) -> str:
    from scaffolder.template.wording import as_text

    return as_text(value)


def _made(resolved: Resolved, found: Template) -> list[str]:
    """Return the paths of the skeletons that the steps fetch, as they stand in the template."""
    from scaffolder.errors import InvalidInput
    from scaffolder.template.cookiecutter import chosen, project_directory

    if found.dialect == "cookiecutter":
        own = resolved.tree.under(chosen(resolved.tree, {}))
        return sorted(own.under(project_directory(own)))
    paths: set[str] = set()
    for step in found.steps:
        url = step.input.get("url") if step.action.startswith("fetch:") else None
        if not isinstance(url, str) or "://" in url or "${{" in url:
            continue
        try:
            paths.update(resolved.fetch(url))
        except InvalidInput:
            continue  # running the template says so, with its step
    return sorted(paths)


def _as_json(resolved: Resolved, found: Template) -> dict[str, Any]:
    source = resolved.source
    return {
        "name": found.name,
        "title": found.title,
        "description": found.description,
        "owner": found.owner,
        "type": found.type,
        "tags": list(found.tags),
        "version": found.version,
        "dialect": found.dialect,
        "source": {
            "location": source.location,
            "path": source.path,
            "commit": source.commit,
            "digest": source.digest,
        },
        "pages": [
            {"title": title, "questions": [_question_as_json(question) for question in questions]}
            for title, questions in _pages(found)
        ],
        "steps": [{"id": step.id, "name": step.name, "action": step.action} for step in found.steps],
        "files": _made(resolved, found),
        "hooks": list(found.hooks),
    }


def _question_as_json(question: Question) -> dict[str, Any]:
    return {
        "name": question.name,
        "title": question.title,
        "description": question.description,
        "type": question.kind,
        "required": question.required,
        "default": question.default,
        "picker": question.picker,
        "choices": [{"value": choice.value, "label": choice.label} for choice in question.choices],
    }
