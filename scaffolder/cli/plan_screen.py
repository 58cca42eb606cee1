"""The plan before, and what to do next after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.cli import plan_setup
from scaffolder.cli.console import columns, one_line, pad
from scaffolder.cli.entity_choice import label
from scaffolder.cli.paths import shown_path

if TYPE_CHECKING:
    from scaffolder.app.lending import Loan
    from scaffolder.app.planned import Plan
    from scaffolder.app.results import Made
    from scaffolder.cli.console import Console
    from scaffolder.task.plan import PlannedStep

COLUMN = 14
TITLE = "Plan"
CHECKED = "everything below was checked; nothing is made yet"
TREE = "t shows the tree"
MOST_NAMES = 8


def show(console: Console, plan: Plan) -> None:
    """Say what will be made, a line each."""
    console.say()
    _title(console)
    for what, text in _lines(plan):
        _line(console, f"+ {what}", one_line(text))
    for text in _notes(plan):
        console.tell(text, indent=2, hang=2, style="warn")
    console.say()


def tree(console: Console, plan: Plan) -> None:
    """Show the files of the first commit."""
    console.say()
    console.tree(plan.preview.tree)
    console.say()


def done(console: Console, plan: Plan, made: Made, *, in_browser: bool) -> None:
    """Say what exists now, and what to type next."""
    draft = plan.task.draft
    console.say()
    console.tell(f"{draft['name']} belongs to {label(str(draft['owner']))}.", indent=2, style="title")
    links = [
        (one_line(str(link.get("title") or "link")).lower(), str(link["url"]))
        for link in made.links
        if link.get("url") and link["url"] not in {made.page, made.url}
    ]
    console.fields(
        [
            ("code", f"cd {shown_path(made.directory)}"),
            ("source", made.page or made.url),
            ("catalog", f"scaffolder catalog show {label(made.entity)}"),
            *proposed(made),
            *links,
        ],
        indent=4,
    )
    if in_browser:
        console.tell("The repository is open in your browser.", indent=4)


def proposed(made: Made) -> list[tuple[str, str]]:
    """Return the line that tells by which pull request the entry is registered, and whether that waits; or none."""
    if not made.pull_request:
        return []
    what = f"pull request #{made.pull_request.rpartition('/')[2]}"
    if made.waits_at:
        return [("waiting", f"{what} has to be merged: {made.pull_request}")]
    return [("registered", f"{what}, merged: {made.pull_request}")]


def _title(console: Console) -> None:
    gap = console.width - 3 - columns(TITLE) - columns(CHECKED)
    if gap > 0:
        console.say(f"  {TITLE}{' ' * gap}{CHECKED}", style="title")
    else:
        console.say(f"  {TITLE}", style="title")
        console.tell(CHECKED, indent=2, style="dim")


def _lines(plan: Plan) -> list[tuple[str, str]]:
    draft, files = plan.task.draft, plan.files
    where = "found empty" if plan.repository_stands else str(draft["visibility"])
    place = f"{plan.repository.full_name} on {plan.forge_name}"
    return [
        ("repository", f"{place}, {where}, default branch {draft['branch']}"),
        *([("page", plan.repository.page)] if plan.repository.page else []),
        *plan_setup.lines(plan),
        (f"{len(files)} files", f"{_tops([file.path for file in files])}  ({TREE})"),
        *(("catalog", _owned(str(entity.ref), str(entity.owner or ""))) for entity in plan.preview.entities),
        *([("registered", plan.registered)] if plan.registered else []),
        *(("also", one_line(name)) for name in plan.preview.outside),
        *(("decision", path) for path in plan.preview.tree if _is_decision(path)),
        ("directory", shown_path(str(plan.directory))),
        *(("token", one_line(_lent(loan))) for loan in plan.loans),
        *([("requests", f"about {plan.requests} to {plan.forge_name}")] if plan.repository.page else []),
    ]


def _lent(loan: Loan) -> str:
    return f"yours for {loan.host}, given as {loan.name} to {', '.join(loan.steps)}"


def _is_decision(path: str) -> bool:
    return path.startswith("docs/decisions/") and "similar" in path


def _owned(ref: str, owner: str) -> str:
    return f"{ref}, owned by {owner}" if owner else ref


def _tops(paths: list[str]) -> str:
    """Return the first of the top-level names, directories before files."""
    tops = {path.partition("/")[0] + ("/" if "/" in path else "") for path in paths}
    names = sorted(tops, key=lambda name: (not name.endswith("/"), name.startswith("."), name))
    return " ".join([*names[:MOST_NAMES], *(["…"] if len(names) > MOST_NAMES else [])])


def _notes(plan: Plan) -> list[str]:
    steps = zip(plan.task.steps, plan.preview.inputs, strict=True)
    skipped = [_skipped(step, plan) for step, values in steps if not values]
    return [one_line(text) for text in (*filter(None, skipped), *(f"note: {warning}" for warning in plan.warnings))]


def _skipped(step: PlannedStep, plan: Plan) -> str:
    """Return why a step is not run, '' where nobody asked for it."""
    if step.id in plan.task.draft.get("skip", ()):
        return f"skipped, as you say: {step.name}"
    return "" if step.fixed else f"skipped, because its condition does not hold: {step.name}"


def _line(console: Console, what: str, text: str) -> None:
    if console.width < 3 * COLUMN + 20:
        console.tell(what, indent=2)
        console.tell(text, indent=4)
    else:
        console.tell(f"{pad(what, COLUMN)}  {text}", indent=2, hang=COLUMN + 2)
