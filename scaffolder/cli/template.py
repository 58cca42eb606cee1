"""`scaffolder template`: which golden paths there are, and what one of them asks, does and makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli import freshness, trust
from scaffolder.cli.lint import lint

if TYPE_CHECKING:
    from scaffolder.cli.main import Session


@click.group()
def template() -> None:
    """Look at golden paths, and try them out."""


template.add_command(lint)


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
@click.option("--code", is_flag=True, help="Print the code that it would run, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show_command(session: Session, reference: str, *, ref: str, directory: str, code: bool, as_json: bool) -> int:
    """Show what a template asks, does and makes."""
    from scaffolder.cli.template_show import show_code, show_template

    if code:
        return show_code(session, reference, ref=ref, directory=directory)
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


@template.command("test")
@click.argument("reference", metavar="DIR|URL")
@click.argument("names", nargs=-1, metavar="[CASE]...")
@click.option("--update", is_flag=True, help="Write the snapshots anew.")
@trust.options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "junit"]),
    default="text",
    show_default=True,
    help="Lines, or JUnit XML.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write that to FILE; print lines.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def test_command(session: Session, /, reference: str, **options: Any) -> int:
    """
    Run the cases beside a template (tests/*.yaml), or some of them by name.

    Exits with 1 when something is not as a case says.
    """
    from scaffolder.cli.template_test import Options, test_template

    return test_template(session, reference, Options(**options))


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
