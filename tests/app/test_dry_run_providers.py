"""Steps with actions that only Backstage has: a dry run records them, and says who provides them."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from scaffolder.app import Scaffolder
from scaffolder.app.dry_run import DryRun, Request
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.task.action import UnknownAction
from scaffolder.task.providers import PROVIDERS
from scaffolder.template.manifest import load
from tests.template.golden import HEAD, resolved

if TYPE_CHECKING:
    from pathlib import Path


def tried(root: Path, *actions: str) -> DryRun:
    steps = "".join(f"    - {{id: s{n}, action: '{one}', input: {{n: {n}}}}}\n" for n, one in enumerate(actions))
    found = resolved(root, {"template.yaml": f"{HEAD}  steps:\n{steps}"})
    home = Home(*(root / "home" / name for name in ("config", "data", "state", "cache")))
    with closing(Scaffolder(Settings(), home)) as scaffolder:
        return scaffolder.dry_run(found, load(found), Request(workspace=root / "out"))


@pytest.mark.parametrize("action", sorted(PROVIDERS))
def test_it_is_recorded_and_its_provider_named(tmp_path: Path, action: str) -> None:
    made = tried(tmp_path, action, "roadiehq:utils:merge")
    assert made.error is None
    assert [(step.status, step.iterations[0].recorded) for step in made.steps] == [("completed", True)] * 2
    assert made.steps[0].iterations[0].input == {"n": 0}
    assert any(f"{action} is of {PROVIDERS[action]}" in warning for warning in made.warnings)


def test_one_that_nobody_knows_fails(tmp_path: Path) -> None:
    made = tried(tmp_path, "acme:nothing", "notification:send")
    assert isinstance(made.error, UnknownAction)
    assert [step.status for step in made.steps] == ["failed", "skipped"]


def test_what_would_provide_it_is_named() -> None:
    assert (
        "@backstage/plugin-scaffolder-backend-module-rails" in UnknownAction("s", "fetch:rails", ["fetch:plain"]).hint
    )
    assert UnknownAction("s", "fetch:plan", ["fetch:plain"]).hint == "did you mean fetch:plain?"
