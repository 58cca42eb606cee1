from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import Place
from scaffolder.template.cookiecutter import AnswerRefused, ExtensionsRefused, render, render_cookiecutter
from scaffolder.template.cookiecutter.simple import NotDefined
from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import load
from scaffolder.template.parameters import questions, with_defaults
from scaffolder.template.prefilling import prefill
from scaffolder.tree import Link, PathEscapes, Tree
from tests.template.golden import resolved, texts, tree_of

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES: dict[str, Any] = {
    "project_name": "My Shop",
    "project_slug": "{{ cookiecutter.project_name|lower|replace(' ', '_') }}",
    "license": ["MIT", "BSD"],
    "docker": False,
    "deep": {"a": {"b": 1}},
    "_copy_without_render": ["raw", "*.tpl"],
    "_private": "{{ kept }}",
    "__rendered": "{{ cookiecutter.project_slug|upper }}",
    "__prompts__": {"project_name": "What is it called?", "license": {"__prompt__": "Licence", "MIT": "MIT licence"}},
}
PROJECT = "{{cookiecutter.project_slug}}"


def template(files: dict[str, Any], **variables: Any) -> Tree:
    described = {"cookiecutter.json": json.dumps({**VARIABLES, **variables})}
    return tree_of({**described, **{f"{PROJECT}/{path}": content for path, content in files.items()}})


def test_its_variables_become_a_page(tmp_path: Path) -> None:
    found = load(resolved(tmp_path, dict(template({"a": ""})) | {"hooks/post_gen_project.py": "raise SystemExit"}))
    asked = {question.name: question for question in questions(found.pages[0], {"project_name": "Two Words"})}
    assert list(asked) == ["project_name", "project_slug", "license", "docker", "deep"]
    assert asked["project_name"].title == "What is it called?"
    assert asked["project_slug"].default == "two_words"
    assert (asked["license"].kind, [choice.label for choice in asked["license"].choices]) == (
        "choice",
        ["MIT licence", "BSD"],
    )
    assert (asked["docker"].kind, asked["docker"].default, asked["deep"].kind) == ("boolean", False, "json")
    assert found.hooks == ("hooks/post_gen_project.py",)
    assert (found.dialect, [step.action for step in found.steps]) == ("cookiecutter", ["fetch:cookiecutter"])
    assert with_defaults(found, prefill(found, name="shop"))["project_slug"] == "shop"


def test_templates_within_are_a_question_and_each_has_its_own(tmp_path: Path) -> None:
    described = {
        "templates": {"small": {"path": "./a", "title": "Small"}, "large": {"path": "./b", "description": "All"}}
    }
    inner = {"a": {"slug": "x", "colour": ["red", "blue"]}, "b": {"slug": "y", "size": "{{ cookiecutter.slug }}!"}}
    files: dict[str, Any] = {"cookiecutter.json": json.dumps(described)}
    for place, variables in inner.items():
        files |= {f"{place}/cookiecutter.json": json.dumps(variables), f"{place}/{{{{cookiecutter.slug}}}}/f": place}
    found = load(resolved(tmp_path, files))
    (page,) = found.pages
    assert [question.name for question in questions(page, {})] == ["template", "slug", "colour"]
    assert [choice.label for choice in questions(page, {})[0].choices] == ["Small", "large (All)"]
    assert [question.name for question in questions(page, {"template": "large"})] == ["template", "slug", "size"]
    assert with_defaults(found, {"template": "large", "slug": "z"}) == {"template": "large", "slug": "z", "size": "z!"}
    assert texts(render_cookiecutter(tree_of(files), {"template": "large"})) == {"f": "b"}


