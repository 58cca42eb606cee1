"""The golden path python-service names only what is there, and keeps to what every engine renders."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2] / "templates" / "python-service"
SKELETON = ROOT / "skeleton"
TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / "template.yaml").read_text(encoding="utf-8"))
PAGES: list[dict[str, Any]] = TEMPLATE["spec"]["parameters"]
STEPS: list[dict[str, Any]] = TEMPLATE["spec"]["steps"]
PROPERTIES: dict[str, dict[str, Any]] = {name: schema for page in PAGES for name, schema in page["properties"].items()}
VALUES: dict[str, str] = STEPS[0]["input"]["values"]

RAW = re.compile(r"\{% raw %\}.*?\{% endraw %\}", re.DOTALL)
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATEMENT = re.compile(r"\{%-?(.*?)-?%\}", re.DOTALL)
LITERAL = re.compile(r"'[^']*'")
FREE_TEXT = {"values.name", "values.description", "values.owner", "values.system"}


def files() -> list[Path]:
    """List the files of the skeleton."""
    return sorted(path for path in SKELETON.rglob("*") if path.is_file())


def source(path: Path) -> str:
    """Read what an engine sees of a file: its name in the skeleton and its text, without what is raw."""
    return RAW.sub("", f"{path.relative_to(SKELETON)}\n{path.read_text(encoding='utf-8')}")


def code(text: str) -> list[str]:
    """List the expressions and statements in a text."""
    return [found.strip() for pattern in (EXPRESSION, STATEMENT) for found in pattern.findall(text)]


def final_names() -> set[str]:
    """List the paths of every file and directory that some combination of answers renders."""
    return {STATEMENT.sub("", str(path.relative_to(SKELETON))) for path in SKELETON.rglob("*")}


def test_is_a_template_that_backstage_reads() -> None:
    assert TEMPLATE["apiVersion"] == "scaffolder.backstage.io/v1beta3"
    assert TEMPLATE["kind"] == "Template"
    assert TEMPLATE["metadata"]["name"] == ROOT.name
    assert TEMPLATE["spec"]["type"] == "service"


def test_has_a_version() -> None:
    version = TEMPLATE["metadata"]["annotations"]["backstage.io/template-version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["title"])
def test_requires_only_what_it_asks(page: dict[str, Any]) -> None:
    assert set(page.get("required", [])) <= set(page["properties"])


@pytest.mark.parametrize(
    "schema", [schema for schema in PROPERTIES.values() if "enum" in schema], ids=lambda s: s["title"]
)
def test_a_choice_has_more_than_one_answer_and_a_default_among_them(schema: dict[str, Any]) -> None:
    assert len(schema["enum"]) > 1
    assert schema["default"] in schema["enum"]
    assert len(schema.get("enumNames", schema["enum"])) == len(schema["enum"])


@pytest.mark.parametrize("name", ["a", "link-watch", "2fa-service", "class", "a.b_C", "X" * 63])
def test_takes_every_name_the_catalog_takes(name: str) -> None:
    schema = PROPERTIES["name"]
    assert re.fullmatch(schema["pattern"], name)
    assert len(name) <= schema["maxLength"]


@pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "a/b", "é", "../a"])
def test_takes_no_name_the_catalog_refuses(name: str) -> None:
    assert not re.fullmatch(PROPERTIES["name"]["pattern"], name)


def test_every_answer_is_used_and_nothing_else() -> None:
    used = set(re.findall(r"parameters\.(\w+)", yaml.safe_dump(STEPS)))
    assert used == set(PROPERTIES)


def test_a_step_reads_only_from_earlier_ones() -> None:
    known: set[str] = set()
    for step in STEPS:
        assert set(re.findall(r"steps\['(.*?)'\]", str(step))) <= known
        known.add(step["id"])
    assert set(re.findall(r"steps\['(.*?)'\]", str(TEMPLATE["spec"]["output"]))) <= known


def test_renders_its_skeleton_then_publishes_then_registers_what_is_in_it() -> None:
    assert [step["action"] for step in STEPS] == ["fetch:template", "publish:github", "catalog:register"]
    assert (ROOT / STEPS[0]["input"]["url"]).resolve() == SKELETON
    assert STEPS[2]["input"]["catalogInfoPath"].removeprefix("/") in final_names()


def test_every_value_is_used_and_nothing_else() -> None:
    used = {name for path in files() for found in code(source(path)) for name in re.findall(r"[A-Za-z_.]+\.\w+", found)}
    assert used == {f"values.{name}" for name in VALUES}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(SKELETON)))
def test_uses_only_what_every_engine_renders_alike(path: Path) -> None:
    words = {word for found in code(source(path)) for word in re.findall(r"[\w.]+|\S", LITERAL.sub("", found))}
    values = {f"values.{name}" for name in VALUES}
    assert words - values <= {"if", "else", "endif", "not", "|", "dump", "lower"}


@pytest.mark.parametrize(
    "path", [path for path in files() if path.suffix in {".json", ".py", ".yaml", ".yml"}], ids=lambda path: path.name
)
def test_what_a_person_typed_is_quoted(path: Path) -> None:
    plain = {found.strip() for found in EXPRESSION.findall(source(path))}
    assert not plain & FREE_TEXT


def test_what_the_readme_names_is_there() -> None:
    readme = (SKELETON / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:src|tests|docs|migrations)/[\w./]*|[\w-]+\.(?:json|yaml))`", readme)
    assert named
    assert {name.rstrip("/") for name in named} <= final_names()


def test_what_the_readme_makes_can_be_made() -> None:
    readme = (SKELETON / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):", (SKELETON / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"make ([a-z]+)$", readme, re.MULTILINE)) <= set(targets)
