from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import program

if TYPE_CHECKING:
    from pathlib import Path


def checks(cwd: Path, code: int = 0, **environ: str) -> dict[str, dict[str, Any]]:
    report = json.loads(program.run("doctor", "--json", cwd=cwd, code=code, **environ).stdout)
    assert report["ok"] is (code == 0)
    return {check["name"]: check for check in report["checks"]}


def test_a_machine_that_has_everything(tmp_path: Path, home: Path) -> None:
    found = checks(tmp_path)

    assert all(check["ok"] for check in found.values() if check["needed"])
    assert found["identity"]["found"] == "Test Engineer <test-engineer@example.com>"
    assert "scaffolder catalog add" in found["catalog"]["fix"]
    assert not (home / ".local").exists()  # looking changes nothing


def test_without_git(tmp_path: Path) -> None:
    found = checks(tmp_path, code=1, PATH=str(tmp_path))

    assert not found["git"]["ok"]
    assert found["git"]["fix"]


def test_git_too_old(tmp_path: Path) -> None:
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\necho git version 2.30.1\n")
    git.chmod(0o755)

    assert "too old" in checks(tmp_path, code=1, PATH=str(tmp_path))["git"]["found"]


def test_without_an_identity_is_a_note(tmp_path: Path, home: Path) -> None:
    (home / ".gitconfig").unlink()
    found = checks(tmp_path)["identity"]

    assert not found["ok"]
    assert "git config --global user.name" in found["fix"]


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = checks(tmp_path, code=1, XDG_DATA_HOME=str(tmp_path / "file"))

    assert "cannot be written" in found["home"]["found"]


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "scaffolder.yaml").write_text("scaffolder: {forg: x}")
    found = checks(tmp_path, code=1)

    assert "scaffolder.yaml:1 scaffolder.forg" in found["settings"]["found"]
    assert found["settings"]["fix"] == "did you mean forge?"


def test_a_damaged_catalog_is_told_and_left_alone(tmp_path: Path, home: Path) -> None:
    database = home / ".local/share/scaffolder/catalog.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"not a database" * 100)

    assert "damaged" in checks(tmp_path, code=1)["catalog"]["found"]
    assert database.read_bytes() == b"not a database" * 100


@pytest.mark.parametrize("width", [40, 80])
def test_says_it_in_words_that_fit(tmp_path: Path, width: int) -> None:
    (tmp_path / "scaffolder.yaml").write_text("scaffolder: {forg: x}")
    result = program.run("doctor", cwd=tmp_path, code=1, COLUMNS=str(width))

    assert "missing  settings" in result.stdout
    assert "Missing: settings, company, forge" in result.stderr
    words_left_whole = {word for word in result.stdout.split() if len(word) > width - 19}
    assert all(
        len(line) <= width or any(word in line for word in words_left_whole) for line in result.stdout.splitlines()
    )
