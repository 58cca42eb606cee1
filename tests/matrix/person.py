"""Somebody at a machine of their own, whose settings lead to a company on GitHub, and who makes a service there."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.app import Scaffolder, Waiting
from scaffolder.app.draft import Draft
from scaffolder.catalog import Catalog
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.home import Home
from scaffolder.settings import load
from scaffolder.task.journal import Journal, Task, TaskStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOON = 1_700_000_000.0
NAME = "acme/shop"
SECRET = "s3cr3t-of-the-repository"
PATIENCE = 0.25
"""Seconds of the real clock for which an answer is waited for: those of the program are not waited."""
STALL = 1
"""The same for git, which knows whole seconds only."""

GIT_CONFIG = "[user]\n\tname = Mona Lisa\n\temail = mona@acme.example\n[init]\n\tdefaultBranch = main\n"
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: shop
  annotations: {backstage.io/template-version: 1.0.0}
spec:
  type: service
  owner: parcels
  parameters:
    - properties:
        name: {type: string, ui:field: EntityNamePicker}
        description: {type: string}
        repoUrl: {type: string, ui:field: RepoUrlPicker}
        token: {type: string, ui:field: Secret}
  steps:
    - id: skeleton
      action: fetch:template
      input: {url: ./skeleton, values: {name: "${{ parameters.name }}", text: "${{ parameters.description }}"}}
    - id: publish
      action: publish:github
      input:
        repoUrl: ${{ parameters.repoUrl }}
        description: ${{ parameters.description }}
        secrets: {DEPLOY: "${{ secrets.token }}"}
    - id: register
      action: catalog:register
      input: {repoContentsUrl: "${{ steps.publish.output.repoContentsUrl }}", catalogInfoPath: /catalog-info.yaml}
"""
README = "# ${{ values.name }}\n\n${{ values.text }}\n"
SETTINGS = """\
organization: {{name: Acme}}
integrations:
  github: [{{host: github.com, apiBaseUrl: "{api}"}}]
scaffolder:
  forge: github
  repositoryOwner: acme
  catalogRepository: {catalog}
  registration: pull-request
  publish:
{publish}
"""
FULL: dict[str, Any] = {
    "topics": ["python"],
    "collaborators": [{"team": "parcels", "access": "push"}, {"user": "hubot", "access": "triage"}],
    "protectDefaultBranch": True,
    "requiredApprovingReviewCount": 1,
    "requiredStatusCheckContexts": ["test"],
    "deleteBranchOnMerge": True,
    "hasWiki": False,
    "repoVariables": {"REGION": "eu"},
    "labels": [{"name": "onboarding", "color": "0e8a16", "description": "First steps"}],
    "environments": ["production"],
}
"""What a new repository gets: one of everything."""
SETTLED: dict[str, Any] = {
    "topics": ["python"],
    "collaborators": [{"team": "parcels", "access": "push"}],
    "protectDefaultBranch": True,
    "deleteBranchOnMerge": True,
}
"""What is usual: settings, topics, a team and protection."""


@dataclass
class Time:
    """A clock that stands still but for those who wait; `meanwhile` happens each time."""

    now: float = NOON
    meanwhile: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.now += seconds
        self.meanwhile()


