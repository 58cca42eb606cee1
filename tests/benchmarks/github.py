"""
What a whole birth on GitHub costs: requests, processes, and our own time.

    python -m tests.benchmarks.github [--rounds N] [--against DIR]

`scaffolder new --no-input` makes a repository with settings, topics, a team and protection, pushes, and registers by a
pull request in a private catalog repository, on the double of GitHub. Of each process's time, what the double takes to
answer is left out, and so is the second between two writes, which is switched off. Where others use the machine too,
the processors' time tells more than the clock's. With `--against`, another checkout takes turns with this one.
"""

from __future__ import annotations

import argparse
import json
import os
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

HERE = Path(__file__).parents[2]
ROUNDS = 5
MOST_REQUESTS = 16
MOST_SECONDS = 1.5
UNPACED = """\
import atexit, json, os, sys, time
started = []
sys.addaudithook(lambda name, _about: started.append(name) if name == "subprocess.Popen" else None)
def note():
    with open(os.environ["NOTES"], "w") as file:
        json.dump([time.thread_time(), len(started)], file)
atexit.register(note)
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
    """
    One birth: its seconds without those of GitHub, and what it asked, of the API and by git.

    `busy` are the seconds of the processors, for all that it `started`, too; `main` those of its main thread.
    """

    seconds: float
    busy: float
    main: float
    started: int
    api: list[Received]
    git: list[Received]


def born(root: Path, program: Path = HERE) -> Birth:
    """Let one service be born in a company of its own, by the program of a checkout."""
    github = GitHub(root / "github")
    github.listen()
    try:
        person = Person(root / "home", founded(github, private=True))
        person.prepared(api=github.api_url, catalog=github.clone_url(CATALOG), publish=SETTLED)
        _run(person, program, "catalog", "refresh")
        before = len(github.requests)
        begin = time.perf_counter() - github.busy
        busy, main_thread, started = _run(person, program, *NEW)
        seconds = time.perf_counter() - github.busy - begin
        asked = github.requests[before:]
        api, git = ([one for one in asked if one.git is by_git] for by_git in (False, True))
        return Birth(seconds, busy, main_thread, started, api, git)
    finally:
        github.stop()


def _run(person: Person, program: Path, *arguments: str) -> tuple[float, float, int]:
    command = [sys.executable, "-c", UNPACED, *arguments]
    notes, said = person.home / "notes", person.home / "said"
    environ = {
        **environment(person.home.parent),  # bytecode is kept beside all births
        **person.environment,
        "PYTHONPATH": str(program),
        "NOTES": str(notes),
    }
    with said.open("w") as words:
        process = subprocess.Popen(command, cwd=person.work, env=environ, stdout=words, stderr=words)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {process.returncode}: {said.read_text()}")
    main_thread, started = json.loads(notes.read_text())
    return used.ru_utime + used.ru_stime, main_thread, started


def _rows(births: list[Birth]) -> dict[str, tuple[str, str]]:
    """Return what was measured, and what is to be reached."""
    api, git = births[-1].api, births[-1].git
    seconds, busy, main_thread = (
        statistics.median(getattr(birth, name) for birth in births) for name in ("seconds", "busy", "main")
    )
    return {
        "requests of a full `new` on GitHub": (
            f"{len(api)}, and {len(git)} of git",
            f"≤ {MOST_REQUESTS} and the push",
        ),
        "our own time of it": (f"{seconds:.2f} s", f"≤ {MOST_SECONDS} s"),
        "the processors' time of it, with all processes": (f"{busy:.2f} s", ""),
        "that of its main thread": (f"{main_thread:.2f} s", ""),
        "processes that it starts": (f"{births[-1].started}", ""),
    }


def main() -> int:
    """Measure, print a table, and tell by the exit code whether the figures are reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--list", action="store_true", help="print the requests")
    parser.add_argument("--against", type=Path, metavar="DIR", help="another checkout, to compare with")
    asked = parser.parse_args()
    programs = [HERE, *([asked.against.resolve()] if asked.against else [])]
    with tempfile.TemporaryDirectory() as place:
        births = [
            [born(Path(place) / f"{number}-{turn}", program) for turn, program in enumerate(programs)]
            for number in range(asked.rounds + 1)
        ]
    measured = [list(each) for each in zip(*births[1:], strict=True)]  # the first compiles and fills the file cache
    ours = measured[0][-1]
    if asked.list:
        sys.stderr.write("".join(f"{one.method} {one.path} {one.status}\n" for one in [*ours.api, *ours.git]))
    tables = [_rows(each) for each in measured]
    heads = ["measured", *([f"{asked.against}"] if asked.against else []), "to reach"]
    lines = [
        f"| {what} | {' | '.join(each[what][0] for each in tables)} | {goal} |" for what, (_, goal) in tables[0].items()
    ]
    sys.stdout.write("\n".join([f"| what | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|", *lines, ""]))
    seconds = statistics.median(birth.seconds for birth in measured[0])
    return int(len(ours.api) > MOST_REQUESTS or seconds > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
