"""
How long it takes to join a company, and to look whether there is something new.

    python -m tests.benchmarks.company [--services N] [--rounds N]

The company has 6,500 services of 280 teams, 330,000 lines of YAML in bare repositories on this disk: a configuration, a
catalog repository whose Location entities lead to the services, and the services' own, which share a few. It is joined
from its snapshot, and without one, in homes that are new each time. What git takes is told apart by a `git` on the path
that notes when it began and ended.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.gateways.git_snapshot import REF
from scaffolder.tree import File, Tree
from tests.benchmarks.catalog_files import environment
from tests.benchmarks.similar.generated import rows

SERVICES, TEAMS, REPOSITORIES = 6_500, 280, 13
ROUNDS = 5
MOST_JOIN, MOST_REFRESH, MOST_FIRST = 3.0, 0.3, 1.5
QUESTION = ("--name", "letter-sender", "--purpose", "sends every customer one letter with what they owe")
SOMEBODY = Identity("Benchmark", "benchmark@example.com")
REFRESH = """\
from scaffolder.app.freshness import attempt, refresh
from scaffolder.gateways.home import Home
from scaffolder.settings import Holding
refresh(Holding(None, "acme"))
raise SystemExit(attempt(Home.of_user("acme")).failed or None)
"""
GIT = """\
#!/bin/bash
began=$EPOCHREALTIME
{git} "$@"
code=$?
echo "$began $EPOCHREALTIME" >> "$TIMES_OF_GIT"
exit $code
"""
GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: {name}
  description: The people behind what {name} runs.
  links:
    - url: https://chat.example.com/{name}
      title: Chat
spec:
  type: team
  profile:
    displayName: {name}
    email: {name}@example.com
  children: []
"""
LOCATION = """\
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: component-default-{name}
spec:
  type: url
  target: git:../services/part-{part:02}.git@main:{name}/catalog-info.yaml
"""
SERVICE = """\
# What this service is, for everybody who looks for one like it.
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
  title: {title}
  description: >-
    {description}
    Made from a golden path, and run by those who wrote it.
  annotations:
    backstage.io/techdocs-ref: dir:.
    github.com/project-slug: acme/{name}
    pagerduty.com/service-id: P{number:06}
    prometheus.io/rule: sum(rate(http_requests_total{{job="{name}"}}[5m]))
    sonarqube.org/project-key: acme_{name}
    argocd/app-name: {name}
    vault.io/secrets-path: services/{name}
    opslevel.com/tier: tier_{tier}
    backstage.io/kubernetes-id: {name}
    sentry.io/project-slug: {name}
    grafana/dashboard-selector: "tags @> '{name}'"
  labels:
    tier: "{tier}"
    cost-centre: "{number}"
  tags:
{tags}
  links:
    - url: https://grafana.example.com/d/{name}
      title: Dashboard
      icon: dashboard
      type: dashboard
    - url: https://runbooks.example.com/{name}
      title: Runbook
      icon: docs
      type: runbook
    - url: https://chat.example.com/{name}
      title: Chat
spec:
  type: service
  lifecycle: production
  owner: group:default/{owner}
"""


class Run(NamedTuple):
    """How long a command took, and how much of that was git's."""

    seconds: float
    git: float

    @property
    def beside(self) -> float:
        """What was not git's."""
        return self.seconds - self.git


