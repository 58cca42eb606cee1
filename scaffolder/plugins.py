"""
Built-in and installed plugins, registered the same way.

Looking through every installed package for plugins takes longer than most commands do, so it waits until an action is
asked for that is none of ours. A plugin cannot take the place of a built-in action.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from scaffolder.actions import catalog, debug, fetch, place, publish

if TYPE_CHECKING:
    import pluggy

    from scaffolder.task.action import Action

BUILT_IN = (catalog, debug, fetch, place, publish)


def manager() -> pluggy.PluginManager:
    """Return every plugin: ours, then those that installed packages name in the entry point group `scaffolder`."""
    import pluggy

    from scaffolder import hookspecs

    plugins = pluggy.PluginManager(hookspecs.PROJECT)
    plugins.add_hookspecs(hookspecs)
    for module in BUILT_IN:
        hookspecs.hookimpl(module.scaffolder_actions)
        plugins.register(module)
    plugins.load_setuptools_entrypoints(hookspecs.PROJECT)
    return plugins


class Actions(Mapping[str, "Action"]):
    """Every action by its id; the ones of plugins are found when they are needed."""

    @cached_property
    def _ours(self) -> dict[str, Action]:
        return {action.id: action for module in BUILT_IN for action in module.scaffolder_actions()}

    @cached_property
    def _all(self) -> dict[str, Action]:
        offered = [action for actions in manager().hook.scaffolder_actions() for action in actions]
        return {**{action.id: action for action in offered}, **self._ours}

    def __getitem__(self, action_id: str) -> Action:
        return self._ours.get(action_id) or self._all[action_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
