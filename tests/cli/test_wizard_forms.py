"""Pages of a Backstage template, answered on a real terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.person import (
    CATALOG,
    CTRL_C,
    CTRL_U,
    DOWN,
    ENTER,
    SHIFT_TAB,
    UP,
    Person,
    kept,
    take_in,
)

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = ("--purpose", "Count the stars", "--name", "star-count", "--owner", "payments", "--system", "site")
Begin = Callable[..., Person]


@pytest.fixture
def begin(tmp_path: Path, home: Path) -> Begin:
    """Return a function that begins a service from a template with these pages."""
    place = tmp_path / "work"
    place.mkdir()
    take_in(home, tmp_path)

    def begun(*pages: dict[str, Any], arguments: tuple[str, ...] = (), again: bool = False, **how: Any) -> Person:
        template = {
            "apiVersion": "scaffolder.backstage.io/v1beta3",
            "kind": "Template",
            "metadata": {"name": "forms", "description": "asks"},
            "spec": {"type": "service", "parameters": list(pages), "steps": [LOG]},
        }
        if again:
            return Person(place, "new", "--continue", **how)
        directory = tmp_path / "forms"
        directory.mkdir(exist_ok=True)
        (directory / "template.yaml").write_text(yaml.safe_dump(template, sort_keys=False))
        return Person(place, "new", str(directory), *GIVEN, *arguments, **how)

    return begun


LOG = {"id": "log", "action": "debug:log", "input": {"message": "${{ parameters | dump }}"}}
DATABASE = {
    "title": "Database",
    "type": "object",
    "required": ["engine"],
    "properties": {
        "engine": {"title": "Engine", "enum": ["none", "pg"], "enumNames": ["No database", "PostgreSQL"]},
    },
    "dependencies": {
        "engine": {
            "oneOf": [
                {"properties": {"engine": {"const": "none"}}},
                {
                    "properties": {
                        "engine": {"const": "pg"},
                        "size": {"title": "Size", "type": "integer", "minimum": 1, "default": 10},
                        "key": {"title": "Key", "type": "string", "ui:field": "Secret"},
                    }
                },
            ]
        }
    },
}
PORTS = {
    "title": "Ports",
    "type": "array",
    "items": {
        "type": "object",
        "required": ["number"],
        "properties": {
            "number": {"title": "Number", "type": "integer", "maximum": 65535},
            "key": {"title": "Certificate", "ui:field": "Secret"},
        },
    },
}


def answers(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = kept(home)["answers"]
    return found


def test_an_object_is_answered_part_by_part(begin: Begin, home: Path) -> None:
    person = begin({"required": ["db"], "properties": {"db": DATABASE, "last": {"title": "Last"}}})
    person.answers("Database: Engine", DOWN, ENTER)
    person.answers("Database: Size", CTRL_U, "0", ENTER)
    person.sees("it must be 1 or more")
    person.types(CTRL_U, "20", ENTER)
    person.answers("Database: Key", "hunter2", ENTER)
    person.answers("Last", SHIFT_TAB)
    person.answers("Database: Key", SHIFT_TAB)
    person.answers("Database: Size", CTRL_U, "30", ENTER)
    person.answers("Last", ENTER)
    person.sees("checked")
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"db": {"engine": "pg", "size": 30}}
    assert "hunter2" not in str(kept(home)) + person.conversation


def test_an_answer_that_closes_others_takes_them_along(begin: Begin, home: Path) -> None:
    person = begin({"required": ["db"], "properties": {"db": DATABASE}})
    person.answers("Database: Engine", DOWN, ENTER)
    person.answers("Database: Size", SHIFT_TAB)
    person.answers("Database: Engine", UP, ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"db": {"engine": "none"}}


def test_entries_are_added_changed_and_taken_out(begin: Begin, home: Path) -> None:
    person = begin({"properties": {"ports": PORTS, "last": {"title": "Last"}}})
    person.answers("Add one", DOWN, ENTER)
    person.answers("Number", "99999", ENTER)
    person.sees("65535 or less")
    person.types(CTRL_U, "80", ENTER)
    person.answers("Certificate", "hunter2", ENTER)
    person.answers("Add another", DOWN, ENTER)
    person.answers("Number", "81", ENTER)
    person.answers("Certificate", ENTER)
    person.answers("Take 81 out", DOWN, DOWN, ENTER)  # change 80
    person.answers("Number", CTRL_U, "8080", ENTER)
    person.answers("Certificate", "hunter3", ENTER)
    person.answers("Take 81 out", UP, UP, ENTER)
    person.answers("Take 8080 out", DOWN, ENTER)
    person.answers("Number", SHIFT_TAB)  # none after all
    person.answers("That is all", ENTER)
    person.answers("Last", SHIFT_TAB)
    person.answers("Change 8080", CTRL_C)
    person.leaves()

    assert answers(home) == {"ports": [{"number": 8080}]}
    assert "hunter" not in str(kept(home)) + person.conversation


def test_ctrl_c_inside_of_a_list_keeps_it_and_comes_back_to_it(begin: Begin, home: Path) -> None:
    form = {"properties": {"first": {"title": "First"}, "ports": PORTS, "last": {"title": "Last"}}}
    person = begin(form)
    person.answers("First", "here", ENTER)
    person.answers("Add one", DOWN, ENTER)
    person.answers("Number", "80", ENTER)
    person.answers("Certificate", "hunter2", ENTER)
    person.answers("Add another", DOWN, ENTER)
    person.answers("Number", "81", ENTER)
    person.answers("Certificate", CTRL_C)
    person.sees("scaffolder new --continue")
    assert person.leaves()[0] == 130
    assert answers(home) == {"first": "here", "ports": [{"number": 80}, {"number": 81}]}

    person = begin(form, again=True)
    person.answers("Take 81 out", ENTER)
    person.answers("Last", CTRL_C)
    person.leaves()
    assert answers(home) == {"first": "here", "ports": [{"number": 80}, {"number": 81}]}
    assert "hunter" not in str(kept(home)) + person.conversation


def test_a_list_with_secrets_is_asked_for_again_another_day(begin: Begin) -> None:
    form = {"properties": {"ports": PORTS, "last": {"title": "Last"}}}
    person = begin(form, arguments=("-d", 'ports=[{"number": 80, "key": "hunter2"}]'))
    person.answers("Last", CTRL_C)
    person.leaves()

    person = begin(form, again=True)
    person.answers("Take 80 out", CTRL_C)

    assert person.leaves()[0] == 130
    assert "hunter2" not in person.conversation


def test_a_list_that_somebody_goes_back_from_is_kept(begin: Begin, home: Path) -> None:
    uses = {"title": "Uses", "type": "array", "ui:field": "EntityTagsPicker"}
    person = begin({"properties": {"first": {"title": "First"}, "ports": PORTS, "uses": uses}})
    person.answers("First", ENTER)
    person.answers("Add one", DOWN, ENTER)
    person.answers("Number", "80", ENTER)
    person.answers("Certificate", ENTER)
    person.answers("Take 80 out", SHIFT_TAB)
    person.answers("First", ENTER)
    person.answers("Take 80 out", ENTER)
    person.answers("Uses", "loud", ENTER)
    person.answers("Uses (loud)", SHIFT_TAB)
    person.answers("Take 80 out", ENTER)
    person.answers("Uses (loud)", CTRL_C)
    person.leaves()

    assert answers(home) == {"ports": [{"number": 80}], "uses": ["loud"]}


def test_a_list_has_as_many_entries_as_it_must_have(begin: Begin, home: Path) -> None:
    two = {"type": "array", "minItems": 2, "items": {"type": "string", "default": "main"}}
    person = begin({"properties": {"ports": {**PORTS, "minItems": 1}, "branches": {"title": "Branches", **two}}})
    person.answers("Add one", UP, ENTER)
    person.sees("it must have at least 1 entry")
    person.types(ENTER)
    person.answers("Number", "80", ENTER)
    person.answers("Certificate", ENTER)
    person.answers("Take 80 out", ENTER)
    person.answers("main, main", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"ports": [{"number": 80}], "branches": ["main", "main"]}


def test_of_a_checkbox_that_is_not_ticked_nothing_is_sent(begin: Begin, home: Path) -> None:
    tick = {"type": "boolean"}
    more = {"ci": {"properties": {"runner": {"title": "Runner"}}}}
    asked = {
        "ci": {**tick, "title": "Pipeline"},
        "open": {**tick, "title": "Open", "ui:widget": "radio"},
        "docs": {**tick, "title": "Docs", "default": True},
    }
    person = begin({"properties": asked, "dependencies": more})
    person.answers("Pipeline", "n")
    person.answers("none", UP, ENTER)
    person.answers("Docs", "n")
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"open": False, "docs": False}


def test_each_of_several_pages_says_what_it_is_about(begin: Begin) -> None:
    first = {"title": "The basics", "description": "What everybody answers", "properties": {"a": {"title": "Colour"}}}
    second = {"title": "The rest", "properties": {"b": {"title": "Shape"}}}
    person = begin(first, second)
    person.sees("What everybody answers")
    person.answers("Colour", ENTER)
    person.sees("The rest")
    person.answers("Shape", SHIFT_TAB)
    person.sees("The basics")
    person.answers("Colour", CTRL_C)

    assert person.leaves()[0] == 130


def test_a_repository_that_is_not_needed_may_be_none(begin: Begin, home: Path) -> None:
    hosts = {"allowedHosts": ["github.com", "git.example"], "allowedOwners": ["acme", "umbrella"]}
    picker = {"type": "string", "ui:field": "RepoUrlPicker"}
    docs = {**picker, "title": "Docs", "ui:options": hosts}
    owner = {"title": "Whose", "type": "string", "ui:field": "RepoOwnerPicker", "ui:options": hosts}
    person = begin({"properties": {"repoUrl": picker, "docs": docs, "whose": owner}})
    person.answers("Docs: host", ENTER)
    person.answers("Whose", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {}


def test_an_answer_that_is_wrong_in_the_end_is_the_one_to_change(begin: Begin) -> None:
    form = {"properties": {"first": {"title": "First"}, "ports": PORTS}}
    person = begin(form, arguments=("-d", 'ports=[{"key": "hunter2"}]', "-d", "first=x"))
    person.sees("it needs number")
    person.answers("What would you like to change?", ENTER)
    person.answers("Take an empty one out", DOWN, DOWN, ENTER)
    person.answers("Number", "80", ENTER)
    person.answers("Certificate", CTRL_C)

    assert person.leaves()[0] == 130
    assert "hunter2" not in person.conversation


def test_which_of_several_schemas_is_asked_first(begin: Begin) -> None:
    branches = [
        {"title": "Kubernetes", "type": "object", "required": ["cluster"], "properties": {"cluster": {}}},
        {"title": "Machine", "type": "object", "required": ["image"], "properties": {"image": {"title": "Image"}}},
    ]
    person = begin({"properties": {"target": {"title": "Target", "oneOf": branches}}})
    person.answers("Target", DOWN, ENTER)
    person.answers("Target: Image", "debian", ENTER)
    person.answers("Make it?", ENTER)
    code, _printed = person.leaves()

    assert code == 0
    assert '"target":{"image":"debian"}' in person.conversation.replace("\n", "").replace("  ", "")


def test_several_of_the_catalog_and_words_of_ones_own(begin: Begin, home: Path) -> None:
    uses = {"title": "Uses", "type": "array", "ui:field": "MultiEntityPicker"}
    person = begin(
        {
            "properties": {
                "uses": {**uses, "ui:options": {"catalogFilter": {"kind": "Component"}}},
                "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}, "ui:field": "EntityTagsPicker"},
            }
        }
    )
    person.answers("Uses", "link", ENTER)
    person.answers("Uses (link-checker)", "nothing-like-it", ENTER)
    person.sees("is not in the list")
    person.types(CTRL_U, "store", ENTER)
    person.answers("take page-store out", DOWN, ENTER)
    person.answers("Uses (link-checker)", ENTER)
    person.answers("Tags", "Loud", ENTER)
    person.sees("small letters")
    person.types("quiet", ENTER)
    person.answers("Tags (quiet)", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"uses": ["component:default/link-checker"], "tags": ["quiet"]}


def test_a_second_owner_is_asked_for_and_has_to_be_real(begin: Begin) -> None:
    owner = {"type": "string", "ui:field": "OwnerPicker"}
    person = begin({"required": ["owner", "reviewer"], "properties": {"owner": owner, "reviewer": owner}})
    person.answers("reviewer", "nobody", ENTER)
    person.sees("is not in the list")
    person.types(CTRL_U, "cont", ENTER)
    person.answers("Make it?", ENTER)
    code, _printed = person.leaves()

    assert code == 0
    said = person.conversation.replace("\n", "").replace("  ", "")
    assert '"owner":"group:default/payments","reviewer":"group:default/content-tools"' in said


def test_another_repository_is_put_together(begin: Begin, home: Path) -> None:
    picker = {"type": "string", "ui:field": "RepoUrlPicker"}
    hosts = {"allowedHosts": ["github.com", "git.example"], "allowedOwners": ["acme", "umbrella"]}
    person = begin({"properties": {"repoUrl": picker, "docs": {**picker, "title": "Docs", "ui:options": hosts}}})
    person.answers("Docs: host", UP, ENTER)
    person.answers("Docs: owner", DOWN, ENTER)
    person.answers("Docs: repository", "handbook", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"docs": "git.example?owner=umbrella&repo=handbook"}


def test_my_groups_without_a_person_are_all_groups(begin: Begin, home: Path, tmp_path: Path) -> None:
    take_in(home, tmp_path, CATALOG.replace("test-engineer@", "somebody-else@"))
    person = begin({"properties": {"squad": {"title": "Squad", "ui:field": "MyGroupsPicker"}, "owner": {}}})
    person.sees("the catalog does not know who you are")
    person.types("cont", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"squad": "group:default/content-tools"}


def test_a_default_can_be_emptied(begin: Begin) -> None:
    person = begin(
        {"properties": {"a": {"title": "Colour", "default": "red"}, "b": {"title": "Shape", "default": "o"}}}
    )
    person.answers("Colour", CTRL_U, ENTER)
    person.answers("Shape", ENTER)
    person.answers("Make it?", ENTER)
    code, _printed = person.leaves()

    assert code == 0
    assert '{"b":"o"}' in person.conversation


def test_what_a_page_wants_masked_is_not_shown_again(begin: Begin) -> None:
    masked = {"title": "Budget", "ui:backstage": {"review": {"mask": "some money"}}}
    hidden = {"title": "Code name", "ui:backstage": {"review": {"show": False}}}
    person = begin({"properties": {"budget": masked, "code": hidden, "open": {"title": "Open"}}})
    person.answers_all([("Budget", ("1000", ENTER)), ("Code name", ("x-files", ENTER)), ("Open", ("seen", ENTER))])
    person.answers("Make it?", DOWN, DOWN, ENTER)
    person.sees("Which answer?")
    person.answers("Leave", CTRL_C)
    person.leaves()

    listed = person.conversation.partition("Which answer?")[2]
    assert "some money" in listed
    assert "(hidden)" in listed
    assert "seen" in listed
    assert "1000" not in listed
    assert "x-files" not in listed


def test_answers_to_be_changed_are_shown_as_they_were_given(begin: Begin) -> None:
    page = {
        "tier": {"title": "Tier", "enum": [1, 2], "enumNames": ["Gold", "Silver"]},
        "words": {"title": "Words", "type": "array", "items": {"type": "string"}},
        "open": {"title": "Open", "type": "boolean"},
        "none": {"title": "Retries", "type": "integer"},
    }
    person = begin({"required": ["tier"], "properties": page})
    person.answers_all([("Tier", (DOWN, ENTER)), ("Words", ("a, b", ENTER)), ("Open", (ENTER,)), ("Retries", ("0",))])
    person.types(ENTER)
    person.answers("Make it?", DOWN, DOWN, ENTER)
    person.sees("Which answer?")
    person.answers("Leave", CTRL_C)
    person.leaves()

    listed = person.conversation.partition("Which answer?")[2]
    assert all(re.search(rf"{name} +{shown}\n", listed) for name, shown in SHOWN.items())


SHOWN = {"Tier": "Silver", "Words": "a, b", "Open": "no", "Retries": "0"}


GREETING = {"properties": {"name": {"title": "Enter your name", "description": "to be greeted", "maxLength": 10}}}


def test_what_is_filled_because_of_its_name_can_be_answered_otherwise(begin: Begin, home: Path) -> None:
    person = begin(GREETING)
    person.answers("Make it?", DOWN, DOWN, ENTER)
    person.answers("Which answer?", DOWN, DOWN, ENTER)
    person.answers("to be greeted", CTRL_U, "Ann", ENTER)
    person.sees('{"name":"Ann"}')
    person.answers("Make it?", DOWN, DOWN, ENTER)
    person.answers("Which answer?", DOWN, DOWN, ENTER)
    person.answers("to be greeted", CTRL_U, "star-count", ENTER)
    person.sees('{"name":"star-count"}')
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {}


def test_an_answer_that_was_given_stays_though_the_wizard_would_fill_it(begin: Begin, home: Path) -> None:
    repository = {"type": "string", "ui:field": "RepoUrlPicker"}
    given = ("-d", "name=Ann", "-d", "repoUrl=github.com?owner=a&repo=b")
    person = begin({"properties": {**GREETING["properties"], "repoUrl": repository}}, arguments=given)
    person.sees('{"name":"Ann","repoUrl":"github.com?owner=a&repo=b"}')
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"name": "Ann", "repoUrl": "github.com?owner=a&repo=b"}


def test_a_question_says_what_is_typed_and_whether_anything_need_be(begin: Begin) -> None:
    page = {
        "first": {"title": "First", "description": "The **first** day", "format": "date"},
        "last": {"title": "Last", "format": "date"},
        "key": {"title": "Key", "ui:field": "Secret"},
    }
    person = begin({"required": ["first"], "properties": page})
    person.sees("The first day · a date, like 2024-01-31")
    person.types("2024-02-30", ENTER)
    person.sees("it is not a date, like 2024-01-31")
    person.types(CTRL_U, "2024-02-29", ENTER)
    person.answers("a date, like 2024-01-31 · optional", ENTER)
    person.answers("optional · kept nowhere", ENTER)
    person.answers("Make it?", CTRL_C)
    assert person.leaves()[0] == 130


def test_a_dumb_terminal_of_forty_columns_asks_for_entries_too(begin: Begin, home: Path) -> None:
    person = begin({"required": ["db"], "properties": {"db": DATABASE, "ports": PORTS}}, width=40, TERM="dumb")
    person.answers_all(
        [
            ("Enter for 1:\r\n> ", ("2", ENTER)),
            ("Size [10]\r\n> ", (ENTER,)),
            ("kept nowhere\r\n> ", ("hunter2", ENTER)),
            ("Enter for 1:\r\n> ", ("2", ENTER)),
            ("Number\r\n> ", ("<", ENTER)),
            ("Enter for 1:\r\n> ", ("2", ENTER)),
            ("Number\r\n> ", ("80", ENTER)),
            ("kept nowhere\r\n> ", (ENTER,)),
            ("Enter for 1:\r\n> ", (ENTER,)),
            ("Make it?", (CTRL_C,)),
        ]
    )
    person.leaves()

    assert answers(home) == {"db": {"engine": "pg", "size": 10}, "ports": [{"number": 80}]}
    assert "\x1b" not in person.seen.getvalue()
    too_long = [line for line in person.conversation.splitlines() if len(line) > 40 and " " in line.strip()]
    assert [line for line in too_long if not line.startswith("> ")] == []


def test_answers_inside_of_objects_are_given_by_their_dotted_names(begin: Begin, home: Path) -> None:
    given = ("-d", "db.engine=pg", "-d", "db.key=hunter2", "-d", 'ports=[{"number": 80, "key": "hunter3"}]')
    person = begin({"required": ["db"], "properties": {"db": DATABASE, "ports": PORTS}}, arguments=given)
    person.answers("Database: Size", ENTER)
    person.answers("Make it?", CTRL_C)
    person.leaves()

    assert answers(home) == {"db": {"engine": "pg", "size": 10}, "ports": [{"number": 80}]}
    assert "hunter" not in str(kept(home)) + person.conversation
