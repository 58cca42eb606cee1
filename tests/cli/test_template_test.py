"""`scaffolder template test`: the cases beside a template, as its author runs them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pexpect
import pytest

from tests.cli.program import environment, run
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
    skeleton = tmp_path / "template" / "skeleton"
    (skeleton / "logo").write_bytes(b"\0\xff\1")
    (skeleton / "bin").mkdir()
    (skeleton / "bin" / "run").write_text("#!/bin/sh\n")
    (skeleton / "link").symlink_to("README.md")
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


def test_what_is_different_tells_no_secret_of_the_settings(here: Path) -> None:
    (here / "scaffolder.yaml").write_text("scaffolder: {defaultEnvironment: {secrets: {KEY: hunter2-of-all}}}\n")
    step = "    - {id: say, action: 'debug:log', input: {message: '${{ environment.secrets.KEY }}'}}\n"
    write(here / "template", {"template.yaml": f"{HEAD}  steps:\n{step}"})
    case(here, "good", "steps: {say: {message: x}}\n")
    for form in ([], ["--json"], ["--format", "junit"]):
        told = told_by(here, "template", *form, code=1)
        assert "message: ***" in told
        assert "hunter2" not in told


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("files: {README.md: '# boat'}", ["-# boat", "+# shop"]),
        ("files: {gone: x}", ["gone: it is not there"]),
        ("files: {docs.md: null}", ["docs.md: it was not to be there"]),
        ("files: {bin: null}", ["bin: it was not to be there"]),
        ("files: {bin: x}", ["bin: it is a directory"]),
        ("files: {README.md: '# shop'}", ["-# shop", "\\ No newline at end of file", "+# shop"]),
        ('files: {README.md: "# shop\\r\\n"}', ["-# shop\\r", "+# shop"]),
        ("files: {logo: x}", ["logo: it holds 3 bytes that are no text"]),
        ("files: {link: x}", ["link: it is a link to README.md"]),
        ("steps: {docs: completed}", ["step docs: it was to be completed, and is skipped"]),
        ("steps: {publish: {repoUrl: x}}", ["-repoUrl: x", "+repoUrl: github.com?owner=o&repo=shop"]),
        ("steps: {say: [{message: a}]}", ["step say: it was to run once, and ran 2 times"]),
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
    (kept / "logo").write_bytes(b"\0\xff\2")
    (kept / "link").unlink()
    (kept / "link").symlink_to("docs")
    told = told_by(here, "template", code=1)
    for line in (
        "more.md: it is new",
        "old: it is gone",
        "-docs",
        "+other",
        "README.md: it is a file, and was a program",
        "logo: it holds other bytes (3, and was 3)",
        "link: it is a link to README.md, and was a link to docs",
    ):
        assert line in told
    case(here, "case", "values: {name: shop, docs: true}\nsnapshot: true\nfiles: {README.md: 'a'}\n")
    assert told_by(here, "template", code=1).count("README.md (expected)") == 1
    case(here, "case", "values: {name: shop, docs: true}\nsnapshot: true\n")
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
    (here / "cookie" / "tests" / "one.yaml").write_text("values: {name: ship}\nsteps: {}\n")
    assert "one.yaml:2: steps: a cookiecutter template has no steps" in told_by(here, "cookie", code=2)


def test_whether_the_code_of_a_template_runs_is_said(here: Path) -> None:
    files = {
        "cookiecutter.json": '{"name": "boat"}',
        "{{cookiecutter.name}}/a": "",
        "hooks/post_gen_project.sh": "#!/bin/sh\ntouch made\n",
        "tests/one.yaml": "values: {}\nfiles: {made: ''}\n",
    }
    write(here / "cookie", files)
    assert "--trust" in told_by(here, "cookie", code=2)
    assert "made: it is not there" in told_by(here, "cookie", "--no-hooks", code=1)
    assert "ok      one" in told_by(here, "cookie", "--trust")


def test_two_files_are_never_one_case(here: Path) -> None:
    case(here, "good", "values: {name: shop}\n")
    (here / "template" / "tests" / "good.yml").write_text("values: {name: shop}\nfiles: {gone: x}\n")
    assert "tests: good.yaml and good.yml are both the case good" in told_by(here, "template", code=2)


def test_some_cases_are_run_by_name(here: Path) -> None:
    case(here, "other", "values: {}\n")
    assert told_by(here, "template", "good") == "ok      good\n\n1 passed, 0 failed\n"
    assert "there is no case godo" in told_by(here, "template", "godo", code=2)


def test_cases_are_told_as_junit_too(here: Path) -> None:
    case(here, "case", "values: {name: shop}\nfiles: {README.md: x, gone: x}\n")
    printed = told_by(here, "template", "--format", "junit", code=1)
    root = ET.fromstring(printed)  # noqa: S314  # ours
    assert (root.get("name"), root.get("tests"), root.get("failures")) == ("scaffolder template test", "2", "1")
    wrong, good = root.iter("testcase")
    assert (wrong.get("name"), wrong.get("file"), len(good)) == ("case", "template/tests/case.yaml", 0)
    assert "+# shop\n" in (wrong.findtext("failure") or "")
    assert "gone: it is not there" in (wrong.findtext("failure") or "")

    told = told_by(here, "template", "--format", "junit", "--output", "report.xml", code=1)
    assert told.startswith("failed  case\n")
    assert (here / "report.xml").read_text() == printed


def test_a_person_sees_colours_and_what_to_do_next(here: Path) -> None:
    case(here, "case", "values: {name: shop}\nsnapshot: true\nfiles: {README.md: x}\n")
    (here / "template/tests/case.snapshot").mkdir()
    (here / "template/tests/case.snapshot/old").touch()
    child = pexpect.spawn(
        sys.executable,
        ["-m", "scaffolder", "template", "test", "template"],
        env={**environment(TERM="xterm", NO_COLOR=""), "HOME": str(here / "home")},
        cwd=here,
        encoding="utf-8",
    )
    child.expect_exact("\x1b[31mfailed  case\x1b[0m")
    child.expect_exact("\x1b[32m    +# shop\x1b[0m")
    child.expect_exact("scaffolder template test template --update")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("valus: {}", "did you mean values?"),
        ("values: {}\n\nvalus: {}", "template/tests/case.yaml:3: 'valus' is not known"),
        ("values: []", "it is names and values"),
        ("values: {name: a}\nsecrets:\n  S: 1", "tests/case.yaml:3: the secret S is no text"),
        ("values: {}\nfiles:\n  a: [1]\n  ../b: x", "tests/case.yaml:4: ../b is no path"),
        ("files:\n  a: 5", "tests/case.yaml:2: a: what a file holds is a text, or null"),
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
