"""The plan before, and what to do next after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.cli.console import columns, one_line, pad, wrap

if TYPE_CHECKING:
    from scaffolder.app.births import Plan
    from scaffolder.app.results import Made
    from scaffolder.cli.console import Console

COLUMN = 14


def show(console: Console, plan: Plan) -> None:
    """Say what will be made, a line each."""
    console.say()
    console.say("  Plan", style="title")
    console.tell("everything below was checked; nothing is made yet", indent=2, style="dim")
    for what, text in _lines(plan):
        _line(console, f"+ {what}", text)
    for text in _notes(plan):
        console.tell(text, indent=2, style="warn")


def tree(console: Console, plan: Plan) -> None:
    """Show the files of the first commit."""
    console.say()
    console.tree([*plan.preview.tree])


def done(console: Console, plan: Plan, made: Made) -> None:
    """Say what exists now, and what to type next."""
    draft = plan.task.draft
    console.say()
    console.tell(f"{draft['name']} belongs to {_short(str(draft['owner']))}.", indent=2, style="title")
    console.fields(
        [
            ("  code", f"cd {made.directory}"),
            ("  source", made.page or made.url),
            ("  catalog", f"scaffolder catalog show {made.entity}"),
            *(
                (f"  {one_line(str(link.get('title', 'link'))).lower()}", str(link["url"]))
                for link in made.links
                if link.get("url")
            ),
        ]
    )


def _lines(plan: Plan) -> list[tuple[str, str]]:
    draft, files = plan.task.draft, plan.files
    where = "found empty" if not plan.repository.clone_url or plan.repository_stands else str(draft["visibility"])
    lines = [
        ("repository", f"{plan.repository.full_name} on {plan.forge_name}, {where}, default branch {draft['branch']}"),
        (f"{len(files)} files", " ".join(_tops([file.path for file in files]))),
    ]
    lines += [("catalog", _owned(str(entity.ref), str(entity.owner or ""))) for entity in plan.preview.entities]
    lines += [
        ("decision", path) for path in plan.preview.tree if path.startswith("docs/decisions/") and "similar" in path
    ]
    return [*lines, ("directory", str(plan.directory))]


def _owned(ref: str, owner: str) -> str:
    return f"{ref}, owned by {owner}" if owner else ref


def _tops(paths: list[str]) -> list[str]:
    """Return the top-level names, directories first."""
    tops = {path.partition("/")[0] + ("/" if "/" in path else "") for path in paths}
    return sorted(tops, key=lambda name: (not name.endswith("/"), name))


def _notes(plan: Plan) -> list[str]:
    skipped = [step.name for step, values in zip(plan.task.steps, plan.preview.inputs, strict=True) if not values]
    notes = [f"skipped, because its condition does not hold: {name}" for name in skipped]
    return notes + [f"note: {warning}" for warning in plan.warnings]


def _line(console: Console, what: str, text: str) -> None:
    if console.width < 2 * COLUMN + 20:
        console.tell(what, indent=2)
        console.tell(one_line(text), indent=6)
        return
    first, *rest = wrap(one_line(text), width=console.width - COLUMN - 4) or [""]
    console.say(f"  {pad(what, COLUMN)}  {first}")
    for line in rest:
        console.say(f"{' ' * (COLUMN + 4)}{line}")


def _short(ref: str) -> str:
    return ref.rpartition("/")[2] if columns(ref) else ref
