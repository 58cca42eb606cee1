"""A GitHub of their own for the tests in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.github.asking import Asking
from tests.github.description import Description, found, where_there_is_one
from tests.github.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.github.server import GitHub


@pytest.fixture
def description() -> Description:
    """GitHub's own description, which is outside data."""
    there = found()
    if isinstance(there, str):
        pytest.skip(there)
    return there


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    """A GitHub; all that is said to it and by it is checked, where the description is there."""
    with serving(tmp_path / "github", description=where_there_is_one()) as running:
        yield running


@pytest.fixture
def mona(github: GitHub) -> Asking:
    """The owner of the company acme, who asks."""
    token = github.add_user("mona", name="Mona Lisa", email="mona@acme.example")
    github.add_organization("acme", members={"mona": "admin", "hubot": "member"})
    return Asking(github, token)
