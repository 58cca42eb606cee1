"""The hooks a plugin may implement: one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from scaffolder.similar.encoder import Encoder
    from scaffolder.task.action import Action

PROJECT = "scaffolder"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def scaffolder_actions() -> list[Action]:
    """Return the actions that templates may use in their steps."""
    raise NotImplementedError  # a specification is never called


@hookspec(firstresult=True)
def scaffolder_encoder() -> Encoder | None:
    """Return what turns texts into vectors, in place of the built-in encoder; None leaves it to others."""
    raise NotImplementedError  # a specification is never called
