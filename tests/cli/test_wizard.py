"""The whole way through `scaffolder new`, on a real terminal."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import EntityRef
from tests.cli import program
from tests.cli.person import (
    CTRL_C,
    CTRL_D,
    CTRL_U,
    DOWN,
    ENTER,
    SHIFT_TAB,
    UP,
    Person,
    catalog,
    kept,
    last_choice,
    take_in,
)

if TYPE_CHECKING:
    from pathlib import Path

PURPOSE, NAME = "Check that the links on published pages still work", "page-link-watch"
# every question of one way through, with what is typed there; the last but one answer of the list is "none of these"
WAY = (
    ("What will it do?", (PURPOSE, ENTER)),
    ("A name for it?", (CTRL_U, NAME, ENTER)),
    ("Is it one of these?", (UP, UP, UP, ENTER)),
    ("Database", (DOWN, ENTER)),
    ("Python", (ENTER,)),
    ("Which team will own it?", (ENTER,)),
    ("Which system is it part of?", (ENTER,)),
    ("Make it?", (ENTER,)),
)
REASON = (("Why build it anyway?", (DOWN, ENTER)), ("In one sentence", ("It must run elsewhere", ENTER)))
GIVEN = (
    *("new", "python-service", "--purpose", PURPOSE, "--name", NAME, "--owner", "payments"),
    *("--system", "site", "--reason", "scale: it is large", "-d", "database=none", "-d", "python=3.12"),
)

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: web-page, description: a page}
spec:
  type: website
  parameters:
    - properties:
        colour: {title: Colour, type: string}
  steps: [{id: log, name: Log, action: "debug:log", input: {message: hello}}]
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Where the person works."""
    place = tmp_path / "work"
    place.mkdir()
    return place


@pytest.fixture
def company(tmp_path: Path, home: Path, here: Path) -> Path:
    """Return where the person works, on a machine that knows the company's catalog."""
    take_in(home, tmp_path)
    return here


