"""One driver for all tests of a module, and a prepared home to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.task.births import SIMPLE, Place, Processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with Processes() as driver:
        yield driver


@pytest.fixture(scope="module")
def prepared(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("prepared") / "home", processes).prepared()


@pytest.fixture(scope="module")
def prepared_simply(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("simple") / "home", processes).prepared(steps=SIMPLE)


@pytest.fixture
def simple(prepared_simply: Place, tmp_path: Path) -> Place:
    """The same with a template that needs no plugin."""
    return prepared_simply.copied(tmp_path / "home")


@pytest.fixture
def place(prepared: Place, tmp_path: Path) -> Place:
    """A person with a team in the catalog and a template, before the first birth."""
    return prepared.copied(tmp_path / "home")
