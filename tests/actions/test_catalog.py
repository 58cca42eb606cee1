"""The catalog's actions, where services are registered with a running Backstage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.actions import catalog as actions
from scaffolder.actions.publish import git_directory
from scaffolder.catalog import Catalog, NameTaken
from scaffolder.catalog.backstage_registration import BackstageRegistration, InvalidThere
from scaffolder.errors import TryAgain
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.gateways.local_forge import LocalForge
from scaffolder.task import evaluate
from scaffolder.task.action import ActionContext
from scaffolder.task.plan import REGISTER, RESERVE, PlannedStep
from scaffolder.template.source import Resolved, TemplateSource
from scaffolder.tree import File, Tree
from tests.catalog.backstage_server import Backstage, Said, entity, running
from tests.catalog.files import component

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ACTIONS = {action.id: action for action in actions.ACTIONS}
ENTRY = Tree({"catalog-info.yaml": File(component("shop").encode())})
WHO = Identity("Ann", "ann@example.com")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
RESERVED = {"entities": ["component:default/shop"], "owner": "group:web", "purpose": "Sells", "repository": "acme/shop"}
REGISTERED = {
    "repository": "acme/shop",
    "branch": "main",
    "base": "",
    "remoteUrl": "https://git.example.com/acme/shop.git",
    "entity": "component:default/shop",
}


@dataclass
class Steps:
    """A task's steps, one at a time."""

    root: Path
    backstage: Backstage
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        registrar = BackstageRegistration(self.backstage.url, ("", ""))
        self.catalog = Catalog(self.root / "catalog.db", backstage=lambda: registrar)
        ENTRY.write(self.root / "workspace")
        repository = GitDirectory.init(git_directory(self.root))
        self.commit = repository.commit(ENTRY, message="x", identity=WHO, when=NOW, ref="refs/heads/main")

    def check(self, action: str, value: Mapping[str, object]) -> None:
        evaluate.check_input(PlannedStep("step", "", action, value, "step"), ACTIONS[action], value)
        check = ACTIONS[action].check
        assert check is not None
        check(self.context, value)

    def run(self, action: str, value: Mapping[str, object]) -> Mapping[str, object]:
        return ACTIONS[action].run(self.context, value)

    def undo(self, action: str, value: Mapping[str, object], output: Mapping[str, object]) -> str:
        undo = ACTIONS[action].undo
        assert undo is not None
        return undo(self.context, value, output)

    @property
    def context(self) -> ActionContext:
        return ActionContext(
            task_id="task-1",
            step_id="step",
            workspace=self.root / "workspace",
            task_directory=self.root,
            template=Resolved(TemplateSource("test", "", "", "", ""), Tree({}), ""),
            template_ref="template:default/test",
            forge=LocalForge(self.root / "forge"),
            catalog=self.catalog,
            identity=WHO,
            created_at=NOW,
            began_before=False,
            log=self.said.append,
        )


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[Steps]:
    with running(Backstage()) as backstage:
        made = Steps(tmp_path, backstage)
        yield made
        made.catalog.close()
    assert backstage.wrong == []


def test_the_plan_says_that_a_name_cannot_be_reserved(steps: Steps) -> None:
    steps.check(RESERVE, RESERVED)

    assert steps.said == [f"a name cannot be reserved in {steps.backstage.url}: whoever registers it first has it"]


def test_a_name_that_is_taken_there_stops_before_anything_is_made(steps: Steps) -> None:
    steps.backstage.entities.append(entity("shop"))

    with pytest.raises(NameTaken):
        steps.check(RESERVE, RESERVED)


def test_an_entry_that_is_not_valid_there_stops_before_anything_is_made(steps: Steps) -> None:
    steps.check(REGISTER, {**REGISTERED, "commit": ""})
    steps.backstage.invalid["shop"] = "spec.lifecycle must be one of ours"

    with pytest.raises(InvalidThere, match="lifecycle must be one of ours"):
        steps.check(REGISTER, {**REGISTERED, "commit": ""})


def test_what_is_registered_is_known_here_and_there_and_taken_back_from_both(steps: Steps) -> None:
    value = {**REGISTERED, "commit": steps.commit}
    steps.run(RESERVE, RESERVED)

    made = steps.run(REGISTER, value)

    assert (made["entityRef"], made["waitsAt"]) == ("component:default/shop", "")
    assert list(steps.backstage.locations.values()) == ["https://git.example.com/acme/shop/blob/main/catalog-info.yaml"]
    assert [each.reserved for each in steps.catalog.named("shop")] == [False]

    assert steps.undo(REGISTER, value, made) == ""
    assert not steps.backstage.locations
    assert steps.catalog.named("shop") == []


def test_where_it_does_not_answer_nothing_is_registered(steps: Steps) -> None:
    steps.run(RESERVE, RESERVED)
    steps.backstage.trouble += [Said(503, headers={"Retry-After": "0"})] * 3

    with pytest.raises(TryAgain):
        steps.run(REGISTER, {**REGISTERED, "commit": steps.commit})

    assert [each.reserved for each in steps.catalog.named("shop")] == [True]
