"""A catalog of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    made = Catalog(tmp_path / "state" / "catalog.db")
    yield made
    made.close()
