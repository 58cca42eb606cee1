"""
What a whole birth on GitHub costs: requests, and our own time.

    python -m tests.benchmarks.github [--rounds N]

`scaffolder new --no-input` makes a repository with settings, topics, a team and protection, pushes, and registers by a
pull request in a private catalog repository, on the double of GitHub. Of each process's time, what the double takes to
answer is left out, and so is the second between two writes, which is switched off.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.catalog_files import environment
from tests.github.server import GitHub
from tests.matrix.company import CATALOG, founded
from tests.matrix.person import NAME, SETTLED, Person

if TYPE_CHECKING:
    from tests.github.received import Received

ROUNDS = 5
MOST_REQUESTS = 16
MOST_SECONDS = 1.5
UNPACED = """\
import sys
from scaffolder.gateways.github import client
client.BETWEEN_WRITES = 0.0
from scaffolder.__main__ import main
sys.exit(main())
"""
NEW = (
    *("new", "../template", "--no-input", "--no-open", "--repo", NAME, "--owner", "parcels"),
    *("--name", "shop", "--purpose", "Sells what others make"),
)


class Birth(NamedTuple):
    """One birth: its seconds without those of GitHub, and what it asked, of the API and by git."""

    seconds: float
    api: list[Received]
    git: list[Received]


def born(root: Path) -> Birth:
    """Let one service be born in a company of its own."""
    github = GitHub(root / "github")
    github.listen()
    try:
        person = Person(root / "home", founded(github, private=True))
        person.prepared(api=github.api_url, catalog=github.clone_url(CATALOG), publish=SETTLED)
        _run(person, "catalog", "refresh")
        before = len(github.requests)
        begin = time.perf_counter() - github.busy
        _run(person, *NEW)
        seconds = time.perf_counter() - github.busy - begin
        asked = github.requests[before:]
        return Birth(seconds, [one for one in asked if not one.git], [one for one in asked if one.git])
    finally:
        github.stop()


def _run(person: Person, *arguments: str) -> None:
    command = [sys.executable, "-c", UNPACED, *arguments]
    environ = {**environment(person.home.parent), **person.environment}  # bytecode is kept beside all births
    done = subprocess.run(command, cwd=person.work, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}: {done.stderr}")


def main() -> int:
    """Measure, print a table, and tell by the exit code whether the figures are reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--list", action="store_true", help="print the requests")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        births = [born(Path(place) / f"{number}") for number in range(asked.rounds + 1)]
    seconds = statistics.median(birth.seconds for birth in births[1:])  # the first compiles and fills the file cache
    api, git = births[-1].api, births[-1].git
    if asked.list:
        sys.stderr.write("".join(f"{one.method} {one.path} {one.status}\n" for one in [*api, *git]))
    rows = [
        f"| requests of a full `new` on GitHub | {len(api)}, and {len(git)} of git | ≤ {MOST_REQUESTS} and the push |",
        f"| our own time of it | {seconds:.2f} s | ≤ {MOST_SECONDS} s |",
    ]
    sys.stdout.write("\n".join(["| what | measured | to reach |", "|---|---|---|", *rows, ""]))
    return int(len(api) > MOST_REQUESTS or seconds > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
