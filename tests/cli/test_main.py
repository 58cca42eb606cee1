from __future__ import annotations

import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import pytest

from scaffolder import __version__
from scaffolder.cli.commands import COMMANDS, OPTIONS, top_level_help
from scaffolder.cli.console import Console
from scaffolder.cli.main import Session, command_line, run
from scaffolder.errors import Conflict, ScaffolderError, Stopped
from tests.cli import program
from tests.parity.side_by_side import template
from tests.template.golden import write

if TYPE_CHECKING:
    from collections.abc import Iterator


def in_process(*arguments: str, as_json: bool = False) -> tuple[int, str, str]:
    stdout, stderr = io.StringIO(), io.StringIO()
    code = run(arguments, Session(Console(stdout, stderr, {}), as_json=as_json))
    return code, stdout.getvalue(), stderr.getvalue()


def failing(error: BaseException, *, as_json: bool = False, argument: str = "") -> tuple[int, str, str]:
    """Run a command that raises."""

    @click.command("fails", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    def fails() -> NoReturn:
        raise error

    command_line.add_command(fails)
    try:
        return in_process("fails", *([argument] if argument else []), as_json=as_json)
    finally:
        del command_line.commands["fails"]


def test_help_is_one_text_before_and_after_click_is_imported(tmp_path: Path) -> None:
    early = program.run("--help", cwd=tmp_path).stdout
    late = program.run("--settings", "any.yaml", "--help", cwd=tmp_path).stdout

    assert early == late == top_level_help(80)
    assert program.run(cwd=tmp_path).stdout == early


def test_help_tells_every_command_and_option() -> None:
    text = top_level_help(80)

    assert all(f"  {name} " in text for name in COMMANDS)
    names = {name for option in command_line.params for name in option.opts}
    assert names | {"-h", "--help"} == set(re.findall(r"--?[a-z]+", " ".join(OPTIONS)))


@pytest.mark.parametrize("width", [40, 80])
def test_help_fits(width: int) -> None:
    assert max(len(line) for line in top_level_help(width).splitlines()) <= width


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_own_help(tmp_path: Path, name: str) -> None:
    assert program.run(name, "--help", cwd=tmp_path).stdout.startswith(f"Usage: scaffolder {name}")


def test_version(tmp_path: Path) -> None:
    assert program.run("--version", cwd=tmp_path).stdout == f"scaffolder {__version__}\n"
    assert program.run("--settings", "x", "--version", cwd=tmp_path).stdout == f"scaffolder {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["docter"], "no such command 'docter'", "did you mean doctor? (see scaffolder --help)"),
        (["doctor", "--jsn"], "no such option '--jsn'", "did you mean --json? (see scaffolder doctor --help)"),
        (["completion"], "missing argument", "see scaffolder completion --help"),
        (["completion", "csh"], "'csh' is not one of", "see scaffolder completion --help"),
        (["zzzzzz"], "no such command 'zzzzzz'", "see scaffolder --help"),
    ],
)
def test_a_command_line_that_cannot_be_understood(arguments: list[str], message: str, hint: str) -> None:
    code, stdout, stderr = in_process(*arguments)

    assert (code, stdout) == (2, "")
    assert message in stderr
    assert stderr.endswith(f"hint: {hint}\n")


def test_json_is_wanted_from_an_error_of_parsing_too(tmp_path: Path) -> None:
    result = program.run("doctr", "--json", cwd=tmp_path, code=2)

    assert json.loads(result.stdout) == {
        "error": {
            "code": "usage-error",
            "message": "no such command 'doctr'",
            "hint": "did you mean doctor? (see scaffolder --help)",
            "exitCode": 2,
        }
    }
    assert "error: no such command" in result.stderr  # the person is still talked to