@dataclass
class Person:
    """Who they are: a home, a token; `said` is the last error they were told."""

    home: Path
    token: str
    time: Time = field(default_factory=Time)
    said: str = ""

    def prepared(self, *, api: str, catalog: str, publish: Mapping[str, Any] = FULL) -> Person:
        """Write what a person has: who they are to git, the settings, and a template."""
        lines = "".join(f"    {name}: {json.dumps(value)}\n" for name, value in publish.items())
        files = {
            ".gitconfig": GIT_CONFIG,
            "work/scaffolder.yaml": SETTINGS.format(api=api, catalog=catalog, publish=lines),
            "template/template.yaml": TEMPLATE,
            "template/skeleton/README.md": README,
            "tmp/.keep": "",
        }
        for path, text in files.items():
            place = self.home / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return self

    @property
    def work(self) -> Path:
        """Where they are."""
        return self.home / "work"

    @property
    def environment(self) -> dict[str, str]:
        """Return what a process of theirs is given."""
        places = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state", "CACHE": ".cache"}
        return {
            **{f"XDG_{name}_HOME": str(self.home / place) for name, place in places.items()},
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_HTTP_LOW_SPEED_LIMIT": "1",
            "GIT_HTTP_LOW_SPEED_TIME": str(STALL),
            "GITHUB_TOKEN": self.token,
            "NO_COLOR": "1",
            "SCAFFOLDER_SECRET_TOKEN": SECRET,
            "TMPDIR": str(self.home / "tmp"),
        }

    @property
    def draft(self) -> Draft:
        """What they want."""
        return Draft(
            purpose="Sells what others make",
            name="shop",
            owner="parcels",
            repository=NAME,
            template=str(self.home / "template"),
            secrets={"token": SECRET},
            directory=str(self.work / "shop"),
        )

    def here(self) -> None:
        """Let this process be theirs."""
        os.environ.update(self.environment)
        os.chdir(self.work)

    def program(self) -> Scaffolder:
        """Return the program as it is when it has just been started, but for what takes longer than all the rest."""
        clock = Clock(lambda: self.time.now, self.time.sleep, PATIENCE)
        program = Scaffolder(load(Path.cwd(), environ=os.environ), Home.of_user(), waiting=Waiting(clock=clock))
        assert program.encoder is not None  # loaded here, once: no process is started for it
        return program

    # -- what they can do

    def read_catalog(self) -> None:
        """Read what the settings name, as a first look at the catalog does."""
        self.here()
        with closing(self.program()) as program:
            program.catalog.entities()

    def begin(self) -> int:
        """Make the service; return what the command line would exit with."""
        return self._ends(lambda program: program.run(program.plan(self.draft)))

    def resume(self) -> int:
        """Go on with what stopped."""
        return self._ends(lambda program: program.resume(self.task().id))

    def rollback(self) -> int:
        """Take it back."""
        return self._ends(lambda program: program.rollback(self.task().id))

    def _ends(self, what: Any) -> int:
        self.here()
        with closing(self.program()) as program:
            try:
                what(program)
            except ScaffolderError as error:
                self.said = f"{error}; {'; '.join(error.details)}; {error.hint}"
                return error.exit_code
        self.said = ""
        return 0

    # -- what there is

    def tasks(self) -> list[Task]:
        """Return every task of theirs."""
        file = self.home / ".local/state/scaffolder/tasks.db"
        if not file.exists():
            return []
        with closing(Journal(file)) as journal:
            return journal.tasks()

    def task(self) -> Task:
        """Return the only one."""
        (task,) = self.tasks()
        return task

    def waits(self) -> bool:
        """Tell whether a task can be resumed."""
        return any(task.status in {TaskStatus.RUNNING, TaskStatus.STOPPED} for task in self.tasks())

    def undoes(self) -> bool:
        """Tell whether a task is half taken back."""
        return any(task.status is TaskStatus.UNDOING for task in self.tasks())

    def forget_temporary(self) -> None:
        """Remove what is temporary, as the system does; what waited for the end of the run may be doing it, too."""
        for left in (self.home / "tmp").glob("scaffolder-*"):
            shutil.rmtree(left, ignore_errors=True)

    def known(self) -> list[str]:
        """Return the components of their catalog, reserved ones with a word."""
        file = self.home / ".local/share/scaffolder/catalog.db"
        if not file.exists():
            return []
        with closing(Catalog(file)) as catalog:
            found = [f"{one.ref}{' reserved' if one.reserved else ''}" for one in catalog.entities(kind="component")]
            return found + [f"conflict {one}" for one in catalog.conflicts()]
