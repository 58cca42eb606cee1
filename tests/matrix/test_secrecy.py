"""
No secret is left anywhere: not in a file, not in what is printed, not among the arguments of any process.

The whole program makes a service on GitHub, stops half way, goes on and takes everything back.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.cli.program import environment
from tests.gateways.github.scripted import Reply, answering
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving
from tests.matrix.company import CATALOG, founded
from tests.matrix.person import NAME, SECRET, Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.github.description import Description

SIGNED = re.compile(rb"eyJ[\w-]{20,}\.eyJ")  # a JSON Web Token
SPY = """#!/bin/sh
printf '%s\\n' "$@" >>{log}
exec {git} "$@"
"""


@dataclass
class Watched:
    """What a person's program prints and starts, in a directory in which everything it writes is."""

    person: Person
    root: Path
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str, **environ: str) -> int:
        """Run the command line; keep what it prints, and the arguments of all processes meanwhile."""
        process = subprocess.Popen(
            [sys.executable, "-m", "scaffolder", *arguments],
            cwd=self.person.work,
            env={**environment(), **self.person.environment, **self._spied, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watch = threading.Thread(target=self._watch, args=(process,))
        watch.start()
        printed, _ = process.communicate()
        watch.join()
        self.said.append(printed)
        return process.returncode

    @property
    def _spied(self) -> dict[str, str]:
        """Return an environment in which every start of git leaves its arguments."""
        programs = self.root / "bin"
        programs.mkdir(exist_ok=True)
        spy = programs / "git"
        spy.write_text(SPY.format(log=self.root / "started", git=shutil.which("git")))
        spy.chmod(0o755)
        return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    def _watch(self, process: subprocess.Popen[str]) -> None:
        with (self.root / "seen").open("ab") as seen:
            while process.poll() is None:
                for each in Path("/proc").glob("[0-9]*/cmdline"):
                    try:
                        seen.write(each.read_bytes().replace(b"\0", b" ") + b"\n")
                    except OSError:
                        continue  # it has ended
                time.sleep(0.02)

    def leaks(self, secrets: Mapping[str, str]) -> list[str]:
        """Return which secret is where."""
        files = [path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink()]
        held = [(str(path), path.read_bytes()) for path in files] + [("printed", "".join(self.said).encode())]
        forms = [(name, form) for name, value in secrets.items() for form in _forms(value)]
        signed = [f"a signed token in {place}" for place, content in held if SIGNED.search(content)]
        return signed + [f"{name} in {place}" for place, content in held for name, form in forms if form in content]


def _forms(secret: str) -> set[bytes]:
    """Return how a secret may be written: as it is, in an address, as a password."""
    basic = base64.b64encode(f"x-access-token:{secret}".encode())
    return {secret.encode(), quote(secret, safe="").encode(), basic, base64.b64encode(secret.encode())}


@pytest.fixture
def github(tmp_path: Path, description: Description | None) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=description) as github:
        yield github


@pytest.fixture
def mona(tmp_path: Path, github: GitHub) -> Watched:
    token = founded(github, private=True)
    person = Person(tmp_path / "home", token).prepared(api=github.api_url, catalog=github.clone_url(CATALOG))
    return Watched(person, tmp_path)


NEW = (
    *("new", "../template", "--no-input", "--repo", NAME),
    *("--name", "shop", "--purpose", "Sells what others make", "--owner", "parcels"),
)


@pytest.mark.slow  # GitHub is written to once a second
def test_no_secret_is_left_by_a_token(mona: Watched, github: GitHub) -> None:
    github.faults.add(Trouble.HOOK, "POST", f"/{NAME}.git/git-receive-pack", times=9)
    secrets = {"the token": mona.person.token, "the repository's secret": SECRET}

    assert mona.run(*NEW) == 5, mona.said
    github.faults.clear()
    task = mona.person.task().id
    assert mona.run("tasks", "show", task, "--json") == 0
    assert mona.run("tasks", "resume", task) == 0, mona.said
    assert mona.run("doctor", "--json") == 0
    assert mona.run("tasks", "rollback", task) == 0, mona.said

    assert github.names() == [CATALOG]
    assert "push" in (mona.root / "started").read_text()
    assert len(mona.leaks({"what is no secret": NAME})) > 3  # printed, started, seen and written
    assert mona.leaks(secrets) == []


@pytest.mark.slow
def test_no_secret_is_left_by_an_app(mona: Watched, github: GitHub) -> None:
    app, key = github.add_app(
        "factory",
        "acme",
        dict.fromkeys(
            ("administration", "contents", "variables", "secrets", "issues", "environments", "workflows"),
            "write",
        )
        | {"pull_requests": "write", "metadata": "read", "members": "read"},
    )
    installed = {
        "GITHUB_TOKEN": "",
        "SCAFFOLDER_GITHUB_APP_ID": str(app.id),
        "SCAFFOLDER_GITHUB_APP_INSTALLATION": str(app.installation),
        "SCAFFOLDER_GITHUB_APP_KEY": key,
    }

    code = mona.run(*NEW, **installed)

    lines = {f"line {number} of the key": line for number, line in enumerate(key.splitlines()) if len(line) > 40}
    minted = {f"token {number}": value for number, value in enumerate(github.state.tokens)}
    assert code == 0, "".join(mona.said)
    assert mona.leaks({**lines, **minted, "the repository's secret": SECRET}) == []


def test_no_secret_is_left_by_a_crash(tmp_path: Path) -> None:
    with answering(Reply(200, ["nothing that anybody expects"])) as script:
        catalog = f"{script.url}/{CATALOG}.git"
        person = Person(tmp_path / "home", "ghp_recognisable").prepared(api=script.url, catalog=catalog)
        watched = Watched(person, tmp_path)

        code = watched.run("doctor", "--json")

    assert code == 1, watched.said
    assert list((person.home / ".local/state/scaffolder/logs").iterdir()), watched.said
    assert watched.leaks({"the token": person.token}) == []