class NameTaken(Conflict):
    """An error of the core."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NameTaken("shop is taken", hint="choose another"), 3),
        (Stopped("stopped after step 3 of 5", task_id="7f3c"), 5),
    ],
)
def test_an_expected_error_is_one_message_with_its_way_out(error: ScaffolderError, code: int) -> None:
    assert failing(error) == (code, "", f"error: {error.message}\nhint: {error.hint}\n")


def test_an_expected_error_as_json() -> None:
    code, stdout, _ = failing(NameTaken("shop is taken", details=("by a",), hint="choose"), as_json=True)

    wanted = {"code": "name-taken", "message": "shop is taken\nby a", "hint": "choose", "exitCode": 3}
    assert (code, json.loads(stdout)) == (3, {"error": wanted})


def test_ctrl_c_says_nothing_more() -> None:
    assert failing(KeyboardInterrupt()) == (130, "", "\n")


def test_a_bug_leaves_a_log_to_report_and_no_traceback(home: Path) -> None:
    code, stdout, stderr = failing(ZeroDivisionError("by nought"), argument="--token=hunter2")

    (log,) = (home / ".local/state/scaffolder/logs").iterdir()
    assert (code, stdout) == (1, "")
    assert stderr == f"error: unexpected ZeroDivisionError: by nought\nhint: please report it with the file {log}\n"
    assert "Traceback (most recent call last)" in log.read_text()
    assert "--token" in log.read_text()
    assert "hunter2" not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_a_bug_where_no_log_can_be_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))

    assert failing(ValueError("odd"))[2] == "error: unexpected ValueError: odd\nhint: please report it\n"


@pytest.mark.parametrize(("number", "words"), [(13, "Permission denied"), (28, "No space left"), (30, "Read-only")])
def test_the_machines_trouble_is_no_bug(number: int, words: str, home: Path) -> None:
    code, _, stderr = failing(OSError(number, os.strerror(number), "/some/file"))

    assert (code, stderr) == (1, stderr)
    assert f"error: cannot use /some/file: {words}" in stderr
    assert not (home / ".local/state/scaffolder/logs").exists()


def test_a_directory_that_is_gone_is_no_bug(tmp_path: Path, home: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m scaffolder catalog list"
    done = subprocess.run(["sh", "-c", script], env=program.environment(), capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr == "error: the directory you are in does not exist any more\nhint: cd to one that does\n"
    assert not (home / ".local/state/scaffolder/logs").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["doctor", "--json"], b"error: cannot write the output: No space left on device"), (["--help"], b"")],
)
def test_a_full_disk_under_stdout_is_an_error(tmp_path: Path, arguments: list[str], said: bytes) -> None:
    with Path("/dev/full").open("wb") as full:
        code, stderr = program.run_into(full.fileno(), *arguments, cwd=tmp_path)

    assert (code, stderr.splitlines()[:1]) == (1, [said] if said else [])
    assert b"Traceback" not in stderr
    assert b"Exception ignored" not in stderr


@pytest.fixture
def nobody_listens() -> Iterator[int]:
    read, write = os.pipe()
    os.close(read)
    yield write
    os.close(write)


@pytest.mark.parametrize("arguments", [["doctor"], ["--help"], ["--version"]])
def test_a_reader_that_has_gone_is_no_reason_to_complain(
    tmp_path: Path, nobody_listens: int, arguments: list[str]
) -> None:
    code, stderr = program.run_into(nobody_listens, *arguments, cwd=tmp_path)

    assert code == 1
    assert stderr in {b"", b"\nReady.\n"}


@pytest.mark.parametrize(("arguments", "expected"), [([], 2), (["--no-hooks"], 0), (["--trust"], 0)])
@pytest.mark.parametrize("closing", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_streams_that_are_closed_are_not_missed(
    tmp_path: Path, home: Path, closing: str, arguments: list[str], expected: int
) -> None:
    write(tmp_path / "boats", template({"is": "x", "/hooks/post_gen_project.sh": "#!/bin/sh\necho said\n"}))
    command = [sys.executable, "-m", "scaffolder", "template", "dry-run", "boats", "--output", "out", *arguments]
    script = ["sh", "-c", f'exec "$@" {closing}', "sh", *command]
    done = subprocess.run(script, env=program.environment(), cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == expected
    assert (tmp_path / "out" / "is").exists() == (expected == 0)
    assert not (home / ".local/state/scaffolder/logs").exists()


def test_work_goes_on_when_nobody_listens_to_the_conversation(tmp_path: Path, nobody_listens: int) -> None:
    code, _ = program.run_into(nobody_listens, "init", cwd=tmp_path, conversation=True)

    assert code == 0
    assert (tmp_path / "scaffolder.yaml").is_file()


def test_a_signal_while_a_command_runs(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(
        "import sys, time, click\n"
        "from scaffolder.cli.main import command_line, main\n"
        "@click.command()\n"
        "def slow():\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(30)\n"
        "command_line.add_command(slow)\n"
        "sys.exit(main(['slow']))\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, script], env=program.environment(), stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)

    assert (process.returncode, stderr) == (130, "\n")


def test_settings_are_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("scaffolder: {fourge: local}")
    result = program.run("--settings", "mine.yaml", "doctor", cwd=tmp_path, code=1)

    assert "mine.yaml:1 scaffolder.fourge: this key is not known" in " ".join(result.stdout.split())
    assert "did you mean forge?" in result.stdout
