"""No YAML of a template's, of an answers file or of a person's own fills the memory or the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.actions.descriptor import inserted
from scaffolder.catalog.registration import named_in
from scaffolder.template import user_config
from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.lint.findings import Spot
from scaffolder.template.lint.outline import Outline
from scaffolder.template.yaml_reader import read_document

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = list(zip("abcdefgh", "bcdefghi", strict=True))
BOMBS = {
    "aliases": "a: &a [" + "x, " * 9 + "]\n" + "".join(f"{n}: &{n} [{f'*{o}, ' * 9}]\n" for o, n in LETTERS),
    "merges": "a: &a {k: 1}\n" + "".join(f"{n}: &{n} {{<<: [{f'*{o}, ' * 9}]}}\n" for o, n in LETTERS),
    "deep lists": "a: " + "[" * 50_000 + "]" * 50_000,
    "deep maps": "a: " + "{a: " * 50_000 + "1" + "}" * 50_000,
    "deep lines": "".join(" " * level + "a:\n" for level in range(500)),
    "deep dashes": "- " * 5_000 + "1",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_template_that_multiplies_itself_is_refused(name: str) -> None:
    with pytest.raises(TemplateInvalid, match=r"beyond measure|nests deeper"):
        read_document(BOMBS[name].encode(), "template.yaml")


@pytest.mark.parametrize("name", BOMBS)
def test_an_entry_that_a_template_made_is_left_as_it_is(name: str) -> None:
    text = f"kind: Component\nmetadata: {{name: x}}\n{BOMBS[name]}\n"
    assert inserted(text, "x", annotations={}, spec={"owner": "me"}) == text


@pytest.mark.parametrize("name", BOMBS)
def test_a_persons_own_defaults_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "rc").write_text(BOMBS[name])
    monkeypatch.setenv("COOKIECUTTER_CONFIG", str(tmp_path / "rc"))
    with pytest.raises(user_config.ConfigurationInvalid):
        user_config.read()


@pytest.mark.parametrize("name", BOMBS)
def test_lint_knows_its_first_line_only(name: str) -> None:
    assert Outline("file", BOMBS[name]).spot("a") == Spot("file", 1)


@pytest.mark.parametrize("name", BOMBS)
def test_an_entry_of_the_shared_catalog_as_well(name: str) -> None:
    text = f"kind: Location\nmetadata: {{annotations: {{}}}}\n{BOMBS[name]}\n".encode()
    assert named_in(text) == set()


def test_aliases_in_measure_are_followed() -> None:
    text = "a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: [*a, *a]\n"
    assert read_document(text.encode(), "f") == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": [{"x": 1}, {"x": 1}]}


def test_a_number_of_a_million_digits_is_beyond_all_numbers() -> None:
    assert read_document(b"- 0x" + b"f" * 1_000_000 + b"\n- 0xff", "f") == [float("inf"), 255]
