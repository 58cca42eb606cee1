"""What `template lint` finds in templates of cookiecutter, and what it does not complain about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.template.test_lint import found, told

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.tree import Node

PROJECT = "{{cookiecutter.name}}"
CHECKED = "hooks/pre_gen_project.py"
SERVICE: dict[str, str | bytes | Node] = {
    f"{PROJECT}/catalog-info.yaml": "",
    f"{PROJECT}/docs/index.md": "",
    CHECKED: "assert '{{ cookiecutter.name }}'.isidentifier()  # name\n",
}


def cookie(variables: dict[str, Any] | None = None, **files: str | bytes) -> dict[str, str | bytes | Node]:
    """Return a template with a variable `name` and others; what files it has, by their paths in the project."""
    described = json.dumps({"name": "shop", **(variables or {})}, indent=1)
    return {"cookiecutter.json": described, **SERVICE, **{f"{PROJECT}/{path}": text for path, text in files.items()}}


def test_a_plain_template_is_clean(tmp_path: Path) -> None:
    assert told(tmp_path, cookie({"_copy_without_render": ["*.x"]}, a="{{ cookiecutter.name }}")) == []


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("a\nb {{ cookiecutter.nmae }}", "undefined", "2:6"),
        ("{% if false %}{{ cookiecutter['nmae'] }}{% endif %}", "undefined", "1:18"),
        ("{{ nmae }}", "undefined", "1:4"),
        ("{% if cookiecutter.nmae %}{% endif %}", "undefined", "1:7"),
        ("x\nrun: ${{ github.ref }} ${{ secrets.A }}", "github-expression", "2:10"),
        ("{% if false %}\n{{ 1 + }}{% endif %}", "syntax", "2"),
        ("{% if false %}\n{{ cookiecutter.name | shout }}{% endif %}", "syntax", "2"),
        ("{% if cookiecutter.name is shouted %}{% endif %}", "syntax", "1"),
        ("{% frob %}", "syntax", "1"),
        ("\n{% include 'none.txt' %}", "include-missing", "2:13"),
    ],
)
def test_files_are_looked_at_in_every_branch(tmp_path: Path, content: str, code: str, place: str) -> None:
    (one,) = found(tmp_path, cookie(a=content))
    assert (one.severity, one.code, str(one.spot)) == ("error", code, f"{PROJECT}/a:{place}")


@pytest.mark.parametrize(
    "content",
    [
        "{% if cookiecutter.more is defined %}{{ cookiecutter.more }}{% endif %}",
        "{{ nobody | pprint }}",
        "{{ cookiecutter.more | default('x') }}{{ cookiecutter.more if cookiecutter.more is defined }}",
        "{% set own = 1 %}{{ own }}{% for a, b in cookiecutter.items() %}{{ a }}{{ loop.index }}{% endfor %}",
        "{% macro m(x) %}{{ x }}{{ caller() }}{% endmacro %}{% call m(1) %}{% endcall %}",
        "{% set every = cookiecutter.items %}{% for a, b in every() %}{{ a }}{% endfor %}",
        "{% raw %}${{ github.ref }}{% endraw %}{# {{ nothing }} #}",
        "{{ cookiecutter._template }}{{ _cookiecutter.name }}{{ range(3) }}{% now 'utc' %}{{ 'a' | slugify }}",
        "{% from 'macros.txt' import x as y %}{{ y }}{% include 'macros.txt' %}",
    ],
)
def test_what_may_be_undefined_or_is_known_is_not_told(tmp_path: Path, content: str) -> None:
    assert told(tmp_path, {**cookie(a=content), "templates/macros.txt": "{{ from_outside }}"}) == []


def test_the_templates_own_dialect_counts(tmp_path: Path) -> None:
    marks = {"variable_start_string": "<<", "variable_end_string": ">>"}
    files = {
        "cookiecutter.json": json.dumps({"name": "a", "_jinja2_env_vars": marks}),
        "<<cookiecutter.name>>/catalog-info.yaml": "{{ helm }} << cookiecutter.nmae >>",
        "<<cookiecutter.name>>/docs/a": "",
        CHECKED: "name",
    }
    assert told(tmp_path, files) == [("undefined", "<<cookiecutter.name>>/catalog-info.yaml:1:15")]


def test_what_extensions_bring_is_not_missed(tmp_path: Path) -> None:
    content = "{% frob %}{{ cookiecutter.name | shout }}{{ theirs() }}"
    assert told(tmp_path, cookie({"_extensions": ["theirs.Own"]}, a=content, b="{{ theirs }}{{ 1 | shout }}")) == []


def test_defaults_name_what_stands_before_them(tmp_path: Path) -> None:
    files = cookie({"a": "{{ cookiecutter.b }}", "b": "{{ cookiecutter.a }}{{ cookiecutter.none }}{{ 1 + }}"})
    codes = [(one.code, one.spot.line) for one in found(tmp_path, files)]
    assert ("undefined", 3) in codes
    assert ("syntax", 4) in codes


def test_what_nothing_uses_is_told(tmp_path: Path) -> None:
    files = cookie(
        {"idle": "x", "by_hook": "y", "by_default": "z", "made": "{{ cookiecutter.by_default }}", "__own": "1"}
    )
    files |= {
        "hooks/post_gen_project.py": "x = '{{ cookiecutter.by_hook }}'",
        f"{PROJECT}/a": "{{ cookiecutter.made }}",
    }
    assert told(tmp_path, files) == [("unused", "cookiecutter.json:3:2"), ("unused", "cookiecutter.json:7:2")]


def test_its_own_default_is_no_use_of_a_variable(tmp_path: Path) -> None:
    unused, undefined = found(tmp_path, cookie({"a": "{{ cookiecutter.a }}"}))
    assert unused.code == "unused"
    assert undefined.message == "cookiecutter.a has no value yet here: this is its own default"


def test_where_all_variables_are_used_none_is_idle(tmp_path: Path) -> None:
    assert told(tmp_path, cookie({"idle": "x"}, a="{{ cookiecutter | jsonify }}")) == []


def test_a_macro_that_is_handed_the_variables_uses_them(tmp_path: Path) -> None:
    body = "{% macro m(cookiecutter) %}{{ cookiecutter.idle }}{{ cookiecutter.of_others }}{% endmacro %}"
    assert told(tmp_path, cookie({"idle": "x"}, a=body)) == []


def test_an_answer_that_nothing_checks_in_a_path(tmp_path: Path) -> None:
    files = cookie({"kind": ["a", "b"], "free": "x", "__made": "{{ cookiecutter.free }}", "on": True})
    del files[CHECKED]
    for name in ("kind", "free", "__made", "on"):
        files[f"{PROJECT}/{{{{cookiecutter.{name}}}}}.txt"] = "{{ cookiecutter.name }}"
    unchecked = [one for one in found(tmp_path, files) if one.code == "unchecked-path"]
    assert [one.spot.line for one in unchecked] == [2, 7]


def test_bytes_and_tags(tmp_path: Path) -> None:
    texts: dict[str, str | bytes] = {"a.png": "{{ cookiecutter.name }}", "c.bin": b"\0\1{{ 1 + }}"}
    texts["b.txt"] = "{{ x }} \xe9".encode("latin-1")
    files = cookie(None, **texts)
    assert told(tmp_path, files) == [
        ("text-as-binary", f"{PROJECT}/a.png:1"),
        ("binary-as-text", f"{PROJECT}/b.txt:1"),
    ]


def test_files_that_are_copied_are_not_looked_at(tmp_path: Path) -> None:
    files = cookie({"_copy_without_render": ["static", "*.html"]}, **{"static/a/b": "{{ x }}", "c.html": "{{ 1 + }}"})
    assert told(tmp_path, files) == []


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("post_gen_project.py", {"import subprocess\nsubprocess.run(['git', 'init'])": "2 calls git"}),
        ("post_gen_project.py", {"import os\nos.system('pip install x')": "2 calls pip"}),
        ("post_gen_project.py", {"import sys\nx = [sys.executable, '-m', 'pip', 'install']": "2 calls pip"}),
        ("post_gen_project.py", {"from urllib.request import urlopen": "1 opens sockets, by urllib.request"}),
        ("post_gen_project.py", {"import socket": "1 opens sockets, by socket"}),
        (
            "post_gen_project.py",
            {"{% if x is defined %}\nimport requests\n{% endif %}": "2 opens sockets, by requests"},
        ),
        ("post_gen_project.py", {"print('now run: git push')\nprint 'old'\nrun('npm install')": "3 calls npm"}),
        ("post_gen_project.py", {"import os\ninit = 'git init'\nos.system(f'cd \"{1}\" && {init}')": "2 calls git"}),
        ("post_gen_project.py", {"import os\nos.system('cd x && uv sync')": "2 calls uv"}),
        ("post_gen_project.sh", {"#!/bin/sh\ncd x && npm ci": "2 calls npm"}),
        ("post_gen_project.sh", {"if ! curl -s x; then exit; fi": "1 calls curl"}),
        ("post_gen_project.sh", {"echo x > /dev/tcp/h/80": "1 opens a socket"}),
    ],
)
def test_hooks_that_call_others_are_told(tmp_path: Path, hook: str, said: dict[str, str]) -> None:
    (((text, expected)),) = said.items()
    (one,) = found(tmp_path, {**cookie(), f"hooks/{hook}": text})
    assert f"{one.spot.line} {one.message.removeprefix('the hook ')}" == expected
    assert one.code == "hook-calls"


@pytest.mark.parametrize(
    ("hook", "text"),
    [
        ("post_gen_project.py", '"""git is not called."""\nprint("run git init")\n# import socket\nopen("git", "w")\n'),
        ("post_gen_project.py", "raise ValueError('git is missing')\nimport os\nos.remove('npm')"),
        ("post_gen_project.py", "text = 'git init'\nprint(text)\nopen('x && git')"),
        ("post_gen_project.sh", "echo 'git init'\n# git init\nrm -rf .github digit"),
    ],
)
def test_hooks_that_only_speak_of_others_are_not_told(tmp_path: Path, hook: str, text: str) -> None:
    assert told(tmp_path, {**cookie(), f"hooks/{hook}": text}) == []


def test_a_file_that_is_never_made_is_not_looked_at(tmp_path: Path) -> None:
    files = cookie({"__answers": ""}, **{"{{cookiecutter.__answers}}": "{{ of_another_tool | to_nice_yaml }}"})
    assert told(tmp_path, files) == []


def test_templates_within_a_template_are_looked_at_with_their_own_variables(tmp_path: Path) -> None:
    inner = cookie({"more": "x"}, a="{{ cookiecutter.more }}")
    files = {f"one/{path}": content for path, content in inner.items()}
    files |= {f"two/{path}": content for path, content in cookie(a="{{ cookiecutter.more }}").items()}
    files["cookiecutter.json"] = json.dumps({"templates": {"one": {"path": "./one"}, "two": {"path": "./two"}}})
    assert told(tmp_path, files) == [("undefined", f"two/{PROJECT}/a:1:4")]
    files["hooks/pre_prompt.sh"] = "#!/bin/sh\ngit clone x"
    files["hooks/post_gen_project.sh"] = "#!/bin/sh\nnpm is not called: templates within have their own\n"
    assert told(tmp_path / "b", files)[0] == ("hook-calls", "hooks/pre_prompt.sh:2")
    assert [code for code, _ in told(tmp_path / "c", files)] == ["hook-calls", "undefined"]


def test_what_nests_absurdly_is_an_error(tmp_path: Path) -> None:
    deep = "{{ " + "1 + " * 5_000 + "1 }}"
    files = {**cookie(a=deep), "hooks/post_gen_project.py": "x = " + "1 + " * 5_000 + "1"}
    assert told(tmp_path, files) == [("syntax", f"{PROJECT}/a:1")]


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    assert told(tmp_path, {"cookiecutter.json": '{"a": 1,\n "b" 2}'}) == [("template-invalid", "cookiecutter.json:2")]
    assert told(tmp_path / "b", {"cookiecutter.json": '{"a": 1}'}) == [("template-invalid", "cookiecutter.json:1")]