def test_templates_within_may_hold_templates(tmp_path: Path) -> None:
    several = {"python": {"path": "py", "title": "Python"}, "go": {"path": "go"}}
    inner = {"lib": {"path": "lib", "title": "A library"}, "app": {"path": "apps/web", "title": "An app"}}
    files: dict[str, Any] = {
        "cookiecutter.json": json.dumps({"templates": several}),
        "py/cookiecutter.json": json.dumps({"templates": inner}),
    }
    for place in ("go", "py/lib", "py/apps/web"):
        files |= {f"{place}/cookiecutter.json": '{"slug": "s"}', f"{place}/{{{{cookiecutter.slug}}}}/f": place}
    found = load(resolved(tmp_path, files))
    (which, _slug) = questions(found.pages[0], {})
    assert [(choice.value, choice.label) for choice in which.choices] == [
        ("python/lib", "Python: A library"),
        ("python/app", "Python: An app"),
        ("go", "go"),
    ]
    assert texts(render_cookiecutter(tree_of(files), {})) == {"f": "py/lib"}
    assert texts(render_cookiecutter(tree_of(files), {"template": "python/app"})) == {"f": "py/apps/web"}
    with pytest.raises(AnswerRefused, match="python/app"):
        render_cookiecutter(tree_of(files), {"template": "python"})


@pytest.mark.parametrize(
    "described",
    [
        {"a": {"templates": {"x": {"path": "."}}}},
        {"a": {"templates": {"x": {"path": "b"}}}, "a/b": {"templates": {"y": {"path": "c"}}}},
        {"a": {"templates": {f"x{number}": {"path": "b"} for number in range(201)}}, "a/b": {}},
    ],
)
def test_templates_within_end_somewhere(tmp_path: Path, described: dict[str, Any]) -> None:
    files = {f"{place}/cookiecutter.json": json.dumps(variables) for place, variables in described.items()}
    files["cookiecutter.json"] = json.dumps({"templates": {"a": {"path": "a"}}})
    with pytest.raises(TemplateInvalid, match=r"circles|missing|more than"):
        load(resolved(tmp_path, files))


def test_a_template_within_that_cannot_be_used_is_in_nobodys_way(tmp_path: Path) -> None:
    several = {"round": {"path": "round"}, "lost": {"path": "nowhere"}, "fine": {"path": "fine"}}
    files: dict[str, Any] = {
        "cookiecutter.json": json.dumps({"templates": several}),
        "round/cookiecutter.json": json.dumps({"templates": {"again": {"path": "."}, "too": {"path": "."}}}),
        "fine/cookiecutter.json": '{"slug": "s"}',
        "fine/{{cookiecutter.slug}}/f": "fine",
    }
    found = load(resolved(tmp_path, files))
    (which, slug) = questions(found.pages[0], {})
    assert [choice.value for choice in which.choices] == ["fine"]
    assert "lost cannot be used: nowhere/cookiecutter.json: it is missing" in which.description
    assert "round/again cannot be used" in which.description
    assert slug.default == "s"
    assert texts(render_cookiecutter(tree_of(files), {"template": "fine"})) == {"f": "fine"}
    with pytest.raises(TemplateInvalid, match="nowhere"):
        render_cookiecutter(tree_of(files), {"template": "lost"})
    with pytest.raises(TemplateInvalid, match="circles"):  # the first is the default, as in cookiecutter
        render_cookiecutter(tree_of(files), {})


def test_a_default_that_is_wrong_is_named_with_its_line() -> None:
    text = '{\n  "slug": "s",\n  "_private": ["{{"],\n\t"late": "{{ cookiecutter.nobody }}"\n}'
    files: dict[str, Any] = {"in/cookiecutter.json": text, "in/{{cookiecutter.slug}}/f": ""}
    with pytest.raises(NotDefined) as wrong:
        render(tree_of(files), {}, directory="in")
    assert wrong.value.place == Place("in/cookiecutter.json", 4, field="late")
    assert wrong.value.message == "in/cookiecutter.json:4 late: cookiecutter.nobody is not defined"


def test_a_default_may_use_what_is_not_asked(tmp_path: Path) -> None:
    variables = {
        "_names": ["one", "two"],
        "__up": "{{ cookiecutter._names[1]|upper }}",
        "a": "{{ cookiecutter.__up }}",
        "b": None,
    }
    files = {"cookiecutter.json": json.dumps(variables), "{{cookiecutter.a}}/f": "{{ cookiecutter.b }}"}
    found = load(resolved(tmp_path, dict(files)))
    assert with_defaults(found, {}) == {"a": "TWO"}