def way(*, until: str = "", **instead: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the questions of the way, up to and without `until`; `instead` answers by a word of the question."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for question, keys in (*WAY[:3], *REASON, *WAY[3:]):
        if question == until:
            break
        found.append((question, next((other for word, other in instead.items() if word in question), keys)))
    return found


def test_from_a_purpose_to_an_owned_repository(company: Path, home: Path) -> None:
    person = Person(company, "new")
    person.sees("2 components, 2 teams · catalog read just now")
    person.answers_all(way(until="Make it?"))
    person.sees("everything below was checked; nothing is made yet")
    person.sees(f"component:default/{NAME}, owned by")
    person.answers("Make it?", "t")
    person.sees("README.md")
    person.answers("Make it?", ENTER)
    person.sees("registered in the catalog")
    code, printed = person.leaves()

    assert code == 0
    assert f"{NAME} belongs to payments." in person.conversation
    assert f"cd {NAME}" in printed
    assert f"scaffolder catalog show {NAME}" in printed
    assert (company / NAME / ".git").is_dir()
    entity = catalog(home).get(EntityRef("component", NAME))
    assert entity is not None
    assert str(entity.owner) == "group:default/payments"
    assert [event["choice"] for event in catalog(home).events()] == ["built anyway"]
    assert last_choice(home)["reason"] == "scale: It must run elsewhere"
    assert kept(home) == {}


def test_what_is_similar_stands_with_owner_and_words(company: Path) -> None:
    person = Person(company, "new")
    person.answers_all(way(until="Is it one of these?"))
    person.answers("Is it one of these?", CTRL_C)
    person.leaves()

    lines = [line.split() for line in person.conversation.splitlines()]
    assert ["1", "link-checker", "service", "·", "production", "owned", "by", "content-tools"] in lines
    assert ["2", "page-store", "service", "·", "deprecated", "owned", "by", "payments"] in lines


def test_going_back_twice_and_changing(company: Path, home: Path) -> None:
    person = Person(company, "new")
    person.answers_all(way(until="Which team will own it?"))
    person.answers("Which team will own it?", "cont", SHIFT_TAB)
    person.answers("Python", UP, UP, ENTER)  # around the ends to the entry that goes back
    person.answers("Database", UP, ENTER)
    person.answers("Which team will own it?", ENTER)
    person.answers("Which system is it part of?", CTRL_C)
    person.sees("Nothing was made. Your answers: scaffolder new --continue")

    assert person.leaves()[0] == 130
    assert kept(home)["answers"] == {"database": "none", "python": "3.12"}
    assert kept(home)["owner"] == "group:default/content-tools"


def test_a_changed_purpose_asks_again_what_is_similar_and_nothing_else(company: Path) -> None:
    person = Person(company, "new")
    person.answers_all(way(until="Make it?"))
    person.answers("Make it?", DOWN, DOWN, ENTER)
    person.answers("Which answer?", ENTER)
    person.answers("What will it do?", CTRL_U, "Keep published pages", ENTER)
    person.answers("Is it one of these?", UP, UP, UP, ENTER)
    person.answers_all(REASON)
    person.answers("Make it?", CTRL_C)

    assert person.leaves()[0] == 130


def test_the_purpose_can_be_said_differently(company: Path, home: Path) -> None:
    person = Person(company, "new")
    person.answers_all(way(until="Is it one of these?"))
    person.answers("Is it one of these?", UP, UP, ENTER)
    person.answers("What will it do?", CTRL_U, "Bake bread daily", ENTER)
    person.answers("Is it", CTRL_C)
    person.leaves()

    assert [event["choice"] for event in catalog(home).events()] == ["changed", "gave up"]
    assert kept(home)["purpose"] == "Bake bread daily"


def test_ctrl_c_at_every_question_keeps_the_answers(company: Path, home: Path) -> None:
    """Each sitting answers one question and leaves at the next; the last one makes the service."""
    questions = way()
    person = Person(company, "new")
    for question, keys in questions[:-1]:
        inside = question in {asked for asked, _keys in REASON}  # part of what is asked about similar services
        if inside:
            person.answers(question, *keys)
            continue
        person.answers(question, CTRL_C)
        person.sees("Nothing was made.")
        assert person.leaves()[0] == 130
        person = Person(company, "new", *(["--continue"] if kept(home) else []))
        person.answers(question, *keys)
    person.answers("Make it?", ENTER)

    assert person.leaves()[0] == 0
    assert (company / NAME).is_dir()


def test_the_end_of_input_keeps_the_answers(company: Path, home: Path) -> None:
    for question in ("A name for it?", "Is it one of these?"):
        person = Person(company, "new")
        person.answers_all(way(until=question))
        person.answers(question, *([CTRL_U] if "name" in question else []), CTRL_D)

        assert person.leaves()[0] == 130
        assert kept(home)["purpose"] == PURPOSE


def test_i_do_not_know_yet_keeps_the_draft(company: Path, home: Path) -> None:
    person = Person(company, "new")
    person.answers_all(way(until="Which team will own it?"))
    person.answers("Which team will own it?", "I don't know yet", ENTER)
    person.sees("Missing: who will own it.")
    assert person.leaves()[0] == 0
    assert kept(home)["name"] == NAME

    person = Person(company, "new", "--continue")
    person.answers("Which team will own it?", "cont", ENTER)
    person.answers("Which system is it part of?", CTRL_C)
    person.leaves()
    assert kept(home)["owner"] == "group:default/content-tools"


def test_nothing_is_kept_to_go_on_with(company: Path) -> None:
    person = Person(company, "new", "--continue")
    person.sees("no answers are kept")

    assert person.leaves()[0] == 2


@pytest.mark.parametrize(
    ("keys", "choice", "page"),
    [
        ([ENTER], "used", "https://github.com/example/link-checker"),
        ([DOWN, ENTER], "contributed", "https://github.com/example/link-checker/issues"),
    ],
)
def test_what_exists_can_be_used(company: Path, home: Path, keys: list[str], choice: str, page: str) -> None:
    browser = company.parent / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{browser}.page"\n')
    browser.chmod(0o755)
    person = Person(company, "new", BROWSER=f"{browser} %s")
    person.answers_all(way(until="Is it one of these?"))
    person.answers("Is it one of these?", ENTER)
    person.sees("content-tools@example.com")
    person.answers("What now?", *keys)
    person.sees("Nothing was made.")
    code, printed = person.leaves()

    assert code == 0
    assert printed.splitlines()[0] == page
    assert (browser.with_suffix(".page")).read_text().strip() == page
    assert last_choice(home)["choice"] == choice
    assert last_choice(home)["entity"] == "component:default/link-checker"
    assert kept(home) == {}
    assert not list(company.iterdir())


@pytest.mark.parametrize("keys", [[ENTER], [DOWN, ENTER]])
def test_a_program_is_told_what_is_used_instead(company: Path, keys: list[str]) -> None:
    person = Person(company, "new", "--json")
    person.answers_all(way(until="Is it one of these?"))
    person.answers("Is it one of these?", ENTER)
    person.answers("What now?", *keys)
    code, printed = person.leaves()

    found = json.loads(printed)
    assert (code, found["entityRef"]) == (0, "component:default/link-checker")
    assert found["status"] == ("used" if keys == [ENTER] else "contributed")
    assert found["pages"][0].startswith("https://github.com/example/link-checker")
    assert "https://github.com/example/link-checker" in person.conversation


def test_a_program_is_told_that_the_answers_are_kept(company: Path) -> None:
    person = Person(company, *GIVEN, "--json")
    person.answers("Make it?", DOWN, DOWN, DOWN, ENTER)

    code, printed = person.leaves()
    assert (code, json.loads(printed)) == (0, {"status": "draft kept"})

    person = Person(company, "new", "--json")
    person.answers_all(way(until="Which team will own it?"))
    person.answers("Which team will own it?", "I don't know yet", ENTER)
    code, printed = person.leaves()
    assert (code, json.loads(printed)) == (0, {"status": "draft kept", "missing": "who will own it"})


def test_what_exists_can_be_extended(company: Path, home: Path) -> None:
    person = Person(company, "new", "python-service", "-d", "database=none", "-d", "python=3.12")
    person.answers_all(way(until="Is it one of these?"))
    person.answers("Is it one of these?", ENTER)
    person.answers("What now?", DOWN, DOWN, ENTER)
    person.answers("Which team will own it?", ENTER)
    person.answers("Which system is it part of?", ENTER)
    person.answers("Make it?", ENTER)

    assert person.leaves()[0] == 0
    entity = catalog(home).get(EntityRef("component", NAME))
    assert entity is not None
    assert entity.spec["subcomponentOf"] == "component:default/link-checker"
    assert str(entity.system) == "system:default/site"  # that of what it extends
    assert [event["choice"] for event in catalog(home).events()] == ["extended"]
    assert last_choice(home)["entity"] == "component:default/link-checker"


def test_building_anyway_asks_why_and_can_be_taken_back(company: Path, home: Path) -> None:
    person = Person(company, "new")
    person.answers_all(way(until="Is it one of these?"))
    person.answers("Is it one of these?", ENTER)
    person.answers("What now?", DOWN, DOWN, DOWN, ENTER)
    person.answers("Why build it anyway?", DOWN, ENTER)
    person.answers("In one sentence", "It is", SHIFT_TAB)
    person.answers("Why build it anyway?", SHIFT_TAB)
    person.answers("What now?", DOWN, DOWN, DOWN, ENTER)
    person.answers("Why build it anyway?", DOWN, DOWN, ENTER)
    person.answers("In one sentence", "It is ours", ENTER)
    person.answers("Database", CTRL_C)
    person.leaves()

    assert [event["choice"] for event in catalog(home).events()] == ["gave up"]
    assert kept(home)["reason"] == "It is ours"
    assert kept(home)["reason_category"] == "ownership"


def test_what_is_given_is_not_asked(company: Path) -> None:
    person = Person(company, *GIVEN)
    person.answers("Make it?", CTRL_C)

    assert person.leaves()[0] == 130
    assert "A name for it?  page-link-watch" in person.conversation
    assert not [one for one in ("Database", "Python", "Which", "Is it") if one in person.conversation]


def test_a_name_that_is_taken_is_told_before_anything_else(company: Path) -> None:
    person = Person(company, *GIVEN[:4], "--name", "LINK-checker")
    person.sees("taken")
    person.answers("A name for it?", CTRL_U, "page-store", ENTER)
    person.sees("taken")
    person.types(CTRL_U, NAME, ENTER)
    person.answers("Is it one of these?", CTRL_C)

    assert person.leaves()[0] == 130


def test_what_stands_in_the_way_leads_to_the_answer_that_changes_it(company: Path) -> None:
    (company / NAME).mkdir()
    (company / NAME / "mine.txt").touch()
    person = Person(company, *GIVEN)
    person.sees("is not empty")
    person.answers("What would you like to change?", ENTER)
    person.answers("Which directory will it be in?", ENTER)
    person.sees("is not empty")
    person.types(CTRL_U, "elsewhere", ENTER)
    person.answers("Make it?", ENTER)

    assert person.leaves()[0] == 0
    assert sorted(path.name for path in company.iterdir()) == ["elsewhere", NAME]
    assert (company / "elsewhere/README.md").is_file()


def test_an_owner_nobody_knows_leads_to_the_owner(company: Path) -> None:
    person = Person(company, *GIVEN, "--owner", "paymints")
    person.sees("does not exist in the catalog")
    person.answers("What would you like to change?", ENTER)
    person.answers("Which team will own it?", CTRL_U, "payments", ENTER)
    person.answers("Make it?", CTRL_C)

    assert person.leaves()[0] == 130


def test_ctrl_c_during_the_task_says_how_to_go_on(company: Path, home: Path) -> None:
    git, slow = shutil.which("git"), company.parent / "bin"
    slow.mkdir()
    (slow / "git").write_text(f'#!/bin/sh\ncase " $* " in *" push "*) sleep 20 ;; esac\nexec {git} "$@"\n')
    (slow / "git").chmod(0o755)
    person = Person(company, *GIVEN, PATH=f"{slow}:{os.environ['PATH']}")
    person.answers("Make it?", ENTER)
    person.answers(f"{NAME} created", CTRL_C)
    person.sees("Stopped after step ")
    person.sees("scaffolder tasks resume ")
    code, _printed = person.leaves()
    assert code == 130
    assert kept(home) == {}

    task = person.conversation.partition("tasks resume ")[2].split()[0]
    program.run("tasks", "resume", task, cwd=company)
    assert (company / NAME / ".git").is_dir()


def test_a_dry_run_makes_nothing(company: Path, home: Path) -> None:
    person = Person(company, *GIVEN, "--dry-run")
    person.sees("Plan")

    assert person.leaves()[0] == 0
    assert not list(company.iterdir())
    assert kept(home)["name"] == NAME


def test_a_dumb_terminal_of_forty_columns_gets_lines(company: Path) -> None:
    person = Person(company, "new", width=40, TERM="dumb")
    person.answers_all(
        [
            ("What will it do?\r\n> ", (PURPOSE, ENTER)),
            ("A name for it?\r\n> ", (NAME, ENTER)),
            ("Enter for 1:\r\n> ", ("3", ENTER)),
            ("Enter for 1:\r\n> ", ("2", ENTER)),
            ("In one sentence\r\n> ", ("It must run elsewhere", ENTER)),
            ("Enter for 1:\r\n> ", (ENTER,)),
            ("Enter for 2:\r\n> ", ("<", ENTER)),
            ("Enter for 1:\r\n> ", ("2", ENTER)),
            ("Enter for 2:\r\n> ", (ENTER,)),
            ("[payments]", (ENTER,)),
            ("[none]", (ENTER,)),
            ("Make it?", ("t", ENTER)),
            ("Make it?", (ENTER,)),
        ]
    )

    assert person.leaves()[0] == 0
    assert "\x1b" not in person.seen.getvalue()
    too_long = [line for line in person.conversation.splitlines() if len(line) > 40 and " " in line.strip()]
    assert [line for line in too_long if not line.startswith("> ")] == []


def test_forty_columns(company: Path) -> None:
    person = Person(company, "new", width=40)
    person.answers_all([(question.split("(")[0], keys) for question, keys in way()])

    assert person.leaves()[0] == 0


def test_what_is_pasted_cannot_steer_a_terminal(company: Path, home: Path) -> None:
    person = Person(company, "new")
    person.answers("What will it do?", "\x1b[200~Check 🚀 \x1b]0;title\x07links\x1b[201~", ENTER)
    person.answers("A name for it?", CTRL_C)
    person.leaves()

    assert kept(home)["purpose"] == "Check 🚀 ]0;titlelinks"


def test_no_identity_is_asked_for_once(company: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n    useConfigOnly = true\n")
    person = Person(company, *GIVEN)
    person.answers("Your name?", "Some One", ENTER)
    person.answers("Your e-mail address?", "nonsense", ENTER)
    person.sees("this is no e-mail address")
    person.types(CTRL_U, "some.one@example.com", ENTER)
    person.answers("Make it?", ENTER)

    assert person.leaves()[0] == 0


# -- no catalog yet


def test_the_example_can_be_tried(here: Path, home: Path) -> None:
    person = Person(here, "new")
    person.answers("Where do your services live?", DOWN, ENTER)
    person.answers("What will it do?", CTRL_C)

    assert person.leaves()[0] == 130
    assert catalog(home).facts().components > 30


def test_a_catalog_can_be_joined(here: Path, home: Path) -> None:
    other = here / "catalog"
    other.mkdir()
    take_in(here, other)
    person = Person(here, "new")
    person.answers("Where do your services live?", ENTER)
    person.answers("Where is it?", "nowhere", ENTER)
    person.sees("error:")
    person.answers("Where do your services live?", ENTER)
    person.answers("Where is it?", SHIFT_TAB)
    person.answers("Where do your services live?", ENTER)
    person.answers("Where is it?", "catalog", ENTER)
    person.sees("6 entries taken in.")
    person.answers("What will it do?", CTRL_C)
    person.leaves()

    assert catalog(home).facts().teams == 2


def test_a_catalog_can_be_started(here: Path, home: Path) -> None:
    """The first team owns the first service: there is nothing to ask."""
    person = Person(here, "new")
    person.answers("Where do your services live?", DOWN, DOWN, ENTER)
    person.answers("What is your team called?", "Web Shop", ENTER)
    person.answers_all(WAY[:2])
    person.sees("The catalog holds nothing like it.")
    person.answers_all(WAY[3:5])
    person.answers("Make it?", ENTER)

    assert person.leaves()[0] == 0
    entity = catalog(home).get(EntityRef("component", NAME))
    assert entity is not None
    assert str(entity.owner) == "group:default/web-shop"
    assert [str(one.ref) for one in catalog(home).people(EntityRef("group", "web-shop"))] == [
        "user:default/test-engineer"
    ]


def test_golden_paths_stand_with_version_use_and_owner(company: Path, tmp_path: Path, home: Path) -> None:
    """One that cannot be read is told, not offered."""
    for name, text in (("web-page", TEMPLATE), ("broken", "apiVersion: scaffolder.backstage.io/v1beta3\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "template.yaml").write_text(text)
    (company / "scaffolder.yaml").write_text(
        f"scaffolder:\n  templates:\n    - name: web-page\n      source: {tmp_path}/web-page\n"
        f"    - name: broken\n      source: {tmp_path}/broken\n"
    )
    person = Person(company, *GIVEN[:1], *GIVEN[2:12])
    person.sees("broken cannot be used now:")
    person.sees("web-page        a page")  # the best fit for the purpose is the first
    person.sees("python-service  FastAPI service: tested, documented, deployable")
    person.answers("v1.0.0 · 0 made · developer-platform", ENTER)
    person.answers("Colour", SHIFT_TAB)
    person.answers("Golden path", SHIFT_TAB)
    person.answers("Is it one of these?", CTRL_C)
    person.leaves()

    assert kept(home)["template"] == "web-page"
