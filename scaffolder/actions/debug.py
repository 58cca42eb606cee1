"""Actions that change nothing: say something, wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = {"minutes": 60.0, "seconds": 1.0, "milliseconds": 0.001}
LONGEST = 10 * 60
"""Seconds that a step may wait, as in Backstage."""


class WaitsTooLong(InvalidInput):
    """A step wants to wait for longer than any may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"a wait of {seconds:,.0f} seconds is longer than {LONGEST // 60} minutes, which is the most",
            hint="let the step wait for less",
        )


def _log(context: ActionContext, value: Values) -> Values:
    if value.get("message"):
        context.log(value["message"])
    if listing := value.get("listWorkspace"):
        for path in _listed(context.workspace):
            context.log(path)
            if listing == "with-contents":
                _log_content(context, context.workspace / path)
    return {}


def _listed(workspace: Path) -> list[str]:
    return sorted(path.relative_to(workspace).as_posix() for path in workspace.rglob("*") if not path.is_dir())


def _log_content(context: ActionContext, path: Path) -> None:
    """Log the lines of a file; one that is no text, or a link, is left out."""
    if path.is_symlink():
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        context.log(f"    {line}")


def _wait(_context: ActionContext, value: Values) -> Values:
    time.sleep(max(_duration(value), 0))
    return {}


def _say_how_long(context: ActionContext, value: Values) -> Values:
    context.log(f"would wait for {_duration(value):g} seconds")
    return {}


def _duration(value: Values) -> float:
    """Return how many seconds an input means."""
    seconds = sum(float(value[unit]) * length for unit, length in SECONDS.items() if unit in value)
    if seconds > LONGEST:
        raise WaitsTooLong(seconds)
    return seconds


LOG = Action(
    id="debug:log",
    description="Write a message to the task's log",
    run=_log,
    effect=Effect.NONE,
    input_schema=object_schema(
        {
            "message": {"type": "string"},
            "listWorkspace": {
                "anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["with-filenames", "with-contents"]}]
            },
        }
    ),
)
WAIT = Action(
    id="debug:wait",
    description="Wait for up to ten minutes",
    run=_wait,
    predict=_say_how_long,
    dry_run=_say_how_long,
    effect=Effect.NONE,
    input_schema=object_schema({unit: {"type": "number"} for unit in SECONDS}),
)


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return [LOG, WAIT]
