"""`scaffolder catalog review`: does what a change adds exist already?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli.progress import counted
from scaffolder.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.app.review import Review, Reviewed
    from scaffolder.cli.main import Session

MOST_SHOWN = 20


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--base", required=True, metavar="REV", help="The branch or commit that the change will be merged into.")
@click.option("--limit", type=click.IntRange(1, MOST_SHOWN), default=5, show_default=True, help="At most so many each.")
@click.option(
    "--fail-on",
    type=click.Choice(["never", "exists"]),
    default="never",
    show_default=True,
    help="Exit with 3 when something exists already and its entry gives no reason.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of Markdown.")
@click.pass_obj
def review(session: Session, *, paths: Sequence[str], base: str, limit: int, fail_on: str, as_json: bool) -> int:
    """
    Compare what a change adds with what exists, as a comment for its pull request.

    Looks at the entities that are new in this checkout since its branch left REV: in all of the repository, or in the
    files and directories given.
    """
    with counted(session.console, "entities") as progress:
        found = session.app.review(Path.cwd(), revision=base, paths=paths, limit=limit, progress=progress)
    if as_json:
        session.console.json(as_object(found))
    else:
        from scaffolder.cli.review_comment import comment

        session.console.result(comment(found))
    return exit_code(found, fails_on_what_exists=fail_on == "exists")


def exit_code(found: Review, *, fails_on_what_exists: bool) -> int:
    """Tell how it ended: entries that cannot be taken in are errors here as in `catalog add`."""
    if found.problems:
        return InvalidInput.exit_code
    is_open = fails_on_what_exists and any(each.is_open for each in found.entities)
    return Conflict.exit_code if found.claims or is_open else 0


def as_object(found: Review) -> dict[str, Any]:
    """Return the published form."""
    return {
        "base": found.base,
        "comparedWith": found.compared_with,
        "entities": [_entity(each) for each in found.entities],
        "problems": [{**each.place._asdict(), "message": each.message} for each in found.problems],
        "conflicts": [
            {"entityRef": str(each.ref), "places": [place._asdict() for place in each.places]} for each in found.claims
        ],
    }


def _entity(reviewed: Reviewed) -> dict[str, Any]:
    matches = [{**each.to_json(), "addedToo": each.match.ref.key in reviewed.siblings} for each in reviewed.existing]
    return {
        "entityRef": str(reviewed.entity.ref),
        "change": reviewed.change,
        "place": reviewed.place._asdict(),
        "reason": reviewed.reason,
        **reviewed.findings.to_json(),
        "matches": matches,
    }
