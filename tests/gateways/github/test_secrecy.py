"""The token reaches GitHub, and nothing else: no argument of a process, no file, no error."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.forge import GitHubForge
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import Server
from tests.gateways.forge_contract import SHOP, source
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scaffolder.gateways.git import GitDirectory
    from tests.github.description import Description

__all__ = ["source"]

SPY = """#!/bin/sh
printf '%s\\n' "$@" >>{log}
for process in /proc/[0-9]*; do tr '\\0' ' ' <"$process/cmdline" 2>/dev/null; echo; done >>{log}
exec {git} "$@"
"""


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which every start of git, and of what it starts, leaves the arguments of all processes."""
    log, programs = tmp_path / "started", tmp_path / "bin"
    programs.mkdir()
    spy = programs / "git"
    spy.write_text(SPY.format(log=log, git=shutil.which("git")))
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return log


@pytest.fixture
def github(tmp_path: Path, description: Description | None) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=description) as github:
        github.add_organization("acme", members={"mona": "admin"})
        yield github


def files_that_hold(root: Path, secret: str) -> list[str]:
    wanted = {secret.encode(), quote(secret, safe="").encode()}
    files = [path for path in root.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(word in path.read_bytes() for word in wanted)]


def test_the_token_is_in_no_file_and_no_argument(
    github: GitHub, source: GitDirectory, started: Path, tmp_path: Path, home: Path
) -> None:
    token = github.add_user("mona")
    forge = GitHubForge(Client(Server.of(api_base_url=github.api_url), lambda: token, Clock(sleep=lambda _: None)))

    forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())
    forge.withdraw("acme/shop", source.refs())
    forge.delete_repository("acme/shop", marker="task-1", refs=source.refs())

    said = started.read_text(errors="replace")
    assert "push" in said
    assert "ls-remote" in said
    assert token not in said
    assert files_that_hold(tmp_path, token) == []
    assert files_that_hold(home, token) == []
    assert token not in repr(forge)


@pytest.mark.parametrize(
    "trouble", [Trouble.HOOK, Trouble.RESET_BEFORE, Trouble.NOT_FOUND, Trouble.FORBIDDEN, Trouble.BAD_GATEWAY]
)
def test_the_token_is_in_no_error(
    github: GitHub, source: GitDirectory, trouble: Trouble, capfd: pytest.CaptureFixture[str]
) -> None:
    token = github.add_user("mona")
    time = [0.0]
    clock = Clock(lambda: time[0], lambda seconds: time.__setitem__(0, time[0] + seconds))
    forge = GitHubForge(Client(Server.of(api_base_url=github.api_url), lambda: token, clock))
    forge.ensure_repository(SHOP, marker="task-1")
    github.faults.add(trouble, path="*/acme/shop*", times=99)

    with pytest.raises(ScaffolderError) as caught:
        forge.push("acme/shop", source.path, source.refs())

    error = caught.value
    told = [error.message, error.hint, *error.details, *map(str, _chain(error))]
    assert not [line for line in told if token in line]
    assert token not in "".join(capfd.readouterr())


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
