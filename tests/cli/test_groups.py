"""`catalog groups`: as a table, as JSON, and as a page that can be passed around."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from scaffolder.app.existing import Contact
from scaffolder.app.groups import Families, Family, Member
from scaffolder.catalog import Entity, EntityRef
from scaffolder.cli.groups_page import document
from scaffolder.similar import Reason
from tests.catalog.files import component, write
from tests.cli.program import run

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>\x1b[31m\u202e'
VOID = frozenset({"meta", "input"})


class Page(HTMLParser):
    """What a browser would make of a page; every element must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"style", "script"}:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    place = tmp_path / "catalog"
    place.mkdir()
    said = {
        "link-checker": "Crawls our published pages every week and reports dead links",
        "dead-link-finder": "Crawls published pages at night and reports links that are dead",
        "bread-baker": "Plans how many loaves each bakery bakes tomorrow",
        "tide-tables": "Publishes when high water comes to every harbour",
        "seat-maps": "Draws the seats of a theatre and colours those that are sold",
        "mail-sorter": "Sorts incoming letters by postcode and street",
    }
    files = {f"{name}.yaml": component(name, more=f"  description: {text}\n") for name, text in said.items()}
    run("catalog", "add", str(write(place, files)), cwd=tmp_path)
    return tmp_path


def test_the_table_says_what_they_share_and_whose_they_are(here: Path) -> None:
    lines = run("catalog", "groups", cwd=here).stdout.splitlines()

    assert lines[0] == "1 family of near-duplicates among 6 entities."
    assert lines[2].startswith("1 ")
    assert " likely to be one job" in lines[2]
    assert any("all say" in line and "dead" in line for line in lines)
    rows = [line for line in lines if line.startswith("component:")]
    assert sorted(row.split()[0] for row in rows) == ["component:dead-link-finder", "component:link-checker"]
    assert all("payments (not in the catalog)" in row and "production" in row for row in rows)


def test_json_is_a_line_for_each_family(here: Path) -> None:
    (line,) = run("catalog", "groups", "--json", cwd=here).stdout.splitlines()

    row = json.loads(line)
    assert row["group"] == 1
    assert sorted(row["members"]) == ["component:default/dead-link-finder", "component:default/link-checker"]
    assert {"confidence", "reasons"} < row.keys()


def test_no_families_is_said_in_words(here: Path) -> None:
    run("catalog", "remove", str(here / "catalog"), cwd=here)

    assert run("catalog", "groups", cwd=here).stdout == "No two of 0 entities seem to do the same job.\n"
    assert run("catalog", "groups", "--json", cwd=here).stdout == ""


def test_the_page_is_written_beside_json(here: Path) -> None:
    result = run("catalog", "groups", "--json", "--html", "families.html", cwd=here)

    page = Page((here / "families.html").read_text(encoding="utf-8"))
    assert len(result.stdout.splitlines()) == 1
    assert "wrote families.html: 1 family of near-duplicates among 6 entities" in result.stderr
    assert "1 family of near-duplicates among 6 entities." in page.text


def test_a_page_that_cannot_be_written_is_an_error(here: Path) -> None:
    result = run("catalog", "groups", "--html", "no/such/place.html", cwd=here, code=2)

    assert "cannot write no/such/place.html" in result.stderr


def member(name: str, **said: object) -> Member:
    metadata = {"name": name, "title": said.pop("title", name), "description": said.pop("description", "")}
    entity = Entity({"kind": "Component", "metadata": metadata, "spec": {"lifecycle": said.pop("lifecycle", "")}})
    facts = {"owner": Contact(), "source": "", "docs": (), "dependants": (), "depends_on": (), **said}
    return Member(entity, **facts)  # type: ignore[arg-type]  # each test gives what it is about


def page_of(*members: Member, organization: str = "Example", confidence: float = 0.9) -> Page:
    family = Family(1, members, confidence, (Reason("every", "links", ("links",)),), (("alarm", "alert"),))
    return Page(document(Families((family,), 70, 1), organization=organization, at=AT))


def test_the_page_says_when_where_and_how_many() -> None:
    page = page_of(member("a"), member("b"))

    assert "Example" in page.text
    assert "02 January 2030, 03:04 UTC" in page.text
    assert "70" in page.text
    assert "very likely one job, 90 %" in page.text
    assert "alarm ≈ alert" in page.text


def test_the_page_can_be_heard() -> None:
    page = page_of(member("a"), member("b"))

    assert page.all("html") == [{"lang": "en"}]
    assert [tag for tag, _ in page.tags if tag in {"h1", "h2"}] == ["h1", "h2"]
    assert [attributes.get("scope") for attributes in page.all("th")] == ["col"] * 5 + ["row"] * 2
    assert all(attributes.get("role") for tag in ("table", "tr", "th", "td") for attributes in page.all(tag))


def test_the_page_needs_nothing_from_anywhere() -> None:
    page = page_of(member("a", docs=("Docs https://docs.example.com/a",)), member("b"))

    assert not [tag for tag, _ in page.tags if tag in {"link", "img", "iframe", "object", "embed", "base"}]
    assert not [attributes for _, attributes in page.tags if "src" in attributes or "style" in attributes]
    (policy,) = (each for each in page.all("meta") if each.get("http-equiv"))
    assert str(policy["content"]).startswith("default-src 'none'")


def test_hostile_text_stays_text() -> None:
    page = page_of(
        member(
            "a",
            title=HOSTILE,
            description=HOSTILE,
            lifecycle=HOSTILE,
            owner=Contact(HOSTILE, (HOSTILE,)),
            source=HOSTILE,
            docs=(HOSTILE, f"{HOSTILE} https://docs.example.com/{HOSTILE}"),
            dependants=(EntityRef("component", HOSTILE),),
            depends_on=(EntityRef("component", HOSTILE),),
        ),
        member("b"),
        organization=HOSTILE,
    )

    assert len(page.all("script")) == 1
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert "\x1b" not in page.text
    assert "\u202e" not in page.text
    assert page.text.count("<script>alert(1)</script>") >= 8


@pytest.mark.parametrize(
    ("noted", "link"),
    [
        ("https://docs.example.com/a?b=1&c=2", "https://docs.example.com/a?b=1&c=2"),
        ("The docs http://docs.example.com", "http://docs.example.com"),
        ("javascript:alert(1)", None),
        ("JavaScript:alert(1)//https://docs.example.com", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("//docs.example.com", None),
        ("in its source, docs", None),
    ],
)
def test_only_pages_become_links(noted: str, link: str | None) -> None:
    page = page_of(member("a", docs=(noted,), owner=Contact("Team", (noted,))), member("b", source=noted))

    found = [each["href"] for each in page.all("a") if each.get("class") != "skip"]
    assert found == ([link] * 3 if link else [])


def test_what_is_marked_deprecated_and_used_is_said_in_words() -> None:
    uses = tuple(EntityRef("component", f"user-{number}") for number in range(14))
    page = page_of(
        member("a", dependants=uses, is_most_used=True, is_best_documented=True),
        member("b", lifecycle="deprecated", depends_on=(EntityRef("component", "a"),)),
    )

    assert "most used" in page.text
    assert "best documented" in page.text
    assert "deprecated" in page.text
    assert "and 2 more" in page.text
    assert "depends on a , of this family" in page.text


def test_a_manual_as_a_description_is_cut() -> None:
    assert len(page_of(member("a", description="word " * 5_000), member("b")).text) < 5_000


def test_without_an_organization_there_is_no_empty_line() -> None:
    assert not [
        each
        for each in page_of(member("a"), member("b"), organization="").all("p")
        if each == {"class": "organization"}
    ]
