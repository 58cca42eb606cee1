from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.person import take_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Path:
    """Return where a person works who has taken in a small catalog."""
    take_in(home, tmp_path)
    directory = tmp_path / "desk"
    directory.mkdir()
    return directory
