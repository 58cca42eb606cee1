"""A service made from a golden path does what its README says, from the first minute."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scaffolder.app import Scaffolder
from scaffolder.app.draft import Draft
from scaffolder.catalog.entity import check as check_entity
from scaffolder.catalog.location import Found, read
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.similar.own_words import TEMPLATE_WORDS
from tests.golden_paths import check_rendered

if TYPE_CHECKING:
    from pathlib import Path

GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: content-apis}
spec: {type: team, children: []}
"""
THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def born(tmp_path: Path, **answers: str) -> Path:
    (tmp_path / "catalog.yaml").write_text(GROUP)
    app = Scaffolder(Settings(), Home.of_user())
    app.catalog.add(str(tmp_path / "catalog.yaml"))
    draft = Draft(
        purpose='Says "hello" to: people & <others>; 100 % of the time',
        name="page-link-watch",
        owner="content-apis",
        template="python-service",
        answers={"python": THIS_PYTHON, **answers},
        directory=str(tmp_path / "page-link-watch"),
    )
    app.run(app.plan(draft))
    return tmp_path / "page-link-watch"


@pytest.mark.parametrize("database", ["none", "postgres"])
def test_every_entity_of_a_birth_is_valid(tmp_path: Path, database: str) -> None:
    found = list(read(str(born(tmp_path, database=database) / "catalog-info.yaml")))

    entities = [one.entity for one in found if isinstance(one, Found)]
    assert [entity.kind for entity in entities] == ["Component", "API"]
    assert len(found) == len(entities)
    assert [check_entity(entity.document) for entity in entities] == [[], []]


def test_what_the_golden_path_wrote_is_known_from_what_the_service_does(tmp_path: Path) -> None:
    component, api = (one.entity for one in read(str(born(tmp_path) / "catalog-info.yaml")) if isinstance(one, Found))

    assert component.annotations[TEMPLATE_WORDS] == "fastapi python"
    assert api.annotations[TEMPLATE_WORDS] == "id note notes"


def needs_packages(directory: Path) -> None:
    """Skip where no package index can be reached: the service installs what it needs. In CI there has to be one."""
    ask = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(directory), "iniconfig"]
    try:
        reached = subprocess.run(ask, capture_output=True, check=False, timeout=60).returncode == 0
    except subprocess.TimeoutExpired:
        reached = False
    assert reached or not os.environ.get("CI"), "no package index can be reached"
    if not reached:
        pytest.skip("no package index can be reached")


@pytest.mark.slow
@pytest.mark.parametrize("database", ["none", "postgres"])
def test_its_readme_is_true(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    needs_packages(tmp_path / "downloads")
    monkeypatch.setenv("PYTHON", sys.executable)

    check_rendered.check(born(tmp_path, database=database))
