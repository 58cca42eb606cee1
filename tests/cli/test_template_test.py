"""`scaffolder template test`: the cases beside a template, as its author runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.program import run
from tests.template.golden import HEAD, write

if TYPE_CHECKING:
    from pathlib import Path

STEPS = """\
  parameters: {required: [name], properties: {name: {type: string}, docs: {type: boolean, default: false}}}
  steps:
    - {id: fetch, action: 'fetch:template', input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}}
    - {id: docs, action: 'fs:rename', if: '${{ parameters.docs }}', input: {files: [{from: docs.md, to: docs/a.md}]}}
    - {id: publish, action: 'publish:github', input: {repoUrl: 'github.com?owner=o&repo=${{ parameters.name }}'}}
    - {id: say, action: 'debug:log', each: [a, b], input: {message: '${{ each.value }} ${{ secrets.S }}'}}
  output: {links: [{title: R, url: '${{ steps.publish.output.remoteUrl }}'}]}
"""
SKELETON = {"skeleton/README.md": "# ${{ values.name }}\n", "skeleton/docs.md": "docs\n"}
GOOD = """\
values: {name: shop}
secrets: {S: x}
steps:
  docs: skipped
  publish: {repoUrl: "github.com?owner=o&repo=shop"}
  say: [{message: a x}, {message: b x}]
files: {README.md: "# shop\\n", docs/a.md: null}
output: {links: [{title: R, url: <example>}]}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    write(tmp_path / "template", {"template.yaml": HEAD + STEPS, **SKELETON, "tests/good.yaml": GOOD})
    return tmp_path


def told_by(here: Path, *arguments: str, code: int = 0) -> str:
    done = run("template", "test", *arguments, cwd=here, code=code, HOME=str(here / "home"))
    return done.stdout + (done.stderr if code > 1 else "")


def case(here: Path, name: str, text: str) -> None:
    (here / "template" / "tests" / f"{name}.yaml").write_text(text)


def test_cases_that_hold_pass(here: Path) -> None:
    case(here, "fails", "values: {}\nfails: name\n")
    assert told_by(here, "template") == "ok      fails\nok      good\n\n2 passed, 0 failed\n"
    assert json.loads(told_by(here, "template/template.yaml", "--json"))["ok"] is True
    assert not list((here / "template").glob("tests/*.snapshot"))


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("files: {README.md: '# boat'}", ["-# boat", "+# shop"]),
        ("files: {gone: x}", ["gone: it is not there"]),
        ("files: {docs.md: null}", ["docs.md: it was not to be there"]),
        ("steps: {docs: completed}", ["step docs: it was to be completed, and is skipped"]),
        ("steps: {publish: {repoUrl: x}}", ["-repoUrl: x", "+repoUrl: github.com?owner=o&repo=shop"]),
        ("steps: {say: [{message: a}]}", ["step say: it was to run 1 times, and ran 2 times"]),
        ("steps: {publsh: {}}", ["step publsh: there is no such step; did you mean publish?"]),
        ("output: {}", ["-{}"]),
        ("fails: true", ["it was to fail, and did not"]),
        ("snapshot: true", ["it has no snapshot yet: --update writes tests/case.snapshot/"]),
    ],
)
def test_what_is_different_is_told_and_fails(here: Path, said: str, lines: list[str]) -> None:
    case(here, "case", f"values: {{name: shop}}\n{said}\n")
    told = [line.strip() for line in told_by(here, "template", code=1).splitlines()]
    assert told[0] == "failed  case"
    assert set(lines) <= set(told)


def test_a_failure_nobody_expects_is_told(here: Path) -> None:
    case(here, "case", "values: {name: 5}\n")
    assert "it failed: the values do not fit: name" in told_by(here, "template", code=1)


def test_a_snapshot_is_written_and_then_holds(here: Path) -> None:
    case(here, "case", "values: {name: shop, docs: true}\nsnapshot: true\n")
    assert "ok      case  (snapshot written)" in told_by(here, "template", "--update")
    kept = here / "template" / "tests" / "case.snapshot"
    assert sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*.md")) == ["README.md", "docs/a.md"]
    told_by(here, "template")
    (here / "template" / "skeleton" / "docs.md").rename(here / "template" / "skeleton" / "more.md")
    (here / "template" / "skeleton" / "docs.md").write_text("other\n")
    (kept / "old").touch()
    (kept / "README.md").chmod(0o755)
    told = told_by(here, "template", code=1)
    for line in (
        "more.md: it is new",
        "old: it is gone",
        "-docs",
        "+other",
        "README.md: it is a file, and was a program",
    ):
        assert line in told
    told_by(here, "template", "--update")
    assert not (kept / "old").exists()


def test_a_cookiecutter_template_has_cases_too(here: Path) -> None:
    files = {
        "cookiecutter.json": '{"name": "boat"}',
        "{{cookiecutter.name}}/a": "{{ cookiecutter.name }}",
        "tests/one.yaml": "values: {name: ship}\nfiles: {a: ship}\n",
    }
    write(here / "cookie", files)
    assert "ok      one" in told_by(here, "cookie")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("valus: {}", "did you mean values?"),
        ("values: {}\n\nvalus: {}", "template/tests/case.yaml:3: 'valus' is not known"),
        ("values: []", "values has the wrong type"),
        ("values: {}\nsteps:\n  docs: skiped", "tests/case.yaml:3: step docs: 'skiped' is no status"),
        ("steps: {docs: skiped}", "did you mean skipped?"),
        ("steps: {docs: 5}", "a status is: completed, skipped, failed"),
        ("- a", "a case is an object"),
        (": :", "tests/case.yaml"),
    ],
)
def test_a_case_that_cannot_be_read_is_named(here: Path, text: str, words: str) -> None:
    case(here, "case", text)
    assert words in told_by(here, "template", code=2)


def test_no_cases_are_an_error(here: Path) -> None:
    (here / "template" / "tests" / "good.yaml").unlink()
    assert "has no tests" in told_by(here, "template", code=2)
