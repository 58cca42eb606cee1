"""
Does what the README of a rendered service says, in a copy of it: `check_rendered.py DIRECTORY`.

The commands are those of the README's `sh` blocks, word for word, with three exceptions: `make run` is
stopped at the end, a free port takes the place of 8000, and SQLite that of the database which
`docker compose` would start. The Python that installs it is `make`'s to choose; `PYTHON` overrides it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PORT_IN_README = "8000"
SECONDS_TO_START = 30.0
EXPECTED = {"make install", "make test", "make lint", "make docs", "make run"}


def check(rendered: Path) -> None:
    """
    Follow the README of a rendered service, leaving the directory as it was.

    Raises:
        subprocess.CalledProcessError: A command failed.
        ValueError: The README lacks a command that every service has.
        TimeoutError: The service did not start.
    """
    with tempfile.TemporaryDirectory() as temporary:
        project = Path(temporary) / "project"
        shutil.copytree(rendered, project, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
        commands = commands_of((project / "README.md").read_text(encoding="utf-8"))
        position = commands.index("make run")
        port = free_port()
        environment = environment_of(project, port)
        follow(commands[:position], project, environment)
        with served(project, environment, port):
            follow(at_port(commands[position + 1 :], port), project, environment)


def commands_of(readme: str) -> list[str]:
    """
    List the commands of the `sh` blocks, in order, without Docker's.

    Raises:
        ValueError: A command that every service has is not among them.
    """
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if not line.startswith("docker ")]
    missing = EXPECTED - set(commands)
    if missing or not any(command.startswith("curl ") for command in commands):
        message = f"the README lacks commands: {sorted(missing) or 'curl'}"
        raise ValueError(message)
    return commands


def at_port(commands: Sequence[str], port: int) -> list[str]:
    """Send the commands to the port in use instead of the README's."""
    return [command.replace(f":{PORT_IN_README}/", f":{port}/") for command in commands]


def environment_of(project: Path, port: int) -> dict[str, str]:
    """Keep what is needed to find programs and packages; a virtual environment in use is none of the project's."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("VIRTUAL_ENV", "PYTHONPATH", "APP_"))
    }
    database = f"sqlite+aiosqlite:///{project.parent / 'service.db'}"
    return kept | {"APP_PORT": str(port), "APP_DATABASE_URL": database}


def follow(commands: Sequence[str], project: Path, environment: dict[str, str]) -> None:
    """
    Run the commands one after the other.

    Raises:
        subprocess.CalledProcessError: A command failed.
    """
    for command in commands:
        sys.stderr.write(f"$ {command}\n")
        subprocess.run(shlex.split(command), cwd=project, env=environment, check=True)


@contextmanager
def served(project: Path, environment: dict[str, str], port: int) -> Iterator[None]:
    """
    Keep the service running, and stop it with everything it started.

    Raises:
        TimeoutError: It did not start.
    """
    sys.stderr.write("$ make run\n")
    with subprocess.Popen(["make", "run"], cwd=project, env=environment, start_new_session=True) as process:
        try:
            wait_for(port)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def wait_for(port: int) -> None:
    """
    Return once something accepts connections.

    Raises:
        TimeoutError: Nothing did.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while not accepts(port):
        if time.monotonic() > deadline:
            message = f"nothing answers on port {port}"
            raise TimeoutError(message)
        time.sleep(0.1)


def accepts(port: int) -> bool:
    """Tell whether something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Find a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    check(Path(sys.argv[1]))
