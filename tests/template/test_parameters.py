from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import InvalidInput
from scaffolder.template.manifest import Page
from scaffolder.template.parameters import (
    check_answer,
    check_answers,
    questions,
    secrets_apart,
    with_defaults,
)
from scaffolder.template.prefilling import prefill
from scaffolder.template.question import Question
from scaffolder.template.typed_answers import parse_answer
from tests.template.golden import loaded

if TYPE_CHECKING:
    from pathlib import Path


def page(properties: dict[str, Any], **rules: Any) -> Page:
    return Page("", "", {"properties": properties, **rules})


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        ({"type": "string"}, "text"),
        ({}, "text"),
        ({"type": ["null", "integer"]}, "integer"),
        ({"type": "number"}, "number"),
        ({"type": "boolean", "ui:widget": "checkbox"}, "boolean"),
        ({"type": "boolean", "ui:widget": "radio"}, "choice"),
        ({"type": "string", "enum": ["a"]}, "choice"),
        ({"type": "string", "oneOf": [{"const": "a"}]}, "choice"),
        ({"type": "array", "items": {"type": "string", "enum": ["a"]}, "ui:widget": "checkboxes"}, "choices"),
        ({"type": "array", "items": {"type": "string"}}, "list"),
        ({"type": "array", "items": {"type": "object"}}, "row"),
        ({"type": "object"}, "json"),
        ({"type": "string", "ui:widget": "textarea"}, "multiline"),
        ({"type": "string", "ui:widget": "password"}, "secret"),
        ({"type": "string", "ui:field": "Secret"}, "secret"),
    ],
)
def test_kinds(definition: dict[str, Any], kind: str) -> None:
    assert [question.kind for question in questions(page({"a": definition}), {})] == [kind]


def test_a_question_says_all_that_a_form_shows() -> None:
    definition = {
        "title": "Owner",
        "description": "Who",
        "ui:field": "OwnerPicker",
        "ui:options": {"catalogFilter": {"kind": "Group"}},
        "ui:placeholder": "group",
        "ui:help": "Pick one",
        "default": "x",
    }
    assert questions(page({"owner": definition}, required=["owner"]), {}) == [
        Question(
            *("owner", "Owner", "Who", "text", (), "x", True, "OwnerPicker"),
            {"catalogFilter": {"kind": "Group"}},
            *("group", "Pick one", ("owner",)),
        )
    ]


def test_order_and_labels() -> None:
    first = page(
        {"a": {}, "b": {"enum": [1, "x"], "enumNames": ["One"]}, "c": {"ui:widget": "hidden"}},
        **{"ui:order": ["b", "*"]},
    )
    asked = questions(first, {})
    assert [question.name for question in asked] == ["b", "a"]
    assert [(choice.value, choice.label) for choice in asked[0].choices] == [(1, "One"), ("x", "x")]


DEPENDENT = page(
    {"db": {"enum": ["none", "pg"], "default": "none"}, "ci": {"type": "boolean"}},
    dependencies={
        "db": {
            "oneOf": [
                {"properties": {"db": {"const": "none"}}},
                {
                    "properties": {"db": {"enum": ["pg"]}, "size": {"type": "integer", "default": 3}},
                    "required": ["size"],
                },
            ]
        }
    },
    **{
        "if": {"properties": {"ci": {"const": True}}, "required": ["ci"]},
        "then": {"properties": {"runner": {}}},
        "else": {"properties": {"why": {}}},
    },
)


@pytest.mark.parametrize(
    ("answers", "names"),
    [({}, ["db", "ci", "why"]), ({"db": "pg"}, ["db", "ci", "size", "why"]), ({"ci": True}, ["db", "ci", "runner"])],
)
def test_later_questions_depend_on_earlier_answers(answers: dict[str, Any], names: list[str]) -> None:
    assert [question.name for question in questions(DEPENDENT, answers)] == names


