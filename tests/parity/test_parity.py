"""Byte for byte and mode for mode what cookiecutter makes: a template for each rule, rendered by both."""

from __future__ import annotations

import json
import struct
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from binaryornot.helpers import is_binary_string
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.template.cookiecutter import simple
from scaffolder.template.cookiecutter.binaries import is_binary
from scaffolder.template.cookiecutter.line_ends import noticed
from scaffolder.tree import Directory, File, Link
from tests.parity.side_by_side import both, template

if TYPE_CHECKING:
    from scaffolder.tree import Node

Files = dict[str, "str | bytes | Node"]

VARIABLES: dict[str, Any] = {
    "name": "Blue Boat",
    "slug": "{{ cookiecutter.name.lower().replace(' ', '_') }}",
    "number": 5,
    "share": 1.0,
    "nothing": None,
    "yes": True,
    "licence": ["MIT", "BSD", "{{ cookiecutter.name }}'s own"],
    "python": [3.11, 3.12],
    "either": [True, False],
    "deep": {"a": {"b": 1, "{{ cookiecutter.name }}": ["{{ cookiecutter.slug }}", True, None, 2.5]}, "on": True},
    "after": "{{ cookiecutter.licence }}-{{ cookiecutter.python }}-{{ cookiecutter.yes }}",
    "_private": ["{{ kept }}", {"as": "it is"}],
    "__rendered": "{{ cookiecutter.slug|upper }}",
    "__list": ["{{ cookiecutter.slug }}", 1],
    "__map": {"late": "{{ cookiecutter.slug }}"},
    "__prompts__": {"name": "What is it called?"},
}
EVERYTHING = (
    "{{ cookiecutter }}\n{{ _cookiecutter }}\n{% for k, v in cookiecutter.items() %}{{ k }}={{ v }};{% endfor %}"
)
ANSWERS: list[dict[str, Any]] = [
    {},
    {"name": "Zoë <b> & 'Co'", "number": 7, "share": 0.5, "licence": "BSD", "python": 3.12, "either": False},
    {"yes": "no", "deep": {"a": {"b": 2, "c": [1]}, "d": True}, "nothing": "something", "slug": "other"},
    {"yes": "on", "licence": "{{ cookiecutter.name }}'s own", "unknown": "ignored"},
    {"deep": {"on": "no", "a": {"b": True}}},
    {"deep": {"on": 7, "a": "text"}},
]


@pytest.mark.parametrize("answers", ANSWERS)
def test_variables(tmp_path: Path, answers: dict[str, Any]) -> None:
    files = template(
        {"all": EVERYTHING, "{{ cookiecutter.__rendered }}/x": "{{ cookiecutter._private[0] }}"}, **VARIABLES
    )
    expected = {name: value for name, value in answers.items() if name != "unknown"}
    pair = both(tmp_path, files, expected)
    assert pair.ours == pair.theirs


NEW_LINES = {
    "unix": "a\n{{ cookiecutter.slug }}\n",
    "dos": "a\r\n{{ cookiecutter.slug }}\r\n",
    "mac": "a\r{{ cookiecutter.slug }}\r",
    "none": "{{ cookiecutter.slug }}",
    "empty": "",
    "dos-first": "a\r\nb\n{{ cookiecutter.slug }}\r\n",
    "mac-first": "a\rb\r\n{{ cookiecutter.slug }}\n",
    "mac-and-dos": "a\r\nb\r{{ cookiecutter.slug }}\r\n",
    "all": "a\r\nb\rc\n",
    "late": "a\n" + "b" * 9000 + "\r\n{{ cookiecutter.slug }}\r\n",
    "late-dos": "a\r\n" + "b\r\n" * 5000 + "\n{{ cookiecutter.slug }}\n",
    "at-the-edge": "b" * 8191 + "\r\n{{ cookiecutter.slug }}\n",
    "over-the-edge": "b" * 8192 + "\r\n{{ cookiecutter.slug }}\n",
    "long-line": "b" * 20000 + "\r\n{{ cookiecutter.slug }}\n",
    "without-tags": "a\r\nb\nc\r\n",
    "made": "a\r\n{{ 'x\ny' }}{{ '\\r\\n' }}\r\n",
    "marked": "\ufeffa\r\n{{ cookiecutter.slug }}\n",
}


