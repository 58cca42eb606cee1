"""Pages as a form shows them: what is asked, in which order, and what is sent without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.template.entry_sheet import entry_sheet
from scaffolder.template.manifest import Page
from scaffolder.template.parameters import (
    check_answer,
    check_answers,
    questions,
    secrets_apart,
    sent,
    with_defaults,
    with_secrets,
)
from scaffolder.template.typed_answers import AnswerInvalid, as_typed, parse_answer
from scaffolder.template.wording import FORMATS
from tests.template.golden import loaded

if TYPE_CHECKING:
    from pathlib import Path


def page(properties: dict[str, Any], **rules: Any) -> Page:
    return Page("", "", {"properties": properties, **rules})


def asked(properties: dict[str, Any], answers: dict[str, Any] | None = None, **rules: Any) -> list[str]:
    return [question.name for question in questions(page(properties, **rules), answers or {})]


# -- what is asked


def test_an_object_is_asked_for_by_its_properties() -> None:
    host = {"title": "Host", "type": "string"}
    inner = {"type": "object", "title": "Replica", "required": ["host"], "properties": {"host": host}}
    database = {"type": "object", "title": "Database", "properties": {"host": host, "replica": inner}}
    found = questions(page({"db": database, "plain": {"type": "object"}}), {})
    assert [(one.name, one.title) for one in found] == [
        ("db.host", "Database: Host"),
        ("db.replica.host", "Replica: Host"),
        ("plain", "plain"),
    ]
    assert found[1].place == ("db", "replica", "host")


@pytest.mark.parametrize(
    ("needed", "answers", "required"),
    [([], {}, False), (["db"], {}, True), ([], {"db": {"user": "x"}}, True)],
)
def test_what_an_object_needs_is_needed_once_there_is_one(
    needed: list[str],
    answers: dict[str, Any],
    required: bool,  # noqa: FBT001 - what is expected
) -> None:
    database = {"type": "object", "required": ["host"], "properties": {"host": {}, "user": {}}}
    found = questions(page({"db": database}, required=needed), answers)
    assert found[0].required is required


def test_conditions_inside_of_an_object_are_about_its_own_answers() -> None:
    database = {
        "type": "object",
        "properties": {"engine": {"enum": ["none", "pg"], "default": "none"}},
        "dependencies": {
            "engine": {
                "oneOf": [
                    {"properties": {"engine": {"enum": ["none"]}}},
                    {"properties": {"engine": {"enum": ["pg"]}, "size": {"type": "integer"}}},
                ]
            }
        },
    }
    assert asked({"db": database}) == ["db.engine"]
    assert asked({"db": database}, {"engine": "pg"}) == ["db.engine"]
    assert asked({"db": database}, {"db": {"engine": "pg"}}) == ["db.engine", "db.size"]


def test_of_the_branches_of_a_dependency_none_counts_when_several_allow_the_answer() -> None:
    branches = [
        {"properties": {"a": {"enum": ["x"]}, "b": {}}},
        {"properties": {"a": {"enum": ["x", "y"]}, "c": {}}},
    ]
    rules = {"dependencies": {"a": {"oneOf": branches}}}
    assert asked({"a": {}}, {"a": "x"}, **rules) == ["a"]
    assert asked({"a": {}}, {"a": "y"}, **rules) == ["a", "c"]


def test_a_condition_may_look_at_an_earlier_page(tmp_path: Path) -> None:
    later = {
        "properties": {"a": {}},
        "if": {"properties": {"language": {"const": "java"}}, "required": ["language"]},
        "then": {"properties": {"jdk": {"default": 21}}},
    }
    template = loaded(tmp_path, [{"properties": {"language": {"enum": ["java", "go"]}}}, later])
    assert with_defaults(template, {"language": "go"}) == {"language": "go"}
    assert with_defaults(template, {"language": "java"}) == {"language": "java", "jdk": 21}


def test_a_condition_says_more_about_what_is_asked() -> None:
    rules = {
        "if": {"properties": {"kind": {"const": "prod"}}, "required": ["kind"]},
        "then": {"properties": {"size": {"title": "Large", "enum": [3, 5]}}, "required": ["size"]},
    }
    properties = {"kind": {}, "size": {"type": "integer", "enum": [1, 3]}}
    small, large = (questions(page(properties, **rules), {"kind": kind})[1] for kind in ("dev", "prod"))
    assert [choice.value for choice in small.choices] == [1, 3]
    assert [choice.value for choice in large.choices] == [3, 5]
    assert (small.required, large.required) == (False, True)


BRANCHES = [
    {"title": "Kubernetes", "properties": {"cluster": {"default": "eu"}}, "required": ["cluster"]},
    {"title": "Machine", "properties": {"image": {}}, "required": ["image"]},
]


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        ({}, ["cluster?", "cluster"]),
        ({"cluster?": "Machine"}, ["cluster?", "image"]),
        ({"image": "x"}, ["cluster?", "image"]),
    ],
)
def test_of_several_schemas_the_person_says_which(answers: dict[str, Any], names: list[str]) -> None:
    found = questions(page({}, oneOf=BRANCHES), answers)
    assert [question.name for question in found] == names
    assert [choice.label for choice in found[0].choices] == ["Kubernetes", "Machine"]


def test_a_property_may_have_several_schemas() -> None:
    where = {"title": "Where", "type": "object", "anyOf": BRANCHES}
    assert asked({"where": where}) == ["where?", "where.cluster"]
    assert asked({"where": where}, {"where?": "Machine"}) == ["where?", "where.image"]
    either = {"anyOf": [{"type": "integer", "title": "A number"}, {"type": "string", "title": "A text"}]}
    [which, number] = questions(page({"port": either}), {})
    assert ([choice.value for choice in which.choices], number.kind) == (["A number", "A text"], "integer")
    assert asked({"port": {"oneOf": [{"type": "string"}, {"type": "null"}]}}) == ["port"]


def test_which_of_several_schemas_is_meant_is_never_sent(tmp_path: Path) -> None:
    template = loaded(tmp_path, [{"oneOf": BRANCHES}])
    answers = {"cluster?": "Machine", "image": "x"}
    assert check_answers(template, answers) == []
    assert sent(with_defaults(template, answers)) == {"image": "x"}


def test_branches_told_by_an_answer_are_not_asked_for() -> None:
    branches = [
        {"properties": {"kind": {"const": "a"}, "x": {}}},
        {"properties": {"kind": {"const": "b"}, "y": {}}},
    ]
    assert asked({"kind": {"enum": ["a", "b"]}}, {"kind": "b"}, oneOf=branches) == ["kind", "y"]


def test_references_are_followed_even_in_circles() -> None:
    tree = {"type": "object", "properties": {"name": {}, "child": {"$ref": "#/definitions/tree"}}}
    names = asked({"root": {"$ref": "#/definitions/tree"}}, definitions={"tree": tree})
    assert names[:2] == ["root.name", "root.child.name"]
    assert len(names) < 30


@pytest.mark.parametrize(
    "definition",
    [
        {"ui:widget": "hidden"},
        {"ui:options": {"widget": "hidden"}},
        {"ui:readonly": True},
        {"ui:options": {"disabled": True}},
        {"readOnly": True},
        {"type": "null"},
        {"backstage:featureFlag": "beta"},
        {"backstage": {"featureFlag": "beta"}},
    ],
)
def test_what_the_form_lets_nobody_answer_is_not_asked(definition: dict[str, Any]) -> None:
    assert asked({"a": definition, "b": {}}) == ["b"]


def test_what_is_behind_a_feature_flag_has_no_default_here(tmp_path: Path) -> None:
    flagged = {"backstage:featureFlag": "beta", "default": 1}
    template = loaded(tmp_path, [{"properties": {"a": flagged}}, {**flagged, "properties": {"b": {"default": 2}}}])
    assert with_defaults(template, {}) == {}


def test_choices_of_a_form() -> None:
    [size, sure] = questions(
        page(
            {
                "size": {
                    "enum": ["s", "m", "l"],
                    "ui:enumDisabled": ["m"],
                    "ui:options": {"enumNames": ["S", "M", "L"]},
                },
                "sure": {"type": "boolean", "enumNames": ["Of course", "Never"]},
            }
        ),
        {},
    )
    assert [(choice.value, choice.label) for choice in size.choices] == [("s", "S"), ("l", "L")]
    assert sure.kind == "choice"
    assert [(choice.value, choice.label) for choice in sure.choices] == [(True, "Of course"), (False, "Never")]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"type": "string"}, "list"),
        ({"type": "integer"}, "list"),
        ({"type": "object", "properties": {"a": {}}}, "entries"),
        ({"type": "string", "ui:field": "OwnerPicker"}, "entries"),
        ({"type": "array", "items": {"type": "string"}}, "entries"),
        ({"$ref": "#/definitions/x"}, "entries"),
        ({"type": "object"}, "row"),
        ([{"type": "string"}], "row"),
    ],
)
def test_lists_by_their_entries(entry: Any, kind: str) -> None:
    [question] = questions(page({"a": {"type": "array", "items": entry}}), {})
    assert question.kind == kind


def test_an_entry_has_a_page_of_its_own() -> None:
    entry = {"type": "object", "properties": {"port": {"$ref": "#/definitions/port"}}}
    rules = {"definitions": {"port": {"type": "integer", "title": "Port"}}}
    [question] = questions(page({"a": {"type": "array", "items": entry}}, **rules), {})
    sheet = entry_sheet(question)
    assert [one.title for one in questions(sheet.page, sheet.wrapped({}))] == ["Port"]
    [owners] = questions(page({"a": {"title": "Team", "type": "array", "items": {"ui:field": "OwnerPicker"}}}), {})
    sheet = entry_sheet(owners)
    [team] = questions(sheet.page, {})
    assert (team.title, team.picker, team.required) == ("Team", "OwnerPicker", True)
    assert sheet.unwrapped(sheet.wrapped("group:default/x")) == "group:default/x"


# -- defaults


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        ({"type": "array"}, []),
        ({"type": "array", "default": ["a"]}, ["a"]),
        ({"type": "array", "minItems": 2, "items": {"type": "string", "default": "x"}}, ["x", "x"]),
        ({"type": "array", "default": [{}], "items": {"properties": {"n": {"default": 1}}}}, [{"n": 1}]),
        ({"type": "object", "default": {"a": 2, "z": 3}, "properties": {"a": {"default": 1}}}, {"a": 1, "z": 3}),
        ({"type": "object", "properties": {"a": {"const": "k"}}}, {"a": "k"}),
        ({"anyOf": [{"type": "object", "properties": {"a": {"default": 1}}}, {"type": "string"}]}, {"a": 1}),
        ({"type": "string"}, None),
        ({"type": "object", "properties": {"a": {}}}, None),
        ({"type": "boolean", "default": False}, False),
    ],
)
def test_what_the_form_sends_without_an_answer(tmp_path: Path, definition: dict[str, Any], value: Any) -> None:
    template = loaded(tmp_path, [{"properties": {"v": definition}}])
    assert with_defaults(template, {}) == ({} if value is None else {"v": value})


def test_an_object_that_is_required_is_sent_empty(tmp_path: Path) -> None:
    template = loaded(tmp_path, [{"required": ["v"], "properties": {"v": {"type": "object", "properties": {"a": {}}}}}])
    assert with_defaults(template, {}) == {"v": {}}


def test_an_answer_is_laid_over_the_defaults_around_it(tmp_path: Path) -> None:
    rule = {"type": "object", "default": {"a": 1, "b": 1}, "properties": {"a": {}, "b": {}, "c": {"default": 1}}}
    template = loaded(tmp_path, [{"properties": {"v": rule}}])
    assert with_defaults(template, {"v": {"b": 2}}) == {"v": {"a": 1, "b": 2, "c": 1}}


def test_a_default_that_a_later_one_closes_is_not_sent(tmp_path: Path) -> None:
    rules = {
        "properties": {"kind": {"default": "small"}},
        "if": {"properties": {"kind": {"const": "small"}}, "required": ["kind"]},
        "then": {"properties": {"size": {"default": 1}}},
        "else": {"properties": {"nodes": {"default": 3}}},
    }
    template = loaded(tmp_path, [rules])
    assert with_defaults(template, {}) == {"kind": "small", "size": 1}
    assert with_defaults(template, {"kind": "large"}) == {"kind": "large", "nodes": 3}


def test_the_default_of_a_page_is_for_what_has_none(tmp_path: Path) -> None:
    rules = {"default": {"a": 1, "b": 1}, "properties": {"a": {"default": 2}, "b": {}}}
    assert with_defaults(loaded(tmp_path, [rules]), {}) == {"a": 2, "b": 1}
    form = Page("", "", rules)
    assert [question.default for question in questions(form, {})] == [2, 1]


def test_a_default_that_was_emptied_does_not_come_back(tmp_path: Path) -> None:
    template = loaded(tmp_path, [{"properties": {"a": {"default": "x"}, "b": {"default": "y"}}}])
    assert sent(with_defaults(template, {"a": None})) == {"b": "y"}


# -- answers


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"^[\w-.]+$", "a-b.c", "a b"),  # only the looser mode takes the range
        (r"^\u0061$", "a", "b"),
        (r"^(?:(?!--)[a-z-])+$", "a-b", "a--b"),
        (r"^\d+$", "12", "٣"),
        (r"^(?<x>a|b)\k<x>$", "aa", "ab"),
        (r"^a$", "a", "a\n"),
    ],
)
def test_patterns_are_javascripts(pattern: str, right: str, wrong: str) -> None:
    form = page({"a": {"type": "string", "pattern": pattern}})
    assert check_answer(form, "a", right, {}) == ""
    assert check_answer(form, "a", wrong, {}) == f"it does not have the form {pattern}"


def test_a_pattern_that_would_take_for_ever_refuses() -> None:
    form = page({"a": {"type": "string", "pattern": r"^([\w-.]+)+!$"}})
    assert check_answer(form, "a", "a" * 30, {}) != ""


@pytest.mark.parametrize(
    ("format_", "right", "wrong"),
    [
        ("uuid", "8c5ab1b4-6dcd-4d1b-9b0a-0d9d8e1c9b0a", "8c5ab1b4"),
        ("duration", "P1DT2H", "P"),
        ("json-pointer", "/a", "a"),
        ("color", "#0af", "#0g"),
        ("alphanumeric", "a1", "a-1"),
        ("phone", "+49 30 1234567", "110"),
        ("date", "2024-02-29", "2023-02-29"),
        ("uri", "https://a.example", "a b"),
        ("ipv4", "10.0.0.1", "10.0.0"),
        ("made-up", "anything", ""),
    ],
)
def test_formats(format_: str, right: str, wrong: str) -> None:
    form = page({"a": {"type": "string", "format": format_}})
    assert check_answer(form, "a", right, {}) == ""
    assert not wrong or check_answer(form, "a", wrong, {}).startswith("it is not a")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_wrong_format_is_told_with_an_example_that_is_right(format_: str) -> None:
    form = page({"a": {"type": "string", "format": format_}})
    told = check_answer(form, "a", "?!", {})
    what, example = FORMATS[format_]
    assert told == f"it is not {what}, like {example}"
    assert check_answer(form, "a", example, {}) == ""


def test_older_bounds_are_understood() -> None:
    form = page({"a": {"type": "integer", "minimum": 3, "exclusiveMinimum": True}, "b": {"exclusiveMaximum": False}})
    assert check_answer(form, "a", 3, {}) == "it must be more than 3"
    assert check_answer(form, "b", 3, {}) == ""


def test_an_answer_inside_of_an_object_is_checked_where_it_stands(tmp_path: Path) -> None:
    database = {"type": "object", "required": ["size"], "properties": {"size": {"type": "integer", "minimum": 1}}}
    template = loaded(tmp_path, [{"required": ["db"], "properties": {"db": database}}])
    assert check_answers(template, {"db": {"size": 0}}) == ["db.size: it must be 1 or more"]
    assert check_answers(template, {}) == ["db.size: an answer is needed"]
    assert check_answer(template.pages[0], "db.size", 0, {}) == "it must be 1 or more"


@pytest.mark.parametrize(
    ("definition", "text", "value"),
    [
        ({"type": "array", "items": {"type": "integer"}}, "1, 2", [1, 2]),
        ({"type": "array", "items": {"type": "boolean"}}, "yes,no", [True, False]),
        ({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]}, "a, 1", ["a", 1]),
        ({"type": "array", "items": [{"type": "string"}]}, "a, b", ["a", "b"]),
        ({"type": "array", "items": {"type": "object"}}, '[{"a": 1}]', [{"a": 1}]),
        ({"type": "object"}, "A=1, B=x y", {"A": "1", "B": "x y"}),
        ({"type": "object"}, '{"A": 1}', {"A": 1}),
        ({"type": "array", "items": {"type": "object", "properties": {"a": {}}}}, '[{"a": 1}]', [{"a": 1}]),
    ],
)
def test_what_is_typed_is_typed_the_same_again(definition: dict[str, Any], text: str, value: Any) -> None:
    [question] = questions(page({"a": definition}), {})
    assert parse_answer(question, text) == value
    assert parse_answer(question, as_typed(question, value)) == value


def test_a_list_with_secrets_is_never_repeated() -> None:
    form = page({"a": {"type": "array", "items": {"type": "object", "properties": {"b": {"type": "string"}}}}})
    (question,) = questions(form, {})
    with pytest.raises(AnswerInvalid) as caught:
        parse_answer(question, "hunter2")
    assert str(caught.value) == "a: it is not JSON"


# -- secrets


def test_secrets_are_kept_apart_wherever_they_are(tmp_path: Path) -> None:
    login = {"type": "object", "properties": {"user": {}, "key": {"ui:field": "Secret"}}}
    rules = {
        "token": {"ui:widget": "password"},
        "login": login,
        "all": {"type": "array", "items": login},
        "keys": {"type": "array", "items": {"type": "string", "ui:field": "Secret"}},
    }
    template = loaded(tmp_path, [{"properties": rules}])
    given = {
        "token": "s1",
        "login": {"user": "u", "key": "s2"},
        "all": [{"user": "v"}, {"user": "w", "key": "s3"}],
        "keys": ["s4"],
    }
    rest, secrets = secrets_apart(template, given)
    assert rest == {"login": {"user": "u"}, "all": [{"user": "v"}, {"user": "w"}], "keys": [""]}
    assert secrets == {"token": "s1", "login.key": "s2", "all.1.key": "s3", "keys.0": "s4"}
    assert with_secrets(template, rest, secrets) == given
