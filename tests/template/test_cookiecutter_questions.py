from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.app.answers import typed
from scaffolder.template.cookiecutter import render
from scaffolder.template.manifest import load
from scaffolder.template.parameters import check_answers, questions, secrets_apart, with_defaults
from tests.template.golden import resolved, texts

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.template.manifest import Template
    from scaffolder.template.question import Question
    from scaffolder.tree import Tree


def found(directory: Path, variables: dict[str, Any], body: str = "") -> tuple[Template, Tree]:
    files = {"cookiecutter.json": json.dumps(variables), "{{cookiecutter.slug}}/a": body}
    place = resolved(directory, files)
    return load(place), place.tree


def asked(template: Template, **answers: Any) -> dict[str, Question]:
    return {one.name: one for one in questions(template.pages[0], answers)}


def test_what_a_default_is_made_from_is_known(tmp_path: Path) -> None:
    variables = {
        "title": "Boat",
        "slug": "{{ cookiecutter.title|lower }}",
        "package": "{{ cookiecutter['slug'] }}_x",
        "fixed": "{{ 1 + 1 }}",
        "anew": "{{ cookiecutter.title }}-{{ random_ascii_string(8) }}",
        "deep": {"a": "{{ cookiecutter.package }}"},
        "licences": ["{{ cookiecutter.title }}", "other"],
        "later": "{{ cookiecutter.last }}",
        "last": "",
        "__hidden": "{{ cookiecutter.title }}",
        "by_way_of_it": "{{ cookiecutter.__hidden }}",
    }
    follows = found(tmp_path, variables)[0].pages[0].follows
    assert {name: names for name, names in follows.items() if names} == {
        "slug": ("title",),
        "package": ("title", "slug"),
        "deep": ("title", "slug", "package"),
        "licences": ("title",),
        "by_way_of_it": ("title",),
    }


def test_maps_are_asked_last_because_they_may_be_made_from_all_others(tmp_path: Path) -> None:
    template, _ = found(tmp_path, {"deep": {"a": "{{ cookiecutter.slug }}"}, "slug": "boat"})
    assert list(asked(template)) == ["slug", "deep"]
    assert template.pages[0].follows["deep"] == ("slug",)


def test_what_has_no_default_is_asked_for_and_what_is_made_from_it_waits(tmp_path: Path) -> None:
    template, _ = found(tmp_path, {"role": None, "slug": "x-{{ cookiecutter.role.lower() }}", "word": "{{ 1 + 1 }}"})
    before, after = asked(template), asked(template, role="DB")
    assert [one.default for one in before.values()] == [None, None, "2"]
    assert before["role"].required
    assert after["slug"].default == "x-db"
    assert check_answers(template, {}) == ["role: an answer is needed"]
    assert check_answers(template, {"role": "DB"}) == []


def test_a_default_that_cannot_be_made_says_why_and_the_others_are_made(tmp_path: Path) -> None:
    variables = {"title": "Boat", "slug": "{{ cookiecutter.title|modname }}", "x": "{{ cookiecutter.title }}"}
    template, _ = found(tmp_path, {**variables, "_extensions": ["local_extensions.Names"]})
    questions = asked(template)
    assert questions["x"].default == "Boat"
    assert questions["slug"].default is None
    assert questions["slug"].help.startswith("no default: cookiecutter.json slug: No filter named 'modname'")
    assert "local_extensions.Names" in questions["slug"].help


def test_options_that_are_texts_read_as_they_will_be(tmp_path: Path) -> None:
    variables = {"slug": "boat", "kind": ["{{ cookiecutter.slug }}-x", "{{ cookiecutter.slug|upper }}"]}
    template, tree = found(tmp_path, variables, "{{ cookiecutter.kind }}")
    assert [choice.label for choice in asked(template, slug="tug")["kind"].choices] == ["tug-x", "TUG"]
    answers = {"slug": "tug", "kind": typed(template, "kind", "TUG", {"slug": "tug"})}
    assert check_answers(template, answers) == []
    assert texts(render(tree, with_defaults(template, answers)).tree) == {"a": "TUG"}


