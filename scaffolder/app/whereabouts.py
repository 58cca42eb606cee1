"""
Where a task makes things: the address of its repository, and where its names are reserved.

A task keeps both. It goes on there, or is taken back there, and nowhere else: where the settings lead to another place
meanwhile, what it has made would be missed, and another made. What is in a person's own home moves with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import InvalidInput
from scaffolder.gateways.forge import RepositorySpec
from scaffolder.gateways.home import Home

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.catalog import Catalog
    from scaffolder.gateways.forge import Forge
    from scaffolder.task.journal import Task

REPOSITORY: Final = "repositoryAddress"
REGISTRAR: Final = "registeredIn"


class ElsewhereNow(InvalidInput):
    """The settings lead to another place than the one where a task has begun."""

    def __init__(self, task: Task, here: str, now: str) -> None:
        super().__init__(
            f"task {task.id} was begun for {here}, and the settings now lead to {now or 'no such place'}",
            hint="run it with the settings that it was begun with; nothing was changed",
        )


def whereabouts(repository: str, forge: Forge, catalog: Catalog) -> dict[str, str]:
    """Return what a task keeps of where it makes things, as part of its draft."""
    return {REPOSITORY: _address(repository, forge), REGISTRAR: _registrar(catalog)}


def require_same(task: Task, forge: Forge, catalog: Catalog) -> None:
    """
    Check that a task still finds what it has made. What an older version began says nothing of it.

    Raises:
        ElsewhereNow: It would look somewhere else.
    """
    draft: Mapping[str, Any] = task.draft
    if (here := draft.get(REPOSITORY)) and here != (now := _address(draft["repository"], forge)):
        raise ElsewhereNow(task, here, now)
    if (here := draft.get(REGISTRAR)) and here != (now := _registrar(catalog)):
        raise ElsewhereNow(task, f"the catalog {here}", now)


def _address(full_name: str, forge: Forge) -> str:
    owner, _, name = full_name.partition("/")
    address = forge.expected(RepositorySpec(owner, name)).clone_url
    in_home = forge.kind == "local" and Path(address).is_relative_to(Home.of_user().data)
    return "" if in_home else address


def _registrar(catalog: Catalog) -> str:
    return catalog.registrar.location if catalog.registrar is not None else ""