@pytest.mark.parametrize(
    ("definition", "value", "words"),
    [
        ({"type": "string"}, 5, "it must be a text"),
        ({"type": "integer"}, "5", "it must be a whole number"),
        ({"type": "integer"}, 5.0, ""),
        ({"type": "boolean"}, "true", "it must be yes or no"),
        ({"enum": ["a", 1]}, "b", "it must be one of: a, 1"),
        ({"type": "string", "pattern": "^[a-z]+$"}, "A", "it does not have the form ^[a-z]+$"),
        ({"type": "string", "pattern": "^a$"}, "a\n", "it does not have the form ^a$"),
        ({"type": "string", "minLength": 2}, "a", "it must have at least 2 characters"),
        ({"type": "string", "maxLength": 1}, "😀", ""),
        ({"type": "number", "maximum": 3}, 4, "it must be 3 or less"),
        ({"type": "array", "uniqueItems": True}, [1, 1], "an entry stands twice"),
        ({"type": "array", "minItems": 1}, [], "it must have at least 1 entry"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], "entry 2: it must be a text"),
        ({"type": "string", "format": "email"}, "a", "it is not an e-mail address"),
        ({"type": "string", "format": "made-up"}, "a", ""),
        ({"type": "made-up", "required": True}, 5, ""),
        ({"type": "string", "required": True}, "", "an answer is needed"),
        ({"$ref": "#/definitions/x"}, 5, "it must be a text"),
        ({"pattern": "("}, "x", "the template's own rule for it is wrong"),
    ],
)
def test_an_answer_is_checked_in_words(definition: dict[str, Any], value: Any, words: str) -> None:
    problem = check_answer(page({"a": definition}, definitions={"x": {"type": "string"}}), "a", value, {})
    assert problem.startswith(words)
    assert bool(problem) == bool(words)


def test_a_broken_rule_never_repeats_a_secret() -> None:
    secret = page({"token": {"ui:field": "Secret", "type": "string", "pattern": "^x", "maxLength": 3, "enum": ["x"]}})
    assert "hunter2" not in check_answer(secret, "token", "hunter2", {})


def test_all_answers_are_checked_at_once(tmp_path: Path) -> None:
    template = loaded(
        tmp_path, [{"required": ["name"], "properties": {"name": {}, "n": {"type": "integer", "default": 3}}}]
    )
    assert check_answers(template, {"name": "x"}) == []
    assert check_answers(template, {"nmae": "x", "n": "y"}) == [
        "nmae: the template does not ask for this; did you mean name?",
        "name: an answer is needed",
        "n: it must be a whole number",
    ]


def test_rules_about_several_answers_are_checked_too(tmp_path: Path) -> None:
    template = loaded(tmp_path, [{"title": "P", "properties": {"a": {}, "b": {}}, "minProperties": 2}])
    assert len(check_answers(template, {"a": "x"})) == 1


def test_defaults_are_those_that_count(tmp_path: Path) -> None:
    template = loaded(
        tmp_path,
        [dict(DEPENDENT.schema), {"properties": {"o": {"properties": {"x": {"default": 1}}}, "c": {"const": "k"}}}],
    )
    assert with_defaults(template, {}) == {"db": "none", "o": {"x": 1}, "c": "k"}
    assert with_defaults(template, {"db": "pg", "c": "other"}) == {"db": "pg", "size": 3, "o": {"x": 1}, "c": "other"}


