from __future__ import annotations

from typing import Any

import pytest

from scaffolder.template.expressions import (
    UNDEFINED,
    Renderer,
    RenderError,
    Variables,
    Warned,
    render_value,
    truthy,
)
from scaffolder.template.language.bounds import Limits
from scaffolder.template.language.environment import Dialect, Environment
from scaffolder.template.language.faults import Fault
from tests.template.golden import render_text

VALUES = {
    "values": {
        "name": "my-app",
        "n": 3,
        "yes": True,
        "no": False,
        "nul": None,
        "list": ["a", "b"],
        "empty": [],
        "obj": {"b": 1, "10": 2, "2": 3},
        "repo": "github.com?owner=o&repo=r",
    }
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "${{ values.yes }} ${{ values.no }} [${{ values.nul }}] [${{ values.missing.deeper[0] }}]",
            "true false [] []",
        ),
        ("${{ values.list }} ${{ values.obj }}", "a,b [object Object]"),
        (
            "${{ 6 / 2 }} ${{ 7 / 2 }} ${{ 1 / 0 }} ${{ -7 % 3 }} ${{ 1 + '2' }} ${{ 1 ~ 2 + 3 }}",
            "3 3.5 Infinity -1 12 123",
        ),
        ("{% if values.empty %}T{% endif %}{% if values.obj and [] and {} %}T{% endif %}", "TT"),
        ("{% if not values.name == 'x' %}T{% else %}F{% endif %}", "F"),
        ("${{ 1 == '1' }} ${{ 1 === '1' }} ${{ 3 > 2 > 1 }} ${{ null == values.missing }}", "true false false true"),
        (
            "{% for k, v in values.obj %}${{ k }}=${{ v }};{% endfor %}{% for k in values.obj %}x{% endfor %}",
            "2=3;10=2;b=1;",
        ),
        ("{% for x in {length: '2'} %}${{ loop.revindex }}${{ loop.last }};{% endfor %}", "2false;1true;"),
        ("${{ values.list | dump }} ${{ {a: 1} | dump }}", '["a","b"] {"a":1}'),
        ("${{ values.repo | parseRepoUrl | pick('repo') }} ${{ values.repo | projectSlug }}", "r o/r"),
        ("${{ 'component:x' | parseEntityRef | dump }}", '{"kind":"component","namespace":"default","name":"x"}'),
        ("${{ values.name.toUpperCase().split('-').join('_') }} ${{ values.list.length }}", "MY_APP 2"),
        ("{{ helm }} $${{ values.n }} ${{ '${{' }} secrets.X }}", "{{ helm }} $3 ${{ secrets.X }}"),
        (
            "{% macro m() %}{% endmacro %}{% if m() %}T{% endif %}${{ m() is string }}${{ '<' | escape | escape }}",
            "Tfalse&lt;",
        ),
        ("a\r\n{% if true %}b{% endif %}\r\n", "a\r\nb\r\n"),
        ("a\r\n{% if true %}b{% endif %}\nc\r", "a\r\nb\nc\r"),
        ("{% raw %}${{ x }}{% endraw %}\n", "${{ x }}\n"),
    ],
)
def test_prints_what_backstage_prints(source: str, text: str) -> None:
    assert render_text(source, VALUES) == text


@pytest.mark.parametrize(
    "source",
    [
        "${{ ''.__class__.__mro__[1].__subclasses__() }}",
        "${{ cycler.__init__.__globals__['os'].system('true') }}",
        "${{ always.__globals__.get('x') }}",
        "${{ range(10**9) }}",
        "${{ 'x'.repeat(10**9) }}",
        "${{ 'x' | center(10**9) }}",
        "${{ 'x' | indent(10**9, true) }}",
        "${{ 'aaaa' | replace('a', 'b'.repeat(60000000)) }}",
        "{% set x = [1] %}{% for i in range(99) %}{% set y = x.push(x.concat(x)) %}{% endfor %}${{ x }}",
        "{% set a %}{% for i in range(99999) %}" + "x" * 5000 + "{% endfor %}{% endset %}",
        "{% macro f(n) %}${{ f(n) }}{% endmacro %}${{ f(1) }}",
        "${{ " + "(" * 5000 + " }}",
        "{% for a in [1] %}" * 5000 + "{% endfor %}" * 5000,
        "{% include '/etc/passwd' %}",
        "{% set x = [] %}${{ x.push(x) }}${{ x }}",
        "${{ 'a' | nofilter }}",
        "${{ 'x' in values.missing }}",
        "{% for i in range(9999) %}{% set x = range(99999) %}{% endfor %}",
        "{% set s = 'x' %}{% for i in range(99) %}{% set s = s ~ s %}{% endfor %}",
        "{% set s = 'x'.repeat(9000000) %}{% set l = [] %}{% for i in range(99) %}${{ l.push('x' ~ s) }}{% endfor %}",
        "${{ 'x'.padStart(10**10) }}",
        "${{ 'x' | batch(10**10, 'y') }}",
        "${{ [1, 2].at(1e400) }}",
    ],
)
def test_refuses_what_asks_for_too_much_or_is_wrong(source: str) -> None:
    with pytest.raises(RenderError):
        render_text(source, VALUES)