def test_the_same_answers_have_the_same_defaults_however_random(tmp_path: Path) -> None:
    template, _ = found(tmp_path, {"slug": "a", "key": "{{ random_ascii_string(30) }}"})
    first = with_defaults(template, {"slug": "b"})
    assert first == with_defaults(template, {"slug": "b"})
    assert first["key"] != with_defaults(template, {"slug": "c"})["key"]


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("password", True),
        ("postgresql_password", True),
        ("API_KEY", True),
        ("aws_secret_access_key", True),
        ("github_token", True),
        ("use_token", True),
        ("tokenizer", False),
        ("password_policy", False),
        ("public_key", False),
    ],
)
def test_what_is_called_like_a_secret_is_one(tmp_path: Path, name: str, hidden: bool) -> None:  # noqa: FBT001 - a table
    template, _ = found(tmp_path, {"slug": "a", name: ""})
    assert (secrets_apart(template, {name: "x"})[1] == {name: "x"}) == hidden
    assert (asked(template)[name].kind == "secret") == hidden


def test_a_choice_or_a_switch_is_no_secret(tmp_path: Path) -> None:
    template, _ = found(tmp_path, {"slug": "a", "token": ["yes", "no"], "password": True})
    assert secrets_apart(template, {"token": "yes", "password": True})[1] == {}


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("[bold red]Name[/bold red]", "Name"),
        ("[b]Name[/] of it", "Name of it"),
        ("See [link=https://example.com]here[/link]", "See here"),
        ("Licence [MIT]", "Licence [MIT]"),
        ("Go on? [y/n]", "Go on? [y/n]"),
        ("a[0] []", "a[0] []"),
    ],
)
def test_colours_are_left_out_of_a_prompt(tmp_path: Path, prompt: str, title: str) -> None:
    template, _ = found(tmp_path, {"slug": "a", "__prompts__": {"slug": prompt}})
    assert asked(template)["slug"].title == title


@pytest.mark.parametrize("text", ["yes", "y", "t", "true", "1", "on", "no", "n", "f", "false", "0", "off"])
def test_yes_and_no_are_said_as_in_cookiecutter(tmp_path: Path, text: str) -> None:
    template, tree = found(tmp_path, {"slug": "a", "docker": False}, "{{ cookiecutter.docker }}")
    value = typed(template, "docker", text, {})
    assert texts(render(tree, {"docker": value}).tree) == {"a": str(text[0] in "yt1" or text == "on")}


def test_a_map_is_typed_as_json(tmp_path: Path) -> None:
    template, tree = found(tmp_path, {"slug": "a", "limits": {"cpu": "1"}}, "{{ cookiecutter.limits.cpu }}")
    answers = {"limits": typed(template, "limits", '{"cpu": "2"}', {})}
    assert check_answers(template, answers) == []
    assert texts(render(tree, with_defaults(template, answers)).tree) == {"a": "2"}
    assert check_answers(template, {"limits": ["no", "map"]})


def test_what_a_template_would_run_is_named(tmp_path: Path) -> None:
    files = {
        "cookiecutter.json": json.dumps({"templates": {"a": {"path": "a"}, "b": {"path": "./b/c"}}}),
        "hooks/pre_prompt.py": "",
        "hooks/notes.md": "",
    }
    for place in ("a", "b/c"):
        own = {"slug": "x", "_extensions": [f"mine.{place[0]}.Own", "cookiecutter.extensions.SlugifyExtension"]}
        files |= {
            f"{place}/cookiecutter.json": json.dumps(own),
            f"{place}/{{{{cookiecutter.slug}}}}/f": "",
            f"{place}/hooks/post_gen_project.sh": "",
        }
    template = load(resolved(tmp_path, dict(files)))
    assert template.hooks == (
        "hooks/pre_prompt.py",
        "a/hooks/post_gen_project.sh",
        "b/c/hooks/post_gen_project.sh",
    )
    assert template.extensions == ("mine.a.Own", "mine.b.Own")
