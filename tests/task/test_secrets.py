"""A secret is nowhere but in the file that the template renders it into; a resumed task asks for it again."""

from __future__ import annotations

import base64
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.task.births import HEAD, SKELETON

if TYPE_CHECKING:
    from tests.task.births import Place

GIVEN = 'hunter2-"quoted"-token'
LINES = "correct horse\nbattery staple"
TRACES = [b"hunter2", b"correct horse", b"battery staple", base64.b64encode(GIVEN.encode())[:12].lower()]
SECRETS = {"token": GIVEN, "password": LINES}
ENVIRON = {"SCAFFOLDER_SECRET_TOKEN": GIVEN, "SCAFFOLDER_SECRET_PASSWORD": LINES}
STEPS = """\
    - id: skeleton
      action: fetch:template
      input: {url: ./skeleton, values: {name: "${{ parameters.name }}", text: "-", all: "${{ parameters | dump }}"}}
    - {id: say, action: "debug:log", input: {message: "it is ${{ parameters.token }} and ${{ secrets.password }}"}}
    - {id: shout, action: "debug:log", input: {message: "${{ parameters.token | upper | lower }}"}}
    - id: mark
      action: test:mark
      input: {key: a, told: ["${{ secrets.token }}", "${{ secrets.token | upper }}", "${{ parameters | dump }}"]}
    - {id: again, action: "test:mark", input: {key: b, told: "Bearer ${{ secrets.token }}"}}
  output:
    links:
      - {title: "with ${{ parameters.token }}", url: "https://example.com/?token=${{ parameters.token | upper }}"}
"""
GIT = """\
#!/bin/sh
printf '%s\\n' "$@" >> "$SPY"
exec "$REAL_GIT" "$@"
"""


def with_template(place: Place, steps: str) -> Place:
    (place.home / "template" / "template.yaml").write_text(HEAD + steps)
    return place


def told(place: Place) -> list[str]:
    """Return every file of the home that holds a trace of a secret, in capitals or not."""
    files = [path for path in place.home.rglob("*") if path.is_file() and not path.is_symlink()]
    return [
        f"{path.relative_to(place.home)}: {trace!r}"
        for path in sorted(files)
        for trace in TRACES
        if trace in path.read_bytes().lower()
    ]


@pytest.fixture
def guarded(place: Place) -> Place:
    """A home whose template uses its secrets in every way; every argument of git is kept in `spied`."""
    bin_directory = place.home / "bin"
    bin_directory.mkdir()
    (bin_directory / "git").write_text(GIT)
    (bin_directory / "git").chmod(0o755)
    return with_template(place, STEPS)


def spied(place: Place) -> dict[str, str]:
    real = next(path for one in os.environ["PATH"].split(":") if (path := Path(one) / "git").exists())
    return {
        "PATH": f"{place.home / 'bin'}:{os.environ['PATH']}",
        "SPY": str(place.home / "spied"),
        "REAL_GIT": str(real),
    }


def test_a_secret_is_written_nowhere_at_any_point(guarded: Place, tmp_path: Path) -> None:
    whole = guarded.copied(tmp_path / "whole")
    whole.expect(0, draft={"secrets": SECRETS}, environ=spied(whole))
    assert (whole.home / "spied").read_text().count("push")
    assert told(whole) == []

    for number in range(1, len(whole.points()) + 1):
        cut = guarded.copied(tmp_path / f"{number}")
        cut.expect(-signal.SIGKILL, draft={"secrets": SECRETS}, stop_at=number)
        assert told(cut) == []


def test_resume_asks_for_it_again_and_goes_on_with_the_same_inputs(guarded: Place, tmp_path: Path) -> None:
    whole = guarded.copied(tmp_path / "whole")
    whole.expect(0, draft={"secrets": SECRETS})
    guarded.expect(-signal.SIGKILL, draft={"secrets": SECRETS}, stop_at=whole.points().index("effect mark"))
    task = guarded.task().id

    result = guarded.expect(2, do="resume", task=task)
    assert "needs token, password again" in result.err
    assert "SCAFFOLDER_SECRET_TOKEN=" in result.err
    assert guarded.task().status.value == "running"

    guarded.expect(0, do="resume", task=task, environ=ENVIRON)
    assert told(guarded) == []
    assert guarded.outside() == ["a", "b"]
    assert guarded.runs()[-2:] == ["mark a", "again b"]


