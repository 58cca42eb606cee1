"""Actions that render what is in the workspace already."""

from __future__ import annotations

from scaffolder.actions.fetch import (
    RENDERED,
    RENDERED_FILE,
    TEXT,
    SourceMissing,
    followed,
    press,
    press_file,
    target_of,
)
from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema
from scaffolder.tree import File, Tree, contained


class Overlaps(InvalidInput):
    """What is made would lie in what it is made of."""

    def __init__(self, source: str, target: str) -> None:
        super().__init__(
            f"targetPath {target!r} lies in sourcePath {source!r}", hint="choose a targetPath beside sourcePath"
        )


def _template(context: ActionContext, value: Values) -> Values:
    source, target = target_of(value["sourcePath"]), target_of(value["targetPath"])
    if not source or f"{target}/".startswith(f"{source}/"):
        raise Overlaps(value["sourcePath"], value["targetPath"])
    found = context.workspace / source
    if found.is_file():
        raise SourceMissing(f"{source!r} is a file", hint="use workspace:template:file")
    if not found.is_dir():
        context.log(f"there is no directory {source!r} in the workspace: nothing is rendered")
    press(context, Tree.read(context.workspace).under(source), value)
    return {}


def _template_file(context: ActionContext, value: Values) -> Values:
    source = contained(value["sourcePath"])
    found = followed(Tree.read(context.workspace), source)
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
