from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.expressions import ABSENT
from scaffolder.template.manifest import load
from scaffolder.template.source import resolve
from scaffolder.template.yaml_reader import read_document
from tests.template.golden import HEAD, resolved, template_yaml, write

if TYPE_CHECKING:
    from pathlib import Path


def test_steps_are_kept_as_they_are_written(tmp_path: Path) -> None:
    steps = """\
  steps:
    - action: debug:log
      if: ${{ parameters.yes }}
      input: {message: yes, when: 2024-01-02, mode: 0o17}
    - {id: last, name: Last, action: debug:log, each: null}
  output: {text: []}
"""
    template = load(resolved(tmp_path, {"template.yaml": template_yaml(steps=steps)}))
    first, last = template.steps
    assert (first.id, first.name, first.action, first.each) == ("step-1", "debug:log", "debug:log", ABSENT)
    assert first.input == {"message": "yes", "when": "2024-01-02", "mode": 15}
    assert (last.id, last.if_, last.each) == ("last", ABSENT, None)
    assert (template.name, template.version, template.owner) == ("small", "1.2.0", "platform")


PARTS = {
    "parameters.yaml": "title: P\nproperties: {a: {type: string}, b: {$text: inner}}\n",
    "step.json": '{"id": "say", "action": "debug:log", "input": {"message": "no"}}',
    "help.md": "# Help\n",
}


def test_parts_of_a_description_may_be_in_other_files(tmp_path: Path) -> None:
    output = "  output: {text: [{content: {$text: help.md}}], of: {$ref: '#/a', $yaml: x}}\n"
    steps = f"  steps: [{{$json: ./step.json}}]\n{output}"
    text = template_yaml([{"$yaml": "./parameters.yaml"}], steps=steps)
    template = load(resolved(tmp_path, {"template.yaml": text, **PARTS}))
    assert [page.title for page in template.pages] == ["P"]
    assert template.pages[0].schema["properties"]["b"] == {"$text": "inner"}, "what is included is not looked into"
    assert [(step.id, step.input) for step in template.steps] == [("say", {"message": "no"})]
    assert template.output == {"text": [{"content": "# Help\n"}], "of": {"$ref": "#/a", "$yaml": "x"}}


def test_parts_beside_a_template_may_name_what_else_is_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "git"
    fetch = "id: a\naction: fetch:template\ninput: {url: ../../skeletons/one}\n"
    text = template_yaml(steps="  steps: [{$yaml: ../../parts/step.yaml}]\n")
    files = {"templates/one/template.yaml": text, "parts/step.yaml": fetch, "skeletons/one/a": "", "other/b": ""}
    write(place, files)
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    found = resolve(str(place / "templates" / "one"), cache=tmp_path / "cache")
    assert load(found).steps[0].input == {"url": "../../skeletons/one"}
    assert list(found.fetch("../../skeletons/one")) == ["a"]


@pytest.mark.parametrize(
    ("part", "files", "words"),
    [
        ({"$yaml": "gone.yaml"}, {}, "there is no file gone.yaml"),
        ({"$yaml": "../../etc/passwd"}, {}, "there is no file"),
        ({"$yaml": "/etc/passwd"}, {}, "there is no file"),
        ({"$text": "https://example.com/a"}, {}, "there is no file https"),
        ({"$json": "a"}, {"a": "{"}, "a is no JSON"),
        ({"$json": "a"}, {"a": "[NaN]"}, "a is no JSON"),
        ({"$json": "a"}, {"a": "[" * 200 + "]" * 200}, "nests too deeply"),
        ({"$text": "a"}, {"a": b"\xff"}, "a is no UTF-8 text"),
        ({"$yaml": "a"}, {"a": "b: [\n"}, "a:2: "),
        ([{"$text": "a"}] * 300, {"a": "x"}, "more than 200 parts"),
    ],
)
def test_a_part_that_is_not_there_is_named(tmp_path: Path, part: Any, files: dict[str, Any], words: str) -> None:
    page = {"properties": {"a": {"enum": part}}}
    with pytest.raises(TemplateInvalid, match=words):
        load(resolved(tmp_path, {"template.yaml": template_yaml([page]), **files}))


def test_one_page_may_stand_without_a_list(tmp_path: Path) -> None:
    text = template_yaml({"title": "P", "properties": {"a": {"type": "string"}}})
    assert [page.title for page in load(resolved(tmp_path, {"template.yaml": text})).pages] == ["P"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "  steps:\n  - [", r"template\.yaml:11: "),
        (HEAD + "  owner: twice\n", r"template\.yaml:9: .*'owner' stands twice"),
        (HEAD + "---\na: 1\n", "2 documents"),
        ("kind: Component\n", r"template\.yaml apiVersion: "),
        (HEAD + "  steps: {}\n", r"spec\.steps: a list"),
        (HEAD + "  steps: [{id: a}]\n", r"spec\.steps\[0\]\.action: this is missing"),
        (HEAD + "  parameters: [{properties: {a: 1}}]\n", r"spec\.parameters\[0\]\.properties\.a"),
        ("[" * 100_000, "nests deeper"),
        (
            "a: &a [1]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 9)}]\n" for n in range(9)),
            "aliases",
        ),
        ("a: !!python/object/apply:os.system [true]\n", "could not determine a constructor"),
        ("a: &a [*a]\n", "recursive"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TemplateInvalid, match=words):
        load(resolved(tmp_path, {"template.yaml": text}))


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateInvalid, match="not UTF-8"):
        load(resolved(tmp_path, {"template.yaml": b"a: caf\xe9"}))


def test_a_number_may_have_more_digits_than_anybody_counts() -> None:
    assert read_document(f"[{'9' * 5000}, 0x{'f' * 5000}]".encode(), "a.yaml")[0] == float("inf")


def test_keys_are_texts() -> None:
    assert list(read_document(b"{1: a, true: b, null: c, 1.5: d, x: e}", "a.yaml")) == ["1", "true", "", "1.5", "x"]