def test_a_token_that_steps_are_lent_is_found_again(guarded: Place, tmp_path: Path) -> None:
    asks = "{requestUserCredentials: {secretsKey: OAUTH}}"
    picker = f"repo: {{type: string, 'ui:field': RepoUrlPicker, 'ui:options': {asks}}}\n        note:"
    steps = STEPS.replace("${{ secrets.token }}", "${{ secrets.OAUTH }}").replace("parameters.token", "secrets.OAUTH")
    (guarded.home / "template" / "template.yaml").write_text(HEAD.replace("note:", picker) + steps)
    draft, mine = {"trusted": True, "secrets": {"password": LINES}}, {"GITHUB_TOKEN": GIVEN}
    whole = guarded.copied(tmp_path / "whole")
    whole.expect(0, draft=draft, environ=mine)
    guarded.expect(-signal.SIGKILL, draft=draft, environ=mine, stop_at=whole.points().index("effect mark"))
    task = guarded.task().id

    assert "needs OAUTH" in guarded.expect(2, do="resume", task=task, environ={**ENVIRON, "PATH": "/usr/bin:/bin"}).err
    guarded.expect(0, do="resume", task=task, environ={**ENVIRON, **mine})

    assert told(whole) == told(guarded) == []
    assert guarded.outside() == ["a", "b"]


def test_rollback_needs_no_secret(guarded: Place) -> None:
    guarded.expect(0, draft={"secrets": SECRETS})

    guarded.expect(0, do="rollback", task=guarded.task().id)

    guarded.is_nothing()


def test_a_secret_among_the_answers_is_kept_apart(guarded: Place) -> None:
    guarded.expect(0, draft={"answers": SECRETS})

    assert told(guarded) == []


def test_a_secret_that_was_not_given_is_not_asked_for_again(guarded: Place) -> None:
    guarded.expect(-signal.SIGKILL, draft={"secrets": {"token": GIVEN, "password": ""}}, stop_at=5)

    result = guarded.expect(2, do="resume", task=guarded.task().id)

    assert "needs token again" in result.err


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ('{id: fail, action: "test:fail", input: {message: "no ${{ secrets.token }}"}}', 1),
        ('{id: fail, action: "debug:log", input: {message: ["${{ secrets.token }}"]}}', 2),
        ('{id: fail, action: "debug:log", each: "${{ secrets.token }}", input: {message: x}}', 2),
        ('{id: fail, action: "fetch:plain", input: {url: "./${{ secrets.token }}"}}', 2),
        ('{id: fail, action: "fetch:plain", input: {url: ./plain, targetPath: "../${{ secrets.password }}"}}', 2),
    ],
)
def test_no_error_tells_it(guarded: Place, step: str, code: int) -> None:
    with_template(guarded, f"    - {step}\n")

    result = guarded.expect(code, draft={"secrets": SECRETS})

    assert "error: " in result.err
    assert told(guarded) == []


def test_the_command_line_tells_it_nowhere(simple: Place) -> None:
    with_template(simple, STEPS[: STEPS.index("    - id: mark")])
    answers = simple.work / "answers.json"
    answers.write_text(json.dumps({"name": "shop", "purpose": "Sells things", "owner": "parcels", **SECRETS}))
    arguments = ("new", str(simple.home / "template"), "--answers", str(answers), "--no-input")

    shown = [simple.command(*arguments, "--dry-run"), simple.command(*arguments, "--dry-run", "--json")]
    shown += [simple.command(*arguments), simple.command("tasks", "log", simple.task().id)]
    answers.unlink()

    assert "it is *** and ***" in shown[-1].out
    assert not [each for each in shown for trace in TRACES if trace in (each.out + each.err).lower().encode()]
    assert told(simple) == []


def test_the_one_exception_is_a_file_of_the_template_and_the_plan_says_so(simple: Place) -> None:
    steps = """\
    - id: skeleton
      action: fetch:template
      input: {url: ./skeleton, values: {name: "${{ parameters.name }}", text: "${{ secrets.token }}"}}
"""
    with_template(simple, steps)
    answers = simple.work / "answers.json"
    answers.write_text(json.dumps({"name": "shop", "purpose": "Sells things", "owner": "parcels", "token": GIVEN}))
    arguments = ("new", str(simple.home / "template"), "--answers", str(answers), "--no-input")

    plan = simple.command(*arguments, "--dry-run")
    simple.command(*arguments)
    answers.unlink()

    assert "README.md will hold the secret token" in plan.out + plan.err
    assert {one.partition(":")[0] for one in told(simple)} == {"work/shop/README.md"}
    assert "skeleton/README.md" in SKELETON


def test_while_it_is_rendered_nobody_else_can_read_it(simple: Place) -> None:
    simple.expect(-signal.SIGKILL, stop_at=8)

    for directory in (simple.state, simple.state / "tasks", *(simple.state / "tasks").iterdir()):
        assert directory.stat().st_mode & 0o077 == 0, directory
