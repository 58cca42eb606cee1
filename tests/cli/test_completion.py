from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli import program


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_prints_a_script(tmp_path: Path, shell: str) -> None:
    script = program.run("completion", shell, cwd=tmp_path).stdout

    assert f"_SCAFFOLDER_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("words", "completed"),
    [("scaffolder cat", "catalog"), ("scaffolder completion z", "zsh"), ("scaffolder doctor --j", "--json")],
)
def test_completes_commands_options_and_values(tmp_path: Path, words: str, completed: str) -> None:
    number = str(len(words.split()) - 1)
    result = program.run(cwd=tmp_path, _SCAFFOLDER_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=number)

    assert f"plain,{completed}\n" in result.stdout


def test_bash_takes_the_script(tmp_path: Path) -> None:
    (tmp_path / "scaffolder").write_text('#!/bin/sh\nexec python3 -m scaffolder "$@"\n')
    (tmp_path / "scaffolder").chmod(0o755)
    script = program.run("completion", "bash", cwd=tmp_path).stdout
    ask = 'COMP_WORDS=(scaffolder doc); COMP_CWORD=1; _scaffolder_completion scaffolder; echo "${COMPREPLY[@]}"'
    path = f"{tmp_path}:{Path(program.COMMAND[0]).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}"],
        env=program.environment(PATH=path),
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == "doctor"
