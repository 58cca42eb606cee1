"""Actions that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.task.action import Action, ActionContext, Effect, Values

if TYPE_CHECKING:
    from pathlib import Path


def _log(context: ActionContext, value: Values) -> Values:
    if "message" in value:
        context.log(value["message"])
    if value.get("listWorkspace"):
        for path in _listed(context.workspace):
            context.log(path)
    return {}


def _listed(workspace: Path) -> list[str]:
    return sorted(path.relative_to(workspace).as_posix() for path in workspace.rglob("*") if not path.is_dir())


LOG = Action(
    id="debug:log",
    description="Write a message to the task's log",
    run=_log,
    effect=Effect.NONE,
    input_schema={
        "type": "object",
        "properties": {"message": {"type": "string"}, "listWorkspace": {"type": "boolean"}},
        "additionalProperties": False,
    },
)


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return [LOG]
