"""Steps of a task on a double of GitHub, one at a time; and what stands there afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffolder import plugins
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.forge import GitHubForge
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import Server
from scaffolder.task import evaluate
from scaffolder.task.action import ActionContext
from scaffolder.task.plan import PlannedStep
from scaffolder.template.source import Resolved, TemplateSource
from scaffolder.tree import Tree
from tests.gateways.repositories import SOMEBODY

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog import Catalog
    from scaffolder.task.action import Action, Values
    from tests.github.server import GitHub
    from tests.github.state import Repository

ACTIONS = plugins.Actions()
BEGAN = datetime(2023, 11, 14, 22, 0, tzinfo=UTC)
NOW = datetime(2023, 11, 14, 22, 13, tzinfo=UTC)


@dataclass
class Time:
    """A clock that stands still but for those who wait."""

    now: float = NOW.timestamp()

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Steps:
    """Runs steps as task `task-1`; `repository` is what that task makes, '' when the steps are about another's."""

    github: GitHub
    forge: GitHubForge
    catalog: Catalog
    directory: Path
    repository: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def workspace(self) -> Path:
        return self.directory / "workspace"

    def check(self, action: str, value: Values) -> None:
        """Do what preflight does with a step."""
        found = self._valid(action, value)
        if found.check:
            found.check(self.context(), value)

    def predict(self, action: str, value: Values) -> Values:
        predict = ACTIONS[action].predict
        assert predict
        return predict(self.context(), value)

    def run(self, action: str, value: Values, *, again: bool = False) -> Values:
        """Run a step; `again` when an earlier process began it."""
        found = self._valid(action, value)
        output = found.run(self.context(began_before=again), value)
        assert found.describe
        found.describe(value, output)
        return output

    def undo(self, action: str, value: Values, output: Values) -> str:
        undo = ACTIONS[action].undo
        assert undo
        return undo(self.context(), value, output)

    def context(self, *, began_before: bool = False) -> ActionContext:
        self.workspace.mkdir(parents=True, exist_ok=True)
        return ActionContext(
            task_id="task-1",
            step_id="step",
            workspace=self.workspace,
            task_directory=self.directory,
            template=Resolved(TemplateSource("test", "", "", "", ""), Tree({}), ""),
            template_ref="template:default/test",
            forge=self.forge,
            catalog=self.catalog,
            identity=SOMEBODY,
            created_at=BEGAN,
            began_before=began_before,
            log=self.said.append,
            repository=self.repository,
        )

    def _valid(self, action: str, value: Values) -> Action:
        step = PlannedStep("step", "", action, value, "step")
        evaluate.check_input(step, ACTIONS[action], value)
        return ACTIONS[action]


def forge_of(github: GitHub, token: str, time: Time) -> GitHubForge:
    server = Server.of(api_base_url=github.api_url)
    return GitHubForge(Client(server, lambda: token, Clock(lambda: time.now, time.sleep)))


def asked(github: GitHub) -> list[str]:
    """Return what the API was asked for."""
    return [f"{one.method} {one.path.removeprefix('/repos/')}" for one in github.requests if not one.git]


def standing(repository: Repository) -> dict[str, Any]:
    """Return what a repository has, without numbers and times that differ from run to run."""
    return {
        "settings": repository.settings,
        "topics": repository.topics,
        "access": (repository.teams, repository.collaborators, repository.invitations),
        "labels": _plain(repository.labels.values()),
        "variables": _plain(repository.variables.values()),
        "secrets": _plain(repository.secrets.values()),
        "properties": repository.properties,
        "oidc": repository.oidc,
        "environments": [
            {**one, "variables": _plain(one["variables"].values()), "secrets": _plain(one["secrets"].values())}
            | {"policies": _plain(one["policies"])}
            for one in _plain(repository.environments.values())
        ],
        "protections": repository.protections,
        "rulesets": _plain(repository.rulesets.values()),
        "hooks": _plain(repository.hooks.values()),
        "keys": _plain(repository.keys.values()),
        "autolinks": _plain(repository.autolinks.values()),
        "pages": repository.pages,
        "dispatches": _plain(repository.dispatches),
        "issues": [(one.title, one.body, one.labels, one.assignees, one.state) for one in repository.issues.values()],
        "pulls": [(one.head, one.base, one.draft, one.reviewers) for one in repository.pulls.values()],
        "branches": {branch: repository.files(branch) for branch in repository.branches()},
    }


def _plain(every: Any) -> list[dict[str, Any]]:
    gone = {"id", "node_id", "created_at", "updated_at", "url", "run"}
    return [{name: value for name, value in one.items() if name not in gone} for one in every]
