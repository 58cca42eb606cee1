"""A template's program has an environment without tokens, no terminal, a time that ends, and leaves nothing running."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.script import MOST_LINES, Ran, ScriptNotStarted, ScriptStalled, environment, run_script

if TYPE_CHECKING:
    from pathlib import Path


def ran(place: Path, text: str, *, name: str = "it.sh", seconds: float = 20.0) -> tuple[Ran, list[str]]:
    script, said = place / name, list[str]()
    script.write_text(text)
    (place / "here").mkdir(exist_ok=True)
    return run_script(script, name=name, cwd=place / "here", temporary=place, tell=said.append, seconds=seconds), said


def test_it_runs_where_it_should_and_its_lines_are_heard(tmp_path: Path) -> None:
    done, said = ran(tmp_path, "#!/bin/sh\npwd\necho to stderr >&2\nprintf 'no end'\nexit 3\n")
    assert (done.status, said) == (3, [str(tmp_path / "here"), "to stderr", "no end"])


def test_python_is_run_by_our_own_interpreter(tmp_path: Path) -> None:
    _, said = ran(tmp_path, "import cookiecutter, sys; print(sys.argv[0])", name="it.py")
    assert said == [str(tmp_path / "it.py")]


SECRETS = {
    "GITHUB_TOKEN": "t",
    "GH_TOKEN": "t",
    "AWS_SECRET_ACCESS_KEY": "t",
    "SSH_AUTH_SOCK": "/run/agent",
    "SCAFFOLDER_SECRET_X": "t",
    "PIP_INDEX_URL": "https://me:t@pypi.example",
    "HTTPS_PROXY": "http://me:t@proxy.example",
    "GIT_CONFIG_COUNT": "1",
    "GIT_ASKPASS": "/bin/x",
    "PYTHONSTARTUP": "/x",
    "LD_PRELOAD": "/x",
}


def test_no_secret_is_handed_down(tmp_path: Path) -> None:
    given = {**SECRETS, "PATH": "/bin", "HOME": "/home/me", "LC_ALL": "C", "http_proxy": "http://proxy.example"}
    assert environment(given, temporary=tmp_path) == {
        "PATH": "/bin",
        "HOME": "/home/me",
        "LC_ALL": "C",
        "http_proxy": "http://proxy.example",
        "TMPDIR": str(tmp_path),
    }


def test_it_sees_that_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    _, said = ran(tmp_path, "#!/bin/sh\nenv\n")
    assert any(line.startswith("PATH=") for line in said)
    assert "ghp_secret" not in "".join(said)


def test_it_has_no_terminal_and_no_input(tmp_path: Path) -> None:
    _, said = ran(tmp_path, "#!/bin/sh\nread line || echo nothing\n(: < /dev/tty) 2>/dev/null || echo no terminal\n")
    assert said == ["nothing", "no terminal"]


@pytest.mark.parametrize("ignoring", ["", "trap '' TERM HUP INT\n"])
def test_what_it_leaves_running_is_ended(tmp_path: Path, ignoring: str) -> None:
    text = f"#!/bin/sh\n{ignoring}sleep 300 &\necho $!\n"
    began = time.monotonic()
    _, (pid,) = ran(tmp_path, text)
    assert time.monotonic() - began < 60
    assert not alive(int(pid))


def test_it_is_ended_with_all_it_started_when_its_time_is_over(tmp_path: Path) -> None:
    with pytest.raises(ScriptStalled, match=r"it\.sh did not end within 1 s"):
        ran(tmp_path, f"#!/bin/sh\nsleep 300 & echo $! > {tmp_path}/pid; exec >&- 2>&-; sleep 300\n", seconds=1)
    assert not alive(int((tmp_path / "pid").read_text()))


def alive(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        if _is_zombie(pid):
            return False
        time.sleep(0.05)
    return True


def _is_zombie(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - of Linux
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def test_what_it_prints_is_bounded(tmp_path: Path) -> None:
    done, said = ran(tmp_path, f"#!/bin/sh\nseq 1 {MOST_LINES * 50}\nhead -c 1000000 /dev/zero | tr '\\0' x\n")
    assert done.status == 0
    assert len(said) == MOST_LINES + 1
    assert max(map(len, done.last)) <= 2_000


@pytest.mark.parametrize(("text", "words"), [("", "it may be empty"), ("#!/nowhere/at/all\n", "No such file")])
def test_what_cannot_be_started_is_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ScriptNotStarted, match=words):
        ran(tmp_path, text)
