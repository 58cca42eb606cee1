"""`catalog check`, as a workflow runs it: what is printed, and the exit code."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from scaffolder.app.check import Check, Finding, Severity
from scaffolder.catalog import Entity
from scaffolder.catalog.reading import Found
from scaffolder.cli.check import report
from scaffolder.cli.check_comment import MARK
from scaffolder.cli.check_tests import as_tests
from scaffolder.cli.junit import document
from scaffolder.cli.review_comment import LONGEST
from scaffolder.errors import Place
from tests.catalog.files import component, group, location, write
from tests.cli.program import run

if TYPE_CHECKING:
    from pathlib import Path

LINKS = "Crawls published pages and reports dead links"
EXISTS = component("link-checkers", owner="web", more=f"  description: {LINKS}\n")
WRONG = component("orders", owner="wbe", spec="  dependsOn: [resource:db]\n")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return the clone of a catalog repository, on a branch that left `main`."""
    place = tmp_path / "catalog"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch", "main")
    write(place, {"a.yaml": component("link-checker", owner="web", more=f"  description: {LINKS}\n")})
    write(place, {"team.yaml": group("web", spec="  profile: {displayName: Web team, email: web@example.com}\n")})
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "x")
    git(place, "checkout", "--quiet", "-b", "change")
    return place


def git(place: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=place, check=True, capture_output=True)


def check(here: Path, *words: str, code: int = 0) -> str:
    return run("catalog", "check", *words, cwd=here, code=code).stdout


def as_object(here: Path, *words: str, code: int = 0) -> Any:
    return json.loads(check(here, "--json", *words, code=code))


def test_nothing_is_wrong(here: Path) -> None:
    assert check(here) == "2 entities checked: nothing is wrong\n"
    assert check(here.parent, "catalog") == "2 entities checked: nothing is wrong\n"
    assert check(here, "--format", "markdown").splitlines() == [
        MARK,
        "### Catalog check: passed",
        "",
        "2 entities checked: nothing is wrong.",
    ]


def test_a_line_for_each_finding_and_a_sum(here: Path) -> None:
    write(here, {"b.yaml": WRONG, "c.yaml": location("./nothing.yaml")})

    assert check(here, code=1).splitlines() == [
        ("b.yaml:8 (document 1) spec.owner: error: group:default/wbe does not exist: did you mean group:default/web?"),
        "b.yaml:9 (document 1) spec.dependsOn.0: warning: resource:default/db does not exist",
        "c.yaml:7 (document 1) spec.targets.0: error: there is no file ./nothing.yaml",
        "3 entities, 1 Location checked: 2 errors, 1 warning",
    ]


def test_exit_codes(here: Path, tmp_path: Path) -> None:
    write(here, {"b.yaml": component("b", owner="web", spec="  system: nothing\n")})
    check(here)
    check(here, "--base", "nowhere", code=2)
    check(here, str(tmp_path / "nothing"), code=2)
    check(tmp_path, code=2)
    check(here, "--format", "html", code=2)
    git(here, "remote", "add", "origin", str(tmp_path / "away.git"))
    check(here, code=4)
    write(here, {"b.yaml": WRONG})
    check(here, code=1)


def test_json_has_everything(here: Path) -> None:
    write(here, {"b.yaml": WRONG})

    found = as_object(here, code=1)

    assert (found["ok"], found["entities"], found["reservations"], found["review"]) == (False, 3, 0, None)
    assert found["numbers"] == {"error": 1, "unknown": 0, "warning": 1, "notice": 0}
    assert found["findings"][0] == {
        "severity": "error",
        "code": "owner-unknown",
        "subject": "component:default/orders",
        "place": {"file": "b.yaml", "line": 8, "document": 1, "field": "spec.owner"},
        "message": "group:default/wbe does not exist: did you mean group:default/web?",
    }


def test_with_a_base_what_exists_already_is_a_notice(here: Path) -> None:
    write(here, {"b.yaml": EXISTS})

    line, numbers = check(here, "--base", "main").splitlines()
    comment = check(here, "--base", "main", "--format", "markdown")

    assert line.startswith("b.yaml:1 (document 1): notice: component:default/link-checker does this already, owned by")
    assert numbers == "3 entities checked: 1 similar service"
    assert "### Catalog check: passed" in comment
    assert "### Is there something that already does this?" in comment
    assert "**Talk to**" not in comment, "both are the same team's"
    assert comment.count("<!--") == 1
    assert as_object(here, "--base", "main")["review"]["entities"][0]["verdict"] == "exists"
    (case,) = cases(check(here, "--base", "main", "--format", "junit"), "b.yaml")
    assert "does this already" in (case.findtext("system-out") or "")


