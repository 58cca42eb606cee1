from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.expressions import ABSENT
from scaffolder.template.manifest import load
from scaffolder.template.yaml_reader import read_document
from tests.template.golden import HEAD, resolved, template_yaml

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
