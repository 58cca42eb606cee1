"""`catalog review`, as a workflow runs it: what is printed, and the exit code."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from scaffolder.app.existing import Contact, Existing
from scaffolder.app.review import Review, Reviewed
from scaffolder.catalog import Entity, EntityRef
from scaffolder.cli.review_comment import LONGEST, MARK, comment
from scaffolder.errors import Place
from scaffolder.similar import Findings, Match
from tests.catalog.files import component, group, write
from tests.cli.program import run

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.similar.findings import Verdict

LINKS = "Crawls published pages and reports dead links"
EXISTS = component("link-checkers", more=f"  description: {LINKS}\n")
BREAD = component("bread-baker", more="  description: Bakes bread\n")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a checkout whose branch left `main`, which has a service."""
    place = tmp_path / "catalog"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch", "main")
    write(
        place,
        {
            "a.yaml": component(
                "link-checker",
                owner="web",
                more=(
                    f"  description: {LINKS}\n  annotations: {{github.com/project-slug: example/link-checker}}\n"
                    "  links: [{url: 'https://docs.example.com/links', title: Docs}]\n"
                ),
            ),
            "team.yaml": group("web", spec="  profile: {displayName: Web team, email: web@example.com}\n"),
        },
    )
    commit(place)
    git(place, "checkout", "--quiet", "-b", "change")
    return place


def git(place: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=place, check=True, capture_output=True)


def commit(place: Path) -> None:
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "x")


def review(here: Path, *words: str, code: int = 0) -> str:
    return run("catalog", "review", "--base", "main", *words, cwd=here, code=code).stdout


def as_object(here: Path, *words: str, code: int = 0) -> Any:
    return json.loads(review(here, "--json", *words, code=code))


def test_the_comment_says_what_exists_whose_it_is_and_what_to_do(here: Path) -> None:
    write(here, {"b.yaml": EXISTS + "---\n" + BREAD})

    lines = review(here).splitlines()

    assert lines[0] == MARK
    assert lines[3] == "2 entities are new or described anew; **1 may exist already**; compared with 2 in the catalog."
    assert any(re.fullmatch(r"#### `link-checkers`: this exists already \(\d+ % likely\)", line) for line in lines)
    assert f"> {LINKS}" in lines
    assert "component · added · `b.yaml:1 (document 1)` · owned by `payments (not in the catalog)`" in lines
    (found,) = (line for line in lines if line.startswith("1. "))
    assert found.startswith("1. **[`link-checker`](<https://docs.example.com/links>)** · does this already (")
    assert found.endswith(" %) · service · production")
    assert "   - owned by `Web team (web)`: `web@example.com`" in lines
    assert any(line.startswith("   - matches: name: ") and "purpose: " in line for line in lines)
    assert "**Talk to** `Web team (web)` before this is merged: `web@example.com`." in lines
    assert any('`scaffolder/built-anyway: "different data: one sentence"`' in line for line in lines)
    assert lines[-3:] == ["#### Nothing like it in the catalog", "", "`bread-baker`"]


def made_up(**verdicts: Verdict) -> Review:
    """Return the review of one entity, with a match for each verdict."""
    matches = tuple(
        Match(EntityRef("component", name), name, "", "service", "", "", False, 0.5, verdict, (), (), ())  # noqa: FBT003  # in the order of its fields
        for name, verdict in verdicts.items()
    )
    findings = Findings(matches[0].verdict, 0.5, matches, ())
    existing = tuple(Existing(match, Contact()) for match in matches)
    new = Entity({"kind": "Component", "metadata": {"name": "new"}})
    reviewed = Reviewed(new, Place("b.yaml", 1), "added", findings, existing, Contact(), frozenset())
    return Review("main", "0" * 40, (reviewed,), (), (), 3)


def test_what_only_shares_words_is_left_out_of_the_comment() -> None:
    lines = comment(made_up(first="exists", second="close", third="none")).splitlines()

    assert [line.split("`")[1] for line in lines if line[0:1].isdigit() and "`" in line] == ["first", "second"]


def test_what_has_nothing_like_it_is_only_named() -> None:
    assert comment(made_up(first="none")).splitlines()[3:] == [
        "1 entity is new or described anew; compared with 3 in the catalog.",
        "",
        "#### Nothing like it in the catalog",
        "",
        "`new`",
    ]


def test_a_recorded_reason_is_told_instead_of_asked_for(here: Path) -> None:
    write(
        here,
        {"b.yaml": EXISTS.replace("metadata:\n", "metadata:\n  annotations: {scaffolder/built-anyway: 'scale: x'}\n")},
    )

    printed = review(here, "--fail-on", "exists")

    assert "Built anyway: scale: x" in printed
    assert "Talk to" not in printed


def test_a_team_that_has_both_is_asked_whether_one_is_enough(here: Path) -> None:
    write(here, {"b.yaml": EXISTS.replace("owner: payments", "owner: web")})

    assert "Both belong to `Web team (web)`: is one enough?" in review(here)


