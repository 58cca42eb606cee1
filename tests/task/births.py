"""A place where services are born, ended half way, and looked at afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import tests
from scaffolder.catalog import Catalog
from scaffolder.gateways.git import GitDirectory
from scaffolder.task.journal import Journal, RowStatus, TaskStatus
from scaffolder.tree import Tree
from tests.cli.program import environment as of_program
from tests.task.driver import Order, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from scaffolder.task.journal import Row, Task

AT_A_TIME = 4
GIT_CONFIG = "[user]\n\tname = Test Engineer\n\temail = test-engineer@example.com\n"
TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: parcels}
spec: {type: team, children: []}
"""
HEAD = """\
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
        token: {type: string, ui:field: Secret}
        password: {type: string, ui:widget: password}
        note: {type: string, default: plain}
        names: {type: array, items: {type: string}, default: [one, two]}
  steps:
"""
STEPS = """\
    - id: skeleton
      action: fetch:template
      input: {url: ./skeleton, values: {name: "${{ parameters.name }}", text: "${{ parameters.description }}"}}
    - id: plain
      action: fetch:plain
      each: ${{ parameters.names }}
      input: {url: ./plain, targetPath: "copies/${{ each.value }}"}
    - {id: nobody, action: "debug:log", each: [], input: {message: never}}
    - {id: left-out, action: "debug:log", if: "${{ parameters.note == 'fancy' }}", input: {message: never}}
    - {id: falsy, action: "test:falsy"}
    - id: mark
      action: test:mark
      each: [a, b]
      input:
        key: ${{ each.value }}
        told: "${{ steps.falsy.output.flag }} ${{ steps.falsy.output.zero }} [${{ steps.falsy.output.text }}]"
    - {id: say, action: "debug:log", input: {message: "made ${{ parameters.name }}"}}
"""
SIMPLE = """\
    - id: skeleton
      action: fetch:template
      input: {url: ./skeleton, values: {name: "${{ parameters.name }}", text: "${{ parameters.description }}"}}
"""
SKELETON = {
    "skeleton/README.md": "# ${{ values.name }}\n\n${{ values.text }}\n",
    "skeleton/src/main.py": "print('${{ values.name }}')\n",
    "plain/data.txt": "as it is ${{ values.name }}\n",
}


@dataclass(frozen=True, slots=True)
class Result:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


