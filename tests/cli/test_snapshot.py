"""`catalog snapshot`, as a build server runs it."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.catalog.files import component, group, write
from tests.cli.program import run
from tests.gateways.repositories import as_person

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    place = tmp_path / "clone"
    as_person(tmp_path, "init", "--quiet", "--bare", "catalog.git")
    as_person(tmp_path, "clone", "--quiet", "catalog.git", str(place))
    write(place, {"shop.yaml": component("shop", more="  description: Sells lamps\n"), "teams.yaml": group("payments")})
    as_person(place, "add", "--all")
    as_person(place, "commit", "--quiet", "--message", "x")
    as_person(place, "push", "--quiet", "origin", "HEAD:main")
    return place


def test_the_files_are_left_here(clone: Path) -> None:
    done = run("catalog", "snapshot", cwd=clone)

    commit = as_person(clone, "rev-parse", "HEAD")
    assert f"catalog.git: 2 entities at {commit[:12]}, " in done.stdout
    assert " KB, not signed" in done.stdout
    assert "written: snapshot.db.gz, snapshot.json; --push publishes it" in done.stderr
    assert json.loads((clone / "snapshot.json").read_text())["commit"] == commit
    assert not as_person(clone, "ls-remote", "origin", "refs/scaffolder/*")


def test_it_is_published_and_signed(clone: Path, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)

    done = run("catalog", "snapshot", str(clone), "--push", "--sign", str(tmp_path / "key"), "--json", cwd=tmp_path)

    told = json.loads(done.stdout)
    assert told["signed"] is True
    assert told["entities"] == 2
    assert told["problems"] == 0
    assert as_person(clone, "ls-remote", "origin", "refs/scaffolder/snapshot").startswith(told["published"])
    names = as_person(tmp_path / "catalog.git", "ls-tree", "--name-only", "refs/scaffolder/snapshot").split()
    assert names == ["snapshot.db.gz", "snapshot.json", "snapshot.sig"]
    assert not (tmp_path / "snapshot.json").exists()


def test_what_is_wrong_in_the_catalog_is_said_and_stops_nothing(clone: Path) -> None:
    write(clone, {"wrong.yaml": "kind: Component\nmetadata: {}\n"})
    as_person(clone, "add", "--all")
    as_person(clone, "commit", "--quiet", "--message", "x")
    as_person(clone, "push", "--quiet", "origin", "HEAD:main")

    done = run("catalog", "snapshot", "--push", cwd=clone)

    assert "problem" in done.stderr
    assert "catalog check" in done.stderr
    assert "published as" in done.stderr


def test_nothing_of_it_stays_on_the_machine(clone: Path, home: Path) -> None:
    run("catalog", "snapshot", "--push", cwd=clone)

    assert "no locations" in run("catalog", "refresh", cwd=clone).stderr
    assert not (home / ".local/share/scaffolder/catalog.db").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "nowhere"),
        ((".",), "is in no checkout"),
        (("clone", "--sign", "nokey"), "cannot sign with nokey"),
        (("alone",), "has no remote `origin`"),
    ],
)
def test_what_cannot_be_done_says_why(clone: Path, words: tuple[str, ...], said: str) -> None:
    as_person(clone.parent, "init", "--quiet", "alone")

    done = run("catalog", "snapshot", *words, cwd=clone.parent, code=1 if "--sign" in words else 2)

    assert said in done.stderr
