"""The example workflow of the guide: its scripts are run as GitHub's runner would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder.cli.check_comment import MARK
from tests.catalog.files import component, group, write
from tests.cli.workflows import sh, step

WORKFLOW = Path(__file__).parents[2] / "docs" / "examples" / "catalog-check.yml"
RECORDING = '#!/bin/sh\nprintf "%s\\n" "$*" >> "$CALLS"\ncase "$*" in *--paginate*) printf "%s" "$COMMENTS" ;; esac\n'


@pytest.fixture
def jobs() -> Any:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]


def commands(place: Path, name: str, text: str) -> str:
    """Return a PATH on which a command of that name is first."""
    write(place, {name: text})
    (place / name).chmod(0o755)
    return f"{place}:{os.environ['PATH']}"


def test_no_job_has_more_rights_than_it_needs(jobs: Any) -> None:
    whole = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))

    assert whole["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "check": {"contents": "read"},
        "comment": {"pull-requests": "write"},
        "snapshot": {"contents": "write"},
    }
    assert not [each for each in jobs["comment"]["steps"] if "checkout" in each.get("uses", "")]
    assert jobs["snapshot"]["if"] == "github.event_name != 'pull_request'"
    assert "pull_request_target" not in WORKFLOW.read_text(encoding="utf-8")


def test_nothing_is_interpolated_into_a_shell(jobs: Any) -> None:
    scripts = [each["run"] for job in jobs.values() for each in job["steps"] if "run" in each]

    assert len(scripts) == 8
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("reader", ["", "reader"])
def test_git_is_told_how_to_reach_repositories(jobs: Any, tmp_path: Path, reader: str) -> None:
    for job in ("check", "snapshot"):
        script = step(jobs[job], "insteadOf")["run"]
        assert sh(script, tmp_path, TOKEN="token", READER=reader, GITHUB_REPOSITORY="acme/catalog") == 0  # noqa: S106

    def reached(address: str) -> str:
        return subprocess.run(
            ["git", "ls-remote", "--get-url", address], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.strip()

    assert reached("https://github.com/acme/catalog") == "https://x-access-token:token@github.com/acme/catalog"
    other = "https://x-access-token:reader@github.com/acme/orders" if reader else "https://github.com/acme/orders"
    assert reached("https://github.com/acme/orders") == other


def test_the_comment_is_found_by_its_mark(jobs: Any) -> None:
    assert f'startswith("{MARK}")' in step(jobs["comment"], "gh api")["env"]["MINE"]


@pytest.mark.parametrize(("owner", "base", "code"), [("web", "", 0), ("web", "HEAD", 0), ("nobody", "HEAD", 1)])
def test_the_report_is_written_and_the_exit_code_is_kept(
    jobs: Any, tmp_path: Path, owner: str, base: str, code: int
) -> None:
    here = write(tmp_path / "repository", {"a.yaml": group("web")})
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=here, check=True)
    write(here, {"b.yaml": component("b", owner=owner)})

    ended = sh(
        step(jobs["check"], "catalog check")["run"],
        here,
        BASE=base,
        PATH=commands(tmp_path / "bin", "scaffolder", f'#!/bin/sh\nexec {sys.executable} -m scaffolder "$@"\n'),
        GITHUB_OUTPUT=str(tmp_path / "output"),
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
    )

    assert ended == 0
    assert (tmp_path / "output").read_text() == f"written=true\ncode={code}\n"
    assert (tmp_path / "summary").read_text() == (here / "check.md").read_text()
    assert ("Is there something" in (here / "check.md").read_text()) == bool(base)
    assert sh(step(jobs["check"], "exit")["run"], here, CODE=str(code)) == code


@pytest.mark.parametrize(
    ("before", "last_call"),
    [("", "pr comment 7 --body-file check.md"), ("12\n15\n", "comments/12 --field body=@check.md")],
)
def test_one_comment_is_kept_up_to_date(jobs: Any, tmp_path: Path, before: str, last_call: str) -> None:
    ended = sh(
        step(jobs["comment"], "gh api")["run"],
        tmp_path,
        PATH=commands(tmp_path / "bin", "gh", RECORDING),
        CALLS=str(tmp_path / "calls"),
        COMMENTS=before,
        NUMBER="7",
        MINE="filter",
    )

    assert ended == 0
    assert (tmp_path / "calls").read_text().splitlines()[-1].endswith(last_call)


@pytest.mark.parametrize(("key", "words"), [("", ""), ("secret", " --sign {}/key")])
def test_the_snapshot_is_signed_where_there_is_a_key(jobs: Any, tmp_path: Path, key: str, words: str) -> None:
    ended = sh(
        step(jobs["snapshot"], "catalog snapshot")["run"],
        tmp_path,
        PATH=commands(tmp_path / "bin", "scaffolder", RECORDING),
        CALLS=str(tmp_path / "calls"),
        RUNNER_TEMP=str(tmp_path),
        KEY=key,
    )

    assert ended == 0
    assert (tmp_path / "calls").read_text() == f"catalog snapshot --push{words.format(tmp_path)}\n"
    assert (tmp_path / "key").exists() == bool(key)
    assert not key or (tmp_path / "key").stat().st_mode & 0o77 == 0
