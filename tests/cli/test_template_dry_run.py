from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from tests.template.golden import HEAD, template_yaml, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path) -> Path:
    files = {
        "cookiecutter.json": json.dumps(
            {"name": "Blue Boat", "slug": "{{ cookiecutter.name|lower|replace(' ', '-') }}"}
        ),
        "{{cookiecutter.slug}}/{{cookiecutter.slug}}.txt": "{{ cookiecutter.name }}",
        "{{cookiecutter.slug}}/places": "{{ cookiecutter._template }} {{ cookiecutter._output_dir }}",
        "hooks/post_gen_project.py": "open('ran', 'w')",
    }
    write(tmp_path / "cookie", files)
    write(tmp_path / "steps", {"template.yaml": template_yaml([]), "skeleton/a": ""})
    return tmp_path


def dry_run(here: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    done = run("template", "dry-run", "--no-hooks", *arguments, cwd=here, code=code, HOME=str(here / "home"))
    return done.stdout, done.stderr


def test_it_writes_what_the_template_makes_and_nothing_else(here: Path) -> None:
    out, err = dry_run(here, "cookie", "--output", "out")
    assert (out, err) == ("2 files of blue-boat in out\n", "its hooks were not run: hooks/post_gen_project.py\n")
    assert sorted(path.name for path in (here / "out").iterdir()) == ["blue-boat.txt", "places"]
    assert (here / "out" / "places").read_text() == f"cookie {here / 'out'}"


def test_values_lie_over_the_defaults(here: Path) -> None:
    (here / "values.yaml").write_text("name: Red Ship\n")
    out, _ = dry_run(here, "cookie", "--output", "deep/out", "--values", "values.yaml", "--json")
    assert (here / "deep/out/red-ship.txt").read_text() == "Red Ship"
    (step,) = json.loads(out)["steps"]
    assert (step["action"], step["status"]) == ("fetch:cookiecutter", "completed")
    assert step["iterations"][0]["input"]["values"] == {"name": "Red Ship"}
    assert (step["name"], step["reason"], step["log"]) == ("Render the template", "", [])


def test_what_fails_is_told_in_one_object(here: Path) -> None:
    (here / "cookie" / "{{cookiecutter.slug}}" / "bad").write_text("\n{{ cookiecutter.nme }}")
    out, err = dry_run(here, "cookie", "--output", "out", "--json")
    told = json.loads(out)
    assert (told["ok"], told["error"]["exitCode"], told["steps"][0]["status"]) == (False, 1, "failed")
    assert dry_run(here, "cookie", "--output", "out") == ("", err)
    assert "bad:2: cookiecutter.nme is not defined" in told["error"]["message"]
    assert told["steps"][0]["reason"] == told["error"]["message"]
    assert "did you mean name?" in err
    assert not (here / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cookie", "--output", "out", "--values", "nobody"), "nobody cannot be read"),
        (("cookie", "--output", "out", "--values", "list"), "names and values are expected"),
        (("nowhere", "--output", "out"), "was not found"),
        (("cookie",), "--output"),
    ],
)
def test_what_cannot_be_done_is_said(here: Path, arguments: tuple[str, ...], words: str) -> None:
    (here / "list").write_text("- a\n")
    assert words in dry_run(here, *arguments, code=2)[1]


def test_a_template_of_templates_and_one_with_code_of_its_own_are_shown(here: Path) -> None:
    inner = {
        "cookiecutter.json": '{"slug": "x", "_jinja2_env_vars": {"variable_start_string": "[["}}',
        "[[cookiecutter.slug}}/f": "",
    }
    described = json.dumps({"templates": {"one": {"path": "inner"}}})
    write(here / "several", {"cookiecutter.json": described, **{f"inner/{path}": text for path, text in inner.items()}})
    shown = run("template", "show", "several", cwd=here, HOME=str(here / "home")).stdout
    assert "Makes 1 file" in shown
    described = json.dumps({"slug": "{{ 'x'|shout }}", "_extensions": ["local.Shout"]})
    write(here / "code", {"cookiecutter.json": described, "{{cookiecutter.slug}}/f": ""})
    shown = run("template", "show", "code", cwd=here, HOME=str(here / "home")).stdout
    assert "not loaded: local.Shout" in shown