def cases(text: str, file: str) -> list[ET.Element]:
    return [each for each in ET.fromstring(text).iter("testcase") if each.get("file") == file]  # noqa: S314  # ours


def test_junit_has_a_test_for_each_entity(here: Path) -> None:
    write(here, {"b.yaml": WRONG, "c.yaml": component("not good") + "---\n" + component("good", owner="web")})

    printed = check(here, "--format", "junit", code=1)

    root = ET.fromstring(printed)  # noqa: S314  # ours
    assert printed.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ')
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "2", "0")
    (orders,) = cases(printed, "b.yaml")
    assert (orders.get("name"), orders.get("classname"), orders.get("line")) == (
        "component:default/orders",
        "b.yaml",
        "1",
    )
    (failure,) = orders
    assert (failure.tag, failure.get("type")) == ("failure", "owner-unknown")
    assert failure.get("message") == "group:default/wbe does not exist: did you mean group:default/web?"
    assert (failure.text or "").splitlines()[1].startswith("b.yaml:9 (document 1) spec.dependsOn.0: warning: ")
    good, bad = cases(printed, "c.yaml")
    assert (good.get("name"), len(good)) == ("component:default/good", 0)
    assert bad.get("name") == "c.yaml:4 (document 1) metadata.name"


def test_what_is_not_known_is_an_error_of_its_own_in_junit(here: Path, tmp_path: Path) -> None:
    git(here, "remote", "add", "origin", str(tmp_path / "away.git"))

    root = ET.fromstring(check(here, "--format", "junit", code=4))  # noqa: S314  # ours

    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "0", "1")
    assert "### Catalog check: not complete" in check(here, "--format", "markdown", code=4)


def test_a_report_goes_to_a_file_and_lines_to_the_log(here: Path, tmp_path: Path) -> None:
    write(here, {"b.yaml": WRONG})

    printed = check(here, "--format", "junit", "--output", str(tmp_path / "report.xml"), code=1)

    assert printed == check(here, code=1)
    assert (tmp_path / "report.xml").read_text() == check(here, "--format", "junit", code=1)
    assert "--output" in run("catalog", "check", "--output", "no/where", cwd=here, code=2).stderr


TEXT = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    [
        "<![CDATA[ x",
        "]]>",
        "]]&gt;",
        "<!-- x -->",
        "&#0;",
        "\x00\x1b[31m\x85\u2028\u202e",
        "\ud800",
        "\ufffe",
        "<b a='\"'>",
    ]
)


def made_up(name: str, message: str, file: str) -> Check:
    place = Place(file, 1, 1)
    entity = Entity({"kind": "Component", "metadata": {"name": name or "x"}})
    found = [Finding(each, "code", place, message, name) for each in Severity]
    apart = [Finding(Severity.ERROR, "code", Place(f"{file}/other"), message, name)]
    return Check((Found(entity, place),), (), (*found, *apart))


@given(TEXT, TEXT, TEXT)
def test_nothing_an_entity_says_breaks_the_xml(name: str, message: str, file: str) -> None:
    text = document("check", [*as_tests(made_up(name, message, file))])

    root = ET.fromstring(text.encode())  # noqa: S314  # ours
    first, other = root.iter("testcase")
    assert [each.tag for each in (*first, *other)] == ["failure", "failure"]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)


@given(TEXT, TEXT, TEXT)
def test_nothing_an_entity_says_becomes_markup(name: str, message: str, file: str) -> None:
    printed = report(made_up(name, message, file), "markdown")

    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(printed)
    assert html.count("<!--") == 1
    assert set(re.findall(r"<(\w+)", html)) <= {"h3", "h4", "p", "code", "ul", "li"}


@given(TEXT, TEXT, TEXT)
def test_a_finding_stays_on_its_line(name: str, message: str, file: str) -> None:
    lines = report(made_up(name, message, file), "text").split("\n")

    assert len(lines) == len(Severity) + 2
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e]", "".join(lines))


def test_a_comment_is_never_longer_than_github_takes(here: Path) -> None:
    owners = [component(f"wrong-{number}", owner="x" * 200 + str(number)) for number in range(200)]
    similar = [
        component(f"links-{number}", owner="web", more=f"  description: {LINKS} {'word ' * 400}\n")
        for number in range(60)
    ]
    write(here, {"b.yaml": "---\n".join([*owners, *similar])})

    printed = check(here, "--base", "main", "--format", "markdown", code=1)

    assert LONGEST / 2 < len(printed) <= LONGEST
    assert "- …and 150 more: `scaffolder catalog check` has them all" in printed