def test_options_of_jinja_count_for_defaults_and_the_projects_name(tmp_path: Path) -> None:
    options = {"variable_start_string": "<<", "variable_end_string": ">>"}
    variables = {"a": "x", "b": "<< cookiecutter.a >>y", "_jinja2_env_vars": options}
    found = load(resolved(tmp_path, {"cookiecutter.json": json.dumps(variables), "<<cookiecutter.b>>/f": ""}))
    assert with_defaults(found, {})["b"] == "xy"


def test_the_result_is_the_content_of_the_projects_directory() -> None:
    files = {
        "{{cookiecutter.license}}/a": "{{ cookiecutter.__rendered }} {{ cookiecutter._private }}",
        "crlf": "a\r\n{{ cookiecutter.docker }}\r\n",
        "raw/{{x}}": "{{ not rendered }}",
        "{{cookiecutter.license}}.tpl": "{{ not rendered }}",
        "include": "{% include 'part' %}",
        "part": "{{ cookiecutter.project_name | slugify }}",
    }
    made = texts(render_cookiecutter(template(files), {"project_name": "A B", "license": "BSD"}))
    assert made["BSD/a"] == "A_B {{ kept }}"
    assert made["crlf"] == "a\r\nFalse\r\n"
    assert made["raw/{{x}}"] == made["BSD.tpl"] == "{{ not rendered }}"
    assert made["include"] == made["part"] == "a-b"


@pytest.mark.parametrize("slug", ["../evil", "/evil", "..", "a\0b", "a/../../b"])
def test_no_answer_leads_outside(slug: str) -> None:
    with pytest.raises(PathEscapes):
        render_cookiecutter(template({"a": ""}), {"project_slug": slug})


@pytest.mark.parametrize(
    "content",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ cycler.__init__.__globals__.os.popen('true').read() }}",
        "{{ undefined_name }}",
        "{{ 'x' * 10**9 }}",
        "{{ 'x'.ljust(10**9) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ ('a' * 60000).replace('a', 'b' * 60000) }}",
        "{{ (['b'] * 60000) | join('a' * 60000) }}",
        "{% set ns = namespace(x='aaaa') %}{% for i in range(90) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{{ random_ascii_string(10**9) }}",
        "{{ range(10**9) | list }}",
        "{% include '/etc/passwd' %}",
        "{% include '../cookiecutter.json' %}",
    ],
)
def test_a_body_is_refused_and_its_file_named(content: str) -> None:
    with pytest.raises(RenderError, match=r"/bad: |/bad:1: "):
        render_cookiecutter(template({"bad": content}), {})


def test_extensions_links_outside_and_text_that_is_none_are_refused() -> None:
    with pytest.raises(ExtensionsRefused, match=r"local_extensions\.Evil"):
        render_cookiecutter(template({"a": ""}, _extensions=["local_extensions.Evil"]), {})
    with pytest.raises(RenderError, match="leads outside"):
        render_cookiecutter(template({"a": Link("../../secret")}), {})
    with pytest.raises(RenderError, match="not UTF-8"):
        render_cookiecutter(template({"a": b"{{ cookiecutter.license }} and caf\xe9 in latin-1"}), {})


@pytest.mark.parametrize("text", ["{", "[]", '"x"'])
def test_a_malformed_description_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateInvalid, match=r"cookiecutter\.json"):
        load(resolved(tmp_path, {"cookiecutter.json": text, f"{PROJECT}/a": ""}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{{ '{:1000000000}'.format(1) }}", "a very large width"),
        (
            "{% set ns = namespace(x='a') %}{% for i in range(28) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            "longer than",
        ),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_made(content: str, words: str) -> None:
    with pytest.raises(RenderError, match=words):
        render_cookiecutter(template({"bad": content}), {})