def test_own_defaults_and_what_cookiecutter_keeps_count(tmp_path: Path, home: Path) -> None:
    """As in cookiecutter: its configuration stands in for the defaults, a replay file gives the answers."""
    variables = {"slug": "boat", "author": "You", "shown": "{{ cookiecutter.author }}!"}
    body = "{{ cookiecutter.slug }} {{ cookiecutter.shown }}"
    write(tmp_path / "t", {"cookiecutter.json": json.dumps(variables), "{{cookiecutter.slug}}/a": body})
    (home / ".cookiecutterrc").write_text("default_context: {author: Ada, unknown: 1}")
    replay = tmp_path / "replay.json"
    replay.write_text(json.dumps({"cookiecutter": {"slug": "tug", "gone": "x", "_template": "y"}, "_cookiecutter": {}}))
    for values, wanted in (((), "boat Ada!"), (("--values", str(replay)), "tug Ada!")):
        output = tmp_path / wanted[:4].strip()
        run("template", "dry-run", "t", *values, "--output", str(output), cwd=tmp_path)
        assert (output / "a").read_text() == wanted


STEPS = """\
  parameters: {properties: {name: {type: string, default: shop}}}
  steps:
    - {id: fetch, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}
    - {id: skipped, action: 'debug:log', if: false}
    - {id: say, action: 'debug:log', input: {message: '${{ user.ref }} ${{ secrets.TOKEN }}'}}
    - {id: publish, action: 'publish:github', input: {repoUrl: x, token: '${{ secrets.TOKEN }}'}}
  output: {links: [{title: Repository, url: '${{ steps.publish.output.remoteUrl }}'}]}
"""


@pytest.fixture
def steps(here: Path) -> Path:
    write(here / "steps", {"template.yaml": HEAD + STEPS, "skeleton/a": "${{ values.name }}"})
    (here / "secrets.yaml").write_text("TOKEN: hunter2\n")
    return here


def test_steps_are_shown_with_what_they_were_given(steps: Path) -> None:
    out, err = dry_run(steps, "steps", "--output", "out", "--secrets", "secrets.yaml", "--user", "ann")
    for line in (
        "fetch  fetch:template  completed",
        "skipped  debug:log  skipped: its condition is false",
        "  | user:default/ann ***",
        "publish  publish:github  recorded, not run",
        "    token: ***",
        "    remoteUrl: <example>",
        "1 file in out",
    ):
        assert line in out.splitlines()
    assert "hunter2" not in out + err
    assert (steps / "out" / "a").read_text() == "shop"


def test_a_report_holds_every_input_as_it_was_given(steps: Path) -> None:
    out, _ = dry_run(steps, "steps", "--output", "out", "--secrets", "secrets.yaml", "--no-defaults", "--json")
    told = json.loads(out)
    assert (told["ok"], told["error"], told["output"]["links"][0]["url"]) == (True, None, "<example>")
    assert [(step["id"], step["status"]) for step in told["steps"]] == [
        ("fetch", "completed"),
        ("skipped", "skipped"),
        ("say", "completed"),
        ("publish", "completed"),
    ]
    (published,) = told["steps"][3]["iterations"]
    assert (published["input"], published["recorded"]) == ({"repoUrl": "x", "token": "hunter2"}, True)
    assert told["warnings"] == ["template.yaml:9: the default of name is not applied"]


def test_a_step_that_fails_is_a_finding(steps: Path) -> None:
    (steps / "steps" / "skeleton" / "b").write_text("${{ values.name | nofilter }}")
    out, err = dry_run(steps, "steps", "--output", "out", "--json")
    told = json.loads(out)
    assert (told["ok"], [step["status"] for step in told["steps"]][:3]) == (False, ["failed", "skipped", "skipped"])
    assert "b:1: " in told["error"]["message"]
    assert (steps / "out" / "a").is_file()
    shown, err = dry_run(steps, "steps", "--output", "again")
    assert "fetch  fetch:template  failed" in shown
    assert err.startswith("error: b:1: ")


def test_values_that_do_not_fit_are_refused_in_one_object(steps: Path) -> None:
    (steps / "values.yaml").write_text("name: 5\n")
    out, err = dry_run(steps, "steps", "--output", "out", "--values", "values.yaml", "--json", code=2)
    told = json.loads(out)
    assert (told["ok"], told["steps"], told["error"]["exitCode"]) == (False, [], 2)
    assert "name" in err
    assert not (steps / "out").exists()
