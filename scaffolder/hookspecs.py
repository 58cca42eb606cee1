"""The hooks a plugin may implement: one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from scaffolder.task.action import Action

PROJECT = "scaffolder"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def scaffolder_actions() -> list[Action]:
    """Return the actions that templates may use in their steps."""
    raise NotImplementedError  # a specification is never called