class Company:
    """The repositories, and what it takes to run the program on them."""

    def __init__(self, place: Path, services: int) -> None:
        self.place = place
        self.configuration = place / "acme" / "configuration.git"
        self.catalog = place / "acme" / "catalog.git"
        self.lines = 0
        self._write(services)
        self._shim = place / "bin"
        self._shim.mkdir()
        (self._shim / "git").write_text(GIT.format(git=shutil.which("git")))
        (self._shim / "git").chmod(0o755)

    def run(self, home: Path, *words: str) -> Run:
        """Run Python in a home."""
        times = self.place / "times"
        times.unlink(missing_ok=True)
        path = f"{self._shim}:{os.environ['PATH']}"
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *words],
            env={**environment(home), "PATH": path, "TIMES_OF_GIT": str(times), "SCAFFOLDER_PROFILE": ""},
            cwd=home,
            capture_output=True,
            check=False,
        )
        taken = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(done.stderr.decode())
        return Run(taken, _covered(times))

    def publish(self) -> float:
        """Publish a snapshot, and return how long that took."""
        clone, home = self.place / "clone", self.home("builds")
        subprocess.run(["git", "clone", "--quiet", self.catalog, clone], check=True)
        return self.run(home, "-m", "scaffolder", "catalog", "snapshot", str(clone), "--push").seconds

    def withdraw(self) -> None:
        """Remove the snapshot."""
        subprocess.run(["git", "update-ref", "-d", REF], cwd=self.catalog, check=True)

    def home(self, name: str) -> Path:
        """Return a new home."""
        home = self.place / name
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        return home

    def join(self, home: Path) -> Run:
        """Join it."""
        return self.run(home, "-m", "scaffolder", "join", str(self.configuration))

    def look(self, home: Path) -> Run:
        """Look for what is similar."""
        return self.run(home, "-m", "scaffolder", "catalog", "similar", *QUESTION)

    def _write(self, services: int) -> None:
        made = rows(services)
        names = [f"{row['name']}-{number}" for number, row in enumerate(made)]
        teams = [f"team-{number:03}" for number in range(TEAMS)]
        parts: list[dict[str, str]] = [{} for _ in range(REPOSITORIES)]
        files = {f"teams/{team}.yaml": GROUP.format(name=team) for team in teams}
        for number, (row, name) in enumerate(zip(made, names, strict=True)):
            part = number % REPOSITORIES
            files[f"locations/component-default-{name}.yaml"] = LOCATION.format(name=name, part=part)
            parts[part][f"{name}/catalog-info.yaml"] = SERVICE.format(
                name=name,
                number=number,
                title=row["name"].replace("-", " ").capitalize(),
                description=row["description"],
                tags="\n".join(f"    - {tag}" for tag in row["tags"]),
                tier=number % 3,
                owner=teams[number % TEAMS],
            )
        self._commit(self.configuration, {"scaffolder.yaml": _SETTINGS})
        self._commit(self.catalog, files)
        for number, services_of_part in enumerate(parts):
            self._commit(self.place / "acme" / "services" / f"part-{number:02}.git", services_of_part)

    def _commit(self, place: Path, files: dict[str, str]) -> None:
        self.lines += sum(text.count("\n") for text in files.values())
        tree = Tree({path: File(text.encode()) for path, text in files.items()})
        when = datetime(2024, 5, 6, tzinfo=UTC)
        GitDirectory.init(place).commit(tree, message="All", identity=SOMEBODY, when=when, ref="refs/heads/main")


_SETTINGS = """\
organization: {name: Acme}
scaffolder:
  catalogRepository: ../catalog.git
"""


def _covered(times: Path) -> float:
    """Return the seconds in which at least one git ran."""
    spans = sorted(tuple(map(float, line.split())) for line in times.read_text().splitlines()) if times.exists() else []
    covered = end = 0.0
    for began, ended in spans:
        covered += max(0.0, ended - max(began, end))
        end = max(end, ended)
    return covered


def main() -> int:
    """Measure, print a table, and tell by the exit code whether the figures are reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=SERVICES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        company = Company(Path(name), given.services)
        sys.stderr.write(f"{company.lines:,} lines of YAML\n")
        made = company.publish()
        taken = _with_snapshot(company, given.rounds)
        company.withdraw()
        plain = company.join(company.home("plain"))
        computed = company.look(company.place / "plain")
    return _tell(given.services, made, taken, (plain, computed))


class Taken(NamedTuple):
    """What joining from a snapshot takes, the first question after it, one more, and a refresh that finds nothing."""

    join: Run
    first: Run
    again: Run
    refresh: Run


def _with_snapshot(company: Company, rounds: int) -> Taken:
    runs = []
    for number in range(rounds + 1):
        home = company.home(f"home-{number}")
        join = company.join(home)
        runs.append((join, company.look(home), company.look(home), company.run(home, "-c", REFRESH)))
    columns = zip(*runs[1:], strict=True)  # the first round compiles and fills the file cache
    return Taken(*(min(column, key=lambda run: run.seconds) for column in columns))


def _tell(services: int, made: float, taken: Taken, plain: tuple[Run, Run]) -> int:
    whole, faster = sum(run.seconds for run in plain), taken.join.seconds + taken.first.seconds
    first = taken.first.seconds / taken.again.seconds
    refresh = f"{taken.refresh.beside:.2f} s (git: {taken.refresh.git:.2f} s)"
    lines = [
        f"| `join`, {services:,} services, from the snapshot | {taken.join.seconds:.2f} s | ≤ {MOST_JOIN:g} s |",
        f"| `catalog similar` after it, over the next | {first:.2f} times | ≤ {MOST_FIRST} times |",
        f"| a refresh that finds nothing new, beside git | {refresh} | ≤ {MOST_REFRESH:g} s |",
        f"| `join` and a question, without a snapshot | {whole:.1f} s, {whole / faster:.0f} times as long | |",
        f"| `catalog snapshot --push` | {made:.1f} s | |",
    ]
    sys.stdout.write("\n".join(["| what | measured | to reach |", "|---|---|---|", *lines, ""]))
    reached = taken.join.seconds <= MOST_JOIN and taken.refresh.beside <= MOST_REFRESH and first <= MOST_FIRST
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
