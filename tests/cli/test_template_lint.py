from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from tests.template.golden import template_yaml, write

if TYPE_CHECKING:
    from pathlib import Path

WARNS = "  steps: [{id: a, action: 'debug:log', if: 'false', input: {message: x}}]\n"
FAILS = "  steps: [{id: a, action: 'debug:lgo'}]\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    clean = "  steps: [{id: a, action: 'debug:log', input: {message: x}}]\n"
    for name, steps in (("clean", clean), ("warns", WARNS), ("fails", FAILS)):
        write(tmp_path / name, {"template.yaml": template_yaml([], steps=steps)})
    write(tmp_path / "broken", {"template.yaml": "a: [\n"})
    return tmp_path


def lint(here: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    done = run("template", "lint", *arguments, cwd=here, code=code, HOME=str(here / "home"))
    return done.stdout, done.stderr


def test_nothing_is_wrong(here: Path) -> None:
    assert lint(here, "clean") == ("Nothing is wrong.\n", "")


def test_an_error_is_told_with_its_place_and_the_way_out(here: Path) -> None:
    out, err = lint(here, "fails", code=1)
    assert (out, err) == (
        "fails/template.yaml:10:27: error: the action debug:lgo is not known here (did you mean debug:log?)\n1 error\n",
        "",
    )


def test_warnings_fail_only_when_asked_to(here: Path) -> None:
    out, _ = lint(here, "warns")
    assert out.startswith("warns/template.yaml:10:44: warning: the step always runs")
    assert out.endswith("\n1 warning\n")
    assert lint(here, "warns", "--strict", code=1)[0] == out
    assert lint(here, "clean", "--strict")[0] == "Nothing is wrong.\n"


def test_one_object_for_scripts(here: Path) -> None:
    out, _ = lint(here, "fails", "--json", code=1)
    told = json.loads(out)
    assert (told["ok"], told["numbers"]) == (False, {"error": 1, "warning": 0})
    assert told["findings"] == [
        {
            "severity": "error",
            "code": "unknown-action",
            "place": {"file": "fails/template.yaml", "line": 10, "column": 27},
            "message": "the action debug:lgo is not known here",
            "hint": "did you mean debug:log?",
        }
    ]


def test_what_cannot_be_read_is_found_what_is_not_there_is_not(here: Path) -> None:
    out, _ = lint(here, "broken", code=1)
    assert out.startswith("broken/template.yaml:2: error: ")
    assert "'nothing' was not found" in lint(here, "nothing", code=2)[1]


def test_a_golden_path_is_looked_at_by_its_name(here: Path) -> None:
    assert lint(here, "python-service") == ("Nothing is wrong.\n", "")


def test_a_file_with_escapes_in_its_name_does_no_harm(here: Path) -> None:
    write(here / "fails", {"skeleton/\x1b[2Ja": "${{ 1 + }}"})
    steps = "  steps: [{id: a, action: 'fetch:template', input: {url: ./skeleton}}]\n"
    (here / "fails" / "template.yaml").write_text(template_yaml([], steps=steps))
    assert "\x1b" not in lint(here, "fails", code=1)[0]
