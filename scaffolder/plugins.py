"""
Built-in and installed plugins, registered the same way.

Looking through every installed package for plugins takes longer than most commands do, so it waits until an action is
asked for that is none of ours. A plugin cannot take the place of a built-in action. It can bring another encoder:
before a search, only the files that name entry points are looked at, which takes a millisecond or two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    import pluggy

    from scaffolder.similar.encoder import Encoder
    from scaffolder.task.action import Action

PACKAGES = "*.*-info/entry_points.txt"  # where an installed package names its entry points: .dist-info, .egg-info
GROUP = b"[scaffolder]"


def built_in() -> tuple[ModuleType, ...]:
    """Return our own plugins."""
    from scaffolder.actions import catalog, debug, fetch, github, place, publish

    return (catalog, debug, fetch, github, place, publish)


def any_installed() -> bool:
    """Tell whether an installed package may bring a plugin."""
    named = (file for directory in sys.path for file in Path(directory).glob(PACKAGES))
    return any(GROUP in file.read_bytes() for file in named)


def encoder() -> Encoder:
    """Return the encoder of a plugin, else the built-in one."""
    from scaffolder.similar import encoder as ours

    offered: Encoder | None = manager().hook.scaffolder_encoder() if any_installed() else None
    return ours.built_in() if offered is None else offered


def manager() -> pluggy.PluginManager:
    """Return every plugin: ours, then those that installed packages name in the entry point group `scaffolder`."""
    import pluggy

    from scaffolder import hookspecs

    plugins = pluggy.PluginManager(hookspecs.PROJECT)
    plugins.add_hookspecs(hookspecs)
    for module in built_in():
        hookspecs.hookimpl(module.scaffolder_actions)
        plugins.register(module)
    plugins.load_setuptools_entrypoints(hookspecs.PROJECT)
    return plugins


class Actions(Mapping[str, "Action"]):
    """Every action by its id; the ones of plugins are found when they are needed."""

    @cached_property
    def _ours(self) -> dict[str, Action]:
        return {action.id: action for module in built_in() for action in module.scaffolder_actions()}

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
