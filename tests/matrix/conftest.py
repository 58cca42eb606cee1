"""GitHub's own description of its API, wherever that outside data is there."""

from __future__ import annotations

import pytest

from tests.github.description import Description, where_there_is_one


@pytest.fixture
def description() -> Description | None:
    return where_there_is_one()
