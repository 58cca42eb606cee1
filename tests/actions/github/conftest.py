"""A company on a double of GitHub, and somebody of it who runs steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog
from tests.actions.github.steps import Steps, Time, forge_of
from tests.github.description import Description, found
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENTITIES = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: payments
  annotations: {github.com/team-slug: acme/payments-team}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: hubot}
spec: {memberOf: []}
"""


@pytest.fixture
def description() -> Description | None:
    """GitHub's own description, by which what is asked is checked wherever that outside data is there."""
    there = found()
    return None if isinstance(there, str) else there


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def github(tmp_path: Path, time: Time, description: Description | None) -> Iterator[GitHub]:
    """A GitHub with the company acme, which has the repository acme/shop."""
    with serving(tmp_path / "github", clock=lambda: time.now, description=description) as github:
        github.add_organization("acme", members={"mona": "admin", "hubot": "member"})
        github.add_team("acme", "payments-team", members=["hubot"])
        files = {"README.md": b"# Shop\n", ".github/workflows/deploy.yml": b"on: workflow_dispatch\n"}
        github.add_repository("acme/shop", files=files, by="mona")
        yield github


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    file = tmp_path / "entities.yaml"
    file.write_text(ENTITIES)
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.add(str(file))
    yield catalog
    catalog.close()


@pytest.fixture
def steps(github: GitHub, time: Time, catalog: Catalog, tmp_path: Path) -> Iterator[Steps]:
    """Steps about a repository that was there before the task."""
    forge = forge_of(github, github.add_user("mona"), time)
    yield Steps(github, forge, catalog, tmp_path / "task")
    forge.client.close()
