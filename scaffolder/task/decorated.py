"""
Actions written as decorated functions: how a plugin adds its own.

    @action("acme:ticket:create", input={…}, output={…}, key=lambda ticket: ticket["title"])
    def create_ticket(context, ticket):
        …

What the function makes outside must ensure, as every effect: `context.key` is the same whenever this task runs the step
again, and the service is asked for what has that key before something new is made.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeVar

from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Predict, UndoContext, Values

MARK: Final = "scaffolder_action"
"""The attribute of a decorated function that holds its action."""

Place = Literal["outside", "workspace", "none"]
_ANYTHING: Mapping[str, Any] = {"type": "object"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginContext(ActionContext):
    """What a plugin's function is given; `key` names what it makes, in this task and for this input."""

    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginUndoContext(UndoContext):
    """What a plugin's `undo` is given; `key` is the same as when it was made."""

    key: str = ""


Function = Callable[[PluginContext, Values], Values | None]
Undo = Callable[[PluginUndoContext, Values, Values], str | None]
Key = Callable[[Values], str]
F = TypeVar("F", bound=Callable[..., Any])


class ActionInvalid(InvalidInput):
    """A plugin's action says of itself what cannot be."""


def action(  # noqa: PLR0913  each says one thing of the action
    action_id: str,
    *,
    input: Mapping[str, Any] = _ANYTHING,  # noqa: A002  the word that templates use
    output: Mapping[str, Any] = _ANYTHING,
    effect: Place = "outside",
    key: Key | None = None,
    dry_run: Function | None = None,
    check: Callable[[PluginContext, Values], None] | None = None,
    undo: Undo | None = None,
) -> Callable[[F], F]:
    """
    Make an action of a function that takes a context and the step's input, and returns its output.

    `input` and `output` are JSON schemas. `effect` says where it leaves its mark: outside, in the workspace, nowhere.
    `key` returns what tells one thing that it makes from another; without it, the whole input does. `dry_run` returns
    the output that a run would have, and touches nothing: without it, a step with an effect outside has no output in
    the plan and an example in a dry run of the template, and any other is simply run there. `check` runs before
    anything is written, reads only, and raises what would fail later. `undo` takes back, and returns why something was
    left, if it was.

    Raises:
        ActionInvalid: The id is empty, or a schema is not one of an object.
    """
    if not action_id.strip() or any(schema.get("type") != "object" for schema in (input, output)):
        raise ActionInvalid(
            f"the action {action_id!r} needs an id, and schemas of type object for input and output",
            hint='input={"type": "object", "properties": {…}}',
        )

    naming = _Naming(action_id, key or _whole)

    def decorate(function: F) -> F:
        made = Action(
            id=action_id,
            description=(inspect.getdoc(function) or action_id).partition("\n")[0].rstrip("."),
            run=lambda context, value: function(naming.within(context, value), value) or {},
            predict=_predicting(naming, dry_run, effect),
            dry_run=_predicting(naming, dry_run, "none"),
            check=(lambda context, value: check(naming.within(context, value), value)) if check else None,
            undo=(lambda context, value, out: undo(naming.after(context, value), value, out) or "") if undo else None,
            effect=Effect(effect),
            input_schema=input,
            output_schema=output,
        )
        setattr(function, MARK, made)
        return function

    return decorate


def decorated(module: object) -> list[Action]:
    """Return the actions that are decorated functions of a module."""
    found = (getattr(value, MARK, None) for value in getattr(module, "__dict__", {}).values())
    return [one for one in found if isinstance(one, Action)]


@dataclass(frozen=True, slots=True)
class _Naming:
    """How what an action makes is named."""

    action_id: str
    key: Key

    def within(self, context: ActionContext, value: Values) -> PluginContext:
        return PluginContext(**_facts(context), key=self._name(context, value))

    def after(self, context: UndoContext, value: Values) -> PluginUndoContext:
        return PluginUndoContext(**_facts(context), key=self._name(context, value))

    def _name(self, context: UndoContext, value: Values) -> str:
        named = json.dumps([context.task_id, self.action_id, self.key(value)])
        return f"{context.task_id}-{hashlib.sha256(named.encode()).hexdigest()[:16]}"


def _whole(value: Values) -> str:
    return json.dumps(value, sort_keys=True)


def _facts(context: UndoContext) -> dict[str, Any]:
    return {one.name: getattr(context, one.name) for one in fields(context)}


def _predicting(naming: _Naming, dry_run: Function | None, effect: Place) -> Predict | None:
    if dry_run is not None:
        return lambda context, value: dry_run(naming.within(context, value), value) or {}
    return (lambda _context, _value: {}) if effect == "outside" else None
