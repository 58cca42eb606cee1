"""Actions that render what is in the workspace already."""

from __future__ import annotations

from scaffolder.actions.fetch import RENDERED, RENDERED_FILE, TEXT, SourceMissing, press, press_file
from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema
from scaffolder.tree import File, Tree, contained


class Overlaps(InvalidInput):
    """What is rendered and what is made of it would lie in one another."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(
            f"sourcePath {source!r} and targetPath {target!r} overlap", hint="choose a targetPath beside sourcePath"
        )


def _template(context: ActionContext, value: Values) -> Values:
    source, target = contained(value["sourcePath"]), contained(value["targetPath"])
    if f"{source}/".startswith(f"{target}/") or f"{target}/".startswith(f"{source}/"):
        raise Overlaps(source, target)
    found = Tree.read(context.workspace).under(source)
    if not found and not (context.workspace / source).is_dir():
        raise SourceMissing(f"there is no directory {source!r} in the workspace", hint="let a step before make it")
    press(context, found, value)
    return {}


def _template_file(context: ActionContext, value: Values) -> Values:
    source = contained(value["sourcePath"])
    found = Tree.read(context.workspace).get(source)
    if not isinstance(found, File):
        raise SourceMissing(f"there is no file {source!r} in the workspace", hint="let a step before make it")
    press_file(context, found, value, name=source)
    return {}


TEMPLATE = Action(
    id="workspace:template",
    description="Render a directory of the workspace into another",
    run=_template,
    effect=Effect.WORKSPACE,
    input_schema=object_schema({"sourcePath": TEXT, "targetPath": TEXT, **RENDERED}, "sourcePath", "targetPath"),
)
TEMPLATE_FILE = Action(
    id="workspace:template:file",
    description="Render a file of the workspace into another",
    run=_template_file,
    effect=Effect.WORKSPACE,
    input_schema=object_schema({"sourcePath": TEXT, "targetPath": TEXT, **RENDERED_FILE}, "sourcePath", "targetPath"),
)


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return [TEMPLATE, TEMPLATE_FILE]
