"""A GitHub of their own for the tests in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.github.asking import Asking
from tests.github.description import Description, found
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
def github(tmp_path: Path, description: Description) -> Iterator[GitHub]:
    """A GitHub all of whose questions and answers are checked."""
    with serving(tmp_path / "github", description=description) as running:
        yield running


@pytest.fixture
def lenient(tmp_path: Path) -> Iterator[GitHub]:
    """A GitHub that may be asked what its description does not allow."""
    with serving(tmp_path / "github") as running:
        yield running


@pytest.fixture
def mona(github: GitHub) -> Asking:
    """The owner of the company acme, who asks."""
    token = github.add_user("mona", name="Mona Lisa", email="mona@acme.example")
    github.add_organization("acme", members={"mona": "admin", "hubot": "member"})
    return Asking(github, token)
