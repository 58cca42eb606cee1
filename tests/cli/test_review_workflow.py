"""The example workflow of the guide: its scripts are run as GitHub's runner would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder.cli.review_comment import MARK
from tests.catalog.files import component, write
from tests.cli.workflows import sh, step

WORKFLOW = Path(__file__).parents[2] / "docs" / "examples" / "catalog-review.yml"
GH = """\
#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in *--paginate*) printf '%s' "$COMMENTS" ;; esac
"""


@pytest.fixture
def jobs() -> Any:
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]


def test_no_job_has_more_rights_than_it_needs(jobs: Any) -> None:
    whole = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))

    assert whole["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "review": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    }
    assert not [each for each in jobs["comment"]["steps"] if "checkout" in each.get("uses", "")]
    assert "pull_request_target" not in WORKFLOW.read_text(encoding="utf-8")


def test_nothing_is_interpolated_into_a_shell(jobs: Any) -> None:
    scripts = [each["run"] for job in jobs.values() for each in job["steps"] if "run" in each]

    assert len(scripts) == 4
    assert not [script for script in scripts if "${{" in script]


def test_the_whole_history_is_there(jobs: Any) -> None:
    (checkout,) = (each for each in jobs["review"]["steps"] if "actions/checkout" in each.get("uses", ""))

    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_the_comment_is_found_by_its_mark(jobs: Any) -> None:
    assert f'startswith("{MARK}")' in step(jobs["comment"], "gh api")["env"]["MINE"]


@pytest.mark.parametrize(("name", "code"), [("new", "0"), ("not valid", "2")])
def test_the_review_is_written_and_its_exit_code_is_kept(jobs: Any, tmp_path: Path, name: str, code: str) -> None:
    here = tmp_path / "repository"
    commands = tmp_path / "bin"
    write(here, {"a.yaml": component("old")})
    write(commands, {"scaffolder": f'#!/bin/sh\nexec {sys.executable} -m scaffolder "$@"\n'})
    (commands / "scaffolder").chmod(0o755)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=here, check=True)
    write(here, {"b.yaml": component(name)})

    ended = sh(
        step(jobs["review"], "catalog review")["run"],
        here,
        BASE="HEAD",
        PATH=f"{commands}:{os.environ['PATH']}",
        GITHUB_OUTPUT=str(tmp_path / "output"),
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
    )

    assert ended == 0
    assert (tmp_path / "output").read_text() == f"written=true\ncode={code}\n"
    assert (tmp_path / "summary").read_text() == (here / "review.md").read_text()
    assert sh(step(jobs["review"], "exit")["run"], here, CODE=code) == int(code)


@pytest.mark.parametrize(
    ("before", "text", "last_call"),
    [
        ("", "### something", "pr comment 7 --body-file review.md"),
        ("12\n15\n", "### something", "comments/12 --field body=@review.md"),
        ("12\n", "No new entities: there is nothing to compare.", "comments/12 --field body=@review.md"),
        ("", "No new entities: there is nothing to compare.", "--jq filter"),
    ],
)
def test_one_comment_is_kept_up_to_date(jobs: Any, tmp_path: Path, before: str, text: str, last_call: str) -> None:
    write(tmp_path, {"bin/gh": GH, "review.md": f"{MARK}\n{text}\n"})
    (tmp_path / "bin" / "gh").chmod(0o755)

    ended = sh(
        step(jobs["comment"], "gh api")["run"],
        tmp_path,
        PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        CALLS=str(tmp_path / "calls"),
        COMMENTS=before,
        NUMBER="7",
        MINE="filter",
    )

    assert ended == 0
    assert (tmp_path / "calls").read_text().splitlines()[-1].endswith(last_call)
