from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from scaffolder.settings import KEYS, load
from tests.cli import program

if TYPE_CHECKING:
    from pathlib import Path


def test_writes_settings_that_change_nothing(tmp_path: Path) -> None:
    before = load(tmp_path, environ={})
    program.run("init", cwd=tmp_path)
    after = load(tmp_path, environ={})

    assert after.file == tmp_path / "scaffolder.yaml"
    assert [after.forge, after.visibility, after.organization] == [before.forge, before.visibility, before.organization]


def test_every_key_is_explained_and_works_once_its_mark_is_taken_away(tmp_path: Path) -> None:
    program.run("init", cwd=tmp_path)
    file = tmp_path / "scaffolder.yaml"
    text = file.read_text()
    file.write_text(re.sub(r"(?m)^  #(?=\S|   *(- )?\w+:)", "  ", text))

    document = yaml.safe_load(file.read_text())
    assert {f"{section}.{key}" for section, keys in document.items() for key in keys} == {
        ".".join(key.name.split(".")[:2]).removesuffix("[]") for key in KEYS
    }
    assert all(key.meaning in text for key in KEYS)
    settings = load(tmp_path, environ={})
    assert settings.template_sources[0].directory == "python"
    assert settings.forge_root == tmp_path / "forge"


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "scaffolder.yaml").write_text("# mine")
    result = program.run("init", "--example", cwd=tmp_path, code=3)

    assert "exists already" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["scaffolder.yaml"]
    assert (tmp_path / "scaffolder.yaml").read_text() == "# mine"


def test_a_directory_in_the_way_of_the_example(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    program.run("init", "--example", cwd=tmp_path, code=3)

    assert [path.name for path in tmp_path.iterdir()] == ["catalog"]


def test_the_example_is_taken_in_once(tmp_path: Path) -> None:
    result = program.run("init", "--example", cwd=tmp_path)

    assert "Next: scaffolder new" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog", "scaffolder.yaml"]
    listed = program.run("catalog", "list", "--json", cwd=tmp_path).stdout
    assert "invoice-renderer" in listed
    assert load(tmp_path, environ={}).catalog_locations == (str(tmp_path / "catalog/catalog-info.yaml"),)
    assert "problems" not in program.run("doctor", cwd=tmp_path).stdout
