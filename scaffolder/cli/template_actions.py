"""`scaffolder template actions`: what the steps of a template can do here, plugins included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.errors import InvalidInput, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scaffolder.cli.main import Session
    from scaffolder.task.action import Action


class ActionUnknown(InvalidInput):
    """Nothing here provides such an action."""

    def __init__(self, action_id: str, known: Iterable[str]) -> None:
        from scaffolder.task.providers import PROVIDERS

        lists = "scaffolder template actions   lists those there are"
        there = PROVIDERS.get(action_id)
        unknown = f"the action {action_id!r} is not known here"
        message = f"{action_id} is of {there}, and is not carried out here" if there else unknown
        super().__init__(message, hint=lists if there else did_you_mean(action_id, known) or lists)


def list_actions(session: Session, *, as_json: bool) -> int:
    """Print every action, and the plugin that brings it."""
    from scaffolder import plugins

    actions = session.app.actions
    brought = {action_id: name for name, ids in plugins.installed().items() for action_id in ids}
    if as_json:
        session.console.json({"actions": [_as_json(actions[one], brought.get(one, "")) for one in sorted(actions)]})
        return 0
    rows = [(one, actions[one].description, actions[one].forge, brought.get(one, "")) for one in sorted(actions)]
    session.console.table(rows, header=("action", "what it does", "needs", "plugin"))
    return 0


def show_action(session: Session, action_id: str, *, as_json: bool) -> int:
    """Print what one action takes and returns."""
    actions = session.app.actions
    if action_id not in actions:
        raise ActionUnknown(action_id, actions)
    found = actions[action_id]
    if as_json:
        session.console.json(_as_json(found, ""))
        return 0
    session.console.result(found.description)
    for title, schema in (("Input", found.input_schema), ("Output", found.output_schema)):
        rows = _rows(schema)
        if rows:
            session.console.result()
            session.console.result(title)
            session.console.table(rows)
    return 0


def _rows(schema: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    required = schema.get("required", ())
    properties: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
    return [(name, _kind(one), "required" if name in required else "") for name, one in properties.items()]


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    kinds = schema.get("type", "anything")
    name = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    return f"{name} of {_kind(schema['items'])}" if "items" in schema else name


def _as_json(action: Action, plugin: str) -> dict[str, Any]:
    return {
        "id": action.id,
        "description": action.description,
        "forge": action.forge,
        "plugin": plugin,
        "input": action.input_schema,
        "output": action.output_schema,
    }