@pytest.mark.parametrize(
    "source", ["${{ ''.__class__ }}", "${{ [].__init__ }}", "${{ values.__class__ }}", "${{ 'a'.format }}"]
)
def test_attributes_of_python_are_not_there(source: str) -> None:
    assert render_text(source, VALUES) == ""


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{% if n > 0 %}${{ f(n-1) }}${{ f(n-1) }}{% endif %}{% endmacro %}${{ f(60) }}",
        "{% set l = range(99999) %}{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}",
        "${{ r/(a+)+$/.test('" + "a" * 60 + "b') }}",
    ],
)
def test_gives_up_after_a_while(source: str) -> None:
    environment = Environment(Dialect(), Limits(seconds=0.2))
    with pytest.raises(Fault, match="longer than"):
        environment.render(source, {})


@pytest.mark.parametrize(
    ("source", "characters"),
    [
        ("${{ '<!--'.repeat(200000) | striptags | length }}", "800000"),
        ("${{ '<a '.repeat(200000) | striptags | length }}", "599999"),
        ("${{ ('a' ~ ' '.repeat(400000) ~ 'b') | striptags(true) | length }}", "3"),
    ],
)
def test_a_text_is_gone_through_once(source: str, characters: str) -> None:
    """Gone through from every beginning of a tag, these would take hours."""
    assert render_text(source, {}) == characters


def test_a_line_of_many_blocks_is_gone_through_once() -> None:
    source = "x" * 400_000 + "{% if true %} {% endif %}" * 20_000
    assert len(Renderer(Dialect(lstrip_blocks=True)).text(source, {})) == 420_000


def test_values_that_nest_too_deeply_are_refused() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(RenderError, match="nest too deeply"):
        render_text("${{ values.deep }}", {"values": {"deep": deep}})
    with pytest.raises(RenderError, match="nests too deeply"):
        render_value(deep, {})


def test_an_error_names_file_and_line() -> None:
    with pytest.raises(RenderError, match=r"^a\.txt:3: "):
        Renderer().text("one\ntwo\n${{ values.name.nope() }}", VALUES, file="a.txt")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("${{ parameters.n }}", 3),
        ("${{ parameters.list }}", ["a"]),
        ("${{ parameters.yes and not parameters.no }}", True),
        ("n=${{ parameters.n }}", "n=3"),
        ("${{ parameters.n }}\n", "3\n"),
        ({"a": "${{ parameters.missing }}", "b": 1}, {"b": 1}),
        (["${{ parameters.missing }}", {"${{ key }}": "${{ parameters.text }}"}], [None, {"${{ key }}": "42"}]),
        ("${{ parameters.missing }}", UNDEFINED),
        ("plain", "plain"),
        ([9007199254740993, 10**400, float("inf"), float("nan"), True], [9007199254740992, None, None, None, True]),
    ],
)
def test_a_field_of_a_step_keeps_its_type(value: Any, result: Any) -> None:
    parameters = {"n": 3, "list": ["a"], "yes": True, "no": False, "text": "42"}
    assert render_value(value, {"parameters": parameters}) == result


def test_a_field_that_fails_stays_as_it_is_written_and_says_so() -> None:
    warnings: list[Warned] = []
    assert render_value({"a": "${{ 1 | nofilter }}"}, {}, warnings=warnings) == {"a": "${{ 1 | nofilter }}"}
    assert [(warning.text, "nofilter" in warning.reason) for warning in warnings] == [("${{ 1 | nofilter }}", True)]


def test_what_one_text_changes_no_other_sees() -> None:
    shared = Variables({"values": {"list": ["a"]}})
    assert render_text("${{ values.list.push('b') }}${{ values.list }}", shared) == "2a,b"
    assert render_text("${{ values.list }}", shared) == "a"
    assert shared == {"values": {"list": ["a"]}}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% set t = 0 %}{% for x in [1, 2] %}{% set t = t + x %}{% endfor %}${{ t }}", "3"),
        ("{% if true %}{% set t = 1 %}{% endif %}${{ t }}", "1"),
        ("{% for x in [1] %}{% set t = 1 %}{% endfor %}[${{ t }}]", "[]"),
        ("{% set v = 1 %}{% macro m() %}${{ v }}{% set v = 2 %}{% endmacro %}${{ m() }}${{ v }}", "11"),
        ("{% macro m(a, b=a) %}${{ a }}${{ b }};{% endmacro %}${{ m(1) }}${{ m(b=2) }}${{ m(1, 2, 3) }}", "11;2;12;"),
        ("{% for x in [1] %}{% block b %}${{ x }}{% set t = 1 %}{% endblock %}[${{ t }}]{% endfor %}", "1[]"),
        ("{% switch 2 %}{% case 1 %}a{% case 2 %}{% case 3 %}c{% default %}d{% endswitch %}", "c"),
    ],
)
def test_where_variables_are_seen(source: str, text: str) -> None:
    assert render_text(source, {}) == text


def test_functions_of_the_context_can_be_called() -> None:
    assert render_value("${{ failure() }}", {"failure": lambda: True}) is True


def test_what_lets_a_step_run() -> None:
    stops: list[Any] = [False, 0, "", None, [], UNDEFINED]
    goes: list[Any] = [True, 1, "false", "0", [0], {}]
    assert [truthy(value) for value in stops] == [False] * 6
    assert [truthy(value) for value in goes] == [True] * 6


@pytest.mark.parametrize(
    "expression", ["parameters.text", "parameters.deep.flag", "parameters.missing", "parameters.text.length"]
)
def test_a_bare_lookup_means_what_the_language_says(expression: str) -> None:
    context = {"parameters": {"text": "1.0 ${{ x }}", "deep": {"flag": False}, "true": "t"}}

    bare, in_brackets = (
        render_value(text, context) for text in (f"${{{{ {expression} }}}}", f"${{{{ ({expression}) }}}}")
    )

    assert bare == in_brackets
    assert type(bare) is type(in_brackets)
