"""What `template lint` finds in templates of steps, and what it does not complain about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.actions.shapes import shape_of
from scaffolder.plugins import Actions
from scaffolder.task.providers import PROVIDERS
from scaffolder.template.lint import Finding, lint
from scaffolder.template.source import resolve
from scaffolder.tree import Link
from tests.template.golden import HEAD, resolved, template_yaml, write

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scaffolder.actions.shapes import Shape
    from scaffolder.tree import Node

NAME = {"properties": {"name": {"type": "string", "pattern": "^[a-z]+$"}}}
SERVICE = {"skeleton/catalog-info.yaml": "name: ${{ values.name }}", "skeleton/docs/index.md": ""}
GOLDEN_PATHS = sorted(path.parent for path in (Path(__file__).parents[2] / "templates").glob("*/template.yaml"))


class Known:
    def __init__(self) -> None:
        self._actions = Actions()

    def names(self) -> Collection[str]:
        return set(self._actions)

    def of(self, action_id: str) -> Shape | None:
        return shape_of(action_id, self._actions)

    def provider(self, action_id: str) -> str:
        return "" if action_id in self._actions else PROVIDERS.get(action_id, "")


def found(directory: Path, files: Mapping[str, str | bytes | Node]) -> list[Finding]:
    return lint(resolved(directory, files), Known())


def told(directory: Path, files: Mapping[str, str | bytes | Node]) -> list[tuple[str, str]]:
    return [(one.code, str(one.spot)) for one in found(directory, files)]


def steps(written: str, **more: str) -> dict[str, str | bytes | Node]:
    """Return a template with one step that renders, and what else is written there."""
    fetch = (
        "  steps:\n"
        "    - id: render\n"
        "      action: fetch:template\n"
        "      input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}\n"
    )
    return {"template.yaml": template_yaml([NAME], steps=fetch + written), **SERVICE, **more}


def line(files: Mapping[str, Any], text: str) -> int:
    """Return the line of the template that holds a text."""
    return next(number for number, one in enumerate(files["template.yaml"].splitlines(), 1) if text in one)


@pytest.mark.parametrize("path", GOLDEN_PATHS, ids=lambda path: path.name)
def test_our_golden_paths_are_clean(path: Path, tmp_path: Path) -> None:
    assert lint(resolve(str(path), cache=tmp_path / "cache"), Known()) == []


def test_every_code_is_in_the_guide() -> None:
    root = Path(__file__).parents[2]
    texts = [path.read_text() for path in (root / "scaffolder/template/lint").glob("*.py")]
    made = {code for text in texts for code in re.findall(r"\b(?:error|warning|found)\(\s*\"([a-z-]+)\"", text)}
    guide = (root / "docs/guides/golden-paths.md").read_text()
    assert len(made) > 15
    assert sorted(code for code in made if f"`{code}`" not in guide) == []


def test_a_plain_template_is_clean(tmp_path: Path) -> None:
    assert told(tmp_path, steps("")) == []


def test_the_description_must_be_one(tmp_path: Path) -> None:
    files = {"template.yaml": HEAD + "  steps:\n    - {id: a, action: debug:log}\n    - {id: b}\n"}
    (one,) = found(tmp_path, files)
    assert (one.severity, one.code) == ("error", "template-invalid")
    assert one.spot.line == line(files, "- {id: b")
    assert one.message == "this is missing"


def test_steps_with_one_id_are_told_apart_by_their_conditions(tmp_path: Path) -> None:
    twice = steps(
        "".join(f"    - {{id: a, action: 'debug:log', if: '${{{{ {one} }}}}'}}\n" for one in ("true", "false"))
    )
    assert told(tmp_path / "fine", twice) == []
    (one,) = found(tmp_path / "not", steps("    - {id: a, action: 'debug:log'}\n" * 2))
    assert (one.severity, one.code) == ("warning", "same-id")


@pytest.mark.parametrize(
    ("step", "code", "at", "said"),
    [
        ("{id: a, action: 'debug:lgo'}", "unknown-action", "lgo", "debug:lgo is not known here"),
        ("{id: a, action: 'debug:log', input: {mesage: x}}", "input", "mesage", "mesage is not known here"),
        ("{id: a, action: 'debug:log', input: {listWorkspace: 3}}", "input", "listW", "true or false"),
        ("{id: a, action: 'fs:delete'}", "input", "a, action", "files is missing"),
        ("{id: a, action: 'fetch:template', input: {url: ./no}}", "fetch-missing", "./no", "no directory './no'"),
    ],
)
def test_steps_that_fail_are_errors(tmp_path: Path, step: str, code: str, at: str, said: str) -> None:
    files = steps(f"    - {step}\n")
    errors = [one for one in found(tmp_path, files) if one.severity == "error"]
    assert [(one.code, one.spot.line) for one in errors] == [(code, line(files, at))]
    assert said in errors[0].message


def test_the_nearest_name_is_offered(tmp_path: Path) -> None:
    (one,) = found(tmp_path, steps("    - {id: a, action: 'debug:lgo'}\n"))
    assert one.hint == "did you mean debug:log?"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("${{ parameters.nmae }}", "undefined", "no parameter nmae"),
        ("${{ parmeters.name }}", "undefined", "parmeters is not known here"),
        ("${{ each.value }}", "undefined", "each is not known here"),
        ("${{ parameters.name | shout }}", "not-rendered", "no filter 'shout'"),
        ("${{ parameters.name", "not-rendered", "cannot be rendered"),
        ("${{ True }}", "undefined", "True is not known here"),
        ("${{ parameters.name.lower() }}", "not-rendered", "no value has lower(): write | lower"),
        ("{{ parameters.name }}", "not-rendered", "{{ parameters.name }} is a text"),
        ("${{ not parameters.name == 'a' }}", "misread", "`(not a) == b`"),
        ("${{ not parameters.name + 'b' == 'a' }}", "misread", "`(not a) == b`"),
        ("${{ parameters.name[-1] }}", "misread", "write `| last`"),
        ("${{ [parameters] | selectattr('name', 'equalto', 'a') }}", "misread", "passes over the test"),
        ("${{ parameters.name | indent(width=3) }}", "misread", "width does not reach it"),
        ("${{ steps.rendr.output.x }}", "unknown-step", "no step rendr"),
        ("${{ steps.later.output.x }}", "unknown-step", "has not run yet"),
        ("${{ steps.two-words.output.x }}", "unknown-step", "read as a subtraction"),
        ("${{ steps['two-words'].outputs.x }}", "unknown-output", "no outputs"),
        ("${{ steps['two-words'].output.url }}", "unknown-output", "returns no url"),
    ],
)
def test_fields_that_come_to_nothing_are_told(tmp_path: Path, text: str, code: str, said: str) -> None:
    files = steps(
        "    - {id: two-words, action: 'catalog:fetch', input: {entityRef: 'group:a'}}\n"
        f"    - id: log\n      action: debug:log\n      input:\n        message: |\n          one\n          {text}\n"
        "    - {id: later, action: 'debug:log', input: {message: x}}\n"
    )
    (one,) = found(tmp_path, files)
    assert (one.severity, one.code) == ("warning", code)
    assert said in one.message
    assert one.spot.line in {line(files, text), line(files, "message: |")}


@pytest.mark.parametrize(
    "text",
    [
        "${{ parameters.extra or 'none' }}",
        "${{ parameters.extra | default('none') }}",
        "${{ parameters.extra is defined }}",
        "${{ parameters.extra if parameters.extra is defined else 'none' }}",
        "{% if parameters.extra is defined %}${{ parameters.extra }}{% endif %}",
        "{% set own = parameters.name %}${{ own }}{% for one in [1] %}${{ one }}${{ loop.index }}{% endfor %}",
        "${{ user.entity.metadata.name }} ${{ context.task.id }} ${{ secrets.TOKEN }} ${{ environment.parameters.x }}",
        "${{ range(3) }} ${{ always() }} ${{ parameters.name != undefined }}",
        "${{ (not parameters.name) == true }} ${{ not parameters.name == true }} ${{ not (parameters.name == 'a') }}",
        "${{ not 'a' in parameters.name }} ${{ parameters.name | default('x', boolean=true) }}",
        "${{ parameters.name.toLowerCase() }} ${{ parameters.name | sort(reverse=true) }}",
        "{{ cookiecutter.name }} {{ .Values.name }} $${{ parameters.name }}",
        "{% raw %}${{ github.ref }}{% endraw %}",
    ],
)
def test_what_may_be_undefined_or_is_known_is_not_told(tmp_path: Path, text: str) -> None:
    files = steps(f'    - {{id: log, action: "debug:log", input: {{message: "{text}"}}}}\n')
    assert told(tmp_path, files) == []


@pytest.mark.parametrize(
    ("condition", "always"),
    [
        ('"false"', True),
        ("0", True),
        ("null", True),
        ("[]", True),
        ('"${{ parameters.name }}\\n"', True),
        ('"${{ parameters.name -}}\\n"', False),
        ("true", False),
        ('""', False),
        ("parameters.name", True),
        ("${{ parameters.name }} == 'x'", True),
        ("false", False),
        ("${{ parameters.name == 'x' }}", False),
        ("'  ${{ parameters.name }} '", True),
    ],
)
def test_a_condition_that_is_a_text_is_always_true(tmp_path: Path, condition: str, always: bool) -> None:  # noqa: FBT001 - a row of a table
    files = steps(f"    - id: log\n      action: debug:log\n      if: {condition}\n      input: {{message: x}}\n")
    assert told(tmp_path, files) == ([("if-always", f"template.yaml:{line(files, 'if: ')}:11")] if always else [])


def test_an_action_of_a_package_is_named_with_it(tmp_path: Path) -> None:
    log = "    - {id: log, action: 'debug:log', input: {message: '${{ steps.tell.output.anything }}'}}\n"
    (one,) = found(tmp_path, steps("    - {id: tell, action: 'notification:send', input: {}}\n" + log))
    assert (one.severity, one.code) == ("warning", "unknown-action")
    assert "@backstage/plugin-scaffolder-backend-module-notifications" in one.message
    assert "--skip tell" in one.hint


@pytest.mark.parametrize(
    ("each", "words"),
    [
        ("5", "5 is neither a list nor an object"),
        ("a;b", "'a;b' is neither"),
        ("'${{ parameters.name }}'", "name is one answer, and no list of them"),
        ("[a, b]", ""),
        ("{a: b}", ""),
        ("'${{ parameters.name.split(\",\") }}'", ""),
    ],
)
def test_a_step_runs_for_each_of_a_list_or_an_object(tmp_path: Path, each: str, words: str) -> None:
    log = f"    - {{id: a, action: 'debug:log', each: {each}, input: {{message: '${{{{ each.value }}}}'}}}}\n"
    said = [(one.code, one.message) for one in found(tmp_path, steps(log))]
    assert [code for code, _ in said] == (["each"] if words else [])
    assert all(words in message for _, message in said)


def test_a_misspelt_key_of_a_step_is_told(tmp_path: Path) -> None:
    log = "    - {id: a, action: 'debug:log', input: {message: x}, timeout: 5, mine: 1}\n"
    assert [one.code for one in found(tmp_path, steps(log))] == []
    log = "    - {id: a, action: 'debug:log', inputs: {message: x}, mine: 1}\n"
    told_of = [one for one in found(tmp_path, steps(log)) if one.code == "unknown-key"]
    assert [one.hint for one in told_of] == ["did you mean input?"]


def test_an_output_that_is_always_shown_is_told(tmp_path: Path) -> None:
    output = "  output: {links: [{title: a, url: b, if: 'false'}, {title: c, url: d, if: '${{ parameters.name }}'}]}\n"
    files = steps(output)
    (one,) = found(tmp_path, files)
    assert (one.code, one.spot.line) == ("if-always", line(files, "output:"))
    assert one.message.startswith("it is always shown: ")


def test_a_link_that_leads_out_of_the_skeleton_is_left_out(tmp_path: Path) -> None:
    links = {
        "skeleton/sub/out": Link("../../template.yaml"),
        "skeleton/sub/in": Link("../README.md"),
        "skeleton/gone": Link("nowhere"),
        "skeleton/sub/root": Link("/etc/passwd"),
    }
    codes = told(tmp_path, {**steps(""), **links})
    assert codes == [("link", "skeleton/sub/out"), ("link", "skeleton/sub/root")]


def test_secrets_are_not_known_to_conditions_and_outputs(tmp_path: Path) -> None:
    files = steps(
        "    - {id: a, action: 'debug:log', if: '${{ secrets.A }}', input: {message: '${{ secrets.A }}'}}\n"
        "  output: {text: [{content: '${{ secrets.A }}'}]}\n"
    )
    assert [code for code, _ in told(tmp_path, files)] == ["undefined", "undefined"]


def test_a_person_may_say_where_a_repository_goes(tmp_path: Path) -> None:
    (one,) = found(tmp_path, steps("    - {id: a, action: 'publish:github', input: {}}\n"))
    assert (one.severity, one.message) == ("warning", "publish:github: repoUrl is missing")


def test_inputs_without_effect_are_told(tmp_path: Path) -> None:
    files = steps(
        "    - id: publish\n"
        "      action: publish:github\n"
        "      input: {repoUrl: 'github.com?owner=a&repo=b', allowedHosts: [github.com]}\n"
        "    - id: more\n"
        "      action: fetch:template\n"
        "      input: {url: ./skeleton, values: {name: a}, copyWithoutRender: ['*.x']}\n"
    )
    assert [code for code, _ in told(tmp_path, files)] == ["allowed-hosts", "copy-without-render"]


@pytest.mark.parametrize(
    ("definition", "told_of"),
    [
        ({"type": "string", "default": "${{ user.entity.metadata.name }}"}, True),
        ({"type": "string", "enum": ["a"], "default": "b"}, True),
        ({"type": "boolean", "default": "true"}, True),
        ({"type": "string", "default": "b"}, False),
        ({"type": "string", "default": "", "minLength": 1}, False),
    ],
)
def test_defaults_that_nobody_can_keep(tmp_path: Path, definition: dict[str, Any], told_of: bool) -> None:  # noqa: FBT001 - a row of a table
    log = "  steps: [{id: a, action: 'debug:log', input: {message: '${{ parameters.x }}'}}]\n"
    codes = [
        code
        for code, _ in told(tmp_path, {"template.yaml": template_yaml([{"properties": {"x": definition}}], steps=log)})
    ]
    assert codes == (["default-unused"] if told_of else [])


def test_a_default_in_a_condition_is_never_looked_at(tmp_path: Path) -> None:
    page = {**NAME, "if": {"properties": {"name": {"const": "a", "default": "a"}}}, "then": {}}
    files = {**steps(""), "template.yaml": template_yaml([page])}
    assert [code for code, _ in told(tmp_path, files)] == ["default-unused"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ({"required": ["nmae"]}, "an answer to nmae is required, and nothing asks for it"),
        ({"required": ["name"]}, ""),
        ({"dependencies": {"nmae": ["name"]}}, "nothing asks for nmae"),
        ({"ui:order": ["nmae"]}, "ui:order leaves out name"),
        ({"ui:order": ["nmae", "*"]}, ""),
        ({"properties": {"name": {"type": "string", "pattern": "^[a-z"}}}, "the pattern of name is no regular"),
        ({"properties": {"name": {"type": "string", "pattern": r"^[\w-.]+$"}}}, ""),
        ({"properties": {"name": {"type": "string", "ui:field": "OwnerPickr"}}}, "OwnerPickr is none of Backstage's"),
        ({"properties": {"name": {"type": "string", "ui:field": "OrganizationPicker"}}}, ""),
        ({"propertis": {}}, "propertis is no keyword"),
        ({"dependentRequired": {}}, "dependentRequired has no effect"),
        ({"x-own": {}, "ui:ObjectFieldTemplate": "Mine", "$id": "a", "presentation": {}}, ""),
        ({"properties": {"name": {"type": "strng"}}}, "strng is no type, and counts for nothing"),
        ({"properties": {"name": {"type": "string", "format": "e-mail"}}}, "e-mail is no format"),
        ({"properties": {"name": {"type": "string", "format": "semver"}}}, ""),
        ({"properties": {"name": {"type": "string", "ui:widget": "text-area"}}}, "text-area is no widget"),
        ({"properties": {"name": {"type": "string", "ui:widget": "MyWidget"}}}, ""),
        ({"properties": {"name": {"type": "string", "patern": "a"}}}, "patern is no keyword"),
        ({"properties": {"name": {"ui:options": {"allowedHost": []}}}}, "allowedHost is no option"),
        ({"properties": {"name": {"ui:options": {"colour": "red"}}}}, ""),
        ({"if": {}, "then": {"required": ["nmae"]}}, "an answer to nmae is required"),
        ({"required": ["nmae"], "$ref": "elsewhere"}, ""),
    ],
)
def test_what_a_form_cannot_show_or_ask_is_told(tmp_path: Path, page: dict[str, Any], words: str) -> None:
    files = {**steps(""), "template.yaml": template_yaml([{**NAME, **page}])}
    said = [one.message for one in found(tmp_path, files) if one.code == "form"]
    assert len(said) == bool(words)
    assert all(message.startswith(words) for message in said)


def test_what_nothing_uses_is_told(tmp_path: Path) -> None:
    page = {
        "properties": {
            **NAME["properties"],
            "idle": {"type": "string"},
            "key": {"type": "string", "ui:field": "Secret"},
        }
    }
    values = "{name: '${{ parameters.name }}', more: 1}"
    fetch = f"  steps: [{{id: a, action: 'fetch:template', input: {{url: ./skeleton, values: {values}}}}}]\n"
    messages = [
        one.message for one in found(tmp_path, {**SERVICE, "template.yaml": template_yaml([page], steps=fetch)})
    ]
    assert messages == ["no step uses the parameter idle", "no file of the skeleton uses the value more"]


def test_a_parameter_that_decides_what_is_asked_is_used(tmp_path: Path) -> None:
    branches = [{"properties": {"name": {"const": "a"}, "more": {"type": "number"}}}]
    page = {**NAME, "dependencies": {"name": {"oneOf": branches}}}
    log = "  steps: [{id: a, action: 'debug:log', input: {message: '${{ parameters.more }}'}}]\n"
    assert told(tmp_path, {"template.yaml": template_yaml([page], steps=log)}) == []


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("a\nb ${{ values.nmae }}", "undefined", "2:7"),
        ("{% if values.name %}\n${{ parameters.name }}{% endif %}", "undefined", "2:5"),
        ("on: x\nrun: ${{ github.ref }} ${{ secrets.TOKEN }}", "github-expression", "2:10"),
        ("if: ${{ github.ref && matrix.os }}", "github-expression", "1"),
        ("{% if false %}\n${{ 1 + }}\n{% endif %}", "syntax", "2"),
        ("{% if false %}\n${{ values.name | shout }}{% endif %}", "syntax", "2:19"),
        ("{% include 'x' %}", "syntax", "1"),
        ("a\n{% if values.name %}\n", "syntax", "3"),
        ("a\n{% if not values.name == 'x' %}b{% endif %}", "misread", "2:4"),
        ("a ${{ values.name.strip() }}", "syntax", "1:19"),
    ],
)
def test_files_are_looked_at_in_every_branch(tmp_path: Path, content: str, code: str, place: str) -> None:
    assert told(tmp_path, steps("", **{"skeleton/sub/file": content})) == [(code, f"skeleton/sub/file:{place}")]


def test_files_that_are_copied_are_not_looked_at(tmp_path: Path) -> None:
    files = steps("")
    files["template.yaml"] = str(files["template.yaml"]).replace(
        "values:", "copyWithoutTemplating: ['.github/*'], values:"
    )
    assert told(tmp_path, {**files, "skeleton/.github/ci.yml": "${{ github.ref }} ${{ 1 + }}"}) == []


def test_bytes_and_tags(tmp_path: Path) -> None:
    files = steps("", **{"skeleton/a": "%PDF-${{ values.name }}"})
    odd = {"skeleton/b": "${{ values.name }} \xe9".encode("latin-1"), "skeleton/c": b"\x00${{ 1 + }}"}
    assert told(tmp_path, {**files, **odd}) == [
        ("text-as-binary", "skeleton/a:1"),
        ("binary-as-text", "skeleton/b:1"),
    ]


def test_an_answer_that_nothing_checks_in_a_path(tmp_path: Path) -> None:
    page = {
        "properties": {"name": {"type": "string"}, "to": {"type": "string"}, "kind": {"type": "string", "enum": ["x"]}}
    }
    fetch = (
        "  steps:\n    - id: a\n      action: fetch:template\n"
        "      input: {url: ./skeleton, targetPath: '${{ parameters.to }}', "
        "values: {name: '${{ parameters.name }}', kind: '${{ parameters.kind }}'}}\n"
    )
    files = {**SERVICE, "template.yaml": template_yaml([page], steps=fetch)}
    more = {"skeleton/${{ values.name }}.${{ values.kind }}": "", "skeleton/{% if values.kind %}a{% endif %}": ""}
    messages = [one.message.partition(" becomes")[0] for one in found(tmp_path, {**files, **more})]
    assert sorted(messages) == ["the answer to name", "the answer to to"]


def test_a_service_has_an_entry_and_docs(tmp_path: Path) -> None:
    files = {**steps(""), "skeleton/a": "${{ values.name }}"}
    without = {path: content for path, content in files.items() if path not in SERVICE}
    assert [code for code, _ in told(tmp_path, without)] == ["no-catalog-entry", "no-docs"]


def test_a_skeleton_is_chosen_by_an_answer(tmp_path: Path) -> None:
    page = {"properties": {"kind": {"type": "string", "enum": ["a", "b"]}}}
    fetch = "  steps: [{id: a, action: 'fetch:template', input: {url: './${{ parameters.kind }}', values: {x: 1}}}]\n"
    files = {"template.yaml": template_yaml([page], steps=fetch), "a/f": "${{ values.x }}", "b/f": "${{ values.y }}"}
    assert ("undefined", "b/f:1:5") in told(tmp_path, {**files, "c/f": "${{ values.z }}"})
    assert not any("c/f" in place for _, place in told(tmp_path, {**files, "c/f": "${{ values.z }}"}))


def test_cookiecutters_ways_in_a_skeleton(tmp_path: Path) -> None:
    files = steps("")
    files["template.yaml"] = str(files["template.yaml"]).replace("values:", "cookiecutterCompat: true, values:")
    mine = {"skeleton/catalog-info.yaml": "{{ cookiecutter.name | jsonify }} {{ cookiecutter.nmae }}"}
    assert told(tmp_path, {**files, **mine}) == [("undefined", "skeleton/catalog-info.yaml:1:38")]


def test_a_cookiecutter_template_is_looked_at_where_a_step_fetches_it(tmp_path: Path) -> None:
    fetch = "  steps: [{id: a, action: 'fetch:cookiecutter', input: {url: ./cc, values: {extra: 1}}}]\n"
    files = {
        "template.yaml": template_yaml([], steps=fetch),
        "cc/cookiecutter.json": '{"x": "y"}',
        "cc/{{cookiecutter.x}}/f": "{{ cookiecutter.extra }}{{ cookiecutter.nothing }}",
    }
    assert ("undefined", "cc/{{cookiecutter.x}}/f:1:28") in told(tmp_path, files)


ASKS_FIRST = "{% if values.kind == 'x' %}${{ values.more }}{% endif %}"


def test_behind_a_condition_on_what_is_not_there_nothing_is_missed(tmp_path: Path) -> None:
    assert told(tmp_path, steps("", **{"skeleton/f": ASKS_FIRST})) == [("undefined", "skeleton/f:1:7")]
    default = "${{ values.more | default('x') }}"
    assert told(tmp_path / "b", steps("", **{"skeleton/f": default})) == []


def test_a_skeleton_of_several_templates_may_ask_for_what_only_some_hand_over(tmp_path: Path) -> None:
    fetch = "  steps: [{id: a, action: 'fetch:template', input: {url: ../shared, values: {name: x}}}]\n"
    files = {".git/HEAD": "", "t/template.yaml": template_yaml([], steps=fetch), "shared/f": ASKS_FIRST}
    write(tmp_path, {**files, "shared/g": "${{ values.name }}${{ values.nmae }}", "shared/docs/a": ""})
    found_there = lint(resolve(str(tmp_path / "t"), cache=tmp_path / "cache"), Known())
    assert [str(one.spot) for one in found_there if one.code == "undefined"] == ["shared/g:1:23"]


@pytest.mark.parametrize("url", ["${{ parameters.name }}", "./${{ parameters.name }}", "https://example.com/a/b"])
def test_of_files_that_nobody_knows_nothing_is_said(tmp_path: Path, url: str) -> None:
    fetch = f"  steps: [{{id: a, action: 'fetch:template', input: {{url: '{url}', values: {{name: x}}}}}}]\n"
    files = {"template.yaml": template_yaml([NAME], steps=fetch), "other/f": "${{ values.nothing }}"}
    assert [code for code, _ in told(tmp_path, files) if code != "unused"] == []
    assert "no file" not in "".join(one.message for one in found(tmp_path, files))


def test_what_only_proposes_a_change_needs_no_entry(tmp_path: Path) -> None:
    given = "{repoUrl: a, branchName: b, title: c, description: d}"
    propose = f"    - {{id: b, action: 'publish:github:pull-request', input: {given}}}\n"
    files = {path: content for path, content in steps(propose).items() if path not in SERVICE}
    assert told(tmp_path, {**files, "skeleton/a": "${{ values.name }}"}) == []


def test_what_an_expression_will_be_is_not_judged(tmp_path: Path) -> None:
    log = "    - {id: a, action: 'debug:log', input: {listWorkspace: '${{ parameters.name }}'}}\n"
    assert told(tmp_path, steps(log)) == []


def test_an_answer_that_only_decides_about_a_path_is_not_in_it(tmp_path: Path) -> None:
    page = {"properties": {"name": {"type": "string"}}}
    fetch = (
        "  steps:\n    - id: a\n      action: fetch:template\n      input:\n        url: ./skeleton\n"
        "        values: {name: a}\n        targetPath: ${{ 'a' if parameters.name else 'b' }}\n"
    )
    assert told(tmp_path, {**SERVICE, "template.yaml": template_yaml([page], steps=fetch)}) == []


def test_an_entry_may_have_any_name(tmp_path: Path) -> None:
    entry = {"skeleton/service.yaml": "apiVersion: backstage.io/v1alpha1\nname: ${{ values.name }}"}
    files = {path: content for path, content in steps("", **entry).items() if "catalog-info" not in path}
    assert told(tmp_path, files) == []


def test_in_a_text_that_cannot_be_read_every_word_is_a_use(tmp_path: Path) -> None:
    files = steps("", **{"skeleton/catalog-info.yaml": "${{ values.name + }}"})
    assert [code for code, _ in told(tmp_path, files)] == ["syntax"]
