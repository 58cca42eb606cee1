"""
What only GitHub has: actions with Backstage's ids, inputs and outputs, and those that publishing is made of.

Each ensures: what says how something shall be is said again; what makes something knows its own earlier result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.actions.github import attachments, environment, issues, protection, publishing, pull_request, workflows

if TYPE_CHECKING:
    from scaffolder.task.action import Action


def scaffolder_actions() -> list[Action]:
    """Return the actions of this package."""
    modules = (publishing, environment, protection, issues, attachments, workflows, pull_request)
    return [action for module in modules for action in module.ACTIONS]
