"""
Built-in and installed plugins, registered the same way.

Looking through every installed package for plugins takes longer than most commands do, so it waits until an action is
asked for that is none of ours; what is only for GitHub waits until it is asked for, too. A plugin cannot take the place
of a built-in action. It can bring another encoder: before a search, only the files that name entry points are looked
at, which takes a millisecond or two.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from scaffolder.errors import Failed

if TYPE_CHECKING:
    from types import ModuleType

    import pluggy

    from scaffolder.similar.encoder import Encoder
    from scaffolder.task.action import Action

PACKAGES = "*.*-info/entry_points.txt"  # where an installed package names its entry points: .dist-info, .egg-info
GROUP = b"[scaffolder]"


class PluginBroken(Failed):
    """An installed plugin cannot be loaded."""

    def __init__(self, name: str, package: str, error: Exception) -> None:
        super().__init__(
            f"the plugin {name} of {package} cannot be loaded: {type(error).__name__}: {error}",
            hint="mend it, or uninstall that package",
        )


def built_in() -> tuple[ModuleType, ...]:
    """Return our own plugins."""
    return (*_for_every_forge(), _for_github())


def _for_every_forge() -> tuple[ModuleType, ...]:
    from scaffolder.actions import catalog, place, publish

    return (*_for_files(), catalog, place, publish)


def _for_files() -> tuple[ModuleType, ...]:
    """Return those that work on files and on nothing else: they are loaded in no time."""
    from scaffolder.actions import debug, entity_file, fetch, filesystem, workspace

    return (debug, entity_file, fetch, filesystem, workspace)


def _for_github() -> ModuleType:
    from scaffolder.actions import github

    return github


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
    from importlib.metadata import entry_points

    import pluggy

    from scaffolder import hookspecs

    plugins = pluggy.PluginManager(hookspecs.PROJECT)
    plugins.add_hookspecs(hookspecs)
    for module in built_in():
        hookspecs.hookimpl(module.scaffolder_actions)
        plugins.register(module)
    for point in entry_points(group=hookspecs.PROJECT):
        try:
            plugins.register(point.load(), name=point.name)
        except Exception as error:  # whatever somebody's module does
            package = point.dist.name if point.dist else "an unknown package"
            raise PluginBroken(point.name, package, error) from error
    return plugins


def installed() -> dict[str, list[str]]:
    """Return the ids of the actions that each installed plugin brings, by the plugin's name."""
    ours, every = built_in(), manager()
    return {
        name: sorted(action.id for action in _actions_of(every, module))
        for name, module in every.list_name_plugin()
        if module not in ours
    }


def _actions_of(every: pluggy.PluginManager, module: object) -> list[Action]:
    """Return what a plugin's hook returns, and its decorated functions."""
    from scaffolder.task.decorated import decorated

    hooks = [hook for hook in every.hook.scaffolder_actions.get_hookimpls() if hook.plugin is module]
    returned = [cast("list[Action]", hook.function()) for hook in hooks]
    return [*(action for actions in returned for action in actions), *decorated(module)]


class Actions(Mapping[str, "Action"]):
    """Every action by its id; the ones of plugins are found when they are needed."""

    @cached_property
    def _light(self) -> dict[str, Action]:
        return {action.id: action for module in _for_files() for action in module.scaffolder_actions()}

    @cached_property
    def _at_hand(self) -> dict[str, Action]:
        return {action.id: action for module in _for_every_forge() for action in module.scaffolder_actions()}

    @cached_property
    def _ours(self) -> dict[str, Action]:
        return {**self._at_hand, **{action.id: action for action in _for_github().scaffolder_actions()}}

    @cached_property
    def _all(self) -> dict[str, Action]:
        every = manager()
        offered = [action for _, module in every.list_name_plugin() for action in _actions_of(every, module)]
        return {**{action.id: action for action in reversed(offered)}, **self._ours}

    def __getitem__(self, action_id: str) -> Action:
        found = self._light.get(action_id) or self._at_hand.get(action_id)
        return found or self._ours.get(action_id) or self._all[action_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
