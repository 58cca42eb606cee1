"""Built-in and installed plugins, registered the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

from scaffolder import hookspecs
from scaffolder.actions import catalog, debug, fetch, place, publish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.task.action import Action

BUILT_IN = (catalog, debug, fetch, place, publish)


def manager() -> pluggy.PluginManager:
    """Return every plugin: ours, then those that installed packages name in the entry point group `scaffolder`."""
    plugins = pluggy.PluginManager(hookspecs.PROJECT)
    plugins.add_hookspecs(hookspecs)
    for module in BUILT_IN:
        plugins.register(module)
    plugins.load_setuptools_entrypoints(hookspecs.PROJECT)
    return plugins


def actions(plugins: pluggy.PluginManager) -> Mapping[str, Action]:
    """Return every action by its id. A plugin's own comes after ours: an id that is taken stays with the first."""
    found: dict[str, Action] = {}
    for offered in reversed(plugins.hook.scaffolder_actions()):
        for action in offered:
            found.setdefault(action.id, action)
    return found