class Processes:
    """The driver's process, to which orders are given."""

    def __enter__(self) -> Self:
        self._driver = subprocess.Popen(
            [sys.executable, "-m", "tests.task.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(tests.__file__).parents[1],
            text=True,
        )
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._driver.communicate()

    def run(self, *orders: Order) -> list[Result]:
        """Run the orders at the same time, each in a process of its own, to their ends."""
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.write(json.dumps([asdict(order) for order in orders]) + "\n")
        self._driver.stdin.flush()
        codes = json.loads(self._driver.stdout.readline())
        return [_result(order, code) for order, code in zip(orders, codes, strict=True)]

    def run_all(self, orders: list[Order]) -> list[Result]:
        """Run the orders, which have nothing to do with each other, a few at a time."""
        few = [orders[at : at + AT_A_TIME] for at in range(0, len(orders), AT_A_TIME)]
        return [result for some in few for result in self.run(*some)]


def _result(order: Order, code: int) -> Result:
    home = Path(order.home)
    return Result(code, (home / f"out{order.name}").read_text(), (home / f"err{order.name}").read_text())


@dataclass(frozen=True, slots=True)
class Place:
    """A person's home, with the directory they work in, and everything their births can touch."""

    home: Path
    processes: Processes

    # -- making one

    def prepared(self, files: Mapping[str, str] = SKELETON, *, steps: str = STEPS) -> Place:
        """Make the home: a team in the catalog, and a template."""
        self.home.mkdir(parents=True)
        (self.home / ".gitconfig").write_text(GIT_CONFIG)
        (self.home / "team.yaml").write_text(TEAM)
        for path, text in {"template.yaml": HEAD + steps, **files}.items():
            place = self.home / "template" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        self.expect(0, do="catalog", task=str(self.home / "team.yaml"))
        return self

    def copied(self, home: Path) -> Place:
        """Return another person who has all of this, for whom it lies elsewhere."""
        assert not home.exists()
        shutil.copytree(self.home, home, symlinks=True)
        return Place(home, self.processes)

    # -- processes

    def order(self, **facts: Any) -> Order:
        draft = {
            "purpose": "Sells what others make",
            "name": "shop",
            "owner": "parcels",
            "template": str(self.home / "template"),
            "directory": str(self.home / "work" / "shop"),
            **facts.pop("draft", {}),
        }
        return Order(home=str(self.home), draft=draft, **facts)

    def run(self, **facts: Any) -> Result:
        return self.processes.run(self.order(**facts))[0]

    def expect(self, code: int, **facts: Any) -> Result:
        """Run, and compare how it ended."""
        result = self.run(**facts)
        assert result.code == code, f"{result.code}\n{result.out}\n{result.err}"
        return result

    def command(self, *arguments: str, code: int = 0, **environ: str) -> Result:
        """Run the command line itself, in a fresh interpreter."""
        done = subprocess.run(
            [sys.executable, "-m", "scaffolder", *arguments],
            cwd=self.home / "work",
            env={**of_program(), **environment(self.home), **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return Result(done.returncode, done.stdout, done.stderr)

    # -- what there is

    @property
    def work(self) -> Path:
        return self.home / "work"

    @property
    def directory(self) -> Path:
        return self.work / "shop"

    @property
    def data(self) -> Path:
        return self.home / ".local/share/scaffolder"

    @property
    def state(self) -> Path:
        return self.home / ".local/state/scaffolder"

    @property
    def repository(self) -> GitDirectory:
        return GitDirectory(self.data / "forge/local/shop.git")

    def points(self, name: str = "") -> list[str]:
        """Return the names of the points that the last process passed."""
        file = self.home / f"points{name}"
        return file.read_text().splitlines() if file.exists() else []

    def tasks(self) -> list[Task]:
        with closing(Journal(self.state / "tasks.db")) as journal:
            return journal.tasks()

    def task(self) -> Task:
        (task,) = self.tasks()
        return task

    def rows(self) -> list[Row]:
        with closing(Journal(self.state / "tasks.db")) as journal:
            return journal.rows(self.task().id)

    def entities(self) -> list[str]:
        """Return every name that the catalog knows, a reserved one with a word."""
        with closing(Catalog(self.data / "catalog.db")) as catalog:
            assert not catalog.conflicts()
            return [f"{each.ref}{' reserved' if each.reserved else ''}" for each in catalog.entities()]

    def locations(self) -> list[str]:
        with closing(Catalog(self.data / "catalog.db")) as catalog:
            return [each.target for each in catalog.locations()]

    def repositories(self) -> list[str]:
        """Return every path in the forge, one level into the owners' directories."""
        forge = self.data / "forge"
        found = [*forge.iterdir(), *forge.glob("*/*")] if forge.is_dir() else []
        return sorted(path.relative_to(forge).as_posix() for path in found if path.name != ".lock")

    def outside(self) -> list[str]:
        return sorted(path.name for path in (self.home / "outside").rglob("*") if path.is_file())

    def files(self) -> dict[str, bytes]:
        """Return what was published, without what is another's in every birth."""
        tree = self.repository.tree(self.repository.refs()["refs/heads/main"])
        return {path: file.data for path, file in tree.files() if path != ".scaffolder.yaml"}

    def runs(self) -> list[str]:
        """Return each time that an action of the plugin ran, by step and item."""
        return (self.home / "runs").read_text().splitlines()

    # -- what must be so

    def is_born(self) -> None:
        """Check that there is one of everything, and nothing half-made."""
        assert self.task().status is TaskStatus.COMPLETED
        commit = self._recorded("repository:push", "commitHash")
        assert self.repositories() == ["local", "local/shop.git"]
        assert self.repository.refs()["refs/heads/main"] == commit
        assert sorted(self.repository.refs()) == ["refs/heads/main", "refs/scaffolder/base"]
        assert self._commits() == 2
        assert self.entities() == ["component:default/shop", "group:default/parcels"]
        assert len(self.locations()) == 2
        assert sorted(path.name for path in self.work.iterdir()) == ["shop"]
        assert GitDirectory(self.directory / ".git").resolve("HEAD") == commit
        assert Tree.read(self.directory, without=frozenset({".git"})).digest() == self.repository.tree(commit).digest()
        assert self.outside() == ["a", "b"]
        self.is_tidy()

    def _recorded(self, action: str, name: str) -> str:
        task = self.task()
        (row,) = [row for row in self.rows() if task.steps[row.step].action == action]
        assert row.status is RowStatus.COMPLETED
        return str(row.output[name])

    def _commits(self) -> int:
        listed = subprocess.run(
            ["git", f"--git-dir={self.repository.path}", "rev-list", "--all", "--count"],
            capture_output=True,
            check=True,
        )
        return int(listed.stdout)

    def is_nothing(self) -> None:
        """Check that nothing is left, and the name is free."""
        assert not any(task.status in {TaskStatus.RUNNING, TaskStatus.STOPPED} for task in self.tasks())
        assert [path for path in self.repositories() if path != "local"] == []
        assert self.entities() == ["group:default/parcels"]
        assert len(self.locations()) == 1
        assert list(self.work.iterdir()) == []
        assert self.outside() == []
        self.is_tidy()

    def is_tidy(self) -> None:
        """Check that no process has left anything for nobody."""
        assert list((self.home / "tmp").iterdir()) == []
        assert [path.name for path in (self.state / "tasks").iterdir()] == []