@pytest.mark.parametrize("wanted", [None, "\n", "\r\n", "\r", ""])
def test_line_ends(tmp_path: Path, wanted: str | None) -> None:
    said = {"_new_lines": wanted} if wanted is not None else {}
    pair = both(tmp_path, template({name: text.encode() for name, text in NEW_LINES.items()}, **said))
    assert pair.ours == pair.theirs


TAGS = {
    "simple": "{{ cookiecutter.slug }}{{cookiecutter.name}} {{  cookiecutter.number\t}}{{\ncookiecutter.yes\n}}",
    "braces": "{ {{ cookiecutter.slug }} }{}} }} %} #} {{ '{{' }} {{'{%'}} {{ {'a': 1}['a'] }}",
    "three": "{ {{cookiecutter.slug}}} {{ {} }}",
    "signs": "a  {{- cookiecutter.slug -}}  b\n  {%- if true %} c {% endif +%}\n",
    "raw": "{% raw %}{{ cookiecutter.nobody }}{% endraw %}{# {{ cookiecutter.nobody }} #}",
    "others": (
        "{{ cookiecutter['slug'] }}{{ cookiecutter.slug.upper() }}{{ cookiecutter.slug|title }}"
        "{{ cookiecutter.get('x', 1) }}"
    ),
    "methods": "{{ cookiecutter.keys()|list }}{{ cookiecutter.copy is callable }}",
    "blocks": (
        "{% for x in [1, 2, 3] if x > 1 %}{{ loop.index }}/{{ loop.length }}/{{ loop.last }} {% else %}no{% endfor %}"
    ),
    "walk": "{% for k, v in cookiecutter.items() recursive %}{{ loop.revindex }}{{ k }},{% endfor %}",
    "macro": (
        "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ caller() }}{% endmacro %}"
        "{% call m(1, 3, 4) %}x{% endcall %}"
    ),
    "set": (
        "{% set a = namespace(n=1) %}{% for i in range(3) %}{% set a.n = a.n * 2 ~ '' %}"
        "{% set a.n = a.n|int %}{% endfor %}{{ a.n }}"
    ),
    "format": "{{ '%05.2f|%s' % (1.5, 'x') }}{{ '{:>8}|{:,}'.format('a', 1234567) }}{{ '%s' | format(2) }}",
    "numbers": "{{ 7 // 2 }}{{ 7 / 2 }}{{ 2 ** 10 }}{{ -7 % 3 }}{{ 1e3 }}{{ 1_000_000 }}{{ 123456789 | round }}",
    "filters": (
        "{{ [3, 1, 2]|sort|join(', ') }}{{ 'a b'|wordwrap(1) }}{{ {'b': 1, 'a': 2000000}|tojson }}"
        "{{ range(9)|batch(4)|list }}"
    ),
    "more": (
        "{{ 'x'|center(9) }}|{{ [1, 2]|sum }}{{ 'a,b'.split(',') }}{{ 'Z'|e }}{{ '<a>'|escape }}"
        "{{ 'q' * 3 }}{{ [0] * 3 }}"
    ),
    "concat": "{{ 1 ~ 'a' ~ none }}{{ none }}{{ true }}{{ 1 < 2 < 3 }}{{ 'a' in 'abc' }}{{ [] is iterable }}",
    "cycle": "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{% set j = joiner('; ') %}{{ j() }}x{{ j() }}y",
    "own": "{{ {'b': [1], 'a': None}|jsonify }}{{ {'a': 1}|jsonify(0) }}{{ 'Ein Häuschen & mehr'|slugify }}",
    "slug": (
        "{{ 'One Two Three'|slugify(separator='_', max_length=9, word_boundary=True) }}"
        "{{ 'ü'|slugify(allow_unicode=True) }}"
    ),
    "now": "{% now 'utc', '%Y %Z %z' %} {% now 'local', '%Y-%m %Z %z' %} {% now 'utc' %}",
    "then": (
        "{% now 'utc' + 'days=400, hours=1', '%Y' %} {% now 'Europe/Berlin' - 'weeks=60', '%Y' %}"
        "{% now 'Europe/Berlin', '%Z' %}"
    ),
    "lengths": (
        "{{ random_ascii_string(12)|length }} {{ uuid4()|length }} {{ random_ascii_string(4, "
        "punctuation=True)|length }}"
    ),
    "end": "kept\n\n",
}


