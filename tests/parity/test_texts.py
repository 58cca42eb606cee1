"""Texts of any shape: what cookiecutter's own environment makes of them, or that it makes nothing."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

from cookiecutter.utils import create_env_with_context
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError

from scaffolder.gateways.confined import Note
from scaffolder.template.cookiecutter.engine import Engine
from scaffolder.template.cookiecutter.line_ends import unified
from scaffolder.template.expressions import RenderError

PIECES = [
    *(
        "{{ cookiecutter.a }}",
        "{{cookiecutter.b}}",
        "{{- cookiecutter.a -}}",
        "{{\ncookiecutter.n\t}}",
        "{{ cookiecutter.none }}",
    ),
    *("{{ cookiecutter.x }}", "{{ cookiecutter['a'] }}", "{{ cookiecutter.a|upper }}", "{{ cookiecutter.a.upper() }}"),
    *("{{ cookiecutter.l }}", "{{ cookiecutter.l|join(',') }}", "{{ cookiecutter.l[0] }}", "{{ cookiecutter.l[9] }}"),
    *("{", "}", "{{", "}}", "{%", "%}", "{#", "#}", "{{{", "}}}", "{{ '{{' }}", "\\", "'", '"', "-"),
    *(
        "{% if cookiecutter.t %}",
        "{% else %}",
        "{% endif %}",
        "{%- endif -%}",
        "{% for i in cookiecutter.l %}",
        "{{ i }}",
        "{% endfor %}",
    ),
    *("{% raw %}", "{% endraw %}", "{% set v = 1 %}", "{{ v }}", "{% macro m() %}", "{% endmacro %}", "{{ m() }}"),
    *("{# note #}", "\n", "\r\n", "\r", "  ", "\t", "text", "ä", "\u2028", "\x0c", "#", "##"),
]
CONTEXT: dict[str, Any] = {
    "cookiecutter": OrderedDict(a="Aä", b="{{ b }}", n=3, none=None, t=True, l=["x", "y"], m=OrderedDict(k="v"))
}


@settings(max_examples=1_500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9).map(lambda pieces: unified("".join(pieces).encode()).decode()))
def test_any_text(text: str) -> None:
    engine = Engine(note=Note())
    try:
        expected = create_env_with_context({}).from_string(text).render(**copy.deepcopy(CONTEXT))
    except (TemplateError, TypeError):
        expected = None
    try:
        made = engine.text(text, copy.deepcopy(CONTEXT), file="f") if engine.has_tags(text) else text
    except RenderError:
        made = None
    assert made == expected
