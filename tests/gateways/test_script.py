"""A template's program has an environment without tokens, no terminal, a time that ends, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.script import MOST_LINES, Ran, ScriptNotStarted, ScriptStalled, environment, run_script
from tests.waiting import wait_until

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


DAEMON = """\
import os, sys, time
if not os.fork():
    os.setsid()
    if not os.fork():
        open(sys.argv[0] + ".pid", "w").write(str(os.getpid()))
        os.closerange(0, 3)
        time.sleep(600)
    os._exit(0)
while not os.path.exists(sys.argv[0] + ".pid") or not open(sys.argv[0] + ".pid").read():
    time.sleep(0.01)
"""
"""Starts a process that nothing binds to it any more: no parent, no session, no terminal, no open file."""
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives orphans to whom one asks")


@only_linux
def test_a_daemon_that_it_starts_is_ended(tmp_path: Path) -> None:
    assert ran(tmp_path, DAEMON, name="it.py")[0].status == 0
    assert not alive(int((tmp_path / "it.py.pid").read_text()))


@only_linux
def test_a_daemon_is_ended_when_we_are_interrupted(tmp_path: Path) -> None:
    def interrupted(_line: str) -> None:
        raise KeyboardInterrupt

    script = tmp_path / "it.py"
    script.write_text(DAEMON + "print('there', flush=True)\ntime.sleep(600)\n")
    with pytest.raises(KeyboardInterrupt):
        run_script(script, name="it", cwd=tmp_path, temporary=tmp_path, tell=interrupted)
    assert not alive(int((tmp_path / "it.py.pid").read_text()))


@only_linux
def test_it_is_ended_with_us(tmp_path: Path) -> None:
    (tmp_path / "it.py").write_text(DAEMON + "open(sys.argv[0] + '.own', 'w').write(str(os.getpid()))\ntime.sleep(600)")
    us = os.fork()
    if not us:
        try:
            run_script(tmp_path / "it.py", name="it", cwd=tmp_path, temporary=tmp_path, tell=print, seconds=600)
        finally:
            os._exit(0)
    own = tmp_path / "it.py.own"
    wait_until(lambda: own.exists() and own.read_text() != "", "the script does not begin")
    os.kill(us, signal.SIGKILL)
    os.waitpid(us, 0)
    assert not alive(int(own.read_text()))
    assert not alive(int((tmp_path / "it.py.pid").read_text()))


def test_a_signal_that_ends_it_is_told_and_none_is_kept_from_it(tmp_path: Path) -> None:
    assert ran(tmp_path, "#!/bin/sh\nkill -TERM $$\n")[0].status == -signal.SIGTERM
    assert ran(tmp_path, "#!/bin/sh\nyes | head -1\nkill -INT $$\n")[0].status == -signal.SIGINT


def test_no_open_file_is_handed_down(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    for number in (reading, writing):
        os.set_inheritable(number, True)  # noqa: FBT003 - of the standard library
    _, said = ran(tmp_path, "import os; print(sorted(map(int, os.listdir('/dev/fd')))[:-1])", name="it.py")
    assert said == ["[0, 1, 2]"]
    os.close(reading)
    os.close(writing)


def test_it_is_ended_with_all_it_started_when_its_time_is_over(tmp_path: Path) -> None:
    with pytest.raises(ScriptStalled, match=r"it\.sh did not end within 3 s"):
        ran(tmp_path, f"#!/bin/sh\nsleep 300 & echo $! > {tmp_path}/pid; exec >&- 2>&-; sleep 300\n", seconds=3)
    assert not alive(int((tmp_path / "pid").read_text()))


def test_one_that_prints_faster_than_is_read_has_its_time_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(ScriptStalled):
        ran(tmp_path, "#!/bin/sh\nyes '' & yes ''\n", seconds=1)


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