def test_tags(tmp_path: Path) -> None:
    pair = both(tmp_path, template(dict(TAGS), name="Blue Boat", number=5, yes=True))
    assert pair.ours == pair.theirs


PATTERNS: list[Any] = [
    ["*.tpl"],
    ["kept", "deep/*/in"],
    ["deep*"],
    ["{{cookiecutter.slug}}.d"],
    ["*/x.txt", "kept/*"],
    [],
    "*",
    ["deep/[ab]"],
]


@pytest.mark.parametrize("patterns", PATTERNS)
def test_what_is_copied(tmp_path: Path, patterns: Any) -> None:
    files: Files = {
        "a.tpl": "{{ nobody }}" if "*.tpl" in patterns or patterns == "*" else "x",
        "kept/{{cookiecutter.slug}}/x.txt": b"{{ cookiecutter.slug }}\r\n\n",
        "kept/sub/y": File(b"{{ cookiecutter.slug }}", 0o600),
        "deep/a/in/z": "{{ cookiecutter.slug }}",
        "deep/b": "{{ cookiecutter.slug }}",
        "{{cookiecutter.slug}}.d/{{cookiecutter.slug}}": "{{ cookiecutter.slug }}",
        "x.txt": "{{ cookiecutter.slug }}",
    }
    pair = both(tmp_path, template(files, _copy_without_render=patterns))
    assert pair.ours == pair.theirs


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "trim": (
        {"trim_blocks": True, "lstrip_blocks": True},
        "a\n  {% if true %}\n  {{ cookiecutter.slug }}\n  {% endif %}\nb\n",
    ),
    "trim-alone": ({"trim_blocks": True}, "{# x #}\n{{ cookiecutter.slug }}\n\n"),
    "delimiters": (
        {
            "variable_start_string": "[[",
            "variable_end_string": "]]",
            "block_start_string": "[%",
            "block_end_string": "%]",
        },
        "[[ cookiecutter.slug ]] {{ cookiecutter.slug }} [% if true %]x[% endif %] {# gone #}",
    ),
    "lines": (
        {"line_statement_prefix": "%%", "line_comment_prefix": "//"},
        "%% if true\na // b\n%% endif\n{{ cookiecutter.slug }}",
    ),
    "line-ends": ({"newline_sequence": "\r\n"}, "a\n{{ cookiecutter.slug }}\n"),
    "escape": ({"autoescape": True}, "{{ cookiecutter.html }}{{ '<b>' }}{{ cookiecutter.html|safe }}"),
    "none": ({"optimized": False, "cache_size": 0}, "{{ cookiecutter.slug }}"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_jinjas_options(tmp_path: Path, name: str) -> None:
    options, text = OPTIONS[name]
    files = template({"file": text, "plain": "a\nb"}, html="<i>", _jinja2_env_vars=options)
    if name == "delimiters":
        files = {path.replace("{{", "[[").replace("}}", "]]"): node for path, node in files.items()}
    pair = both(tmp_path, files)
    assert pair.ours == pair.theirs


def test_extensions_of_jinja_and_cookiecutter(tmp_path: Path) -> None:
    files: Files = {
        "do": "{% set l = [] %}{% do l.append(1) %}{{ l }}",
        "loop": (
            "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}"
            "{% endif %}{{ i }}{% endfor %}"
        ),
        "time": "{% now 'utc', '%Y' %}",
    }
    names = ["jinja2.ext.do", "jinja2.ext.loopcontrols", "cookiecutter.extensions.TimeExtension", "jinja2.ext.i18n"]
    pair = both(tmp_path, template(files, _extensions=names))
    assert pair.ours == pair.theirs


def test_links_lead_to_files_and_directories(tmp_path: Path) -> None:
    files: Files = {
        "real": File(b"{{ cookiecutter.slug }}\n", 0o755),
        "dir/inner": "{{ cookiecutter.slug }}",
        "to-file": Link("real"),
        "to-link": Link("to-file"),
        "sub/up": Link("../real"),
        "to-dir": Link("dir"),
        "through": Link("to-dir/inner"),
        "outside-the-project": Link("../shared/licence"),
        "/shared/licence": "of {{ cookiecutter.slug }}",
        "copied/there": Link("../dir"),
        "copied/file": Link("../real"),
        "copied-link": Link("dir"),
        "{{cookiecutter.slug}}-link": Link("real"),
    }
    pair = both(tmp_path, template(files, _copy_without_render=["copied", "copied-link"]))
    assert pair.ours == pair.theirs
    assert "link" not in {kind for kind, _, _ in pair.ours.values()}


def test_modes_and_empty_directories(tmp_path: Path) -> None:
    modes = {f"m{mode:o}": File(b"{{ cookiecutter.slug }}", mode) for mode in (0o755, 0o600, 0o444, 0o777, 0o640)}
    files: Files = {
        **modes,
        "{{cookiecutter.slug}}.empty": Directory(),
        "a/b/c": Directory(),
        "png.png": File(b"x", 0o711),
    }
    pair = both(tmp_path, template(files))
    assert pair.ours == pair.theirs


def test_what_is_included(tmp_path: Path) -> None:
    files: Files = {
        "page": (
            "{% include 'part' %}{% include './deep//part' %}{% include 'shared.txt' %}{% include ['none', 'part'] %}"
        ),
        "part": "here {{ cookiecutter.slug }}\r\n",
        "deep/part": "deep",
        "macros": (
            "{% import 'all.j2' as all %}{{ all.twice('x') }}{% from 'all.j2' import twice with context %}"
            "{{ twice('y') }}"
        ),
        "child": "{% extends 'base.j2' %}{% block body %}child {{ super() }}{% endblock %}",
        "missing": "{% include 'nobody' ignore missing %}.",
        "/templates/shared.txt": "shared {{ cookiecutter.slug }}",
        "/templates/part": "not this one",
        "/templates/all.j2": "{% macro twice(a) %}{{ a }}{{ a }}{% endmacro %}",
        "/templates/base.j2": "<{% block body %}base{% endblock %}>",
    }
    pair = both(tmp_path, template(files))
    assert pair.ours == pair.theirs


def test_a_template_can_change_its_variables_in_the_order_of_its_files(tmp_path: Path) -> None:
    add = "{{ cookiecutter._seen.append('%s') or '' }}{{ cookiecutter._seen }}"
    files: Files = {name: add % name for name in ("b", "a", "c/a", "c/b/z", "B", "d")}
    files["{{ cookiecutter.update({'late': 'x'}) or '' }}dir/file"] = files["z"] = "{{ cookiecutter.late }}"
    pair = both(tmp_path, template(files, late="", _seen=[]))
    assert pair.ours == pair.theirs


@pytest.mark.parametrize(
    "text", ["{{ cookiecutter.items }}", "{{ x }}", "{{ cookiecutter.a.b }}", "{{-cookiecutter.a }}"]
)
def test_what_is_not_simple_is_left_to_jinja(text: str) -> None:
    assert simple.parts("{{ cookiecutter.slug }}" + text) is None


def test_names_that_render_to_nothing(tmp_path: Path) -> None:
    files: Files = {
        "{% if cookiecutter.no %}gone{% endif %}": "x",
        "dir/{% if cookiecutter.no %}gone{% endif %}": "x",
        "dir/{% if not cookiecutter.no %}kept{% endif %}": "{{ cookiecutter.slug }}",
    }
    pair = both(tmp_path, template(files, no=False))
    assert pair.ours == pair.theirs


def test_a_directory_that_is_copied_may_render_to_nothing(tmp_path: Path) -> None:
    gone = "{% if cookiecutter.no %}gone{% endif %}"
    files: Files = {"a/before": "x", f"{gone}/in/it": "{{ x }}", "z/y": "x", "file": "{{ cookiecutter.slug }}"}
    pair = both(tmp_path, template(files, no=False, _copy_without_render=["a", "{% if*", "z"]))
    assert pair.ours == pair.theirs
    assert "boat/in/it" in pair.ours


def test_names_with_several_parts(tmp_path: Path) -> None:
    pair = both(tmp_path, template({"{{cookiecutter.package}}/x": "1"}, package="org/acme/boat"))
    assert pair.ours == pair.theirs


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", b"{{ x }}") + chunk(b"IEND", b"")


def test_binary_files(tmp_path: Path) -> None:
    files: Files = {
        "image": _png(),
        "image.png": "{{ not rendered }}",
        "upper.PNG": "{{ not rendered }}",
        "example.com": "{{ not rendered }}\r\n\n",
        "font.woff2.txt": "{{ cookiecutter.slug }}",
        ".png": "{{ cookiecutter.slug }}",
        "noise": bytes(range(256)) * 4,
        "umlauts": "ä" * 255 + "a" + "ü" * 50 + "{{ cookiecutter.slug }}",
        "cut": "a" * 511 + "ü {{ cookiecutter.slug }}",
        "chinese": "{{ cookiecutter.slug }}" + "中文字" * 300,
        "bell": "\x07 {{ cookiecutter.slug }}",
        "colour": "\x1b[31m{{ cookiecutter.slug }}\x1b[0m",
        "feed": "\x0c{{ cookiecutter.slug }}",
        "magic": "BM\r\nis no picture\n",
    }
    pair = both(tmp_path, template(files))
    assert pair.ours == pair.theirs


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=700),
        st.text(max_size=700).map(str.encode),
        st.text(alphabet="aä中\n\t\r\x07\x1b\x0c ", max_size=700).map(str.encode),
        st.text(alphabet="abc é", max_size=700).map(lambda text: text.encode("latin-1")),
    )
)
def test_what_is_binary_is_what_binaryornot_says(data: bytes) -> None:
    assert is_binary("name", data) == is_binary_string(data[:512])


