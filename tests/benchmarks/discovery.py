"""
What it costs to take in all that a company has on GitHub, and to look again.

    python -m tests.benchmarks.discovery [--repositories N] [--teams N]

A double of GitHub on this machine has 2,000 repositories, three of five with a catalog-info.yaml, 300 teams and 900
people. It answers at once, so the seconds are ours and the double's; what GitHub would take comes on top. Points are
counted as GitHub publishes it: https://docs.github.com/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.catalog_files import environment
from tests.github.server import GitHub, serving

REPOSITORIES, TEAMS, OF_A_TEAM = 2_000, 300, 6
MOST_AGAIN = 5
HOUR = 5_000
SERVICE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
  description: What {name} does for those who need it.
  annotations:
    github.com/project-slug: acme/{name}
spec:
  type: service
  lifecycle: production
  owner: {owner}
"""


class Run(NamedTuple):
    """What a command took: seconds, requests, and the points and requests that GitHub charged."""

    seconds: float
    requests: int
    charged: int


def fill(github: GitHub, *, repositories: int, teams: int) -> str:
    """Found a company; return a token of somebody in it."""
    token = github.add_user("mona", name="Mona Lisa", email="mona@acme.example")
    github.add_organization("acme", members={"mona": "admin"})
    names = [f"team-{number:03}" for number in range(teams)]
    for number, name in enumerate(names):
        people = [f"person-{(number * OF_A_TEAM // 2 + each) % (teams * 3):03}" for each in range(OF_A_TEAM)]
        github.add_team("acme", name, members=people, parent=names[number // 10] if number >= 10 else "")
    for number in range(repositories):
        name = f"service-{number:04}"
        text = SERVICE.format(name=name, owner=names[number % teams]) if teams else ""
        described = {"catalog-info.yaml": text.encode()} if number % 5 < 3 else {}
        github.add_repository(f"acme/{name}", files={"README.md": b"# Service\n", **described})
    return token


def run(github: GitHub, home: Path, token: str, *words: str) -> Run:
    """Run the program, as somebody with a token."""
    env = {**environment(home), "GITHUB_TOKEN": token, "GITHUB_API_URL": github.api_url, "SCAFFOLDER_PROFILE": ""}
    before, spent = len(github.requests), sum(github.rates.spent.values())
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "scaffolder", *words], env=env, cwd=home, capture_output=True, check=False
    )
    taken = time.perf_counter() - start
    sys.stderr.write(done.stdout.decode() + done.stderr.decode())
    if done.returncode:
        raise SystemExit(done.returncode)
    return Run(taken, len(github.requests) - before, sum(github.rates.spent.values()) - spent)


def main() -> int:
    """Measure, print a table, and tell by the exit code whether the figures are reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repositories", type=int, default=REPOSITORIES)
    parser.add_argument("--teams", type=int, default=TEAMS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, serving(Path(name) / "github") as github:
        token = fill(github, repositories=given.repositories, teams=given.teams)
        home = Path(name) / "home"
        home.mkdir()
        first = run(github, home, token, "catalog", "add", "github:acme")
        again = run(github, home, token, "catalog", "refresh")
    share = 100 * again.charged / first.charged
    what = f"{given.repositories:,} repositories, {given.teams} teams"
    lines = [
        f"| `catalog add github:acme`, {what} | {_told(first)} | {HOUR:,} points an hour |",
        f"| `catalog refresh`, nothing new | {_told(again)}: {share:.1f} % | ≤ {MOST_AGAIN} % of the points |",
    ]
    sys.stdout.write("\n".join(["| what | measured | to reach |", "|---|---|---|", *lines, ""]))
    return 0 if share <= MOST_AGAIN and first.charged <= HOUR else 1


def _told(measured: Run) -> str:
    return f"{measured.requests} requests, {measured.charged} points, {measured.seconds:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