def test_no_new_entities_is_one_line(here: Path) -> None:
    assert review(here) == f"{MARK}\nNo new entities: there is nothing to compare.\n"


@pytest.mark.parametrize(
    ("files", "words", "code"),
    [
        ({"b.yaml": EXISTS}, (), 0),
        ({"b.yaml": EXISTS}, ("--fail-on", "never"), 0),
        ({"b.yaml": EXISTS}, ("--fail-on", "exists"), 3),
        ({"b.yaml": BREAD}, ("--fail-on", "exists"), 0),
        ({"b.yaml": component("link-checker")}, (), 3),
        ({"b.yaml": component("bad one")}, (), 2),
        ({"b.yaml": component("bad one") + "---\n" + EXISTS}, ("--fail-on", "exists"), 2),
    ],
)
def test_exit_codes(here: Path, files: dict[str, str], words: tuple[str, ...], code: int) -> None:
    write(here, files)

    assert review(here, *words, code=code).startswith(MARK)
    as_object(here, *words, code=code)


def test_json_has_everything(here: Path) -> None:
    write(here, {"b.yaml": EXISTS + "---\n" + component("bad one") + "---\n" + component("link-checker")})

    found = as_object(here, code=2)

    assert found["comparedWith"] == 2
    (new,) = found["entities"]
    assert new["entityRef"] == "component:default/link-checkers"
    assert new["change"] == "added"
    assert new["place"] == {"file": "b.yaml", "line": 1, "document": 1, "field": ""}
    assert new["verdict"] == "exists"
    assert new["matches"][0]["contact"] == {"name": "Web team (web)", "ways": ["web@example.com"]}
    assert new["matches"][0]["source"] == "https://github.com/example/link-checker"
    assert new["matches"][0]["addedToo"] is False
    assert found["problems"][0]["field"] == "metadata.name"
    assert [place["file"] for place in found["conflicts"][0]["places"]] == ["a.yaml", "b.yaml"]


def test_what_is_wrong_is_told_as_validate_does(here: Path) -> None:
    write(here, {"b.yaml": component("bad one")})

    problem = run("catalog", "validate", "b.yaml", cwd=here, code=2).stdout.removeprefix(f"{here}/").partition(": ")
    printed = review(here, code=2)

    assert f"- `{problem[0]}`: " in printed
    assert "#### 1 problem\n" in printed


EVIL = "\n\n# evil <img src=x> [a](http://evil.example) @octocat #1 `x` | a | b |\n\n<!-- scaffolder catalog review -->"


ADDRESS = "https://x.example/>)<img/src=x>`|@octocat#1]("


def test_nothing_an_entity_says_becomes_markup(here: Path) -> None:
    evil = json.dumps(LINKS + EVIL)
    quoted = json.dumps(EVIL)
    more = (
        f"  description: {evil}\n  title: {quoted}\n  annotations: {{scaffolder/built-anyway: {quoted},"
        f" backstage.io/source-location: {json.dumps('url:javascript:alert(1)' + EVIL)}}}\n"
        f"  links: [{{url: {json.dumps(ADDRESS)}, title: Docs}}]\n"
    )
    owner = group("payments", spec=f"  profile: {{displayName: {quoted}, email: {quoted}}}\n")
    write(
        here,
        {"b.yaml": "---\n".join([component("link-checkers", more=more), component("links-checker", more=more), owner])},
    )

    printed = review(here)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(printed)

    assert printed.startswith(f"{MARK}\n")
    assert html.count("<!--") == 1
    assert set(re.findall(r"<(\w+)", html)) <= {"h3", "h4", "p", "strong", "code", "blockquote", "ol", "ul", "li", "a"}
    assert not [url for url in re.findall(r'href="([^"]*)"', html) if not url.startswith("https://")]
    assert not re.search(r"@\w|#\d|http://evil", re.sub(r"(?s)<code>.*?</code>|<[^>]*>", "", html))


def test_a_comment_is_never_longer_than_github_takes(here: Path) -> None:
    text = " ".join([LINKS, *(f"word{number}" for number in range(400))])
    write(
        here, {f"{number}.yaml": component(f"links-{number}", more=f"  description: {text}\n") for number in range(60)}
    )

    printed = review(here, "--limit", "20")

    assert LONGEST / 2 < len(printed) <= LONGEST
    assert re.search(r"^…and \d+ more: `scaffolder catalog review --json` has them all\.$", printed, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "--base"),
        (("--base", "nowhere"), 2, "'nowhere' is no branch, tag or commit here"),
        (("--base", "main", "gone.yaml"), 2, "gone.yaml holds no catalog file"),
        (("--base", "main", "--limit", "0"), 2, "--limit"),
    ],
)
def test_what_is_wrong_is_said(here: Path, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in run("catalog", "review", *words, cwd=here, code=code).stderr


def test_outside_a_repository(tmp_path: Path) -> None:
    result = run("catalog", "review", "--base", "main", "--json", cwd=tmp_path, code=2)

    assert json.loads(result.stdout)["error"]["code"] == "checkout-missing"