@given(st.text(alphabet="a\r\n", max_size=40), st.integers(8_180, 8_200))
def test_line_ends_are_those_python_notices(text: str, length: int) -> None:
    data = (text + "b" * length + text[::-1]).encode()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "file")
        path.write_bytes(data)
        with path.open(encoding="utf-8") as file:
            file.readline()
    kinds = file.newlines[0] if isinstance(file.newlines, tuple) else file.newlines
    assert noticed(data) == (kinds or "\n")


NESTED = {"templates": {"one": {"path": "./first"}, "two": {"path": "second", "title": "Two"}}}
OLDER = {"template": ["One (first)", "Two (./second)"]}


@pytest.mark.parametrize("described", [NESTED, OLDER])
def test_templates_within_a_template(tmp_path: Path, described: dict[str, Any]) -> None:
    files: Files = {"cookiecutter.json": json.dumps(described)}
    for place in ("first", "second"):
        inner = template({"name": f"{place} {{{{ cookiecutter.slug }}}}", "licence": Link("../../licence")})
        files |= {f"{place}/{path}": node for path, node in inner.items()}
    pair = both(tmp_path, {**files, "licence": "of {{ cookiecutter.slug }}"}, {"slug": "ship"})
    assert pair.ours == pair.theirs
    assert pair.text("ship/name") == "first ship"
