"""GitHub's own description of its API, by which what we ask is checked wherever that outside data is there."""

from __future__ import annotations

import pytest

from tests.github.description import Description, found


@pytest.fixture
def description() -> Description | None:
    there = found()
    return None if isinstance(there, str) else there