@pytest.mark.parametrize(
    ("definition", "text", "value"),
    [
        ({"type": "boolean"}, "Yes", True),
        ({"type": "boolean"}, "off", False),
        ({"type": "integer"}, "5", 5),
        ({"type": "number"}, "2.5", 2.5),
        ({"enum": [8080, "x"], "enumNames": ["web", "other"]}, "8080", 8080),
        ({"enum": [8080, "x"], "enumNames": ["web", "other"]}, "web", 8080),
        ({"type": "array", "items": {"enum": [1, 2]}}, "1, 2", [1, 2]),
        ({"type": "array"}, 'a, b,, "c"', ["a", "b", '"c"']),
        ({"type": "array"}, '["a,b", "c"]', ["a,b", "c"]),
        ({"type": "object"}, '{"a": [1]}', {"a": [1]}),
        ({"type": "string"}, "5", "5"),
    ],
)
def test_a_typed_text_means_a_value(definition: dict[str, Any], text: str, value: Any) -> None:
    [question] = questions(page({"a": definition}), {})
    assert parse_answer(question, text) == value


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ({"type": "boolean"}, "maybe"),
        ({"type": "integer"}, "x"),
        ({"type": "number"}, "inf"),
        ({"enum": ["a"]}, "b"),
        ({"type": "object"}, "{"),
    ],
)
def test_a_typed_text_that_means_nothing_is_refused(definition: dict[str, Any], text: str) -> None:
    [question] = questions(page({"a": definition}), {})
    with pytest.raises(InvalidInput, match=r"^a: "):
        parse_answer(question, text)


def test_the_wizards_own_answers_fill_the_templates(tmp_path: Path) -> None:
    properties = {
        "id": {"ui:field": "EntityNamePicker"},
        "team": {"ui:field": "OwnerPicker"},
        "part_of": {"ui:field": "EntityPicker", "ui:options": {"catalogFilter": {"kind": "System"}}},
        "uses": {"ui:field": "EntityPicker"},
        "where": {"ui:field": "RepoUrlPicker"},
        "description": {"type": "string"},
        "project_slug": {"default": "{{ cookiecutter.x }}"},
        "owner": {"enum": ["a"]},
        "name": {"type": "integer"},
    }
    template = loaded(tmp_path, [{"properties": properties}])
    filled = prefill(
        template, name="n", description="d", owner="group:default/o", system="system:default/s", repo_url="r"
    )
    assert filled == {
        "id": "n",
        "team": "group:default/o",
        "part_of": "system:default/s",
        "where": "r",
        "description": "d",
    }


@pytest.mark.parametrize(
    ("properties", "filled"),
    [
        ({"lead": {"ui:field": "OwnerPicker"}, "deputy": {"ui:field": "OwnerPicker"}}, {"lead"}),
        ({"deputy": {"ui:field": "OwnerPicker"}, "team": {"ui:field": "OwnerPicker"}}, {"team"}),
        ({"owner": {"ui:field": "EntityPicker", "ui:options": {"catalogFilter": {"kind": ["Group"]}}}}, {"owner"}),
        ({"owner": {"ui:field": "EntityPicker", "ui:options": {"allowedKinds": ["Resource"]}}}, set()),
    ],
)
def test_of_several_that_ask_for_the_same_one_is_filled(
    tmp_path: Path, properties: dict[str, Any], filled: set[str]
) -> None:
    template = loaded(tmp_path, [{"properties": properties}])
    assert prefill(template, owner="group:default/o").keys() == filled


def test_a_repository_is_filled_in_on_a_host_that_is_allowed(tmp_path: Path) -> None:
    picker = {"ui:field": "RepoUrlPicker", "ui:options": {"allowedHosts": ["git.example"]}}
    template = loaded(tmp_path, [{"properties": {"repoUrl": picker}}])
    assert prefill(template, repo_url="github.com?owner=a&repo=b") == {"repoUrl": "git.example?owner=a&repo=b"}


def test_secrets_are_known_by_name(tmp_path: Path) -> None:
    template = loaded(
        tmp_path, [{"properties": {"a": {"ui:field": "Secret"}, "b": {"ui:options": {"widget": "password"}}, "c": {}}}]
    )
    assert secrets_apart(template, {"a": "1", "b": "2", "c": "3"}) == ({"c": "3"}, {"a": "1", "b": "2"})
