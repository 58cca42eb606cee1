"""A company to begin a service in: a catalog, a golden path, a directory to work in, and all of it to compare."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.catalog import Catalog
from scaffolder.gateways.home import Home
from tests.cli import program

if TYPE_CHECKING:
    from pathlib import Path

COMPANY = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: parcels}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: test-engineer}
spec: {profile: {email: test-engineer@example.com}, memberOf: [parcels]}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: delivery}
spec: {owner: parcels}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: Label-Printer, description: Prints the labels that are stuck on parcels}
spec: {type: service, lifecycle: production, owner: parcels, system: delivery}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: invoice-archive, description: "Keeps every invoice for ten years and finds it again by customer"}
spec: {type: service, lifecycle: production, owner: payments}
"""

SMALL = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: small
  title: Small service
  annotations: {backstage.io/template-version: 1.2.0}
spec:
  type: service
  parameters:
    - title: What it is
      required: [name, region]
      properties:
        name: {type: string, ui:field: EntityNamePicker}
        region: {type: string, title: Region}
        database: {type: string, enum: [none, postgres], default: none}
        replicas: {type: integer, minimum: 1, default: 1}
        metrics: {type: boolean, default: true}
        folder: {type: string, default: src}
        token: {type: string, ui:field: Secret}
  steps:
    - id: render
      action: fetch:template
      input:
        url: ./skeleton
        values:
          name: ${{ parameters.name }}
          region: ${{ parameters.region }}
          database: ${{ parameters.database }}
          replicas: ${{ parameters.replicas }}
          metrics: ${{ parameters.metrics }}
          folder: ${{ parameters.folder }}
"""
SKELETON = {
    "README.md": "# ${{ values.name }}\n\nRuns in ${{ values.region }}.\n",
    "${{ values.folder }}/settings.txt": (
        "database=${{ values.database }}\nreplicas=${{ values.replicas + 1 }}\nmetrics=${{ values.metrics }}\n"
    ),
    "run.sh": "#!/bin/sh\necho ${{ values.name }}\n",
}


@dataclass(frozen=True, slots=True)
class World:
    """`home` holds the person's state, `root` the directory they work in, the templates, and what is temporary."""

    home: Path
    root: Path

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def template(self) -> Path:
        return self.root / "templates" / "small"

    @property
    def data(self) -> Path:
        return Home.of_user().data

    @property
    def forge(self) -> Path:
        return self.data / "forge"

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.data / "catalog.db")

    def made(self) -> World:
        for directory in (self.work, self.root / "tmp", self.root / "empty"):
            directory.mkdir(parents=True)
        write_template(self.template)
        self.write("company.yaml", COMPANY)
        catalog = self.catalog
        catalog.add(str(self.root / "company.yaml"))
        catalog.close()
        return self

    def write(self, path: str, text: str) -> Path:
        """Write a file below the root."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def start(self, *arguments: str, prefix: tuple[str, ...] = (), **environ: Any) -> subprocess.CompletedProcess[str]:
        """Run the program in the work directory, whatever comes of it; `prefix` is a command that starts it."""
        return subprocess.run(
            [*prefix, *program.COMMAND, *arguments],
            cwd=self.work,
            env=program.environment(TMPDIR=str(self.root / "tmp"), **environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def run(self, *arguments: str, **environ: Any) -> str:
        """Run the program, which must succeed; return what it printed."""
        done = self.start(*arguments, **environ)
        assert done.returncode == 0, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, **environ: Any) -> Any:
        """Run the program, which must succeed; return the object it printed."""
        return json.loads(self.run(*arguments, "--json", **environ))

    def state(self) -> dict[str, str]:
        """Return everything that stands anywhere: files by their contents, the catalog and the tasks by their rows."""
        at_home = {path: entry for path, entry in files(self.home).items() if not _is_housekeeping(path, entry)}
        return {**at_home, **files(self.root), **rows(self.data / "catalog.db"), **self._tasks()}

    def _tasks(self) -> dict[str, str]:
        """Return the tasks that have not ended; one that failed and took everything back is history."""
        database = Home.of_user().state / "tasks.db"
        return {name: row for name, row in rows(database).items() if name.startswith("task ") and '"failed"' not in row}


def _is_housekeeping(path: str, entry: str) -> bool:
    """Tell what may appear at home: copies of other people's repositories, and directories that hold nothing else."""
    return "/.cache/" in path or entry.endswith(" ")


def write_template(directory: Path, *, manifest: str = SMALL, skeleton: dict[str, str] = SKELETON) -> None:
    """Write the template whose skeleton has these files."""
    for path, text in {
        "template.yaml": manifest,
        **{f"skeleton/{path}": text for path, text in skeleton.items()},
    }.items():
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    if "run.sh" in skeleton:
        (directory / "skeleton" / "run.sh").chmod(0o755)


def files(root: Path) -> dict[str, str]:
    """Return kind, permissions and content of everything below `root`; databases are compared by their rows."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.name.startswith(("catalog.db", "tasks.db")):
            continue
        mode = path.lstat().st_mode
        content = str(path.readlink()) if path.is_symlink() else _digest(path) if path.is_file() else ""
        found[str(path)] = f"{mode:o} {content}"
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# How the text index is kept inside, and what is derived from the entries so that they can be compared.
DERIVED = (
    *("search_", "compared", "uncompared", "called", "packed", "unpacked"),
    *("vector", "term", "repeated", "comparison"),
)


def rows(database: Path) -> dict[str, str]:
    """Return every row of a database that is not derived from others, none when there is no database."""
    if not database.is_file():
        return {}
    found = {}
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in (name for name in tables if not name.startswith(DERIVED)):
            everything = connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608  # the database's own names
            for number, row in enumerate(everything):
                found[f"{table} {number}"] = json.dumps(row, default=repr)
    return found
